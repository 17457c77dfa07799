"""Times as people type them: "tonight", "in 3 days", "friday 9am", "last tuesday"."""

import re
from datetime import UTC, datetime, timedelta, tzinfo

from community.errors import WrongUsage
from community.text import clean_line

_MORNING = 9
_EVENING = 19
_SPAN = re.compile(r"^(?:in\s+)?(\d{1,4})\s*(m|min|minutes?|h|hours?|d|days?|w|weeks?|months?|y|years?)$")
_UNIT_S = {"m": 60, "h": 3600, "d": 86_400, "w": 604_800, "y": 31_536_000}

SNOOZES = (
    ("later", "later today"),
    ("tonight", "tonight"),
    ("tomorrow", "tomorrow morning"),
    ("weekend", "on the weekend"),
    ("next week", "next week"),
)
"""What the snooze menu offers: the word to type, and what it is called."""


def future(text: str, *, now: int, zone: tzinfo | None = None) -> int:
    """The moment `text` names, after `now`, in the zone of this machine unless another is given.

    A day without an hour means nine in the morning. Raises `WrongUsage` for what is no time or has passed.
    """
    at = _moment(text, now=now, zone=zone, prefer="future")
    if at <= now:
        raise WrongUsage(
            f"“{clean_line(text, limit=60)}” has passed: give a later time, like “tomorrow” or “in 3 days”."
        )
    return at


def past(text: str, *, now: int, zone: tzinfo | None = None) -> int:
    """The moment `text` names, not after `now`. Raises `WrongUsage` for what is no time or lies ahead."""
    at = _moment(text, now=now, zone=zone, prefer="past")
    if at > now:
        raise WrongUsage(f"“{clean_line(text, limit=60)}” lies ahead: give a past date, like “last tuesday”.")
    return at


def _moment(text: str, *, now: int, zone: tzinfo | None, prefer: str) -> int:
    words = clean_line(text, limit=100).lower().strip()
    here = datetime.fromtimestamp(now, UTC).astimezone(zone)
    span = _SPAN.match(words)
    if span:
        unit = "month" if span[2].startswith("month") else span[2][0]
        seconds = int(span[1]) * (2_592_000 if unit == "month" else _UNIT_S[unit])
        return now + seconds if prefer == "future" else now - seconds
    named = _named(words, here)
    if named is not None:
        return int(named.timestamp())
    import dateparser  # noqa: PLC0415  half a second to import, and rarely needed

    found = dateparser.parse(
        words,
        languages=["en"],
        settings={
            "PREFER_DATES_FROM": prefer,
            "RELATIVE_BASE": here.replace(tzinfo=None),
            "RETURN_AS_TIMEZONE_AWARE": False,
        },
    )
    if found is None:
        raise WrongUsage(
            f"“{clean_line(text, limit=60)}” is no time Kith understands: "
            "try “tomorrow”, “in 3 days”, “friday 9am”, “2026-12-24”."
        )
    midnight = (found.hour, found.minute, found.second) == (here.hour, here.minute, here.second)
    if (midnight or (found.hour, found.minute) == (0, 0)) and not re.search(r"\d\s*(:|am|pm|h)|now|hour|minute", words):
        found = found.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    return int(found.replace(tzinfo=here.tzinfo).timestamp())


def _named(words: str, here: datetime) -> datetime | None:
    morning = here.replace(hour=_MORNING, minute=0, second=0, microsecond=0)
    match words:
        case "later" | "later today":
            return here + timedelta(hours=3)
        case "tonight" | "this evening":
            evening = here.replace(hour=_EVENING, minute=0, second=0, microsecond=0)
            return evening if evening > here else here + timedelta(hours=1)
        case "tomorrow" | "tomorrow morning":
            return morning + timedelta(days=1)
        case "weekend" | "on the weekend" | "the weekend":
            return morning + timedelta(days=(5 - here.weekday()) % 7 or 7)
        case "next week" | "monday":
            return morning + timedelta(days=7 - here.weekday())
        case _:
            return None
