"""How near people are and how often I want to be in touch: overdue people, tags with a cadence, the log of stages."""

import json
from collections.abc import Collection, Iterable, Mapping

from storage.database import Database, Reader, Transaction
from storage.lines import OverduePerson
from storage.people import PERSON
from storage.rows import Evidence, Number, Person, StageChange, TagCadence

_SINCE = "max(:since, coalesce(p.stage_at, 0), coalesce(p.stage_kept_at, 0))"
_EVIDENCE = f"""
SELECT p.id AS person_id, 'wrote' AS what, substr(a.network, 1, instr(a.network || ':', ':') - 1) AS detail,
       x.created_at AS at
FROM json_each(:ids) j JOIN person p ON p.id = j.value JOIN identity a ON a.person_id = p.id
JOIN item x ON x.id IN (SELECT i.id FROM item i WHERE i.author_id = a.id AND i.created_at > {_SINCE}
                        ORDER BY i.created_at DESC, i.id DESC LIMIT :limit)
WHERE a.is_me = 0 AND x.to_me = 1 AND x.kind <> 'article' AND x.status = 'published'
UNION ALL
SELECT p.id, 'answered', '', x.created_at
FROM json_each(:ids) j JOIN person p ON p.id = j.value JOIN identity a ON a.person_id = p.id
JOIN item x ON x.id IN (SELECT i.id FROM item i WHERE i.to_id = a.id AND i.created_at > {_SINCE}
                        ORDER BY i.created_at DESC, i.id DESC LIMIT :limit)
WHERE a.is_me = 0 AND x.status = 'published'
UNION ALL
SELECT p.id, t.kind, t.direction, t.at
FROM json_each(:ids) j JOIN person p ON p.id = j.value
JOIN touchpoint t ON t.id IN (SELECT x.id FROM touchpoint x WHERE x.person_id = p.id AND x.at > {_SINCE}
                              ORDER BY x.at DESC, x.id DESC LIMIT :limit)
"""
EVIDENCE_KEPT = 100
"""So many of the latest of each sort, for each handle of a person, are looked at."""


def evidence(reader: Reader, ids: Iterable[int], *, since: int) -> list[Evidence]:
    """What came after `since`, and after the last word on the stage, between me and each of these people."""
    return reader.all(Evidence, _EVIDENCE, ids=json.dumps(list(ids)), since=since, limit=EVIDENCE_KEPT)


async def find_evidence(db: Database | Transaction, ids: Iterable[int], *, since: int) -> list[Evidence]:
    """The same, as a transaction sees it."""
    return await db.all(Evidence, _EVIDENCE, ids=json.dumps(list(ids)), since=since, limit=EVIDENCE_KEPT)


async def suggest(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Write which nearer stage is suggested: each row is {id, suggested}, None for none."""
    await tx.many("UPDATE person SET suggested = :suggested WHERE id = :id AND suggested IS NOT :suggested", rows)


def suggested(reader: Reader, *, limit: int) -> list[Person]:
    """People for whom a step nearer was suggested, the latest contact first."""
    return reader.all(
        Person,
        f"""{PERSON} WHERE p.suggested IS NOT NULL AND p.last_contact_at IS NOT NULL AND p.merged_into IS NULL
        AND p.resting_at IS NULL ORDER BY p.last_contact_at DESC, p.id DESC LIMIT :limit""",
        limit=limit,
    )


def silent(reader: Reader, stage: str, *, before: int, limit: int) -> list[Person]:
    """People of a stage without contact since `before`, and without a word on their stage; the latest contact first."""
    return reader.all(
        Person,
        f"""{PERSON} WHERE p.stage = :stage AND p.last_contact_at IS NOT NULL AND p.last_contact_at < :before
        AND max(coalesce(p.stage_at, 0), coalesce(p.stage_kept_at, 0)) < :before
        AND p.merged_into IS NULL AND p.resting_at IS NULL
        ORDER BY p.last_contact_at DESC, p.id DESC LIMIT :limit""",
        stage=stage,
        before=before,
        limit=limit,
    )


async def lately_met(tx: Transaction, *, since: int, limit: int) -> list[int]:
    """The ids of people I was in contact with after `since`, the latest contact first."""
    rows = await tx.all(
        Number,
        """
        SELECT id AS n FROM person WHERE last_contact_at > :since AND merged_into IS NULL
        ORDER BY last_contact_at DESC, id DESC LIMIT :limit
        """,
        since=since,
        limit=limit,
    )
    return [row.n for row in rows]


def people_of(reader: Reader, ids: Collection[int]) -> list[Person]:
    """Those of these people that exist, in any order."""
    return reader.all(Person, f"{PERSON} WHERE p.id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(list(ids)))


async def find_people(db: Database | Transaction, ids: Collection[int]) -> list[Person]:
    """Those of these people that exist, in any order."""
    return await db.all(
        Person, f"{PERSON} WHERE p.id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(list(ids))
    )


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
  AND (coalesce(p.last_contact_at, p.created_at) + p.pace_max_s, p.id) > (:at, :after)
ORDER BY coalesce(p.last_contact_at, p.created_at) + p.pace_max_s, p.id LIMIT :limit
"""


def overdue(
    reader: Reader, *, now: int, after: tuple[int, int] = (-1 << 62, 0), limit: int = 100
) -> list[OverduePerson]:
    """People I wanted to be in touch with by now, the longest overdue first; those who rest are left out.

    `after` is the (overdue_at, id) of the last row of a page.
    """
    return reader.all(OverduePerson, _OVERDUE, now=now, at=after[0], after=after[1], limit=limit)


def count_overdue(reader: Reader, *, now: int, at_most: int) -> int:
    """How many there are, counted no further than `at_most`."""
    return reader.one(
        Number,
        """
        SELECT count(*) AS n FROM (
            SELECT 1 FROM person p WHERE p.pace_max_s IS NOT NULL AND p.resting_at IS NULL AND p.merged_into IS NULL
              AND coalesce(p.last_contact_at, p.created_at) + p.pace_max_s <= :now LIMIT :at_most)
        """,
        now=now,
        at_most=at_most,
    ).n


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
