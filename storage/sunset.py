"""Who is known from a source, for the day it goes."""

from typing import NamedTuple

from storage.database import Database

_PEOPLE = """
SELECT p.id, p.name, p.stage, p.last_contact_at, w.item_id, w.kind,
       (SELECT json_group_array(json_array(i.network, i.handle, coalesce(i.url, ''))) FROM (
           SELECT network, handle, url FROM identity WHERE person_id = p.id ORDER BY id) i) AS handles,
       coalesce((SELECT group_concat(DISTINCT i.network) FROM identity i JOIN item t ON t.author_id = i.id
           WHERE i.person_id = p.id AND t.source_id = :id), '') AS here,
       (SELECT o.id FROM outbox o WHERE o.item_id = w.item_id AND o.act = 'reply' AND o.state = 'draft') AS draft_id
FROM (
    SELECT a.person_id, i.id AS item_id, i.kind, max(i.created_at) AS at FROM item i JOIN identity a ON a.id = i.author_id
    WHERE i.source_id = :id AND i.mine = 0 AND i.status = 'published' AND a.is_me = 0 GROUP BY a.person_id
) w JOIN person p ON p.id = w.person_id
WHERE p.merged_into IS NULL AND p.forgotten_at IS NULL
ORDER BY p.last_contact_at DESC, p.id DESC
"""


class FromHere(NamedTuple):
    """Somebody who wrote in a source: their last item there, every handle, the networks they are on there."""

    id: int
    name: str
    stage: str
    last_contact_at: int | None
    item_id: int
    kind: str
    handles: str
    here: str
    draft_id: int | None


async def people(db: Database, source_id: int) -> list[FromHere]:
    """Everybody who ever wrote in a source, the latest contact first."""
    return await db.all(FromHere, _PEOPLE, id=source_id)
