"""The one SQLite file: `Database` for asynchronous reads and transactions, `Reader` for what a key press needs now.

Writes happen only inside `async with database.transaction() as tx`, which is `BEGIN IMMEDIATE` behind a lock: two
tasks that begin on one connection fail, and a deferred read-then-write meets SQLITE_BUSY_SNAPSHOT, which no time-out
mends.
"""

import sqlite3
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from storage import derived
from storage.errors import FULL, DiskFull, NotFound, StorageError, translated
from storage.files import FILE, uri
from storage.opening import PRAGMAS, connected, prepare
from storage.reader import Reader, made
from storage.straight import Straight, Work, carried_out

if TYPE_CHECKING:
    import aiosqlite

__all__ = ["FILE", "Database", "Reader", "Transaction"]

Row = TypeVar("Row")
Result = TypeVar("Result")

_BULK_PRAGMAS = ("synchronous = NORMAL", "cache_size = -16000", "wal_autocheckpoint = 4000", "temp_store = MEMORY")
"""For what can be fetched again: after a power cut the last moments of it are. What a statement may have to take back
stays in memory: as a file it is three hundred writes for a page of thirty items."""


_PATIENT_S, _ASKS_MS, _BETWEEN_S = 5.0, 8, 0.002
"""So long a transaction waits for its turn, asking for so long at a time, with so long between."""
_TURN_S = 0.25
"""So long works of `Database.at_once` share a transaction: what they share is written once, and who else wants to write
waits no longer."""
_MANY = 16
"""So many works are not waited with."""
_LOT = 2000
"""So many new items may wait for the search to find them, as long as works wait as well: in lots of 500 they cost half
as much again."""
_PATIENCE_S = 0.03
"""So long the first of them waits for the others: rows that come together cost half."""


def _as_ours(result: object) -> object:
    """An exception of SQLite's as what it means for us; everything else as it is."""
    if not isinstance(result, sqlite3.Error):
        return result
    try:
        with translated():
            raise result
    except StorageError as error:
        return error


class Transaction:
    """Writes. It exists only between `BEGIN IMMEDIATE` and `COMMIT`; an exception rolls everything back."""

    def __init__(self, connection: "aiosqlite.Connection | Straight") -> None:
        self._connection = connection

    async def run(self, sql: str, **values: object) -> int:
        """The number of rows the statement changed."""
        with translated():
            cursor = await self._connection.execute(sql, values)
            return cursor.rowcount

    async def insert(self, sql: str, **values: object) -> int:
        """The id of the inserted row."""
        with translated():
            cursor = await self._connection.execute(sql, values)
            return int(cursor.lastrowid or 0)

    async def many(self, sql: str, rows: Iterable[Mapping[str, object] | Sequence[object]]) -> None:
        """One statement for many rows, in one hop to the database thread; for none nothing is done."""
        found = list(rows)
        if found:
            with translated():
                await self._connection.executemany(sql, found)

    async def all(self, row: type[Row], sql: str, **values: object) -> list[Row]:
        """Every row of a query, as seen by this transaction."""
        with translated():
            cursor = await self._connection.execute(sql, values)
            return made(row, cursor.description, await cursor.fetchall())

    async def one(self, row: type[Row], sql: str, **values: object) -> Row:
        """The only row. Raises `NotFound` when there is none."""
        rows = await self.all(row, sql, **values)
        if not rows:
            raise NotFound("There is no such entry any more.")
        return rows[0]


class Database:
    """The asynchronous side of the workspace's file. Open it with `await Database.open(path)`."""

    def __init__(self, connection: "aiosqlite.Connection", path: Path, *, frozen: bool = False) -> None:
        import asyncio  # noqa: PLC0415  late: what only reads has no use for it
        import threading  # noqa: PLC0415

        self._connection = connection
        self._writing = asyncio.Lock()
        self._frozen = frozen
        self._straight: sqlite3.Connection | None = None
        self._in_thread = threading.Lock()
        self._waiting: list[tuple[Work, asyncio.Future[Any]]] = []
        self._at_work: asyncio.Task[None] | None = None
        self.path = path

    @classmethod
    async def open(cls, path: Path, *, frozen: bool = False) -> Self:
        """Open the file at `path` after `prepare` has made it fit; raises what `prepare` raises.

        `frozen` only reads, as with `Reader`: every transaction is refused with `DiskFull`.
        """
        import asyncio  # noqa: PLC0415

        import aiosqlite  # noqa: PLC0415  late: the workspace paints before it needs this

        if not frozen:
            await asyncio.to_thread(prepare, path)
        with translated():
            how = "mode=ro&immutable=1" if frozen else "mode=rw"
            connection = await aiosqlite.connect(uri(path, how), uri=True, isolation_level=None)
            try:
                for pragma in () if frozen else PRAGMAS:
                    await connection.execute(f"PRAGMA {pragma}")
            except BaseException:
                await connection.close()
                raise
        return cls(connection, path, frozen=frozen)

    async def close(self) -> None:
        """Close the file. Nothing unsaved can be lost by it."""
        import asyncio  # noqa: PLC0415

        if self._at_work is not None:
            await asyncio.gather(self._at_work, return_exceptions=True)
        with self._in_thread:  # a cancelled task does not end its thread
            if self._straight is not None:
                self._straight.close()
        await self._connection.close()

    async def all(self, row: type[Row], sql: str, **values: object) -> list[Row]:
        """Every row of a query. A column without a field, or a field without a column, is a `TypeError`."""
        with translated():
            cursor = await self._connection.execute(sql, values)
            return made(row, cursor.description, await cursor.fetchall())

    async def one(self, row: type[Row], sql: str, **values: object) -> Row:
        """The only row. Raises `NotFound` when there is none."""
        rows = await self.all(row, sql, **values)
        if not rows:
            raise NotFound("There is no such entry any more.")
        return rows[0]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A block whose writes are stored together or not at all. Never await the network inside."""
        if self._frozen:
            raise DiskFull(FULL)
        async with self._writing:
            try:
                await self._begin()
                tx = Transaction(self._connection)
                yield tx
                await derived.settle(tx)
                with translated():
                    await self._connection.execute("COMMIT")
            except BaseException:
                await self._let_go()
                raise

    async def _let_go(self) -> None:
        """Take back what was begun, also what a cancelled caller no longer waits for; nothing cancels this."""
        import asyncio  # noqa: PLC0415

        rolling = asyncio.ensure_future(self._roll_back())
        while not rolling.done():
            with suppress(asyncio.CancelledError):
                await asyncio.shield(rolling)
        rolling.result()

    async def _roll_back(self) -> None:
        await self._connection.execute("SELECT 1")  # behind a BEGIN that is still on its way
        if self._connection.in_transaction:
            await self._connection.execute("ROLLBACK")

    async def _begin(self) -> None:
        """Begin a transaction as soon as nobody else has one. Raises `StorageError` when that takes too long.

        SQLite asks ever more seldom, and misses the moments between the transactions of a process that has many.
        While a read of this connection is half done, and somebody else has stored something since it began, it says
        at once that the database is locked; but the read is soon over.
        """
        import asyncio  # noqa: PLC0415

        until = asyncio.get_running_loop().time() + _PATIENT_S
        with translated():
            await self._connection.execute(f"PRAGMA busy_timeout = {_ASKS_MS}")
            try:
                while True:
                    try:
                        await self._connection.execute("BEGIN IMMEDIATE")
                    except sqlite3.OperationalError as error:
                        is_busy = error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
                        if not is_busy or asyncio.get_running_loop().time() > until:
                            raise
                        await asyncio.sleep(_BETWEEN_S)
                    else:
                        return
            finally:
                await self._connection.execute(f"PRAGMA {PRAGMAS[0]}")

    async def at_once(self, work: Callable[[Transaction], Coroutine[Any, Any, Result]]) -> Result:
        """What `work` gives: a transaction in a thread of its own, for many small writes. See `storage.straight`.

        `work` awaits nothing but its transaction, and may be begun anew. Works that wait at the same time share one
        transaction. What was begun is finished, also when the caller is cancelled.
        """
        import asyncio  # noqa: PLC0415

        if self._frozen:
            raise DiskFull(FULL)

        given: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((lambda connection: work(Transaction(connection)), given))
        if self._at_work is None or self._at_work.done():
            self._at_work = asyncio.create_task(self._work_off())
        await asyncio.wait([given])
        result: Result = given.result()
        return result

    async def _work_off(self) -> None:
        """Carry out what waits, some at a time, until nothing does."""
        import asyncio  # noqa: PLC0415

        while self._waiting:
            if len(self._waiting) < _MANY:
                await asyncio.sleep(_PATIENCE_S)
            async with self._writing:
                results = await asyncio.to_thread(self._turn)
            done, self._waiting = self._waiting[: len(results)], self._waiting[len(results) :]
            for (_, given), result in zip(done, results, strict=True):
                if given.done():
                    continue
                if isinstance(result, BaseException):
                    given.set_exception(result)
                else:
                    given.set_result(result)

    def _turn(self) -> list[object]:
        """What the first of those that wait gave, at least one; who comes meanwhile has a part in it."""
        try:
            with self._in_thread:
                if self._straight is None:
                    with translated():
                        self._straight = connected(self.path, any_thread=True)
                        for pragma in _BULK_PRAGMAS:
                            self._straight.execute(f"PRAGMA {pragma}")
                works = (work for work, _ in self._waiting)
                results = carried_out(self._straight, works, turn_s=_TURN_S, lot=self._lot)
                if any(isinstance(result, BaseException) for result in results) and self._lot(len(results)) == 1:
                    carried_out(self._straight, [])  # what the works before have left
                return [_as_ours(result) for result in results]
        except Exception as error:  # every caller hears of it
            return [error] * len(self._waiting)

    def _lot(self, done: int) -> int:
        return _LOT if len(self._waiting) > done else 1

    async def compact(self) -> None:
        """Write the file anew without what was deleted, the search included. Nothing of it is left anywhere in it."""
        async with self._writing:
            with translated():
                for table in ("item_fts", "memo_fts", "name_fts"):
                    await self._connection.execute(f"INSERT INTO {table} ({table}) VALUES ('optimize')")
                await self._connection.execute("VACUUM")
                await self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def integrity(self) -> list[str]:
        """What SQLite's own full check finds wrong; empty when all is well."""
        with translated():
            cursor = await self._connection.execute("PRAGMA integrity_check")
            return [found[0] for found in await cursor.fetchall() if found[0] != "ok"]
