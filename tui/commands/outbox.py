"""`kith outbox`: drafts, what is on its way, and what wants a decision."""

from collections.abc import Callable, Sequence

import click

from community import actions
from community.actions import Selection
from community.model import OutboxRow, OutboxState
from community.query import parse
from community.workspace import Workspace
from tui.ages import age
from tui.commands import shapes
from tui.commands.console import Cell, Console
from tui.commands.sending import entry, report
from tui.commands.setting import WITH_A_QUERY, Setting, as_json, line, number
from tui.words import outbox_state

_Run = Callable[..., int]
_MARKS = {"draft": "✎", "uncertain": "?", "failed": "!", "sent": "✓", "by hand": "»", "cancelled": "–"}


@click.group("outbox", invoke_without_command=True)
@as_json
@click.pass_context
def outbox(ctx: click.Context, as_json: bool) -> int:
    """Drafts, what is on its way, what failed, and what is uncertain."""
    if ctx.invoked_subcommand is not None:
        return 0
    return _run_list(ctx.obj, (), as_json=as_json)


@outbox.command("list", context_settings=WITH_A_QUERY)
@click.argument("query", nargs=-1, type=line)
@as_json
@click.pass_obj
def list_(setting: Setting, query: tuple[str, ...], as_json: bool) -> int:
    """Every entry, or those a QUERY names, like `is:failed` or `to:maria`. Exit code 3 when one is uncertain."""
    return _run_list(setting, query, as_json=as_json)


def _run_list(setting: Setting, query: Sequence[str], *, as_json: bool) -> int:
    def show(workspace: Workspace) -> int:
        console = Console()
        now = workspace.store.now()
        rows = workspace.outbox.listed(parse(" ".join(query), now=now, target="outbox"))
        if as_json:
            for row in rows:
                console.json(shapes.outgoing(row))
        elif rows:
            console.table([_row(row, now) for row in rows], stretch=3)
        else:
            console.line("The outbox is empty." if not query else "Nothing in the outbox is like that.")
        if any(row.state == OutboxState.UNCERTAIN for row in rows):
            console.hint("Look whether it is there, then: kith outbox settle ID there|again|draft")
            return 3
        return 0

    return setting.read(show)


def _row(row: OutboxRow, now: int) -> tuple[Cell, ...]:
    bad = row.state in {OutboxState.FAILED, OutboxState.UNCERTAIN}
    return (
        Cell(str(row.id), "dim"),
        Cell(_MARKS.get(row.state, "→"), "bad" if bad else "accent"),
        Cell(row.to_name, "bold"),
        Cell(row.text.replace("\n", " ") if row.act == "reply" else f"({row.act}) {row.title}"),
        Cell(row.source_name, "dim"),
        Cell(age(row.updated_at, now), "dim"),
        Cell(outbox_state(row, now), "bad" if bad else "dim"),
    )


def _about_one(name: str, *more: Callable[[_Run], _Run]) -> Callable[[Callable[..., int]], click.Command]:
    """A command about one entry, which is named by its ID; `more` are its other arguments."""

    def made(run: Callable[..., int]) -> click.Command:
        wrapped: Callable[..., int] = as_json(click.pass_obj(run))
        for each in reversed(more):
            wrapped = each(wrapped)
        return outbox.command(name)(click.argument("outbox_id", metavar="ID", type=number)(wrapped))

    return made


@_about_one("cancel")
def cancel(setting: Setting, outbox_id: int, as_json: bool) -> int:
    """Take back what has not left: a reply is a draft again."""
    return _act(setting, "outbox.cancel", outbox_id, as_json=as_json)


@_about_one("retry")
def retry(setting: Setting, outbox_id: int, as_json: bool) -> int:
    """Queue a failed one again; `kith send` or a watcher sends it."""
    return _act(setting, "outbox.retry", outbox_id, as_json=as_json)


@_about_one("settle", click.argument("verdict", type=click.Choice(["there", "again", "draft"])))
def settle(setting: Setting, outbox_id: int, verdict: str, as_json: bool) -> int:
    """Decide about an uncertain one: it is there, send it again, or make it a draft."""
    return _act(setting, f"outbox.{verdict}", outbox_id, as_json=as_json)


@_about_one("posted")
def posted(setting: Setting, outbox_id: int, as_json: bool) -> int:
    """You have posted it by hand: it counts as sent, and the conversation knows. `kith undo` takes it back."""
    return _act(setting, "outbox.posted", outbox_id, as_json=as_json)


@_about_one("edit")
def edit(setting: Setting, outbox_id: int, as_json: bool) -> int:
    """Make a failed one, or one that you did not post by hand, a draft again."""
    return _act(setting, "outbox.edit", outbox_id, as_json=as_json)


def _act(setting: Setting, action: str, outbox_id: int, *, as_json: bool) -> int:
    async def act(workspace: Workspace) -> int:
        console = Console()
        entry(workspace, outbox_id)
        said = await actions.run(workspace, action, Selection(outbox=(outbox_id,)))
        if as_json:
            report(console, [workspace.outbox.get(outbox_id)], as_json=True)
        else:
            console.line(said)
            if "On its way" in said:
                console.hint("kith send sends it now.")
        return 0

    return setting.run(act)
