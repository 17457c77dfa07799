"""What every service needs: the reader for now, the database for everything else, the preferences and the clock."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from community import clock
from community.config import Config
from storage.database import FILE, Database, Reader, Transaction, prepare


@dataclass(slots=True)
class Store:
    """The file of one workspace, opened once. The asynchronous side opens with the first call that needs it."""

    directory: Path
    config: Config
    reader: Reader
    now: Callable[[], int] = clock.now
    _database: Database | None = None
    _opening: asyncio.Lock = field(default_factory=asyncio.Lock)

    @classmethod
    def open(cls, directory: Path, config: Config, now: Callable[[], int] = clock.now) -> "Store":
        """Open, or make, the workspace in `directory`. Raises `StorageError` with one sentence when it cannot be."""
        path = directory / FILE
        prepare(path)
        return cls(directory, config, Reader(path), now)

    async def database(self) -> Database:
        """The asynchronous side of the file."""
        async with self._opening:
            if self._database is None:
                self._database = await Database.open(self.directory / FILE)
            return self._database

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A block of writes that are stored together or not at all."""
        database = await self.database()
        async with database.transaction() as tx:
            yield tx

    async def close(self) -> None:
        """Close both sides."""
        self.reader.close()
        if self._database is not None:
            await self._database.close()
            self._database = None
