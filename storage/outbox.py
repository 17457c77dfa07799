"""The outbox table: drafts, and acts on their way. Every change of state is a conditional update."""

from collections.abc import Mapping
from dataclasses import dataclass

from storage.database import Database, Reader, Transaction
from storage.rows import Number, OutboxRow

_ROWS = """
SELECT o.id, o.act, o.source_id, s.name AS source_name, s.kind AS source_kind, o.item_id, o.conversation_id, c.title,
       coalesce(nullif(p.name, ''), a.name) AS to_name, o.account, o.text, o.body, o.key, o.state, o.attempt, o.owner,
       o.first_tried_at, o.started_at, o.not_before, o.looks, o.error, o.note, o.remote_id, o.permalink, o.remind_after_s,
       o.only_if_silent, o.created_at, o.updated_at, o.settled_at
FROM outbox o JOIN source s ON s.id = o.source_id JOIN conversation c ON c.id = o.conversation_id
JOIN item i ON i.id = o.item_id JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
"""
_OPEN = """ WHERE o.state IN ('uncertain', 'failed', 'sending', 'queued', 'by hand', 'draft') AND {where}
ORDER BY CASE o.state WHEN 'uncertain' THEN 0 WHEN 'failed' THEN 1 WHEN 'by hand' THEN 2 WHEN 'sending' THEN 3
    WHEN 'queued' THEN 4 ELSE 5 END, o.id DESC LIMIT :limit"""
_SETTLED = """ WHERE o.state IN ('sent', 'cancelled') AND {where} ORDER BY o.id DESC LIMIT :limit"""


def listed(
    reader: Reader, *, where: str = "1", values: Mapping[str, object] | None = None, limit: int = 500
) -> list[OutboxRow]:
    """Everything not settled, what needs the user first; then the newest settled ones."""
    given = values or {}
    rows = reader.all(OutboxRow, _ROWS + _OPEN.replace("{where}", where), limit=limit, **given)
    return rows + reader.all(OutboxRow, _ROWS + _SETTLED.replace("{where}", where), limit=100, **given)


def get(reader: Reader, outbox_id: int) -> OutboxRow:
    """One row. Raises `NotFound`."""
    return reader.one(OutboxRow, f"{_ROWS} WHERE o.id = :id", id=outbox_id)


async def find(db: Database | Transaction, outbox_id: int) -> OutboxRow:
    """One row. Raises `NotFound`."""
    return await db.one(OutboxRow, f"{_ROWS} WHERE o.id = :id", id=outbox_id)


def draft_for(reader: Reader, item_id: int) -> OutboxRow | None:
    """The draft that answers an item, None when there is none."""
    rows = reader.all(OutboxRow, f"{_ROWS} WHERE o.item_id = :id AND o.state = 'draft' AND o.act = 'reply'", id=item_id)
    return rows[0] if rows else None


async def find_draft(db: Database | Transaction, item_id: int) -> OutboxRow | None:
    """The draft that answers an item, None when there is none."""
    rows = await db.all(
        OutboxRow, f"{_ROWS} WHERE o.item_id = :id AND o.state = 'draft' AND o.act = 'reply'", id=item_id
    )
    return rows[0] if rows else None


def of_conversation(reader: Reader, conversation_id: int) -> list[OutboxRow]:
    """Replies of a conversation that are not on the platform yet, oldest first."""
    return reader.all(
        OutboxRow,
        f"""{_ROWS} WHERE o.conversation_id = :id AND o.act = 'reply'
        AND o.state IN ('draft', 'queued', 'sending', 'failed', 'uncertain', 'by hand') ORDER BY o.id""",
        id=conversation_id,
    )


async def save_draft(
    tx: Transaction, *, source_id: int, item_id: int, conversation_id: int, account: str, text: str, key: str, now: int
) -> int:
    """The id of the one draft for an item, made or changed."""
    rows = await tx.all(
        Number, "SELECT id AS n FROM outbox WHERE item_id = :id AND state = 'draft' AND act = 'reply'", id=item_id
    )
    if rows:
        await tx.run(
            "UPDATE outbox SET text = :text, updated_at = :now WHERE id = :id AND text <> :text",
            id=rows[0].n,
            text=text,
            now=now,
        )
        return rows[0].n
    return await add(
        tx,
        act="reply",
        source_id=source_id,
        item_id=item_id,
        conversation_id=conversation_id,
        account=account,
        text=text,
        key=key,
        state="draft",
        not_before=0,
        now=now,
    )


async def add(
    tx: Transaction,
    *,
    act: str,
    source_id: int,
    item_id: int,
    conversation_id: int,
    account: str,
    text: str,
    key: str,
    state: str,
    not_before: int,
    now: int,
) -> int:
    """The id of a new row."""
    return await tx.insert(
        """
        INSERT INTO outbox (act, source_id, item_id, conversation_id, account, text, key, state, not_before,
            created_at, updated_at)
        VALUES (:act, :source_id, :item_id, :conversation_id, :account, :text, :key, :state, :not_before, :now, :now)
        """,
        act=act,
        source_id=source_id,
        item_id=item_id,
        conversation_id=conversation_id,
        account=account,
        text=text,
        key=key,
        state=state,
        not_before=not_before,
        now=now,
    )


async def remove_draft(tx: Transaction, outbox_id: int) -> bool:
    """Throw a draft away; False when it is no draft any more."""
    return await tx.run("DELETE FROM outbox WHERE id = :id AND state = 'draft'", id=outbox_id) == 1


async def queue(
    tx: Transaction,
    outbox_id: int,
    *,
    text: str,
    key: str,
    not_before: int,
    remind_after_s: int | None,
    only_if_silent: bool,
    now: int,
) -> bool:
    """Freeze a draft and put it on its way; False when it is no draft any more."""
    changed = await tx.run(
        """
        UPDATE outbox SET state = 'queued', text = :text, key = :key, body = NULL, attempt = 0, looks = 0, error = '',
            note = '', first_tried_at = NULL, started_at = NULL, not_before = :not_before, remind_after_s = :remind_after_s, only_if_silent = :only_if_silent, updated_at = :now
        WHERE id = :id AND state = 'draft'
        """,
        id=outbox_id,
        text=text,
        key=key,
        not_before=not_before,
        remind_after_s=remind_after_s,
        only_if_silent=int(only_if_silent),
        now=now,
    )
    return changed == 1


async def claim(tx: Transaction, outbox_id: int, *, owner: str, now: int) -> bool:
    """Take a queued row for one attempt; False when another process was faster or the user has cancelled.

    `started_at` is that of an attempt which may have had an effect: it is NULL again once it is known that it had none.
    """
    changed = await tx.run(
        """
        UPDATE outbox SET state = 'sending', attempt = attempt + 1, owner = :owner, started_at = :now,
            first_tried_at = coalesce(first_tried_at, :now), updated_at = :now
        WHERE id = :id AND state = 'queued'
        """,
        id=outbox_id,
        owner=owner,
        now=now,
    )
    return changed == 1


async def freeze(tx: Transaction, outbox_id: int, *, body: str) -> None:
    """Keep the exact request, before its first byte leaves."""
    await tx.run("UPDATE outbox SET body = :body WHERE id = :id AND body IS NULL", id=outbox_id, body=body)


async def move(
    tx: Transaction,
    outbox_id: int,
    *,
    came_from: tuple[str, ...],
    state: str,
    now: int,
    error: str = "",
    not_before: int | None = None,
    remote_id: str | None = None,
    permalink: str | None = None,
    note: str = "",
) -> bool:
    """A conditional step from one of some states to another; False when the row was in none of them."""
    first, second, third = (*came_from, *came_from, *came_from)[:3]
    changed = await tx.run(
        """
        UPDATE outbox SET state = :state, error = :error, note = :note, owner = NULL, updated_at = :now,
            not_before = coalesce(:not_before, not_before), remote_id = coalesce(:remote_id, remote_id),
            permalink = coalesce(:permalink, permalink),
            settled_at = CASE WHEN :state IN ('sent', 'cancelled') THEN :now ELSE NULL END
        WHERE id = :id AND state IN (:first, :second, :third)
        """,
        id=outbox_id,
        state=state,
        now=now,
        error=error,
        note=note,
        not_before=not_before,
        remote_id=remote_id,
        permalink=permalink,
        first=first,
        second=second,
        third=third,
    )
    return changed == 1


async def untouched(tx: Transaction, outbox_id: int, *, state: str, not_before: int, error: str, now: int) -> None:
    """An attempt, the only one so far that might have had an effect, had none."""
    await tx.run(
        """
        UPDATE outbox SET state = :state, error = :error, owner = NULL, not_before = :not_before, updated_at = :now,
            first_tried_at = CASE WHEN first_tried_at = started_at THEN NULL ELSE first_tried_at END, started_at = NULL
        WHERE id = :id AND state = 'sending'
        """,
        id=outbox_id,
        state=state,
        error=error,
        not_before=not_before,
        now=now,
    )


async def doubtful(tx: Transaction, outbox_id: int, *, not_before: int, error: str, now: int) -> None:
    """An attempt may have had an effect; it is looked for anew, whatever was looked for before."""
    await tx.run(
        """
        UPDATE outbox SET state = 'uncertain', error = :error, owner = NULL, looks = 0, not_before = :not_before,
            updated_at = :now
        WHERE id = :id AND state = 'sending'
        """,
        id=outbox_id,
        error=error,
        not_before=not_before,
        now=now,
    )


async def unsent(tx: Transaction, outbox_id: int, *, now: int) -> None:
    """An uncertain row turns out never to have been sent: it is queued as if nothing had been tried."""
    await tx.run(
        """
        UPDATE outbox SET state = 'queued', error = '', not_before = :now, first_tried_at = NULL, started_at = NULL,
            updated_at = :now
        WHERE id = :id AND state = 'uncertain' AND body IS NULL
        """,
        id=outbox_id,
        now=now,
    )


async def anew(tx: Transaction, outbox_id: int, *, came_from: tuple[str, str], now: int) -> bool:
    """By the user's word a row is sent as for the first time, but with its old body and key; False when it cannot be."""
    first, second = came_from
    changed = await tx.run(
        """
        UPDATE outbox SET state = 'queued', error = '', note = '', owner = NULL, not_before = :now, attempt = 0,
            looks = 0, started_at = NULL, settled_at = NULL, updated_at = :now
        WHERE id = :id AND state IN (:first, :second)
        """,
        id=outbox_id,
        first=first,
        second=second,
        now=now,
    )
    return changed == 1


async def sent_ids(db: Database, source_id: int, *, but: int) -> set[str]:
    """The remote ids of the replies through a source that are known to be there, but for one row's."""
    rows = await db.all(
        _Remote,
        """
        SELECT remote_id AS id FROM outbox
        WHERE source_id = :source_id AND id <> :but AND state = 'sent' AND act = 'reply' AND remote_id IS NOT NULL
        """,
        source_id=source_id,
        but=but,
    )
    return {row.id for row in rows}


async def looked(tx: Transaction, outbox_id: int, *, next_look_at: int, error: str, now: int) -> None:
    """An uncertain row was looked for and not found; when to look again."""
    await tx.run(
        """
        UPDATE outbox SET looks = looks + 1, not_before = :next_look_at, error = :error, updated_at = :now
        WHERE id = :id AND state = 'uncertain'
        """,
        id=outbox_id,
        next_look_at=next_look_at,
        error=error,
        now=now,
    )


async def back_to_draft(tx: Transaction, outbox_id: int, *, came_from: tuple[str, ...], key: str, now: int) -> bool:
    """The text comes back for editing, with a new key; an existing newer draft for the item keeps its place.

    False when the row was in none of those states.
    """
    row = await find(tx, outbox_id)
    if row.state not in came_from:
        return False
    taken = await tx.all(
        Number,
        "SELECT id AS n FROM outbox WHERE item_id = :id AND state = 'draft' AND act = 'reply'",
        id=row.item_id,
    )
    if taken or row.act != "reply":
        note = "A newer draft has its place; the text is kept here." if taken else ""
        return await move(tx, outbox_id, came_from=came_from, state="cancelled", now=now, note=note)
    await tx.run(
        """
        UPDATE outbox SET state = 'draft', key = :key, body = NULL, attempt = 0, looks = 0, first_tried_at = NULL,
            started_at = NULL, error = '', note = '', owner = NULL, updated_at = :now
        WHERE id = :id
        """,
        id=outbox_id,
        key=key,
        now=now,
    )
    return True


async def ready(db: Database, *, now: int) -> list[OutboxRow]:
    """Queued rows whose time has come, in the order they were made."""
    return await db.all(OutboxRow, f"{_ROWS} WHERE o.state = 'queued' AND o.not_before <= :now ORDER BY o.id", now=now)


async def to_look(db: Database, *, now: int, at_most: int) -> list[OutboxRow]:
    """Uncertain rows whose next look is due and that were looked for fewer than `at_most` times."""
    return await db.all(
        OutboxRow,
        f"{_ROWS} WHERE o.state = 'uncertain' AND o.not_before <= :now AND o.looks < :at_most ORDER BY o.id",
        now=now,
        at_most=at_most,
    )


async def in_flight(db: Database | Transaction) -> list[OutboxRow]:
    """Rows that some process has claimed."""
    return await db.all(OutboxRow, f"{_ROWS} WHERE o.state = 'sending' ORDER BY o.id")


@dataclass(frozen=True, slots=True)
class _Remote:
    id: str


@dataclass(frozen=True, slots=True)
class NextDue:
    """When the outbox has something to do next; None when it has nothing."""

    at: int | None


async def next_due(db: Database, *, at_most_looks: int) -> int | None:
    """The time of the next attempt or look, None when nothing is on its way."""
    found = await db.one(
        NextDue,
        """
        SELECT min(not_before) AS at FROM outbox
        WHERE state = 'queued' OR (state = 'uncertain' AND looks < :looks)
        """,
        looks=at_most_looks,
    )
    return found.at
