"""`kith person`: the people, from the command line."""

import sys
from collections.abc import Sequence

import click

from community import actions
from community.actions import Selection
from community.config import STAGES
from community.model import TimelineRow
from community.outcomes import KINDS
from community.people import DIRECTIONS, TOUCHPOINTS, Card
from community.query import parse
from community.reachability import mark, mark_of
from community.readings import BY_NAME
from community.text import clean
from community.timeline import parse as parse_timeline
from community.when import past
from community.workspace import Workspace
from tui.ages import age, ago, due
from tui.between import asking, paced, stepping, waiting
from tui.commands import person_shapes
from tui.commands.chosen import found, who_is
from tui.commands.console import Cell, Console
from tui.commands.contacts import export_person
from tui.commands.person_identities import merge, read_site, split, suggestions
from tui.commands.person_nearness import cadence, rest, stage, told
from tui.commands.person_privacy import forget, held
from tui.commands.person_views import feeds, print_view
from tui.commands.setting import WITH_A_QUERY, Setting, as_json, line, words

_SHORT = 50
_TIMELINE = 200


@click.group("person")
def person() -> None:
    """The people behind the handles. WHO is an id, or a part of a name or handle that only one person has."""


for _command in (merge, split, read_site, suggestions, export_person, held, forget, stage, cadence, rest, feeds):
    person.add_command(_command)


@person.command("list", context_settings=WITH_A_QUERY)
@click.argument("query", nargs=-1, type=line)
@click.option("--limit", type=click.IntRange(min=0), help="At most so many; 0 for all of them.")
@click.option("--view", type=click.Choice(list(BY_NAME)), help="A view of the community, with the reason for each row.")
@as_json
@click.pass_obj
def list_(setting: Setting, query: tuple[str, ...], limit: int | None, view: str | None, as_json: bool) -> int:
    """Everybody you know, the latest contact first, or those a QUERY names, like `stage:friend tag:book`.

    After them come those from your address book, or with a note or a tag, whom you were never in contact with.

    With --view the rows are those of one rule, in its order: overdue, quiet (gone quiet), first (first voices),
    missing (regulars), gave (and got nothing back), unmet (two who should meet).
    """

    async def show(workspace: Workspace) -> int:
        console = Console()
        if view is not None:
            return print_view(workspace, console, view, " ".join(query), limit=limit, as_json=as_json)
        now = workspace.store.now()
        short = limit is None and console.is_terminal and not as_json
        rows = workspace.people.page(
            parse(" ".join(query), now=now, target="people"), limit=_SHORT if short else limit or 1 << 60
        )
        if as_json:
            for row in rows:
                console.json(person_shapes.person(row))
            return 0
        console.table(
            [
                (
                    Cell(str(row.id), "dim"),
                    Cell("●" if row.waiting else " ", "waits"),
                    Cell(row.name, "bold"),
                    Cell(workspace.stages.name(row.stage), "dim"),
                    Cell(row.networks.replace(",", ", "), "dim"),
                    Cell(mark_of(row.handles), "dim"),
                    Cell(" ".join(f"#{tag}" for tag in row.tags.split())),
                    Cell(age(row.last_contact_at, now), "dim"),
                )
                for row in rows
            ],
            stretch=2,
        )
        if not rows:
            console.line("There is nobody like that." if query else "You know nobody yet.")
        elif short and len(rows) == _SHORT:
            console.hint("There may be more: --limit 0 shows all of them.")
        return 0

    return setting.run(show)


@person.command("show")
@who_is
@click.option("--only", default="", type=line, help="A part of the timeline, like “is:wrote,note on:fediverse”.")
@click.option("--limit", type=click.IntRange(min=1), help="At most so many lines of the timeline.")
@as_json
@click.pass_obj
def show(setting: Setting, who: str, only: str, limit: int | None, as_json: bool) -> int:
    """One person: handles, notes, promises, and everything between you over all platforms, the newest first."""

    async def see(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        card = workspace.people.card(person_id)
        wanted = parse_timeline(only, list(dict.fromkeys(each.network.partition(":")[0] for each in card.identities)))
        most = limit or (_TIMELINE if as_json else 20)
        timeline = workspace.people.timeline(person_id, limit=most, wanted=wanted)
        _print(workspace, Console(), card, timeline, as_json=as_json)
        return 0

    return setting.run(see)


def _print(
    workspace: Workspace, console: Console, card: Card, timeline: Sequence[TimelineRow], *, as_json: bool
) -> None:
    now = workspace.store.now()
    if as_json:
        console.json(person_shapes.card(card, timeline, now=now))
        return
    _print_head(workspace, console, card, now)
    if timeline:
        console.blank()
    console.table([_moment(row, now) for row in timeline], stretch=3)


def _print_head(workspace: Workspace, console: Console, card: Card, now: int) -> None:
    who = card.person
    tags = " ".join(f"#{tag}" for tag in card.tags)
    console.line(Cell(who.name, "bold"), Cell(f"  {workspace.stages.name(who.stage)}  {tags}", "dim"))
    stages = dict(zip(STAGES, workspace.config.stages, strict=True))
    for said in filter(None, (paced(card, now), stepping(card, stages))):
        console.text(said, indent="  ", style="dim")
    for each in card.identities:
        place = each.network.partition(":")[2] or each.network
        console.line("  ", each.handle or each.name, Cell(f"  {place}  {each.url or ''}", "dim"))
    console.line("  ", Cell(mark(workspace.reach([who.id])[who.id]), "dim"))
    for note in card.notes:
        console.text(note.text, indent="  ✎ ")
        console.line(Cell(f"    noted {ago(note.at, now)}", "dim"))
    for loop in card.waits:
        console.line("  ", Cell(waiting(loop, now), "waits"))
    for loop in card.asked:
        console.line("  ", asking(loop, now))
    for promise in card.promises:
        when = f", {due(promise.due_at, now)}" if promise.due_at else ""
        console.line("  ", Cell("you promised: ", "waits"), promise.text, Cell(when, "dim"))


def _moment(row: TimelineRow, now: int) -> tuple[Cell, ...]:
    mark = {"incoming": "●", "outgoing": "↩", "note": "✎"}.get(row.what, "·")
    where = f"{row.source_name} {row.conversation_id}" if row.conversation_id else row.source_name
    text = row.text.replace("\n", " ")
    return Cell(age(row.at, now), "dim"), Cell(mark, "accent"), Cell(row.kind, "dim"), Cell(text), Cell(where, "dim")


@person.command("note")
@who_is
@click.argument("text", nargs=-1, required=True, type=words)
@as_json
@click.pass_obj
def note(setting: Setting, who: str, text: tuple[str, ...], as_json: bool) -> int:
    """Write down something about a person. TEXT “-” reads it from standard input."""
    said = clean(sys.stdin.buffer.read(80_000)) if text == ("-",) else " ".join(text)
    return _change(setting, "person.note", who, said, as_json=as_json)


@person.command("tag", context_settings=WITH_A_QUERY)
@who_is
@click.argument("tags", nargs=-1, required=True, type=line)
@as_json
@click.pass_obj
def tag(setting: Setting, who: str, tags: tuple[str, ...], as_json: bool) -> int:
    """Tag a person; with a minus in front a tag is removed: `kith person tag maria book -old`."""
    return _change(setting, "person.tag", who, " ".join(tags), as_json=as_json)


@person.command("rename")
@who_is
@click.argument("name", nargs=-1, required=True, type=line)
@as_json
@click.pass_obj
def rename(setting: Setting, who: str, name: tuple[str, ...], as_json: bool) -> int:
    """Call a person by another name; their handles keep theirs."""
    return _change(setting, "person.rename", who, " ".join(name), as_json=as_json)


@person.command("promise")
@who_is
@click.argument("text", nargs=-1, required=True, type=line)
@as_json
@click.pass_obj
def promise(setting: Setting, who: str, text: tuple[str, ...], as_json: bool) -> int:
    """Write down what you promised; “… by friday” gives it a date."""
    return _change(setting, "person.promise", who, " ".join(text), as_json=as_json)


@person.command("log")
@who_is
@click.argument("kind", type=click.Choice(TOUCHPOINTS))
@click.argument("text", nargs=-1, type=line)
@click.option("--direction", type=click.Choice(DIRECTIONS), default="mutual", show_default=True)
@click.option("--on", "day", type=line, help="When it was, like “last tuesday”; else now.")
@as_json
@click.pass_obj
def log(
    setting: Setting, who: str, kind: str, text: tuple[str, ...], direction: str, day: str | None, as_json: bool
) -> int:
    """Log a contact that happened elsewhere: a meeting, a call, a favour, a gift; “… on last tuesday” dates it."""
    if day is None:
        return _change(setting, "person.log", who, f"{kind} {direction} {' '.join(text)}", as_json=as_json)

    async def keep(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        at = past(day, now=workspace.store.now())
        said = await workspace.people.log(person_id, kind, direction, " ".join(text), at=at)
        return told(workspace, person_id, said, as_json=as_json)

    return setting.run(keep)


@person.command("outcome")
@who_is
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("text", nargs=-1, type=line)
@click.option("--of", "conversation", type=int, metavar="ID", help="The conversation it came of.")
@click.option("--on", "day", type=line, help="When it was, like “last tuesday”; else now.")
@as_json
@click.pass_obj
def outcome(
    setting: Setting,
    who: str,
    kind: str,
    text: tuple[str, ...],
    conversation: int | None,
    day: str | None,
    as_json: bool,
) -> int:
    """Write down what came of it: work together, a fix, an invitation, a friend, a sale; `--of` says of what."""

    async def keep(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        if conversation is not None:
            workspace.conversations.open(conversation)
        at = past(day, now=workspace.store.now()) if day is not None else None
        said = await workspace.outcomes.log(person_id, kind, " ".join(text), at=at, conversation_id=conversation)
        return told(workspace, person_id, said, as_json=as_json)

    return setting.run(keep)


def _change(setting: Setting, action: str, who: str, argument: str, *, as_json: bool) -> int:
    async def change(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        said = await actions.run(workspace, action, Selection(people=(person_id,), argument=argument))
        return told(workspace, person_id, said, as_json=as_json)

    return setting.run(change)
