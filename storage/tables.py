"""Every table as plain rows, for giving a workspace out, taking one in, and saving what a damaged file still holds.

Which tables and columns there are is asked of the database itself, so that a migration needs no word here.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

Values = dict[str, object]

_TABLES = """
SELECT name FROM sqlite_master AS t
WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' AND sql NOT LIKE 'CREATE VIRTUAL%'
    AND name NOT LIKE 'derived\\_%' ESCAPE '\\'
    AND NOT EXISTS (SELECT 1 FROM sqlite_master v
        WHERE v.sql LIKE 'CREATE VIRTUAL%' AND substr(t.name, 1, length(v.name) + 1) = v.name || '_')
ORDER BY rowid
"""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its declared type, whether it must hold something, and whether it has a default."""

    name: str
    type: str
    required: bool
    has_default: bool


@dataclass(frozen=True, slots=True)
class Table:
    """A table of facts. What is kept for the search and what is derived are none: they are made anew from the others."""

    name: str
    columns: tuple[Column, ...]
    key: str


def tables(connection: sqlite3.Connection) -> list[Table]:
    """Every table of facts, in the order they were made: what others refer to comes first."""
    return [_table(connection, name) for (name,) in connection.execute(_TABLES).fetchall()]


def _table(connection: sqlite3.Connection, name: str) -> Table:
    found = connection.execute(f"PRAGMA table_info({name})").fetchall()
    keys = [column[1] for column in sorted(found, key=lambda column: column[5]) if column[5]]
    columns = tuple(
        Column(column[1], column[2].upper(), bool(column[3] or column[5]), column[4] is not None)
        for column in found
        if not column[1].startswith("derived_")
    )
    return Table(name, columns, ", ".join(keys))


def rows(connection: sqlite3.Connection, table: Table) -> Iterator[Values]:
    """Every row of a table, in the order of its key."""
    names = [column.name for column in table.columns]
    for found in connection.execute(f"SELECT {', '.join(names)} FROM {table.name} ORDER BY {table.key}"):
        yield dict(zip(names, found, strict=True))


def count(connection: sqlite3.Connection, table: Table) -> int:
    """How many rows a table has."""
    return int(connection.execute(f"SELECT count(*) FROM {table.name}").fetchone()[0])


def are_bound(connection: sqlite3.Connection) -> bool:
    """Whether every reference names a row that is there."""
    return connection.execute("PRAGMA foreign_key_check").fetchone() is None


def bind_late(connection: sqlite3.Connection) -> None:
    """What a row refers to may follow later in this transaction."""
    connection.execute("PRAGMA defer_foreign_keys = ON")


def references(connection: sqlite3.Connection, table: str) -> dict[str, str]:
    """Which columns of a table name a row of another one, and which one."""
    return {found[3]: found[2] for found in connection.execute(f"PRAGMA foreign_key_list({table})")}


def insert(connection: sqlite3.Connection, table: str, values: Mapping[str, object]) -> int:
    """The id of a new row. The names are those of `tables`, never out of a file."""
    places = ", ".join(f":{name}" for name in values)
    cursor = connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({places})", values)
    return int(cursor.lastrowid or 0)


def update(connection: sqlite3.Connection, table: str, row_id: int, values: Mapping[str, object]) -> None:
    """Change a row that has an id."""
    changes = ", ".join(f"{name} = :{name}" for name in values)
    connection.execute(f"UPDATE {table} SET {changes} WHERE id = :row_id", {**values, "row_id": row_id})


def remove(connection: sqlite3.Connection, table: str, values: Mapping[str, object]) -> None:
    """Remove the rows with these values."""
    same = " AND ".join(f"{name} IS :{name}" for name in values)
    connection.execute(f"DELETE FROM {table} WHERE {same}", values)


def find(connection: sqlite3.Connection, table: str, values: Mapping[str, object]) -> Values | None:
    """The first row with these values, None when there is none."""
    same = " AND ".join(f"{name} IS :{name}" for name in values)
    cursor = connection.execute(f"SELECT * FROM {table} WHERE {same} LIMIT 1", values)
    found = cursor.fetchone()
    return None if found is None else dict(zip([each[0] for each in cursor.description], found, strict=True))
