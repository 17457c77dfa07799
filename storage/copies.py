"""Copies of the database: made while it is in use, checked before they count, and named by their time."""

import os
import re
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from storage import schema
from storage.errors import DAMAGED, Corrupt, DiskFull, Interrupted, StorageError, translated
from storage.files import place, temporary, uri

DIRECTORY = "backups"
DAILY = "daily"
_NAME = re.compile(r"kith-(\d{8}-\d{6})(?:-(daily|schema\d{1,6}))?(?:-\d{1,3})?\.db")
_TIME = "%Y%m%d-%H%M%S"
_PAGES = 2048
_STEPS = 200_000
_SPARE = 16_000_000


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy in the backups, not opened yet. `kind` is "" for one the user made, "daily", or "schema1"."""

    path: Path
    at: int
    kind: str
    size: int


def name(at: int, kind: str = "") -> str:
    """The name of a copy made at a time."""
    return f"kith-{datetime.fromtimestamp(at, UTC):{_TIME}}{f'-{kind}' if kind else ''}.db"


def time_of(name: str) -> int | None:
    """When a copy with this name was made, None for a name that is none of ours."""
    match = _NAME.fullmatch(name)
    try:
        return int(datetime.strptime(match[1], _TIME).replace(tzinfo=UTC).timestamp()) if match else None
    except ValueError:
        return None


def before(found: int) -> str:
    """The kind of a copy made before a schema is left behind."""
    return f"schema{found}"


def free_name(directory: Path, at: int, kind: str = "") -> Path:
    """A path for a copy made now that nothing has yet."""
    wanted = directory / name(at, kind)
    number = 2
    path = wanted
    while path.exists():
        path = wanted.with_name(f"{wanted.stem}-{number}.db")
        number += 1
    return path


def listed(workspace: Path) -> list[Copy]:
    """The copies of a workspace, the newest first; files with other names are none."""
    found = []
    try:
        paths = list((workspace / DIRECTORY).iterdir())
    except OSError:
        return []
    for path in paths:
        match, at = _NAME.fullmatch(path.name), time_of(path.name)
        try:
            if match and at is not None and path.is_file() and not path.is_symlink():
                found.append(Copy(path, at, match[2] or "", path.stat().st_size))
        except OSError:
            continue
    return sorted(found, key=lambda copy: (copy.at, copy.path.name), reverse=True)


def copy(source: Path, target: Path, *, stop: threading.Event | None = None) -> None:
    """Write what is committed in `source` to `target`, mode 0600, checked and on disk before it has that name.

    The source may be in use; it is read as it was at one moment. The copy is one file without a log beside it.
    Raises `DiskFull` before the disk is full, `Corrupt` when the copy does not check, `Interrupted` after `stop`.
    """
    _room(source, target.parent)
    beside = temporary(target.parent)
    try:
        with translated(), reading(source) as old:
            new = sqlite3.connect(beside, isolation_level=None)
            try:
                _watched(new, stop)
                new.execute("PRAGMA synchronous = OFF")
                old.execute("BEGIN")
                old.execute("SELECT 1 FROM sqlite_master").fetchone()  # from here on it stays as it is for us
                old.backup(new, pages=_PAGES, progress=lambda *_: _heed(stop))
                new.execute("PRAGMA journal_mode = DELETE")
                wrong = _check(new, "integrity_check")
            finally:
                new.close()
        if wrong:
            raise Corrupt(f"The copy did not pass its check and was not kept ({wrong[0]}). {DAMAGED}")
        place(beside, target)
    finally:
        for path in (beside, beside.with_name(beside.name + "-journal")):
            path.unlink(missing_ok=True)


def problems(path: Path, *, stop: threading.Event | None = None, thorough: bool = False) -> list[str]:
    """What SQLite finds wrong with a file, empty when all is well; a file that cannot be read is wrong."""
    try:
        with translated(), reading(path) as connection:
            _watched(connection, stop)
            return _check(connection, "integrity_check" if thorough else "quick_check")
    except Corrupt as error:
        return [str(error.__cause__ or error)]


def is_ours(path: Path) -> bool:
    """Whether a file has the tables that the migrations make; False as well when it cannot be read."""
    try:
        with translated(), reading(path) as connection:
            return schema.is_ours(connection)
    except StorageError:
        return False


def vet(path: Path) -> int:
    """The schema of a copy that is whole, ours, and known to this program.

    Raises `Corrupt` for a damaged one, `NewerSchema`, or `StorageError` for a file that is no copy of a workspace.
    """
    if not path.is_file():
        raise StorageError(f"{path} is not there.")
    try:
        with translated(), reading(path) as connection:
            found = schema.version(connection)
            schema.refuse_newer(found)
            if not found or not schema.is_ours(connection):
                raise StorageError(f"{path} is no copy of a workspace of Kith's.")
            wrong = _check(connection, "integrity_check")
            if not wrong and connection.execute("PRAGMA foreign_key_check").fetchone():
                wrong = ["rows that belong to nothing"]
    except Corrupt as error:
        raise Corrupt(f"{path} is damaged and cannot be used.") from error
    if wrong:
        raise Corrupt(f"{path} is damaged and cannot be used ({wrong[0]}).")
    return found


@contextmanager
def reading(path: Path, *, torn: bool = False) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, with the log beside the file where there is one; it is closed in the end.

    Nothing in the file is trusted to run: it may come from anywhere. With `torn` the file may be shorter than it says.
    """
    connection = sqlite3.connect(uri(path, "mode=ro"), uri=True, isolation_level=None, check_same_thread=False)
    try:
        try:
            connection.execute(f"PRAGMA writable_schema = {torn}")
            connection.execute("PRAGMA schema_version").fetchone()
        except sqlite3.OperationalError:
            log = path.with_name(path.name + "-wal")
            if log.exists() and log.stat().st_size:
                raise
            # No room or right for SQLite's help files, and nothing outside of the file itself.
            connection.close()
            how = "mode=ro&immutable=1"
            connection = sqlite3.connect(uri(path, how), uri=True, isolation_level=None, check_same_thread=False)
            connection.execute(f"PRAGMA writable_schema = {torn}")
        connection.execute("PRAGMA busy_timeout = 5000")
        connection.execute("PRAGMA trusted_schema = OFF")
        connection.execute("PRAGMA cell_size_check = ON")
        yield connection
    finally:
        connection.close()


def _check(connection: sqlite3.Connection, how: str) -> list[str]:
    return [str(found[0]) for found in connection.execute(f"PRAGMA {how}(3)") if found[0] != "ok"]


def _heed(stop: threading.Event | None) -> None:
    if stop is not None and stop.is_set():
        raise Interrupted("The copy was stopped before it was done.")


def _watched(connection: sqlite3.Connection, stop: threading.Event | None) -> None:
    if stop is not None:
        connection.set_progress_handler(stop.is_set, _STEPS)


def _room(source: Path, directory: Path) -> None:
    """Raise before a copy would fill the disk: what else the disk is for comes first."""
    try:
        needed = sum(each.stat().st_size for each in (source, source.with_name(source.name + "-wal")) if each.exists())
        about = os.statvfs(directory)
        free = about.f_bavail * about.f_frsize
    except OSError as error:
        raise StorageError(f"{directory} cannot be used for a copy: {error.strerror}.") from error
    if free < needed + _SPARE:
        raise DiskFull(f"There is no room for a copy in {directory}: {(needed + _SPARE) // 1_000_000} MB are needed.")
