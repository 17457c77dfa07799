"""Ways to a list of conversations: which index a page is read from, so that it costs what it shows.

A list is one walk along an index, or a merge of a few, and ends with the page. Where several terms narrow it, it
starts from the fewest conversations that one of them names, when these are few, and is sorted. Otherwise it walks the
index of one term and asks the others of each conversation on the way.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from storage.database import Reader
from storage.lines import ConversationRow

STANDINGS: Final = frozenset({"waiting", "reading", "answered", "snoozed", "done", "resting", "muted"})
FEW: Final = 1000
"""So many conversations are found and sorted in a few milliseconds, wherever they stand in the list."""
_STREAMS: Final = 64
"""So many walks are merged at the most."""
_NAMED: Final = 6000
"""So many handles are looked up in a set; where there are more, what they have in common is asked of each."""


class Order(NamedTuple):
    """By weight, what waits comes first, the heaviest before the others, and then the rest with the newest first."""

    by_weight: bool = False
    ascending: bool = False


RANK = Order(by_weight=True)
NEWEST = Order()
OLDEST = Order(ascending=True)


class Among(NamedTuple):
    """The conversations that one term names, and how to find them.

    `where` is a condition on one conversation. `ids` is a sub-select of all that can meet it. One of these may say
    how they come in order: `kept`, a partial index of just these by time; `leads`, a sub-select of the identities
    that lead them; `sources`, a sub-select of the sources they are in.
    """

    where: str
    ids: str
    kept: str = ""
    leads: str = ""
    sources: str = ""


class Bound(NamedTuple):
    """A bound of the time of the last item: from the value of this name on, or before it."""

    name: str
    is_newer: bool

    @property
    def where(self) -> str:
        """As a condition."""
        return f"c.last_item_at {'>=' if self.is_newer else '<'} {self.name}"


class Which(NamedTuple):
    """Which conversations are meant: where they stand, what each term names, and the values the conditions speak of.

    `where` are conditions for which there is no index. `match` is an FTS5 expression of what must be said in them, and
    `leads` the identities that may lead them instead; both are "" when no words are asked for.
    """

    standings: frozenset[str] = STANDINGS
    among: tuple[Among, ...] = ()
    during: tuple[Bound, ...] = ()
    where: tuple[str, ...] = ()
    values: Mapping[str, object] = {}
    match: str = ""
    leads: str = ""


ALL = Which()


class Part(NamedTuple):
    """A stretch of a list whose order is that of one column."""

    standings: frozenset[str]
    column: str


class Way(NamedTuple):
    """Where a list starts: `ids`, a short sub-select; else `path`, an index, "" for those of all conversations.

    `streams` are the beginnings of its walks, whose `values` they name, and `begins` all of them at once. `where` is
    what is asked of each conversation on the way; the standings and the time of the last item are not in it. `others`
    is the same without the first term that names conversations.
    """

    where: str = "1"
    others: str = "1"
    ids: str = ""
    path: str = ""
    begins: str = "1"
    streams: tuple[str, ...] = ("1",)
    values: Mapping[str, object] = {}


_JOINS = {
    "s.": "CROSS JOIN source s ON s.id = c.source_id",
    "i.": "LEFT JOIN identity i ON i.id = c.lead_id",
    "p.": "LEFT JOIN person p ON p.id = i.person_id",
}
_ALIAS = re.compile(r"\b[sip]\.")


def joined(where: str) -> str:
    """What to join to `conversation c` for a condition."""
    used = set(_ALIAS.findall(where))
    used |= {"i."} if "p." in used else set()
    return " ".join(join for alias, join in _JOINS.items() if alias in used)


def standing(standings: frozenset[str]) -> str:
    """The condition that a conversation stands so."""
    if standings == STANDINGS:
        return "1"
    named = ", ".join(f"'{each}'" for each in sorted(standings))
    return f"c.attention IN ({named})"


def parts(order: Order, standings: frozenset[str]) -> list[Part]:
    """The stretches of a list, in its order; those that hold nothing are left out."""
    if not order.by_weight:
        found = [Part(standings, "last_item_at")]
    else:
        waiting = frozenset({"waiting"})
        found = [Part(standings & waiting, "rank"), Part(standings - waiting, "last_item_at")]
    return [part for part in found if part.standings]


def place(row: ConversationRow, order: Order) -> tuple[int, float, int]:
    """Where a row stands in a list: which stretch, the column there, the id."""
    waits = order.by_weight and row.attention == "waiting"
    return int(waits), row.rank if waits else row.last_item_at, row.id


def way(reader: Reader, which: Which, *, order: Order = NEWEST) -> Way:
    """The cheapest way to a list in an order."""
    if not which.among and not which.where:
        return Way()
    keys = [_keys(reader, which.values, each) for each in which.among]
    asked = [_asked(each, some, number) for number, (each, some) in enumerate(zip(which.among, keys, strict=True))]
    values: dict[str, object] = {f"known{number}": some.ids for number, some in enumerate(keys) if some.n <= _NAMED}
    streams = [_streams(each, some, which.standings) for each, some in zip(which.among, keys, strict=True)]
    if len(streams) == 1 and streams[0] is not None and not which.where and _is_in_order(which, order):
        return streams[0]
    short, ids = _shortest(reader, which)
    if short is not None:
        rest = [*asked[:short], *asked[short + 1 :], *which.where]
        values["few"] = ids
        return Way(" AND ".join(rest) or "1", ids="SELECT value AS id FROM json_each(:few)", values=values)
    for number, each in enumerate(streams):
        if each is not None:
            rest = [*asked[:number], *asked[number + 1 :], *which.where]
            return each._replace(where=" AND ".join(rest) or "1", values={**each.values, **values})
    whole, others = ([*some, *which.where] for some in (asked, asked[1:]))
    return Way(" AND ".join(whole) or "1", " AND ".join(others) or "1", values=values)


class _Ids(NamedTuple):
    """A JSON list of ids, and how many they are."""

    ids: str
    n: int


def _first(reader: Reader, values: Mapping[str, object], ids: str, at_most: int) -> _Ids:
    """The ids of a sub-select, one too many when they are too many."""
    sql = f"SELECT json_group_array(id) AS ids, count(*) AS n FROM (SELECT id FROM ({ids}) LIMIT {at_most + 1})"
    return reader.one(_Ids, sql, **values)


def _keys(reader: Reader, values: Mapping[str, object], among: Among) -> _Ids:
    """The leads or sources that a term names."""
    keys = among.leads or among.sources
    return _first(reader, values, keys, _NAMED) if keys else _Ids("[]", 0)


def _asked(among: Among, keys: _Ids, number: int) -> str:
    """What is asked of each conversation: whether its lead or source is one of these, where they are known."""
    column = "lead_id" if among.leads else "source_id" if among.sources else ""
    if not column or keys.n > _NAMED:
        return among.where
    return f"c.{column} IN (SELECT value FROM json_each(:known{number}))"


def _streams(among: Among, keys: _Ids, standings: frozenset[str]) -> Way | None:
    """The walks that have these conversations in order, None when there are too many or none."""
    if among.kept:
        return Way(path=among.kept, begins=among.where, streams=(among.where,))
    if not (among.leads or among.sources) or keys.n * (len(standings) if among.sources else 1) > _STREAMS:
        return None
    column = "lead_id" if among.leads else "source_id"
    names = {f"k{number}": key for number, key in enumerate(dict.fromkeys(json.loads(keys.ids)))}
    return Way(
        path="conversation_lead" if among.leads else "conversation_source",
        begins=f"c.{column} IN ({', '.join(f':{name}' for name in names)})",
        streams=tuple(f"c.{column} = :{name}" for name in names),
        values=names,
    )


def _is_in_order(which: Which, order: Order) -> bool:
    """Whether the walks of the first set of conversations are in order and pass by nothing else."""
    among = which.among[0]
    return bool(among.leads or among.sources or (among.kept and which.standings == STANDINGS and not order.by_weight))


def _stand_so(which: Which) -> str:
    return f"SELECT c.id FROM conversation c INDEXED BY conversation_recent WHERE {standing(which.standings)}"


def _shortest(reader: Reader, which: Which) -> tuple[int | None, str]:
    """The number of the set with the fewest conversations and these; None when no set is short.

    After the sets that the terms name comes that of the standings.
    """
    sets = [each.ids for each in which.among]
    if which.standings != STANDINGS:
        sets.append(f"SELECT c.id FROM conversation c INDEXED BY conversation_recent WHERE {standing(which.standings)}")
    found = [(_first(reader, which.values, ids, FEW), at) for at, ids in enumerate(sets)]
    return min(((some.n, at, some.ids) for some, at in found if some.n <= FEW), default=(0, None, ""))[1:]


_BY_RANK = {"conversation_lead": "conversation_lead_rank", "conversation_source": "conversation_source_rank"}


def walks(start: Way, part: Part) -> Iterator[tuple[str, str]]:
    """The walks of a stretch: an index, and the condition that begins each."""
    everywhere = part.standings >= STANDINGS - {"waiting"}
    for stream in start.streams:
        if part.column == "rank":
            yield _BY_RANK.get(start.path, "conversation_rank"), f"c.attention = 'waiting' AND {stream}"
        elif start.path == "conversation_source" or (not start.path and not everywhere):
            for each in sorted(part.standings):
                yield start.path or "conversation_recent", f"c.attention = '{each}' AND {stream}"
        else:
            yield start.path or "conversation_all", f"{stream} AND {standing(part.standings)}"
