"""What was written since a backup comes along when it is restored: notes, promises, contacts, tags, stages, views."""

import sqlite3
from pathlib import Path

import pytest

import fakes
from community.backups import Backups
from community.restore import restore
from community.workspace import Workspace
from fakes import NOW, Clock, Platform, add_source, arrive, comment
from storage.files import FILE

pytestmark = pytest.mark.anyio


async def written_since(directory: Path) -> Path:
    """A workspace with a backup, in which much was written afterwards; the backup."""
    clock = Clock()
    workspace = fakes.open_workspace(directory, clock)
    try:
        source = await add_source(workspace)
        await arrive(workspace, source, comment("1", "Ann", "Hi?", thread="1"), comment("2", "Ben", "Hm?", thread="2"))
        ann, ben = person(workspace, "Ann"), person(workspace, "Ben")
        await workspace.people.note(ann, "Before the backup.")
        await workspace.people.promise(ben, "send the book", due_at=NOW + 86_400)
        await workspace.people.tag([ann], "early")
        made = Backups(directory, clock).make()
        clock.at += 3600
        await workspace.people.note(ann, "Since the backup.")
        [promise] = workspace.people.promises()
        await workspace.people.keep(ben, promise.id)
        await workspace.people.promise(ann, "call her", due_at=NOW + 5 * 86_400)
        await workspace.people.log(ben, "met", "mutual", "at the fair", at=NOW + 60)
        await workspace.outcomes.log(ann, "invitation", "to speak in Oslo", conversation_id=1, at=NOW + 70)
        await workspace.people.tag([ann, ben], "late")
        await workspace.people.rename(ben, "Benedict")
        await workspace.stages.step(ann, outward=False, at=NOW + 60)
        await workspace.conversations.tag([1], "question")
        await workspace.conversations.save_view("Late", "tag:late")
        await arrive(workspace, source, comment("3", "Cleo", "New here?", thread="3"))
        await workspace.people.note(person(workspace, "Cleo"), "Met after the backup.")
        await workspace.people.log(person(workspace, "Cleo"), "call", "given", "about the talk", at=NOW + 90)
    finally:
        await workspace.close()
    return made.path


def person(workspace: Workspace, name: str) -> int:
    return next(found.id for found in workspace.people.find(name) if found.name == name)


def told(directory: Path) -> dict[str, list[tuple[object, ...]]]:
    """Everything that was written, with whom it is about."""
    connection = sqlite3.connect(directory / FILE)
    queries = {
        "notes": "SELECT p.name, n.text, n.at FROM note n JOIN person p ON p.id = n.person_id",
        "promises": "SELECT p.name, o.text, o.due_at, o.kept_at FROM promise o JOIN person p ON p.id = o.person_id",
        "touchpoints": "SELECT p.name, t.kind, t.text, t.at FROM touchpoint t JOIN person p ON p.id = t.person_id",
        "outcomes": "SELECT p.name, u.kind, u.text, u.at, c.thread FROM outcome u"
        " JOIN person p ON p.id = u.person_id JOIN conversation c ON c.id = u.conversation_id",
        "tags": "SELECT p.name, t.tag FROM person_tag t JOIN person p ON p.id = t.person_id",
        "stages": "SELECT name, stage, stage_at FROM person",
        "steps": "SELECT p.name, s.before, s.after FROM stage_change s JOIN person p ON p.id = s.person_id",
        "marks": "SELECT c.thread, t.tag FROM conversation_tag t, conversation c WHERE c.id = t.conversation_id",
        "views": "SELECT name, query FROM saved_view",
        "identities": "SELECT a.key, p.name FROM identity a JOIN person p ON p.id = a.person_id",
    }
    try:
        return {name: sorted(connection.execute(query).fetchall(), key=repr) for name, query in queries.items()}
    finally:
        connection.close()


async def test_everything_written_since_a_backup_comes_along(tmp_path: Path, platform: Platform) -> None:
    backup = await written_since(tmp_path)
    before = told(tmp_path)
    assert len(before["notes"]) == 3
    done = restore(tmp_path, backup, now=lambda: NOW)
    assert done.words >= 10
    assert told(tmp_path) == before
    assert done.homeless is None


async def test_doing_it_again_doubles_nothing(tmp_path: Path, platform: Platform) -> None:
    backup = await written_since(tmp_path)
    before = told(tmp_path)
    for _ in range(2):
        restore(tmp_path, backup, now=lambda: NOW)
    assert told(tmp_path) == before


async def test_what_a_torn_page_hides_costs_no_more_than_itself(tmp_path: Path, platform: Platform) -> None:
    backup = await written_since(tmp_path)
    before = told(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = 'touchpoint'").fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    done = restore(tmp_path, backup, now=lambda: NOW)
    after = told(tmp_path)
    assert {name: rows for name, rows in after.items() if name != "touchpoints"} == {
        name: rows for name, rows in before.items() if name != "touchpoints"
    }
    assert done.words


async def test_a_word_about_somebody_who_cannot_be_read_is_kept_in_a_file(tmp_path: Path, platform: Platform) -> None:
    backup = await written_since(tmp_path)
    connection = sqlite3.connect(tmp_path / FILE)
    connection.execute("PRAGMA foreign_keys = OFF")
    connection.execute("DELETE FROM person WHERE name = 'Cleo'")
    connection.commit()
    connection.close()
    done = restore(tmp_path, backup, now=lambda: NOW)
    assert done.homeless is not None
    assert "Met after the backup." in done.homeless.read_text()
