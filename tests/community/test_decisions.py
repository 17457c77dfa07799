"""What was decided since a backup comes along when it is restored: states, merges, paces, sources, oblivion."""

import sqlite3
from pathlib import Path

import pytest

import fakes
from community.backups import Backups
from community.model import Source
from community.restore import restore
from community.sources.base import IncomingSignal, SignalKind
from community.workspace import Workspace
from fakes import DAY, NOW, Clock, Platform, add_source, arrive, author, comment
from full import dump, integrity
from storage.files import FILE

pytestmark = pytest.mark.anyio

NAMES = ("Ann", "Ben", "Cleo", "Dan", "Eve", "Fay", "Gus", "Hal")


async def decided_since(directory: Path) -> Path:
    """A workspace with a backup, in which much was decided afterwards; the backup."""
    clock = Clock()
    workspace = fakes.open_workspace(directory, clock)
    try:
        blog = await place(workspace, "blog")
        await arrive(
            workspace,
            blog,
            *(comment(str(n), name, f"Question {n}?", thread=str(n)) for n, name in enumerate(NAMES, 1)),
        )
        likes = [author("Jon Adeyemi", network=network) for network in ("fediverse", "bluesky", "isso:there")]
        await arrive(
            workspace, blog,
            signals=[IncomingSignal(f"j{at}", SignalKind.LIKE, who, NOW) for at, who in enumerate(likes)],
        )  # fmt: skip
        await workspace.identities.merge(person(workspace, "Gus"), person(workspace, "Hal"))
        await workspace.conversations.star([5])
        made = Backups(directory, clock).make()
        clock.at += 3600
        await _decide(workspace)
    finally:
        await workspace.close()
    return made.path


async def _decide(workspace: Workspace) -> None:
    conversations, identities, [blog] = workspace.conversations, workspace.identities, workspace.sources()
    await conversations.done([1])
    await conversations.snooze([2], NOW + 3 * DAY)
    await conversations.star([3])
    await conversations.mute([4])
    await conversations.star([5])
    await conversations.rest([6])
    await conversations.remind([7], NOW + 5 * DAY)
    await arrive(workspace, blog, comment("9", "Ian", "Since then?", at=NOW + 60, thread="9"))
    await arrive(workspace, blog, comment("1b", "Ann", "And now?", at=NOW + 60, parent="1", thread="1"))
    await conversations.done([1])
    pair, *_ = identities.suggested()
    await identities.accept(pair.one_id, pair.other_id)
    pair, *_ = identities.suggested()
    await identities.refuse(pair.one_id, pair.other_id)
    await identities.merge(person(workspace, "Ann"), person(workspace, "Ben"))
    [old] = identities.mergings(person(workspace, "Gus"))
    await identities.take_apart(old.id)
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE person SET cadence_s = 864000, cadence_max_s = 1728000 WHERE name = 'Dan'")
        await tx.run("INSERT INTO tag_cadence (tag, cadence_s, cadence_max_s) VALUES ('book', 2592000, 2592000)")
    feed = await place(workspace, "feed")
    await arrive(workspace, feed, comment("f", "Zoe", "Read me.", thread="f"))
    await workspace.listening.pause(blog.id)
    await workspace.remember("theme", "dusk")


async def place(workspace: Workspace, name: str) -> Source:
    """A source at an address, as every true one is."""
    source = await add_source(workspace, name)
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET address = :at WHERE id = :id", at=f"https://{name}.example", id=source.id)
    return workspace.listening.get(source.id)


def person(workspace: Workspace, name: str) -> int:
    return next(found.id for found in workspace.people.find(name) if found.name == name)


DERIVED = ("journal", "outbox", "signal")


def told(path: Path) -> dict[str, list[dict[str, object]]]:
    """Everything but what the next sync asks anew, and what could be undone."""
    found = dump(path, without=DERIVED)
    for row in found["source"]:
        for name in ("cursor", "next_check_at", "checked_at", "succeeded_at", "backlog_done_at", "options"):
            row.pop(name)
    for row in found["conversation"]:
        row.pop("refreshed_at")
    return found


async def test_everything_decided_since_a_backup_comes_along(tmp_path: Path, platform: Platform) -> None:
    backup = await decided_since(tmp_path)
    before = told(tmp_path / FILE)
    done = restore(tmp_path, backup, now=lambda: NOW + 3600)
    after = told(tmp_path / FILE)
    for name, rows in after.items():
        assert rows == before[name], name
    assert done.decisions > 10
    assert integrity(tmp_path / FILE) == "ok"


async def test_what_follows_from_a_decision_is_made_anew(tmp_path: Path, platform: Platform) -> None:
    backup = await decided_since(tmp_path)
    restore(tmp_path, backup, now=lambda: NOW + 3600)
    workspace = fakes.open_workspace(tmp_path, Clock(NOW + 3600))
    try:
        assert workspace.conversations.row(1).attention == "done"
        assert person(workspace, "Ann") == workspace.identities.now(2)
        [merging] = workspace.identities.mergings(person(workspace, "Ann"))
        await workspace.identities.take_apart(merging.id)
        assert person(workspace, "Ben") != person(workspace, "Ann")
        blog, feed = workspace.sources()
        assert (blog.state, feed.state) == ("paused", "active")
        await arrive(workspace, blog, comment("1b", "Ann", "And now?", at=NOW + 60, parent="1", thread="1"))
        assert workspace.conversations.row(1).attention == "done"
    finally:
        await workspace.close()


@pytest.mark.parametrize("table", ["conversation", "identity", "item"])
async def test_a_torn_table_costs_what_was_decided_in_it_alone(tmp_path: Path, platform: Platform, table: str) -> None:
    backup = await decided_since(tmp_path)
    before = told(tmp_path / FILE)
    connection = sqlite3.connect(tmp_path / FILE)
    page = connection.execute("SELECT rootpage FROM sqlite_schema WHERE name = ?", (table,)).fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with (tmp_path / FILE).open("r+b") as file:
        file.seek((page - 1) * 4096)
        file.write(b"\xff" * 4096)
    done = restore(tmp_path, backup, now=lambda: NOW + 3600)
    after = told(tmp_path / FILE)
    assert after["tag_cadence"] == before["tag_cadence"]
    assert len(after[table]) <= len(before[table])
    assert done.words
    assert integrity(tmp_path / FILE) == "ok"


async def test_who_was_forgotten_for_good_is_not_brought_back_by_a_backup(tmp_path: Path, platform: Platform) -> None:
    clock = Clock()
    workspace = fakes.open_workspace(tmp_path, clock)
    source = await add_source(workspace)
    await arrive(
        workspace, source, comment("1", "Ann", "Forget me.", thread="1"), comment("2", "Ben", "Hm?", thread="2")
    )
    made = Backups(tmp_path, clock).make()
    ann = person(workspace, "Ann")
    await workspace.forgetting.hide(ann)
    await workspace.forgetting.for_good(ann)
    await workspace.close()
    restore(tmp_path, made.path, now=clock)
    held = dump(tmp_path / FILE)
    assert "Ann" not in str(held)
    assert "Forget me." not in str(held)
    assert "Ben" in str(held)
