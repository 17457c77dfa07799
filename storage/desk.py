"""The comment desk: what waits for moderation, or was put away by it, on my own sites."""

from collections.abc import Mapping

from storage.database import Reader
from storage.lines import DeskRow

_DESK = """
SELECT i.id, i.conversation_id, i.source_id, s.name AS source_name, i.status, substr(i.text, 1, 2000) AS text, c.subject,
       i.author_id, a.person_id, a.name, a.handle, a.url, i.created_at,
       (SELECT o.act FROM outbox o WHERE o.id = (SELECT max(q.id) FROM outbox q WHERE q.item_id = i.id
         AND q.act IN ('approve', 'hold', 'spam', 'trash') AND q.state IN ('queued', 'sending', 'uncertain')))
       AS pending_act
FROM item i INDEXED BY item_desk CROSS JOIN conversation c ON c.id = i.conversation_id CROSS JOIN source s ON s.id = i.source_id
JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
WHERE i.status IN ('pending', 'spam', 'trash') AND i.status = :status AND s.state <> 'removed'
"""


def listed(
    reader: Reader, *, status: str, where: str = "1", values: Mapping[str, object] | None = None, limit: int = 500
) -> list[DeskRow]:
    """Items of one moderation status, the newest first. `where` is a fixed fragment of `community.query`."""
    return reader.all(
        DeskRow,
        f"{_DESK} AND {where} ORDER BY i.created_at DESC, i.id DESC LIMIT :limit",
        status=status,
        limit=limit,
        **(values or {}),
    )
