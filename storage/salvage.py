"""What can still be read of a database that is damaged, row by row; the file itself is never written."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from storage import tables
from storage.copies import reading
from storage.errors import UNREADABLE, StorageError
from storage.files import temporary
from storage.tables import Table, Values

_MOST = 100_000
_PAGE_SIZE = slice(16, 18)
_FORMATS = slice(18, 20)
_CHANGES = slice(24, 28)
_PAGES = slice(28, 32)
_FREE = slice(32, 40)
_VALID_FOR = slice(92, 96)
_LOGGED = b"\x02\x02"


@contextmanager
def opened(path: Path, whole: Path) -> Iterator[sqlite3.Connection | None]:
    """A connection that reads what it can of a damaged file, None when nothing can be read.

    Where the first page is lost, a copy of the file gets that of `whole`, a sound copy of the same database.
    """
    with ExitStack() as stack:
        connection: sqlite3.Connection | None = None
        try:
            connection = stack.enter_context(reading(path, torn=True))
            _loosen(connection)
        except (*UNREADABLE, OSError):
            connection = _headed(path, whole, stack)
        yield connection


def listed(connection: sqlite3.Connection, table: Table) -> Iterator[Values]:
    """Every row of a table that has an id and can still be read, by its id."""
    last = 0
    try:
        if connection.execute(f"PRAGMA quick_check({table.name})").fetchone()[0] == "ok":
            for row in tables.rows(connection, table):
                if isinstance(each := row.get("id"), int):  # a torn schema may say that ids are something else
                    yield row
                    last = each
            return
    except UNREADABLE:  # a part is torn: then what is around it
        pass
    for each in sorted(_ids(connection, table)):
        found = one(connection, table, each) if each > last else None
        if found is not None:
            yield found


def since(connection: sqlite3.Connection, table: Table, row_id: int) -> list[int]:
    """The ids after one, as far as they can be told; what they name may still be unreadable."""
    found: set[int] = set()
    for order in ("", " DESC"):
        try:
            for (each,) in connection.execute(
                f"SELECT id FROM {table.name} WHERE id > ? ORDER BY id{order}", (row_id,)
            ):
                if isinstance(each, int):
                    found.add(each)
        except UNREADABLE:
            last = min(max(found, default=row_id), row_id + _MOST)
            found |= set(range(row_id + 1, last + 1))
    return sorted(found)


def one(connection: sqlite3.Connection, table: Table, row_id: int) -> Values | None:
    """One row, None when it is not there or cannot be read. Columns the file does not have are absent."""
    try:
        return tables.find(connection, table.name, {"id": row_id})
    except UNREADABLE:
        return None


def with_value(connection: sqlite3.Connection, table: Table, column: str, value: object) -> list[Values]:
    """The rows with this value that can be read; fewer, or none, where the way to them is torn."""
    try:
        found = connection.execute(f"SELECT id FROM {table.name} WHERE {column} IS ?", (value,)).fetchall()
    except UNREADABLE:
        return []
    rows = (one(connection, table, each) for (each,) in found if isinstance(each, int))
    return [row for row in rows if row is not None]


def walked(connection: sqlite3.Connection, table: Table) -> list[Values]:
    """The rows of a table without ids that a walk from either end finds."""
    names = [column.name for column in table.columns]
    found: dict[tuple[object, ...], Values] = {}
    for order in ("", " DESC"):
        key = ", ".join(f"{name}{order}" for name in table.key.split(", "))
        try:
            for row in connection.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {key}"):
                found.setdefault(tuple(row), dict(zip(names, row, strict=True)))
        except UNREADABLE:
            continue
    return list(found.values())


def _ids(connection: sqlite3.Connection, table: Table) -> set[int]:
    """The ids that a walk from either end finds, and those between them: a torn page hides what is behind it."""
    found: set[int] = set()
    for order in ("", "NOT INDEXED ORDER BY id", "NOT INDEXED ORDER BY id DESC"):
        try:
            for (row_id,) in connection.execute(f"SELECT id FROM {table.name} {order}"):
                if isinstance(row_id, int) and row_id > 0:
                    found.add(row_id)
        except UNREADABLE:
            continue
    near = sorted(found)[:_MOST]
    return found | set(range(1, min(near[-1] if near else 0, _MOST) + 1)) | set(range(1, 500))


def _headed(path: Path, whole: Path, stack: ExitStack) -> sqlite3.Connection | None:
    """A connection to a copy of a damaged file with another first page, None when that does not help either."""
    copy = _with_head_of(path, whole)
    if copy is None:
        return None
    for end in ("", "-wal", "-shm", "-journal"):
        stack.callback(copy.with_name(copy.name + end).unlink, missing_ok=True)
    connection = sqlite3.connect(copy, isolation_level=None)
    stack.callback(connection.close)
    try:
        connection.execute("PRAGMA writable_schema = ON")
        _loosen(connection)
    except UNREADABLE:
        return None
    return connection


def _loosen(connection: sqlite3.Connection) -> None:
    """Read bytes that are no text, too. Raises `sqlite3.Error` when nothing can be read."""
    connection.text_factory = lambda data: data.decode("utf-8", "replace")
    if not tables.tables(connection):
        raise sqlite3.DatabaseError("nothing can be read of it")


def _with_head_of(path: Path, whole: Path) -> Path | None:
    """A copy of a damaged file and its log with the first page of a sound one; None when it cannot be made."""
    try:
        with whole.open("rb") as sound:
            head = bytearray(sound.read(100))
            size = int.from_bytes(head[_PAGE_SIZE], "big")
            size = 65_536 if size == 1 else size
            page = head + sound.read(size - 100)
        copy = temporary(path.parent, suffix=".salvage")
        shutil.copyfile(path, copy)
        log = path.with_name(path.name + "-wal")
        if log.exists():
            shutil.copyfile(log, copy.with_name(copy.name + "-wal"))
        page[_FORMATS] = _LOGGED
        page[_PAGES] = (copy.stat().st_size // size).to_bytes(4, "big")
        page[_VALID_FOR] = page[_CHANGES]
        page[_FREE] = bytes(8)
        with copy.open("r+b") as file:
            file.write(page)
    except (OSError, StorageError):
        return None
    return copy
