"""The JSON of the command line: rows of the workspace as the objects that docs/cli.md describes. Pure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from community.reachability import Handle, Way, handles, mark, mark_of
from community.reachability import ways as independent
from tui.between import is_overdue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from community.model import (
        Alike,
        ConversationRow,
        DeskRow,
        Item,
        Loop,
        OutboxRow,
        PersonRow,
        SearchHit,
        Source,
        StageChange,
        TimelineRow,
        Voice,
    )
    from community.people import Card
    from community.readings import Reading
    from community.reasons import Reason
    from community.sources.base import Capabilities
    from community.standing import Standing
    from community.threads import Opened

Shape = dict[str, object]


def conversation(row: ConversationRow, voices: Sequence[Voice]) -> Shape:
    """A line of `kith list`."""
    return {
        "id": row.id,
        "title": row.title,
        "source": row.source_name,
        "source_id": row.source_id,
        "kind": row.source_kind,
        "attention": row.attention,
        "reasons": reasons(row),
        "last_incoming_at": row.last_incoming_at,
        "last_outgoing_at": row.last_outgoing_at,
        "people": [
            {
                "person_id": voice.person_id,
                "identity_id": voice.identity_id,
                "handle": voice.handle,
                "name": voice.name,
            }
            for voice in voices
        ],
        "items": row.items,
        "subject": row.subject,
        "subject_url": row.subject_url,
        "waiting_since": row.waiting_since,
        "snoozed_until": row.snoozed_until,
        "draft": bool(row.has_draft),
    }


def reasons(row: ConversationRow) -> list[str]:
    """The codes of why a conversation stands where it does, the heaviest first."""
    return [str(code) for code, _ in json.loads(row.reasons)]


def opened(found: Opened, voices: Sequence[Voice]) -> Shape:
    """What `kith show` prints: the conversation with its items in place of their number."""
    ids = {item.remote_id: item.id for item, _ in found.items}
    return conversation(found.row, voices) | {
        "items": [_item(each, depth, ids) for each, depth in found.items],
        "tags": list(found.tags),
        "outcomes": [
            {"id": each.id, "person_id": each.person_id, "kind": each.kind, "text": each.text, "at": each.at}
            for each in found.outcomes
        ],
        "unsent": [outgoing(row) for row in found.unsent],
    }


def _item(row: Item, depth: int, ids: Mapping[str, int]) -> Shape:
    return {
        "id": row.id,
        "parent_id": ids.get(row.parent_remote_id or ""),
        "author": {
            "identity_id": row.author_id,
            "person_id": row.person_id,
            "handle": row.handle,
            "name": row.name,
        },
        "text": row.text,
        "created_at": row.created_at,
        "permalink": row.permalink,
        "mine": bool(row.mine),
        "pending": row.status == "pending",
        "depth": depth,
        "status": row.status,
        "kind": row.kind,
    }


def outgoing(row: OutboxRow) -> Shape:
    """An entry of the outbox."""
    return {
        "id": row.id,
        "state": row.state,
        "act": row.act,
        "conversation_id": row.conversation_id,
        "item_id": row.item_id,
        "title": row.title,
        "to": row.to_name,
        "source": row.source_name,
        "source_id": row.source_id,
        "kind": row.source_kind,
        "account": row.account or None,
        "text": row.text,
        "error": row.error or None,
        "note": row.note or None,
        "remote_id": row.remote_id,
        "permalink": row.permalink,
        "attempts": row.attempt,
        "not_before": row.not_before or None,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "settled_at": row.settled_at,
    }


def source(row: Source, capabilities: Capabilities, *, has_credential: bool) -> Shape:
    """A line of `kith source list`."""
    from community.listening import can  # late: a status bar has no use for it

    return {
        "id": row.id,
        "kind": row.kind,
        "name": row.name,
        "address": row.address,
        "account": row.account,
        "state": row.state,
        "health": row.health,
        "error": row.health_text or None,
        "checked_at": row.checked_at,
        "succeeded_at": row.succeeded_at,
        "next_check_at": row.next_check_at or None,
        "credential": has_credential,
        "can": can(capabilities),
        "cannot": cannot(capabilities),
    }


def cannot(capabilities: Capabilities) -> Shape:
    """What a source cannot do, and why."""
    return {act.value: str(why) for act, why in capabilities.why_not.items() if act not in capabilities.acts}


def desk(row: DeskRow) -> Shape:
    """A line of `kith desk`."""
    return {
        "id": row.id,
        "conversation_id": row.conversation_id,
        "source": row.source_name,
        "source_id": row.source_id,
        "status": row.status,
        "author": {
            "identity_id": row.author_id,
            "person_id": row.person_id,
            "handle": row.handle,
            "name": row.name,
        },
        "text": row.text,
        "subject": row.subject,
        "created_at": row.created_at,
        "on_its_way": row.pending_act,
    }


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


def hit(row: SearchHit) -> Shape:
    """A line of `kith search`."""
    return {
        "what": row.what,
        "id": row.id,
        "conversation_id": row.conversation_id,
        "person_id": row.person_id,
        "title": row.title,
        "who": row.who,
        "snippet": row.snippet.replace("\x02", "").replace("\x03", ""),
        "at": row.at or None,
    }


def standing(found: Standing) -> Shape:
    """What `kith status` prints."""
    numbers = found.counts
    return {
        "waiting": numbers.waiting,
        "new": found.new,
        "pending": numbers.pending,
        "snoozed": numbers.snoozed,
        "drafts": numbers.drafts,
        "queued": numbers.queued,
        "by_hand": numbers.by_hand,
        "failed": numbers.failed,
        "uncertain": numbers.uncertain,
        "sources": found.sources,
        "failing": [
            {"id": each.id, "kind": each.kind, "name": each.name, "health": each.health, "error": each.health_text}
            for each in found.ill
        ],
    }
