"""The JSON of the command line: rows of the workspace as the objects that docs/cli.md describes. Pure.

What is said of people is in `person_shapes`.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from community.model import ConversationRow, DeskRow, Item, OutboxRow, SearchHit, Source, Voice
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
        "author": _author(row),
        "text": row.text,
        "created_at": row.created_at,
        "permalink": row.permalink,
        "mine": bool(row.mine),
        "pending": row.status == "pending",
        "depth": depth,
        "status": row.status,
        "kind": row.kind,
    }


def _author(row: Item | DeskRow) -> Shape:
    return {"identity_id": row.author_id, "person_id": row.person_id, "handle": row.handle, "name": row.name}


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
        "author": _author(row),
        "text": row.text,
        "subject": row.subject,
        "created_at": row.created_at,
        "on_its_way": row.pending_act,
    }


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
