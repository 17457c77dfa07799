"""Two people who are one: what moves when they are joined, and what goes back when they are taken apart (pure)."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from community.config import STAGES
from community.model import Merging, Person
from storage.journal import belonging, recordable


@dataclass(frozen=True, slots=True)
class Moved:
    """What one merge moved: the ids of rows by table, the tags that were new, and columns of the kept person.

    `columns` holds [value before, value after] of what the merge changed on the kept person, but for contacts, which
    follow from the words.
    """

    rows: Mapping[str, Sequence[int]] = field(default_factory=dict)
    tags: Sequence[str] = ()
    columns: Mapping[str, Sequence[Any]] = field(default_factory=dict)

    def text(self) -> str:
        """As it is stored."""
        return json.dumps({"rows": dict(self.rows), "tags": list(self.tags), "columns": dict(self.columns)})

    @classmethod
    def of(cls, stored: str | Mapping[str, Any]) -> "Moved":
        """As it was stored. Raises `ValueError` for what no merge writes."""
        found = json.loads(stored) if isinstance(stored, str) else stored
        if set(found) != {"rows", "tags", "columns"}:
            raise ValueError("something is missing")
        rows = {table: [_id(each) for each in ids] for table, ids in found["rows"].items()}
        columns = {name: list(values) for name, values in found["columns"].items()}
        if not set(rows) <= set(belonging()) or not set(columns) <= set(recordable("person")):
            raise ValueError("a merge moves no such thing")
        if any(len(values) != 2 or not all(_plain(each) for each in values) for values in columns.values()):
            raise ValueError("a column has one value before and one after")
        if not all(isinstance(tag, str) for tag in found["tags"]):
            raise ValueError("a tag is a word")
        return cls(rows, tuple(found["tags"]), columns)


def _id(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 53:
        raise ValueError("that is no id")
    return value


def _plain(value: object) -> bool:
    if isinstance(value, str):
        return value in STAGES
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and abs(value) < 1 << 53)


def joined(kept: Person, other: Person) -> dict[str, object]:
    """How the kept person stands once the other is the same: the nearer stage, and a cadence where one was set.

    Whoever rests, rests on only when both do.
    """
    columns: dict[str, object] = {}
    if _nearness(other) > _nearness(kept):
        columns |= {"stage": other.stage, "stage_at": other.stage_at}
    if kept.cadence_s is None and other.cadence_s is not None:
        columns |= {"cadence_s": other.cadence_s, "cadence_max_s": other.cadence_max_s}
    if kept.resting_at is not None and other.resting_at is None:
        columns["resting_at"] = None
    return columns


def kept_first(one: Person, other: Person) -> tuple[Person, Person]:
    """Who of two is kept when nobody says: the nearer, else the one known for longer."""
    ordered = sorted((one, other), key=lambda each: (-_nearness(each), each.first_contact_at or 1 << 60, each.id))
    return ordered[0], ordered[1]


def _nearness(person: Person) -> int:
    return STAGES.index(person.stage) if person.stage in STAGES else 0


_TOGETHER = (("stage", "stage_at"), ("cadence_s", "cadence_max_s"), ("resting_at",))


def going_back(moved: Moved, kept: Person, later: Sequence[Moved]) -> tuple[dict[str, object], list[Moved]]:
    """What a kept person gets back when a merge is taken apart, and the later merges as they are to be remembered.

    What a later merge has changed in turn, it is the later one that gives back; what the user has changed since stays.
    """
    back: dict[str, object] = {}
    left = list(later)
    for group in _TOGETHER:
        mine = {name: moved.columns[name] for name in group if name in moved.columns}
        if not mine:
            continue
        next_one = next((at for at, each in enumerate(left) if mine.keys() <= each.columns.keys()), None)
        if next_one is None:
            if all(getattr(kept, name) == after for name, (_, after) in mine.items()):
                back |= {name: before for name, (before, _) in mine.items()}
        elif all(left[next_one].columns[name][0] == after for name, (_, after) in mine.items()):
            patched = {name: [before, left[next_one].columns[name][1]] for name, (before, _) in mine.items()}
            left[next_one] = replace(left[next_one], columns={**left[next_one].columns, **patched})
    return back, left


_CALLED = {
    "identity": ("handle", "handles"),
    "note": ("note", "notes"),
    "promise": ("promise", "promises"),
    "touchpoint": ("logged contact", "logged contacts"),
    "outcome": ("outcome", "outcomes"),
}


def brought(merging: Merging) -> list[str]:
    """What a merge moved, in words: “2 handles”, “1 note”, “the tag #porto”; empty when it was nothing."""
    moved = Moved.of(merging.moved)
    words = [
        f"{len(ids)} {_CALLED[table][len(ids) > 1]}" for table, ids in moved.rows.items() if ids and table in _CALLED
    ]
    return words + [f"the tag #{tag}" for tag in moved.tags]
