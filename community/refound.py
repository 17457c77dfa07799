"""What the rows of an old database belong to in the one that takes its place."""

import sqlite3
from collections.abc import Mapping

from community.rows import WrongRow, checked
from storage import restoring, salvage, tables
from storage.tables import Table, Values

_CONVERSATION_IDS = ("lead_id", "done_item_id", "snoozed_item_id", "resting_item_id")


class Refound:
    """Finds things of `old` in `new`. Ids of the old file are those of the new one only where both name the same."""

    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection) -> None:
        self._old = old
        self._new = new
        self._tables: Mapping[str, Table] = {table.name: table for table in tables.tables(new)}
        self._people: dict[int, int] = {}
        self.newest_item = restoring.newest_item(new)
        """The last item there was before anything was brought over."""
        self.identities: set[int] = set()
        self.people: set[int] = set()
        self.conversations: set[int] = set()
        """What was made or moved on the way: whatever follows from these has to be made anew."""

    def sound(self, table: Table, found: Values) -> Values | None:
        """A row as it may be stored, None when it is nonsense; columns of a newer Kith are left behind."""
        known = {column.name for column in table.columns}
        try:
            return checked(table, {name: value for name, value in found.items() if name in known})
        except WrongRow:
            return None

    def bound(self, row: Values) -> Values | None:
        """The source, item and conversation of a row as the new database knows them, made where they are missing."""
        item = self.one("item", row["item_id"])
        if item is None:
            there = tables.find(self._new, "item", {"id": row["item_id"], "conversation_id": row["conversation_id"]})
            if there is None or there["source_id"] != row["source_id"]:
                return None
            return {"source_id": there["source_id"], "conversation_id": there["conversation_id"]}
        source_id = self.source(item["source_id"])
        if source_id is None:
            return None
        known = tables.find(self._new, "item", {"source_id": source_id, "remote_id": item["remote_id"]})
        if known is None:
            known = self._new_item(item, source_id)
        if known is None:
            return None
        return {"source_id": source_id, "item_id": known["id"], "conversation_id": known["conversation_id"]}

    def _new_item(self, item: Values, source_id: int) -> Values | None:
        author_id = self.identity(item["author_id"])
        conversation_id = self._conversation(item, source_id, author_id)
        if author_id is None or conversation_id is None:
            return None
        bound = {"source_id": source_id, "author_id": author_id, "conversation_id": conversation_id}
        made = self._insert("item", item | bound | {"answers_item_id": None, "to_id": None})
        if made is None:
            return None
        self.conversations.add(conversation_id)
        tables.update(self._new, "conversation", conversation_id, {"last_item_id": made, "lead_id": author_id})
        return {"id": made, "conversation_id": conversation_id}

    def source(self, row_id: object) -> int | None:
        """The source with this old id, made where it is missing."""
        source = self.one("source", row_id)
        if source is None:
            there = tables.find(self._new, "source", {"id": row_id})
        else:
            there = tables.find(self._new, "source", {name: source[name] for name in ("kind", "address", "account")})
            there = there or self._logged_in_since(source)
        if there is not None:
            return int(str(there["id"]))
        if source is None:
            return None
        # What cannot be read of it is read anew from its place.
        anew = {"syncing_at": None, "person_id": None, "cursor": None, "next_check_at": 0}
        return self._insert("source", source | anew)

    def _logged_in_since(self, source: Values) -> Values | None:
        """The same source from before it was known who I am there, which it learns now."""
        same = {name: source[name] for name in ("id", "kind", "address")} | {"account": ""}
        there = tables.find(self._new, "source", same)
        if there is not None:
            learned: Values = {name: source[name] for name in ("account", "me", "options") if name in source}
            tables.update(self._new, "source", int(str(there["id"])), learned)
        return there

    def identity(self, row_id: object) -> int | None:
        """The identity with this old id, made where it is missing."""
        identity = self.one("identity", row_id)
        if identity is None:
            return None
        there = tables.find(self._new, "identity", {name: identity[name] for name in ("network", "key")})
        if there is not None:
            return int(str(there["id"]))
        person_id = self.person(identity["person_id"])
        if person_id is None:
            return None
        there = tables.find(self._new, "identity", {name: identity[name] for name in ("network", "key")})
        if there is not None:
            return int(str(there["id"]))
        made = self._insert("identity", identity | {"person_id": person_id})
        if made is not None:
            self.identities.add(made)
            self.people.add(person_id)
        return made

    def person(self, row_id: object) -> int | None:
        """The person with this old id, made with their identities where they are missing."""
        if not isinstance(row_id, int):
            return None
        if row_id in self._people:
            return self._people[row_id]
        row = self.one("person", row_id)
        there = tables.find(self._new, "person", {"id": row_id} | ({"created_at": row["created_at"]} if row else {}))
        found = int(str(there["id"])) if there is not None else self._by_identities(row_id)
        if found is None and row is not None:
            found = self._insert("person", row | {"merged_into": None})
        if found is not None:
            self._people[row_id] = found
            if there is None:
                for each in salvage.with_value(self._old, self._tables["identity"], "person_id", row_id):
                    self.identity(each.get("id"))
        return found

    def _by_identities(self, person_id: int) -> int | None:
        for each in salvage.with_value(self._old, self._tables["identity"], "person_id", person_id):
            there = tables.find(self._new, "identity", {name: each.get(name) for name in ("network", "key")})
            if there is not None:
                return int(str(there["person_id"]))
        return None

    def conversation(self, row_id: object) -> int | None:
        """The conversation with this old id, None when the new database does not have it."""
        found = self.one("conversation", row_id)
        source_id = self.source(found["source_id"]) if found is not None else None
        if found is None or source_id is None:
            return None
        there = tables.find(self._new, "conversation", {"source_id": source_id, "thread": found["thread"]})
        return int(str(there["id"])) if there is not None else None

    def item(self, row_id: object) -> int | None:
        """The item with this old id, made where it is missing; None when it cannot be read."""
        found = self.one("item", row_id)
        if found is None:
            return None
        bound = self.bound({"item_id": row_id, "conversation_id": None, "source_id": None})
        return int(str(bound["item_id"])) if bound is not None else None

    def _conversation(self, item: Values, source_id: int, author_id: int | None) -> int | None:
        found = self.one("conversation", item["conversation_id"])
        if found is None or author_id is None:
            return None
        there = tables.find(self._new, "conversation", {"source_id": source_id, "thread": found["thread"]})
        if there is not None:
            return int(str(there["id"]))
        reset: Values = dict.fromkeys(_CONVERSATION_IDS, None)
        return self._insert(
            "conversation", found | reset | {"source_id": source_id, "last_item_id": 0, "seen_item_id": 0, "items": 1}
        )

    def one(self, table: str, row_id: object) -> Values | None:
        """One old row, None when it cannot be read or is nonsense."""
        found = salvage.one(self._old, self._tables[table], row_id) if isinstance(row_id, int) else None
        return None if found is None else self.sound(self._tables[table], found)

    def _insert(self, table: str, row: Values) -> int | None:
        """The id of a new row: its old one where that is free."""
        if tables.find(self._new, table, {"id": row["id"]}) is not None:
            row = {name: value for name, value in row.items() if name != "id"}
        try:
            return tables.insert(self._new, table, row)
        except sqlite3.IntegrityError:
            return None
