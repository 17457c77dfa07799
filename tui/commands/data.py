"""`kith backup` and `kith restore`: checked copies of the workspace, and the way back to one."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from community.backups import Backup, Backups, when
from community.errors import KithError
from community.restore import Restored, restore
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json

_FILE = click.Path(dir_okay=False, path_type=Path)


@click.command("backup")
@click.argument("file", required=False, type=_FILE)
@as_json
@click.pass_obj
def backup(setting: Setting, file: Path | None, as_json: bool) -> int:
    """Make a checked backup of the workspace, also while it is in use: into FILE, or beside the others."""
    if not setting.directory.exists():
        raise KithError(f"There is no workspace in {setting.directory} to back up: `kith` makes one.")
    made = Backups(setting.directory).make(file.absolute() if file else None)
    console = Console()
    if as_json:
        console.json({"path": str(made.path), "at": made.at, "size": made.size})
    else:
        console.line("Backed up to ", Cell(str(made.path), "bold"), f", {_size(made.size)}. It passed its check.")
        console.hint("Credentials are in no backup: after a loss, log in again.")
    return 0


@click.command("restore")
@click.argument("file", required=False, type=_FILE)
@click.option("--yes", is_flag=True, help="Do not ask; without FILE take the newest good backup.")
@as_json
@click.pass_obj
def restore_(setting: Setting, file: Path | None, yes: bool, as_json: bool) -> int:
    """Put a backup in the place of the workspace's database.

    Without FILE the backups are listed, and the newest good one is offered. The present database is set aside, never
    deleted; drafts come along, and what was on its way becomes uncertain, since it may have been sent.
    """
    console = Console()
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty()
    chosen = file.absolute() if file else None
    if chosen is None:
        listed = Backups(setting.directory).listed()
        if not yes:
            _show(console, listed, as_json=as_json)
        if not (yes or asks):
            return 0 if listed else 1
        chosen = _chosen(setting, listed, asks=asks)
    elif asks and not click.confirm(f"Put {chosen} in the place of the workspace?"):
        chosen = None
    if chosen is None:
        console.line("Nothing was changed.")
        return 0
    _report(console, restore(setting.directory, chosen, config=setting.config()), as_json=as_json)
    return 0


def _chosen(setting: Setting, listed: Sequence[Backup], *, asks: bool) -> Path | None:
    """The newest good backup, or the one the user names by its number; None when they think better of it."""
    good = next((number for number, each in enumerate(listed, 1) if not each.trouble), None)
    if good is None:
        raise KithError(f"There is no good backup in {Backups(setting.directory).directory}.")
    if asks:
        number = click.prompt("Which one? (0 for none)", default=good, type=click.IntRange(0, len(listed)))
        return listed[number - 1].path if number else None
    return listed[good - 1].path


def _show(console: Console, listed: Sequence[Backup], *, as_json: bool) -> None:
    for each in listed if as_json else ():
        console.json(
            {
                "path": str(each.path),
                "at": each.at,
                "kind": each.kind,
                "size": each.size,
                "good": not each.trouble,
                "error": each.trouble or None,
            }
        )
    if not as_json and not listed:
        console.line("There is no backup yet: `kith backup` makes one.")
    if not as_json:
        console.table([_row(number, each) for number, each in enumerate(listed, 1)], stretch=4)


def _row(number: int, each: Backup) -> tuple[Cell, ...]:
    return (
        Cell(str(number), "dim"),
        Cell("!" if each.trouble else "✓", "bad" if each.trouble else "accent"),
        Cell(when(each.at), "bold"),
        Cell(f"{each.kind}, {_size(each.size)}", "dim"),
        Cell(each.trouble or each.path.name, "bad" if each.trouble else ""),
    )


def _report(console: Console, done: Restored, *, as_json: bool) -> None:
    if as_json:
        console.json(
            {
                "restored": str(done.backup),
                "at": done.at,
                "aside": str(done.aside) if done.aside else None,
                "uncertain": done.uncertain,
                "saved": done.saved,
                "words": done.words,
                "decisions": done.decisions,
                "texts": str(done.homeless) if done.homeless else None,
                "forgotten": list(done.forgotten),
            }
        )
        return
    console.line(f"The workspace is as it was at {when(done.at)}.")
    if done.aside:
        console.line(f"What was there before is in {done.aside}.")
    if done.saved:
        console.line(f"{done.saved} entries of the outbox came along from there.")
    if done.words:
        console.line(f"{done.words} notes, promises, tags, stages and the like came along from there.")
    if done.decisions:
        console.line(f"{done.decisions} decisions about conversations, people and sources came along from there.")
    if done.homeless:
        console.line(f"Texts that belong to nothing any more are in {done.homeless}.")
    if done.uncertain:
        console.line(Cell(f"{done.uncertain} may have been sent: look with `kith outbox list is:uncertain`.", "bad"))
    for source_id in done.forgotten:
        console.line(
            f"Source {source_id} is another one now: `kith source login {source_id}` if it needs a credential."
        )


def _size(count: int) -> str:
    return f"{count / 1_000_000:.1f} MB" if count >= 100_000 else f"{max(1, count // 1000)} kB"
