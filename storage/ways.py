"""Ways to a list of conversations: which index a page is read from, so that it costs what it shows.

A list is one walk along an index, or a merge of a few, and ends with the page. Where several terms narrow it, it
starts from the fewest conversations that one of them names, when these are few, and is sorted. Otherwise it walks the
index of one term and asks the others of each conversation on the way.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from storage.database import Reader
from storage.rows import Number
from storage.voices import bits_of
from storage.which import NEWEST, STANDINGS, Among, Order, Which, standing, wrote_in

FEW: Final = 1000
"""So many conversations are found and sorted in a few milliseconds, wherever they stand in the list."""
_STREAMS: Final = 64
"""So many walks are merged at the most."""
_GATHERED: Final = 3500
"""So many items that somebody wrote are gathered as a set of conversations; of more, each conversation is asked."""
_NAMED: Final = 6000
"""So many handles are looked up in a set; where there are more, what they have in common is asked of each."""


class Part(NamedTuple):
    """A stretch of a list whose order is that of one column."""

    standings: frozenset[str]
    column: str


class Way(NamedTuple):
    """Where a list starts: `ids`, a short sub-select; else `path`, an index, "" for those of all conversations.

    With both, the index has what the short list is sorted by.

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


def parts(order: Order, standings: frozenset[str]) -> list[Part]:
    """The stretches of a list, in its order; those that hold nothing are left out."""
    if not order.by_weight:
        found = [Part(standings, "last_item_at")]
    else:
        waiting = frozenset({"waiting"})
        found = [Part(standings & waiting, "rank"), Part(standings - waiting, "last_item_at")]
    return [part for part in found if part.standings]


def way(reader: Reader, which: Which, *, order: Order = NEWEST) -> Way:
    """The cheapest way to a list in an order."""
    if not which.among and not which.where:
        return Way()
    terms = [_known(reader, which.values, each, number) for number, each in enumerate(which.among)]
    values: dict[str, object] = {each.name: each.ids for each in terms if each.is_known}
    values |= {f"{each.name}_bits": bits_of(reader, each.ids) for each in terms if each.is_voices}
    streams = [_streams(each, which.standings) for each in terms]
    if len(streams) == 1 and streams[0] is not None and not which.where and _is_in_order(which, order):
        return streams[0]
    short, ids = _shortest(reader, which, terms, values)
    if short is not None:
        rest = [*(each.asked for at, each in enumerate(terms) if at != short), *which.where]
        values["few"] = ids
        few = Way(" AND ".join(rest) or "1", ids="SELECT value AS id FROM json_each(:few)", values=values)
        kept = which.among[short] if short < len(which.among) else None
        return few._replace(path=kept.kept, begins=kept.where) if kept is not None and kept.kept else few
    begun = next((at for at, each in enumerate(streams) if each is not None), None)
    start = Way() if begun is None else streams[begun] or Way()
    asked = [_asked(reader, {**which.values, **values}, each) for at, each in enumerate(terms) if at != begun]
    return start._replace(
        where=" AND ".join([*asked, *which.where]) or "1",
        others=" AND ".join([*asked[1:], *which.where]) or "1",
        values={**start.values, **values},
    )


class _Ids(NamedTuple):
    """A JSON list of ids, and how many they are."""

    ids: str
    n: int


def _first(reader: Reader, values: Mapping[str, object], ids: str, at_most: int) -> _Ids:
    """The ids of a sub-select, one too many when they are too many."""
    sql = f"SELECT json_group_array(id) AS ids, count(*) AS n FROM (SELECT id FROM ({ids}) LIMIT {at_most + 1})"
    return reader.one(_Ids, sql, **values)


def _are_few(reader: Reader, values: Mapping[str, object], ids: str, at_most: int) -> bool:
    """Whether a sub-select has no more ids than that."""
    sql = f"SELECT count(*) AS n FROM (SELECT 1 FROM ({ids}) LIMIT 1 OFFSET {at_most})"
    return reader.one(Number, sql, **values).n == 0


class Known(NamedTuple):
    """A term with the identities or sources it names: a JSON list, of which there may be too many to be known."""

    among: Among
    name: str
    ids: str
    n: int

    @property
    def column(self) -> str:
        """Where a conversation has one of these; "" for its items, or nothing."""
        return "lead_id" if self.among.leads else "source_id" if self.among.sources else ""

    @property
    def is_known(self) -> bool:
        """Whether these are all."""
        return 0 <= self.n <= _NAMED

    @property
    def is_voices(self) -> bool:
        """Whether these are all who may have written."""
        return self.is_known and bool(self.among.authors)

    @property
    def these(self) -> str:
        """A sub-select of them."""
        return f"SELECT value AS id FROM json_each(:{self.name})"

    @property
    def wrote(self) -> str:
        """A sub-select of the conversations these wrote in, as often as they did."""
        on = "CROSS JOIN item w INDEXED BY item_author ON w.author_id = e.id"
        return f"SELECT w.conversation_id AS id FROM ({self.these}) e {on}"

    @property
    def asked(self) -> str:
        """What is asked of a conversation when these are few."""
        if self.is_known and self.column:
            return f"c.{self.column} IN ({self.these})"
        if self.is_voices:
            return f"c.derived_voices & :{self.name}_bits AND {wrote_in(self.these)}"
        return wrote_in(self.among.authors) if self.among.authors else self.among.where


def _asked(reader: Reader, values: Mapping[str, object], known: Known) -> str:
    """What is asked of each of many conversations."""
    if known.is_voices and _are_few(reader, values, known.wrote, _GATHERED):
        return f"c.derived_voices & :{known.name}_bits AND c.id IN ({known.wrote})"
    return known.asked


def _known(reader: Reader, values: Mapping[str, object], among: Among, number: int) -> Known:
    keys = among.leads or among.sources or among.authors
    if among.given:
        given = str(values[among.given])
        return Known(among, among.given, given, given.count(",") + (given != "[]"))
    found = _first(reader, values, keys, _NAMED) if keys else _Ids("[]", -1)
    return Known(among, f"known{number}", *found)


def _streams(known: Known, standings: frozenset[str]) -> Way | None:
    """The walks that have these conversations in order, None when there are too many or none."""
    among, column = known.among, known.column
    if among.kept:
        return Way(path=among.kept, begins=among.where, streams=(among.where,))
    if not column or known.n * (len(standings) if among.sources else 1) > _STREAMS:
        return None
    names = {f"k{number}": key for number, key in enumerate(dict.fromkeys(json.loads(known.ids)))}
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


def _shortest(
    reader: Reader, which: Which, terms: Sequence[Known], known: Mapping[str, object]
) -> tuple[int | None, str]:
    """The number of the set with the fewest conversations and these; None when no set is short.

    After the sets that the terms name comes that of the standings.
    """
    sets = [_set(each, which.standings) for each in terms]
    if which.standings != STANDINGS:
        sets.append(f"SELECT c.id FROM conversation c INDEXED BY conversation_recent WHERE {standing(which.standings)}")
    values = {**which.values, **known}
    short = [(at, ids) for at, ids in enumerate(sets) if _are_few(reader, values, ids, FEW)]
    found = [(_first(reader, values, ids, FEW), at) for at, ids in short]
    return min(((some.n, at, some.ids) for some, at in found), default=(0, None, ""))[1:]


def _set(known: Known, standings: frozenset[str]) -> str:
    """The conversations of a term; of those in known sources, the ones that stand so."""
    among = known.among
    if not known.is_known:
        return among.ids
    begin = f"FROM ({known.these}) e CROSS JOIN"
    if among.authors:
        return f"SELECT DISTINCT id FROM ({known.wrote})"
    if among.leads:
        return f"SELECT c.id {begin} conversation c INDEXED BY conversation_lead ON c.lead_id = e.id"
    on = f"c.source_id = e.id AND {standing(standings)}"
    return f"SELECT c.id {begin} conversation c INDEXED BY conversation_source ON {on}"


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
