"""The files of a workspace: whose they are, who may read them, and how a new one takes its place at once."""

import os
import stat
from pathlib import Path

from storage.errors import StorageError

FILE = "kith.db"
DAMAGED = "kith.damaged"
"""Beside the database when a check has found it damaged: the next start looks again before it trusts the file."""
RESTORING = "kith.restoring"
"""Beside the database while a backup is put in its place: what it holds is the name of the file set aside."""
_NETWORK_FILE_SYSTEMS = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "fuse.sshfs", "ceph"})


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


def is_sound(directory: Path) -> bool:
    """Whether a database is in `directory` that can be read for a moment as it is, without preparing anything."""
    try:
        found, file = directory.stat(), (directory / FILE).lstat()
    except OSError:
        return False
    private = found.st_uid == os.getuid() and not stat.S_IMODE(found.st_mode) & 0o077
    ruined = any((directory / name).exists() for name in (DAMAGED, RESTORING))
    return private and stat.S_ISREG(file.st_mode) and not ruined


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


def temporary(directory: Path, *, suffix: str = ".part") -> Path:
    """A new empty file in `directory` that only its owner can read. Raises `StorageError`."""
    import tempfile  # noqa: PLC0415  slow to import, and rarely needed

    try:
        descriptor, name = tempfile.mkstemp(prefix=".kith-", suffix=suffix, dir=directory)
    except OSError as error:
        raise StorageError(f"Nothing can be written in {directory}: {error.strerror}.") from error
    os.close(descriptor)
    return Path(name)


def place(temporary: Path, target: Path) -> None:
    """Let a finished file take the name `target`, which must be free; it is on disk when this returns.

    Raises `StorageError` when the name is taken or the directory cannot be written.
    """
    try:
        flush(temporary)
        try:
            os.link(temporary, target)
        except FileExistsError:
            raise StorageError(f"{target} is there already: choose another name.") from None
        except OSError:  # a file system without links
            if target.exists():
                raise StorageError(f"{target} is there already: choose another name.") from None
            temporary.rename(target)
        else:
            temporary.unlink()
        flush(target.parent)
    except OSError as error:
        raise StorageError(f"{target} cannot be written: {error.strerror}.") from error


def flush(path: Path) -> None:
    """Wait until a file that SQLite does not have open, or a directory, is on disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def uri(path: Path, how: str) -> str:
    """`path` as SQLite takes it with options, such as "mode=ro"."""
    quoted = str(path).replace("%", "%25").replace("?", "%3f").replace("#", "%23")
    return f"file:{quoted}?{how}"


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
