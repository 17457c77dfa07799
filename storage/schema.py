"""The schema: numbered files, forward only, one transaction each."""

import sqlite3
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

from storage.errors import NewerSchema, StorageError

_OBJECTS = """
SELECT name, coalesce(sql, '') AS sql FROM sqlite_master
WHERE type IN ('table', 'trigger', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'
    AND name NOT LIKE '%\\_fts\\_%' ESCAPE '\\'
"""


def schema_version() -> int:
    """The newest schema this program knows."""
    return len(_migrations())


def version(connection: sqlite3.Connection) -> int:
    """The schema of a database, 0 for an empty one."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refuse_newer(found: int) -> None:
    """Raises `NewerSchema` for a schema this program does not know."""
    newest = schema_version()
    if found > newest:
        raise NewerSchema(
            f"This workspace was written by a newer Kith (schema {found}, this one knows {newest}): "
            "update Kith. Nothing was changed."
        )


def migrate(connection: sqlite3.Connection, before: Callable[[int], None] = lambda _version: None) -> None:
    """Bring the schema up to date; of two processes that start at once, one does it.

    `before` is called with the old version while nobody else can write, once, unless the database is empty; what it
    raises leaves everything as it was. Raises `NewerSchema`, or `StorageError` for a database that is not ours.
    """
    asked = False
    while True:
        found = version(connection)
        refuse_newer(found)
        if found == schema_version():
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            if version(connection) == found:
                _refuse_strange(connection, found)
                if found and not asked:
                    before(found)
                    asked = True
                for statement in _statements(_migrations()[found]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {found + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _refuse_strange(connection: sqlite3.Connection, found: int) -> None:
    if not found and connection.execute("SELECT 1 FROM sqlite_master").fetchone():
        raise StorageError("The file is no database of Kith's: choose another --workspace.")


def is_ours(connection: sqlite3.Connection) -> bool:
    """Whether tables and triggers are those that the migrations make, no more and no less. Indexes are not compared."""
    return dict(connection.execute(_OBJECTS)) == _expected("".join(_migrations()[: version(connection)]))


@cache
def _expected(script: str) -> dict[str, str]:
    made = sqlite3.connect(":memory:", isolation_level=None)
    try:
        made.executescript(script)
        return dict(made.execute(_OBJECTS))
    finally:
        made.close()


def _migrations() -> list[str]:
    return [path.read_text("utf-8") for path in sorted(Path(__file__).with_name("migrations").glob("*.sql"))]


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; triggers hold semicolons, so SQLite itself says where one ends."""
    buffer = ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            yield buffer
            buffer = ""
    if buffer.strip() and any(not line.lstrip().startswith("--") for line in buffer.splitlines() if line.strip()):
        yield buffer
