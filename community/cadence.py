"""How often I want to be in touch: spans as they are typed, an ideal and a maximum, and how they read again (pure)."""

import re
from typing import NamedTuple

from community.errors import WrongUsage
from community.text import Clean, clean_line

DAY_S = 86_400
_UNIT_DAYS = {"d": 1, "day": 1, "w": 7, "week": 7, "m": 30, "month": 30, "q": 91, "quarter": 91, "y": 365, "year": 365}
_WORDS = {"daily": 1, "weekly": 7, "fortnightly": 14, "monthly": 30, "quarterly": 91, "yearly": 365}
_NUMBERS = {"other": 2, "second": 2, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "a": 1, "one": 1}
_SPAN = re.compile(r"(?:every\s+)?(?:(\d{1,3})\s*|([a-z]+)\s+)?(d|w|m|q|y|days?|weeks?|months?|quarters?|years?)")
_SHAPES = ((365, "year"), (91, "quarter"), (30, "month"), (7, "week"), (1, "day"))
_LONGEST_S = 50 * 365 * DAY_S
EXAMPLES = "“every month”, “2w at most 6w”, or “none”"


class Cadence(NamedTuple):
    """An ideal and a maximum span between two contacts."""

    ideal_s: int
    max_s: int


def parse(text: str) -> Cadence | None:
    """What was typed: "every month", "2w at most 6w"; None for "none". Without a maximum the ideal is one.

    Raises `WrongUsage` for anything else.
    """
    words = clean_line(text, limit=100).casefold().strip(" .")
    if words in {"none", "never", "no", "off", "0"}:
        return None
    ideal, at_most, most = words.partition("at most")
    if not at_most:
        ideal, _, most = words.partition("max")
    ideal_s = _span(ideal.strip(" ,"), text)
    max_s = _span(most.strip(" ,"), text) if most.strip(" ,") else ideal_s
    if max_s < ideal_s:
        raise WrongUsage(f"“{clean_line(text, limit=60)}”: the maximum cannot be shorter than the ideal.")
    return Cadence(ideal_s, max_s)


def _span(words: str, text: str) -> int:
    found = _SPAN.fullmatch(words)
    days = _WORDS.get(words, 0)
    if found is not None:
        times = int(found[1]) if found[1] else _NUMBERS.get(found[2] or "one", 0)
        unit = found[3] if len(found[3]) == 1 else found[3].rstrip("s")
        days = times * _UNIT_DAYS[unit]
    if not 0 < days * DAY_S <= _LONGEST_S:
        raise WrongUsage(f"“{clean_line(text, limit=60)}” is no cadence Kith understands: try {EXAMPLES}.")
    return days * DAY_S


def shown(ideal_s: int, max_s: int) -> Clean:
    """How a cadence reads: "every month", "every 2 weeks, at most 6 weeks"."""
    ideal = _words(ideal_s)
    words = f"every {ideal.removeprefix('1 ')}"
    return clean_line(words if max_s <= ideal_s else f"{words}, at most {_words(max_s)}")


def _words(span_s: int) -> str:
    days = max(1, span_s // DAY_S)
    for size, unit in _SHAPES:
        if days % size == 0:
            number = days // size
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{days} days"
