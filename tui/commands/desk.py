"""`kith desk`: comments on one's own sites that wait for a decision."""

import click

from community.errors import NotFound, NotSupported, WrongUsage
from community.model import DeskRow
from community.query import parse
from community.sources.base import Act, Capabilities
from community.workspace import Workspace
from tui.ages import ago
from tui.commands import shapes
from tui.commands.at_once import deliver
from tui.commands.console import Cell, Console
from tui.commands.sending import code_of, report
from tui.commands.setting import WITH_A_QUERY, Setting, as_json, line, number

_status = click.option(
    "--status",
    type=click.Choice(["pending", "spam", "trash"]),
    default="pending",
    show_default=True,
    help="Which comments to show.",
)


@click.group("desk", invoke_without_command=True)
@_status
@as_json
@click.pass_context
def desk(ctx: click.Context, status: str, as_json: bool) -> int:
    """Comments that wait for moderation on your own sites."""
    return 0 if ctx.invoked_subcommand is not None else _run_list(ctx.obj, "", status, as_json=as_json)


@desk.command("list", context_settings=WITH_A_QUERY)
@click.argument("query", nargs=-1, type=line)
@_status
@as_json
@click.pass_obj
def list_(setting: Setting, query: tuple[str, ...], status: str, as_json: bool) -> int:
    """What waits for moderation, or what a QUERY names of it."""
    return _run_list(setting, " ".join(query), status, as_json=as_json)


def _run_list(setting: Setting, query: str, status: str, *, as_json: bool) -> int:
    async def show(workspace: Workspace) -> int:
        console = Console()
        now = workspace.store.now()
        rows = workspace.desk(parse(query, now=now, target="desk"), status=status)
        for row in rows:
            if as_json:
                console.json(shapes.desk(row))
            else:
                _print(console, row, now)
        if not rows and not as_json:
            console.line("Nothing waits for moderation." if status == "pending" else f"There is no {status}.")
        elif rows:
            console.hint("kith desk approve ID · kith desk spam ID · kith desk trash ID")
        return 0

    return setting.run(show)


def _print(console: Console, row: DeskRow, now: int) -> None:
    on_its_way = f"  ({row.pending_act} is on its way)" if row.pending_act else ""
    where = f"on “{row.subject}”, " if row.subject else ""
    console.line(
        Cell(f"[{row.id}] ", "dim"),
        Cell(row.name, "bold"),
        Cell(f"  {ago(row.created_at, now)}, {where}{row.source_name}{on_its_way}", "dim"),
    )
    console.text(row.text, indent="  ")
    console.blank()


def _command(name: str, act: Act, about: str) -> None:
    @desk.command(name, help=about)
    @click.argument("ids", metavar="ID...", nargs=-1, required=True, type=number)
    @as_json
    @click.pass_obj
    def decide(setting: Setting, ids: tuple[int, ...], as_json: bool) -> int:
        return setting.run(lambda workspace: _decide(workspace, act, ids, as_json=as_json))


_command("approve", Act.APPROVE, "Publish these comments.")
_command("hold", Act.HOLD, "Take these comments back from the public.")
_command("spam", Act.SPAM, "Mark these comments as spam.")
_command("trash", Act.TRASH, "Put these comments into the site's trash.")


async def _decide(workspace: Workspace, act: Act, ids: tuple[int, ...], *, as_json: bool) -> int:
    able = {each: _able(workspace, each, act) for each in ids}
    rows = [await workspace.outbox.act(each, act, capabilities, undo_s=0) for each, capabilities in able.items()]
    sent = await deliver(workspace, [row.id for row in rows])
    report(Console(), sent, as_json=as_json)
    return code_of(sent)


def _able(workspace: Workspace, item_id: int, act: Act) -> Capabilities:
    """What the source of a comment can do. Raises before anything is queued when it cannot do this."""
    try:
        source = workspace.listening.get(workspace.outbox.target(item_id).source_id)
    except NotFound as error:
        raise WrongUsage(f"There is no comment {item_id}: `kith desk` shows those that wait.") from error
    capabilities = workspace.listening.capabilities(source)
    if act not in capabilities.acts:
        raise NotSupported(capabilities.why_not.get(act, f"{source.name} cannot do that ({act.value})."))
    return capabilities
