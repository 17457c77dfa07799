"""A transaction that is carried out in one go, in a thread of its own: a page of thirty items asks two hundred and
fifty small things of the database, and each hop to its thread and back costs more than the answer.
"""

import sqlite3
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any, TypeVar

Result = TypeVar("Result")


class Straight:
    """A connection that looks as a transaction expects it, and answers before anybody can wait."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def execute(self, sql: str, values: Mapping[str, object]) -> "_Found":
        """Carry out one statement."""
        return _Found(self._connection.execute(sql, values))

    async def executemany(self, sql: str, rows: Iterable[Mapping[str, object]]) -> None:
        """Carry out one statement for many rows."""
        self._connection.executemany(sql, rows)


class _Found:
    def __init__(self, cursor: sqlite3.Cursor) -> None:
        self._cursor = cursor
        self.rowcount = cursor.rowcount
        self.lastrowid = cursor.lastrowid
        self.description = cursor.description

    async def fetchall(self) -> list[Any]:
        """Every row."""
        return self._cursor.fetchall()


def carried_out(connection: sqlite3.Connection, work: Callable[[Straight], Coroutine[Any, Any, Result]]) -> Result:
    """What `work` gives, in one transaction. It may await nothing but the connection it is given."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        steps = work(Straight(connection))
        try:
            steps.send(None)
        except StopIteration as end:
            result: Result = end.value
        else:
            steps.close()
            raise RuntimeError("A transaction at once waits for nothing but the database.")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return result
