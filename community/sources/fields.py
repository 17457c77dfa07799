"""Reading JSON that others made: typed reads which refuse what has the wrong shape (pure)."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from community.text import Clean, clean_line, safe_url

EARLIEST = 631_152_000
"""1990-01-01: no honest item is older."""

_DAY_S = 86_400


class Misshapen(ValueError):
    """An entry lacks what it must have, or has it in the wrong type: it is refused and counted."""


def mapping(value: object) -> dict[str, Any]:
    """`value` as a JSON object. Raises `Misshapen` when it is none."""
    if not isinstance(value, dict):
        raise Misshapen(f"an object is missing, {type(value).__name__} found")
    return value


def listing(value: object) -> list[Any]:
    """`value` as a JSON list. Raises `Misshapen` when it is none."""
    if not isinstance(value, list):
        raise Misshapen(f"a list is missing, {type(value).__name__} found")
    return value


def child(entry: Mapping[str, Any], key: str) -> dict[str, Any]:
    """The object under `key`, empty when there is none."""
    value = entry.get(key)
    return value if isinstance(value, dict) else {}


def children(entry: Mapping[str, Any], key: str) -> list[dict[str, Any]]:
    """The objects in the list under `key`; whatever else is in it is left out."""
    value = entry.get(key)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def string(entry: Mapping[str, Any], key: str) -> str:
    """The text under `key` as it came, "" when there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def identifier(entry: Mapping[str, Any], key: str) -> str:
    """An id: text, or a whole number written as text. Raises `Misshapen` when there is none that can be used."""
    found = optional_identifier(entry, key)
    if not found:
        raise Misshapen(f"{key} is missing")
    return found


def optional_identifier(entry: Mapping[str, Any], key: str) -> str:
    """An id as in `identifier`, "" when there is none."""
    value = entry.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 64:
        value = str(value)
    if not isinstance(value, str) or len(value) > 2000 or clean_line(value, limit=2000) != value:
        return ""
    return value


def link(entry: Mapping[str, Any], key: str) -> str | None:
    """The http(s) address under `key`, None when there is none that may be opened."""
    value = entry.get(key)
    return safe_url(value) if isinstance(value, str) else None


def moment(text: object) -> int | None:
    """An ISO 8601 time with a zone as epoch seconds, None for anything else."""
    if not isinstance(text, str) or not 10 < len(text) < 64:
        return None
    try:
        when = datetime.fromisoformat(text)
        return None if when.tzinfo is None else int(when.timestamp())
    except (ValueError, OverflowError, OSError):
        return None


def plausible(at: int | None, now: int) -> int:
    """`at` where it lies between 1990 and tomorrow, `now` where it does not."""
    return at if at is not None and EARLIEST <= at <= now + _DAY_S else now


def iso(at: int) -> str:
    """`at` as ISO 8601 in UTC with milliseconds and `Z`."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def name_of(*candidates: str) -> Clean:
    """The first candidate that leaves something when cleaned."""
    return next((line for line in (clean_line(each, limit=200) for each in candidates) if line), Clean("?"))


def original(entry: object) -> bytes:
    """`entry` as the bytes that are kept and never shown."""
    return json.dumps(entry, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def options_of(text: str) -> dict[str, str]:
    """The options column of a source as text values; empty when it is no JSON object."""
    try:
        found = json.loads(text or "{}")
    except ValueError:
        return {}
    return {str(key): str(value) for key, value in found.items()} if isinstance(found, dict) else {}
