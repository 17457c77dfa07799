"""Opening the file: made fit first, of the newest schema, and never a ruin opened as if nothing had happened."""

import sqlite3
import time
from pathlib import Path

from storage import schema
from storage.errors import DAMAGED as DAMAGED_SENTENCE
from storage.errors import Corrupt, DiskFull, StorageError, translated
from storage.files import DAMAGED, RESTORING, prepare_directory, prepare_file

PRAGMAS = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "journal_size_limit = 67108864",
)
"""How every connection that may write is set up."""


def prepare(path: Path) -> None:
    """Make the file at `path` fit to open: its directory 0700, itself 0600, its schema the newest.

    Takes about a millisecond when there is nothing to do: a whole check takes two seconds for each gigabyte, so the
    watcher does it, and here the file is checked only when the watcher has found it damaged. Before a migration the
    file is copied to the backups, and that copy checked.

    Raises `StorageError` for a directory that is not the user's own or lies on a network file system, or when no
    copy can be made; `NewerSchema` for a file written by a newer Kith; and `Corrupt` for a damaged one, or none at
    all where there are backups of one.
    """
    prepare_directory(path.parent)
    _refuse_ruins(path)
    prepare_file(path)
    with translated():
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute(f"PRAGMA {PRAGMAS[0]}")
            schema.refuse_newer(schema.version(connection))
            _set_up(connection)
            schema.migrate(connection, before=lambda found: _keep(path, found))
        finally:
            connection.close()


def fit(path: Path) -> bool:
    """Whether the file at `path` can be written, after `prepare`; on a full disk it may still be read, frozen.

    Raises what `prepare` raises, `DiskFull` as well when another process may be writing or has left a log behind.
    """
    try:
        prepare(path)
    except DiskFull:
        log = path.with_name(path.name + "-wal")
        if not path.exists() or not path.stat().st_size or (log.exists() and log.stat().st_size):
            raise
        return False
    return True


def connected(path: Path, *, any_thread: bool = False) -> sqlite3.Connection:
    """A connection of one's own that may write, set up like every other; for one thread at a time, or for one only."""
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=not any_thread)
    try:
        _set_up(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _set_up(connection: sqlite3.Connection) -> None:
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")


def _refuse_ruins(path: Path) -> None:
    """Raise for what must not be opened, or worse, begun anew as if nothing had ever been there."""
    if (path.parent / RESTORING).exists():
        raise StorageError("A restore was cut short: run `kith restore` again, everything is still there.")
    damaged = path.parent / DAMAGED
    is_there = path.exists() and path.stat().st_size > 0
    if is_there and not damaged.exists():
        return
    from storage import copies  # noqa: PLC0415  late: a workspace that is well has no use for it

    if damaged.exists():
        if copies.problems(path):
            raise Corrupt(DAMAGED_SENTENCE)
        damaged.unlink(missing_ok=True)
    if not is_there and copies.listed(path.parent):
        raise Corrupt("The database is gone, but there are backups of it: `kith restore` puts the newest back.")


def _keep(path: Path, found: int) -> None:
    """A checked copy of the file as it is before a migration. Raises `StorageError`; then nothing is migrated."""
    from storage import copies  # noqa: PLC0415

    directory = path.parent / copies.DIRECTORY
    try:
        prepare_directory(directory)
        copies.copy(path, copies.free_name(directory, int(time.time()), copies.before(found)))
    except StorageError as error:
        raise type(error)(f"Kith was not updated here, since no backup could be made first. {error}") from error
