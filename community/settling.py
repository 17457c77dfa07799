"""How syncs went, written together: one transaction for all that end within a moment, where each had three."""

import asyncio
import logging
from collections.abc import Mapping

from community.store import Store
from storage import sources

log = logging.getLogger(__name__)

_MOMENT_S = 0.05


class Settling:
    """Collects the outcomes of one event loop, and logs what was new in one line."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rows: list[Mapping[str, object]] = []
        self._written: asyncio.Task[None] | None = None

    async def succeeded(self, row: Mapping[str, object]) -> None:
        """Keep that a sync went well; see `storage.sources.succeeded`. It is stored when this returns.

        Raises `StorageError` when it could not be.
        """
        self._rows.append(row)
        if self._written is None:
            self._written = asyncio.create_task(self._write())
        await asyncio.shield(self._written)

    async def close(self) -> None:
        """Wait until everything is stored. Failures were told to those who waited."""
        if self._written is not None:
            await asyncio.gather(self._written, return_exceptions=True)

    async def _write(self) -> None:
        await asyncio.sleep(_MOMENT_S)
        rows, self._rows, self._written = self._rows, [], None
        database = await self._store.database()
        await database.at_once(lambda tx: sources.succeeded(tx, rows))
        news = [f"{row['new_items']} in source {row['id']}" for row in rows if row["new_items"]]
        if news:
            log.info("new items: %s", ", ".join(news))
