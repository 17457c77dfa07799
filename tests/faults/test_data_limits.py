"""Disks that are full, directories that are not one's own, clocks that jump: nothing is lost, nothing is sent twice."""

import asyncio
import os
import resource
import shutil
import stat
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import pytest

import community.sync
import community.watch
import fakes
from community.backups import DAY_S, Backups
from community.delivery import LOOKS_S, Delivery
from community.errors import Unreachable
from community.model import OutboxRow
from community.query import parse
from community.sources.base import Page
from community.sync import Syncer
from community.upkeep import Upkeep
from community.watch import Watch
from community.workspace import Workspace
from fakes import NOW, Clock, Platform, add_source, arrive, comment
from faults.test_data_faults import Runner, running
from full import fill, integrity, outbox
from storage import copies
from storage.errors import DiskFull
from storage.files import FILE

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]


@contextmanager
def full_disk() -> Iterator[None]:
    """No file of this process can grow."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
async def waiting(workspace: Workspace, platform: Platform) -> list[int]:
    """The ids of items that wait for an answer."""
    source = await add_source(workspace)
    await arrive(workspace, source, *(comment(f"{n}", f"Ann {n}", "How?", thread=f"{n}") for n in range(4)))
    return [found.id for n in range(1, 5) if (found := workspace.conversations.answerable(n))]


@asynccontextmanager
async def watching(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[asyncio.Task[bool], Callable[[Callable[[], object]], Awaitable[None]]]]:
    """A watcher at work that waits for nothing long; it must be alive in the end."""
    pause = community.watch._pause
    monkeypatch.setattr(community.watch, "_pause", lambda stop, seconds: pause(stop, min(seconds, 0.05)))
    monkeypatch.setattr(community.sync, "_FULL_S", 0.2)
    stop = asyncio.Event()
    task = asyncio.create_task(Watch(workspace.store, workspace.connections).run(stop))

    async def until(claim: Callable[[], object]) -> None:
        async with asyncio.timeout(20):
            while not claim():
                await asyncio.sleep(0.02)

    try:
        yield task, until
        assert not task.done()
    finally:
        stop.set()
        await task


def states(workspace: Workspace) -> list[str]:
    return [row.state for row in rows(workspace)]


def rows(workspace: Workspace) -> list[OutboxRow]:
    return workspace.outbox.listed(parse("", now=NOW, target="outbox"))


async def test_on_a_full_disk_reading_goes_on_and_a_draft_that_is_not_kept_says_so(
    workspace: Workspace, waiting: list[int], platform: Platform
) -> None:
    await workspace.outbox.save(waiting[0], "Kept")
    with full_disk():
        with pytest.raises(DiskFull, match="free some space"):
            await workspace.outbox.save(waiting[0], "Not kept")
        with pytest.raises(DiskFull):
            await workspace.outbox.save(waiting[1], "Not kept either")
        assert len(workspace.conversations.page(parse("is:any", now=NOW))) == 4
        assert workspace.outbox.draft_for(waiting[0]) is not None
        platform.pages = [Page(items=(comment("9", "Zoe", "New"),))]
        with pytest.raises(DiskFull):
            await Syncer(workspace.store, workspace.connections).sync(workspace.sources())
    assert [row.text for row in rows(workspace)] == ["Kept"]
    await workspace.outbox.save(waiting[0], "Kept, and more")
    assert [row.text for row in rows(workspace)] == ["Kept, and more"]


async def test_nothing_leaves_a_watcher_on_a_full_disk_and_it_goes_on_when_there_is_room(
    workspace: Workspace, waiting: list[int], platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = [await workspace.outbox.queue(await workspace.outbox.save(each, f"To {each}"), undo_s=5) for each in waiting]
    async with watching(workspace, monkeypatch) as (task, until):
        await asyncio.sleep(0.2)
        with full_disk():
            workspace.store.now.at += 60  # type: ignore[attr-defined]
            await asyncio.sleep(1.0)
            assert platform.sent == []
            assert not task.done()
            assert states(workspace) == ["queued"] * len(made)
        await until(lambda: states(workspace) == ["sent"] * len(made))
    assert len(platform.landed) == len(platform.sent) == len(made)
    print(f"full disk: 0 of {len(made)} left, {len(platform.sent)} after there was room, each once")


async def test_a_disk_that_fills_up_while_a_reply_is_on_its_way_makes_no_second_one(
    workspace: Workspace, waiting: list[int], platform: Platform, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(community.watch, "_LATER_S", 0.05)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    platform.on_send = lambda _outgoing: resource.setrlimit(resource.RLIMIT_FSIZE, (1, hard))
    try:
        await workspace.outbox.queue(await workspace.outbox.save(waiting[0], "Once"), undo_s=0)
        async with watching(workspace, monkeypatch) as (task, until):
            await until(lambda: platform.sent)
            await asyncio.sleep(0.5)
            assert not task.done()
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
            clock.at += LOOKS_S[0]
            await until(lambda: states(workspace) == ["sent"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert len(platform.sent) == 1


@pytest.fixture
def limited() -> Iterator[Runner]:
    """A program whose files cannot grow."""
    with full_disk():
        started = running()
        runner = next(started)
    yield runner
    next(started, None)


async def test_on_a_full_disk_the_command_line_reads_and_says_why_it_cannot_write(
    tmp_path: Path, platform: Platform, limited: Runner
) -> None:
    directory = tmp_path / "work"
    opened = fakes.open_workspace(directory, Clock())
    await fill(opened)
    async with opened.store.transaction() as tx:
        await tx.run("UPDATE source SET kind = 'feed'")
    await opened.close()
    before = outbox(directory / FILE)
    listed = limited(directory, "list", "is:any", "--json")
    assert (listed["code"], len(listed["out"].splitlines())) == (0, 24), listed
    for command in (["reply", "5", "--text", "Hello"], ["sync"], ["backup"], ["done", "1"]):
        done = limited(directory, *command)
        assert (done["code"], done["escaped"]) == (1, ""), (command, done)
        assert len(done["err"].splitlines()) == 1, (command, done)
        assert "free some space" in done["err"] or "no room" in done["err"] or "cannot be written" in done["err"], done
    assert outbox(directory / FILE) == before
    assert integrity(directory / FILE) == "ok"


NOBODY = 65_534


@pytest.fixture
def nobody() -> Iterator[tuple[Runner, Path]]:
    """A program run by an ordinary user, and a directory of theirs."""
    uid = NOBODY if os.getuid() == 0 else os.getuid()
    home = Path(tempfile.mkdtemp(prefix="kith-test-"))
    warm = Path(tempfile.mkdtemp(prefix="kith-test-"))
    home.chmod(0o755)
    own = home / "own"
    own.mkdir(mode=0o700)
    if os.getuid() == 0:
        os.chown(own, uid, uid)
    yield from ((runner, own) for runner in running(*([str(uid), str(warm)] if os.getuid() == 0 else [])))
    shutil.rmtree(home, ignore_errors=True)
    shutil.rmtree(warm, ignore_errors=True)


def test_a_directory_that_is_not_ones_own_is_refused_with_the_way_to_mend_it(nobody: tuple[Runner, Path]) -> None:
    kith, own = nobody
    work = own / "work"
    commands = (["list"], ["status"], ["sync"], ["backup"], ["restore", "--yes"], ["export", "jsonl"], ["doctor"])
    assert kith(work, "list")["code"] == 0
    assert kith(work, "backup")["code"] == 0
    before = (work / FILE).read_bytes()

    def all_refused(words: str) -> None:
        for command in commands:
            done = kith(work, *command)
            assert (done["code"] != 0, done["escaped"]) == (True, ""), (words, command, done)
            said = done["err"] if command != ["doctor"] else done["out"]
            assert words in " ".join(said.split()), (words, command, done)

    if os.getuid() == 0:
        os.chown(work, 0, 0)
        work.chmod(0o755)
        all_refused("another user")
        os.chown(work, NOBODY, NOBODY)
    for mode, words in ((0o777, "chmod 700"), (0o770, "chmod 700")):
        work.chmod(mode)
        all_refused(words)
    work.chmod(0o500)
    for command in commands[1:]:
        done = kith(work, *command)
        assert not done["escaped"], (command, done)
        assert "Traceback" not in done["err"]
    work.chmod(0o700)
    (work / FILE).chmod(0o400)
    assert "cannot be written" in kith(work, "list")["err"]
    (work / FILE).chmod(0o600)
    (work / "backups").chmod(0o777)
    assert "chmod 700" in kith(work, "backup")["err"]
    (work / "backups").chmod(0o500)
    assert "kith: " in kith(work, "backup")["err"]
    (work / "backups").chmod(0o700)
    assert (work / FILE).read_bytes() == before
    assert kith(work, "list")["code"] == 0
    assert stat.S_IMODE((work / FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize("jump", [-3650 * DAY_S, 3650 * DAY_S, -3600], ids=["-10 y", "+10 y", "-1 h"])
async def test_a_clock_that_jumps_loses_nothing_and_sends_nothing_twice(
    workspace: Workspace, waiting: list[int], platform: Platform, clock: Clock, jump: int
) -> None:
    delivery, upkeep = Delivery(workspace.store, workspace.connections), Upkeep(workspace.store)
    syncer = Syncer(workspace.store, workspace.connections)

    async def live(days: float = 0.0) -> None:
        """What a watcher does, for some time."""
        for _ in range(8):
            await syncer.sync(await syncer.due())
            await delivery.recover()
            await delivery.deliver()
            await delivery.look()
            await workspace.conversations.wake()
            await upkeep.turn(asyncio.Event())
            clock.at += max(LOOKS_S[-1], int(days * DAY_S / 8))

    for _ in range(9):
        await upkeep.turn(asyncio.Event())
        clock.at += DAY_S
    honest = {copy.path for copy in copies.listed(workspace.directory)}
    platform.send_fault, platform.lands_all_the_same, platform.look_finds = Unreachable("Cut."), True, False
    await workspace.outbox.queue(await workspace.outbox.save(waiting[0], "Uncertain"), undo_s=0)
    await delivery.deliver()
    platform.send_fault = None
    await workspace.outbox.queue(await workspace.outbox.save(waiting[1], "On its way"), undo_s=10)
    await workspace.outbox.save(waiting[2], "A draft")
    clock.jump(jump)
    await live(days=2)
    await workspace.outbox.queue(await workspace.outbox.save(waiting[3], "After the jump"), undo_s=10)
    await live()
    clock.jump(-jump)
    assert len(await syncer.due()) == 1
    await live(days=1)
    kept = {copy.path for copy in copies.listed(workspace.directory)}
    texts = [outgoing.text for outgoing in platform.sent]
    assert sorted(texts) == ["After the jump", "On its way", "Uncertain"], texts
    assert {row.text: row.state for row in rows(workspace)} == {
        "Uncertain": "uncertain", "On its way": "sent", "After the jump": "sent", "A draft": "draft",
    }  # fmt: skip
    assert len(honest & kept) >= 3
    assert len(kept) >= 7
    clock.at += DAY_S
    assert len(await syncer.due()) == 1
    assert Backups(workspace.directory, clock).listed()[0].trouble == ""
    print(
        f"{jump / DAY_S:+.0f} days: 4 texts kept, 3 effects, {len(honest & kept)} of {len(honest)} backups from before"
    )
