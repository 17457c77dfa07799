"""What is well and what is not: the workspace, its file, its sources, its credentials, the machine.

Every finding that is not well names the command that mends it. Nothing here asks the network.
"""

import asyncio
import os
import platform
import shutil
import sqlite3
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from community import clock, config, logs
from community.backups import DAY_S, Backups, when
from community.errors import KithError, StorageError
from community.hooks import FACT as HOOK
from community.locks import SYNC, Lock
from community.secrets import FILE as CREDENTIALS
from community.secrets import SecretError
from community.text import Clean, clean_line
from community.workspace import Workspace
from storage.database import FILE
from storage.derived import out_of_step
from storage.errors import Corrupt, NewerSchema
from storage.files import RESTORING
from storage.schema import schema_version

_LEAST_FREE = 200_000_000
_OLD_DAYS = 2
_PROGRAMS = ("kithkin", "textual", "httpx", "feedparser", "aiosqlite", "keyring")


class Level(StrEnum):
    """How a finding is to be taken."""

    WELL = "well"
    NOTE = "note"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. `mend` is what to do about it, "" when nothing is to be done."""

    about: str
    level: Level
    text: Clean
    mend: Clean = Clean("")


def well(about: str, text: str) -> Finding:
    """Nothing to be done."""
    return Finding(about, Level.WELL, clean_line(text))


def note(about: str, text: str, mend: str = "") -> Finding:
    """Worth knowing; nothing is broken."""
    return Finding(about, Level.NOTE, clean_line(text), clean_line(mend))


def wrong(about: str, text: str, mend: str) -> Finding:
    """Broken, and how to mend it."""
    return Finding(about, Level.WRONG, clean_line(logs.mask(text)), clean_line(mend))


async def examine(directory: Path, preferences: Path) -> list[Finding]:
    """Everything that was looked at. It stops early where nothing more can be seen."""
    found = from_outside(directory, preferences)
    if any(finding.about == "workspace" and finding.level is not Level.WELL for finding in found):
        return found
    try:
        workspace = Workspace.open(directory, _config(preferences))
    except StorageError as error:
        return [*found, *backups(directory), wrong("database", str(error), _mend_of(error, directory))]
    try:
        found.append(await _database(workspace))
        found += backups(directory)
        found += _sources(workspace)
        found += _outbox(workspace)
        found += hooks(workspace, preferences)
    finally:
        await workspace.close()
    return found


def from_outside(directory: Path, preferences: Path) -> list[Finding]:
    """What can be seen without opening the workspace."""
    found = [*programs(), *settings(preferences)]
    if not directory.exists():
        return [*found, note("workspace", f"There is no workspace in {directory} yet: `kith` makes one.")]
    return [*found, *place(directory), *files(directory), *room(directory), _log(directory)]


def programs() -> Iterator[Finding]:
    """Which versions are at work."""
    named = []
    for name in _PROGRAMS:
        try:
            named.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            named.append(f"{name} from its source")
    yield well(
        "versions",
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, {', '.join(named)}; "
        f"schema {schema_version()}; {platform.system()} {platform.release()}",
    )


def settings(path: Path) -> Iterator[Finding]:
    """Whether the preferences can be read."""
    if not path.exists():
        yield well("settings", f"{path} does not exist: every setting has its default.")
        return
    try:
        config.load(path)
    except KithError as error:
        yield wrong("settings", str(error), f"Edit {path}.")
    else:
        yield well("settings", f"{path} is in order.")


def place(directory: Path) -> Iterator[Finding]:
    """Whether the workspace is the user's own, and closed to others."""
    about = directory.stat()
    if about.st_uid != os.getuid():
        yield wrong("workspace", f"{directory} belongs to another user.", "Choose one of your own with --workspace.")
    elif stat.S_IMODE(about.st_mode) & 0o077:
        yield wrong("workspace", f"{directory} is open to other users.", f"chmod 700 {directory}")
    else:
        yield well("workspace", f"{directory} is yours alone.")


def files(directory: Path) -> Iterator[Finding]:
    """Whether every file of the workspace is closed to others."""
    opened = [
        path
        for path in sorted(directory.iterdir())
        if path.is_file() and not path.is_symlink() and stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if opened:
        names = " ".join(str(path) for path in opened)
        yield wrong("files", f"Other users may read {', '.join(path.name for path in opened)}.", f"chmod 600 {names}")
    else:
        yield well("files", "No file of the workspace is open to other users.")


def room(directory: Path) -> Iterator[Finding]:
    """How much room is left on the disk, and how much the workspace takes."""
    free = shutil.disk_usage(directory).free
    taken = sum(path.stat().st_size for path in directory.rglob("*") if path.is_file() and not path.is_symlink())
    text = f"{_size(free)} are free; the workspace takes {_size(taken)}."
    if free < _LEAST_FREE:
        yield wrong("disk", text, "Free some space: a full disk stops fetching and sending.")
    else:
        yield well("disk", text)


def backups(directory: Path) -> Iterator[Finding]:
    """How old the newest backup is, and whether it is good; and what a restore has set aside."""
    kept = Backups(directory)
    newest = kept.newest()
    if newest is None:
        yield note("backups", "There is no backup yet.", "kith backup")
    elif trouble := kept.trouble(newest):
        yield wrong("backups", f"The newest backup is no good: {trouble}", "kith backup")
    elif (days := (clock.now() - newest.at) // DAY_S) > _OLD_DAYS:
        yield note(
            "backups", f"The newest backup is {days} days old.", "kith backup, or leave kith sync --watch at work"
        )
    else:
        yield well("backups", f"The newest backup, of {when(newest.at)}, passed its check.")
    aside = sorted(directory.glob("kith-aside-*.db"))
    if aside:
        yield note("backups", f"What a restore has set aside is still here: {', '.join(path.name for path in aside)}.")


def _config(preferences: Path) -> config.Config:
    try:
        return config.load(preferences)
    except KithError:
        return config.Config()


def _mend_of(error: StorageError, directory: Path) -> str:
    if isinstance(error, NewerSchema):
        return "Update Kith."
    if isinstance(error, Corrupt) or (directory / RESTORING).exists():
        return "kith restore"
    return f"Copy {directory / FILE} away, then ask for help with the copy."


def _log(directory: Path) -> Finding:
    path = directory / logs.FILE
    return well("log", f"{path}" if path.exists() else f"{path} will be the log; nothing was written yet.")


async def _database(workspace: Workspace) -> Finding:
    database = await workspace.store.database()
    path = workspace.directory / FILE
    try:
        problems = await database.integrity()
        problems = problems or [f"{name} is out of step" for name in await asyncio.to_thread(out_of_step, path)]
    except StorageError as error:
        problems = [str(error)]
    if problems:
        return wrong("database", f"{path} is damaged: {problems[0]}", "Quit Kith, then: kith restore")
    return well("database", f"{path} passed its integrity check.")


def _sources(workspace: Workspace) -> Iterator[Finding]:
    listed = workspace.sources()
    if not listed:
        yield note("sources", "Kith listens to nothing yet.", "kith source add ADDRESS")
    credentials = workspace.directory / CREDENTIALS
    for source in listed:
        named = f"{source.name} ({source.kind}, source {source.id})"
        try:
            has_credential = workspace.listening.has_credential(source.id)
            workspace.credentials.get(source.id)
        except SecretError as error:
            mend = f"kith source login {source.id}" if credentials.exists() else "Unlock the keyring."
            yield wrong("credentials", f"{named}: {error}", mend)
            continue
        kept = "with a credential" if has_credential else "without a credential"
        match source.state, source.health:
            case "paused", _:
                yield note("sources", f"{named} is paused.", f"kith source resume {source.id}")
            case "sunset", _:
                yield note("sources", f"{named} is frozen: everything it held is kept.", "")
            case _, "refused":
                yield wrong("sources", f"{named}: {source.health_text}", f"kith source login {source.id}")
            case _, "gone":
                yield wrong("sources", f"{named}: {source.health_text}", f"kith source remove {source.id}")
            case _, "failing":
                mend = f"kith source check {source.id}"
                yield wrong("sources", f"{named}, {source.failures} times now: {source.health_text}", mend)
            case _, "limited":
                yield note("sources", f"{named}: {source.health_text}", "Nothing: Kith waits as it was asked to.")
            case _, "new":
                yield note("sources", f"{named} was never read.", "kith sync")
            case _:
                yield well("sources", f"{named} is well, {kept}.")
    leader = "A watcher is running." if Lock(workspace.directory, SYNC).held_elsewhere() else "No watcher is running."
    yield well("watcher", leader)


def _outbox(workspace: Workspace) -> Iterator[Finding]:
    counts = workspace.conversations.counts()
    if counts.uncertain:
        yield wrong("outbox", f"{counts.uncertain} may or may not have been sent.", "kith outbox list is:uncertain")
    if counts.failed:
        yield wrong("outbox", f"{counts.failed} could not be sent.", "kith outbox list is:failed")
    if counts.by_hand:
        yield note("outbox", f"{counts.by_hand} are to be posted by hand.", "kith outbox list is:by-hand")
    if not counts.uncertain and not counts.failed:
        yield well("outbox", f"{counts.queued} on the way, {counts.drafts} drafts.")


def hooks(workspace: Workspace, preferences: Path) -> Iterator[Finding]:
    """How each hook fared the last time."""
    for name, argv in workspace.store.config.hooks.items():
        sentence = workspace.fact(HOOK + name)
        if sentence:
            mend = f"Run {argv[0]} by hand to see why, or change the hook in {preferences}."
            yield wrong("hooks", f"{sentence} New items are read all the same.", mend)
        else:
            yield well("hooks", f"The hook “{name}” is well.")


def _size(count: int) -> str:
    for unit, size in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
