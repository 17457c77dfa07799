"""`kith person merge`, `split` and `suggestions`: which handles belong to whom, from the command line."""

from collections.abc import Sequence

import click

from community.errors import WrongUsage
from community.model import Alike
from community.reachability import mark
from community.workspace import Workspace
from tui.commands import person_shapes
from tui.commands.chosen import found, who_is
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line


@click.command("merge")
@who_is
@click.argument("other", metavar="OTHER", type=line)
@as_json
@click.pass_obj
def merge(setting: Setting, who: str, other: str, as_json: bool) -> int:
    """WHO and OTHER are one person: everything of OTHER moves to WHO. `kith person split` takes them apart again."""

    async def change(workspace: Workspace) -> int:
        console = Console()
        kept_id, other_id = found(workspace, who), found(workspace, other)
        warning = workspace.identities.warning(kept_id, other_id)
        said = await workspace.identities.merge(kept_id, other_id)
        if warning:
            console.hint(warning)
        return _report(workspace, console, kept_id, said, as_json=as_json)

    return setting.run(change)


@click.command("split")
@who_is
@click.argument("handle", required=False, type=line)
@as_json
@click.pass_obj
def split(setting: Setting, who: str, handle: str | None, as_json: bool) -> int:
    """Take WHO and whom they were joined with last apart; or give one HANDLE (or its number) a person of its own."""

    async def change(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        if handle is not None:
            said = await workspace.identities.split_off(person_id, _handle(workspace, person_id, handle))
        else:
            joined = workspace.identities.mergings(person_id)
            if not joined:
                raise WrongUsage("Nobody was joined with this person: name one of their handles to split it off.")
            said = await workspace.identities.take_apart(joined[0].id)
        return _report(workspace, Console(), person_id, said, as_json=as_json)

    return setting.run(change)


def _handle(workspace: Workspace, person_id: int, handle: str) -> int:
    """The id of the one identity of a person that is meant. Raises `WrongUsage`."""
    mine = workspace.people.card(person_id).identities
    meant = [
        each for each in mine if str(each.id) == handle or each.handle.lstrip("@").lower() == handle.lstrip("@").lower()
    ]
    if len(meant) == 1:
        return meant[0].id
    some = ", ".join(f"{each.id} {each.handle or each.name}" for each in meant or mine)
    raise WrongUsage(f"“{handle}” is not one of their handles: {some}. Give the number.")


def _report(workspace: Workspace, console: Console, person_id: int, said: str, *, as_json: bool) -> int:
    if as_json:
        person_id = workspace.identities.now(person_id)
        console.json(
            person_shapes.card(
                workspace.people.card(person_id), workspace.people.timeline(person_id), now=workspace.store.now()
            )
        )
    else:
        console.line(said)
        console.hint("kith undo takes it back.")
    return 0


@click.command("read-site")
@who_is
@as_json
@click.pass_obj
def read_site(setting: Setting, who: str, as_json: bool) -> int:
    """Read WHO's own site, and keep where else it says they are (rel="me"). Who turns up there is only suggested."""

    async def ask(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        said = await workspace.sites.read(person_id)
        return _report(workspace, Console(), person_id, said, as_json=as_json)

    return setting.run(ask)


@click.group("suggestions", invoke_without_command=True)
@as_json
@click.pass_context
def suggestions(ctx: click.Context, as_json: bool) -> int:
    """Who may be one person, and why. Kith never joins anybody by itself."""
    return ctx.invoke(listed, as_json=as_json) if ctx.invoked_subcommand is None else 0


@suggestions.command("list")
@click.argument("who", required=False, metavar="[WHO]", type=line)
@click.option("--left", is_flag=True, help="Those you have left open.")
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@as_json
@click.pass_obj
def listed(setting: Setting, who: str | None = None, left: bool = False, limit: int = 50, as_json: bool = False) -> int:
    """Every pair that may be one person, the strongest evidence first; or those of one person."""

    async def show(workspace: Workspace) -> int:
        if who is not None:
            about = workspace.identities.suggested_for(found(workspace, who))
            pairs = [each for each in about if bool(each.is_left) == left]
        else:
            pairs = workspace.identities.suggested(is_left=left, limit=limit)
        _print(workspace, Console(), pairs[:limit], as_json=as_json)
        return 0

    return setting.run(show)


def _print(workspace: Workspace, console: Console, pairs: Sequence[Alike], *, as_json: bool) -> None:
    reach = {
        who: mark(ways)
        for who, ways in workspace.reach(who for pair in pairs for who in (pair.one_id, pair.other_id)).items()
    }
    for pair in pairs:
        reasons = workspace.identities.reasons(pair.one_id, pair.other_id)
        if as_json:
            console.json(person_shapes.alike(pair, reasons, reach))
            continue
        console.line(
            Cell(f"{pair.one_id} ", "dim"), Cell(pair.one_name, "bold"),
            Cell(f" ({pair.one_networks}; {reach[pair.one_id]})  ", "dim"),
            Cell(f"{pair.other_id} ", "dim"), Cell(pair.other_name, "bold"),
            Cell(f" ({pair.other_networks}; {reach[pair.other_id]})", "dim"),
        )  # fmt: skip
        for each in reasons:
            console.line("    ", each.words)
    if not as_json and not pairs:
        console.line("Nobody looks like somebody else.")
    elif not as_json:
        console.hint("kith person suggestions accept|refuse|leave ONE OTHER answers one of them.")


def _answer(verb: str, about: str) -> click.Command:
    @click.command(verb, help=about)
    @click.argument("one", metavar="ONE", type=line)
    @click.argument("other", metavar="OTHER", type=line)
    @as_json
    @click.pass_obj
    def answer(setting: Setting, one: str, other: str, as_json: bool) -> int:
        async def change(workspace: Workspace) -> int:
            ids = found(workspace, one), found(workspace, other)
            said = await getattr(workspace.identities, verb)(*ids)
            return _report(workspace, Console(), ids[0], said, as_json=as_json)

        return setting.run(change)

    return answer


for _verb, _about in (
    ("accept", "ONE and OTHER are one person; the nearer is kept, else the one known for longer."),
    ("refuse", "ONE and OTHER are not the same person, for good: whatever either is joined with later."),
    ("leave", "Leave it open whether they are one; Kith does not ask again by itself."),
):
    suggestions.add_command(_answer(_verb, _about))
