"""Items and signals: what people wrote, and their lighter touches."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.insertion import Insertion
from storage.rows import FreshItem, Item, ItemTarget, Node, Number

_ITEMS = """
SELECT i.id, i.source_id, i.conversation_id, i.remote_id, i.parent_remote_id, i.kind, i.status, i.to_me, i.mine, i.title,
       i.text, i.permalink, i.created_at, i.edited_at, i.author_id, a.person_id, a.handle,
       coalesce(nullif(p.name, ''), a.name) AS name, a.url, p.stage
FROM item i JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
"""


def of_conversation(reader: Reader, conversation_id: int) -> list[Item]:
    """Every item of a conversation, by time written."""
    return reader.all(Item, f"{_ITEMS} WHERE i.conversation_id = :id ORDER BY i.created_at, i.id", id=conversation_id)


def nodes(reader: Reader, conversation_id: int) -> list[Node]:
    """The bones of a conversation, by time written: a fifth of what its words take."""
    return reader.all(
        Node,
        "SELECT id, remote_id, parent_remote_id, created_at, mine, to_me, status FROM item"
        " WHERE conversation_id = :id ORDER BY created_at, id",
        id=conversation_id,
    )


def some(reader: Reader, ids: Iterable[int]) -> list[Item]:
    """Those of these items that exist, in no order."""
    return reader.all(Item, f"{_ITEMS} WHERE i.id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(list(ids)))


def get(reader: Reader, item_id: int) -> Item:
    """One item. Raises `NotFound`."""
    return reader.one(Item, f"{_ITEMS} WHERE i.id = :id", id=item_id)


def raw(reader: Reader, item_id: int) -> bytes:
    """The original of an item as it came, never to be shown: for finding its links. Empty when none was kept."""
    return reader.one(_Raw, "SELECT coalesce(raw_html, x'') AS raw_html FROM item WHERE id = :id", id=item_id).raw_html


class _Raw(NamedTuple):
    raw_html: bytes


_TARGET = """
SELECT i.id, i.source_id, i.conversation_id, i.remote_id, c.thread, i.parent_remote_id, i.kind, i.permalink,
       c.subject_url, i.extra, a.network, a.key, a.handle, a.name, a.url AS author_url, a.is_me, i.mine, i.status
FROM item i JOIN conversation c ON c.id = i.conversation_id JOIN identity a ON a.id = i.author_id
"""


def target(reader: Reader, item_id: int) -> ItemTarget:
    """What an adapter needs to act on an item. Raises `NotFound`."""
    return reader.one(ItemTarget, f"{_TARGET} WHERE i.id = :id", id=item_id)


async def find_target(db: Database | Transaction, item_id: int) -> ItemTarget:
    """What an adapter needs to act on an item. Raises `NotFound`."""
    return await db.one(ItemTarget, f"{_TARGET} WHERE i.id = :id", id=item_id)


class Known(NamedTuple):
    """What is already stored of an item."""

    id: int
    remote_id: str
    conversation_id: int
    thread: str
    parent_remote_id: str | None
    author_id: int
    person_id: int
    is_me: int
    status: str
    text: str
    title: str
    edited_at: int | None
    to_me: int
    extra: str


async def known(tx: Transaction, source_id: int, remote_ids: Iterable[str]) -> dict[str, Known]:
    """Which of these remote ids are stored already, and how."""
    rows = await tx.all(
        Known,
        """
        SELECT i.id, i.remote_id, i.conversation_id, c.thread, i.parent_remote_id, i.author_id, a.person_id, a.is_me,
               i.status, i.text, i.title, i.edited_at, i.to_me, i.extra
        FROM item i JOIN conversation c ON c.id = i.conversation_id JOIN identity a ON a.id = i.author_id
        WHERE i.source_id = :source_id AND i.remote_id IN (SELECT value FROM json_each(:ids))
        """,
        source_id=source_id,
        ids=json.dumps(list(remote_ids)),
    )
    return {row.remote_id: row for row in rows}


async def ids_of(db: Database, conversation_id: int) -> list[str]:
    """The remote ids of a conversation's items, oldest first."""
    rows = await db.all(
        _Remote,
        "SELECT remote_id FROM item WHERE conversation_id = :id AND status <> 'deleted' ORDER BY created_at, id",
        id=conversation_id,
    )
    return [row.remote_id for row in rows]


class _Remote(NamedTuple):
    remote_id: str


class StandIn(NamedTuple):
    """An item of mine that the platform has not shown yet."""

    id: int
    remote_id: str
    text: str
    created_at: int


async def beginning(tx: Transaction, source_id: int, start: str) -> list[StandIn]:
    """The items of a source whose remote id begins with `start`."""
    return await tx.all(
        StandIn,
        """
        SELECT id, remote_id, text, created_at FROM item
        WHERE source_id = :source_id AND remote_id >= :start AND remote_id < :start || char(0x10ffff) ORDER BY id
        """,
        source_id=source_id,
        start=start,
    )


async def rename(tx: Transaction, item_id: int, *, remote_id: str, permalink: str | None) -> None:
    """A stand-in is the item with this remote id from now on."""
    await tx.run(
        "UPDATE item SET remote_id = :remote_id, permalink = :permalink WHERE id = :id",
        id=item_id,
        remote_id=remote_id,
        permalink=permalink,
    )


async def id_of(tx: Transaction, source_id: int, remote_id: str) -> int:
    """The id of an item by its remote one. Raises `NotFound`."""
    found = await tx.one(
        Number,
        "SELECT id AS n FROM item WHERE source_id = :source_id AND remote_id = :remote_id",
        source_id=source_id,
        remote_id=remote_id,
    )
    return found.n


async def author_of(tx: Transaction, item_id: int) -> int:
    """The id of the person who wrote an item. Raises `NotFound`."""
    return (
        await tx.one(
            Number,
            "SELECT a.person_id AS n FROM item i JOIN identity a ON a.id = i.author_id WHERE i.id = :id",
            id=item_id,
        )
    ).n


_NEW = Insertion(
    "item",
    (
        *("id", "source_id", "conversation_id", "remote_id", "parent_remote_id", "author_id", "kind", "status"),
        *("to_me", "mine", "asks", "title", "text", "raw_html", "permalink", "extra", "created_at", "edited_at"),
        "fetched_at",
    ),
    "ON CONFLICT (source_id, remote_id) DO NOTHING",
)


async def insert(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Store new items, each with its id; one that is there already is left alone."""
    await _NEW.of(tx, rows)


async def update(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Store what changed on the platform."""
    await tx.many(
        """
        UPDATE item SET conversation_id = :conversation_id, parent_remote_id = :parent_remote_id, status = :status,
            to_me = :to_me, asks = :asks, title = :title, text = :text, raw_html = :raw_html, extra = :extra, edited_at = :edited_at
        WHERE id = :id
        """,
        rows,
    )


async def set_status(tx: Transaction, item_id: int, status: str) -> None:
    """An item was moderated or has gone; its text stays."""
    await tx.run("UPDATE item SET status = :status WHERE id = :id", id=item_id, status=status)


async def answers(tx: Transaction, *, source_id: int, remote_id: str, item_id: int) -> None:
    """My item `remote_id` answers `item_id`, whatever parent the platform has given it."""
    await tx.run(
        """
        UPDATE item SET answers_item_id = :item_id, mine = 1
        WHERE source_id = :source_id AND remote_id = :remote_id
        """,
        source_id=source_id,
        remote_id=remote_id,
        item_id=item_id,
    )


async def address(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """To whom items of mine were said: each row is {id, to_id}, None for nobody."""
    await tx.many("UPDATE item SET to_id = :to_id WHERE id = :id", rows)


async def seen(tx: Transaction, ids: Iterable[int], *, now: int) -> None:
    """These items are still there: they were read again."""
    await tx.run(
        "UPDATE item SET fetched_at = :now WHERE id IN (SELECT value FROM json_each(:ids))",
        ids=json.dumps(list(ids)),
        now=now,
    )


async def insert_signals(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Store likes, boosts and follows; known ones are left alone."""
    await tx.many(
        """
        INSERT INTO signal (source_id, remote_id, identity_id, kind, item_remote_id, at)
        VALUES (:source_id, :remote_id, :identity_id, :kind, :item_remote_id, :at)
        ON CONFLICT (source_id, remote_id) DO NOTHING
        """,
        rows,
    )


def newest(reader: Reader) -> int:
    """The id of the newest item, 0 when there is none."""
    return reader.one(Number, "SELECT coalesce(max(id), 0) AS n FROM item").n


def arrived(reader: Reader, *, since: int) -> dict[int, int]:
    """How many items by others, not spam, have a higher id than `since`, by source id."""
    rows = reader.all(
        _Arrived,
        """
        SELECT source_id, count(*) AS n FROM item
        WHERE id > :since AND mine = 0 AND status IN ('published', 'pending') GROUP BY +source_id
        """,
        since=since,
    )
    return {row.source_id: row.n for row in rows}


class _Arrived(NamedTuple):
    source_id: int
    n: int


_FRESH = """
SELECT i.id, i.conversation_id, i.source_id, s.kind AS source_kind, s.name AS source_name, i.kind, i.status, i.to_me,
       i.title, i.text, i.permalink, c.title AS conversation_title, c.subject, c.subject_url, c.attention, a.person_id,
       a.handle, coalesce(nullif(p.name, ''), a.name) AS name, a.url, p.stage, i.created_at
FROM item i JOIN source s ON s.id = i.source_id JOIN conversation c ON c.id = i.conversation_id
JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
WHERE i.id > :since AND i.mine = 0 AND i.status IN ('published', 'pending') ORDER BY i.id
"""


async def fresh(tx: Transaction, *, since: int) -> list[FreshItem]:
    """The items by others, not spam, that have a higher id than `since`, in the order they came."""
    return await tx.all(FreshItem, _FRESH, since=since)


async def highest(tx: Transaction) -> int:
    """The id of the newest item, 0 when there is none."""
    return (await tx.one(Number, "SELECT coalesce(max(id), 0) AS n FROM item")).n
