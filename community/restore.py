"""Putting a backup in the place of the database, which is set aside and never deleted.

Everything is made ready beside it first; only then are names changed, with a note beside the files while that goes
on, so that a crash in between is seen at the next start and `kith restore` goes on from there.
"""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from community import clock, salvage
from community.backups import when
from community.config import Config
from community.errors import KithError, StorageError
from community.locks import BACKUP, OUTBOX, SYNC, WORKSPACE, Lock
from community.rows import WrongRow, checked
from community.salvage import NEVER_LOOK, Saved
from community.secrets import Credentials
from storage import copies, derived, restoring, schema, tables
from storage import salvage as reading
from storage.errors import Corrupt, translated
from storage.files import DAMAGED, FILE, RESTORING, flush, prepare_directory, temporary
from storage.restoring import Place

_IN_USE = "Kith is at work in this workspace: quit it, and its watcher, then restore."
_BESIDE = ".kith-restored.db"
_ENDS = ("", "-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore did: where the old database is now (None when there was none), and what came along from it.

    `homeless` is a file with the texts that could be read but belong to nothing any more. `forgotten` are sources
    whose credential was dropped, since it was given to another one.
    """

    backup: Path
    at: int
    aside: Path | None
    uncertain: int
    saved: int
    words: int
    decisions: int
    homeless: Path | None
    forgotten: tuple[int, ...]


def restore(
    directory: Path,
    backup: Path,
    *,
    now: Callable[[], int] = clock.now,
    credentials: Credentials | None = None,
    config: Config | None = None,
) -> Restored:
    """Put `backup` in the place of the database in `directory`; `config` says who waits for whom.

    Raises `KithError` while a Kith is at work there, and `StorageError` for a backup that is damaged, newer than
    this program, or no backup; then nothing was changed.
    """
    prepare_directory(directory)
    with _alone(directory):
        at = _time_of(backup)
        copies.vet(backup)
        is_own = backup.parent.resolve() == (directory / copies.DIRECTORY).resolve()
        if not is_own:
            _vet_texts(backup)
        beside = directory / _BESIDE
        _clear(beside)
        _take_back(directory)
        try:
            copies.copy(backup, beside)
            present = directory / FILE
            uncertain, saved, kept = _make_ready(
                beside,
                present,
                f"Restored from a backup of {when(at)}",
                is_own=is_own,
                config=config or Config(),
                now=now(),
            )
            homeless = _write_down(directory, now(), saved.homeless)
            aside = _swap(directory, beside, now())
        finally:
            _clear(beside)
        forgotten = (credentials or Credentials(directory)).keep_only(kept)
        (directory / DAMAGED).unlink(missing_ok=True)
    return Restored(backup, at, aside, uncertain, saved.rows, saved.words, saved.decisions, homeless, tuple(forgotten))


@contextmanager
def _alone(directory: Path) -> Iterator[None]:
    """Hold every lock, so that nobody reads or writes what is being replaced. Raises `KithError`."""
    with ExitStack() as stack:
        for name in (WORKSPACE, SYNC, OUTBOX, BACKUP):
            if not stack.enter_context(Lock(directory, name)).take():
                raise KithError(_IN_USE)
        yield


def _time_of(backup: Path) -> int:
    """When a backup was made, by its name, else by its file."""
    named = copies.time_of(backup.name)
    try:
        return int(backup.stat().st_mtime) if named is None else named
    except OSError as error:
        raise StorageError(f"{backup} cannot be read: {error.strerror}.") from error


def _take_back(directory: Path) -> None:
    """Give the files their names back when a restore was cut short before the new database had its place."""
    note = directory / RESTORING
    try:
        name = note.read_text("utf-8").strip()
    except (OSError, ValueError):
        return
    path, aside = directory / FILE, directory / name
    if name != aside.name or not name.startswith("kith-aside-") or (aside.exists() and path.exists()):
        return
    for end in ("", "-wal"):
        moved = aside.with_name(aside.name + end)
        if moved.exists():
            moved.rename(path.with_name(FILE + end))


def _vet_texts(backup: Path) -> None:
    """A file from elsewhere may hold only what Kith itself would have stored. Raises `StorageError`."""
    with translated(), copies.reading(backup) as connection:
        for table in tables.tables(connection):
            for row in tables.rows(connection, table):
                try:
                    is_ours = checked(table, row) == row
                except WrongRow:
                    is_ours = False
                if not is_ours:
                    raise StorageError(f"{backup} holds what Kith never stores ({table.name}): it was not taken.")


def _make_ready(
    beside: Path, present: Path, sentence: str, *, is_own: bool, config: Config, now: int
) -> tuple[int, Saved, set[int]]:
    """Bring the copy up to date, calm its outbox, and save that of the present database into it.

    How many rows are uncertain by it, what was saved, and the sources whose credentials are still theirs.
    """
    with ExitStack() as stack:
        stack.enter_context(translated())
        new = sqlite3.connect(beside, isolation_level=None)
        stack.callback(new.close)
        new.execute("PRAGMA foreign_keys = ON")
        schema.migrate(new)
        is_there = present.exists() and present.stat().st_size
        old = stack.enter_context(reading.opened(present, beside)) if is_there else None
        new.execute("BEGIN IMMEDIATE")
        before = restoring.places(new)
        restoring.calm(new, f"{sentence}: it may have been sent since.", looks=NEVER_LOOK)
        restoring.rest(new)
        saved = salvage.bring_over(old, new, config=config, now=now) if old is not None else Saved()
        uncertain = restoring.uncertain(new)
        kept = _still_theirs(restoring.places(new), _listed(old), before if is_own else {})
        derived.settle_now(new)
        new.execute("COMMIT")
    if derived.out_of_step(beside):
        _mend(beside)
    wrong = copies.problems(beside, thorough=True)
    if wrong:
        raise Corrupt(f"The restored database did not pass its check: nothing was changed ({wrong[0]}).")
    flush(beside)
    return uncertain, saved, kept


def _mend(path: Path) -> None:
    with translated():
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            derived.mend(connection)
        finally:
            connection.close()


def _listed(old: sqlite3.Connection | None) -> dict[int, Place]:
    """The sources of the present database, as far as they can be read."""
    if old is None:
        return {}
    table = next((each for each in tables.tables(old) if each.name == "source"), None)
    rows = reading.listed(old, table) if table else []
    return {int(str(row["id"])): (row.get("kind"), row.get("address")) for row in rows}


def _still_theirs(new: dict[int, Place], old: dict[int, Place], ours: dict[int, Place]) -> set[int]:
    """The sources whose credential was given to them: a credential must never go to another host.

    Where the present database cannot tell, a backup of this very workspace can.
    """
    return {each for each, place in new.items() if old.get(each, ours.get(each)) == place}


def _write_down(directory: Path, now: int, texts: list[str]) -> Path | None:
    """Keep texts that belong to nothing any more in a file of their own; where it is."""
    if not texts:
        return None
    path = directory / copies.name(now).replace("kith-", "kith-saved-").replace(".db", ".txt")
    beside = temporary(directory)
    beside.write_text("\n\n--------\n\n".join(texts) + "\n", "utf-8")
    flush(beside)
    beside.replace(path)
    return path


def _swap(directory: Path, beside: Path, now: int) -> Path | None:
    """Set the present database aside and let the new one take its name; where the old one is."""
    path, note = directory / FILE, directory / RESTORING
    aside = _free(directory, now)
    try:
        note.write_text(aside.name, "utf-8")
        flush(note)
        flush(directory)
        for end in ("-wal", ""):
            each = path.with_name(FILE + end)
            if each.exists():
                each.rename(aside.with_name(aside.name + end))
        for end in ("-shm", "-journal"):
            path.with_name(FILE + end).unlink(missing_ok=True)
        os.replace(beside, path)  # noqa: PTH105
        flush(directory)
        _done(note)
        flush(directory)
    except OSError as error:
        raise StorageError(f"The restore was cut short ({error.strerror}): run `kith restore` again.") from error
    return aside if aside.exists() else None


def _free(directory: Path, now: int) -> Path:
    name = copies.name(now).removeprefix("kith-").removesuffix(".db")
    path = directory / f"kith-aside-{name}.db"
    number = 2
    while path.exists():
        path = directory / f"kith-aside-{name}-{number}.db"
        number += 1
    return path


def _clear(path: Path) -> None:
    """Remove what an earlier restore has left of its own work."""
    for pattern in (".kith-*.part*", ".kith-*.salvage*"):
        for each in path.parent.glob(pattern):
            each.unlink(missing_ok=True)
    for end in _ENDS:
        path.with_name(path.name + end).unlink(missing_ok=True)


def _done(note: Path) -> None:
    note.unlink()
