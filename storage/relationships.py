"""How near people are and how often I want to be in touch: overdue people, tags with a cadence, the log of stages."""

from storage.database import Database, Reader, Transaction
from storage.rows import OverduePerson, StageChange, TagCadence

_OVERDUE = """
SELECT p.id, p.name, p.stage, p.last_contact_at, p.pace_s, p.pace_max_s,
       coalesce(p.last_contact_at, p.created_at) + p.pace_max_s AS overdue_at,
       coalesce((SELECT coalesce(nullif(c.subject, ''), c.title) FROM identity i
            JOIN item t ON t.id = (SELECT x.id FROM item x WHERE x.author_id = i.id AND x.kind <> 'article'
                                   ORDER BY x.created_at DESC, x.id DESC LIMIT 1)
            JOIN conversation c ON c.id = t.conversation_id
            WHERE i.person_id = p.id ORDER BY t.created_at DESC, t.id DESC LIMIT 1), '') AS topic
FROM person p
WHERE p.pace_max_s IS NOT NULL AND p.resting_at IS NULL AND p.merged_into IS NULL
  AND coalesce(p.last_contact_at, p.created_at) + p.pace_max_s <= :now
ORDER BY coalesce(p.last_contact_at, p.created_at) + p.pace_max_s, p.id LIMIT :limit
"""


def overdue(reader: Reader, *, now: int, limit: int = 100) -> list[OverduePerson]:
    """People I wanted to be in touch with by now, the longest overdue first; those who rest are left out."""
    return reader.all(OverduePerson, _OVERDUE, now=now, limit=limit)


_TAGS = """
SELECT c.tag, c.cadence_s, c.cadence_max_s,
       (SELECT count(*) FROM person_tag t WHERE t.tag = c.tag) AS people
FROM tag_cadence c
"""


def tag_cadences(reader: Reader) -> list[TagCadence]:
    """The tags that have a cadence, in alphabetical order."""
    return reader.all(TagCadence, f"{_TAGS} ORDER BY c.tag")


async def find_tag_cadence(db: Database | Transaction, tag: str) -> TagCadence | None:
    """The cadence of a tag; None when it has none."""
    rows = await db.all(TagCadence, f"{_TAGS} WHERE c.tag = :tag", tag=tag)
    return rows[0] if rows else None


def stage_changes(reader: Reader, person_id: int, *, limit: int = 50) -> list[StageChange]:
    """The steps of a person, the newest first."""
    return reader.all(
        StageChange,
        """
        SELECT id, person_id, before, after, why, at FROM stage_change
        WHERE person_id = :id ORDER BY at DESC, id DESC LIMIT :limit
        """,
        id=person_id,
        limit=limit,
    )
