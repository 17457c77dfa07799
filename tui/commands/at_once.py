"""Doing it now: here, when no other process has the lock; else by the process that has it, which is waited for."""

import asyncio
import time
from collections.abc import Sequence

from community.delivery import Delivery
from community.hooks import Hooks
from community.locks import OUTBOX, SYNC, Lock
from community.model import OutboxRow, OutboxState, Source
from community.sync import Result, Syncer
from community.text import clean_line
from community.workspace import Workspace

_READING_S = 600.0
_SENDING_S = 60.0
_STEP_S = 0.2
_MOVING = frozenset({OutboxState.QUEUED, OutboxState.SENDING})
_LOOK_S = 8.0


async def read(workspace: Workspace, wanted: Sequence[Source], hooks: Hooks | None = None) -> list[Result]:
    """Read these sources now; a result for each, in the same order. `hooks` hear of what is new."""
    lock = Lock(workspace.directory, SYNC)
    asked = False
    before = workspace.listening.mark()
    started = workspace.store.now()
    end = time.monotonic() + _READING_S
    left = list(wanted)
    done: dict[int, Result] = {}
    while left:
        if lock.take():
            try:
                for result in await Syncer(workspace.store, workspace.connections, hooks).sync(left):
                    done[result.id] = result
            finally:
                lock.release()
            break
        if not asked:
            for source in left:
                ask = workspace.listening.resume if source.health == "limited" else workspace.listening.ask_now
                await ask(source.id)
            asked = True
        await asyncio.sleep(_STEP_S)
        now = {source.id: source for source in workspace.sources()}
        arrived = workspace.listening.arrived(before)
        for source in list(left):
            there = now.get(source.id)
            read_since = there is not None and (there.checked_at or 0) >= started and there.syncing_at is None
            if there is None or (read_since and there.next_check_at > 0):
                done[source.id] = _result(there or source, arrived.get(source.id, 0))
                left.remove(source)
        if time.monotonic() > end:
            why = clean_line("The watcher has not read it yet: try again, or end it and run `kith sync`.")
            done |= {each.id: Result(each.id, each.kind, each.name, False, 0, why) for each in left}
            break
    return [done[source.id] for source in wanted]


def standing(source: Source) -> Result:
    """The result of a source that is not read now, because it rests or was stopped."""
    return Result(source.id, source.kind, source.name, ok=False, new_items=0, error=source.health_text)


def _result(source: Source, new_items: int) -> Result:
    is_well = source.health == "ok"
    return Result(source.id, source.kind, source.name, is_well, new_items, "" if is_well else source.health_text)


async def deliver(workspace: Workspace, ids: Sequence[int]) -> list[OutboxRow]:
    """Send these entries of the outbox now; each as it stands afterwards, at most a minute later."""
    lock = Lock(workspace.directory, OUTBOX)
    end = time.monotonic() + _SENDING_S
    while True:
        if lock.take():
            try:
                await _deliver_here(workspace, ids)
            finally:
                lock.release()
            break
        await asyncio.sleep(_STEP_S)
        if not _moving(workspace, ids) or time.monotonic() > end:
            break
    return [workspace.outbox.get(each) for each in ids]


async def deliver_due(workspace: Workspace) -> list[OutboxRow]:
    """Send whatever is due, unless another process does; each entry that was tried, as it stands afterwards."""
    lock = Lock(workspace.directory, OUTBOX)
    if not lock.take():
        return []
    try:
        delivery = Delivery(workspace.store, workspace.connections)
        await delivery.recover()
        return [*await delivery.deliver(), *await delivery.look()]
    finally:
        lock.release()


async def _deliver_here(workspace: Workspace, ids: Sequence[int]) -> None:
    """Send, then look once for what is uncertain: most of it turns out to have arrived."""
    delivery = Delivery(workspace.store, workspace.connections)
    await delivery.recover()
    for each in ids:
        await delivery.deliver(only=each)
    end = time.monotonic() + _LOOK_S
    unclear = [each for each in ids if workspace.outbox.get(each).state == OutboxState.UNCERTAIN]
    while unclear and time.monotonic() < end:
        for each in list(unclear):
            if await delivery.look(only=each):
                unclear.remove(each)
        await asyncio.sleep(_STEP_S)


def _moving(workspace: Workspace, ids: Sequence[int]) -> bool:
    """Whether any of these may still change within moments; one that waits for its next attempt may not."""
    now = workspace.store.now()
    rows = [workspace.outbox.get(each) for each in ids]
    return any(row.state in _MOVING and not (row.attempt and row.error and row.not_before > now + 2) for row in rows)
