"""What storage raises when a request cannot be met."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager


class StorageError(Exception):
    """The database cannot do what was asked; the text is one sentence for the user."""


class NotFound(StorageError):
    """There is no such row."""


class NewerSchema(StorageError):
    """The database was written by a newer Kith."""


class DiskFull(StorageError):
    """There is no room left to write."""


class Corrupt(StorageError):
    """The database file is damaged."""


class Interrupted(StorageError):
    """Long work on a file was told to stop; nothing was changed."""


FULL = "The disk is full or cannot be written: free some space, nothing was changed."
DAMAGED = (
    "The database file is damaged: `kith restore` puts the newest good backup in its place, `kith doctor` says more."
)
_BUSY = "Another Kith keeps the workspace busy: try again in a moment."
_CLOSED = "The workspace cannot be written: check the owner and mode of its directory."
_RUINS = ("Could not decode to UTF-8", "invalid fts5 file format")
_MEANINGS: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_FULL: (DiskFull, FULL),
    sqlite3.SQLITE_IOERR: (DiskFull, FULL),
    sqlite3.SQLITE_BUSY: (StorageError, _BUSY),
    sqlite3.SQLITE_LOCKED: (StorageError, _BUSY),
    sqlite3.SQLITE_READONLY: (StorageError, _CLOSED),
    sqlite3.SQLITE_CANTOPEN: (StorageError, _CLOSED),
    sqlite3.SQLITE_PERM: (StorageError, _CLOSED),
    sqlite3.SQLITE_CORRUPT: (Corrupt, DAMAGED),
    sqlite3.SQLITE_NOTADB: (Corrupt, DAMAGED),
    sqlite3.SQLITE_INTERRUPT: (Interrupted, "It was stopped before it was done; nothing was changed."),
}
UNREADABLE = (sqlite3.Error, UnicodeDecodeError, OverflowError)
"""What reading a damaged file may raise."""
_READ_FAULTS = frozenset({sqlite3.SQLITE_IOERR_READ, sqlite3.SQLITE_IOERR_SHORT_READ, sqlite3.SQLITE_IOERR_CORRUPTFS})


@contextmanager
def translated() -> Iterator[None]:
    """SQLite's own errors become ours, each one sentence; what can only be a bug stays as it is."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except UnicodeDecodeError as error:
        raise Corrupt(DAMAGED) from error
    except sqlite3.DatabaseError as error:
        ours = _ours(error)
        if ours is None:
            raise
        raise ours from error


def _ours(error: sqlite3.DatabaseError) -> StorageError | None:
    code = getattr(error, "sqlite_errorcode", 0)
    kind, sentence = _MEANINGS.get(code & 0xFF, (None, ""))
    if code in _READ_FAULTS or any(words in str(error) for words in _RUINS):
        return Corrupt(DAMAGED)
    return kind(sentence) if kind is not None else None
