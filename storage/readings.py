"""Views of the community: each one query over the bonds, in an order of its own, by pages."""

import json
from typing import Final, NamedTuple

from storage import relationships
from storage.database import Reader
from storage.rows import Number

FIRST_DAYS: Final = 90
REGULAR_DAYS: Final = 6
NEAREST: Final = 40
PAIRS: Final = 10
_DAY_S: Final = 86_400


class Bond(NamedTuple):
    """Why somebody is in a view. `code` says which part of the rule holds, `at` since when, `text` quotes.

    `code` and `at` with `person_id` are where the next page begins.
    """

    person_id: int
    code: int
    at: int
    words: int
    days: int
    habit_s: int | None
    first_at: int | None
    last_at: int | None
    seen_at: int | None
    signals: int
    received: int
    text: str
    place: str
    other_id: int | None
    other_name: str


Key = tuple[int, int, int]
"""The (code, at, person_id) of the last row of a page."""

_BOND = """
SELECT b.person_id, {code} AS code, {at} AS at, b.words, b.days, b.habit_s, b.first_at, b.last_at, b.seen_at,
       b.signals, b.received, {text} AS text, {place} AS place, NULL AS other_id, '' AS other_name
FROM derived_bond b CROSS JOIN person p ON p.id = b.person_id AND p.resting_at IS NULL
"""
_SAID = "coalesce((SELECT substr(i.text, 1, 200) FROM item i WHERE i.id = b.{item}), '')"
_PLACE = "coalesce((SELECT s.name FROM item i JOIN source s ON s.id = i.source_id WHERE i.id = b.{item}), '')"

_QUIET = (
    _BOND.format(
        code="b.quiet",
        at="b.quiet_at",
        text=_SAID.format(item="asked_item_id"),
        place=_PLACE.format(item="asked_item_id"),
    )
    + """
WHERE b.quiet > 0 AND b.quiet_at <= :now
  AND (b.quiet > :code OR (b.quiet = :code AND (b.quiet_at, b.person_id) < (:at, :id)))
ORDER BY b.quiet, b.quiet_at DESC, b.person_id DESC LIMIT :limit
"""
)
_FIRST = (
    _BOND.format(
        code="b.days > 1",
        at="b.first_at",
        text=_SAID.format(item="first_item_id"),
        place=_PLACE.format(item="first_item_id"),
    )
    + """
WHERE b.first_at IS NOT NULL AND b.first_at >= :since AND (b.first_at, b.person_id) < (:at, :id)
ORDER BY b.first_at DESC, b.person_id DESC LIMIT :limit
"""
)
_MISSING = (
    _BOND.format(code="p.stage NOT IN ('regular', 'friend', 'ally')", at="b.missing_at", text="''", place="''")
    + """
WHERE b.missing_at IS NOT NULL AND b.missing_at <= :now AND (b.missing_at, b.person_id) < (:at, :id)
  AND (p.stage IN ('regular', 'friend', 'ally') OR b.days >= :regular_days)
ORDER BY b.missing_at DESC, b.person_id DESC LIMIT :limit
"""
)
_GAVE = (
    _BOND.format(
        code="b.gave",
        at="b.seen_at",
        text="coalesce((SELECT t.text FROM touchpoint t WHERE t.id = b.gift_id), '')",
        place="coalesce((SELECT t.kind FROM touchpoint t WHERE t.id = b.gift_id), '')",
    )
    + """
WHERE b.gave > 0 AND (b.gave > :code OR (b.gave = :code AND (b.seen_at, b.person_id) < (:at, :id)))
ORDER BY b.gave, b.seen_at DESC, b.person_id DESC LIMIT :limit
"""
)
_TOP: Key = (0, 1 << 62, 1 << 62)


def overdue(reader: Reader, *, now: int, before: Key | None = None, limit: int = 100) -> list[Bond]:
    """Who is overdue, the longest first. `text` is what they wrote about last; `habit_s` the longest I meant to wait."""
    after = (before[1], before[2]) if before else (-1 << 62, 0)
    return [
        Bond(
            row.id,
            0,
            row.overdue_at,
            0,
            0,
            row.pace_max_s,
            None,
            row.last_contact_at,
            None,
            0,
            0,
            row.topic,
            "",
            None,
            "",
        )
        for row in relationships.overdue(reader, now=now, after=after, limit=limit)
    ]


def quiet(reader: Reader, *, now: int, before: Key | None = None, limit: int = 100) -> list[Bond]:
    """Who has gone quiet, those whose question I left open first, then who broke a habit, then natural ends.

    Within each the latest to go quiet come first; who rests is left out.
    """
    code, at, last = before or _TOP
    return reader.all(Bond, _QUIET, now=now, code=code, at=at, id=last, limit=limit)


def first(reader: Reader, *, now: int, before: Key | None = None, limit: int = 100) -> list[Bond]:
    """Whose first words ever, on any platform, are at most ninety days old; the latest first. `code` 1: came back."""
    _, at, last = before or _TOP
    return reader.all(Bond, _FIRST, since=now - FIRST_DAYS * _DAY_S, at=at, id=last, limit=limit)


def missing(reader: Reader, *, now: int, before: Key | None = None, limit: int = 100) -> list[Bond]:
    """Regulars, friends and allies, and who wrote on six days, who are not seen any more; the latest to go first.

    `code` 1: a regular by habit alone.
    """
    _, at, last = before or _TOP
    return reader.all(Bond, _MISSING, now=now, at=at, id=last, regular_days=REGULAR_DAYS, limit=limit)


def gave(reader: Reader, *, now: int, before: Key | None = None, limit: int = 100) -> list[Bond]:
    """Who gave and got nothing back: gifts without thanks first, then who only ever wrote or liked; the latest first."""
    code, at, last = before or _TOP
    return reader.all(Bond, _GAVE, code=code, at=at, id=last, limit=limit)


_NEAR = """
SELECT * FROM (
    SELECT p.id, p.name, {rank} AS nearness, p.last_contact_at AS at FROM person p
    WHERE p.stage = '{stage}' AND p.last_contact_at IS NOT NULL AND p.merged_into IS NULL AND p.resting_at IS NULL
      AND EXISTS (SELECT 1 FROM derived_topic t WHERE t.person_id = p.id)
    ORDER BY p.last_contact_at DESC, p.id DESC LIMIT :nearest)
"""
_MINE = f"""
SELECT m.id, m.name, m.at, coalesce(b.words, 0) AS words FROM (
    {_NEAR.format(stage="ally", rank=0)} UNION ALL {_NEAR.format(stage="friend", rank=1)}
    UNION ALL {_NEAR.format(stage="regular", rank=2)}) m
LEFT JOIN derived_bond b ON b.person_id = m.id
ORDER BY m.nearness, m.at DESC, m.id DESC LIMIT :nearest
"""
_TOPICS = """
SELECT t.person_id, t.tag FROM json_each(:ids) e CROSS JOIN derived_topic t ON t.person_id = e.value ORDER BY t.tag
"""
_WORDS = "{i}.kind <> 'article' AND {i}.mine = 0 AND {i}.status = 'published'"
_MET = f"""
SELECT EXISTS (
    SELECT 1 FROM identity x CROSS JOIN item i INDEXED BY item_words ON i.author_id = x.id AND {_WORDS.format(i="i")}
    CROSS JOIN identity y ON y.person_id = :other
    CROSS JOIN item j INDEXED BY item_words ON j.author_id = y.id AND j.conversation_id = i.conversation_id
        AND {_WORDS.format(i="j")}
    WHERE x.person_id = :one
) OR EXISTS (
    SELECT 1 FROM touchpoint t WHERE t.person_id = :one AND t.kind = 'introduction'
      AND instr(lower(t.text), lower(coalesce((SELECT nullif(name, '') FROM person WHERE id = :other), char(0)))) > 0
) OR EXISTS (
    SELECT 1 FROM touchpoint t WHERE t.person_id = :other AND t.kind = 'introduction'
      AND instr(lower(t.text), lower(coalesce((SELECT nullif(name, '') FROM person WHERE id = :one), char(0)))) > 0
) AS n
"""


class _Mine(NamedTuple):
    id: int
    name: str
    at: int
    words: int


class _Topic(NamedTuple):
    person_id: int
    tag: str


def unmet(reader: Reader, *, now: int, before: Key | None = None, limit: int = 30) -> list[Bond]:
    """Pairs of my people who share a topic and never met, the nearest pairs first: one page, at most ten of them.

    My people are allies, friends and regulars who do not rest; looked at are the forty nearest who have a topic, which
    is a tag of theirs or of a conversation they wrote in. Two have met when both wrote in one conversation, or when an
    introduction logged with one of them names the other.
    """
    if before is not None:
        return []
    mine = reader.all(_Mine, _MINE, nearest=NEAREST)
    topics: dict[int, list[str]] = {each.id: [] for each in mine}
    for row in reader.all(_Topic, _TOPICS, ids=json.dumps(list(topics))):
        topics[row.person_id].append(row.tag)
    sets = {each: set(tags) for each, tags in topics.items()}
    places = range(len(mine))
    pairs = sorted(((a, b) for a in places for b in places[a + 1 :]), key=lambda pair: (sum(pair), pair[0]))
    found: list[Bond] = []
    for one, other in ((mine[a], mine[b]) for a, b in pairs):
        if len(found) == min(limit, PAIRS):
            break
        if sets[one.id].isdisjoint(sets[other.id]) or _have_met(reader, one, other):
            continue
        shared = " ".join(tag for tag in topics[one.id] if tag in sets[other.id])
        found.append(
            Bond(one.id, 0, one.at, one.words, 0, None, None, None, None, 0, 0, shared, "", other.id, other.name)
        )
    return found


def _have_met(reader: Reader, one: _Mine, other: _Mine) -> bool:
    """Whether both wrote in one conversation or were introduced. The one with fewer words is followed."""
    few, many = (one, other) if one.words <= other.words else (other, one)
    return bool(reader.one(Number, _MET, one=few.id, other=many.id).n)
