"""Backup, restore, export and import with the real program, on a town's own data and on damaged files."""

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from community.locks import SYNC, Lock
from full import dump, integrity
from program import Demo, Program


@pytest.fixture(scope="module")
def town(demo: Demo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the town's workspace, made while it is in use."""
    there = tmp_path_factory.mktemp("town") / "town.db"
    made = demo.kith("backup", str(there), "--json")
    assert (made.code, made.one["path"]) == (0, str(there))
    return there


@pytest.fixture
def copy(town: Path, tmp_path: Path) -> Program:
    """A workspace of one's own with the town's data in it, restored from a backup that lay elsewhere."""
    own = Program(tmp_path, tmp_path / "workspace")
    done = own("restore", str(town), "--json")
    assert done.code == 0, done
    assert done.one["aside"] is None
    return own


def database(kith: Program) -> Path:
    return kith.workspace / "kith.db"


def everything(kith: Program) -> Any:
    return [kith("show", str(row["id"]), "--json").one for row in kith("list", "is:any", "--limit", "5", "--json").each]


def test_a_backup_of_a_town_restored_elsewhere_is_the_same_workspace(demo: Demo, copy: Program) -> None:
    assert len(everything(copy)) == 5
    known = {row["id"] for row in demo.kith("list", "is:any", "--json").each}
    assert {row["id"] for row in copy("list", "is:any", "--json").each} <= known
    assert integrity(database(copy)) == "ok"


def test_a_workspace_goes_out_and_comes_back(copy: Program, tmp_path: Path) -> None:
    file = tmp_path / "out.jsonl"
    assert copy("export", "jsonl", str(file), "--notes").code == 0
    head = json.loads(file.read_text("utf-8").splitlines()[0])
    assert (set(head), head["notes"]) == ({"kith", "schema", "notes", "rows"}, True)
    assert copy("export", "jsonl", "--notes").out == file.read_text("utf-8")
    assert copy("export", "jsonl", str(file)).code == 2

    new = Program(tmp_path, tmp_path / "new")
    done = new("import", "jsonl", str(file), "--json")
    assert done.code == 0, done
    assert done.one["rows"]["item"] == head["rows"]["item"] > 50
    assert new("export", "jsonl", "--notes").out == file.read_text("utf-8")
    assert dump(database(new), without=("meta", "outbox")) == dump(database(copy), without=("meta", "outbox"))
    assert everything(new) == everything(copy)

    again = new("import", "jsonl", str(file))
    assert again.code == 2
    assert "not empty" in again.err
    quiet = copy("export", "jsonl").out
    assert '"table":"note"' not in quiet
    print(f"{sum(head['rows'].values())} rows out and back, the same")


def test_a_file_from_standard_input_is_taken_in_or_named_wrong(copy: Program, tmp_path: Path) -> None:
    text = copy("export", "jsonl").out
    new = Program(tmp_path, tmp_path / "new")
    wrong = new("import", "jsonl", "-", typed=text.replace('"table":"person"', '"table":"evil"', 1))
    assert wrong.code == 2
    assert wrong.err.startswith("kith: Line ")
    assert new("list", "is:any", "--json").out == ""
    assert new("import", "jsonl", "-", typed=text).code == 0


def test_the_backups_are_listed_and_the_newest_good_one_is_taken(copy: Program) -> None:
    assert copy("restore", "--json").out == ""
    first, second = (copy("backup", "--json").one for _ in range(2))
    Path(second["path"]).write_bytes(Path(second["path"]).read_bytes()[:50_000])
    listed = copy("restore", "--json")
    assert listed.code == 0
    assert {each["path"]: each["good"] for each in listed.each} == {first["path"]: True, second["path"]: False}
    assert all(set(each) == {"path", "at", "kind", "size", "good", "error"} for each in listed.each)
    assert "is damaged" in copy("restore").out
    done = copy("restore", "--yes", "--json")
    assert (done.code, done.one["restored"]) == (0, first["path"])
    assert Path(done.one["aside"]).exists()
    refused = copy("restore", second["path"])
    assert (refused.code, refused.err.count("\n")) == (1, 1)


def test_what_was_on_its_way_is_uncertain_after_a_restore(copy: Program) -> None:
    row = copy("list", "is:waiting", "--json").each[0]
    assert copy("reply", str(row["id"]), "--text", "On its way").code == 0
    with sqlite3.connect(database(copy)) as connection:
        connection.execute("UPDATE outbox SET state = 'queued' WHERE text LIKE '%On its way'")
    connection.close()
    copy("backup")
    assert copy("restore", "--yes").code == 0
    found = copy("outbox", "--json")
    assert found.code == 3
    states = {each["text"]: each["state"] for each in found.each}
    assert [state for text, state in states.items() if text.endswith("On its way")] == ["uncertain"]


def test_a_restore_is_refused_while_a_watcher_is_at_work(
    copy: Program, eventually: Callable[[Callable[[], object]], None]
) -> None:
    copy("backup")
    watching = Program(copy.workspace.parent, copy.workspace).begin("sync", "--watch", "--quiet", "--until-eof")
    try:
        eventually(lambda: Lock(copy.workspace, SYNC).held_elsewhere())
        assert "at work" in copy("restore", "--yes").err
    finally:
        watching.communicate(timeout=30)


def test_a_damaged_workspace_says_so_in_one_sentence_everywhere(copy: Program) -> None:
    copy("backup")
    path = database(copy)
    data = bytearray(path.read_bytes())
    data[:100] = b"\xa5" * 100
    path.write_bytes(data)
    for command in (
        ["list"],
        ["status"],
        ["sync"],
        ["reply", "1", "--text", "a"],
        ["search", "a"],
        ["export", "jsonl"],
    ):
        done = copy(*command)
        assert (done.code, done.err.count("\n")) == (1, 1), (command, done)
        assert "kith restore" in done.err
    found = {each["about"]: each for each in copy("doctor", "--json").each}
    assert (found["database"]["level"], found["database"]["mend"]) == ("wrong", "kith restore")
    assert found["backups"]["level"] == "well"
    assert copy("restore", "--yes").code == 0
    assert len(everything(copy)) == 5


def test_a_workspace_of_a_newer_kith_is_left_alone(copy: Program) -> None:
    copy("backup")
    connection = sqlite3.connect(database(copy))
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    before = database(copy).read_bytes()
    for command in (["list"], ["status"], ["sync"], ["export", "jsonl"], ["search", "a"]):
        done = copy(*command)
        assert (done.code, done.err.count("\n")) == (1, 1), (command, done)
        assert "newer Kith (schema 99, this one knows" in done.err
    assert database(copy).read_bytes() == before
    found = {each["about"]: each for each in copy("doctor", "--json").each}
    assert found["database"]["mend"] == "Update Kith."
    newer = copy("backup", "--json").one["path"]
    refused = copy("restore", newer)
    assert refused.code == 1
    assert "newer Kith" in refused.err
    assert database(copy).read_bytes() == before


def test_the_doctor_names_the_command_that_makes_a_backup(copy: Program) -> None:
    def about_backups() -> Any:
        return next(each for each in copy("doctor", "--json").each if each["about"] == "backups")

    assert (about_backups()["level"], about_backups()["mend"]) == ("note", "kith backup")
    copy("backup")
    assert about_backups()["level"] == "well"


def test_there_is_nothing_to_back_up_or_restore_where_nothing_is(kith: Program) -> None:
    for command in (["backup"], ["restore"], ["restore", "--yes"], ["restore", "/nowhere.db"]):
        assert kith(*command).code == 1, command
    assert not (kith.workspace / "kith.db").exists()
