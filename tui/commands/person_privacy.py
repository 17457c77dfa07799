"""`kith person held` and `kith person forget`: what is held on somebody, and letting it go."""

import click

from community.workspace import Workspace
from tui.ages import age
from tui.commands.chosen import found
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line


@click.command("held")
@click.argument("who", metavar="WHO", type=line)
@as_json
@click.pass_obj
def held(setting: Setting, who: str, as_json: bool) -> int:
    """Everything Kith holds on a person: how much of each kind, and every row of it."""

    async def show(workspace: Workspace) -> int:
        console = Console()
        person_id = found(workspace, who)
        counts = workspace.forgetting.counts(person_id)
        rows = workspace.forgetting.rows(person_id)
        if as_json:
            console.json({"id": person_id, "counts": counts, "rows": [row._asdict() for row in rows]})
            return 0
        console.line(", ".join(f"{number} {kind}" for kind, number in counts.items() if number) or "Nothing.")
        now = workspace.store.now()
        console.table(
            [(Cell(row.kind, "dim"), Cell(age(row.at, now), "dim"), Cell(row.text.replace("\n", " ")),
              Cell(row.place, "dim")) for row in rows],
            stretch=2,
        )  # fmt: skip
        return 0

    return setting.run(show)


@click.command("forget")
@click.argument("who", required=False, metavar="[WHO]", type=line)
@click.option("--for-good", is_flag=True, help="Take the last of somebody hidden out of the file, never to come back.")
@click.option("--take-back", is_flag=True, help="Show somebody hidden again, as they were.")
@as_json
@click.pass_obj
def forget(setting: Setting, who: str | None, for_good: bool, take_back: bool, as_json: bool) -> int:
    """Hide a person: their names, their words, and what you noted about them. Your own words stay.

    Hidden is not forgotten: --take-back, or `kith undo`, brings all of it back. A second call with --for-good takes it
    out of the database file, the search, the journal and every later backup, and no sync brings it back. Who is hidden
    is known by number only; without WHO they are listed.
    """
    if for_good and take_back:
        raise click.UsageError("Choose one of --for-good and --take-back")

    async def change(workspace: Workspace) -> int:
        console = Console()
        if who is None:
            return _list(workspace, console, as_json=as_json)
        person_id = found(workspace, who)
        service = workspace.forgetting
        if for_good:
            said, state = await service.for_good(person_id), "forgotten"
        elif take_back:
            said, state = await service.take_back(person_id), "kept"
        else:
            said, state = await service.hide(person_id), "hidden"
        if as_json:
            console.json({"id": person_id, "state": state})
        else:
            console.line(said)
            if state == "hidden":
                console.hint(
                    f"kith person forget {person_id} --take-back brings them back; --for-good is the last word."
                )
        return 0

    return setting.run(change)


def _list(workspace: Workspace, console: Console, *, as_json: bool) -> int:
    now = workspace.store.now()
    for each in workspace.forgetting.hidden():
        if as_json:
            console.json({"id": each.id, "state": "hidden", "hidden_at": each.forgotten_at})
        else:
            console.line(Cell(f"{each.id}  ", "dim"), "somebody, hidden ", age(each.forgotten_at, now))
    return 0
