"""What others published, the newest first.

A list that is narrowed by words, authors or sources starts from what these name, when that is little. Else it walks an
index that has author and source of each article, and asks the search of items about ranges of it.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from storage.database import Reader
from storage.lines import ArticleRow
from storage.rows import Number
from storage.said import hits_of
from storage.ways import FEW

_NAMED: Final = 3000
_AT_ONCE: Final = 250

_ARTICLES = """
SELECT i.id, i.conversation_id, s.name AS source_name, i.title, substr(i.text, 1, 2000) AS text, i.permalink, i.created_at,
       p.id AS person_id, coalesce(nullif(p.name, ''), a.name) AS name, p.stage, p.last_contact_at, c.attention,
       i.id > c.seen_item_id AS is_new
FROM {items} CROSS JOIN conversation c ON c.id = i.conversation_id CROSS JOIN source s ON s.id = i.source_id
JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = coalesce(s.person_id, a.person_id)
WHERE i.kind = 'article' AND i.mine = 0 AND i.status = 'published'
"""
_ALL = _ARTICLES.replace("{items}", "item i INDEXED BY item_article")
_THESE = _ARTICLES.replace("{items}", "json_each(:ids) e CROSS JOIN item i ON i.id = e.value")
_ORDER = "ORDER BY i.created_at DESC, i.id DESC LIMIT :limit"


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

    def sets(self) -> list[tuple[str, frozenset[int]]]:
        """The ids in each column."""
        return [("author_id", self.leads), ("source_id", self.sources), ("id", self.hits or frozenset())]


class _Place(NamedTuple):
    id: int
    at: int
    source_id: int
    author_id: int


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
    key = ""
    if before is not None:
        key, given["at"], given["at_id"] = " AND (i.created_at, i.id) < (:at, :at_id)", *before
    if not told:
        return reader.all(ArticleRow, f"{_ALL} AND {where}{key} {_ORDER}", limit=limit, **given)
    known = [_known(reader, each, given) for each in told]
    few = next((ids for each in known if (ids := _few(reader, each)) is not None), None)
    if few is not None:
        places = reader.all(_Place, _PLACES_OF, ids=json.dumps(few))
        ids = _meant(reader, known, places)
        return reader.all(ArticleRow, f"{_THESE} AND {where}{key} {_ORDER}", ids=json.dumps(ids), limit=limit, **given)
    return _walked(reader, known, where, given, before, limit)


_PLACES_OF = """
SELECT i.id, i.created_at AS at, i.source_id, i.author_id FROM json_each(:ids) e CROSS JOIN item i ON i.id = e.value
WHERE i.kind = 'article'
"""


def _known(reader: Reader, told: Told, values: Mapping[str, object]) -> _Known:
    def ids(select: str) -> frozenset[int]:
        sql = f"SELECT id AS n FROM ({select}) LIMIT {_NAMED}"
        return frozenset(row.n for row in reader.all(Number, sql, **values)) if select else frozenset()

    hits: frozenset[int] | None = frozenset()
    if told.match:
        sql = f"SELECT rowid AS n FROM item_fts WHERE item_fts MATCH :match LIMIT {FEW + 1}"
        found = reader.all(Number, sql, match=told.match)
        hits = frozenset(row.n for row in found) if len(found) <= FEW else None
    return _Known(told.match, hits, ids(told.leads), ids(told.sources))


def _few(reader: Reader, known: _Known) -> list[int] | None:
    """Every item one term may mean, None when these are many."""
    if known.hits is None:
        return None
    found = list(known.hits)
    for column, index, keys in (
        ("author_id", "item_author", known.leads),
        ("source_id", "sqlite_autoindex_item_1", known.sources),
    ):
        sql = f"""
            SELECT i.id AS n FROM json_each(:keys) e CROSS JOIN item i INDEXED BY {index} ON i.{column} = e.value
            LIMIT {FEW + 1}
        """
        found += [row.n for row in reader.all(Number, sql, keys=json.dumps(list(keys)))] if keys else []
    return list(dict.fromkeys(found)) if len(found) <= FEW else None


def _meant(reader: Reader, known: Sequence[_Known], places: Sequence[_Place]) -> list[int]:
    """Those of these articles that every term means, in their order."""
    left = list(places)
    for each in known:
        hits = each.hits
        if hits is None:
            asked = [at.id for at in left if at.author_id not in each.leads and at.source_id not in each.sources]
            hits = frozenset(hits_of(reader, each.match, sorted(asked)))
        left = [at for at in left if at.author_id in each.leads or at.source_id in each.sources or at.id in hits]
    return [at.id for at in left]


def _walked(
    reader: Reader,
    known: Sequence[_Known],
    where: str,
    values: Mapping[str, object],
    before: tuple[int, int] | None,
    limit: int,
) -> list[ArticleRow]:
    """A page of a list that is walked in its order."""
    sets: dict[str, object] = {}
    asked = ""
    for number, each in enumerate(known):
        if each.hits is not None:
            named = [(f"i.{column}", f"{column}{number}", ids) for column, ids in each.sets() if ids]
            sets |= {name: json.dumps(list(ids)) for _, name, ids in named}
            among = (f"{column} IN (SELECT value FROM json_each(:{name}))" for column, name, _ in named)
            asked += f" AND ({' OR '.join(among) or '0'})"
    found: list[ArticleRow] = []
    at, some = before or (1 << 60, 0), _AT_ONCE
    while True:
        sql = f"""
            SELECT i.id, i.created_at AS at, i.source_id, i.author_id FROM item i INDEXED BY item_article
            WHERE i.kind = 'article' AND (i.created_at, i.id) < (:at, :at_id) {asked}
            ORDER BY i.created_at DESC, i.id DESC LIMIT :some
        """
        places = reader.all(_Place, sql, at=at[0], at_id=at[1], some=some, **sets)
        ids = _meant(reader, [each for each in known if each.hits is None], places)
        sql = f"{_THESE} AND {where} {_ORDER}"
        found += reader.all(ArticleRow, sql, ids=json.dumps(ids), limit=limit - len(found), **values)
        if len(places) < some or len(found) >= limit:
            return found
        at, some = (places[-1].at, places[-1].id), min(2000, some * 2)
