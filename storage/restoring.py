"""What a restore asks of a copy of a workspace and changes in it, before anybody opens it."""

import sqlite3

Place = tuple[object, object]
"""The kind of a source and its address."""

_CALM = """
UPDATE outbox SET state = 'uncertain', owner = NULL, error = :sentence WHERE state IN ('queued', 'sending')
"""
_ROOT = """
UPDATE identity SET person_id = (
    WITH RECURSIVE up (id, merged_into, depth) AS (
        SELECT id, merged_into, 0 FROM person WHERE id = identity.person_id
        UNION ALL
        SELECT p.id, p.merged_into, depth + 1 FROM up JOIN person p ON p.id = up.merged_into WHERE depth < 100
    ) SELECT id FROM up ORDER BY depth DESC LIMIT 1)
WHERE person_id IN (SELECT id FROM person WHERE merged_into IS NOT NULL)
"""


def calm(connection: sqlite3.Connection, sentence: str, *, looks: int) -> int:
    """Make everything that is on its way uncertain, and every uncertain row so often looked at; how many were."""
    changed = connection.execute(_CALM, {"sentence": sentence}).rowcount
    connection.execute("UPDATE outbox SET looks = :looks WHERE state = 'uncertain'", {"looks": looks})
    return changed


def rest(connection: sqlite3.Connection) -> None:
    """No source is being read."""
    connection.execute("UPDATE source SET syncing_at = NULL")


def uncertain(connection: sqlite3.Connection) -> int:
    """How many rows of the outbox are uncertain."""
    return int(connection.execute("SELECT count(*) FROM outbox WHERE state = 'uncertain'").fetchone()[0])


def places(connection: sqlite3.Connection) -> dict[int, Place]:
    """Where each source is, by its id."""
    found = connection.execute("SELECT id, kind, address FROM source")
    return {source_id: (kind, address) for source_id, kind, address in found}


def others(connection: sqlite3.Connection) -> list[tuple[str, str, int]]:
    """The network, key and person of every identity that is not mine."""
    return connection.execute("SELECT network, key, person_id FROM identity WHERE is_me = 0").fetchall()


def newest_item(connection: sqlite3.Connection) -> int:
    """The highest id of an item, 0 when there is none."""
    return int(connection.execute("SELECT coalesce(max(id), 0) FROM item").fetchone()[0])


def written_in(connection: sqlite3.Connection, identity_id: int) -> set[int]:
    """The conversations an identity has written in."""
    theirs = "SELECT DISTINCT conversation_id FROM item WHERE author_id = ?"
    return {room for (room,) in connection.execute(theirs, (identity_id,))}


def follow_merges(connection: sqlite3.Connection) -> None:
    """Give every identity of somebody who was joined with others to the person they are all joined into."""
    connection.execute(_ROOT)
