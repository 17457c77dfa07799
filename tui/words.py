"""What rows say in words: why somebody waits, how a conversation or a reply stands. Pure."""

import json
from collections.abc import Mapping

from community.model import ConversationRow, OutboxRow
from community.text import clean_line
from tui.ages import due

_REASONS = {
    "first_time": ("first time here", "first time"),
    "question": ("asks a question", "asks"),
    "platforms": ("on several platforms", "several places"),
    "starred": ("starred", "starred"),
    "no_answer": ("no answer yet", "no answer"),
}
_FOREVER = 1 << 38


def reasons(row: ConversationRow, stages: Mapping[str, str]) -> list[tuple[str, str]]:
    """Why a conversation stands where it stands, each as (in words, in a word or two), the heaviest first."""
    try:
        codes = [str(code) for code, _ in json.loads(row.reasons)]
    except (ValueError, TypeError):
        codes = []
    found = [
        _REASONS.get(code) or (stages.get(code, clean_line(code)), stages.get(code, clean_line(code))) for code in codes
    ]
    if row.woken_at is not None and row.attention == "waiting":
        found.append(("back from snooze", "back"))
    return found


def standing(row: ConversationRow, now: int) -> str:
    """How a conversation stands when nobody waits: “until fri”, “answered · remind fri”; "" when that is plain."""
    parts: list[str] = []
    if row.attention == "snoozed":
        until = row.snoozed_until or 0
        parts.append("until they reply" if until > _FOREVER else f"until {due(until, now)}")
    elif row.attention in {"done", "resting", "muted", "answered"}:
        parts.append(row.attention)
    if row.remind_at:
        parts.append(f"remind {due(row.remind_at, now)}")
    return " · ".join(parts)


_STATES = {
    "draft": "draft",
    "queued": "in the outbox",
    "sending": "being sent",
    "failed": "failed",
    "uncertain": "uncertain whether it arrived",
    "by hand": "to be posted by hand",
    "sent": "sent",
    "cancelled": "taken back",
}


def outbox_state(row: OutboxRow, now: int) -> str:
    """How a reply stands on its way, with the reason when something is wrong."""
    words = _STATES.get(row.state, row.state)
    if row.state == "queued" and row.not_before > now:
        left = row.not_before - now
        words = f"leaves in {left} s" if left < 120 else f"leaves {due(row.not_before, now)}"
    if row.only_if_silent and row.state == "queued":
        words += ", unless they write first"
    if row.error and row.state in {"failed", "uncertain", "queued"}:
        words += f": {row.error}"
    return clean_line(words)


def many(number: int, one: str, more: str = "") -> str:
    """“1 comment”, “4 comments”."""
    return f"{number} {one if number == 1 else more or one + 's'}"
