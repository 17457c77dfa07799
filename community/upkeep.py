"""What a watcher does for the database itself: look whether it is whole, back it up, and keep to platforms' terms.

A whole check takes two seconds for each gigabyte, more from a slow disk, so it never stands before the first paint:
the watcher makes it at its start. What it finds is kept beside the database, where the next start sees it. A large
file is checked once a day and after each start of the machine; a crash of Kith alone damages nothing.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from community import clock
from community.backups import DAY_S, Backups
from community.errors import KithError, StorageError
from community.forgotten import sweep
from community.retention import keep_terms
from community.store import Store
from storage import copies, meta, sources
from storage.copies import DAILY
from storage.errors import DAMAGED as SENTENCE
from storage.errors import Corrupt, Interrupted
from storage.files import DAMAGED, FILE

log = logging.getLogger(__name__)

_LARGE = 256_000_000
_AGAIN_S = 60.0
_LATER_S = 3600.0
_FACT = "checked"
_Result = TypeVar("_Result")


class Upkeep:
    """The care of one workspace's database. Long work runs in a thread, and ends soon when it is told to stop."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._backups = Backups(store.directory, store.now)
        self._was_checked = False
        self._terms_kept_at: int | None = None

    async def turn(self, stop: asyncio.Event) -> float:
        """Do what is due; the seconds until the next turn. Raises `Corrupt` when the database is damaged."""
        try:
            if not self._was_checked:
                await self._check_when_due(stop)
                self._was_checked = True
            await self.back_up(stop)
            await self._keep_terms()
        except Interrupted:
            return 0.0
        except Corrupt:
            raise
        except (KithError, StorageError) as error:
            log.warning("the daily backup could not be made: %s", error)
            return _LATER_S
        return _AGAIN_S

    async def back_up(self, stop: asyncio.Event | None = None) -> bool:
        """Make the daily backup when it is due; whether it was. A workspace that listens to nothing needs none.

        Raises `StorageError` or `KithError` when it cannot be made.
        """
        if not sources.listed(self._store.reader) or not self._backups.is_due():
            return False
        made = await _in_thread(lambda told: self._backups.make(kind=DAILY, stop=told), stop)
        log.info("backed up to %s", made.path)
        return True

    async def _keep_terms(self) -> None:
        """Once an hour: what a platform lets one keep no longer goes, and the last of who was forgotten."""
        now = self._store.now()
        if self._terms_kept_at is None or now - self._terms_kept_at >= _LATER_S:
            await keep_terms(self._store)
            await sweep(self._store)
            self._terms_kept_at = now

    async def check(self, stop: asyncio.Event | None = None) -> None:
        """Look whether the database is whole. Raises `Corrupt` when it is not, and lets the next start know."""
        path = self._store.directory / FILE
        wrong = await _in_thread(lambda told: copies.problems(path, stop=told), stop)
        if wrong:
            log.error("the database is damaged: %s", wrong[0])
            mark(self._store.directory, wrong[0])
            raise Corrupt(SENTENCE)

    async def _check_when_due(self, stop: asyncio.Event) -> None:
        database = await self._store.database()
        last, now = await meta.get(database, _FACT), self._store.now()
        boot, _, at = last.partition(" ")
        is_recent = boot == clock.boot() and at.isdecimal() and abs(now - int(at)) < DAY_S
        if (self._store.directory / FILE).stat().st_size >= _LARGE and is_recent:
            return
        await self.check(stop)
        async with self._store.transaction() as tx:
            await meta.put(tx, _FACT, f"{clock.boot()} {now}")


def is_damaged(directory: Path) -> bool:
    """Whether the database in `directory` is damaged; one that is not there is not."""
    path = directory / FILE
    return path.is_file() and path.stat().st_size > 0 and bool(copies.problems(path) or not copies.is_ours(path))


def mark(directory: Path, why: str) -> None:
    """Let the next start look at the database before it is opened."""
    try:
        (directory / DAMAGED).write_text(f"{why}\n", "utf-8")
    except OSError:
        log.exception("it could not be written down that the database is damaged")


async def _in_thread(work: Callable[[threading.Event], _Result], stop: asyncio.Event | None) -> _Result:
    """What `work` gives, done beside the loop; once `stop` is set, its own event asks it to end."""
    told = threading.Event()
    task = asyncio.create_task(asyncio.to_thread(work, told))
    stopping = asyncio.create_task(stop.wait()) if stop is not None else None
    try:
        await asyncio.wait({task, *([stopping] if stopping else [])}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if stopping is not None:
            stopping.cancel()
        if not task.done():
            told.set()
    return await task
