"""Conversations: the lists, one conversation's stored facts, and where it stands."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.insertion import Insertion
from storage.lines import ConversationRow
from storage.rows import ConversationState, Fact, Number, SavedView

_COLUMNS = """
SELECT c.id, c.source_id, s.name AS source_name, s.kind AS source_kind, c.title, c.subject, c.subject_url,
       c.attention, c.rank, c.reasons, c.lead_id, coalesce(nullif(p.name, ''), i.name) AS lead_name,
       i.person_id, p.stage, c.waiting_since, c.last_incoming_at, c.last_outgoing_at, c.last_item_at, c.items,
       c.last_item_id, c.seen_item_id, c.snoozed_until, c.starred_at, c.woken_at, c.remind_at,
       EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = c.id AND o.state = 'draft') AS has_draft
"""
_JOINS = """
CROSS JOIN source s ON s.id = c.source_id
LEFT JOIN identity i ON i.id = c.lead_id
LEFT JOIN person p ON p.id = i.person_id
"""
_ROW = f"{_COLUMNS} FROM conversation c {_JOINS} WHERE c.id = :id"
_ROWS = f"{_COLUMNS} FROM json_each(:ids) e CROSS JOIN conversation c ON c.id = e.value {_JOINS}"
"""In the order of the ids: what stands left of a CROSS JOIN is gone through first."""


def row(reader: Reader, conversation_id: int) -> ConversationRow:
    """One conversation as the lists show it. Raises `NotFound`."""
    return reader.one(ConversationRow, _ROW, id=conversation_id)


def rows(reader: Reader, ids: Sequence[int]) -> list[ConversationRow]:
    """The conversations with these ids that still exist, in the order of the ids."""
    return reader.all(ConversationRow, _ROWS, ids=f"[{','.join(map(str, ids))}]")


_STATE = """
SELECT id, source_id, title, attention, last_item_id, seen_item_id, done_at, done_item_id, snoozed_until,
       snoozed_item_id, woken_at, resting_at, resting_item_id, muted_at, starred_at, remind_at
FROM conversation WHERE id IN (SELECT value FROM json_each(:ids))
"""
_FACTS = """
SELECT i.id, i.remote_id, i.parent_remote_id, i.author_id, a.person_id, i.mine, i.to_me, i.status, i.kind, i.created_at,
       i.fetched_at, i.answers_item_id, i.to_id, CASE WHEN i.to_me THEN substr(i.text, 1, 4000) ELSE '' END AS text
FROM item i JOIN identity a ON a.id = i.author_id WHERE i.conversation_id = :id ORDER BY i.id
"""


async def states(db: Database | Transaction, ids: Iterable[int]) -> list[ConversationState]:
    """The stored facts of these conversations."""
    return await db.all(ConversationState, _STATE, ids=f"[{','.join(map(str, ids))}]")


async def facts(db: Database | Transaction, conversation_id: int) -> list[Fact]:
    """What attention needs to know of each item, in order of arrival."""
    return await db.all(Fact, _FACTS, id=conversation_id)


async def of_items(db: Database | Transaction, item_ids: Iterable[int]) -> list[int]:
    """The conversations these items are in."""
    found = await db.all(
        Number,
        "SELECT DISTINCT conversation_id AS n FROM item WHERE id IN (SELECT value FROM json_each(:ids))",
        ids=f"[{','.join(map(str, item_ids))}]",
    )
    return [each.n for each in found]


async def ids_of_source(db: Database | Transaction, source_id: int, *, since: int, limit: int) -> list[int]:
    """The conversations of a source with an incoming item since then, the newest first."""
    found = await db.all(
        Number,
        """
        SELECT id AS n FROM conversation WHERE source_id = :source_id AND last_item_at >= :since
        ORDER BY last_item_at DESC, id DESC LIMIT :limit
        """,
        source_id=source_id,
        since=since,
        limit=limit,
    )
    return [each.n for each in found]


async def to_refresh(db: Database, source_id: int, *, before: int, limit: int) -> list[int]:
    """Open conversations whose whole thread was not read since `before`, the longest neglected first."""
    found = await db.all(
        Number,
        """
        SELECT id AS n FROM conversation
        WHERE source_id = :source_id AND attention IN ('waiting', 'snoozed', 'answered')
          AND coalesce(refreshed_at, 0) < :before AND last_item_at > :before - 2592000
        ORDER BY coalesce(refreshed_at, 0), id LIMIT :limit
        """,
        source_id=source_id,
        before=before,
        limit=limit,
    )
    return [each.n for each in found]


async def waiting_for(db: Database | Transaction, person_ids: Iterable[int]) -> list[int]:
    """The waiting conversations that one of these people leads."""
    found = await db.all(
        Number,
        """
        SELECT c.id AS n FROM identity i JOIN conversation c ON c.lead_id = i.id
        WHERE i.person_id IN (SELECT value FROM json_each(:ids)) AND c.attention = 'waiting'
        """,
        ids=f"[{','.join(map(str, person_ids))}]",
    )
    return [each.n for each in found]


class Place(NamedTuple):
    """Where a conversation is read anew: the platform's name for it, and the page it belongs to."""

    thread: str
    subject_url: str | None


async def place(db: Database | Transaction, conversation_id: int) -> Place | None:
    """Where a conversation is read anew; None when it has gone."""
    found = await db.all(Place, "SELECT thread, subject_url FROM conversation WHERE id = :id", id=conversation_id)
    return found[0] if found else None


async def look_at(tx: Transaction, conversation_id: int, last_item_id: int) -> None:
    """Everything up to this item has been on screen."""
    await tx.run(
        "UPDATE conversation SET seen_item_id = :last WHERE id = :id AND seen_item_id < :last",
        id=conversation_id, last=last_item_id,
    )  # fmt: skip


async def remind(tx: Transaction, conversation_id: int, at: int) -> None:
    """Bring a conversation back at this time, unless somebody answers before."""
    await tx.run("UPDATE conversation SET remind_at = :at WHERE id = :id", id=conversation_id, at=at)


async def put_away(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Each row has an id, `last`, the item up to which all is seen and done, and `now`."""
    await tx.many(
        """
        UPDATE conversation SET seen_item_id = :last, done_item_id = :last, done_at = coalesce(done_at, :now)
        WHERE id = :id
        """,
        rows,
    )


async def take_out(tx: Transaction, conversation_id: int) -> None:
    """A conversation is not done any more."""
    await tx.run("UPDATE conversation SET done_item_id = NULL, done_at = NULL WHERE id = :id", id=conversation_id)


async def refreshed(tx: Transaction, conversation_id: int, *, now: int) -> None:
    """The whole thread was read."""
    await tx.run("UPDATE conversation SET refreshed_at = :now WHERE id = :id", id=conversation_id, now=now)


async def over_time(db: Database, *, now: int) -> list[int]:
    """Conversations whose standing changes by the clock alone: snoozes that end and reminders that fall due."""
    found = await db.all(
        Number,
        """
        SELECT id AS n FROM conversation WHERE attention = 'snoozed' AND snoozed_until <= :now
        UNION
        SELECT id AS n FROM conversation
        WHERE remind_at IS NOT NULL AND remind_at <= :now AND attention = 'answered'
        """,
        now=now,
    )
    return [each.n for each in found]


_STAND = """
UPDATE conversation SET attention = :attention, rank = :rank, reasons = :reasons, lead_id = :lead_id,
    waiting_since = :waiting_since, last_incoming_at = :last_incoming_at, last_outgoing_at = :last_outgoing_at,
    last_item_at = :last_item_at, items = :items, last_item_id = :last_item_id,
    woken_at = :woken_at, snoozed_until = :snoozed_until, remind_at = :remind_at
WHERE id = :id
"""


async def stand(tx: Transaction, standings: Iterable[Mapping[str, object]]) -> None:
    """Write where conversations stand now: one mapping for each, with every column of the statement."""
    await tx.many(_STAND, standings)


class Begun(NamedTuple):
    """A conversation as far as a page of items may have to name it anew."""

    id: int
    thread: str
    title: str
    subject: str


async def of_threads(tx: Transaction, source_id: int, threads: Iterable[str]) -> dict[str, Begun]:
    """The stored conversations of a source by their thread keys."""
    found = await tx.all(
        Begun,
        """
        SELECT id, thread, title, subject FROM conversation
        WHERE source_id = :source_id AND thread IN (SELECT value FROM json_each(:threads))
        """,
        source_id=source_id,
        threads=json.dumps(list(threads)),
    )
    return {each.thread: each for each in found}


async def highest(tx: Transaction) -> int:
    """The id of the newest conversation, 0 when there is none."""
    return (await tx.one(Number, "SELECT coalesce(max(id), 0) AS n FROM conversation")).n


async def rename(tx: Transaction, conversation_id: int, *, title: str, subject: str, subject_url: str | None) -> None:
    """What a conversation is called; an empty subject, or no address, leaves the stored one."""
    await tx.run(
        """
        UPDATE conversation SET title = :title, subject = CASE WHEN :subject <> '' THEN :subject ELSE subject END,
            subject_url = coalesce(:subject_url, subject_url)
        WHERE id = :id
        """,
        id=conversation_id,
        title=title,
        subject=subject,
        subject_url=subject_url,
    )


_NEW = Insertion(
    "conversation",
    (
        *("id", "source_id", "thread", "title", "subject", "subject_url", "attention", "rank", "reasons", "lead_id"),
        *("waiting_since", "last_incoming_at", "last_outgoing_at", "last_item_at", "items", "last_item_id"),
        *("seen_item_id", "done_at", "done_item_id", "woken_at", "snoozed_until", "remind_at"),
        "derived_voices",
    ),
)


async def begin(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Store new conversations, each with its id: one mapping for each, with every column of the statement."""
    await _NEW.of(tx, rows)


async def remove_empty(tx: Transaction, ids: Iterable[int]) -> None:
    """Remove those of these conversations whose items have all moved elsewhere."""
    wanted = list(ids)
    if not wanted:
        return
    await tx.run(
        """
        DELETE FROM conversation WHERE id IN (SELECT value FROM json_each(:ids))
          AND NOT EXISTS (SELECT 1 FROM item WHERE item.conversation_id = conversation.id)
          AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.conversation_id = conversation.id)
        """,
        ids=f"[{','.join(map(str, wanted))}]",
    )


def saved_views(reader: Reader) -> list[SavedView]:
    """The user's own views, in their order."""
    return reader.all(SavedView, "SELECT name, query, position FROM saved_view ORDER BY position, name")


async def save_view(tx: Transaction, *, name: str, query: str) -> None:
    """Keep a query under a name; an older one of that name is replaced."""
    await tx.run(
        """
        INSERT INTO saved_view (name, query, position)
        VALUES (:name, :query, (SELECT coalesce(max(position), 0) + 1 FROM saved_view))
        ON CONFLICT (name) DO UPDATE SET query = excluded.query
        """,
        name=name,
        query=query,
    )


async def forget_view(tx: Transaction, name: str) -> None:
    """Remove a saved view."""
    await tx.run("DELETE FROM saved_view WHERE name = :name", name=name)


def tags(reader: Reader, conversation_id: int) -> list[str]:
    """A conversation's own tags, in alphabetical order."""
    return [
        found.name
        for found in reader.all(
            _Tag,
            "SELECT tag AS name FROM conversation_tag WHERE conversation_id = :id ORDER BY tag",
            id=conversation_id,
        )
    ]


class _Tag(NamedTuple):
    name: str
