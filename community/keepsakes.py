"""What the user wrote and decided since a backup, brought over from the database that is replaced.

Notes, promises, touchpoints, tags, stages, and whatever else has a table of its own that is not made from what the
platforms say: which tables those are is asked of the database, so that a new one is saved without a word here.
"""

import sqlite3
from dataclasses import dataclass, field, replace

from community.merging import Moved
from community.refound import Refound
from community.rows import is_fact
from community.text import clean
from storage import journal, salvage, tables
from storage.tables import Table, Values

_THEIRS = frozenset(
    {
        "source", "person", "identity", "evidence", "likeness", "suggestion", "merging", "conversation", "item",
        "signal", "outbox", "journal",
    }
)  # fmt: skip
"""What the platforms say, what is made from it, and what else is brought over with more care."""
_CONTACT = ("last_incoming_at", "last_outgoing_at", "last_contact_at")
_KNOWN = frozenset({*_CONTACT, "first_contact_at", "merged_into", "created_at"})
_WHEN = ("created_at", "at")
_WORDS = ("text", "name", "title", "query")


@dataclass(slots=True)
class Kept:
    """How many rows came over, and the texts that belong to nothing any more."""

    rows: int = 0
    homeless: list[str] = field(default_factory=list)


def bring_over(old: sqlite3.Connection, new: sqlite3.Connection, refound: Refound) -> Kept:
    """Take everything that can be read of it into `new`; what is there already, or is newer there, stays."""
    return _Move(old, new, refound).run()


def _later(one: object, other: object) -> bool:
    return isinstance(one, int) and (not isinstance(other, int) or one > other)


class _Move:
    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection, refound: Refound) -> None:
        self._old = old
        self._new = new
        self._refound = refound
        self._moved: dict[tuple[str, int], int] = {}
        self._kept = Kept()

    def run(self) -> Kept:
        listed = tables.tables(self._new)
        self._people(next(table for table in listed if table.name == "person"))
        for table in listed:
            if table.name in _THEIRS:
                continue
            has_id = any(column.name == "id" for column in table.columns)
            found = salvage.listed(self._old, table) if has_id else salvage.walked(self._old, table)
            for given in found:
                if is_fact(table.name, given):
                    self._take(table, given, has_id=has_id)
        self._mergings(next(table for table in listed if table.name == "merging"))
        return self._kept

    def _mergings(self, table: Table) -> None:
        """What each merge moved, by the ids that it has now."""
        for given in salvage.listed(self._old, table):
            row = self._refound.sound(table, given)
            if row is None:
                continue
            moved = Moved.of(str(row["moved"]))
            rows = {name: [self._there(name, each) for each in ids] for name, ids in moved.rows.items()}
            known = {name: [each for each in ids if each is not None] for name, ids in rows.items()}
            self._take(table, given | {"moved": replace(moved, rows=known).text()}, has_id=True)

    def _people(self, table: Table) -> None:
        """How near somebody is, what they are called, how often to be in touch: as it was last."""
        decided = [column for column in journal.recordable("person") if column not in _KNOWN]
        for given in salvage.listed(self._old, table):
            row = self._refound.sound(table, given)
            person_id = self._refound.person(row["id"]) if row is not None else None
            there = tables.find(self._new, "person", {"id": person_id}) if person_id is not None else None
            if row is None or there is None:
                continue
            changed = {name: row[name] for name in decided if name in row and row[name] != there[name]}
            changed |= {name: row[name] for name in _CONTACT if _later(row.get(name), there[name])}
            if changed:
                tables.update(self._new, "person", int(str(there["id"])), changed)
                self._kept.rows += 1

    def _take(self, table: Table, given: Values, *, has_id: bool) -> None:
        row = self._refound.sound(table, given)
        text = next((clean(str(given[name])).strip() for name in _WORDS if given.get(name)), "")
        bound = self._bound(table, row) if row is not None else None
        if row is None or bound is None:
            if text and has_id:
                self._kept.homeless.append(text)
            return
        try:
            self._store(table, row | bound, has_id=has_id)
        except sqlite3.IntegrityError:
            if text and has_id:
                self._kept.homeless.append(text)

    def _bound(self, table: Table, row: Values) -> Values | None:
        """What a row refers to, as the new database has it; None when it cannot be told and must be."""
        found: Values = {}
        required = {column.name for column in table.columns if column.required}
        for column, other in tables.references(self._new, table.name).items():
            if row.get(column) is None:
                continue
            there = self._there(other, row[column])
            if there is None and column in required:
                return None
            found[column] = there
        return found

    def _there(self, table: str, row_id: object) -> int | None:
        if table in {"source", "identity", "person", "conversation", "item"}:
            found: int | None = getattr(self._refound, table)(row_id)
            return found
        if not isinstance(row_id, int):
            return None
        known = self._moved.get((table, row_id))
        if known is None and table in _THEIRS and tables.find(self._new, table, {"id": row_id}) is not None:
            return row_id
        return known

    def _store(self, table: Table, row: Values, *, has_id: bool) -> None:
        if not has_id:
            key = {name: row[name] for name in table.key.split(", ")}
            there = tables.find(self._new, table.name, key)
            if there == row:
                return
            if there is not None:
                tables.remove(self._new, table.name, key)
            tables.insert(self._new, table.name, row)
            self._kept.rows += 1
            return
        row_id = int(str(row.pop("id")))
        when = next(({name: row[name]} for name in _WHEN if row.get(name) is not None), row)
        same = tables.find(self._new, table.name, {"id": row_id} | when)
        if same is not None:
            self._moved[table.name, row_id] = row_id
            if any(same[name] != value for name, value in row.items()):
                tables.update(self._new, table.name, row_id, row)
                self._kept.rows += 1
            return
        equal = tables.find(self._new, table.name, row)
        if equal is not None:
            self._moved[table.name, row_id] = int(str(equal["id"]))
            return
        free = tables.find(self._new, table.name, {"id": row_id}) is None
        self._moved[table.name, row_id] = tables.insert(self._new, table.name, {"id": row_id, **row} if free else row)
        self._kept.rows += 1
