"""The outbox of a database that is replaced, brought over into the one that takes its place.

A text that was written is never lost by a restore. What was a draft is a draft again; what was on its way may have
been sent meanwhile, so it is uncertain; nothing is queued. What a row belongs to comes along when it is missing.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field

from community.rows import WrongRow, checked
from community.text import clean
from storage import salvage, tables
from storage.tables import Table, Values

NEVER_LOOK = 99
"""So many looks at an uncertain row are behind it that none is left: only the user's word settles it."""
SAVED = "It was on its way when the database was replaced: it may have been sent since."
_SETTLED = frozenset({"sent", "cancelled"})
_ON_ITS_WAY = frozenset({"queued", "sending", "uncertain"})
_CONVERSATION_IDS = ("lead_id", "done_item_id", "snoozed_item_id", "resting_item_id")


@dataclass(slots=True)
class Saved:
    """What came over: how many rows, and the texts that could be read but belong to nothing any more."""

    rows: int = 0
    homeless: list[str] = field(default_factory=list)


def calm(connection: sqlite3.Connection, sentence: str) -> int:
    """Make everything that is on its way uncertain, to be settled by the user alone; how many rows that were."""
    changed = connection.execute(
        """
        UPDATE outbox SET state = 'uncertain', owner = NULL, error = :sentence
        WHERE state IN ('queued', 'sending')
        """,
        {"sentence": sentence},
    ).rowcount
    connection.execute("UPDATE outbox SET looks = :looks WHERE state = 'uncertain'", {"looks": NEVER_LOOK})
    return changed


def bring_over(old: sqlite3.Connection, new: sqlite3.Connection) -> Saved:
    """Take every row of the outbox that can be read in `old` into `new`, which may hold an older state of it."""
    return _Move(old, new).run()


class _Move:
    """One salvage. Ids of the old file are those of the new one only where both name the same thing."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._old = old
        self._new = new
        self._tables: Mapping[str, Table] = {table.name: table for table in tables.tables(new)}
        self._saved = Saved()

    def run(self) -> Saved:
        table = self._tables["outbox"]
        for found in salvage.listed(self._old, table):
            row = self._sound(table, found)
            text = clean(str(found.get("text") or "")).strip()
            if row is None or not self._take(row):
                if text and found.get("state") not in _SETTLED:
                    self._saved.homeless.append(text)
            else:
                self._saved.rows += 1
        return self._saved

    def _sound(self, table: Table, found: Values) -> Values | None:
        """A row as it may be stored, None when it is nonsense; columns of a newer Kith are left behind."""
        known = {column.name for column in table.columns}
        try:
            return checked(table, {name: value for name, value in found.items() if name in known})
        except WrongRow:
            return None

    def _take(self, row: Values) -> bool:
        """Store one row of the outbox; False when it cannot be told what it belongs to."""
        bound = self._bound(row)
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

    def _bound(self, row: Values) -> Values | None:
        """The source, item and conversation of a row as the new database knows them, made where they are missing."""
        item = self._one("item", row["item_id"])
        if item is None:
            there = tables.find(self._new, "item", {"id": row["item_id"], "conversation_id": row["conversation_id"]})
            if there is None or there["source_id"] != row["source_id"]:
                return None
            return {"source_id": there["source_id"], "conversation_id": there["conversation_id"]}
        source_id = self._source(item["source_id"])
        if source_id is None:
            return None
        known = tables.find(self._new, "item", {"source_id": source_id, "remote_id": item["remote_id"]})
        if known is None:
            known = self._new_item(item, source_id)
        if known is None:
            return None
        return {"source_id": source_id, "item_id": known["id"], "conversation_id": known["conversation_id"]}

    def _new_item(self, item: Values, source_id: int) -> Values | None:
        author_id = self._identity(item["author_id"])
        conversation_id = self._conversation(item, source_id, author_id)
        if author_id is None or conversation_id is None:
            return None
        bound = {"source_id": source_id, "author_id": author_id, "conversation_id": conversation_id}
        made = self._insert("item", item | bound | {"answers_item_id": None, "to_id": None})
        if made is None:
            return None
        tables.update(self._new, "conversation", conversation_id, {"last_item_id": made, "lead_id": author_id})
        return {"id": made, "conversation_id": conversation_id}

    def _source(self, row_id: object) -> int | None:
        source = self._one("source", row_id)
        if source is None:
            there = tables.find(self._new, "source", {"id": row_id})
        else:
            there = tables.find(self._new, "source", {name: source[name] for name in ("kind", "address", "account")})
        if there is not None:
            return int(str(there["id"]))
        return None if source is None else self._insert("source", source | {"syncing_at": None})

    def _identity(self, row_id: object) -> int | None:
        identity = self._one("identity", row_id)
        if identity is None:
            return None
        there = tables.find(self._new, "identity", {name: identity[name] for name in ("network", "key")})
        if there is not None:
            return int(str(there["id"]))
        person = self._one("person", identity["person_id"])
        if person is None:
            return None
        person_id = self._insert("person", person | {"merged_into": None})
        return None if person_id is None else self._insert("identity", identity | {"person_id": person_id})

    def _conversation(self, item: Values, source_id: int, author_id: int | None) -> int | None:
        found = self._one("conversation", item["conversation_id"])
        if found is None or author_id is None:
            return None
        there = tables.find(self._new, "conversation", {"source_id": source_id, "thread": found["thread"]})
        if there is not None:
            return int(str(there["id"]))
        reset: Values = dict.fromkeys(_CONVERSATION_IDS, None)
        return self._insert(
            "conversation", found | reset | {"source_id": source_id, "last_item_id": 0, "seen_item_id": 0, "items": 1}
        )

    def _one(self, table: str, row_id: object) -> Values | None:
        found = salvage.one(self._old, self._tables[table], row_id) if isinstance(row_id, int) else None
        return None if found is None else self._sound(self._tables[table], found)

    def _insert(self, table: str, row: Values) -> int | None:
        """The id of a new row: its old one where that is free."""
        if tables.find(self._new, table, {"id": row["id"]}) is not None:
            row = {name: value for name, value in row.items() if name != "id"}
        try:
            return tables.insert(self._new, table, row)
        except sqlite3.IntegrityError:
            return None
