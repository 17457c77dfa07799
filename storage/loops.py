"""What is open between people and me: promises, what I wait for, and who waits for me."""

from storage.database import Reader, Transaction
from storage.lines import Loop
from storage.rows import Number

_PROMISES = """
SELECT 'promise' AS what, v.id, v.person_id, p.name AS person_name, v.text, v.created_at AS since, v.due_at,
       v.conversation_id, '' AS source_name
FROM promise v JOIN person p ON p.id = v.person_id WHERE v.kept_at IS NULL
"""
_LED = """
       c.id, i.person_id, coalesce(nullif(p.name, ''), i.name, '') AS person_name, c.title AS text,
"""
_FROM = """
       c.id AS conversation_id, s.name AS source_name
FROM {conversations} c JOIN source s ON s.id = c.source_id
LEFT JOIN identity i ON i.id = c.lead_id LEFT JOIN person p ON p.id = i.person_id
"""
_ASKED = f"""
SELECT 'asked' AS what, {_LED} coalesce(c.last_outgoing_at, c.last_item_at) AS since, c.remind_at AS due_at, {_FROM}
WHERE c.remind_at IS NOT NULL AND c.attention NOT IN ('done', 'muted', 'resting')
""".replace("{conversations}", "conversation")
_WAITS = f"""
SELECT 'waits' AS what, {_LED} coalesce(c.waiting_since, c.last_item_at) AS since,
       coalesce(c.waiting_since, c.last_item_at) AS due_at, {_FROM}
WHERE c.attention = 'waiting' AND c.remind_at IS NULL
""".replace("{conversations}", "conversation")
_OF_ONE = _WAITS.replace("c.attention", "+c.attention")
"""From the few of one person, not from all that wait."""
_HEAVIEST = _WAITS.replace("conversation c", "conversation c INDEXED BY conversation_rank")


def promises(reader: Reader, *, person_id: int | None = None, limit: int = 500) -> list[Loop]:
    """Open promises, to one person or to all: those due first, then those without a date, the oldest first."""
    if person_id is not None:
        return reader.all(
            Loop,
            f"{_PROMISES} AND v.person_id = :id ORDER BY v.due_at IS NULL, v.due_at, v.id LIMIT :limit",
            id=person_id,
            limit=limit,
        )
    dated = reader.all(Loop, f"{_PROMISES} AND v.due_at IS NOT NULL ORDER BY v.due_at, v.id LIMIT :limit", limit=limit)
    left = limit - len(dated)
    return dated + reader.all(Loop, f"{_PROMISES} AND v.due_at IS NULL ORDER BY v.id LIMIT :limit", limit=left)


def asked(reader: Reader, *, person_id: int | None = None, limit: int = 500) -> list[Loop]:
    """Conversations in which I wait for an answer by a time, of one person or of all: the earliest first."""
    if person_id is not None:
        return reader.all(
            Loop,
            f"""{_ASKED} AND c.id IN (
                SELECT x.id FROM identity a CROSS JOIN conversation x INDEXED BY conversation_lead_remind
                ON x.lead_id = a.id AND x.remind_at IS NOT NULL WHERE a.person_id = :id)
            ORDER BY +c.remind_at, c.id LIMIT :limit""",
            id=person_id,
            limit=limit,
        )
    return reader.all(Loop, f"{_ASKED} ORDER BY c.remind_at, c.id LIMIT :limit", limit=limit)


def waiting(reader: Reader, *, person_id: int | None = None, after: int | None = None, limit: int = 500) -> list[Loop]:
    """Conversations that wait for me, of one person or of all, the heaviest first.

    `after` is the id of the last conversation of a page: the next page goes on behind it.
    """
    if person_id is not None:
        return reader.all(
            Loop,
            f"""{_OF_ONE} AND c.id IN (
                SELECT x.id FROM identity a CROSS JOIN conversation x INDEXED BY conversation_lead_rank
                ON x.lead_id = a.id AND x.attention = 'waiting' WHERE a.person_id = :id)
            ORDER BY +c.rank DESC, c.id DESC LIMIT :limit""",
            id=person_id,
            limit=limit,
        )
    if after is not None:
        return reader.all(
            Loop,
            f"""{_HEAVIEST} AND (c.rank, c.id) < (SELECT rank, id FROM conversation WHERE id = :after)
            ORDER BY c.rank DESC, c.id DESC LIMIT :limit""",
            after=after,
            limit=limit,
        )
    return reader.all(Loop, f"{_HEAVIEST} ORDER BY c.rank DESC, c.id DESC LIMIT :limit", limit=limit)


def promised_to(reader: Reader, promise_id: int) -> int:
    """The id of the person a promise was made to. Raises `NotFound`."""
    return reader.one(Number, "SELECT person_id AS n FROM promise WHERE id = :id", id=promise_id).n


async def answered(tx: Transaction, item_id: int) -> int | None:
    """The id of the person a reply to this item is said to: its author, else who leads the conversation; not me."""
    rows = await tx.all(
        Number,
        """
        SELECT a.person_id AS n FROM item i JOIN conversation c ON c.id = i.conversation_id
        JOIN identity a ON a.id IN (i.author_id, c.lead_id) AND a.is_me = 0
        WHERE i.id = :id ORDER BY a.id <> i.author_id LIMIT 1
        """,
        id=item_id,
    )
    return rows[0].n if rows else None
