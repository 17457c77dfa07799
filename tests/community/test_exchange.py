"""A workspace goes out as lines of JSON and comes back as the same database; a hostile file stores nothing."""

import io
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

import fakes
from community import exchange
from community.errors import KithError, WrongUsage
from community.workspace import Workspace
from fakes import Platform
from full import dump, fill, outbox
from storage.files import FILE

pytestmark = pytest.mark.anyio


@pytest.fixture
async def full(workspace: Workspace, platform: Platform) -> AsyncIterator[Workspace]:
    await fill(workspace, on_its_way=False)
    yield workspace


def given(workspace: Workspace, *, notes: bool = True) -> list[dict[str, Any]]:
    lines: list[str] = []
    exchange.write(workspace.directory, "1.2.3", lines.append, notes=notes)
    return [json.loads(line) for line in lines]


def stream(lines: list[dict[str, Any]]) -> io.BytesIO:
    return io.BytesIO("".join(json.dumps(line) + "\n" for line in lines).encode())


async def taken(directory: Path, lines: list[dict[str, Any]]) -> Path:
    """The database of a new workspace that took these lines in."""
    opened = fakes.open_workspace(directory)
    await opened.close()
    exchange.read(directory, stream(lines))
    return directory / FILE


async def test_the_same_database_comes_back_row_for_row(full: Workspace, tmp_path: Path) -> None:
    lines = given(full)
    await full.store.close()
    there = await taken(tmp_path / "new", lines)
    before, after = dump(full.directory / FILE), dump(there)
    assert {name for name, rows in before.items() if not rows} == set()
    assert after == before
    print(f"{sum(map(len, after.values()))} rows in {len(after)} tables came back as they were")


async def test_what_was_taken_in_can_be_searched(full: Workspace, tmp_path: Path) -> None:
    await taken(tmp_path / "new", given(full))
    opened = fakes.open_workspace(tmp_path / "new")
    assert {hit.what for hit in await opened.search("Oslo")} == {"note"}
    assert len(await opened.search("question")) == 24
    await opened.close()


async def test_a_second_export_says_the_same(full: Workspace, tmp_path: Path) -> None:
    lines = given(full)
    await taken(tmp_path / "new", lines)
    opened = fakes.open_workspace(tmp_path / "new")
    assert given(opened) == lines
    await opened.close()


async def test_what_i_wrote_about_people_leaves_only_when_it_is_asked_for(full: Workspace, tmp_path: Path) -> None:
    await full.stages.move(1, "friend", why="kept my secret")
    await full.outbox.save(2, "A draft\n//promise lend her the ladder")
    await full.remember("session", '["", 1, [0, 0, 0, 0, 0, 0], [["person", 2, "you promised: Send the slides"]]]')
    private = ("Met in Oslo", "Send the slides", "At the fair", "mended the index", "my secret", "the ladder")
    quiet, all_of_it = given(full, notes=False), given(full, notes=True)
    assert (quiet[0]["notes"], all_of_it[0]["notes"]) == (False, True)
    assert [words for words in private if words in json.dumps(quiet)] == []
    assert [words for words in private if words not in json.dumps(all_of_it)] == []
    tables = {line["table"] for line in all_of_it[1:]} - {line["table"] for line in quiet[1:]}
    assert tables == {"note", "promise"}
    await taken(tmp_path / "new", quiet)
    opened = fakes.open_workspace(tmp_path / "new")
    assert {row.kind for row in opened.people.timeline(1) if row.what in {"stage", "touchpoint", "outcome"}} >= {
        "met · mutual", "fix",
    }  # fmt: skip
    await opened.close()


async def test_secrets_and_what_is_only_about_this_machine_stay_here(full: Workspace) -> None:
    full.credentials.put(1, "correct-horse-battery")
    await full.remember("throw_away", "1")
    await full.remember("sync_s", "4")
    text = json.dumps(given(full))
    assert "correct-horse" not in text
    assert "throw_away" not in text
    assert "sync_s" not in text


async def test_what_was_on_its_way_is_uncertain_where_it_arrives(
    workspace: Workspace, platform: Platform, tmp_path: Path
) -> None:
    await fill(workspace)
    there = await taken(tmp_path / "new", given(workspace))
    states = {text: state for text, (state, _) in outbox(there).items()}
    assert states["Words that are queued"] == states["Words that are sending"] == "uncertain"
    assert states["Words that are draft"] == "draft"
    assert outbox(there)["Words that are queued"][1] == exchange.IMPORTED


async def test_a_workspace_that_is_not_empty_takes_nothing_in(full: Workspace) -> None:
    with pytest.raises(WrongUsage, match="not empty"):
        exchange.read(full.directory, stream(given(full)))


@pytest.mark.parametrize("cut", [1, 2, 40, -1])
async def test_a_file_that_ends_too_early_stores_nothing(full: Workspace, tmp_path: Path, cut: int) -> None:
    with pytest.raises(WrongUsage, match="ends too early"):
        await taken(tmp_path / "new", given(full)[:cut])
    assert sum(map(len, dump(tmp_path / "new" / FILE).values())) == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"\xff\xfe\x00", "no JSON object"),
        (b"[1]\n", "no JSON object"),
        (b"{}\n", "does not say so"),
        (b'{"kith": "1", "schema": true}\n', "does not say so"),
        (b'{"kith": "1", "schema": 1, "rows": {"sqlite_master": 1}}\n', "none of Kith's"),
        (b'{"kith": "1", "schema": 1}\n{"table": "sqlite_master", "row": {}}\n', "Line 2 is no row"),
        (b'{"kith": "1", "schema": 1}\n{"table": ["meta"], "row": {}}\n', "Line 2 is no row"),
        (b'{"kith": "1", "schema": 1}\n{"table": "item_fts_data", "row": {}}\n', "Line 2 is no row"),
        (b'{"kith": "1", "schema": 1}\n' + b"[" * 200_000, "Line 2 is no JSON"),
        (b'{"kith": "1", "schema": 1}\n\n', "Line 2 is no JSON"),
    ],
)
async def test_what_is_no_export_is_refused_in_a_sentence(tmp_path: Path, data: bytes, sentence: str) -> None:
    opened = fakes.open_workspace(tmp_path / "new")
    await opened.close()
    with pytest.raises(WrongUsage, match=sentence):
        exchange.read(tmp_path / "new", io.BytesIO(data))


async def test_an_export_of_a_newer_kith_is_refused(tmp_path: Path) -> None:
    opened = fakes.open_workspace(tmp_path / "new")
    await opened.close()
    with pytest.raises(KithError, match="newer Kith"):
        exchange.read(tmp_path / "new", stream([{"kith": "9", "schema": 99}]))


HOSTILE: list[tuple[str, dict[str, object], str]] = [
    ("source", {"kind": "../../bin/sh"}, "its kind"),
    ("source", {"address": "file:///etc/passwd"}, "its address"),
    ("source", {"address": "https://me:secret@blog.example"}, "its address"),
    ("source", {"allow_hosts": "10.0.0.1"}, "its allow_hosts"),
    ("source", {"options": "[]"}, "its options"),
    ("source", {"options": "{" * 5000}, "no JSON"),
    ("source", {"state": "running"}, "never stores"),
    ("source", {"id": 1 << 62}, "out of all bounds"),
    ("source", {"created_at": 10**15}, "out of all bounds"),
    ("source", {"created_at": True}, "no whole number"),
    ("source", {"created_at": 1.5}, "no whole number"),
    ("source", {"created_at": None}, "is empty"),
    ("source", {"name": 5}, "no text"),
    ("source", {"header": "X-Evil: 1"}, "nothing that a source has"),
    ("person", {"stage": "\x1b[2J"}, "its stage"),
    ("identity", {"url": "javascript:alert(1)"}, "no http"),
    ("identity", {"person_id": 4711}, "belongs to nothing"),
    ("item", {"permalink": "file:///etc/passwd"}, "no http"),
    ("item", {"raw_html": {"base64": "%%%"}}, "no base64"),
    ("item", {"extra": '"text"'}, "its extra"),
    ("conversation", {"rank": "NaN"}, "no number"),
    ("saved_view", {"query": "is:evil"}, "its query"),
    ("meta", {"value": "../../../etc/passwd"}, "its theme"),
    ("journal", {"changes": '[["source", 1, null, {"address": "file:///"}]]'}, "nothing that Kith undoes"),
    ("journal", {"changes": '[["person", 1, null, {"stage": 7}]]'}, "nothing that Kith undoes"),
    ("journal", {"changes": '[["outbox", 1, {"state": "sent"}, {"state": "queued"}]]'}, "nothing that Kith undoes"),
    ("journal", {"changes": '[["identity", 1, null, {"url": "javascript:alert(1)"}]]'}, "nothing that Kith undoes"),
    ("journal", {"changes": '[["item", 1, null, {"status": "evil"}]]'}, "nothing that Kith undoes"),
    ("outbox", {"act": "shell"}, "never stores"),
    ("identity", {"links": '[["javascript:alert(1)", true]]'}, "no http"),
    ("identity", {"links": '[["https://a.example", 1, 2]]'}, "no http"),
    ("identity", {"links": "{}"}, "its links"),
    ("evidence", {"kind": "soul"}, "never stores"),
    ("verdict", {"said": "maybe"}, "never stores"),
    ("merging", {"moved": '{"rows": {"outbox": [1]}, "tags": [], "columns": {}}'}, "nothing that Kith moves"),
    (
        "merging",
        {"moved": '{"rows": {}, "tags": [], "columns": {"stage": ["friend", "\\u001b"]}}'},
        "nothing that Kith",
    ),
]


@pytest.mark.parametrize(("table", "changes", "sentence"), HOSTILE)
async def test_a_hostile_row_is_named_by_its_line_and_nothing_is_stored(
    full: Workspace, tmp_path: Path, table: str, changes: dict[str, object], sentence: str
) -> None:
    lines = given(full)
    number = next(at for at, line in enumerate(lines) if line.get("table") == table)
    lines[number]["row"] |= changes
    with pytest.raises(WrongUsage, match=sentence) as refused:
        await taken(tmp_path / "new", lines)
    if "belongs" not in sentence:
        assert f"Line {number + 1}" in str(refused.value)
    assert sum(map(len, dump(tmp_path / "new" / FILE).values())) == 0


async def test_nan_is_no_number(full: Workspace, tmp_path: Path) -> None:
    text = "".join(json.dumps(line) + "\n" for line in given(full)).replace('"rank": ', '"rank": NaN, "was": ', 1)
    opened = fakes.open_workspace(tmp_path / "new")
    await opened.close()
    with pytest.raises(WrongUsage, match="no JSON"):
        exchange.read(tmp_path / "new", io.BytesIO(text.encode()))


async def test_every_text_is_clean_wherever_it_stands(full: Workspace, tmp_path: Path) -> None:
    evil = "a\x1b]52;c;cm0gLXJm\x07b\u202ec\x9bd"
    lines = given(full)
    for line in lines[1:]:
        row = line["row"]
        for name in ("name", "text", "title", "error", "note", "tag", "label", "health_text"):
            if isinstance(row.get(name), str) and (line["table"], name) != ("meta", "name"):
                row[name] = f"{row[name]}{evil}"
        for name in ("options", "extra", "body"):
            if row.get(name):
                row[name] = json.dumps({"deep": [evil, {evil: evil}]})
    there = await taken(tmp_path / "new", lines)
    for rows in dump(there).values():
        text = json.dumps([{name: str(value) for name, value in row.items()} for row in rows], ensure_ascii=False)
        for bad in ("\x1b", "\\u001b", "\x07", "\\u0007", "\u202e", "\\u202e", "\x9b", "\\u009b"):
            assert bad not in text


async def test_the_sources_of_a_file_are_named_before_it_is_taken_in(full: Workspace) -> None:
    lines = given(full)
    source = next(line for line in lines if line.get("table") == "source")
    source["row"]["options"] = json.dumps({"api": "https://evil.example/wp-json/"})
    named = exchange.sources(stream(lines))
    assert [each.address for each in named] == ["https://blog.example", "https://forum.example"]
    assert named[0].others == "evil.example 127.0.0.1:8080"


async def test_a_file_is_whole_or_not_there(full: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    target = tmp_path / "out.jsonl"
    exchange.write_file(full.directory, target, "1", notes=True)
    assert target.stat().st_mode & 0o777 == 0o600
    with pytest.raises(WrongUsage, match="is there already"):
        exchange.write_file(full.directory, target, "1", notes=True)

    def torn(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exchange, "write", torn)
    with pytest.raises(KithError, match="No space left"):
        exchange.write_file(full.directory, tmp_path / "more.jsonl", "1", notes=True)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out.jsonl", "work"]
