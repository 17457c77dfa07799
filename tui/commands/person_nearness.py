"""`kith person stage`, `cadence` and `rest`: how near people are, and how often to be in touch."""

import click

from community.cadence import shown
from community.people import Card
from community.workspace import Workspace
from tui.ages import day
from tui.between import paced, stepping
from tui.commands import person_shapes
from tui.commands.chosen import found, who_is
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line
from tui.words import many

_TAKE = {"accept": True, "refuse": False}
_STEPS = {"nearer": False, "inward": False, "farther": True, "outward": True}


@click.command("stage")
@who_is
@click.argument("stage", required=False, type=line)
@click.option("--why", default="", type=line, help="Why, for the log.")
@as_json
@click.pass_obj
def stage(setting: Setting, who: str, stage: str | None, why: str, as_json: bool) -> int:
    """Where a person stands, and every step so far; or a step: STAGE is a stage, nearer, farther, accept or refuse.

    `accept` takes the step that Kith suggests, `refuse` lets it rest until there is new evidence.
    """

    async def run(workspace: Workspace) -> int:
        person_id, stages = found(workspace, who), workspace.stages
        if stage is None:
            return _show_stage(workspace, person_id, as_json=as_json)
        if stage in _TAKE:
            said = await (stages.accept(person_id) if _TAKE[stage] else stages.refuse(person_id))
        elif stage in _STEPS:
            said = await stages.step(person_id, outward=_STEPS[stage], why=why)
        else:
            said = await stages.move(person_id, stage, why=why)
        return told(workspace, person_id, said, as_json=as_json)

    return setting.run(run)


def _show_stage(workspace: Workspace, person_id: int, *, as_json: bool) -> int:
    console, now = Console(), workspace.store.now()
    card, log = workspace.people.card(person_id), workspace.stages.log(person_id)
    if as_json:
        console.json(person_shapes.stage(card, log))
        return 0
    name = workspace.stages.name
    console.line(Cell(card.person.name, "bold"), f"  {name(card.person.stage)}")
    words = stepping(card, {each: name(each) for each in (card.step.stage,)} if card.step else {})
    if words:
        console.text(words, indent="  ", style="accent")
        console.hint(f"kith person stage {person_id} accept, or refuse")
    console.table(
        [
            (Cell(day(each.at, now), "dim"), Cell(f"{name(each.before)} → {name(each.after)}"), Cell(each.why, "dim"))
            for each in log
        ],
        stretch=2,
    )
    return 0


@click.command("cadence")
@click.argument("who", metavar="[WHO]", required=False, type=line)
@click.argument("cadence", nargs=-1, type=line)
@click.option("--tag", type=line, help="Everybody of this tag, instead of one person.")
@as_json
@click.pass_obj
def cadence(setting: Setting, who: str | None, cadence: tuple[str, ...], tag: str | None, as_json: bool) -> int:
    """How often to be in touch with a person: “every month”, “2w at most 6w”, “none”. Without, the tags that have one.

    With --tag it holds for everybody of a tag: `kith person cadence --tag book every month`.
    """

    async def run(workspace: Workspace) -> int:
        if tag is not None:
            words = " ".join([who or "", *cadence]).strip()
            if words:
                return _said(workspace, await workspace.keeping.set_tag(tag, words), as_json=as_json)
            return _tags(workspace, only=tag.strip("#"), as_json=as_json)
        if who is None:
            return _tags(workspace, only="", as_json=as_json)
        person_id = found(workspace, who)
        if cadence:
            said = await workspace.keeping.set([person_id], " ".join(cadence))
            return told(workspace, person_id, said, as_json=as_json)
        return _pace(workspace, workspace.people.card(person_id), as_json=as_json)

    return setting.run(run)


def _pace(workspace: Workspace, card: Card, *, as_json: bool) -> int:
    if as_json:
        Console().json(
            {"id": card.person.id, "name": card.person.name} | person_shapes.pace(card, workspace.store.now())
        )
    else:
        Console().line(Cell(card.person.name, "bold"), f"  {paced(card, workspace.store.now()) or 'no cadence'}")
    return 0


def _tags(workspace: Workspace, *, only: str, as_json: bool) -> int:
    console = Console()
    rows = [row for row in workspace.keeping.tags() if only in {"", row.tag}]
    for row in rows:
        if as_json:
            console.json({"tag": row.tag, "ideal_s": row.cadence_s, "max_s": row.cadence_max_s, "people": row.people})
        else:
            words = shown(row.cadence_s, row.cadence_max_s)
            console.line(Cell(f"#{row.tag}", "bold"), f"  {words}  {many(row.people, 'person', 'people')}")
    if not rows and not as_json:
        console.line("No tag has a cadence." if not only else f"#{only} has no cadence.")
    return 0


@click.command("rest")
@who_is
@as_json
@click.pass_obj
def rest(setting: Setting, who: str, as_json: bool) -> int:
    """Let a person rest: nothing reminds you of them, and everything is kept. Once more ends it."""

    async def run(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        return told(workspace, person_id, await workspace.keeping.rest([person_id]), as_json=as_json)

    return setting.run(run)


def told(workspace: Workspace, person_id: int, said: str, *, as_json: bool) -> int:
    """What was done to a person: the sentence, or the person as they are now."""
    if not as_json:
        return _said(workspace, said, as_json=False)
    card, timeline = workspace.people.card(person_id), workspace.people.timeline(person_id)
    Console().json(person_shapes.card(card, timeline, now=workspace.store.now()))
    return 0


def _said(_workspace: Workspace, said: str, *, as_json: bool) -> int:
    console = Console()
    if as_json:
        console.json({"said": said})
        return 0
    console.line(said)
    console.hint("kith undo takes it back.")
    return 0
