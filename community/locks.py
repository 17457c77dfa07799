"""Locks between processes. The system releases them when their holder dies, however it dies."""

import fcntl
import os
from pathlib import Path
from typing import Self

SYNC = "sync.lock"
OUTBOX = "outbox.lock"


class Lock:
    """An exclusive lock on a file of the workspace."""

    def __init__(self, directory: Path, name: str) -> None:
        self._path = directory / name
        self._descriptor: int | None = None

    def take(self) -> bool:
        """Take it if nobody holds it; whether it is ours now."""
        if self._descriptor is not None:
            return True
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            return False
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode())
        self._descriptor = descriptor
        return True

    def release(self) -> None:
        """Give it back; nothing happens when it is not ours."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def held_elsewhere(self) -> bool:
        """Whether another process holds it now."""
        if self._descriptor is not None:
            return False
        if self.take():
            self.release()
            return False
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.release()
