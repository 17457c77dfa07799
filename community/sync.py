"""One pass over the sources that are due: fetch, decide, store, advance the cursor; and the loop that keeps at it."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from community.connections import Connections
from community.conversations import Conversations
from community.delivery import Delivery
from community.errors import AuthExpired, Garbled, Gone, KithError, RateLimited, SourceError
from community.ingest import Taken, close_backlog, store
from community.locks import OUTBOX, SYNC, Lock
from community.model import Source
from community.secrets import SecretError
from community.sources.base import Adapter, Page, Thread
from community.store import Store
from community.text import Clean, clean_line
from community.upkeep import Upkeep
from storage import conversations, items, meta, sources
from storage.errors import FULL, Corrupt, DiskFull, NotFound, StorageError

log = logging.getLogger(__name__)

PACE = "sync_s"
"""A fact of a workspace whose sources are all its own, like the demo's: the seconds to wait, whatever they wish."""
_AT_ONCE = 20
_MAX_PAGES = 200
_REFRESH = 8
_REFRESH_AFTER_S = 600
_DAY_S = 86_400
_LATER_S = 5.0
_PART = 50
_GAP_S = 0.12
"""Between two parts of a page others get their turn: who waits for SQLite asks again every tenth of a second."""
_FULL_S = 30.0


@dataclass(frozen=True, slots=True)
class Result:
    """What one source gave. `error` is one sentence, "" when it went well."""

    id: int
    kind: str
    name: str
    ok: bool
    new_items: int
    error: str


class Syncer:
    """Reads the sources. One failing never disturbs another."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._full_until = 0.0

    async def due(self) -> list[Source]:
        """The sources whose time has come."""
        return await sources.due(await self._store.database(), now=self._store.now())

    async def sync(self, wanted: Sequence[Source]) -> list[Result]:
        """Read these sources at the same time; a result for each, in the same order.

        Raises `DiskFull` when there is no room for what they say; what was stored before stays.
        """
        results = list(await asyncio.gather(*(self._guarded(source) for source in wanted)))
        if self.is_full:
            raise DiskFull(FULL)
        return results

    @property
    def is_full(self) -> bool:
        """Whether the disk was full a moment ago: nothing is fetched then."""
        return time.monotonic() < self._full_until

    async def _guarded(self, source: Source) -> Result:
        async with self._free:
            if self.is_full:
                return _failure(source, FULL)
            try:
                new_items, text = await self._read(source)
            except DiskFull:
                self._full_until = time.monotonic() + _FULL_S
                return _failure(source, FULL)
            except (KithError, SecretError) as error:
                sentence = clean_line(str(error))
                await self._failed(source, error, sentence)
                return _failure(source, sentence)
            except NotFound:
                return Result(source.id, source.kind, source.name, ok=True, new_items=0, error="")
            except Exception:
                log.exception("source %d (%s) failed in an unexpected way", source.id, source.kind)
                sentence = clean_line("Kith met an error of its own here: please report it with the log (kith doctor).")
                await self._failed(source, Garbled(sentence), sentence)
                return _failure(source, sentence)
        log.info("source %d (%s): %s", source.id, source.kind, text)
        return Result(source.id, source.kind, source.name, ok=True, new_items=new_items, error="")

    async def _read(self, source: Source) -> tuple[int, Clean]:
        """How many items by others are new, and how it went in words."""
        async with self._store.transaction() as tx:
            await sources.began(tx, source.id, now=self._store.now())
        new_items, refused, cursor = 0, 0, source.cursor
        orphans: set[int] = set()
        wish: int | None = None
        async with self._connections.adapter(source) as adapter:
            for _ in range(_MAX_PAGES):
                page = await adapter.fetch(source, cursor)
                source, taken = await self._take(source, page)
                new_items += taken.new_items
                refused += page.refused
                orphans |= taken.orphans
                wish = page.next_check_s if page.next_check_s is not None else wish
                if not page.has_more or page.cursor == cursor:
                    break
                cursor = page.cursor
            capabilities = adapter.capabilities(source)
            if capabilities.has_threads:
                new_items += await self._refresh(adapter, source, orphans)
            if source.backlog_done_at is None:
                async with self._store.transaction() as tx:
                    await close_backlog(tx, source, config=self._store.config, now=self._store.now())
        now = self._store.now()
        wait = max(wish or 0, capabilities.min_interval_s, self._store.config.sync_minutes * 60)
        pace = await meta.get(await self._store.database(), PACE)
        wait = int(pace) if pace.isdecimal() else wait
        text = clean_line(f"{refused} entries could not be read." if refused else "")
        async with self._store.transaction() as tx:
            await sources.succeeded(
                tx, source.id, now=now, next_check_at=now + int(jitter(min(wait, _DAY_S))), text=text
            )
        return new_items, text or clean_line(f"{new_items} new items")

    async def _take(self, source: Source, page: Page) -> tuple[Source, Taken]:
        """Store a page, and its cursor with the last of it; the source as it is then."""
        taken = await self._stored(source, page)
        options = None if page.options is None else json.dumps(json.loads(source.options) | dict(page.options))
        async with self._store.transaction() as tx:
            await sources.advanced(
                tx, source.id, cursor=page.cursor, name=page.name, address=page.address, options=options
            )
            return await sources.find(tx, source.id), taken

    async def _stored(self, source: Source, page: Page) -> Taken:
        """Store a page by parts, so that nobody who writes has to wait for a long one."""
        whole = Taken()
        parts = [page.items[start : start + _PART] for start in range(0, len(page.items), _PART)]
        for number, part in enumerate(parts or [()], 1):
            rest = number >= len(parts)
            async with self._store.transaction() as tx:
                taken = await store(
                    tx,
                    source,
                    replace(page, items=part, signals=page.signals if rest else (), gone=page.gone if rest else ()),
                    config=self._store.config,
                    now=self._store.now(),
                )
            whole.new_items += taken.new_items
            whole.touched |= taken.touched
            whole.orphans |= taken.orphans
            if not rest:
                await asyncio.sleep(_GAP_S)
        return whole

    async def _refresh(self, adapter: Adapter, source: Source, orphans: set[int]) -> int:
        """Re-read whole threads: those with a hole, then the open ones not read for long. New items by others."""
        database = await self._store.database()
        now = self._store.now()
        stale = await conversations.to_refresh(database, source.id, before=now - _REFRESH_AFTER_S, limit=_REFRESH)
        wanted = list(dict.fromkeys([*list(orphans)[:_REFRESH], *stale]))
        new_items = 0
        for conversation_id in wanted:
            thread = await self._thread(conversation_id)
            if thread is None:
                continue
            try:
                page = await adapter.thread(source, thread)
            except (RateLimited, AuthExpired):
                raise
            except SourceError as error:
                log.info("source %d: a thread could not be re-read: %s", source.id, error)
                continue
            taken = await self._stored(source, page)
            async with self._store.transaction() as tx:
                await conversations.refreshed(tx, conversation_id, now=now)
            new_items += taken.new_items
        return new_items

    async def _thread(self, conversation_id: int) -> Thread | None:
        database = await self._store.database()
        rows = await database.all(
            _Key, "SELECT thread, subject_url FROM conversation WHERE id = :id", id=conversation_id
        )
        if not rows:
            return None
        known = await items.ids_of(database, conversation_id)
        return Thread(rows[0].thread, tuple(known), rows[0].subject_url)

    async def _failed(self, source: Source, error: Exception, sentence: str) -> None:
        """Keep why in words, and when to try again: on the platform's wish, else doubling up to a day."""
        now = self._store.now()
        back_off = min(_DAY_S, 60 * 2 ** min(source.failures, 12))
        wait = jitter(max(back_off, error.retry_after_s if isinstance(error, RateLimited) else 0))
        match error:
            case AuthExpired() | SecretError():
                health = "refused"
            case RateLimited():
                health = "limited"
            case Gone():
                health = "gone"
            case _:
                health = "failing"
        try:
            async with self._store.transaction() as tx:
                await sources.failed(
                    tx,
                    source.id,
                    now=now,
                    next_check_at=now + int(wait),
                    health=health,
                    text=sentence,
                    stop=health in {"refused", "gone"},
                )
        except DiskFull:
            log.exception("the disk is full: the health of source %d could not be stored", source.id)


def _failure(source: Source, sentence: str) -> Result:
    return Result(source.id, source.kind, source.name, ok=False, new_items=0, error=clean_line(sentence))


@dataclass(frozen=True, slots=True)
class _Key:
    thread: str
    subject_url: str | None


class Watch:
    """The loop of a watcher: syncs what is due, delivers what is queued, lets the clock act. One leader at a time."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._syncer = Syncer(store, connections)
        self._delivery = Delivery(store, connections)
        self._conversations = Conversations(store)
        self._sync_lock = Lock(store.directory, SYNC)
        self._outbox_lock = Lock(store.directory, OUTBOX)
        self._upkeep = Upkeep(store)
        self._running: dict[int, asyncio.Task[list[Result]]] = {}

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
            for result in self._running.pop(source_id).result():
                told(result)
        for source in [] if self._syncer.is_full else await self._syncer.due():
            if source.id not in self._running:
                self._running[source.id] = asyncio.create_task(self._syncer.sync([source]))
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


def jitter(seconds: float) -> float:
    """`seconds`, a tenth more or less, so that sources do not march in step."""
    return seconds * random.uniform(0.9, 1.1)
