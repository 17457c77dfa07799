"""One pass over the sources that are due: fetch, decide, store, advance the cursor."""

import asyncio
import json
import logging
import random
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from community.connections import Connections
from community.effects import recognise
from community.errors import AuthExpired, Garbled, Gone, KithError, RateLimited, SourceError, WrongUsage
from community.hooks import Hooks
from community.ingest import Taken, store
from community.model import Source
from community.secrets import SecretError
from community.settling import Settling
from community.sources.base import Adapter, Page, Thread
from community.store import Store
from community.sunset import refuse_frozen
from community.text import clean_line
from community.weighing import close_backlog
from storage import conversations, items, meta, sources
from storage.database import Transaction
from storage.errors import FULL, DiskFull, NotFound
from storage.rows import FreshItem

log = logging.getLogger(__name__)

PACE = "sync_s"
"""A fact of a workspace whose sources are all its own, like the demo's: the seconds to wait, whatever they wish."""
_AT_ONCE = 80
"""More than two turns of `Database.at_once` and what is on its way meanwhile: nobody waits for the others to come."""
_MAX_PAGES = 200
_REFRESH = 8
_REFRESH_AFTER_S = 600
_DAY_S = 86_400
_PART = 50
_PART_S = 0.05
"""A part of a page is as long as what can be stored in this time."""
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
    """Reads the sources. One failing never disturbs another. `hooks` hear of what is new once it is stored."""

    def __init__(self, store: Store, connections: Connections, hooks: Hooks | None = None) -> None:
        self._store = store
        self._connections = connections
        self._hooks = hooks or Hooks(store)
        self._free = asyncio.Semaphore(_AT_ONCE)
        self._full_until = 0.0
        self._settling = Settling(store)

    async def due(self) -> list[Source]:
        """The sources whose time has come."""
        return await sources.due(await self._store.database(), now=self._store.now())

    async def sync(self, wanted: Sequence[Source]) -> list[Result]:
        """Read these sources at the same time; a result for each, in the same order.

        Raises `DiskFull` when there is no room for what they say; what was stored before stays.
        """
        if not self.is_full:
            await self.begin(wanted)
        results = list(await asyncio.gather(*(self.read(source) for source in wanted)))
        if self.is_full:
            raise DiskFull(FULL)
        return results

    async def close(self) -> None:
        """Everything that was read is stored."""
        await self._settling.close()

    async def begin(self, wanted: Sequence[Source]) -> None:
        """Let everybody see that these sources are being read."""
        try:
            async with self._store.transaction() as tx:
                await sources.began(tx, (source.id for source in wanted), now=self._store.now())
        except DiskFull:
            self._full_until = time.monotonic() + _FULL_S

    @property
    def is_full(self) -> bool:
        """Whether the disk was full a moment ago: nothing is fetched then."""
        return time.monotonic() < self._full_until

    async def read(self, source: Source) -> Result:
        """Read one source. Whatever goes wrong is a result, and kept with the source."""
        try:
            async with self._free:
                if self.is_full:
                    return _failure(source, FULL)
                refuse_frozen(sources.get(self._store.reader, source.id))
                outcome = await self._read(source)
            await self._settling.succeeded(outcome.row)
        except DiskFull:
            self._full_until = time.monotonic() + _FULL_S
            return _failure(source, FULL)
        except (KithError, SecretError) as error:
            sentence = clean_line(str(error))
            if not isinstance(error, WrongUsage):
                await self._failed(source, error, sentence)
            return _failure(source, sentence)
        except NotFound:
            return Result(source.id, source.kind, source.name, ok=True, new_items=0, error="")
        except Exception:
            log.exception("source %d (%s) failed in an unexpected way", source.id, source.kind)
            sentence = clean_line("Kith met an error of its own here: please report it with the log (kith doctor).")
            await self._failed(source, Garbled(sentence), sentence)
            return _failure(source, sentence)
        if outcome.row["text"]:
            log.info("source %d (%s): %s", source.id, source.kind, outcome.row["text"])
        return Result(source.id, source.kind, source.name, ok=True, new_items=outcome.new_items, error="")

    async def _read(self, source: Source) -> "_Outcome":
        """Fetch and store everything that is new."""
        new_items, refused, cursor = 0, 0, source.cursor
        orphans: set[int] = set()
        wish: int | None = None
        told: dict[str, object] = {}
        is_open = source.backlog_done_at is None
        async with self._connections.adapter(source) as adapter:
            for _ in range(_MAX_PAGES):
                page = await adapter.fetch(source, cursor)
                wish = page.next_check_s if page.next_check_s is not None else wish
                refused += page.refused
                told = _told(source, page)
                is_last = not page.has_more or page.cursor == cursor
                if page.items or page.signals or page.gone or not is_last:
                    closes = is_open and is_last and not adapter.capabilities(source).has_threads
                    taken = await self._stored(source, page, told, closes=closes)
                    source = sources.get(self._store.reader, source.id)
                    new_items += taken.new_items
                    orphans |= taken.orphans
                    told = {}
                    is_open = is_open and not closes
                if is_last:
                    break
                cursor = page.cursor
            capabilities = adapter.capabilities(source)
            if capabilities.has_threads:
                new_items += await self._refresh(adapter, source, orphans)
            if is_open:
                config, at = self._store.config, self._store.now()
                database = await self._store.database()
                await database.at_once(lambda tx: close_backlog(tx, source, config=config, now=at))
        now = self._store.now()
        wait = max(wish or 0, capabilities.min_interval_s, self._store.config.sync_minutes * 60)
        pace = meta.read(self._store.reader, PACE)
        wait = int(pace) if pace.isdecimal() else wait
        text = clean_line(f"{refused} entries could not be read." if refused else "")
        row = {"id": source.id, "now": now, "next_check_at": now + int(jitter(min(wait, _DAY_S))), "text": text}
        nothing = {"cursor": None, "name": None, "address": None, "options": None}
        row |= {"advanced": any(value is not None for value in told.values())} | nothing | told
        return _Outcome(new_items, row | {"new_items": new_items})

    async def _stored(
        self, source: Source, page: Page, told: Mapping[str, object] | None = None, *, closes: bool = False
    ) -> Taken:
        """Store a page by parts, so that nobody who writes has to wait for a long one; `told` with the last of it.

        A page that `closes` the backlog is its last.
        """
        whole, left, size = Taken(), page.items, _PART
        database = await self._store.database()
        while True:
            part, left = left[:size], left[size:]
            rest, began = not left, time.monotonic()
            given = replace(page, items=part, signals=page.signals if rest else (), gone=page.gone if rest else ())
            part_of = partial(self._part, source, given, told if rest else None, closes and rest)
            taken, fresh = await database.at_once(part_of)
            self._hooks.tell(fresh)
            whole.new_items += taken.new_items
            whole.touched |= taken.touched
            whole.orphans |= taken.orphans
            if rest:
                return whole
            size = max(1, min(_PART, int(len(part) * _PART_S / max(time.monotonic() - began, 0.001))))
            await asyncio.sleep(_GAP_S)

    async def _part(
        self, source: Source, page: Page, told: Mapping[str, object] | None, closes: bool, tx: Transaction
    ) -> tuple[Taken, list[FreshItem]]:
        """One part of a page, in one transaction; the items by others that hooks are told of."""
        config, now = self._store.config, self._store.now()
        is_told = self._hooks.are_set and source.backlog_done_at is not None
        before = await items.highest(tx) if is_told else 0
        await recognise(tx, source, page.items, config=config, now=now)
        taken = await store(tx, source, page, config=config, now=now)
        if told is not None:
            await sources.advanced(tx, {"id": source.id, **told})
        if closes:
            await close_backlog(tx, source, config=config, now=now)
        fresh = await items.fresh(tx, since=before) if is_told else []
        return taken, fresh

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
        place = await conversations.place(database, conversation_id)
        if place is None:
            return None
        known = await items.ids_of(database, conversation_id)
        return Thread(place.thread, tuple(known), place.subject_url)

    async def _failed(self, source: Source, error: Exception, sentence: str) -> None:
        """Keep why in words, and when to try again: on the platform's wish, else doubling up to a day."""
        now = self._store.now()
        back_off = min(_DAY_S, 60 * 2 ** min(source.failures, 12))
        asked = error.retry_after_s if isinstance(error, RateLimited) else 0
        wait = max(jitter(back_off), asked * random.uniform(1.0, 1.1))
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
class _Outcome:
    """How a sync went. `row` is what `Settling.succeeded` keeps of it."""

    new_items: int
    row: Mapping[str, object]


def _told(source: Source, page: Page) -> dict[str, object]:
    """What a page tells of its source, where that differs from what is stored."""
    options = None if page.options is None else json.dumps(json.loads(source.options) | dict(page.options))
    return {
        "cursor": page.cursor if page.cursor != source.cursor else None,
        "name": page.name if not source.name else None,
        "address": page.address,
        "options": options if options != source.options else None,
    }


def jitter(seconds: float) -> float:
    """`seconds`, a tenth more or less, so that sources do not march in step."""
    return seconds * random.uniform(0.9, 1.1)
