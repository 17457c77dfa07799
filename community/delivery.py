"""The outgoing half of the outbox: claim, send once, and decide by proof what became of it.

Exactly one process delivers at a time: it holds the outbox lock. A row is claimed and committed before a socket is
opened, and what the platform answered is written before anything else is done. What cannot be known is `uncertain`,
looked for several times, and then asked of the user.
"""

import asyncio
import json
import logging
import os
import socket
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace

from community import effects
from community.connections import Connections
from community.errors import KithError, NotFound, RateLimited, StorageError, Unreachable
from community.model import OutboxRow, Source
from community.proof import RETRY_S, may_repeat, outgoing_of, proves_no_effect, sentence
from community.secrets import SecretError
from community.sources.base import Act, Adapter, Outgoing, Repeat, Sent
from community.store import Store
from community.text import clean_line
from storage import conversations, items, outbox, sending, sources
from storage.rows import ItemTarget

log = logging.getLogger(__name__)

LOOKS_S = (5, 30, 120, 600)
"""When an uncertain row is looked for: seconds after the attempt and after each look."""
_THEY_WROTE = "They wrote first, so this was not sent: read it, then send this or write anew."
_REMOVED = "Its source was removed: add it again, then say what to do."
_AS_OTHERS = "It was made as {row.account}, and {source.name} is signed in as {source.account} now: "
_STRANGE = "Kith met an error of its own before anything was sent: please report it with the log (kith doctor)."
_STRANGE_AND_OPEN = "Something unexpected happened while sending; looking whether it arrived."


class Delivery:
    """Sends what is queued. Hold the outbox lock while using it."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections
        self._owner = f"{socket.gethostname()}:{os.getpid()}"

    async def recover(self) -> int:
        """Rows that a dead process was sending become uncertain, never queued. How many there were."""
        database = await self._store.database()
        rows = await outbox.in_flight(database)
        now = self._store.now()
        for row in rows:
            async with self._store.transaction() as tx:
                await sending.move(
                    tx,
                    row.id,
                    came_from=("sending",),
                    state="uncertain",
                    now=now,
                    not_before=now,
                    error="Kith stopped while this was being sent; looking for it.",
                )
        return len(rows)

    async def deliver(self, only: int | None = None) -> list[OutboxRow]:
        """Send everything whose time has come; each row as it stands afterwards.

        Rows of one source leave one after the other, those of several sources at the same time.
        """
        database = await self._store.database()
        rows = [row for row in await outbox.ready(database, now=self._store.now()) if only in (None, row.id)]
        await _side_by_side(rows, self._attempt)
        return [await outbox.find(database, row.id) for row in rows]

    async def look(self, only: int | None = None) -> list[OutboxRow]:
        """Look for uncertain rows whose look is due; each row as it stands afterwards."""
        database = await self._store.database()
        due = await outbox.to_look(database, now=self._store.now(), at_most=len(LOOKS_S))
        rows = [row for row in due if only in (None, row.id)]
        await _side_by_side(rows, self._look)
        return [await outbox.find(database, row.id) for row in rows]

    async def due(self) -> set[int]:
        """The ids of the sources for which something is to be sent or looked for now."""
        database, now = await self._store.database(), self._store.now()
        rows = await outbox.ready(database, now=now)
        rows += await outbox.to_look(database, now=now, at_most=len(LOOKS_S))
        return {row.source_id for row in rows}

    async def serve(self, source_id: int, stop: asyncio.Event) -> None:
        """Send and look for what is due at one source; after `stop` nothing more is begun."""
        database, now = await self._store.database(), self._store.now()
        for step, rows in (
            (self._attempt, await outbox.ready(database, now=now)),
            (self._look, await outbox.to_look(database, now=now, at_most=len(LOOKS_S))),
        ):
            for row in rows:
                if row.source_id == source_id and not stop.is_set():
                    await step(row)

    async def next_due(self) -> int | None:
        """When there is something to do next, None when nothing is on its way."""
        return await outbox.next_due(await self._store.database(), at_most_looks=len(LOOKS_S))

    async def _attempt(self, row: OutboxRow) -> None:
        now = self._store.now()
        if row.only_if_silent and await self._they_wrote(row):
            async with self._store.transaction() as tx:
                await sending.back_to_draft(tx, row.id, came_from=("queued",), key=row.key, now=now, note=_THEY_WROTE)
            return
        claimed = await self._claimed(row)
        if claimed is None:
            return
        row, source, target = claimed.row, claimed.source, claimed.target
        under_way = False
        try:
            async with self._connections.adapter(source) as adapter:
                outgoing = await self._prepared(adapter, source, row, target)
                # Proof that an earlier attempt had no effect is what a server said: ask it once more before repeating.
                found = await self._found(adapter, source, row, outgoing) if row.body and claimed.is_fresh else []
                under_way = not found
                sent = found[0] if found else await adapter.send(source, outgoing)
        except Exception as error:  # whatever it is, the row must say what is known of its effect
            if not isinstance(error, KithError | SecretError | StorageError):
                log.exception("sending row %d failed in an unexpected way", row.id)
            if claimed.is_fresh and (not under_way or proves_no_effect(error)):
                await self._no_effect(row, error)
            else:
                await self._uncertain(row, error)
        else:
            await effects.sent(self._store, row, source, target, sent)

    async def _claimed(self, row: OutboxRow) -> "_Claimed | None":
        """A queued row taken for one attempt; None when it is not queued any more, or its source has gone."""
        now = self._store.now()
        async with self._store.transaction() as tx:
            before = await outbox.find(tx, row.id)
            if not await sending.claim(tx, row.id, owner=self._owner, uptime=self._store.uptime(), now=now):
                return None
            row = await outbox.find(tx, row.id)
            try:
                source = await sources.find(tx, row.source_id)
            except NotFound:
                if before.started_at is None:
                    await sending.untouched(tx, row.id, state="failed", not_before=now, error=_REMOVED, now=now)
                else:
                    await sending.doubtful(tx, row.id, not_before=now, error=_REMOVED, now=now)
                return None
            if row.account and source.account and row.account.casefold() != source.account.casefold():
                error = _another(row, source, may_be_there=before.started_at is not None)
                if before.started_at is None:
                    await sending.untouched(
                        tx, row.id, state="failed", not_before=now, error=clean_line(error), now=now
                    )
                else:
                    await sending.doubtful(tx, row.id, not_before=now, error=clean_line(error), now=now)
                return None
            target = await items.find_target(tx, row.item_id)
        return _Claimed(row, source, target, is_fresh=before.started_at is None)

    async def _prepared(self, adapter: Adapter, source: Source, row: OutboxRow, target: ItemTarget) -> Outgoing:
        """The act with its body frozen; whatever goes wrong before that proves that nothing has left."""
        outgoing = outgoing_of(row, target)
        if row.body is not None:
            return outgoing
        body = dict(await adapter.prepare(source, outgoing))
        async with self._store.transaction() as tx:
            await sending.freeze(tx, row.id, body=json.dumps(body))
        return replace(outgoing, body=body)

    async def _no_effect(self, row: OutboxRow, why: Exception) -> None:
        """Nothing has happened: try again later where time may help, else give it back with the reason."""
        now = self._store.now()
        temporary = isinstance(why, Unreachable | RateLimited | StorageError)
        state = "queued" if temporary and row.attempt < len(RETRY_S) else "failed"
        wait = why.retry_after_s if isinstance(why, RateLimited) else RETRY_S[min(row.attempt, len(RETRY_S)) - 1]
        async with self._store.transaction() as tx:
            await sending.untouched(
                tx, row.id, state=state, not_before=now + int(wait), error=sentence(why, _STRANGE), now=now
            )

    async def _uncertain(self, row: OutboxRow, why: Exception) -> None:
        now = self._store.now()
        async with self._store.transaction() as tx:
            await sending.doubtful(
                tx, row.id, not_before=now + LOOKS_S[0], error=sentence(why, _STRANGE_AND_OPEN), now=now
            )

    async def _look(self, row: OutboxRow) -> None:
        database = await self._store.database()
        now = self._store.now()
        if row.body is None:
            # The body is frozen before the first byte leaves: without one, nothing was ever sent.
            async with self._store.transaction() as tx:
                await sending.unsent(tx, row.id, now=now)
            return
        repeat = Repeat.NEVER
        try:
            source = await sources.find(database, row.source_id)
            target = await items.find_target(database, row.item_id)
            async with self._connections.adapter(source) as adapter:
                found = await self._found(adapter, source, row, outgoing_of(row, target))
                repeat = adapter.capabilities(source).repeat
        except NotFound:
            why = clean_line(_REMOVED)
        except (KithError, SecretError) as error:
            why = clean_line(f"Could not look whether it arrived: {error}")
        except StorageError:
            raise
        except Exception:
            log.exception("looking for row %d failed in an unexpected way", row.id)
            why = clean_line("Could not look whether it arrived: Kith met an error of its own.")
        else:
            if found:
                note = clean_line("It is there twice: remove one on the site.") if len(found) > 1 else found[0].note
                await effects.sent(self._store, row, source, target, replace(found[0], note=note))
                return
            why = clean_line("Not found there so far: it may still arrive, or it may be lost.")
            if may_repeat(row, repeat, self._store.uptime()):
                async with self._store.transaction() as tx:
                    await sending.move(tx, row.id, came_from=("uncertain",), state="queued", now=now, not_before=now)
                return
        if row.looks + 1 >= len(LOOKS_S):
            why = clean_line("Kith cannot tell whether it arrived: look on the site, then say what to do.")
        wait = LOOKS_S[min(row.looks + 1, len(LOOKS_S) - 1)]
        async with self._store.transaction() as tx:
            await sending.looked(tx, row.id, next_look_at=now + wait, error=why, now=now)

    async def _found(self, adapter: Adapter, source: Source, row: OutboxRow, outgoing: Outgoing) -> list[Sent]:
        """The traces of an act that are not those of another reply with the same words."""
        traces = await adapter.look(source, outgoing)
        if row.act != Act.REPLY:
            return traces
        others = await outbox.sent_ids(await self._store.database(), source.id, but=row.id)
        return [each for each in traces if each.remote_id not in others]

    async def _they_wrote(self, row: OutboxRow) -> bool:
        database = await self._store.database()
        facts = await conversations.facts(database, row.conversation_id)
        return any(not fact.mine and fact.to_me and fact.fetched_at > row.created_at for fact in facts)


def _another(row: OutboxRow, source: Source, *, may_be_there: bool) -> str:
    """What to do with an act that was made as somebody the source is not any more."""
    begins = _AS_OTHERS.format(row=row, source=source)
    if may_be_there:
        return f"{begins}look on the site whether it arrived, then say so here."
    other = "edit it to send it as the other" if row.act == Act.REPLY else "drop it"
    return f"{begins}sign in as {row.account} again and send it again, or {other}."


@dataclass(frozen=True, slots=True)
class _Claimed:
    """A row that is ours for one attempt. It is fresh when no attempt before it may have had an effect."""

    row: OutboxRow
    source: Source
    target: ItemTarget
    is_fresh: bool


async def _side_by_side(rows: Iterable[OutboxRow], step: Callable[[OutboxRow], Awaitable[None]]) -> None:
    """Take a step with every row; those of one source wait for each other, and for nobody else's."""
    queues: dict[int, list[OutboxRow]] = {}
    for row in rows:
        queues.setdefault(row.source_id, []).append(row)

    async def in_order(queue: list[OutboxRow]) -> None:
        for row in queue:
            await step(row)

    ends = await asyncio.gather(*map(in_order, queues.values()), return_exceptions=True)
    for end in ends:
        if isinstance(end, BaseException):
            raise end


__all__ = ["LOOKS_S", "Delivery"]
