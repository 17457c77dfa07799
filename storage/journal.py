"""The journal of local actions: what each changed, so that it can be taken back, also after a restart."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from storage.database import Reader, Transaction
from storage.errors import StorageError
from storage.rows import JournalEntry

_TABLES: dict[str, tuple[str, ...]] = {
    "conversation": (
        "done_at", "done_item_id", "snoozed_until", "snoozed_item_id", "woken_at", "resting_at", "resting_item_id",
        "muted_at", "starred_at", "remind_at", "seen_item_id", "title",
    ),
    "person": (
        "name", "stage", "stage_at", "stage_kept_at", "cadence_s", "cadence_max_s", "resting_at", "merged_into",
        "first_contact_at", "last_incoming_at", "last_outgoing_at", "last_contact_at", "forgotten_at",
        "created_at",
    ),
    "identity": (
        "person_id", "network", "key", "handle", "name", "url", "email_hash", "links", "is_me", "created_at",
    ),
    "signal": ("source_id", "remote_id", "identity_id", "kind", "item_remote_id", "at"),
    "note": ("person_id", "text", "at"),
    "promise": ("person_id", "conversation_id", "text", "due_at", "created_at", "kept_at", "outbox_id"),
    "stage_change": ("person_id", "before", "after", "why", "at"),
    "touchpoint": ("person_id", "kind", "direction", "text", "at", "conversation_id"),
    "outcome": ("person_id", "kind", "text", "at", "conversation_id"),
    "verdict": ("one_id", "other_id", "said", "at"),
    "merging": ("kept_id", "other_id", "moved", "at", "taken_back_at"),
    "item": (
        "source_id", "conversation_id", "remote_id", "parent_remote_id", "author_id", "kind", "status", "to_me", "mine",
        "title", "text", "permalink", "extra", "created_at", "edited_at", "fetched_at", "answers_item_id",
        "to_id", "asks",
    ),
    "outbox": ("state", "text", "asides", "error", "note", "settled_at", "remind_after_s"),
    "person_tag": ("person_id", "tag"),
    "source": ("person_id",),
    "tag_cadence": ("tag", "cadence_s", "cadence_max_s"),
    "conversation_tag": ("conversation_id", "tag"),
}  # fmt: skip
"""What a local action may change; nothing else can be written through the journal."""

_KEPT = 2000
FORGET = "person.forget"
"""The action whose entries stay until the user confirms them, however long that takes."""
_OVERTAKEN = "Something else has been done with it since: this cannot be taken back any more."


class Overtaken(StorageError):
    """What was done has been followed by something that cannot be taken back with it."""


class Change(NamedTuple):
    """One row before and after: `before` None is a new row, `after` None a removed one. Tags have no id of their own."""

    table: str
    id: int
    before: Mapping[str, Any] | None
    after: Mapping[str, Any] | None


class Changes:
    """Collects the changes of one action while it makes them."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx
        self.made: list[Change] = []

    async def update(self, table: str, row_id: int, **values: object) -> None:
        """Change columns of a row; what is equal already is not recorded."""
        columns = _columns(table, values)
        found = await self.tx.one(
            _Image,
            _image_of(table, columns),
            id=row_id,
        )
        before = json.loads(found.image)
        changed = {column: values[column] for column in columns if before[column] != values[column]}
        if changed:
            change = Change(table, row_id, {column: before[column] for column in changed}, changed)
            await _apply(self.tx, change.table, change.id, change.before, change.after)
            self.made.append(change)

    async def insert(self, table: str, **values: object) -> int:
        """A new row; its id, or 0 for a tag, which is not recorded when it was there already."""
        columns = _columns(table, values)
        sql = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join(':' + c for c in columns)})"
        if "tag" in values:
            if await self.tx.run(sql, **values):
                self.made.append(Change(table, 0, None, dict(values)))
            return 0
        row_id = await self.tx.insert(sql, **values)
        self.made.append(Change(table, row_id, None, dict(values)))
        return row_id

    async def image(self, table: str, row_id: int) -> Change:
        """A row as it is now, for `made_since`."""
        found = await self.tx.one(_Image, _image_of(table, _TABLES[table]), id=row_id)
        return Change(table, row_id, json.loads(found.image), None)

    async def made_since(self, before: Change) -> None:
        """Record what others have changed of a row since its `image`."""
        now = (await self.image(before.table, before.id)).before or {}
        was = {column: value for column, value in (before.before or {}).items() if now[column] != value}
        if was:
            self.made.append(Change(before.table, before.id, was, {column: now[column] for column in was}))

    async def inserted(self, table: str, row_id: int) -> None:
        """Record a row that others have made."""
        self.made.append(Change(table, row_id, None, (await self.image(table, row_id)).before))

    async def remove(self, table: str, row_id: int) -> None:
        """Remove a row that has an id."""
        columns = _TABLES[table]
        found = await self.tx.one(
            _Image,
            _image_of(table, columns),
            id=row_id,
        )
        change = Change(table, row_id, json.loads(found.image), None)
        await _apply(self.tx, table, row_id, change.before, None)
        self.made.append(change)

    async def remove_tag(self, table: str, **image: object) -> None:
        """Remove a row that is known by its tag; `image` is all of it. One that is not there is not recorded."""
        if await _apply(self.tx, table, 0, image, None):
            self.made.append(Change(table, 0, image, None))

    async def record(self, *, action: str, label: str, now: int) -> int:
        """Write the journal entry; 0 when nothing was changed. What could be redone is forgotten."""
        if not self.made:
            return 0
        await self.tx.run("DELETE FROM journal WHERE undone_at IS NOT NULL")
        await self.tx.run(
            "DELETE FROM journal WHERE id <= (SELECT max(id) FROM journal) - :kept AND action <> :always",
            kept=_KEPT,
            always=FORGET,
        )
        changes = json.dumps([[c.table, c.id, c.before, c.after] for c in self.made])
        return await self.tx.insert(
            "INSERT INTO journal (action, label, changes, at) VALUES (:action, :label, :changes, :now)",
            action=action,
            label=label,
            changes=changes,
            now=now,
        )


class _Image(NamedTuple):
    image: str


def _image_of(table: str, columns: Sequence[str]) -> str:
    pairs = ", ".join("'" + column + "', " + column for column in columns)
    return f"SELECT json_object({pairs}) AS image FROM {table} WHERE id = :id"


_ENTRIES = "SELECT id, action, label, changes, at, undone_at FROM journal"


def history(reader: Reader, *, limit: int = 100) -> list[JournalEntry]:
    """The latest local actions, the newest first, undone ones included."""
    return reader.all(JournalEntry, f"{_ENTRIES} ORDER BY id DESC LIMIT :limit", limit=limit)


async def last_done(tx: Transaction) -> JournalEntry | None:
    """What `undo` would take back."""
    rows = await tx.all(JournalEntry, f"{_ENTRIES} WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1")
    return rows[0] if rows else None


async def last_undone(tx: Transaction) -> JournalEntry | None:
    """What `redo` would do again."""
    rows = await tx.all(JournalEntry, f"{_ENTRIES} WHERE undone_at IS NOT NULL ORDER BY id LIMIT 1")
    return rows[0] if rows else None


async def of_action(tx: Transaction, action: str) -> list[JournalEntry]:
    """What actions of this name did and nobody took back, the newest first."""
    return await tx.all(
        JournalEntry, f"{_ENTRIES} WHERE action = :action AND undone_at IS NULL ORDER BY id DESC", action=action
    )


async def extend(tx: Transaction, entry: JournalEntry, made: Sequence[Change]) -> None:
    """Let an entry take more back than it did at first."""
    changes = json.loads(entry.changes) + [[c.table, c.id, c.before, c.after] for c in made]
    await tx.run("UPDATE journal SET changes = :changes WHERE id = :id", changes=json.dumps(changes), id=entry.id)


async def drop(tx: Transaction, action: str, words: str) -> None:
    """Let stand what actions of this name did to rows that hold these words."""
    await tx.run(
        "DELETE FROM journal WHERE action = :action AND instr(changes, :words) > 0", action=action, words=words
    )


async def forget(tx: Transaction, entry_id: int) -> None:
    """Let one entry stand for good."""
    await tx.run("DELETE FROM journal WHERE id = :id", id=entry_id)


async def clear(tx: Transaction) -> None:
    """Forget every entry but those that wait for the user's last word."""
    await tx.run("DELETE FROM journal WHERE action <> :always OR undone_at IS NOT NULL", always=FORGET)


async def swing(tx: Transaction, entry: JournalEntry, *, back: bool, now: int) -> list[Change]:
    """Take an entry back, or do it again; the changes as they were applied. Raises `Overtaken`."""
    made = [Change(*fields) for fields in json.loads(entry.changes)]
    steps = [Change(c.table, c.id, c.after, c.before) for c in reversed(made)] if back else made
    try:
        for step in steps:
            await _apply(tx, step.table, step.id, step.before, step.after)
    except sqlite3.IntegrityError as error:
        raise Overtaken(_OVERTAKEN) from error
    await tx.run(
        "UPDATE journal SET undone_at = :undone_at WHERE id = :id", id=entry.id, undone_at=now if back else None
    )
    return steps


def ids(entry: JournalEntry, table: str) -> set[int]:
    """The rows of a table that an entry changed."""
    return {change[1] for change in json.loads(entry.changes) if change[0] == table}


def recordable(table: str) -> tuple[str, ...]:
    """The columns of a table that a local action may change; none for a table the journal does not write."""
    return _TABLES.get(table, ())


def belonging() -> tuple[str, ...]:
    """The tables whose rows hang on a person, `identity` first: what a merge moves. Tags are told by their words."""
    return tuple(table for table, columns in _TABLES.items() if "person_id" in columns and "tag" not in columns)


def _columns(table: str, values: Mapping[str, object]) -> Sequence[str]:
    allowed = _TABLES.get(table, ())
    wrong = [column for column in values if column not in allowed]
    if wrong:
        raise StorageError(f"The journal does not write {table}.{wrong[0]}.")
    return list(values)


async def _apply(
    tx: Transaction, table: str, row_id: int, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None
) -> int:
    """Bring one row from its image `before` to its image `after`; how many rows that changed."""
    tag = "tag" in (after or before or {})
    if after is None:
        columns = _columns(table, before or {})
        where = " AND ".join(f"{column} = :{column}" for column in columns) if tag else "id = :row_id"
        return await tx.run(f"DELETE FROM {table} WHERE {where}", **({**(before or {})} if tag else {"row_id": row_id}))
    if before is None:
        columns = _columns(table, after)
        names = ", ".join(columns) if tag else ", ".join(["id", *columns])
        places = (
            ", ".join(f":{column}" for column in columns)
            if tag
            else ", ".join([":row_id", *(f":{c}" for c in columns)])
        )
        return await tx.run(
            f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({places})",
            **({**after} if tag else {**after, "row_id": row_id}),
        )
    columns = _columns(table, after)
    values = {**after, "row_id": row_id}
    where = "id = :row_id"
    if table == "outbox" and "state" in before:
        where, values["was"] = "id = :row_id AND state = :was", before["state"]
    changed = await tx.run(f"UPDATE {table} SET {', '.join(f'{c} = :{c}' for c in columns)} WHERE {where}", **values)
    if table == "outbox" and not changed:
        raise Overtaken(_OVERTAKEN)
    return changed
