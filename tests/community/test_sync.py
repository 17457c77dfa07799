"""Sources are read together; one failing never disturbs another, and each says how it is in words."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import fakes
from community.connections import Connections
from community.errors import AuthExpired, Garbled, Gone, RateLimited, SourceError, Unreachable
from community.locks import SYNC, Lock
from community.model import Source
from community.query import parse
from community.sources.base import Page
from community.sync import Result, Syncer
from community.watch import Watch
from community.workspace import Workspace
from fakes import DAY, ME, NOW, Clock, Platform, add_source, arrive, comment

pytestmark = pytest.mark.anyio


async def sync(workspace: Workspace) -> list[Result]:
    syncer = Syncer(workspace.store, workspace.connections)
    return await syncer.sync(await syncer.due())


async def test_pages_are_walked_to_the_end_and_the_cursor_is_kept(workspace: Workspace, platform: Platform) -> None:
    source = await add_source(workspace)
    platform.pages = [Page(items=(comment(str(number), "Ann", "Word"),)) for number in range(5)]
    [result] = await sync(workspace)
    assert (result.ok, result.new_items) == (True, 5)
    assert workspace.listening.get(source.id).cursor == "5"
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET next_check_at = 0")
    [again] = await sync(workspace)
    assert again.new_items == 0


@pytest.mark.parametrize(
    ("fault", "health", "state", "wait"),
    [
        (Unreachable("The server is down."), "failing", "active", 60),
        (Garbled("A page where data belongs."), "failing", "active", 60),
        (RateLimited("Slowly.", 600), "limited", "active", 600),
        (AuthExpired("The credential was refused."), "refused", "stopped", 60),
        (Gone("It is gone."), "gone", "stopped", 60),
    ],
)
async def test_a_failure_is_kept_in_words_with_when_to_try_again(
    workspace: Workspace, platform: Platform, fault: SourceError, health: str, state: str, wait: int
) -> None:
    source = await add_source(workspace)
    platform.fetch_fault = fault
    [result] = await sync(workspace)
    assert (result.ok, result.error) == (False, str(fault))
    after = workspace.listening.get(source.id)
    assert (after.health, after.state, after.health_text, after.failures) == (health, state, str(fault), 1)
    assert wait * 0.89 <= after.next_check_at - NOW <= wait * 1.11
    assert after.syncing_at is None


async def test_patience_doubles_up_to_a_day_and_a_success_forgets_it(
    workspace: Workspace, platform: Platform, clock: Clock
) -> None:
    source = await add_source(workspace)
    platform.fetch_fault = Unreachable("Down.")
    waits = []
    for _ in range(16):
        await sync(workspace)
        after = workspace.listening.get(source.id)
        waits.append(after.next_check_at - clock.at)
        clock.at = after.next_check_at
    assert waits[3] > 4 * waits[0]
    assert max(waits) <= 1.1 * DAY
    platform.fetch_fault = None
    await sync(workspace)
    assert workspace.listening.get(source.id).failures == 0


async def test_an_error_of_our_own_stops_one_source_and_no_other(
    workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    await add_source(workspace, "Good")
    bad = await add_source(workspace, "Bad")
    platform.pages = [Page(items=(comment("1", "Ann", "Word"),))]
    fetch = fakes.FakeAdapter.fetch

    async def broken(self: fakes.FakeAdapter, source: Source, cursor: str | None) -> Page:
        if source.id == bad.id:
            raise ZeroDivisionError
        return await fetch(self, source, cursor)

    monkeypatch.setattr(fakes.FakeAdapter, "fetch", broken)
    results = {result.name: result for result in await sync(workspace)}
    assert results["Good"].ok
    assert "error of its own" in results["Bad"].error


async def test_a_hanging_source_delays_nobody(
    workspace: Workspace, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = await add_source(workspace, "Slow")
    await add_source(workspace, "Quick")
    platform.pages = [Page(items=(comment("1", "Ann", "Word"),))]
    fetch, release = fakes.FakeAdapter.fetch, asyncio.Event()

    async def hanging(self: fakes.FakeAdapter, source: Source, cursor: str | None) -> Page:
        if source.id == slow.id:
            await release.wait()
        return await fetch(self, source, cursor)

    monkeypatch.setattr(fakes.FakeAdapter, "fetch", hanging)
    running = asyncio.create_task(sync(workspace))
    while not workspace.conversations.page(parse("is:waiting", now=NOW)):
        await asyncio.sleep(0.01)
    assert not running.done()
    release.set()
    assert all(result.ok for result in await running)


async def test_a_hole_in_a_thread_is_filled_from_the_platform(workspace: Workspace, platform: Platform) -> None:
    await add_source(workspace)
    child = comment("2", "Ben", "And what of it?", parent="1", thread="1")
    root = comment("1", "Ann", "The beginning", at=NOW - 7200, thread="1")
    platform.pages = [Page(items=(child,))]
    platform.threads = {"1": Page(items=(root, child), whole_thread=True)}
    await sync(workspace)
    opened = workspace.conversations.open(1)
    assert [(item.text, depth) for item, depth in opened.items] == [("The beginning", 0), ("And what of it?", 1)]


async def test_an_open_conversation_answered_on_the_site_clears_by_itself(
    workspace: Workspace, platform: Platform, clock: Clock
) -> None:
    source = await add_source(workspace)
    question = comment("1", "Ann", "Still there?", thread="1")
    await arrive(workspace, source, question)
    answer = comment("2", ME, "Yes!", parent="1", thread="1", at=NOW - 60)
    platform.threads = {"1": Page(items=(question, answer), whole_thread=True)}
    clock.at += 3600
    await sync(workspace)
    assert workspace.conversations.row(1).attention == "answered"


async def test_a_removed_source_keeps_what_was_read_and_is_taken_up_again_with_it(
    workspace: Workspace, platform: Platform
) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "A word to keep"))
    await workspace.listening.remove(source.id)
    assert workspace.sources() == []
    assert [hit.who for hit in await workspace.search("keep")] == ["Ann"]
    assert await add_source(workspace) == workspace.listening.get(source.id)


async def test_only_one_watcher_leads(workspace: Workspace, platform: Platform) -> None:
    with Lock(workspace.directory, SYNC) as lock:
        assert lock.take()
        assert await Watch(workspace.store, workspace.connections).run(asyncio.Event()) is False
    assert not Lock(workspace.directory, SYNC).held_elsewhere()


@pytest.fixture
async def watching(tmp_path: Path, platform: Platform) -> AsyncIterator[Workspace]:
    """A workspace on the real clock with a watcher at work."""
    opened = fakes.open_workspace(tmp_path / "real", fakes.clock_of_the_wall())
    await add_source(opened)
    stop = asyncio.Event()
    task = asyncio.create_task(Watch(opened.store, Connections(opened.store, opened.credentials)).run(stop))
    yield opened
    stop.set()
    await task
    await opened.close()


async def test_a_watcher_reads_sends_and_stops_cleanly(watching: Workspace, platform: Platform) -> None:
    platform.pages = [Page(items=(comment("1", "Ann", "Hello?", at=watching.store.now() - 60),))]
    await watching.listening.ask_now()
    async with asyncio.timeout(10):
        while not watching.conversations.counts().waiting:
            await asyncio.sleep(0.05)
        found = watching.conversations.answerable(1)
        assert found is not None
        row = await watching.outbox.queue(await watching.outbox.save(found.id, "Hello."), undo_s=0)
        while watching.outbox.get(row.id).state != "sent":
            await asyncio.sleep(0.05)
    assert watching.conversations.row(1).attention == "answered"
