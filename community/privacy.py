"""What the user wrote for nobody else: it leaves with an export only when it is asked for (pure).

Notes and promises stay here as a whole. Of a step, a logged contact and an outcome the fact leaves, that it was and
when and of which kind, but no words about it. A draft leaves without its asides.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from community.asides import parted, without_asides
from community.model import TimelineRow
from community.people import Card

_WHOLE = frozenset({"note", "promise"})
_WORDS = {"stage_change": "why", "touchpoint": "text", "outcome": "text", "outbox": "asides"}
SESSION = "session"
"""The fact under which an unfinished session is kept."""
_ABOUT = frozenset({"stage", "touchpoint", "outcome"})


def stays(table: str) -> bool:
    """Whether nothing of a table leaves."""
    return table in _WHOLE


def bare(table: str, row: Mapping[str, object]) -> dict[str, object] | None:
    """A row without private words; None for a session that was left, which quotes them."""
    if (table, row.get("name")) == ("meta", SESSION):
        return None
    found = dict(row)
    if _WORDS.get(table) in found:
        found[_WORDS[table]] = ""
    if table == "outbox":
        found["text"] = without_asides(str(row.get("text") or ""))
    return found


def tells(changes: Iterable[Sequence[Any]]) -> bool:
    """Whether changes of the journal, each [table, id, before, after], hold private words."""
    return any(
        table in _WHOLE or any(image is not None and _holds(table, image) for image in images)
        for table, _, *images in changes
    )


def _holds(table: str, image: Mapping[str, Any]) -> bool:
    return bool(image.get(_WORDS.get(table, ""))) or (
        table == "outbox" and bool(parted(str(image.get("text") or ""))[1])
    )


def public(card: Card) -> Card:
    """What is known of a person, without what the user wrote about them."""
    return card._replace(notes=(), promises=())


def facts(timeline: Iterable[TimelineRow]) -> Iterator[TimelineRow]:
    """What happened, without what the user wrote about it."""
    for row in timeline:
        if row.what not in _WHOLE:
            yield row._replace(text="") if row.what in _ABOUT else row
