"""What every service needs: the reader for now, the database for everything else, the preferences and the clock."""

import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from community import clock
from community.config import Config
from community.locks import WORKSPACE, Lock
from storage.database import FILE, Database, Reader, Transaction
from storage.errors import StorageError
from storage.files import prepare_directory
from storage.opening import fit

if TYPE_CHECKING:
    import asyncio

_TURN_S = 0.0005
"""How long a thread may work on before another gets its turn. Python's own 5 ms add up to a second for a source that
is read while the long page of another is taken apart: it has its turn two hundred times. A tenth of this made a first
sync no faster."""


class Store:
    """The file of one workspace, opened once. The asynchronous side opens with the first call that needs it.

    One that is frozen was opened on a full disk: it can be read for a moment, as long as nobody else writes.
    """

    def __init__(
        self,
        directory: Path,
        config: Config,
        reader: Reader,
        now: Callable[[], int] = clock.now,
        uptime: Callable[[], str] = clock.uptime,
        is_frozen: bool = False,
        lock: Lock | None = None,
    ) -> None:
        self.directory = directory
        self.config = config
        self.reader = reader
        self.now = now
        self.uptime = uptime
        self.is_frozen = is_frozen
        self._lock = lock
        self._database: Database | None = None
        self._opening: asyncio.Lock | None = None

    @classmethod
    def open(
        cls,
        directory: Path,
        config: Config,
        now: Callable[[], int] = clock.now,
        uptime: Callable[[], str] = clock.uptime,
    ) -> "Store":
        """Open, or make, the workspace in `directory`. Raises `StorageError` with one sentence when it cannot be."""
        prepare_directory(directory)
        lock = Lock(directory, WORKSPACE, shared=True)
        if not lock.take():
            raise StorageError("The workspace is being restored from a backup: try again in a moment.")
        path = directory / FILE
        try:
            is_frozen = not fit(path)
            return cls(directory, config, Reader(path, frozen=is_frozen), now, uptime, is_frozen, lock=lock)
        except BaseException:
            lock.release()
            raise

    async def database(self) -> Database:
        """The asynchronous side of the file."""
        import asyncio  # noqa: PLC0415  late: what only reads has no use for it

        if self._opening is None:
            self._opening = asyncio.Lock()
        async with self._opening:
            if self._database is None:
                sys.setswitchinterval(_TURN_S)
                self._database = await Database.open(self.directory / FILE, frozen=self.is_frozen)
            return self._database

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A block of writes that are stored together or not at all."""
        database = await self.database()
        async with database.transaction() as tx:
            yield tx

    async def close(self) -> None:
        """Close both sides."""
        try:
            if self._database is not None:
                await self._database.close()
                self._database = None
        finally:
            self.close_reader()

    def close_reader(self) -> None:
        """Close what was only read."""
        try:
            self.reader.close()
        finally:
            if self._lock is not None:
                self._lock.release()
