"""Backups are whole, checked and kept; a restore loses no text, sends nothing, and deletes nothing."""

import asyncio
import os
import re
import sqlite3
import stat
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

import fakes
from community import restore as restoring
from community.backups import DAY_S, Backups, due, newest_first, surplus
from community.errors import KithError, StorageError
from community.query import parse
from community.restore import restore
from community.upkeep import Upkeep
from community.workspace import Workspace
from fakes import NOW, Clock, Platform, add_source, arrive, comment
from full import dump, fill, integrity, outbox
from storage import copies, opening, schema
from storage.copies import DAILY, Copy
from storage.errors import Corrupt, DiskFull, Interrupted, NewerSchema
from storage.files import DAMAGED, FILE, RESTORING

pytestmark = pytest.mark.anyio


@pytest.fixture
async def full(workspace: Workspace, platform: Platform) -> AsyncIterator[Workspace]:
    await fill(workspace)
    yield workspace


def files(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


async def test_a_backup_is_a_whole_private_copy_made_while_the_workspace_is_in_use(full: Workspace) -> None:
    made = Backups(full.directory, full.store.now).make()
    assert re.fullmatch(r"kith-\d{8}-\d{6}\.db", made.path.name)
    assert stat.S_IMODE(made.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(made.path.parent.stat().st_mode) == 0o700
    assert files(made.path.parent) == [made.path.name]
    assert integrity(made.path) == "ok"
    await full.store.close()
    assert dump(made.path) == dump(full.directory / FILE)


async def test_a_backup_made_while_somebody_writes_is_of_one_moment(full: Workspace) -> None:
    path, done, written = full.directory / FILE, threading.Event(), 0

    def write() -> None:
        nonlocal written
        connection = opening.connected(path)
        while not done.is_set():
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("INSERT INTO note (person_id, text, at) VALUES (1, 'a', 1)")
            connection.execute("INSERT INTO note (person_id, text, at) VALUES (1, 'b', 1)")
            connection.execute("COMMIT")
            written += 1
        connection.close()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        for number in range(5):
            target = full.directory / f"copy-{number}.db"
            copies.copy(path, target)
            notes = [row["text"] for row in dump(target)["note"]]
            assert notes.count("a") == notes.count("b")
    finally:
        done.set()
        thread.join()
    assert written


async def test_no_credential_is_in_a_backup(full: Workspace) -> None:
    full.credentials.put(1, "alex:correct-horse-battery")
    full.credentials.get(1).keep("session", "token-staple")
    made = Backups(full.directory).make()
    assert not any(word in made.path.read_bytes() for word in (b"correct-horse", b"token-staple"))


async def test_a_backup_goes_where_it_is_told_and_never_over_a_file(full: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "mine.db"
    assert Backups(full.directory).make(target).path == target
    before = target.read_bytes()
    with pytest.raises(KithError, match="is there already"):
        Backups(full.directory).make(target)
    assert target.read_bytes() == before
    with pytest.raises(KithError, match="no directory"):
        Backups(full.directory).make(tmp_path / "nowhere" / "mine.db")


async def test_a_copy_that_does_not_check_is_not_kept(full: Workspace) -> None:
    await full.store.close()
    tear(full.directory / FILE, "item")
    with pytest.raises(Corrupt):
        Backups(full.directory).make()
    assert files(full.directory / copies.DIRECTORY) == []


async def test_without_room_there_is_no_backup_and_nothing_is_left_of_it(
    full: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(copies, "_SPARE", 1 << 60)
    with pytest.raises(DiskFull, match="no room"):
        Backups(full.directory).make()
    assert files(full.directory / copies.DIRECTORY) == []


async def test_a_backup_stops_when_it_is_told_to(full: Workspace) -> None:
    stop = threading.Event()
    stop.set()
    with pytest.raises(Interrupted):
        Backups(full.directory).make(stop=stop)
    assert files(full.directory / copies.DIRECTORY) == []


def dailies(*days: float) -> list[Copy]:
    return [Copy(Path(copies.name(int(NOW + day * DAY_S), DAILY)), int(NOW + day * DAY_S), DAILY, 1) for day in days]


def test_one_a_day_is_due() -> None:
    assert due([], now=NOW)
    assert due(dailies(-1), now=NOW)
    assert not due(dailies(-0.9), now=NOW)
    assert not due(dailies(0.04), now=NOW)
    assert due(dailies(3650), now=NOW)
    assert due([Copy(Path(copies.name(NOW)), NOW, "", 1)], now=NOW)


def test_seven_daily_ones_are_kept_three_before_migrations_and_all_made_by_hand() -> None:
    by_hand = [Copy(Path("a"), NOW - day * DAY_S, "", 1) for day in range(50)]
    migrations = [Copy(Path("b"), NOW - day * DAY_S, f"schema{day}", 1) for day in range(5)]
    gone = surplus([*by_hand, *migrations, *dailies(*(-day for day in range(10)))], now=NOW)
    assert sorted((NOW - copy.at) // DAY_S for copy in gone if copy.kind == DAILY) == [7, 8, 9]
    assert [copy.kind for copy in gone if copy.kind != DAILY] == ["schema3", "schema4"]
    assert "" not in {copy.kind for copy in gone}


@pytest.mark.parametrize("jump", [-3650, 3650])
def test_a_clock_that_jumps_takes_no_backup_for_old(jump: int) -> None:
    honest = dailies(*(-day for day in range(7)))
    strange = dailies(jump)
    there = NOW + jump * DAY_S
    assert len([copy for copy in surplus([*honest, *strange], now=there) if copy in honest]) <= 1
    assert not [copy for copy in surplus([*honest, *strange], now=NOW) if copy in honest]
    assert newest_first([*honest, *dailies(3650)], now=NOW)[0].at == NOW


async def test_a_watcher_makes_one_a_day_and_keeps_seven(full: Workspace, clock: Clock) -> None:
    by_hand = Backups(full.directory, clock).make()
    upkeep = Upkeep(full.store)
    for _ in range(10):
        for _ in range(3):
            await upkeep.turn(asyncio.Event())
        clock.at += DAY_S
    kept = copies.listed(full.directory)
    assert [copy.kind for copy in kept] == [DAILY] * 7 + [""]
    assert by_hand.path.exists()


async def test_before_a_migration_there_is_a_backup_or_no_migration(
    full: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    await full.store.close()
    path, backups = full.directory / FILE, full.directory / copies.DIRECTORY
    scripts = [*schema._migrations(), "CREATE TABLE extra (a);"]
    monkeypatch.setattr(schema, "_migrations", lambda: scripts)
    backups.write_text("in the way")
    with pytest.raises(StorageError, match="not updated"):
        opening.prepare(path)
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (1,)
    backups.unlink()
    before = dump(path)
    opening.prepare(path)
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (2,)
    [kept] = copies.listed(full.directory)
    assert (kept.kind, dump(kept.path)) == ("schema1", before)
    opening.prepare(path)
    assert len(copies.listed(full.directory)) == 1


async def test_a_restore_makes_what_was_on_its_way_uncertain_and_nothing_looks_for_it(
    full: Workspace, clock: Clock, platform: Platform
) -> None:
    made = Backups(full.directory, clock).make()
    await full.close()
    (full.directory / FILE).unlink()
    done = restore(full.directory, made.path, now=clock)
    found = outbox(full.directory / FILE)
    assert found["Words that are queued"] == found["Words that are sending"]
    state, error = found["Words that are queued"]
    assert state == "uncertain"
    assert re.match(r"Restored from a backup of 20\d\d-\d\d-\d\d \d\d:\d\d UTC: it may have been sent since", error)
    assert found["Words that are draft"][0] == "draft"
    assert (done.uncertain, done.aside, done.saved) == (3, None, 0)
    from community.delivery import Delivery

    opened = fakes.open_workspace(full.directory, clock)
    clock.at += 10 * DAY_S
    delivery = Delivery(opened.store, opened.connections)
    assert await delivery.recover() == 0
    assert (await delivery.deliver(), await delivery.look(), platform.sent) == ([], [], [])
    await opened.close()


async def test_what_was_written_since_the_backup_comes_along(full: Workspace, clock: Clock) -> None:
    made = Backups(full.directory, clock).make()
    async with full.store.transaction() as tx:
        await tx.run("UPDATE outbox SET state = 'sent', remote_id = 'there' WHERE text = 'Words that are queued'")
        await tx.run("UPDATE outbox SET text = 'Words that are draft, and more' WHERE state = 'draft'")
    source = full.sources()[0]
    await arrive(full, source, comment("new", "Zoe", "Since then", at=NOW, thread="new"))
    new = next(hit for hit in await full.search("since then") if hit.what == "item")
    await full.outbox.save(new.id, "A draft to Zoe")
    await full.close()
    done = restore(full.directory, made.path, now=clock)
    found = {text: state for text, (state, _) in outbox(full.directory / FILE).items()}
    assert found["Words that are queued"] == "sent"
    assert found["Words that are sending"] == "uncertain"
    assert found["Words that are draft, and more"] == "draft"
    assert found["A draft to Zoe"] == "draft"
    assert "Words that are draft" not in found
    assert done.homeless is None
    assert done.aside is not None
    opened = fakes.open_workspace(full.directory, clock)
    [draft] = [
        row for row in opened.outbox.listed(parse("is:draft", now=NOW, target="outbox")) if row.text == "A draft to Zoe"
    ]
    assert (draft.to_name, draft.source_name) == ("Zoe", source.name)
    assert {row["name"] for row in dump(done.aside)["person"]} > {"Zoe"}
    await opened.close()


async def test_a_restore_is_refused_while_anybody_has_the_workspace_open(full: Workspace) -> None:
    made = Backups(full.directory).make()
    before = files(full.directory)
    with pytest.raises(KithError, match="quit it"):
        restore(full.directory, made.path)
    assert files(full.directory) == before


async def test_what_is_no_good_backup_is_refused_and_changes_nothing(full: Workspace, tmp_path: Path) -> None:
    made = Backups(full.directory).make()
    await full.close()
    before = (full.directory / FILE).read_bytes()
    torn, text, other = tmp_path / "torn.db", tmp_path / "text.db", tmp_path / "other.db"
    torn.write_bytes(made.path.read_bytes())
    tear(torn, "item")
    text.write_bytes(b"no database" * 1000)
    sqlite3.connect(other).execute("CREATE TABLE a (b)")
    gone = tmp_path / "gone.db"
    for path, wrong in ((torn, "damaged"), (text, "damaged"), (other, "no copy"), (gone, "cannot be read")):
        with pytest.raises(StorageError, match=wrong):
            restore(full.directory, path)
    newer = tmp_path / "newer.db"
    newer.write_bytes(made.path.read_bytes())
    connection = sqlite3.connect(newer)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(NewerSchema):
        restore(full.directory, newer)
    assert (full.directory / FILE).read_bytes() == before
    assert not [name for name in files(full.directory) if "aside" in name or name.startswith(".kith")]


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER evil AFTER INSERT ON item BEGIN UPDATE outbox SET state = 'queued'; END",
        "CREATE VIEW evil AS SELECT 1",
        "UPDATE item SET text = 'a' || char(27) || ']52;c;bad' WHERE id = 1",
        "UPDATE source SET address = 'file:///etc/passwd' WHERE id = 1",
        "UPDATE person SET stage = 'emperor' WHERE id = 1",
    ],
)
async def test_a_hostile_database_from_elsewhere_is_not_taken(full: Workspace, tmp_path: Path, change: str) -> None:
    evil = Backups(full.directory).make(tmp_path / "evil.db").path
    await full.close()
    connection = sqlite3.connect(evil, isolation_level=None)
    connection.execute(change)
    connection.close()
    with pytest.raises(StorageError, match=r"no copy|never stores"):
        restore(full.directory, evil)
    assert not [name for name in files(full.directory) if "aside" in name]


async def test_a_credential_never_follows_its_number_to_another_source(full: Workspace, clock: Clock) -> None:
    made = Backups(full.directory, clock).make()
    full.credentials.put(1, "of the blog")
    full.credentials.put(2, "of the forum")
    async with full.store.transaction() as tx:
        await tx.run("UPDATE source SET address = 'https://elsewhere.example' WHERE id = 2")
    third = await add_source(full, "Third")
    full.credentials.put(third.id, "of the third")
    await full.close()
    done = restore(full.directory, made.path, now=clock, credentials=full.credentials)
    assert done.forgotten == (2, third.id)
    assert full.credentials.values().count("of the blog")
    assert [full.credentials.how(each) for each in (1, 2, third.id)] == ["file", "", ""]


@pytest.mark.parametrize("step", range(4))
async def test_a_restore_that_is_cut_short_is_seen_and_goes_on(
    full: Workspace, clock: Clock, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    made = Backups(full.directory, clock).make()
    source = full.sources()[0]
    await arrive(full, source, comment("new", "Zoe", "Since then", at=NOW, thread="new"))
    new = next(hit for hit in await full.search("since then") if hit.what == "item")
    await full.outbox.save(new.id, "A draft to Zoe")
    keep_log(full.directory / FILE)
    await full.close()
    steps = iter(range(99))

    def counted(call: Callable[..., object]) -> Callable[..., object]:
        def done(*arguments: object, **more: object) -> object:
            if next(steps) == step:
                raise KeyboardInterrupt
            return call(*arguments, **more)

        return done

    with monkeypatch.context() as patch:
        patch.setattr(Path, "rename", counted(Path.rename))
        patch.setattr(os, "replace", counted(os.replace))
        patch.setattr(restoring, "_done", counted(restoring._done))
        with pytest.raises(KeyboardInterrupt):
            restore(full.directory, made.path, now=clock)
    with pytest.raises(StorageError, match="kith restore"):
        fakes.open_workspace(full.directory, clock)
    done = restore(full.directory, made.path, now=clock)
    assert outbox(full.directory / FILE)["A draft to Zoe"][0] == "draft"
    assert done.aside is not None
    assert not (full.directory / RESTORING).exists()
    await fakes.open_workspace(full.directory, clock).close()


def keep_log(path: Path) -> None:
    """Leave a write-ahead log beside the file, as a crash does: a copy of it outlives the last connection."""
    connection = opening.connected(path)
    connection.execute("INSERT INTO meta (name, value) VALUES ('crash', '1')")
    log = path.with_name(FILE + "-wal")
    held = log.read_bytes()
    connection.close()
    if not log.exists():
        log.write_bytes(held)


async def test_what_a_check_finds_is_known_to_the_next_start_and_mended_by_a_restore(
    full: Workspace, clock: Clock
) -> None:
    made = Backups(full.directory, clock).make()
    await full.store.close()
    tear(full.directory / FILE, "item")
    opened = fakes.open_workspace(full.directory, clock)
    with pytest.raises(Corrupt, match="kith restore"):
        await Upkeep(opened.store).turn(asyncio.Event())
    await opened.close()
    assert (full.directory / DAMAGED).exists()
    with pytest.raises(Corrupt, match="kith restore"):
        fakes.open_workspace(full.directory, clock)
    restore(full.directory, made.path, now=clock)
    await fakes.open_workspace(full.directory, clock).close()
    assert not (full.directory / DAMAGED).exists()


async def test_a_suspicion_that_proves_wrong_is_dropped(full: Workspace) -> None:
    (full.directory / DAMAGED).write_text("perhaps")
    await fakes.open_workspace(full.directory).close()
    assert not (full.directory / DAMAGED).exists()


@pytest.mark.parametrize("how", ["gone", "empty"])
async def test_a_database_that_vanished_is_not_begun_anew_where_there_are_backups(full: Workspace, how: str) -> None:
    Backups(full.directory).make()
    await full.close()
    path = full.directory / FILE
    if how == "gone":
        path.unlink()
    else:
        os.truncate(path, 0)
    with pytest.raises(Corrupt, match="kith restore"):
        fakes.open_workspace(full.directory)


def tear(path: Path, table: str) -> None:
    """Overwrite a leaf page of a table."""
    connection = sqlite3.connect(path)
    root = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    size = connection.execute("PRAGMA page_size").fetchone()[0]
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xa5" * size)
