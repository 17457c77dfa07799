"""Locks between processes. The system releases them when their holder dies, however it dies."""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Self

from storage.errors import StorageError

SYNC = "sync.lock"
OUTBOX = "outbox.lock"
BACKUP = "backup.lock"
WORKSPACE = "workspace.lock"
"""Shared by everybody who has the workspace open; whoever replaces its database needs it alone."""


class Lock:
    """A lock on a file of the workspace: exclusive, or with `shared` one that many hold at the same time."""

    _descriptor: int | None = None

    def __init__(self, directory: Path, name: str, *, shared: bool = False) -> None:
        self._path = directory / name
        self._how = fcntl.LOCK_SH if shared else fcntl.LOCK_EX

    def take(self) -> bool:
        """Take it if nobody else's stands against it; whether it is ours now.

        Raises `StorageError` when the file of the lock cannot be made.
        """
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        except OSError as error:
            raise StorageError(f"{self._path} cannot be written: {error.strerror}.") from error
        try:
            fcntl.flock(descriptor, self._how | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        if self._how == fcntl.LOCK_EX:
            with contextlib.suppress(OSError):  # who holds it is for curious people; a full disk changes nothing
                os.ftruncate(descriptor, 0)
                os.write(descriptor, f"{os.getpid()}\n".encode())
        return True

    def release(self) -> None:
        """Give it back; nothing happens when it is not ours."""
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)

    def held_elsewhere(self) -> bool:
        """Whether another process holds it now; False where that cannot be found out."""
        if self._descriptor is not None:
            return False
        try:
            if self.take():
                self.release()
                return False
        except StorageError:
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()

    def __del__(self) -> None:
        self.release()
