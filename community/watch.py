"""The loop of a watcher: syncs what is due, delivers what is queued, lets the clock act. One leader at a time."""

import asyncio
import logging
from collections.abc import Callable

from community.connections import Connections
from community.conversations import Conversations
from community.delivery import Delivery
from community.hooks import Hooks
from community.locks import OUTBOX, SYNC, Lock
from community.store import Store
from community.sync import Result, Syncer
from community.upkeep import Upkeep
from storage import sources
from storage.errors import Corrupt, DiskFull, StorageError

log = logging.getLogger(__name__)

_LATER_S = 5.0
_HOOKS_S = 5.0
"""How long a watcher that ends waits for hooks that were begun."""


class Watch:
    """One watcher of a workspace."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._hooks = Hooks(store)
        self._syncer = Syncer(store, connections, self._hooks)
        self._delivery = Delivery(store, connections)
        self._conversations = Conversations(store)
        self._sync_lock = Lock(store.directory, SYNC)
        self._outbox_lock = Lock(store.directory, OUTBOX)
        self._upkeep = Upkeep(store)
        self._running: dict[int, asyncio.Task[Result]] = {}

    async def run(self, stop: asyncio.Event, *, told: Callable[[Result], None] = lambda _result: None) -> bool:
        """Work until `stop` is set; what was begun is finished. False at once when another process leads already.

        `told` hears of each source that was read. Raises `Corrupt` when the database turns out to be damaged.
        """
        if not self._sync_lock.take():
            return False
        try:
            await self._nobody_syncs()
            ending = asyncio.Event()
            others = [asyncio.create_task(each) for each in (self._deliver(ending), self._keep(ending))]
            try:
                await self._lead(stop, others[1], told)
            finally:
                ending.set()
                for task in self._running.values():
                    task.cancel()
                await asyncio.gather(*self._running.values(), *others, return_exceptions=True)
                await self._syncer.close()
                await self._hooks.finish(_HOOKS_S)
            await self._nobody_syncs()
        finally:
            self._sync_lock.release()
            self._outbox_lock.release()
        return True

    async def _lead(self, stop: asyncio.Event, keeping: asyncio.Task[None], told: Callable[[Result], None]) -> None:
        while not stop.is_set():
            if keeping.done():
                keeping.result()
            try:
                await self._read(told)
            except DiskFull:
                log.warning("the disk is full: nothing is fetched")
            except Corrupt:
                await self._upkeep.check(stop)
                await _pause(stop, _LATER_S)
            except StorageError:
                log.exception("the workspace cannot be used at the moment: reading goes on later")
                await _pause(stop, _LATER_S)
            await _pause(stop, 0.5)

    async def _nobody_syncs(self) -> None:
        try:
            async with self._store.transaction() as tx:
                await sources.nobody_syncs(tx)
        except DiskFull:
            log.warning("the disk is full: it could not be written down that nothing is being read")

    async def _keep(self, stop: asyncio.Event) -> None:
        """Look after the database itself, until it is damaged."""
        while not stop.is_set():
            await _pause(stop, await self._upkeep.turn(stop))

    async def _read(self, told: Callable[[Result], None]) -> None:
        """Begin to read what is due, and tell of what was read."""
        for source_id in [each for each, task in self._running.items() if task.done()]:
            told(self._running.pop(source_id).result())
        due = [] if self._syncer.is_full else await self._syncer.due()
        fresh = [source for source in due if source.id not in self._running]
        if fresh:
            await self._syncer.begin(fresh)
            self._running |= {source.id: asyncio.create_task(self._syncer.read(source)) for source in fresh}
        await self._conversations.wake()

    async def _deliver(self, stop: asyncio.Event) -> None:
        """Deliver while the lock is ours; a send that has begun is always finished."""
        while not stop.is_set():
            if not self._outbox_lock.take():
                await _pause(stop, 1.0)
                continue
            try:
                await self._delivery.recover()
                await self._serve(stop)
            except DiskFull:
                log.exception("the disk is full: nothing is sent")
                await _pause(stop, 30.0)
            except Exception:
                log.exception("sending met an error of its own: it goes on later")
                await _pause(stop, _LATER_S)
        self._outbox_lock.release()

    async def _serve(self, stop: asyncio.Event) -> None:
        """Serve the sources beside each other, so that a slow one keeps no reply to another waiting."""
        at_work: dict[int, asyncio.Task[None]] = {}
        try:
            while not stop.is_set():
                for source_id in await self._delivery.due() - at_work.keys():
                    at_work[source_id] = asyncio.create_task(self._delivery.serve(source_id, stop))
                for source_id in [each for each, task in at_work.items() if task.done()]:
                    at_work.pop(source_id).result()
                await _pause(stop, 0.3)
        finally:
            for end in await asyncio.gather(*at_work.values(), return_exceptions=True):
                if isinstance(end, Exception):
                    log.error("a reply could not be sent to its end", exc_info=end)


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await stop.wait()
    except TimeoutError:
        return
