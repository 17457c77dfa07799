"""The read-only side of the file: synchronous, for what a key press or a status bar needs now."""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from operator import itemgetter
from pathlib import Path
from typing import Any, TypeVar

from storage import schema
from storage.errors import NotFound, translated
from storage.files import uri

Row = TypeVar("Row")


def made(row: type[Row], description: Sequence[Sequence[Any]] | None, found: Iterable[Sequence[Any]]) -> list[Row]:
    """Rows out of what SQLite gave. A column without a field, or a field without a column, is a `TypeError`."""
    columns = tuple(column[0] for column in description or ())
    make = _makers.get((row, columns))
    if make is None:
        make = _makers[row, columns] = _maker(row, columns)
    return list(map(make, found))


_makers: dict[tuple[object, tuple[str, ...]], Callable[[Sequence[Any]], Any]] = {}


def _maker(row: type[Any], columns: tuple[str, ...]) -> Callable[[Sequence[Any]], Any]:
    fields: tuple[str, ...] = getattr(row, "_fields", ())
    if not fields:
        return lambda values: row(**dict(zip(columns, values, strict=True)))
    make: Callable[[Sequence[Any]], Any] = partial(tuple.__new__, row)  # what `_make` does, in a third of its time
    if fields == columns:
        return make
    if set(fields) - set(columns) - set(row._field_defaults) or set(columns) - set(fields):
        raise TypeError(f"{row.__name__} has {', '.join(fields)}; the query gives {', '.join(columns)}")
    given = [name for name in fields if name in columns]
    if len(given) < len(columns) or len(given) < 2 or tuple(given) != fields[: len(given)]:
        return lambda values: row(**dict(zip(columns, values, strict=True)))
    order = itemgetter(*map(columns.index, given))
    rest = tuple(row._field_defaults[name] for name in fields[len(given) :])
    return lambda values: make(order(values) + rest)


class Reader:
    """A read-only connection for what must be on screen now: 0.1 to 0.5 ms a page, where a worker costs 30.

    `frozen` reads a file that nobody writes, without the help files SQLite would need room for.
    """

    def __init__(self, path: Path, *, frozen: bool = False) -> None:
        with translated():
            self._connection = sqlite3.connect(
                uri(path, "mode=ro&immutable=1" if frozen else "mode=ro"),
                uri=True,
                isolation_level=None,
                check_same_thread=False,
            )
            self._connection.execute("PRAGMA busy_timeout = 200")

    def all(self, row: type[Row], sql: str, **values: object) -> list[Row]:
        """Every row of a query. No cursor stays open, so the write-ahead log can always be folded back."""
        with translated():
            cursor = self._connection.execute(sql, values)
            return made(row, cursor.description, cursor.fetchall())

    def one(self, row: type[Row], sql: str, **values: object) -> Row:
        """The only row. Raises `NotFound` when there is none."""
        rows = self.all(row, sql, **values)
        if not rows:
            raise NotFound("There is no such entry any more.")
        return rows[0]

    def is_current(self) -> bool:
        """Whether the file has the schema of this program."""
        with translated():
            return schema.version(self._connection) == schema.schema_version()

    def version(self) -> int:
        """A number that changes whenever another connection, of any process, has committed something."""
        with translated():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def interrupt(self) -> None:
        """End what another thread is reading; it raises `StorageError` there."""
        self._connection.interrupt()

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()
