"""Somebody is forgotten: what there is of them, who is hidden, and taking the last of it out of the file."""

import json
from collections.abc import Collection, Iterable
from typing import NamedTuple

from storage.database import Reader, Transaction
from storage.rows import Number


class Theirs(NamedTuple):
    """Everything of a person by its ids. `people` are they and whoever was merged into them, they first."""

    people: tuple[int, ...]
    identities: tuple[int, ...]
    items: tuple[int, ...]
    signals: tuple[int, ...]
    conversations: tuple[int, ...]
    """Those they wrote in."""
    begun: tuple[int, ...]
    """Those that are called by their words."""


class Author(NamedTuple):
    """Who an identity is for good."""

    network: str
    key: str


class Hidden(NamedTuple):
    """Somebody who is hidden and not yet forgotten for good."""

    id: int
    forgotten_at: int


_FAMILY = """
WITH RECURSIVE family (id, depth) AS (
    SELECT :id, 0 UNION
    SELECT p.id, family.depth + 1 FROM family JOIN person p ON p.merged_into = family.id WHERE family.depth < 100
)
SELECT DISTINCT id AS n FROM family ORDER BY id <> :id, id
"""


async def theirs(tx: Transaction, person_id: int) -> Theirs:
    """Everything of a person."""
    people = await _ids(tx, _FAMILY, id=person_id)
    identities = await _ids(
        tx, "SELECT id AS n FROM identity WHERE person_id IN (SELECT value FROM json_each(:ids)) ORDER BY id",
        ids=json.dumps(people),
    )  # fmt: skip
    mine = json.dumps(identities)
    rooms = await _ids(
        tx,
        """
        SELECT DISTINCT conversation_id AS n FROM item
        WHERE author_id IN (SELECT value FROM json_each(:ids)) ORDER BY conversation_id
        """,
        ids=mine,
    )
    return Theirs(
        people,
        identities,
        await _ids(
            tx,
            "SELECT id AS n FROM item WHERE author_id IN (SELECT value FROM json_each(:ids)) AND mine = 0 ORDER BY id",
            ids=mine,
        ),
        await _ids(
            tx,
            "SELECT id AS n FROM signal WHERE identity_id IN (SELECT value FROM json_each(:ids)) ORDER BY id",
            ids=mine,
        ),
        rooms,
        await begun(tx, rooms, identities),
    )


async def begun(tx: Transaction, conversations: Collection[int], identities: Collection[int]) -> tuple[int, ...]:
    """Which of these conversations begin with words of these identities."""
    return await _ids(
        tx,
        """
        SELECT k.value AS n FROM json_each(:rooms) k
        WHERE (SELECT i.author_id FROM item i WHERE i.conversation_id = k.value ORDER BY i.created_at, i.id LIMIT 1)
              IN (SELECT value FROM json_each(:ids))
        """,
        rooms=json.dumps(list(conversations)),
        ids=json.dumps(list(identities)),
    )


async def _ids(tx: Transaction, sql: str, **values: object) -> tuple[int, ...]:
    return tuple(row.n for row in await tx.all(Number, sql, **values))


async def anybody(tx: Transaction) -> bool:
    """Whether anybody at all is hidden or forgotten."""
    found = await tx.one(
        Number,
        """
        SELECT EXISTS (SELECT 1 FROM forgotten) OR EXISTS (SELECT 1 FROM person WHERE forgotten_at > 0) AS n
        """,
    )
    return bool(found.n)


class _Digest(NamedTuple):
    digest: str


async def known(tx: Transaction, digests: Iterable[str]) -> set[str]:
    """Which of these are of somebody who was forgotten for good."""
    rows = await tx.all(
        _Digest,
        "SELECT digest FROM forgotten WHERE digest IN (SELECT value FROM json_each(:digests))",
        digests=json.dumps(list(digests)),
    )
    return {row.digest for row in rows}


async def hidden_among(tx: Transaction, authors: Iterable[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Whose of these (network, key) identities are hidden, with their person."""
    rows = await tx.all(
        _Owned,
        """
        SELECT i.network, i.key, p.id AS person_id FROM json_each(:keys) k
        JOIN identity i ON i.network = json_extract(k.value, '$[0]') AND i.key = json_extract(k.value, '$[1]')
        JOIN person p ON p.id = i.person_id WHERE p.forgotten_at > 0
        """,
        keys=json.dumps(list(authors)),
    )
    return {(row.network, row.key): row.person_id for row in rows}


class _Owned(NamedTuple):
    network: str
    key: str
    person_id: int


def hidden(reader: Reader) -> list[Hidden]:
    """Who is hidden and waits for the user's last word, the latest first."""
    return reader.all(
        Hidden,
        """
        SELECT id, forgotten_at FROM person WHERE forgotten_at > 0 AND merged_into IS NULL
        ORDER BY forgotten_at DESC, id DESC
        """,
    )


async def authors(tx: Transaction, identities: Iterable[int]) -> list[Author]:
    """Network and key of these identities."""
    return await tx.all(
        Author,
        "SELECT network, key FROM identity WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id",
        ids=json.dumps(list(identities)),
    )


async def on_their_way(tx: Transaction, items: Iterable[int]) -> int:
    """How many replies and acts about these items are neither settled nor a draft."""
    found = await tx.one(
        Number,
        """
        SELECT count(*) AS n FROM outbox WHERE item_id IN (SELECT value FROM json_each(:ids))
        AND state IN ('queued', 'sending', 'uncertain', 'failed', 'by hand')
        """,
        ids=json.dumps(list(items)),
    )
    return found.n


async def entomb(tx: Transaction, digests: Iterable[str], *, now: int) -> None:
    """Remember by keyed hashes who is never to come back."""
    await tx.many(
        "INSERT OR IGNORE INTO forgotten (digest, at) VALUES (:digest, :at)",
        [{"digest": digest, "at": now} for digest in digests],
    )


_ERASE = (
    # What others' replies and mine hang under gets a name that says nothing.
    """
    UPDATE item SET parent_remote_id = 'forgotten:' || (
        SELECT t.id FROM item t WHERE t.source_id = item.source_id AND t.remote_id = item.parent_remote_id)
    WHERE id IN (SELECT m.id FROM json_each(:items) k JOIN item t ON t.id = k.value
                 JOIN item m ON m.conversation_id = t.conversation_id AND m.parent_remote_id = t.remote_id
                      AND m.source_id = t.source_id)
    """,
    """
    UPDATE conversation SET thread = 'forgotten:' || id, subject = CASE WHEN id IN (SELECT value FROM json_each(:begun))
        THEN '' ELSE subject END, subject_url = CASE WHEN id IN (SELECT value FROM json_each(:begun)) THEN NULL
        ELSE subject_url END
    WHERE id IN (SELECT value FROM json_each(:begun))
       OR id IN (SELECT c.id FROM json_each(:items) k JOIN item t ON t.id = k.value
                 JOIN conversation c ON c.id = t.conversation_id AND c.thread = t.remote_id)
    """,
    """
    UPDATE item SET remote_id = 'forgotten:' || id, raw_html = NULL, extra = '{}', permalink = NULL
    WHERE id IN (SELECT value FROM json_each(:items))
    """,
    """
    UPDATE item SET extra = '{}', raw_html = NULL
    WHERE mine = 1 AND (to_id IN (SELECT value FROM json_each(:identities))
                        OR answers_item_id IN (SELECT value FROM json_each(:items)))
    """,
    """
    UPDATE outbox SET body = NULL, error = '', note = '', asides = '',
        state = CASE state WHEN 'draft' THEN 'cancelled' ELSE state END, settled_at = coalesce(settled_at, :now)
    WHERE item_id IN (SELECT value FROM json_each(:items))
    """,
    "UPDATE identity SET key = 'forgotten:' || id WHERE id IN (SELECT value FROM json_each(:identities))",
    """
    DELETE FROM verdict WHERE one_id IN (SELECT value FROM json_each(:identities))
        OR other_id IN (SELECT value FROM json_each(:identities))
    """,
    """
    DELETE FROM merging WHERE kept_id IN (SELECT value FROM json_each(:people))
        OR other_id IN (SELECT value FROM json_each(:people))
    """,
    # Their own feed, and one that only they write in, is theirs, too.
    """
    UPDATE source SET name = 'forgotten', address = 'forgotten:' || id, cursor = NULL, options = '{}', state = 'removed',
        health_text = '', person_id = NULL
    WHERE person_id IN (SELECT value FROM json_each(:people)) OR is_mine = 0 AND account = '' AND me = ''
      AND id IN (SELECT source_id FROM item WHERE id IN (SELECT value FROM json_each(:items)))
      AND NOT EXISTS (SELECT 1 FROM item o WHERE o.source_id = source.id
                      AND o.author_id NOT IN (SELECT value FROM json_each(:identities)))
    """,
    """
    DELETE FROM conversation_tag WHERE conversation_id IN (SELECT value FROM json_each(:alone))
    """,
    "DELETE FROM item WHERE conversation_id IN (SELECT value FROM json_each(:alone))",
    "DELETE FROM conversation WHERE id IN (SELECT value FROM json_each(:alone))",
    "UPDATE person SET forgotten_at = 0, created_at = 0 WHERE id IN (SELECT value FROM json_each(:people))",
)


async def erase(tx: Transaction, found: Theirs, *, now: int) -> None:
    """Take the last of a hidden person out of every row; what I said myself stays, and what others said.

    Conversations in which only they spoke, and that nothing of mine hangs on, go as a whole.
    """
    alone = await _ids(
        tx,
        """
        SELECT k.value AS n FROM json_each(:rooms) k
        WHERE NOT EXISTS (SELECT 1 FROM item i WHERE i.conversation_id = k.value
                          AND (i.mine = 1 OR i.author_id NOT IN (SELECT value FROM json_each(:identities))))
          AND NOT EXISTS (SELECT 1 FROM outbox o WHERE o.conversation_id = k.value)
          AND NOT EXISTS (SELECT 1 FROM promise v WHERE v.conversation_id = k.value)
          AND NOT EXISTS (SELECT 1 FROM touchpoint t WHERE t.conversation_id = k.value)
          AND NOT EXISTS (SELECT 1 FROM outcome u WHERE u.conversation_id = k.value)
        """,
        rooms=json.dumps(found.conversations),
        identities=json.dumps(found.identities),
    )
    values = {
        "items": json.dumps(found.items),
        "identities": json.dumps(found.identities),
        "people": json.dumps(found.people),
        "begun": json.dumps(found.begun),
        "alone": json.dumps(alone),
        "now": now,
    }
    for statement in _ERASE:
        await tx.run(statement, **{name: value for name, value in values.items() if f":{name}" in statement})
