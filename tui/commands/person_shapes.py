"""The JSON of the command line that says something of people, as docs/cli.md describes it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from community.reachability import Handle, Way, handles, mark, mark_of
from community.reachability import ways as independent
from tui.between import is_overdue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from community.model import Alike, Loop, PersonRow, StageChange, TimelineRow
    from community.people import Card
    from community.readings import Reading
    from community.reasons import Reason
    from tui.commands.shapes import Shape


def person(row: PersonRow) -> Shape:
    """A line of `kith person list`."""
    return {
        "id": row.id,
        "name": row.name,
        "stage": row.stage,
        "first_contact_at": row.first_contact_at,
        "last_contact_at": row.last_contact_at,
        "waiting": row.waiting,
        "networks": [name for name in row.networks.split(",") if name],
        "tags": row.tags.split(),
        "ways": _ways(independent(handles(row.handles))),
    }


def _ways(found: Iterable[Way]) -> list[Shape]:
    return [{"kind": way.kind, "where": way.shown} for way in found]


_CODES = {
    ("quiet", 1): "question", ("quiet", 2): "habit", ("quiet", 3): "end", ("first", 0): "new", ("first", 1): "back",
    ("missing", 0): "stage", ("missing", 1): "habit", ("gave", 1): "gift", ("gave", 2): "nothing",
    ("overdue", 0): "cadence", ("unmet", 0): "topic",
}  # fmt: skip


def reading(row: Reading, why: str) -> Shape:
    """A line of `kith person list --view`."""
    bond = row.bond
    other = {"id": bond.other_id, "name": bond.other_name} if bond.other_id is not None else None
    return person(row.person) | {
        "view": row.view, "reason": _CODES[row.view, bond.code], "why": why, "at": bond.at, "with": other,
    }  # fmt: skip


def loop(row: Loop) -> Shape:
    """A line of `kith loops`."""
    return {
        "what": row.what,
        "id": row.id,
        "person_id": row.person_id,
        "person": row.person_name,
        "text": row.text,
        "since": row.since,
        "due_at": row.due_at if row.what != "waits" else None,
        "conversation_id": row.conversation_id,
        "source": row.source_name or None,
        "reach": mark_of(row.handles) or None,
    }


def pace(found: Card, now: int) -> Shape:
    """How often to be in touch with a person, and how that stands."""
    who = found.person
    given = {"ideal_s": who.pace_s, "max_s": who.pace_max_s, "by_tag": who.cadence_s is None}
    return {
        "cadence": given if who.pace_s is not None else None,
        "overdue": is_overdue(found, now),
        "resting_at": who.resting_at,
    }


def stage(found: Card, log: Iterable[StageChange]) -> Shape:
    """What `kith person stage` prints: where a person stands, the suggested step, and the log, the newest first."""
    return {
        "id": found.person.id,
        "name": found.person.name,
        "stage": found.person.stage,
        "stage_at": found.person.stage_at,
        "suggestion": _step(found),
        "log": [
            {"id": each.id, "before": each.before, "after": each.after, "why": each.why, "at": each.at} for each in log
        ],
    }


def _step(found: Card) -> Shape | None:
    step = found.step
    return {"stage": step.stage, "nearer": step.is_nearer, "evidence": step.evidence} if step is not None else None


def card(found: Card, timeline: Iterable[TimelineRow], *, now: int) -> Shape:
    """What `kith person show` prints."""
    who = found.person
    ways = independent(Handle(each.network, each.handle, each.url or "") for each in found.identities)
    reach = mark(ways)
    return {
        "id": who.id,
        "name": who.name,
        "stage": who.stage,
        "stage_at": who.stage_at,
        "suggestion": _step(found),
        **pace(found, now),
        "first_contact_at": who.first_contact_at,
        "last_contact_at": who.last_contact_at,
        "last_incoming_at": who.last_incoming_at,
        "last_outgoing_at": who.last_outgoing_at,
        "tags": list(found.tags),
        "identities": [
            {
                "id": each.id,
                "network": each.network,
                "handle": each.handle,
                "name": each.name,
                "url": each.url,
                "me": bool(each.is_me),
            }
            for each in found.identities
        ],
        "ways": _ways(ways),
        "notes": [{"id": each.id, "text": each.text, "at": each.at} for each in found.notes],
        "promises": [
            {"id": each.id, "text": each.text, "due_at": each.due_at, "created_at": each.created_at}
            for each in found.promises
        ],
        "waits": [loop(each) | {"reach": reach} for each in found.waits],
        "asked": [loop(each) | {"reach": reach} for each in found.asked],
        "timeline": [
            {
                "what": each.what,
                "id": each.id,
                "at": each.at,
                "text": each.text,
                "kind": each.kind,
                "source": each.source_name or None,
                "conversation_id": each.conversation_id,
            }
            for each in timeline
        ],
    }


def alike(pair: Alike, reasons: Iterable[Reason], reach: Mapping[int, str]) -> Shape:
    """A line of `kith person suggestions`; `reach` says by id which ways lead to each."""
    one, other = pair.one_id, pair.other_id
    return {
        "one": {"id": one, "name": pair.one_name, "networks": pair.one_networks.split(","), "reach": reach[one]},
        "other": {
            "id": other, "name": pair.other_name, "networks": pair.other_networks.split(","), "reach": reach[other],
        },
        "weight": pair.weight,
        "left": bool(pair.is_left),
        "reasons": [{"kind": each.kind, "words": each.words} for each in reasons],
    }  # fmt: skip
