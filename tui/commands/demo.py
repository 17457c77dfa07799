"""`kith demo`: an invented town on loopback, and a throw-away workspace that listens to it."""

import asyncio
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path

import click

from community import logs
from community.config import Config
from community.errors import KithError
from community.model import Source
from community.sources.base import Found
from community.sync import PACE
from community.town import Site, Town
from community.town.memories import memories, tags
from community.workspace import Workspace
from tui.commands import adding
from tui.commands.adding import Credential
from tui.commands.at_once import read
from tui.commands.console import Console
from tui.commands.opening import show
from tui.commands.setting import Setting
from tui.commands.sync import at_end_of_input
from tui.terminal import is_there

_UNDO_S = 4
_DAY_S = 86_400
_SYNC_S = 4


@click.command("demo")
@click.option("--no-ui", is_flag=True, help="Print where everything is as one line of JSON, and run until stopped.")
@click.option("--keep", is_flag=True, help="Keep the throw-away workspace.")
@click.option("--until-eof", is_flag=True, help="With --no-ui: stop when standard input ends.")
@click.option("--pace", type=click.FloatRange(0.1, 100), default=1.0, help="How many times faster the town lives.")
@click.pass_obj
def demo(setting: Setting, no_ui: bool, keep: bool, until_eof: bool, pace: float) -> int:
    """Open a throw-away workspace with an invented town around it; nothing of yours is touched.

    With --no-ui the whole command line can be tried on it from a second terminal: `kith --workspace DIR list`.
    """
    if until_eof and not no_ui:
        raise click.UsageError("--until-eof goes with --no-ui")
    if not no_ui and not is_there():
        raise click.UsageError("the demo opens on a terminal; with --no-ui it does without")
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP) if no_ui else ():
        signal.signal(each, lambda _number, _frame: stop.set())
    directory = Path(tempfile.mkdtemp(prefix="kith-demo-"))
    try:
        with Town(pace=pace) as town:
            if not no_ui:
                click.echo("Building the town …")
            sources = asyncio.run(settle(directory, setting.config()._replace(undo_s=_UNDO_S, proxy=""), town))
            if no_ui:
                found = {"workspace": str(directory), "base_url": town.base_url, "sources": sources}
                Console().json(found)
                sys.stdout.flush()
                if until_eof:
                    at_end_of_input(stop.set)
                stop.wait()
            else:
                _open(setting, directory)
    finally:
        if not keep:
            shutil.rmtree(directory, ignore_errors=True)
        elif not no_ui:
            click.echo(f"The workspace is kept in {directory}.")
    return 0


async def settle(directory: Path, config: Config, town: Town) -> list[dict[str, object]]:
    """Let a new workspace listen to everything in town, and read it once."""
    workspace = Workspace.open(directory, config, secrets_in_file=True)
    try:
        logs.start(directory, workspace.credentials.values)
        await workspace.remember("throw_away", "1")
        await workspace.remember(PACE, str(_SYNC_S))
        host = town.base_url.partition("://")[2]
        made = [await _move_in(workspace, site, host) for site in town.sites]
        for result in await read(workspace, made):
            if not result.ok:
                raise KithError(f"The town could not be built: {result.name}: {result.error}")
        await _remember(workspace)
        return [
            {
                "id": source.id,
                "kind": source.kind,
                "name": source.name,
                "address": source.address,
                "account": source.account,
            }
            for source in (workspace.listening.get(each.id) for each in made)
        ]
    finally:
        await workspace.close()


async def _remember(workspace: Workspace) -> None:
    """Write down what the user knew about people before today, as the user would have."""
    for memory in memories():
        ids = [found.id for found in workspace.people.find(memory.name) if found.name == memory.name]
        for other in ids[1:]:
            await workspace.identities.merge(ids[0], other)
        then = workspace.store.now() - memory.days * _DAY_S
        for stage, days, why in memory.stages:
            await workspace.stages.move(ids[0], stage, why=why, at=workspace.store.now() - days * _DAY_S)
        if memory.cadence:
            await workspace.keeping.set(ids[:1], memory.cadence)
        if memory.tags:
            await workspace.people.tag(ids[:1], memory.tags)
        for note in memory.notes:
            await workspace.people.note(ids[0], note, at=then)
        for kind, direction, text, days in memory.logged:
            await workspace.people.log(ids[0], kind, direction, text, at=workspace.store.now() - days * _DAY_S)
        for kind, text, days in memory.outcomes:
            await workspace.outcomes.log(ids[0], kind, text, at=workspace.store.now() - days * _DAY_S)
        for text, days in memory.promises:
            await workspace.people.promise(ids[0], text, due_at=workspace.store.now() + days * _DAY_S)
    for tag, cadence in tags().items():
        await workspace.keeping.set_tag(tag, cadence)
    await workspace.undo.forget()


async def _move_in(workspace: Workspace, site: Site, host: str) -> Source:
    found: list[Found] = await workspace.listening.probe(site.address, kind=site.kind, allow_hosts=[host])
    return await adding.add(
        workspace, found[0], Credential(site.secret), name=site.name, account=site.account, allow_hosts=[host]
    )


def _open(setting: Setting, directory: Path) -> None:
    workspace = Workspace.open(directory, setting.config()._replace(undo_s=_UNDO_S))
    logs.start(directory, workspace.credentials.values)
    show(workspace, setting)
