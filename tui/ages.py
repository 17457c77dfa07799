"""How long ago, and when, in as few letters as can be read at a glance. Dates are in the zone of this machine."""

from datetime import UTC, datetime, tzinfo

_MINUTE, _HOUR, _DAY, _WEEK = 60, 3600, 86_400, 604_800
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def age(at: int | None, now: int, *, zone: tzinfo | None = None) -> str:  # noqa: PLR0911  one a unit
    """“now”, “40 min”, “5 h”, “3 d”, “7 weeks”, then a month: never wider than eight cells; "" for None."""
    if at is None:
        return ""
    passed = now - at
    if passed < _MINUTE:
        return "now"
    if passed < _HOUR:
        return f"{passed // _MINUTE} min"
    if passed < _DAY:
        return f"{passed // _HOUR} h"
    if passed < 2 * _WEEK:
        return f"{passed // _DAY} d"
    if passed < 9 * _WEEK:
        return f"{passed // _WEEK} weeks"
    then, today = _local(at, zone), _local(now, zone)
    return day(at, now, zone=zone) if then.year == today.year else f"{_MONTHS[then.month - 1]} {then.year}"


def ago(at: int | None, now: int, *, zone: tzinfo | None = None) -> str:
    """The same as half of a sentence: “3 days ago”, “just now”, “on 12 Mar 2024”; "" for None."""
    if at is None:
        return ""
    passed = now - at
    if passed < _MINUTE:
        return "just now"
    for unit, name in ((_HOUR, "minute"), (_DAY, "hour"), (2 * _WEEK, "day")):
        if passed < unit:
            step = {"minute": _MINUTE, "hour": _HOUR, "day": _DAY}[name]
            return f"{_many(passed // step, name)} ago"
    if passed < 9 * _WEEK:
        return f"{_many(passed // _WEEK, 'week')} ago"
    then, today = _local(at, zone), _local(now, zone)
    year = "" if then.year == today.year else f" {then.year}"
    return f"on {then.day} {_MONTHS[then.month - 1]}{year}"


def since(at: int | None, now: int, *, zone: tzinfo | None = None) -> str:
    """For “visitor since …”: “today”, “yesterday”, “Monday”, “2 Jun”, “May”, “May 2024”; "" for None."""
    if at is None:
        return ""
    then, today = _local(at, zone), _local(now, zone)
    days = (today.date() - then.date()).days
    if days <= 1:
        return "yesterday" if days == 1 else "today"
    if days < 7:
        return f"{then:%A}"
    if days < 2 * 7:
        return day(at, now, zone=zone)
    month = _MONTHS[then.month - 1]
    return month if then.year == today.year else f"{month} {then.year}"


def due(at: int, now: int, *, zone: tzinfo | None = None) -> str:
    """A moment ahead: “in 40 min”, “at 19:00”, “tomorrow”, “fri”, “12 Mar”; then “today” or “3 d late”."""
    then, today = _local(at, zone), _local(now, zone)
    days = (then.date() - today.date()).days
    if at <= now:
        return "today" if days == 0 else f"{age(at, now, zone=zone)} late"
    if at - now < _HOUR:
        return f"in {max(1, (at - now) // _MINUTE)} min"
    if days == 0:
        return f"at {then:%H:%M}"
    if days == 1:
        return "tomorrow"
    return _DAYS[then.weekday()] if days < 7 else day(at, now, zone=zone)


def day(at: int, now: int, *, zone: tzinfo | None = None) -> str:
    """“12 Mar”, with the year when it is another one: “12 Mar 24”."""
    then, today = _local(at, zone), _local(now, zone)
    short = f"{then.day} {_MONTHS[then.month - 1]}"
    return short if then.year == today.year else f"{short} {then.year % 100:02d}"


def moment(at: int, *, zone: tzinfo | None = None) -> str:
    """A date with its time: “fri 12 Mar 2024, 19:00”."""
    then = _local(at, zone)
    return f"{_DAYS[then.weekday()]} {then.day} {_MONTHS[then.month - 1]} {then.year}, {then:%H:%M}"


def _many(number: int, name: str) -> str:
    return f"{number} {name}" if number == 1 else f"{number} {name}s"


def _local(at: int, zone: tzinfo | None) -> datetime:
    try:
        return datetime.fromtimestamp(at, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return datetime.fromtimestamp(0, UTC)
