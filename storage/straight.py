"""A transaction that is carried out in one go, in a thread of its own: a page of thirty items asks two hundred and
fifty small things of the database, and each hop to its thread and back costs more than the answer.
"""

import math
import sqlite3
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from storage.derived import settle_now

Result = TypeVar("Result")


class Straight:
    """A connection that looks as a transaction expects it, and answers before anybody can wait."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    async def execute(self, sql: str, values: Mapping[str, object]) -> "_Found":
        """Carry out one statement."""
        return _Found(self._connection.execute(sql, values))

    async def executemany(self, sql: str, rows: Iterable[Mapping[str, object] | Sequence[object]]) -> None:
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


Work = Callable[[Straight], Coroutine[Any, Any, object]]


def carried_out(
    connection: sqlite3.Connection,
    works: Iterable[Work],
    *,
    turn_s: float = math.inf,
    lot: Callable[[int], int] = lambda done: 1,
) -> list[object]:
    """What each of the works gave, all in one transaction; where one of them fails, each has one of its own.

    A work that failed has its exception as its result. Works may await nothing but the connection they are given. None
    is begun once `turn_s` seconds have passed: there are fewer results than works then. Fewer new items than `lot` says
    when it is told how many works are done are left for the search to find later: see `derived.settle_now`.
    """
    begun: list[Work] = []
    try:
        return _together(connection, works, begun, turn_s, lot)
    except Exception as error:  # what went wrong belongs to the one that did it
        if len(begun) <= 1:
            return [error]
        return [result for work in begun for result in carried_out(connection, [work])]


def _together(
    connection: sqlite3.Connection, works: Iterable[Work], begun: list[Work], turn_s: float, lot: Callable[[int], int]
) -> list[object]:
    connection.execute("BEGIN IMMEDIATE")
    results, until = list[object](), time.monotonic() + turn_s
    try:
        for work in works:
            begun.append(work)
            results.append(driven(work(Straight(connection))))
            if time.monotonic() > until:
                break
        settle_now(connection, lot=lot(len(results)))
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return results


def driven(steps: Coroutine[Any, Any, Result]) -> Result:
    """What comes of a work that awaits nothing but such a connection. Raises `RuntimeError` when it waits."""
    try:
        steps.send(None)
    except StopIteration as end:
        result: Result = end.value
        return result
    steps.close()
    raise RuntimeError("A transaction at once waits for nothing but the database.")
