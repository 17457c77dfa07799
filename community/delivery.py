"""The outgoing half of the outbox: claim, send once, and decide by proof what became of it.

Exactly one process delivers at a time: it holds the outbox lock. A row is claimed and committed before a socket is
opened, and what the platform answered is written before anything else is done. What cannot be known is `uncertain`,
looked for several times, and then asked of the user.
"""

import json
import logging
import os
import socket
from collections.abc import Mapping
from dataclasses import replace

from community.connections import Connections
from community.errors import AuthExpired, Garbled, KithError, RateLimited, Rejected, Uncertain, Unreachable
from community.ingest import store, weigh
from community.model import OutboxRow, Source
from community.sources.base import (
    Act,
    Adapter,
    Author,
    Incoming,
    ItemKind,
    ItemStatus,
    Outgoing,
    Page,
    Repeat,
    Sent,
    Target,
)
from community.store import Store
from community.text import Clean, clean, clean_line
from storage import conversations, items, outbox, sources
from storage.database import Transaction
from storage.rows import ItemTarget

log = logging.getLogger(__name__)

LOOKS_S = (5, 30, 120, 600)
"""When an uncertain row is looked for: seconds after the attempt and after each look."""
_RETRY_S = (10, 60, 300, 1800, 7200)
_REPEAT_WITHIN_S = 30 * 60
_MODERATION = {Act.APPROVE: "published", Act.HOLD: "pending", Act.SPAM: "spam", Act.TRASH: "trash"}


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
                await outbox.move(
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
        """Send everything whose time has come, one row after the other; each row as it stands afterwards."""
        database = await self._store.database()
        done: list[OutboxRow] = []
        for row in await outbox.ready(database, now=self._store.now()):
            if only is None or row.id == only:
                await self._attempt(row)
                done.append(await outbox.find(database, row.id))
        return done

    async def look(self, only: int | None = None) -> list[OutboxRow]:
        """Look for uncertain rows whose look is due; each row as it stands afterwards."""
        database = await self._store.database()
        done: list[OutboxRow] = []
        for row in await outbox.to_look(database, now=self._store.now(), at_most=len(LOOKS_S)):
            if only is None or row.id == only:
                await self._look(row)
                done.append(await outbox.find(database, row.id))
        return done

    async def next_due(self) -> int | None:
        """When there is something to do next, None when nothing is on its way."""
        return await outbox.next_due(await self._store.database(), at_most_looks=len(LOOKS_S))

    async def _attempt(self, row: OutboxRow) -> None:
        now = self._store.now()
        if row.only_if_silent and await self._they_wrote(row):
            async with self._store.transaction() as tx:
                await outbox.back_to_draft(tx, row.id, came_from=("queued",), key=row.key, now=now)
            return
        async with self._store.transaction() as tx:
            if not await outbox.claim(tx, row.id, owner=self._owner, now=now):
                return
            row = await outbox.find(tx, row.id)
            source = await sources.find(tx, row.source_id)
            target = await items.find_target(tx, row.item_id)
        try:
            async with self._connections.adapter(source) as adapter:
                outgoing = await self._prepared(adapter, source, row, target)
                sent = await self._send(adapter, source, outgoing)
        except _Untouched as nothing:
            await self._no_effect(row, nothing.why)
        except KithError as error:
            await self._uncertain(row, str(error))
        except Exception:
            log.exception("sending row %d failed in an unexpected way", row.id)
            await self._uncertain(row, "Something unexpected happened while sending; looking whether it arrived.")
        else:
            await self._sent(row, source, target, sent)

    async def _prepared(self, adapter: Adapter, source: Source, row: OutboxRow, target: ItemTarget) -> Outgoing:
        """The act with its body frozen; whatever goes wrong before that proves that nothing has left."""
        outgoing = outgoing_of(row, target)
        if row.body is not None:
            return outgoing
        try:
            body = dict(await adapter.prepare(source, outgoing))
        except KithError as error:
            raise _Untouched(error) from error
        async with self._store.transaction() as tx:
            await outbox.freeze(tx, row.id, body=json.dumps(body))
        return replace(outgoing, body=body)

    async def _send(self, adapter: Adapter, source: Source, outgoing: Outgoing) -> Sent:
        """Proof of effect, `_Untouched` as proof of none, any other `KithError` for what cannot be known."""
        first_try = outgoing.attempt == 1
        try:
            return await adapter.send(source, outgoing)
        except Unreachable as error:
            if not error.maybe_done:
                raise _Untouched(error) from error
            raise
        except RateLimited as error:
            raise _Untouched(error) from error
        except (Garbled, Uncertain):
            raise
        except (AuthExpired, Rejected) as error:
            if first_try:
                raise _Untouched(error) from error
            raise

    async def _sent(self, row: OutboxRow, source: Source, target: ItemTarget, sent: Sent) -> None:
        now = self._store.now()
        async with self._store.transaction() as tx:
            await outbox.move(
                tx,
                row.id,
                came_from=("sending", "uncertain"),
                state="sent",
                now=now,
                remote_id=sent.remote_id,
                permalink=sent.permalink,
                note=sent.note,
            )
            if row.act == Act.REPLY:
                await self._keep_reply(tx, row, source, target, sent)
            elif Act(row.act) in _MODERATION:
                await items.set_status(tx, row.item_id, _MODERATION[Act(row.act)])
                await weigh(tx, [row.conversation_id], config=self._store.config, now=now)

    async def _keep_reply(
        self, tx: Transaction, row: OutboxRow, source: Source, target: ItemTarget, sent: Sent
    ) -> None:
        """What was sent is stored like any other item, bound to the item it answers."""
        now = self._store.now()
        mine = sent.item or Incoming(
            remote_id=sent.remote_id,
            kind=ItemKind.REPLY,
            author=Author(
                target.network, source.me or f"me@{source.id}", clean_line(source.account), clean_line("You")
            ),
            text=clean(row.text),
            created_at=now,
            parent_id=target.remote_id,
            permalink=sent.permalink,
        )
        mine = replace(mine, thread=target.thread, author=replace(mine.author, is_me=True))
        await store(tx, source, Page(items=(mine,)), config=self._store.config, now=now)
        await items.answers(tx, source_id=source.id, remote_id=mine.remote_id, item_id=row.item_id)
        if row.remind_after_s:
            await tx.run(
                "UPDATE conversation SET remind_at = :at WHERE id = :id",
                at=now + row.remind_after_s,
                id=row.conversation_id,
            )
        await weigh(tx, [row.conversation_id], config=self._store.config, now=now)

    async def _no_effect(self, row: OutboxRow, why: KithError) -> None:
        """Nothing has happened: try again later where time may help, else give it back with the reason."""
        now = self._store.now()
        temporary = isinstance(why, Unreachable | RateLimited)
        state = "queued" if temporary and row.attempt < len(_RETRY_S) else "failed"
        wait = why.retry_after_s if isinstance(why, RateLimited) else _RETRY_S[min(row.attempt, len(_RETRY_S)) - 1]
        async with self._store.transaction() as tx:
            await outbox.move(
                tx,
                row.id,
                came_from=("sending",),
                state=state,
                now=now,
                not_before=now + int(wait),
                error=str(why),
            )

    async def _uncertain(self, row: OutboxRow, why: str) -> None:
        now = self._store.now()
        async with self._store.transaction() as tx:
            await outbox.move(
                tx,
                row.id,
                came_from=("sending",),
                state="uncertain",
                now=now,
                not_before=now + LOOKS_S[0],
                error=clean_line(why),
            )

    async def _look(self, row: OutboxRow) -> None:
        database = await self._store.database()
        source = await sources.find(database, row.source_id)
        target = await items.find_target(database, row.item_id)
        now = self._store.now()
        if row.body is None:
            # The body is frozen before the first byte leaves: without one, nothing was ever sent.
            async with self._store.transaction() as tx:
                await outbox.move(tx, row.id, came_from=("uncertain",), state="queued", now=now, not_before=now)
            return
        why: Clean
        repeat = Repeat.NEVER
        try:
            async with self._connections.adapter(source) as adapter:
                found = await adapter.look(source, outgoing_of(row, target))
                repeat = adapter.capabilities(source).repeat
        except KithError as error:
            why = clean_line(f"Could not look whether it arrived: {error}")
        else:
            if found:
                note = clean_line("It is there twice: remove one on the site.") if len(found) > 1 else found[0].note
                await self._sent(row, source, target, replace(found[0], note=note))
                return
            why = clean_line("Not found there so far: it may still arrive, or it may be lost.")
            if _may_repeat(row, repeat, now):
                async with self._store.transaction() as tx:
                    await outbox.move(tx, row.id, came_from=("uncertain",), state="queued", now=now, not_before=now)
                return
        if row.looks + 1 >= len(LOOKS_S):
            why = clean_line("Kith cannot tell whether it arrived: look on the site, then say what to do.")
        wait = LOOKS_S[min(row.looks + 1, len(LOOKS_S) - 1)]
        async with self._store.transaction() as tx:
            await outbox.looked(tx, row.id, next_look_at=now + wait, error=why, now=now)

    async def _they_wrote(self, row: OutboxRow) -> bool:
        database = await self._store.database()
        facts = await conversations.facts(database, row.conversation_id)
        return any(not fact.mine and fact.to_me and fact.fetched_at > row.created_at for fact in facts)


class _Untouched(Exception):
    """Proof that an attempt had no effect, and why."""

    def __init__(self, why: KithError) -> None:
        super().__init__(str(why))
        self.why = why


def outgoing_of(row: OutboxRow, target: ItemTarget) -> Outgoing:
    """The act as the adapter sees it."""
    return Outgoing(
        act=Act(row.act),
        target=target_of(target),
        text=row.text,
        key=row.key,
        attempt=row.attempt,
        first_tried_at=row.first_tried_at or row.updated_at,
        body=_body(row.body),
    )


def target_of(row: ItemTarget) -> Target:
    """An item as the adapter sees it. What was stored is clean."""
    return Target(
        remote_id=row.remote_id,
        thread=row.thread,
        parent_id=row.parent_remote_id,
        kind=ItemKind(row.kind),
        author=Author(row.network, row.key, Clean(row.handle), Clean(row.name), row.author_url, is_me=bool(row.is_me)),
        permalink=row.permalink,
        subject_url=row.subject_url,
        extra=json.loads(row.extra),
    )


def _body(text: str | None) -> Mapping[str, object]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}


def _may_repeat(row: OutboxRow, repeat: Repeat, now: int) -> bool:
    """Whether a second request may leave without the user's word, after two looks found nothing."""
    if row.looks < 1:
        return False
    if repeat is Repeat.FREELY:
        return row.attempt < len(_RETRY_S)
    within = now - (row.first_tried_at or 0) <= _REPEAT_WITHIN_S
    settled = now - (row.started_at or 0) > 60
    return repeat is Repeat.SAME_KEY and row.attempt < 2 and within and settled


__all__ = ["LOOKS_S", "Delivery", "ItemStatus", "outgoing_of", "target_of"]
