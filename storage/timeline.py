"""Everything between one person and me, by pages in either direction.

The timeline is one order over several tables: by time, then by what it is, then by id. A page is gathered from each
table by its own index, so that it costs the same at either end of ten lines and of ten thousand.
"""

import json
from collections.abc import Collection, Mapping
from typing import NamedTuple

from storage.database import Reader
from storage.lines import TimelineRow

Place = tuple[int, str, int]
"""Where a row stands: its time, what it is, its id."""

_RANKS = {
    "signal": 0, "incoming": 1, "outgoing": 2, "touchpoint": 3, "note": 4, "promise": 5, "stage": 6, "outcome": 7,
}  # fmt: skip
WHATS = tuple(_RANKS)
"""What a line of a timeline can be."""
ON_NETWORKS = frozenset({"signal", "incoming", "outgoing"})
"""Those that were said or done on a network."""
_END = 1 << 60

_FROM: Mapping[str, str] = {
    "signal": "signal WHERE identity_id = :owner",
    "incoming": "item WHERE author_id = :owner AND status IN ('published', 'pending')",
    "outgoing": "item WHERE to_id = :owner AND status = 'published'",
    "touchpoint": "touchpoint WHERE person_id = :owner",
    "note": "note WHERE person_id = :owner",
    "promise": "promise WHERE person_id = :owner",
    "stage": "stage_change WHERE person_id = :owner",
    "outcome": "outcome WHERE person_id = :owner",
}
_AT = {"incoming": "created_at", "outgoing": "created_at", "promise": "created_at"}
_PLACES = {
    (what, older): (
        f"SELECT {at} AS at, id FROM {table} AND ({at}, id) {'<' if older else '>'} (:at, :id)"
        f" ORDER BY {at} {'DESC' if older else 'ASC'}, id {'DESC' if older else 'ASC'} LIMIT :limit"
    )
    for what, table in _FROM.items()
    for at in (_AT.get(what, "at"),)
    for older in (True, False)
}
_HANDLES = """
SELECT id, is_me, substr(network, 1, instr(network || ':', ':') - 1) AS network FROM identity WHERE person_id = :id
"""

_WORDS = """
SELECT '{what}' AS what, i.id, i.created_at AS at,
       substr(CASE WHEN i.title <> '' AND i.mine = 0 THEN i.title ELSE i.text END, 1, 400) AS text, i.kind,
       s.name AS source_name, i.conversation_id
FROM item i JOIN source s ON s.id = i.source_id WHERE i.id IN (SELECT value FROM json_each(:ids))
"""
_ROWS: Mapping[str, str] = {
    "incoming": _WORDS.replace("{what}", "incoming"),
    "outgoing": _WORDS.replace("{what}", "outgoing"),
    "signal": """
        SELECT 'signal' AS what, g.id, g.at, coalesce(substr(t.text, 1, 200), '') AS text, g.kind,
               s.name AS source_name, t.conversation_id
        FROM signal g JOIN source s ON s.id = g.source_id
        LEFT JOIN item t ON t.source_id = g.source_id AND t.remote_id = g.item_remote_id
        WHERE g.id IN (SELECT value FROM json_each(:ids))""",
    "touchpoint": """
        SELECT 'touchpoint' AS what, id, at, text, kind || ' · ' || direction AS kind, '' AS source_name,
               conversation_id
        FROM touchpoint WHERE id IN (SELECT value FROM json_each(:ids))""",
    "note": """
        SELECT 'note' AS what, id, at, substr(text, 1, 400) AS text, 'note' AS kind, '' AS source_name,
               NULL AS conversation_id
        FROM note WHERE id IN (SELECT value FROM json_each(:ids))""",
    "promise": """
        SELECT 'promise' AS what, id, created_at AS at, text,
               CASE WHEN kept_at IS NULL THEN 'promised' ELSE 'kept' END AS kind, '' AS source_name, conversation_id
        FROM promise WHERE id IN (SELECT value FROM json_each(:ids))""",
    "stage": """
        SELECT 'stage' AS what, id, at, why AS text, before || ' → ' || after AS kind, '' AS source_name,
               NULL AS conversation_id
        FROM stage_change WHERE id IN (SELECT value FROM json_each(:ids))""",
    "outcome": """
        SELECT 'outcome' AS what, id, at, text, kind, '' AS source_name, conversation_id
        FROM outcome WHERE id IN (SELECT value FROM json_each(:ids))""",
}


def place(row: TimelineRow) -> Place:
    """Where a row stands in its timeline."""
    return row.at, row.what, row.id


def page(
    reader: Reader,
    person_id: int,
    *,
    beside: Place | None = None,
    older: bool = True,
    limit: int = 200,
    whats: Collection[str] = (),
    networks: Collection[str] = (),
) -> list[TimelineRow]:
    """A page of the timeline, always the newest first.

    It holds what is older than `beside`, or with `older=False` what is newer; without `beside`, the newest or the
    oldest lines. `whats` and `networks` narrow it; empty means all. What belongs to no network is left out when
    `networks` narrows.
    """
    wanted = [what for what in WHATS if not whats or what in whats]
    if networks:
        wanted = [what for what in wanted if what in ON_NETWORKS]
    handles = reader.all(_Handle, _HANDLES, id=person_id) if ON_NETWORKS & set(wanted) else []
    found: list[Place] = []
    for what in wanted:
        at, row_id = _bound(what, beside, older=older)
        owners = [person_id]
        if what in ON_NETWORKS:
            owners = [each.id for each in handles if not each.is_me and (not networks or each.network in networks)]
        for owner in owners:
            rows = reader.all(_Place, _PLACES[what, older], owner=owner, at=at, id=row_id, limit=limit)
            found += [(row.at, what, row.id) for row in rows]
    found.sort(key=_order, reverse=older)
    return _filled(reader, sorted(found[:limit], key=_order, reverse=True))


def last_words(reader: Reader, person_id: int) -> TimelineRow | None:
    """What I said to a person last, anywhere; None when I never did."""
    rows = page(reader, person_id, limit=1, whats=("outgoing",))
    return rows[0] if rows else None


def _bound(what: str, beside: Place | None, *, older: bool) -> tuple[int, int]:
    """The (time, id) in one table beyond which its rows stand on the wanted side of a place."""
    if beside is None:
        return (_END, _END) if older else (-_END, -_END)
    at, of, row_id = beside
    if what == of:
        return at, row_id
    return at, _END if (_RANKS[what] < _RANKS[of]) else -_END


def _order(place: Place) -> tuple[int, int, int]:
    at, what, row_id = place
    return at, _RANKS[what], row_id


def _filled(reader: Reader, places: list[Place]) -> list[TimelineRow]:
    """The rows at these places, in this order."""
    ids: dict[str, list[int]] = {}
    for _, what, row_id in places:
        ids.setdefault(what, []).append(row_id)
    rows = {
        (row.what, row.id): row
        for what, wanted in ids.items()
        for row in reader.all(TimelineRow, _ROWS[what], ids=json.dumps(wanted))
    }
    return [rows[what, row_id] for _, what, row_id in places if (what, row_id) in rows]


class _Place(NamedTuple):
    at: int
    id: int


class _Handle(NamedTuple):
    id: int
    is_me: int
    network: str
