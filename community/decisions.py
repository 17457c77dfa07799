"""What the user decided since a backup, brought over from the database that is replaced, as far as it can be read.

Where conversations stand (done, snoozed, resting, muted, starred, a reminder), who is one person with whom, which
sources are listened to and how, and who is forgotten. What came in since the backup comes along, so that a decision
about it holds. What the platforms say of anything else is as the backup has it, until the next sync.
"""

import sqlite3
from collections.abc import Iterator

from community.config import Config
from community.forgetting import SALT, digest, hide
from community.likeness import compare, witness
from community.refound import Refound
from community.weighing import weigh
from storage import contacts, forgetting, merges, restoring, salvage, tables
from storage.database import Transaction
from storage.journal import Changes, recordable
from storage.straight import Straight, driven
from storage.tables import Table, Values

_STANDING = tuple(name for name in recordable("conversation") if name != "title")
_SOURCE = ("name", "state", "health", "health_text", "is_mine", "allow_hosts")


def bring_over(old: sqlite3.Connection, new: sqlite3.Connection, refound: Refound) -> int:
    """Decide in `new`, which is a backup, whatever was decided in `old` since; how many rows were changed by it."""
    return _Move(old, new, refound).run()


def follow(new: sqlite3.Connection, refound: Refound, *, config: Config, now: int) -> None:
    """Bring everything up to date that follows from what was brought over: who is like whom, who waits, and why."""
    tx = Transaction(Straight(new))
    driven(witness(tx, refound.identities))
    driven(compare(tx, refound.people))
    for person_id in sorted({driven(merges.root(tx, each)) for each in refound.people}):
        driven(contacts.recount(tx, person_id))
    driven(weigh(tx, refound.conversations, config=config, now=now))


def forget_again(old: sqlite3.Connection, new: sqlite3.Connection, *, now: int) -> None:
    """Forget in `new` who was forgotten for good in `old`: first of all, so that the two name everything alike."""
    wanted = {table.name: table for table in tables.tables(new)}
    gone = {str(row["digest"]) for row in salvage.walked(old, wanted["forgotten"])}
    salt = next((str(row["value"]) for row in salvage.walked(old, wanted["meta"]) if row["name"] == SALT), "")
    if not gone or not salt:
        return
    again = {person for network, key, person in restoring.others(new) if digest(salt, network, key) in gone}
    tx = Transaction(Straight(new))
    for person_id in sorted(again):
        found = driven(forgetting.theirs(tx, person_id))
        driven(hide(Changes(tx), found, now=now))
        driven(forgetting.erase(tx, found, now=now))


class _Move:
    def __init__(self, old: sqlite3.Connection, new: sqlite3.Connection, refound: Refound) -> None:
        self._old = old
        self._new = new
        self._refound = refound
        self._tables = {table.name: table for table in tables.tables(new)}
        self._changed = 0

    def run(self) -> int:
        for step in (self._sources, self._items, self._people, self._identities, self._conversations):
            step()
        return self._changed

    def _listed(self, name: str) -> Iterator[tuple[Values, Values | None]]:
        """What can be read of a table, each row with that of the same id in the new database, if there is one."""
        for row in salvage.listed(self._old, self._tables[name]):
            yield row, tables.find(self._new, name, {"id": row["id"]})

    def _change(self, table: Table, row_id: int, values: Values) -> None:
        there = tables.find(self._new, table.name, {"id": row_id}) or {}
        changed = {name: value for name, value in values.items() if there.get(name) != value}
        if changed:
            tables.update(self._new, table.name, row_id, changed)
            self._changed += 1

    def _sources(self) -> None:
        table = self._tables["source"]
        for found, _ in self._listed("source"):
            row = self._refound.sound(table, found)
            source_id = self._refound.source(found["id"]) if row is not None else None
            if row is not None and source_id is not None:
                person = {"person_id": self._refound.person(row["person_id"])}
                self._change(table, source_id, {name: row[name] for name in _SOURCE if name in row} | person)

    def _items(self) -> None:
        """What others and I wrote since the backup."""
        for row_id in salvage.since(self._old, self._tables["item"], self._refound.newest_item):
            self._refound.item(row_id)

    def _people(self) -> None:
        """Who was joined with whom, or taken apart again."""
        table = self._tables["person"]
        for row, there in self._listed("person"):
            if there is not None and (there["created_at"], there["merged_into"]) == (
                row["created_at"],
                row.get("merged_into"),
            ):
                continue
            person_id, into = self._refound.person(row["id"]), self._refound.person(row.get("merged_into"))
            if person_id is not None and person_id != into:
                self._change(table, person_id, {"merged_into": into})

    def _identities(self) -> None:
        table = self._tables["identity"]
        for row, there in self._listed("identity"):
            names = ("network", "key", "person_id")
            if there is not None and all(there[name] == row.get(name) for name in names):
                continue
            identity_id, person_id = self._refound.identity(row["id"]), self._refound.person(row.get("person_id"))
            if identity_id is not None and person_id is not None:
                before = tables.find(self._new, "identity", {"id": identity_id}) or {}
                self._refound.people |= {person_id, int(str(before["person_id"]))}
                self._change(table, identity_id, {"person_id": person_id})
                self._refound.conversations |= restoring.written_in(self._new, identity_id)
        restoring.follow_merges(self._new)

    def _conversations(self) -> None:
        table = self._tables["conversation"]
        for row, there in self._listed("conversation"):
            names = ("source_id", "thread", *_STANDING)
            if there is not None and all(there[name] == row.get(name) for name in names):
                continue
            sound = self._refound.sound(table, row)
            conversation_id = self._refound.conversation(row["id"]) if sound is not None else None
            if sound is None or conversation_id is None:
                continue
            self._change(table, conversation_id, {name: self._there(name, sound[name]) for name in _STANDING})
            self._refound.conversations.add(conversation_id)

    def _there(self, name: str, value: object) -> object:
        """A value of a conversation; an item is what it is in the new database, else the newest there is."""
        if not name.endswith("_item_id") or not value:
            return value
        return self._refound.item(value) or self._refound.newest_item
