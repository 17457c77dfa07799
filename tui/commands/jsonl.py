"""`kith export jsonl` and `kith import jsonl`: a whole workspace as lines of JSON."""

import asyncio
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import BinaryIO

import click

from community import exchange
from community.errors import KithError, WrongUsage
from community.exchange import Taken
from community.locks import SYNC, Lock
from community.workspace import Workspace
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json


@click.command("jsonl")
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--notes", is_flag=True, help="With what you wrote about people, which is private.")
@click.pass_obj
def export_jsonl(setting: Setting, file: Path | None, notes: bool) -> int:
    """Write the whole workspace as JSON, one object on each line, into FILE or to standard output.

    Notes are private and left out unless --notes is given. Credentials are never in it. FILE must not exist yet.
    """
    from tui.cli import program_version

    def give(workspace: Workspace) -> int:
        if file is None or str(file) == "-":
            exchange.write(workspace.directory, program_version(), lambda text: click.echo(text, nl=False), notes=notes)
        else:
            exchange.write_file(workspace.directory, file.absolute(), program_version(), notes=notes)
        return 0

    async def given(workspace: Workspace) -> int:
        return await asyncio.to_thread(give, workspace)

    return setting.run(given)


@click.command("jsonl")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def import_jsonl(setting: Setting, file: Path, yes: bool, as_json: bool) -> int:
    """Take a whole workspace in from a FILE that `kith export jsonl` wrote; the workspace must be empty.

    All of it is stored or nothing. What was on its way becomes uncertain: the other workspace may have sent it.
    """
    console = Console()
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty() and str(file) != "-"
    if asks:
        with closing(_opened(file)) as stream:
            _list(console, exchange.sources(stream))
        if not click.confirm("Listen to these, and take everything else in?"):
            console.line("Nothing was changed.")
            return 0

    async def take(workspace: Workspace) -> int:
        with Lock(workspace.directory, SYNC) as lock:
            if not lock.take():
                raise KithError("A watcher is at work in this workspace: end it, or choose a new one.")
            with closing(_opened(file)) as stream:
                taken = await asyncio.to_thread(exchange.read, workspace.directory, stream)
        _report(console, workspace, taken, as_json=as_json)
        return 0

    return setting.run(take)


def _opened(file: Path) -> BinaryIO:
    if str(file) == "-":
        return os.fdopen(os.dup(0), "rb")
    try:
        return file.open("rb")
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read: {error.strerror}.") from error


def _list(console: Console, found: list[exchange.Named]) -> None:
    console.table(
        [
            (Cell("+", "accent"), Cell(each.name, "bold"), Cell(each.kind, "dim"), Cell(each.address),
             Cell(f"and {each.others}" if each.others else "", "bad"))
            for each in found
        ],
        stretch=3,
    )  # fmt: skip


def _report(console: Console, workspace: Workspace, taken: Taken, *, as_json: bool) -> None:
    if as_json:
        console.json({"rows": dict(taken.rows), "uncertain": taken.uncertain})
        return
    counted = ", ".join(f"{count} of {name}" for name, count in taken.rows.items())
    console.line(f"Taken in: {counted or 'nothing, the file was empty'}.")
    if taken.uncertain:
        console.line(Cell(f"{taken.uncertain} may have been sent: look with `kith outbox list is:uncertain`.", "bad"))
    for source in workspace.sources():
        console.hint(f"kith source login {source.id} gives {source.name} its credential, if it needs one.")
