"""`kith loops`: what is open between people and you."""

import click

from community.model import Loop
from community.reachability import mark_of
from community.workspace import Workspace
from tui.ages import age, due
from tui.commands import person_shapes
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json

_WORDS = {"promise": "you promised", "asked": "you wait", "waits": "they wait"}
_PAGE = 500


@click.command("loops")
@click.option("--kind", type=click.Choice(list(_WORDS)), help="Only promises, what you wait for, or who waits.")
@click.option("--limit", type=click.IntRange(min=0), default=0, help="At most so many; 0 for all of them.")
@as_json
@click.pass_obj
def loops(setting: Setting, kind: str | None, limit: int, as_json: bool) -> int:
    """Everything open: what you promised, where you wait for an answer, who waits for you."""

    async def show(workspace: Workspace) -> int:
        await workspace.conversations.wake()
        rows = _open(workspace, kind)[: limit or None]
        console, now = Console(), workspace.store.now()
        if as_json:
            for row in rows:
                console.json(person_shapes.loop(row))
            return 0
        console.table(
            [
                (
                    Cell(_WORDS[row.what], "waits" if row.what == "waits" else "dim"),
                    Cell(row.person_name, "bold"),
                    Cell(row.text),
                    Cell(due(row.due_at, now) if row.due_at and row.what != "waits" else age(row.since, now), "dim"),
                    Cell(mark_of(row.handles).partition(",")[0], "dim"),
                    Cell(str(row.conversation_id or ""), "dim"),
                )
                for row in rows
            ],
            stretch=2,
        )
        if not rows:
            console.line("Nothing is open between you and anybody.")
        return 0

    return setting.run(show)


def _open(workspace: Workspace, kind: str | None) -> list[Loop]:
    service = workspace.loops
    rows = service.promises() if kind in {None, "promise"} else []
    rows += service.asked() if kind in {None, "asked"} else []
    page = service.waiting(limit=_PAGE) if kind in {None, "waits"} else []
    while page:
        rows += page
        page = service.waiting(after=page[-1], limit=_PAGE)
    return rows
