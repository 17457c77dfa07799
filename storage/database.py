"""The one SQLite file: `Database` for asynchronous reads and transactions, `Reader` for what a key press needs now.

Writes happen only inside `async with database.transaction() as tx`, which is `BEGIN IMMEDIATE` behind a lock: two
tasks that begin on one connection fail, and a deferred read-then-write meets SQLITE_BUSY_SNAPSHOT, which no time-out
mends.
"""

import asyncio
import os
import sqlite3
import stat
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from storage.errors import Corrupt, DiskFull, NewerSchema, NotFound, StorageError

if TYPE_CHECKING:
    import aiosqlite

Row = TypeVar("Row")

FILE = "kith.db"
_PRAGMAS = (
    "busy_timeout = 5000",
    "journal_mode = WAL",
    "synchronous = FULL",
    "foreign_keys = ON",
    "journal_size_limit = 67108864",
)
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "ceph"})


@contextmanager
def _translated() -> Iterator[None]:
    """SQLite's own errors become ours, each one sentence."""
    try:
        yield
    except sqlite3.IntegrityError:
        raise
    except sqlite3.OperationalError as error:
        text = str(error)
        if "full" in text or "disk I/O" in text:
            raise DiskFull("The disk is full or cannot be written: free some space, nothing was changed.") from error
        if "locked" in text:
            raise StorageError("Another Kith keeps the workspace busy: try again in a moment.") from error
        if "readonly" in text or "unable to open" in text:
            raise StorageError("The workspace cannot be written: check the owner and mode of its directory.") from error
        raise
    except sqlite3.DatabaseError as error:
        if "malformed" in str(error) or "not a database" in str(error):
            raise Corrupt("The database file is damaged: run `kith doctor` for what can be done.") from error
        raise


def _names(cursor_description: Sequence[Sequence[Any]] | None) -> list[str]:
    return [column[0] for column in cursor_description or ()]


class Transaction:
    """Writes. It exists only between `BEGIN IMMEDIATE` and `COMMIT`; an exception rolls everything back."""

    def __init__(self, connection: "aiosqlite.Connection") -> None:
        self._connection = connection

    async def run(self, sql: str, **values: object) -> int:
        """The number of rows the statement changed."""
        with _translated():
            cursor = await self._connection.execute(sql, values)
            return cursor.rowcount

    async def insert(self, sql: str, **values: object) -> int:
        """The id of the inserted row."""
        with _translated():
            cursor = await self._connection.execute(sql, values)
            return int(cursor.lastrowid or 0)

    async def many(self, sql: str, rows: Iterable[Mapping[str, object]]) -> None:
        """One statement for many rows, in one hop to the database thread."""
        with _translated():
            await self._connection.executemany(sql, list(rows))

    async def all(self, row: type[Row], sql: str, **values: object) -> list[Row]:
        """Every row of a query, as seen by this transaction."""
        with _translated():
            cursor = await self._connection.execute(sql, values)
            names = _names(cursor.description)
            return [row(**dict(zip(names, found, strict=True))) for found in await cursor.fetchall()]

    async def one(self, row: type[Row], sql: str, **values: object) -> Row:
        """The only row. Raises `NotFound` when there is none."""
        rows = await self.all(row, sql, **values)
        if not rows:
            raise NotFound("There is no such entry any more.")
        return rows[0]


class Database:
    """The asynchronous side of the workspace's file. Open it with `await Database.open(path)`."""

    def __init__(self, connection: "aiosqlite.Connection", path: Path) -> None:
        self._connection = connection
        self._writing = asyncio.Lock()
        self.path = path

    @classmethod
    async def open(cls, path: Path) -> Self:
        """Open the file at `path` after `prepare` has made it fit; raises what `prepare` raises."""
        import aiosqlite  # noqa: PLC0415  late: the workspace paints before it needs this

        await asyncio.to_thread(prepare, path)
        with _translated():
            connection = await aiosqlite.connect(path, isolation_level=None)
            for pragma in _PRAGMAS:
                await connection.execute(f"PRAGMA {pragma}")
        return cls(connection, path)

    async def close(self) -> None:
        """Close the file. Nothing unsaved can be lost by it."""
        await self._connection.close()

    async def all(self, row: type[Row], sql: str, **values: object) -> list[Row]:
        """Every row of a query. A column without a field, or a field without a column, is a `TypeError`."""
        with _translated():
            cursor = await self._connection.execute(sql, values)
            names = _names(cursor.description)
            return [row(**dict(zip(names, found, strict=True))) for found in await cursor.fetchall()]

    async def one(self, row: type[Row], sql: str, **values: object) -> Row:
        """The only row. Raises `NotFound` when there is none."""
        rows = await self.all(row, sql, **values)
        if not rows:
            raise NotFound("There is no such entry any more.")
        return rows[0]

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """A block whose writes are stored together or not at all. Never await the network inside."""
        async with self._writing:
            with _translated():
                await self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield Transaction(self._connection)
                with _translated():
                    await self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    await self._connection.execute("ROLLBACK")
                raise

    async def integrity(self) -> list[str]:
        """What SQLite's own full check finds wrong; empty when all is well."""
        with _translated():
            cursor = await self._connection.execute("PRAGMA integrity_check")
            return [found[0] for found in await cursor.fetchall() if found[0] != "ok"]

    async def backup(self, target: Path) -> None:
        """Write a consistent copy to `target`, mode 0600. Raises `StorageError` when the copy does not check."""
        prepare_file(target)
        copy = sqlite3.connect(target)
        try:
            with _translated():
                await self._connection.backup(copy)
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise StorageError("The backup did not pass its own check and was not kept.")
        finally:
            copy.close()


class Reader:
    """A read-only connection for what must be on screen now: 0.1 to 0.5 ms a page, where a worker costs 30."""

    def __init__(self, path: Path) -> None:
        with _translated():
            self._connection = sqlite3.connect(
                f"file:{_quoted(path)}?mode=ro", uri=True, isolation_level=None, check_same_thread=False
            )
            self._connection.execute("PRAGMA busy_timeout = 200")

    def all(self, row: type[Row], sql: str, **values: object) -> list[Row]:
        """Every row of a query. No cursor stays open, so the write-ahead log can always be folded back."""
        with _translated():
            cursor = self._connection.execute(sql, values)
            names = _names(cursor.description)
            return [row(**dict(zip(names, found, strict=True))) for found in cursor.fetchall()]

    def one(self, row: type[Row], sql: str, **values: object) -> Row:
        """The only row. Raises `NotFound` when there is none."""
        rows = self.all(row, sql, **values)
        if not rows:
            raise NotFound("There is no such entry any more.")
        return rows[0]

    def version(self) -> int:
        """A number that changes whenever another connection, of any process, has committed something."""
        with _translated():
            return int(self._connection.execute("PRAGMA data_version").fetchone()[0])

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


def prepare(path: Path) -> None:
    """Make the file at `path` fit to open: its directory 0700, itself 0600, its schema the newest.

    Takes about a millisecond when there is nothing to do. Raises `StorageError` for a directory that is not the
    user's own or lies on a network file system, `NewerSchema` for a file written by a newer Kith, and `Corrupt` for
    a damaged one.
    """
    prepare_directory(path.parent)
    prepare_file(path)
    with _translated():
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            for pragma in _PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")
            _migrate(connection)
        finally:
            connection.close()


def prepare_directory(path: Path) -> None:
    """Make `path` a directory of mode 0700. Raises `StorageError` when it is not safe to keep a workspace in."""
    try:
        path.mkdir(mode=0o700, parents=True, exist_ok=True)
        found = path.stat()
    except OSError as error:
        raise StorageError(f"{path} cannot be used as a workspace: {error.strerror}.") from error
    if found.st_uid != os.getuid():
        raise StorageError(f"{path} belongs to another user: choose a workspace of your own with --workspace.")
    if stat.S_IMODE(found.st_mode) & 0o022:
        raise StorageError(f"{path} can be written by other users: run `chmod 700 {path}` first.")
    if stat.S_IMODE(found.st_mode) & 0o077:
        path.chmod(0o700)
    kind = _file_system(path)
    if kind in _NETWORK_FILE_SYSTEMS:
        raise StorageError(f"{path} lies on a network file system ({kind}), where SQLite loses data: use a local disk.")


def prepare_file(path: Path) -> None:
    """Make sure that the file exists with mode 0600 before SQLite would create it readable by others.

    One that exists is never opened here: to close it would drop the locks that SQLite holds for this process, and
    another process would then take the write-ahead log away while it is in use.
    """
    try:
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600))
        except FileExistsError:
            mode = path.lstat().st_mode
            if not stat.S_ISREG(mode):
                raise StorageError(f"{path} is no ordinary file: move it away.") from None
            if stat.S_IMODE(mode) & 0o077:
                path.chmod(0o600)
            if not os.access(path, os.R_OK | os.W_OK):
                raise StorageError(f"{path} cannot be written: check its owner and mode.") from None
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error


def schema_version() -> int:
    """The newest schema this program knows."""
    return len(_migrations())


def _migrations() -> list[str]:
    files = sorted(file.name for file in resources.files("storage.migrations").iterdir() if file.name.endswith(".sql"))
    return [resources.files("storage.migrations").joinpath(name).read_text("utf-8") for name in files]


def _migrate(connection: sqlite3.Connection) -> None:
    """Bring the schema up to date, one transaction each; of two processes that start at once, one does it."""
    migrations = _migrations()
    while True:
        version = _version(connection)
        if version > len(migrations):
            raise NewerSchema(
                f"This workspace was written by a newer Kith (schema {version}, this one knows {len(migrations)}): "
                "update Kith. Nothing was changed."
            )
        if version == len(migrations):
            return
        connection.execute("BEGIN IMMEDIATE")
        try:
            if _version(connection) == version:
                for statement in _statements(migrations[version]):
                    connection.execute(statement)
                connection.execute(f"PRAGMA user_version = {version + 1}")
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _statements(script: str) -> Iterator[str]:
    """The statements of a script; triggers hold semicolons, so SQLite itself says where one ends."""
    buffer = ""
    for line in script.splitlines(keepends=True):
        buffer += line
        if sqlite3.complete_statement(buffer):
            yield buffer
            buffer = ""
    if buffer.strip() and any(not line.lstrip().startswith("--") for line in buffer.splitlines() if line.strip()):
        yield buffer


def _quoted(path: Path) -> str:
    return str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")


def _file_system(path: Path) -> str:
    """The type of the file system `path` lies on, "" where the system does not tell."""
    try:
        mounts = Path("/proc/self/mounts").read_text("utf-8", "replace").splitlines()
    except OSError:
        return ""
    best, kind = "", ""
    here = str(path.resolve())
    for line in mounts:
        fields = line.split(" ")
        if len(fields) > 2:
            point = fields[1].replace("\\040", " ")
            inside = here == point or here.startswith(point.rstrip("/") + "/")
            if inside and len(point) >= len(best):
                best, kind = point, fields[2]
    return kind
