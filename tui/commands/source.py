"""`kith source`: where Kith listens."""

import sys

import click

from community import actions
from community.actions import Selection
from community.errors import KithError
from community.model import Source
from community.secrets import SecretError
from community.workspace import Workspace
from tui.ages import ago
from tui.commands.chosen import one_source
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, number
from tui.commands.source_add import add
from tui.commands.source_login import login, shape
from tui.commands.source_sunset import sunset


@click.group("source")
def source() -> None:
    """Where Kith listens."""


@source.command("list")
@as_json
@click.pass_obj
def list_(setting: Setting, as_json: bool) -> int:
    """Every source, and how it is doing."""

    async def show(workspace: Workspace) -> int:
        console = Console()
        now = workspace.store.now()
        found = workspace.sources()
        if as_json:
            for each in found:
                console.json(shape(workspace, each))
            return 0
        console.table(
            [
                (
                    Cell(str(each.id), "dim"),
                    Cell(each.name, "bold"),
                    Cell(each.kind, "accent"),
                    Cell(each.account or "", "dim"),
                    Cell(*_standing(each, now)),
                    Cell(each.address, "dim"),
                )
                for each in found
            ],
            stretch=5,
        )
        if not found:
            console.line("Kith listens to nothing yet: add a source with `kith source add ADDRESS`.")
        return 0

    return setting.run(show)


def _standing(found: Source, now: int) -> tuple[str, str]:
    if found.state in {"paused", "sunset"}:
        return {"paused": "paused", "sunset": "frozen"}[found.state], "dim"
    if found.health in {"failing", "refused", "gone", "limited"}:
        return found.health_text or found.health, "dim" if found.health == "limited" else "bad"
    return (f"read {ago(found.succeeded_at, now)}", "") if found.succeeded_at else ("never read", "dim")


@source.command("check")
@click.argument("ids", metavar="[ID...]", nargs=-1, type=number)
@as_json
@click.pass_obj
def check(setting: Setting, ids: tuple[int, ...], as_json: bool) -> int:
    """Ask sources who you are there, without reading them; every source when none is named."""

    async def go(workspace: Workspace) -> int:
        console = Console()
        wanted = [one_source(workspace, each) for each in ids] or [
            each for each in workspace.sources() if each.state != "sunset"
        ]
        code = 0
        for each in wanted:
            error: str | None = None
            try:
                found = await workspace.logins.check(each.id)
            except (KithError, SecretError) as failure:
                found, error, code = each, str(failure), 1
            if as_json:
                console.json(shape(workspace, found) | {"ok": error is None, "error": error})
            elif error is None:
                console.line(Cell("✓ ", "accent"), Cell(found.name, "bold"), f"  {found.account or 'reachable'}")
            else:
                console.line(Cell("! ", "bad"), Cell(found.name, "bold"))
                console.text(error, indent="  ")
        return code

    return setting.run(go)


def _action(name: str, action: str, about: str) -> None:
    @source.command(name, help=about)
    @click.argument("source_id", metavar="ID", type=number)
    @as_json
    @click.pass_obj
    def act(setting: Setting, source_id: int, as_json: bool) -> int:
        return setting.run(lambda workspace: _act(workspace, action, source_id, as_json=as_json))


async def _act(workspace: Workspace, action: str, source_id: int, *, as_json: bool) -> int:
    before = one_source(workspace, source_id)
    said = await actions.run(workspace, action, Selection(source=source_id))
    if not as_json:
        Console().line(said)
    elif action == "source.remove":
        Console().json({"id": before.id, "kind": before.kind, "name": before.name, "state": "removed"})
    else:
        Console().json(shape(workspace, one_source(workspace, source_id)))
    return 0


_action("pause", "source.pause", "Stop listening for a while; nothing is lost.")
_action("resume", "source.resume", "Listen again.")


@source.command("remove")
@click.argument("source_id", metavar="ID", type=number)
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def remove(setting: Setting, source_id: int, yes: bool, as_json: bool) -> int:
    """Stop listening and forget the credential. What was read and sent stays, readable and searchable."""

    async def go(workspace: Workspace) -> int:
        found = one_source(workspace, source_id)
        asks = not (yes or as_json) and sys.stdin.isatty()
        if asks and not click.confirm(f"Stop listening to {found.name}? Everything that was read stays"):
            click.echo("Nothing was changed.")
            return 0
        return await _act(workspace, "source.remove", source_id, as_json=as_json)

    return setting.run(go)


for _command in (add, login, sunset):
    source.add_command(_command)
