"""`kith source sunset`: the end of a source, from the command line."""

import sys

import click

from community.reachability import mark
from community.sunset import STATE, Leaving, Report
from community.workspace import Workspace
from tui.commands import shapes
from tui.commands.chosen import found, one_source
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line, number

_ASK = "Prepare a draft that asks this person where else they are: a number, a name, “lost” or “all”."


@click.command("sunset")
@click.argument("source_id", metavar="ID", type=number)
@click.option("--ask", "whom", multiple=True, metavar="WHO", type=line, help=_ASK)
@click.option("--yes", is_flag=True, help="Freeze it: it is never read again.")
@click.option("--undo", is_flag=True, help="Take a sunset back: it is read again.")
@as_json
@click.pass_obj
def sunset(setting: Setting, source_id: int, whom: tuple[str, ...], yes: bool, undo: bool, as_json: bool) -> int:
    """Declare a source dead: whom you would lose, who is reachable elsewhere, and where.

    Without --yes nothing is frozen. Drafts are only prepared; nothing is sent by this. Whatever was read stays.
    """
    if undo and (yes or whom):
        raise click.UsageError("--undo takes a sunset back: leave out --yes and --ask")

    async def go(workspace: Workspace) -> int:
        console = Console()
        source = one_source(workspace, source_id)
        if undo:
            said = await workspace.sunset.revive(source.id)
            if as_json:
                console.json({"id": source.id, "name": source.name, "state": workspace.listening.get(source.id).state})
            else:
                console.line(said)
            return 0
        report = await workspace.sunset.report(source.id)
        wanted = _chosen(workspace, report, whom)
        if wanted:
            await workspace.sunset.ask(report, wanted, workspace.listening.capabilities(source))
            report = await workspace.sunset.report(source.id)
        if not as_json:
            _print(console, workspace, report)
        asks = not yes and not as_json and sys.stdin.isatty() and sys.stdout.isatty() and report.source.state != STATE
        question = f"Freeze {source.name}? It is never read again; everything that was read stays"
        ends = yes or (asks and click.confirm(question))
        if ends:
            said = await workspace.sunset.freeze(source.id)
            if not as_json:
                console.line(said)
        if as_json:
            console.json(_shape(workspace, report))
        elif not ends and report.source.state != STATE:
            console.hint("Nothing is frozen yet: --yes freezes it, --ask lost prepares drafts.")
        return 0

    return setting.run(go)


def _chosen(workspace: Workspace, report: Report, whom: tuple[str, ...]) -> set[int]:
    """The people to ask."""
    ids: set[int] = set()
    for each in whom:
        if each in {"lost", "all"}:
            ids |= {person.id for person in (report.lost if each == "lost" else report.people)}
        else:
            ids.add(found(workspace, each))
    return ids


def _print(console: Console, workspace: Workspace, report: Report) -> None:
    lost = len(report.lost)
    console.line(
        Cell(report.source.name, "bold"), f": {len(report.people)} people wrote there. You would lose {lost}; "
        f"{len(report.people) - lost} are reachable elsewhere.",
    )  # fmt: skip
    console.table(
        [
            (
                Cell(str(each.id), "dim"),
                Cell("!" if each.is_lost else " ", "bad"),
                Cell(each.name, "bold"),
                Cell(workspace.stages.name(each.stage), "dim"),
                Cell(_where(each)),
                Cell("draft" if each.draft_id is not None else "", "waits"),
            )
            for each in report.people
        ],
        stretch=4,
    )


def _where(person: Leaving) -> str:
    return ", ".join(way.shown for way in person.elsewhere) or "nowhere else"


def _shape(workspace: Workspace, report: Report) -> shapes.Shape:
    return {
        "id": report.source.id,
        "name": report.source.name,
        "state": workspace.listening.get(report.source.id).state,
        "lost": len(report.lost),
        "reachable": len(report.people) - len(report.lost),
        "people": [
            {
                "id": each.id,
                "name": each.name,
                "stage": each.stage,
                "last_contact_at": each.last_contact_at,
                "lost": each.is_lost,
                "elsewhere": [{"kind": way.kind, "where": way.shown} for way in each.elsewhere],
                "reach": mark(each.elsewhere),
                "draft": each.draft_id,
            }
            for each in report.people
        ],
    }
