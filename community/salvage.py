"""The outbox of a database that is replaced, and what the user wrote and decided, brought over into the next one.

A text that was written is never lost by a restore. What was a draft is a draft again; what was on its way may have
been sent meanwhile, so it is uncertain; nothing is queued. What a row belongs to comes along when it is missing.
"""

import sqlite3
from dataclasses import dataclass, field

from community import decisions, keepsakes
from community.config import Config
from community.refound import Refound
from community.text import clean
from storage import salvage, tables
from storage.tables import Values

NEVER_LOOK = 99
"""So many looks at an uncertain row are behind it that none is left: only the user's word settles it."""
SAVED = "It was on its way when the database was replaced: it may have been sent since."
_SETTLED = frozenset({"sent", "cancelled"})
_ON_ITS_WAY = frozenset({"queued", "sending", "uncertain"})


@dataclass(slots=True)
class Saved:
    """What came over: how many rows of the outbox, how many of what was written, how many of what was decided.

    `homeless` are texts that could be read but belong to nothing any more.
    """

    rows: int = 0
    words: int = 0
    decisions: int = 0
    homeless: list[str] = field(default_factory=list)


def bring_over(old: sqlite3.Connection, new: sqlite3.Connection, *, config: Config, now: int) -> Saved:
    """Take what the user wrote and decided and can be read in `old` into `new`, which may hold an older state of it."""
    return _Move(old, new).run(config, now)


class _Move:
    """One salvage: the outbox first, then what was written about people."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._old = old
        self._new = new
        self._refound = Refound(old, new)
        self._table = next(table for table in tables.tables(new) if table.name == "outbox")
        self._saved = Saved()

    def run(self, config: Config, now: int) -> Saved:
        decisions.forget_again(self._old, self._new, now=now)
        table = self._table
        for found in salvage.listed(self._old, table):
            row = self._refound.sound(table, found)
            text = clean(str(found.get("text") or "")).strip()
            if row is None or not self._take(row):
                if text and found.get("state") not in _SETTLED:
                    self._saved.homeless.append(text)
            else:
                self._saved.rows += 1
        kept = keepsakes.bring_over(self._old, self._new, self._refound)
        self._saved.words = kept.rows
        self._saved.homeless += kept.homeless
        self._saved.decisions = decisions.bring_over(self._old, self._new, self._refound)
        decisions.follow(self._new, self._refound, config=config, now=now)
        return self._saved

    def _take(self, row: Values) -> bool:
        """Store one row of the outbox; False when it cannot be told what it belongs to."""
        bound = self._refound.bound(row)
        if bound is None:
            return False
        row |= bound
        if row["state"] in _ON_ITS_WAY:
            error = row["error"] if row["state"] == "uncertain" and row["error"] else SAVED
            row |= {"state": "uncertain", "owner": None, "looks": NEVER_LOOK, "error": error}
        row_id = row.pop("id")
        same = {"id": row_id, "created_at": row["created_at"], "act": row["act"], "item_id": row["item_id"]}
        known = tables.find(self._new, "outbox", same)
        self._make_room(row, known)
        try:
            if known is not None:
                tables.update(self._new, "outbox", int(str(row_id)), row)
            elif tables.find(self._new, "outbox", {"id": row_id}) is None:
                tables.insert(self._new, "outbox", {"id": row_id, **row})
            else:
                tables.insert(self._new, "outbox", row)
        except sqlite3.IntegrityError:
            return False
        return True

    def _make_room(self, row: Values, known: Values | None) -> None:
        """An item has one draft: the older state of it gives way, and stays readable."""
        if row["state"] != "draft" or row["act"] != "reply":
            return
        other = tables.find(self._new, "outbox", {"item_id": row["item_id"], "state": "draft", "act": "reply"})
        if other is not None and (known is None or other["id"] != known["id"]):
            note = {"state": "cancelled", "note": "Another draft took its place.", "settled_at": row["updated_at"]}
            tables.update(self._new, "outbox", int(str(other["id"])), note)
