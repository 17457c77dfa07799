"""What a parser found, cut and judged: the values that every kind of feed is read into.

Runs in the process that parses feeds and knows only the standard library.
"""

import calendar
import re
import time
from typing import Any

MOST_ENTRIES = 5000
HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
_LONGEST = 400_000
_OLDEST = calendar.timegm((1990, 1, 1, 0, 0, 0))
_DAY_S = 86_400
_PERIODS = {"hourly": 3600, "daily": _DAY_S, "weekly": 7 * _DAY_S, "monthly": 30 * _DAY_S, "yearly": 365 * _DAY_S}
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_BLANKS = re.compile(r"\s+")


def sane(moment: int) -> int | None:
    """A time in epoch seconds, from 1990 on until tomorrow; None for any other."""
    return moment if _OLDEST <= moment <= time.time() + _DAY_S else None


def content(value: Any) -> str:  # noqa: ANN401
    """A body up to a length that can be shown in one go; what is cut is said."""
    found = text(value, _LONGEST)
    return found if found == value or not found else f"{found}\n\n… {(len(value) - _LONGEST) // 1000} kB more"


def text(value: Any, limit: int = 20_000) -> str:  # noqa: ANN401
    """At most `limit` characters; "" for what is no text."""
    return value[:limit] if isinstance(value, str) else ""


def line(value: Any) -> str:  # noqa: ANN401
    """One line without controls; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    if len(value) <= 4000 and value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    return _BLANKS.sub(" ", _CONTROLS.sub(" ", value[:4000])).strip()


def is_html(detail: Any, *, default: bool = False) -> bool:  # noqa: ANN401
    """Whether feedparser's detail of a text says that it is HTML."""
    kind = detail.get("type") if isinstance(detail, dict) else None
    return kind in HTML_TYPES if isinstance(kind, str) else default


def ttl_s(feed: dict[str, Any]) -> int | None:
    """How long a feed wants to be left alone, up to a month; None when it does not say."""
    minutes = _count(feed.get("ttl"))
    if minutes:
        return min(minutes * 60, 30 * _DAY_S)
    period = _PERIODS.get(line(feed.get("sy_updateperiod")).lower())
    return period // max(1, _count(feed.get("sy_updatefrequency")) or 1) if period else None


def _count(value: Any) -> int | None:  # noqa: ANN401
    found = str(value).strip()
    return int(found) if found.isascii() and found.isdecimal() and len(found) < 10 else None
