"""Taking out words and names that a platform allows to be kept only for a while."""

import json
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.rows import Number


class _Kind(NamedTuple):
    kind: str


def kinds(reader: Reader) -> list[str]:
    """Every kind of source there is or was."""
    return [row.kind for row in reader.all(_Kind, "SELECT DISTINCT kind FROM source ORDER BY kind")]


async def old_words(db: Database | Transaction, kind: str, *, before: int, gone: str, limit: int) -> list[int]:
    """Items by others from sources of a kind that were seen there last before a time and still have their words."""
    rows = await db.all(
        Number,
        """
        SELECT i.id AS n FROM source s JOIN item i ON i.source_id = s.id
        WHERE s.kind = :kind AND i.mine = 0 AND i.fetched_at < :before AND i.text <> :gone LIMIT :limit
        """,
        kind=kind,
        before=before,
        gone=gone,
        limit=limit,
    )
    return [row.n for row in rows]


async def deleted_words(db: Database | Transaction, kind: str, *, gone: str, limit: int) -> list[int]:
    """Items by others from sources of a kind that were deleted there and still have their words."""
    rows = await db.all(
        Number,
        """
        SELECT i.id AS n FROM source s JOIN item i ON i.source_id = s.id
        WHERE s.kind = :kind AND i.mine = 0 AND i.status = 'deleted' AND i.text <> :gone LIMIT :limit
        """,
        kind=kind,
        gone=gone,
        limit=limit,
    )
    return [row.n for row in rows]


async def take_words(tx: Transaction, items: list[int], *, gone: str) -> None:
    """Take the words out of items, and out of the names of the conversations that begin with them."""
    ids = json.dumps(items)
    await tx.run(
        """
        UPDATE conversation SET title = :gone WHERE id IN (
            SELECT i.conversation_id FROM json_each(:ids) k JOIN item i ON i.id = k.value
            WHERE i.id = (SELECT f.id FROM item f WHERE f.conversation_id = i.conversation_id
                          ORDER BY f.created_at, f.id LIMIT 1))
        """,
        ids=ids,
        gone=gone,
    )
    await tx.run(
        """
        UPDATE item SET title = '', text = :gone, raw_html = NULL WHERE id IN (SELECT value FROM json_each(:ids))
        """,
        ids=ids,
        gone=gone,
    )


async def old_authors(db: Database | Transaction, kind: str, *, before: int, somebody: str, limit: int) -> list[int]:
    """Identities of a kind of network that were seen there last before a time and still have a name."""
    rows = await db.all(
        Number,
        """
        SELECT i.id AS n FROM identity i
        WHERE i.is_me = 0 AND (i.network = :kind OR substr(i.network, 1, length(:kind) + 1) = :kind || ':')
          AND i.created_at < :before AND (i.name <> :somebody OR i.handle <> '')
          AND NOT EXISTS (SELECT 1 FROM item t WHERE t.author_id = i.id AND t.fetched_at >= :before)
        LIMIT :limit
        """,
        kind=kind,
        before=before,
        somebody=somebody,
        limit=limit,
    )
    return [row.n for row in rows]


async def take_authors(tx: Transaction, identities: list[int], *, somebody: str) -> None:
    """Take names, handles and addresses out of identities; a person is called by another handle, else by nobody's name.

    A name the user gave stays: it is the user's own word.
    """
    ids = json.dumps(identities)
    await tx.run(
        """
        DELETE FROM journal WHERE id IN (
            SELECT j.id FROM identity i JOIN journal j ON instr(j.label, i.name) > 0
            WHERE i.id IN (SELECT value FROM json_each(:ids)))
        """,
        ids=ids,
    )
    await tx.run(
        """
        UPDATE person SET name = coalesce((
            SELECT o.name FROM identity o
            WHERE o.person_id = person.id AND o.id NOT IN (SELECT value FROM json_each(:ids)) ORDER BY o.id LIMIT 1
        ), :somebody)
        WHERE id IN (SELECT i.person_id FROM identity i WHERE i.id IN (SELECT value FROM json_each(:ids)))
          AND name IN (SELECT i.name FROM identity i WHERE i.id IN (SELECT value FROM json_each(:ids)))
        """,
        ids=ids,
        somebody=somebody,
    )
    await tx.run(
        """
        UPDATE identity SET handle = '', name = :somebody, url = NULL, email_hash = NULL, links = '[]'
        WHERE id IN (SELECT value FROM json_each(:ids))
        """,
        ids=ids,
        somebody=somebody,
    )
    await tx.run("UPDATE item SET extra = '{}' WHERE author_id IN (SELECT value FROM json_each(:ids))", ids=ids)
