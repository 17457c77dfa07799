"""Conversations by what was said in them: the hits of the search of items, and where they were said.

Few hits are a set like any other. Of many, nobody waits for all: a list walks them from the newest to the oldest, a
page at a time, and each conversation stands where its newest hit is. Finding out whether one item is a hit costs as
much as walking a hundred, so items are asked about by ranges of their ids.
"""

import json
from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from storage.database import Reader
from storage.rows import Number
from storage.which import Among, Which, joined, standing

_RARE: Final = 400
"""So few hits are sorted with everything else."""
_GAP: Final = 200
"""Items so near to each other are asked about at once."""
_LOOKED_AT: Final = 2000
"""So many hits are walked at the most before an empty page is given: the next one goes on from there."""
_CHUNK, _MOST = 200, 600
"""So many hits are looked at together at first, and then up to so many."""
_AT_ONCE: Final = 40
"""So many conversations are looked through together."""
_HITS = """
SELECT f.conversation_id AS id FROM (SELECT rowid FROM item_fts WHERE item_fts MATCH :match) h
CROSS JOIN item f ON f.id = h.rowid
"""


def led(leads: str) -> Among:
    """The conversations that these identities lead."""
    ids = f"SELECT k.id FROM ({leads}) l CROSS JOIN conversation k INDEXED BY conversation_lead ON k.lead_id = l.id"
    return Among(f"c.lead_id IN ({leads})", ids, leads=leads)


def named(reader: Reader, which: Which) -> Which:
    """The same with those who are called so looked up, up to three thousand of their handles, some of them twice."""
    sql = f"SELECT json_group_array(id) AS ids FROM (SELECT id FROM ({which.leads}) LIMIT 3000)"
    values = {**which.values, "called": reader.one(_Called, sql, **which.values).ids}
    return which._replace(leads="SELECT value AS id FROM json_each(:called)", values=values)


class _Called(NamedTuple):
    ids: str


def is_rare(reader: Reader, which: Which) -> bool:
    """Whether there are few hits."""
    sql = f"SELECT count(*) AS n FROM (SELECT 1 FROM item_fts WHERE item_fts MATCH :match LIMIT {_RARE + 1})"
    return reader.one(Number, sql, match=which.match).n <= _RARE


def within(which: Which) -> Which:
    """The same with the words as a set of conversations: those of the hits, and those led by who is called so."""
    names = led(which.leads)
    words = Among(f"(c.id IN ({_HITS}) OR {names.where})", f"{_HITS} UNION ALL {names.ids}")
    values = {**which.values, "match": which.match}
    return which._replace(among=(words, *which.among), values=values, match="", leads="")


def is_led(reader: Reader, which: Which, conversation_id: int) -> bool:
    """Whether who leads this conversation is called so."""
    sql = f"SELECT count(*) AS n FROM conversation c WHERE c.id = :id AND c.lead_id IN ({which.leads})"
    return reader.one(Number, sql, **which.values, id=conversation_id).n > 0


def count(reader: Reader, which: Which, *, at_most: int) -> int:
    """How many conversations are meant, where there are many hits; counted no further than `at_most`."""
    where, stand_so = _others(which), standing(which.standings).replace("c.", "k.")
    names = led(f"SELECT DISTINCT id FROM ({which.leads})")
    sql = f"""
        SELECT count(*) AS n FROM (
            SELECT 1 FROM (SELECT DISTINCT id FROM ({names.ids} AND {stand_so} UNION ALL {_HITS})) found
            CROSS JOIN conversation c ON c.id = found.id {joined(where)} WHERE {where} LIMIT :at_most)
    """
    return reader.one(Number, sql, **which.values, match=which.match, at_most=at_most).n


def checked(reader: Reader, which: Which, ids: Sequence[int], *, limit: int) -> list[int]:
    """The first of these conversations in which the words were said, or that are led by who is called so."""
    found: list[int] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = ids[start : start + _AT_ONCE]
        sql = f"SELECT c.id AS n FROM json_each(:ids) e CROSS JOIN conversation c ON c.id = e.value WHERE c.lead_id IN ({which.leads})"
        good = {row.n for row in reader.all(Number, sql, **which.values, ids=json.dumps(some))}
        good |= {
            each.conversation_id for each in _hits_among(reader, which, [each for each in some if each not in good])
        }
        found += [each for each in some if each in good]
        if len(found) >= limit:
            break
    return found[:limit]


class _Said(NamedTuple):
    id: int
    conversation_id: int


def _hits_among(reader: Reader, which: Which, conversations: Iterable[int], *, above: int = -1) -> list[_Said]:
    """The items of these conversations that are hits and have an id above this one."""
    items = reader.all(
        _Said,
        """
        SELECT i.id, i.conversation_id FROM json_each(:ids) e
        CROSS JOIN item i INDEXED BY item_conversation ON i.conversation_id = e.value AND i.id > :above ORDER BY i.id
        """,
        ids=json.dumps(list(conversations)),
        above=above,
    )
    hits = hits_of(reader, which.match, [each.id for each in items])
    return [each for each in items if each.id in hits]


def hits_of(reader: Reader, match: str, ids: Sequence[int]) -> set[int]:
    """Those of these items, which are in the order of their ids, that an FTS5 expression finds."""
    hits: set[int] = set()
    start = 0
    for at in range(1, len(ids) + 1):
        if at == len(ids) or ids[at] - ids[at - 1] > _GAP:
            some = ids[start:at]
            hits |= {
                row.n
                for row in reader.all(Number, _AMONG, match=match, first=some[0], last=some[-1], ids=json.dumps(some))
            }
            start = at
    return hits


_AMONG = """
SELECT rowid AS n FROM item_fts
WHERE item_fts MATCH :match AND rowid BETWEEN :first AND :last AND +rowid IN (SELECT value FROM json_each(:ids))
"""


def newest(reader: Reader, which: Which, conversation_id: int) -> int:
    """The id of the newest hit in a conversation, 0 when there is none."""
    return max((each.id for each in _hits_among(reader, which, [conversation_id])), default=0)


class Looked:
    """How far a page of a list of words has looked in vain; the same, given again, goes on from there.

    `hit` is the last hit it looked at; None when conversations were found, or there are no more.
    """

    def __init__(self) -> None:
        self.hit: int | None = None


def by_hit(
    reader: Reader, which: Which, *, beside: int | None, down: bool, limit: int, looked: Looked
) -> tuple[list[int], bool]:
    """Conversations in the order of their newest hits, and whether these were the last; who is called so is left out.

    They follow the hit `beside`, to older ones when `down`, else to newer ones. Not every page is full.
    """
    found: list[int] = []
    key, walked, most = looked.hit if looked.hit is not None else beside, 0, 8 * limit
    some = max(_CHUNK, 2 * limit)
    while True:
        hits = _chunk(reader, which, key, down=down, limit=some)
        walked += len(hits)
        latest: dict[int, int] = {}
        for each in hits:
            latest[each.conversation_id] = max(each.id, latest.get(each.conversation_id, 0))
        top = (key - 1 if key is not None else 1 << 60) if down else max((each.id for each in hits), default=0)
        good = _meant(reader, which, list(latest), top)
        found += sorted((each for each in latest if each in good), key=latest.__getitem__, reverse=down)
        is_all = len(hits) < some
        if is_all or len(found) >= limit or (found and walked >= most) or walked >= _LOOKED_AT:
            looked.hit = hits[-1].id if not found and not is_all else None
            return found[:limit], is_all and len(found) <= limit
        key, some = hits[-1].id, min(2 * some, max(some, _MOST))


def _chunk(reader: Reader, which: Which, key: int | None, *, down: bool, limit: int) -> list[_Said]:
    beyond = "" if key is None else f"AND rowid {'<' if down else '>'} :key"
    sql = f"""
        SELECT i.id, i.conversation_id FROM (
            SELECT rowid FROM item_fts WHERE item_fts MATCH :match {beyond}
            ORDER BY rowid {"DESC" if down else "ASC"} LIMIT :limit) h CROSS JOIN item i ON i.id = h.rowid
    """
    values = {} if key is None else {"key": key}
    return reader.all(_Said, sql, match=which.match, limit=limit, **values)


class _Last(NamedTuple):
    id: int
    last_item_id: int


def _meant(reader: Reader, which: Which, conversations: Sequence[int], top: int) -> set[int]:
    """Those of these conversations that the other terms name as well, and that have no hit above `top`."""
    where = _others(which)
    rows = reader.all(
        _Last,
        f"""
        SELECT c.id, c.last_item_id FROM json_each(:ids) e CROSS JOIN conversation c ON c.id = e.value {joined(where)}
        WHERE {where} AND coalesce(c.lead_id, 0) NOT IN ({which.leads})
        """,
        **which.values,
        ids=json.dumps(conversations),
    )
    doubtful = [row.id for row in rows if row.last_item_id > top]
    later = {each.conversation_id for each in _hits_among(reader, which, doubtful, above=top)} if doubtful else set()
    return {row.id for row in rows} - later


def _others(which: Which) -> str:
    """Every condition but the words."""
    asked = [*(each.where for each in which.during), *(each.where for each in which.among)]
    conditions = [standing(which.standings), *asked, *which.where]
    return " AND ".join(conditions)
