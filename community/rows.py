"""What a row that comes from a file may hold, before it is stored (pure).

A file is written by anybody: each value must be of its column's type and within its bounds, every text is cleaned,
addresses are http(s), and nothing in a row can name a program, a file or a header.
"""

import json
import math
import re
from base64 import b64decode
from collections.abc import Callable, Mapping
from typing import Any

from community.config import STAGES
from community.errors import WrongUsage
from community.hooks import FACT as HOOK
from community.merging import Moved
from community.outcomes import KINDS
from community.query import parse
from community.sources import ADAPTERS
from community.text import clean, safe_url
from storage.journal import recordable
from storage.tables import Column, Table, Values

_LARGEST_ID = 1 << 53
_LAST_TIME = 253_402_300_799
_TEXT = 4_000_000
_ADDRESSES = frozenset({"url", "permalink", "subject_url"})
_OBJECTS = frozenset({"options", "extra", "body", "moved"})
_NO_FACTS = frozenset({"throw_away", "sync_s", "checked", "unswept"})
"""What `meta` holds about one machine: where secrets go there, how often it asks, when its file was looked at."""
_PLACE = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\]):\d{1,5}")
_WORD = re.compile(r"[A-Za-z0-9 ._-]{0,40}")


class WrongRow(ValueError):
    """A row that cannot be stored; the text says what is wrong with it, as the end of a sentence."""


def is_fact(table: str, row: Mapping[str, object]) -> bool:
    """Whether a row is about the user's world, and not only about this machine."""
    name = str(row.get("name"))
    return table != "meta" or not (name in _NO_FACTS or name.startswith(HOOK))


def checked(table: Table, given: Mapping[str, object]) -> Values:
    """The row as it may be stored. Raises `WrongRow`."""
    known = {column.name: column for column in table.columns}
    strange = next((name for name in given if name not in known), None)
    if strange is not None:
        raise WrongRow(f"“{clean(strange, limit=40)}” is nothing that a {table.name} has")
    row: Values = {}
    for name, column in known.items():
        if name in given:
            row[name] = _value(table.name, column, given[name])
        elif column.required and not column.has_default:
            raise WrongRow(f"its {name} is missing")
    for name, rule in _RULES.get(table.name, {}).items():
        value = row.get(name)
        if isinstance(value, str) and not rule(value):
            raise WrongRow(f"its {name} is nothing that Kith knows")
    if row.get("name") == "theme" and table.name == "meta" and not _WORD.fullmatch(str(row.get("value"))):
        raise WrongRow("its theme is no name")
    return row


def _value(table: str, column: Column, given: object) -> object:
    if given is None:
        if column.required:
            raise WrongRow(f"its {column.name} is empty")
        return None
    match column.type:
        case "INTEGER":
            return _integer(column.name, given)
        case "REAL":
            if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
                raise WrongRow(f"its {column.name} is no number")
            return float(given)
        case "BLOB":
            return _blob(column.name, given)
        case _:
            return _text(table, column.name, given)


def _integer(name: str, given: object) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise WrongRow(f"its {name} is no whole number")
    is_id = name == "id" or name.endswith("_id") or name == "merged_into"
    if not (0 <= given < _LARGEST_ID if is_id else abs(given) <= _LAST_TIME):
        raise WrongRow(f"its {name} is out of all bounds")
    return given


def _blob(name: str, given: object) -> bytes:
    if isinstance(given, bytes):
        return given
    coded = given.get("base64") if isinstance(given, dict) else None
    try:
        return b64decode(coded, validate=True) if isinstance(coded, str) else _refused(name)
    except ValueError as error:
        raise WrongRow(f"its {name} is no base64") from error


def _refused(name: str) -> bytes:
    raise WrongRow(f"its {name} is no base64")


def _text(table: str, name: str, given: object) -> str:
    if not isinstance(given, str):
        raise WrongRow(f"its {name} is no text")
    if name in _OBJECTS:
        return _json(name, given, dict)
    if name in {"reasons", "changes", "links"}:
        return _json(name, given, list)
    if name in _ADDRESSES:
        if not given.lower().startswith(("http://", "https://")) or clean(given) != given:
            raise WrongRow(f"its {name} is no http(s) address")
        return given
    return clean(given, limit=_TEXT)


def _json(name: str, given: str, kind: type[dict[str, Any]] | type[list[Any]]) -> str:
    """The same JSON, with every text in it clean; unchanged when it was."""
    found: Any = loads(given)
    if type(found) is not kind:
        raise WrongRow(f"its {name} is not of the right shape")
    if name == "changes" and not all(_is_change(each) for each in found):
        raise WrongRow(f"its {name} are nothing that Kith undoes")
    if name == "links" and not all(_is_link(each) for each in found):
        raise WrongRow(f"its {name} are no http(s) addresses")
    if name == "moved" and not _is_moved(found):
        raise WrongRow("what it says was moved is nothing that Kith moves")
    cleaned = _cleaned(found)
    return given if cleaned == found else json.dumps(cleaned)


def _cleaned(value: Any) -> Any:  # noqa: ANN401  whatever JSON holds
    if isinstance(value, str):
        return clean(value, limit=_TEXT)
    if isinstance(value, list):
        return [_cleaned(each) for each in value]
    if isinstance(value, dict):
        return {str(clean(key, limit=1000)): _cleaned(each) for key, each in value.items()}
    return value


def loads(text: str) -> Any:  # noqa: ANN401
    """JSON without NaN and without depths that break the stack. Raises `WrongRow`."""
    try:
        return json.loads(text, parse_constant=_constant)
    except (ValueError, RecursionError) as error:
        raise WrongRow("it is no JSON") from error


def _constant(name: str) -> None:
    raise WrongRow(f"it holds {name}")


def _is_change(change: object) -> bool:
    """Whether a change of the journal names only what the journal writes, with plain values."""
    if not isinstance(change, list) or len(change) != 4 or not isinstance(change[0], str):
        return False
    table, row_id, *images = change
    columns = recordable(table)
    for image in images:
        if image is None:
            continue
        if not isinstance(image, dict) or not set(image) <= set(columns):
            return False
        if not all(_is_value(name, value) for name, value in image.items()):
            return False
    return bool(columns) and isinstance(row_id, int) and 0 <= row_id < _LARGEST_ID


def _is_value(name: str, value: object) -> bool:
    """Whether an undo may write this value into a column of that name."""
    if isinstance(value, int):
        return name not in _WRITTEN and not isinstance(value, bool) and abs(value) <= _LARGEST_ID
    if isinstance(value, str):
        return name in _WRITTEN and _is_sound(name, value)
    return value is None and name not in _STAGES | {"state"}


def _is_sound(name: str, value: str) -> bool:
    rule = _SOUND.get(name)
    return rule is None or rule(value)


_STATUSES = frozenset({"published", "pending", "spam", "trash", "deleted"})


def _is_link(link: object) -> bool:
    """Whether this is what a profile gives as an address: [address, whether it is proved]."""
    return (
        isinstance(link, list)
        and len(link) == 2
        and isinstance(link[0], str)
        and safe_url(link[0]) == link[0]
        and isinstance(link[1], bool)
    )


def _is_moved(moved: Any) -> bool:  # noqa: ANN401  whatever JSON holds
    """Whether this names rows, tags and columns of people, as a merge writes them down."""
    try:
        Moved.of(moved)
    except (ValueError, TypeError, KeyError, AttributeError):
        return False
    return True


_STAGES = frozenset({"stage", "before", "after"})
_WRITTEN = _STAGES | frozenset(
    {
        "name",
        "text",
        "kind",
        "direction",
        "tag",
        "why",
        "said",
        "moved",
        "state",
        "error",
        "note",
        "asides",
        "network",
        "key",
        "handle",
        "url",
        "email_hash",
        "links",
        "title",
        "status",
        "permalink",
        "extra",
        "remote_id",
        "parent_remote_id",
        "item_remote_id",
    }
)
_AT_REST = frozenset({"draft", "by hand", "sent", "uncertain", "cancelled"})
"""What an action of the user may have made of a reply: nothing that is undone can put one on its way."""


def _are_links(value: str) -> bool:
    found = loads(value)
    return isinstance(found, list) and all(_is_link(each) for each in found)


_SOUND: Mapping[str, Callable[[str], bool]] = {
    "url": lambda value: safe_url(value) is not None,
    "permalink": lambda value: safe_url(value) is not None,
    "links": _are_links,
    "moved": lambda value: _is_moved(loads(value)),
    "extra": lambda value: isinstance(loads(value), dict),
    "status": lambda value: value in _STATUSES,
    "state": lambda value: value in _AT_REST,
    **dict.fromkeys(_STAGES, lambda value: value in STAGES),
}
"""What a text must be that an undo may write."""


def _is_query(value: str) -> bool:
    try:
        parse(value, now=0)
    except WrongUsage:
        return False
    return True


def _is_address(value: str) -> bool:
    """What a source listens to: an http(s) address without a name or password in it, or none at all."""
    return "://" not in value or (
        safe_url(value) is not None and "@" not in value.partition("://")[2].partition("/")[0]
    )


_RULES: Mapping[str, Mapping[str, Callable[[str], bool]]] = {
    "source": {
        "kind": lambda value: value in ADAPTERS,
        "address": _is_address,
        "allow_hosts": lambda value: all(_PLACE.fullmatch(each) for each in value.split()),
    },
    "person": {"stage": lambda value: value in STAGES, "suggested": lambda value: value in STAGES},
    "stage_change": {"before": lambda value: value in STAGES, "after": lambda value: value in STAGES},
    "outcome": {"kind": lambda value: value in KINDS},
    "saved_view": {"query": _is_query},
}
