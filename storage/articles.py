"""What others published, the newest first.

A page is found as ids first, from indexes alone, and only what is on it is read. A list that is narrowed by words,
authors or sources starts from what these name, when that is little. Else it merges the walks of a few authors or
sources, or walks the index of all, and asks the search of items about ranges of it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Final, NamedTuple

from storage.database import Reader
from storage.lines import ArticleRow
from storage.rows import Number
from storage.said import hits_of
from storage.ways import FEW

_NAMED: Final = 3000
_AT_ONCE: Final = 125
"""So many places are looked at first, and then twice as many each time."""
_STREAMS: Final = 64
"""So many walks are merged at the most."""

_ROWS = """
SELECT i.id, i.conversation_id, s.name AS source_name, i.title, substr(i.text, 1, 2000) AS text, i.permalink, i.created_at,
       p.id AS person_id, coalesce(nullif(p.name, ''), a.name) AS name, p.stage, p.last_contact_at, c.attention,
       i.id > c.seen_item_id AS is_new
FROM json_each(:ids) e CROSS JOIN item i ON i.id = e.value CROSS JOIN conversation c ON c.id = i.conversation_id
CROSS JOIN source s ON s.id = i.source_id JOIN identity a ON a.id = i.author_id
JOIN person p ON p.id = coalesce(s.person_id, a.person_id)
"""
_JOINS = {
    "c": "CROSS JOIN conversation c ON c.id = i.conversation_id",
    "s": "CROSS JOIN source s ON s.id = i.source_id",
    "a": "CROSS JOIN identity a ON a.id = i.author_id",
    "p": "CROSS JOIN person p ON p.id = coalesce(s.person_id, a.person_id)",
}
_ALIAS = re.compile(r"\b([csap])\.")


class Told(NamedTuple):
    """What articles are meant by one term: those with words, or by one of these identities, or from these sources.

    `match` is an FTS5 expression; `leads` and `sources` are sub-selects of ids. "" names none.
    """

    match: str = ""
    leads: str = ""
    sources: str = ""


class _Known(NamedTuple):
    """The same with what the sub-selects found; `hits` is None when there are too many."""

    match: str
    hits: frozenset[int] | None
    leads: frozenset[int]
    sources: frozenset[int]

    def columns(self) -> list[tuple[str, frozenset[int]]]:
        """The ids in each column."""
        return [("id", self.hits or frozenset()), ("author_id", self.leads), ("source_id", self.sources)]

    def means(self, at: "_Place") -> bool:
        """Whether this term means an article, as far as is known."""
        return (
            at.author_id in self.leads or at.source_id in self.sources or (self.hits is not None and at.id in self.hits)
        )


class _Place(NamedTuple):
    id: int
    at: int
    source_id: int
    author_id: int


class _Ids(NamedTuple):
    ids: str
    n: int


def listed(
    reader: Reader,
    *,
    where: str = "1",
    told: Sequence[Told] = (),
    values: Mapping[str, object] | None = None,
    before: tuple[int, int] | None = None,
    limit: int = 300,
) -> list[ArticleRow]:
    """A page of what others published; `before` is the (created_at, id) of the last row of a page."""
    given = dict(values or {})
    if not told:
        return _rows(reader, _all(reader, where, given, before, limit))
    known = [_known(reader, each, given) for each in told]
    few = next((found for each in known if (found := _few(reader, each)) is not None), None)
    if few is None:
        return _rows(reader, _walked(reader, known, where, given, before, limit))
    ahead = (at for at in few if before is None or (at.at, at.id) < before)
    places = sorted(ahead, key=attrgetter("at", "id"), reverse=True)
    ids: list[int] = []
    start, some = 0, _AT_ONCE
    while start < len(places) and len(ids) < limit:
        ids += _good(reader, _meant(reader, known, places[start : start + some]), where, given)
        start, some = start + some, some * 2
    return _rows(reader, ids[:limit])


def _rows(reader: Reader, ids: Sequence[int]) -> list[ArticleRow]:
    """These articles, in this order."""
    rows = {row.id: row for row in reader.all(ArticleRow, _ROWS, ids=json.dumps(ids))}
    return [rows[each] for each in ids if each in rows]


def _joined(where: str) -> str:
    """What to join to `item i` for a condition."""
    used = set(_ALIAS.findall(where))
    used |= {"s", "a"} if "p" in used else set()
    return " ".join(join for alias, join in _JOINS.items() if alias in used)


_PUBLISHED = "i.kind = 'article' AND i.mine = 0 AND i.status = 'published'"


def _all(
    reader: Reader, where: str, values: Mapping[str, object], before: tuple[int, int] | None, limit: int
) -> list[int]:
    """A page of the ids of all."""
    at, at_id = before or _TOP
    sql = f"""
        SELECT i.id AS n FROM item i INDEXED BY item_article {_joined(where)}
        WHERE {_PUBLISHED} AND (i.created_at, i.id) < (:at, :at_id) AND {where}
        ORDER BY i.created_at DESC, i.id DESC LIMIT :limit
    """
    return [row.n for row in reader.all(Number, sql, at=at, at_id=at_id, limit=limit, **values)]


def _good(reader: Reader, ids: Sequence[int], where: str, values: Mapping[str, object]) -> list[int]:
    """Those of these articles that are published by others and meet a condition, in their order."""
    sql = f"""
        SELECT i.id AS n FROM json_each(:ids) e CROSS JOIN item i ON i.id = e.value {_joined(where)}
        WHERE {_PUBLISHED} AND {where}
    """
    good = {row.n for row in reader.all(Number, sql, ids=json.dumps(ids), **values)} if ids else set()
    return [each for each in ids if each in good]


def _known(reader: Reader, told: Told, values: Mapping[str, object]) -> _Known:
    def ids(select: str) -> frozenset[int]:
        return _first(reader, select, values, _NAMED)[0] if select else frozenset()

    hits: frozenset[int] | None = frozenset()
    if told.match:
        found = "SELECT rowid AS id FROM item_fts WHERE item_fts MATCH :match"
        hits, is_all = _first(reader, found, {"match": told.match}, FEW)
        hits = hits if is_all else None
    return _Known(told.match, hits, ids(told.leads), ids(told.sources))


def _first(reader: Reader, select: str, values: Mapping[str, object], most: int) -> tuple[frozenset[int], bool]:
    """The ids of a sub-select, so many at the most, and whether these are all."""
    sql = f"SELECT json_group_array(id) AS ids, count(*) AS n FROM (SELECT id FROM ({select}) LIMIT {most + 1})"
    found = reader.one(_Ids, sql, **values)
    return frozenset(json.loads(found.ids)), found.n <= most


_PLACES = """
SELECT i.id, i.created_at AS at, i.source_id, i.author_id FROM json_each(:keys) e CROSS JOIN item i {index}
WHERE i.kind = 'article' LIMIT :most
"""
_BY_COLUMN = {
    "id": "ON i.id = e.value",
    "author_id": "INDEXED BY item_article_author ON i.author_id = e.value",
    "source_id": "INDEXED BY item_article_source ON i.source_id = e.value",
}


def _few(reader: Reader, known: _Known) -> set[_Place] | None:
    """Every article one term may mean, None when these are many."""
    if known.hits is None:
        return None
    found: set[_Place] = set()
    for column, keys in known.columns():
        sql = _PLACES.format(index=_BY_COLUMN[column])
        if keys:
            found.update(reader.all(_Place, sql, keys=json.dumps(list(keys)), most=FEW + 1))
        if len(found) > FEW:
            return None
    return found


def _meant(reader: Reader, known: Sequence[_Known], places: Sequence[_Place]) -> list[int]:
    """Those of these articles that every term means, in their order."""
    left = list(places)
    for each in sorted(known, key=lambda one: one.hits is None):
        hits: set[int] = set()
        if each.hits is None:
            hits = hits_of(reader, each.match, sorted(at.id for at in left if not each.means(at)))
        left = [at for at in left if each.means(at) or at.id in hits]
    return [at.id for at in left]


_TOP: Final = (1 << 60, 0)


def _walked(
    reader: Reader,
    known: Sequence[_Known],
    where: str,
    values: Mapping[str, object],
    before: tuple[int, int] | None,
    limit: int,
) -> list[int]:
    """A page of a list that is walked in its order."""
    sets, walk = _walk(known)
    doubtful = [each for each in known if each.hits is None]
    found: list[int] = []
    at, some = before or _TOP, _AT_ONCE
    while True:
        places = reader.all(_Place, walk, at=at[0], at_id=at[1], some=some, **sets)
        found += _good(reader, _meant(reader, doubtful, places), where, values)
        if len(places) < some or len(found) >= limit:
            return found[:limit]
        at, some = (places[-1].at, places[-1].id), min(2000, some * 2)


def _walk(known: Sequence[_Known]) -> tuple[dict[str, object], str]:
    """The walk to all that every term with few hits means, and the values it names."""
    sets: dict[str, object] = {}
    asked = ""
    streams = [("item_article", "1")]
    for number, each in enumerate(known):
        named = [(column, f"{column}{number}", keys) for column, keys in each.columns() if keys]
        if each.hits is None:
            continue
        if len(named) == 1 and len(named[0][2]) <= _STREAMS and len(streams) == 1 and named[0][0] in _WALKS:
            column, name, keys = named[0]
            sets |= {f"{name}_{place}": key for place, key in enumerate(keys)}
            streams = [(_WALKS[column], f"i.{column} = :{name}_{place}") for place in range(len(keys))]
        else:
            sets |= {name: json.dumps(list(keys)) for _, name, keys in named}
            among = (f"i.{column} IN (SELECT value FROM json_each(:{name}))" for column, name, _ in named)
            asked += f" AND ({' OR '.join(among) or '0'})"
    walks = (
        f"""
        SELECT i.id AS id, i.created_at AS at, i.source_id AS source_id, i.author_id AS author_id
        FROM item i INDEXED BY {index} WHERE {begins} AND {_BELOW}{asked}
        """
        for index, begins in streams
    )
    return sets, f"{' UNION ALL '.join(walks)} ORDER BY at DESC, id DESC LIMIT :some"


_WALKS = {"author_id": "item_article_author", "source_id": "item_article_source"}
_BELOW = "i.kind = 'article' AND (i.created_at, i.id) < (:at, :at_id)"
