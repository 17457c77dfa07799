"""The outbox table as it is read: drafts, and acts on their way. `storage.sending` takes its rows from state to state."""

from collections.abc import Mapping
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.lines import OutboxRow

_ROWS = """
SELECT o.id, o.act, o.source_id, s.name AS source_name, s.kind AS source_kind, o.item_id, o.conversation_id, c.title,
       coalesce(nullif(p.name, ''), a.name) AS to_name, o.account, o.text, o.body, o.key, o.state, o.attempt, o.owner,
       o.first_tried_at, o.first_tried_up, o.started_at, o.not_before, o.looks, o.error, o.note, o.remote_id, o.permalink, o.remind_after_s,
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
    newest_first = _ROWS.replace("FROM outbox o", "FROM outbox o NOT INDEXED")
    return rows + reader.all(OutboxRow, newest_first + _SETTLED.replace("{where}", where), limit=100, **given)


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


async def by_hand(db: Database | Transaction, source_id: int) -> list[OutboxRow]:
    """The replies to a source that the user has been asked to post, oldest first."""
    where = "o.state = 'by hand' AND o.source_id = :id AND o.act = 'reply'"
    return await db.all(OutboxRow, f"{_ROWS} WHERE {where} ORDER BY o.id", id=source_id)


async def in_flight(db: Database | Transaction) -> list[OutboxRow]:
    """Rows that some process has claimed."""
    return await db.all(OutboxRow, f"{_ROWS} WHERE o.state = 'sending' ORDER BY o.id")


class _Remote(NamedTuple):
    id: str


class NextDue(NamedTuple):
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
