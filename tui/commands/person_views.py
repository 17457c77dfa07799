"""`kith person list --view` and `kith person feeds`: reading the community, from the command line."""

import click

from community.query import parse
from community.reachability import mark_of
from community.readings import BY_NAME, Reading
from community.workspace import Workspace
from tui.commands import person_shapes, shapes
from tui.commands.chosen import found, who_is
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json
from tui.whys import why

_SHORT = 50


def print_view(
    workspace: Workspace, console: Console, name: str, query: str, *, limit: int | None, as_json: bool
) -> int:
    """Print a view of the community."""
    now = workspace.store.now()
    wanted = limit or (_SHORT if limit is None and console.is_terminal and not as_json else 1 << 60)
    terms = parse(query, now=now, target="people")
    rows: list[Reading] = []
    while page := workspace.readings.page(name, terms, before=rows[-1].key if rows else None, limit=min(wanted, 500)):
        rows += page
        if len(rows) >= wanted:
            break
    if as_json:
        for row in rows[:wanted]:
            console.json(person_shapes.reading(row, why(row, now)))
        return 0
    console.table(
        [
            (
                Cell(str(row.person.id), "dim"),
                Cell("●" if row.person.waiting else " ", "waits"),
                Cell(row.person.name, "bold"),
                Cell(workspace.stages.name(row.person.stage), "dim"),
                Cell(why(row, now)),
                Cell(mark_of(row.person.handles).partition(",")[0], "dim"),
            )
            for row in rows[:wanted]
        ],
        stretch=4,
    )
    if not rows:
        console.line("There is nobody like that now.")
        console.hint(BY_NAME[name].rule)
    return 0


@click.command("feeds")
@who_is
@as_json
@click.pass_obj
def feeds(setting: Setting, who: str, as_json: bool) -> int:
    """Look for feeds at a person's own site, and listen to them as theirs."""

    async def find(workspace: Workspace) -> int:
        console = Console()
        person_id = found(workspace, who)
        said = await workspace.visits.find_feeds(person_id)
        if not as_json:
            console.line(said)
            return 0
        for source in workspace.people.feeds(person_id):
            can = workspace.listening.capabilities(source)
            console.json(shapes.source(source, can, has_credential=False))
        return 0

    return setting.run(find)
