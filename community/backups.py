"""Backups: checked copies of the workspace's database, one a day by itself, and whenever the user asks.

They lie in `backups/` beside the database, which holds no credential, so neither do they. The newest seven of the
daily ones are kept and the newest three of those made before a migration; what the user made is never removed.
"""

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from community import clock
from community.errors import KithError, StorageError
from community.locks import BACKUP, Lock
from community.text import Clean, clean_line
from storage import copies
from storage.copies import DAILY, Copy
from storage.files import FILE, prepare_directory

DAY_S = 86_400
KEPT = {DAILY: 7}
_KEPT_OTHERS = 3
_ABANDONED_S = 3600
_WORDS = {"": "by hand", DAILY: "daily"}


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup in the list. `trouble` says in a sentence why it cannot be used, "" when it can."""

    path: Path
    at: int
    kind: Clean
    size: int
    trouble: Clean


class Backups:
    """The backups of the workspace in `directory`. Nothing here opens the workspace, so it may be damaged."""

    def __init__(self, directory: Path, now: Callable[[], int] = clock.now) -> None:
        self._workspace = directory
        self._now = now

    @property
    def directory(self) -> Path:
        """Where they are."""
        return self._workspace / copies.DIRECTORY

    def listed(self) -> list[Backup]:
        """Every backup, the newest first, each checked; those from a time that has not come are last."""
        return [self._checked(found) for found in newest_first(copies.listed(self._workspace), now=self._now())]

    def newest(self) -> Copy | None:
        """The newest backup, not checked; None when there is none."""
        found = newest_first(copies.listed(self._workspace), now=self._now())
        return found[0] if found else None

    def make(self, target: Path | None = None, *, kind: str = "", stop: threading.Event | None = None) -> Copy:
        """A checked backup, in `target` when it is named, which must not exist.

        Raises `StorageError` when it cannot be made, or `KithError` when another one is being made.
        """
        source = self._workspace / FILE
        if not source.is_file() or not source.stat().st_size:
            raise KithError(f"There is no workspace in {self._workspace} to back up: `kith` makes one.")
        prepare_directory(self._workspace)
        prepare_directory(self.directory)
        now = self._now()
        with Lock(self._workspace, BACKUP) as lock:
            if not lock.take():
                raise KithError("Another backup is being made: wait for it.")
            self._sweep()
            path = target or copies.free_name(self.directory, now, kind)
            if path.exists():
                raise KithError(f"{path} is there already: choose another name.")
            if not path.parent.is_dir():
                raise KithError(f"There is no directory {path.parent}: make it first.")
            copies.copy(source, path, stop=stop)
            self._prune(now, path)
        return Copy(path, now, kind, path.stat().st_size)

    def is_due(self) -> bool:
        """Whether the daily backup has not been made."""
        return due(copies.listed(self._workspace), now=self._now())

    def _prune(self, now: int, made: Path) -> None:
        for old in surplus(copies.listed(self._workspace), now=now):
            if old.path != made:
                old.path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what a crash has left of backups that were never finished."""
        for path in self.directory.glob(".kith-*.part*"):
            if abs(time.time() - path.stat().st_mtime) > _ABANDONED_S:
                path.unlink(missing_ok=True)

    def _checked(self, found: Copy) -> Backup:
        kind = _WORDS.get(found.kind) or f"before schema {int(found.kind.removeprefix('schema')) + 1}"
        return Backup(found.path, found.at, clean_line(kind), found.size, self.trouble(found))

    def trouble(self, found: Copy) -> Clean:
        """Why a backup cannot be used, in a sentence; "" when it can."""
        try:
            copies.vet(found.path)
        except StorageError as error:
            return clean_line(str(error))
        return clean_line("")


def due(listed: Sequence[Copy], *, now: int) -> bool:
    """Whether no daily copy lies within a day of `now`. One from a clock that ran far ahead or behind counts not."""
    return all(copy.kind != DAILY or abs(now - copy.at) >= DAY_S for copy in listed)


def surplus(listed: Sequence[Copy], *, now: int) -> list[Copy]:
    """The automatic copies that are too many, each kind for itself.

    Those from a time to come are counted apart: after a clock has run ahead and back, or while it is behind, no copy
    is taken for older than it is and removed for it.
    """
    groups: dict[tuple[str, bool], list[Copy]] = {}
    for copy in sorted(listed, key=lambda copy: copy.at, reverse=True):
        if copy.kind:
            kind = copy.kind if copy.kind == DAILY else "schema"
            groups.setdefault((kind, copy.at > now + DAY_S), []).append(copy)
    return [copy for (kind, _), group in groups.items() for copy in group[KEPT.get(kind, _KEPT_OTHERS) :]]


def newest_first(listed: Sequence[Copy], *, now: int) -> list[Copy]:
    """Copies by their time, the newest first; those from a time that has not come are last, their clock was wrong."""
    return sorted(listed, key=lambda copy: (copy.at <= now + DAY_S, copy.at), reverse=True)


def when(at: int) -> Clean:
    """The time of a backup in words, the same on every machine."""
    return clean_line(f"{datetime.fromtimestamp(at, UTC):%Y-%m-%d %H:%M} UTC")
