"""`kith source`: where Kith listens."""

import os
import re
import shlex
import sys
from collections.abc import Sequence

import click

from community import actions
from community.actions import Selection
from community.errors import AuthExpired, KithError, Rejected, WrongUsage
from community.listening import can
from community.model import Source
from community.secrets import SecretError
from community.sources import ADAPTERS
from community.sources.base import Found
from community.sync import Result
from community.workspace import Workspace
from tui.ages import ago
from tui.commands import adding, shapes
from tui.commands.adding import Credential
from tui.commands.chosen import one_source
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line, number
from tui.commands.source_sunset import sunset

_PLACE = re.compile(r"^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$")
_TRIES = 3


@click.group("source")
def source() -> None:
    """Where Kith listens."""


def _credential(name: str | None, command: str | None) -> Credential:
    """What the options name. Raises `WrongUsage`; the value is read once and taken out of the environment."""
    if name and command:
        raise click.UsageError("give --credential-env or --credential-command, not both")
    if name:
        value = os.environ.pop(name, "")
        if not value.strip():
            raise WrongUsage(f"The variable {name} is empty: put the credential into it.")
        return Credential(value=value.strip())
    if command:
        try:
            argv = shlex.split(command)
        except ValueError as error:
            raise WrongUsage("--credential-command has a quote that is not closed.") from error
        if not argv:
            raise WrongUsage("--credential-command is empty.")
        return Credential(command=tuple(argv))
    return Credential()


def _places(_ctx: click.Context, _param: click.Parameter, places: Sequence[str]) -> tuple[str, ...]:
    for place in places:
        if not _PLACE.match(place):
            raise click.BadParameter(f"“{place[:80]}” is no HOST:PORT, like 127.0.0.1:8080")
    return tuple(places)


_credential_env = click.option(
    "--credential-env", metavar="NAME", help="Read the credential from this variable, once, and keep it."
)
_credential_command = click.option(
    "--credential-command", metavar="CMD", help="Ask this command for the credential each time; its first line."
)


@source.command("add")
@click.argument("address", type=line)
@click.option("--kind", type=click.Choice(list(ADAPTERS)), help="Take it for this; else Kith finds out.")
@click.option("--name", type=line, default="", help="What to call it.")
@click.option("--account", type=line, default="", help="Who you are there, where the credential alone does not say it.")
@click.option("--mine", is_flag=True, help="It is your own site: comments there are addressed to you.")
@_credential_command
@_credential_env
@click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST:PORT",
    callback=_places,
    help="Let this source use this place of a private network.",
)
@as_json
@click.pass_obj
def add(
    setting: Setting,
    address: str,
    kind: str | None,
    name: str,
    account: str,
    mine: bool,
    credential_command: str | None,
    credential_env: str | None,
    allow_hosts: tuple[str, ...],
    as_json: bool,
) -> int:
    """Listen to an ADDRESS: a site, a feed, @me@server, me.bsky.social.

    On a terminal Kith says what it found and asks for the credential it needs; with --json, or without a terminal,
    it never asks.
    """
    credential = _credential(credential_env, credential_command)
    attended = not as_json and sys.stdin.isatty() and sys.stdout.isatty()

    async def go(workspace: Workspace) -> int:
        console = Console()
        found = await workspace.listening.probe(address, kind=kind, allow_hosts=allow_hosts)
        asks = attended and not credential
        chosen = _choose(console, found) if asks else found[0]
        if asks:
            made = await _attended(
                workspace, console, chosen, name=name, account=account, allow_hosts=allow_hosts, is_mine=mine
            )
        else:
            made = await adding.add(
                workspace, chosen, credential, name=name, account=account, allow_hosts=allow_hosts, is_mine=mine
            )
        if not as_json:
            console.line("Reading what is there …")
        result = (await adding.first_read(workspace, [made]))[0]
        also = [each for each in found if each is not chosen]
        if as_json:
            console.json(adding.report(workspace, result, also))
        else:
            _print_added(workspace, console, result, also)
        return 0 if result.ok else 1

    return setting.run(go)


def _choose(console: Console, found: Sequence[Found]) -> Found:
    """What the user wants of all that an address can be."""
    for at, each in enumerate(found, 1):
        console.line(Cell(f"{at}. ", "dim"), Cell(each.name or each.address, "bold"), Cell(f"  {each.kind}", "accent"),
                     Cell(f"  {each.address}", "dim"))  # fmt: skip
        for sentence in each.does:
            console.text(sentence, indent="     ✓ ")
        for sentence in each.does_not:
            console.text(sentence, indent="     – ", style="dim")
    if len(found) == 1:
        return found[0]
    chosen: int = click.prompt("Which one", type=click.IntRange(1, len(found)), default=1)
    return found[chosen - 1]


async def _attended(
    workspace: Workspace,
    console: Console,
    found: Found,
    *,
    name: str,
    account: str,
    allow_hosts: tuple[str, ...],
    is_mine: bool,
) -> Source:
    """Add a source, asking only for what it needs. Leaving with Ctrl-C leaves nothing behind."""
    made = await adding.begin(workspace, found, name=name, account=account, allow_hosts=allow_hosts, is_mine=is_mine)
    try:
        logged_in = await _ask_login(workspace, console, made, needed=found.needs_credential)
        own = "Is this your own? What others write there is then addressed to you"
        if logged_in is None and found.may_be_mine and not is_mine and click.confirm(own, default=False):
            await workspace.listening.claim(made.id)
        return logged_in or await workspace.listening.resume(made.id)
    except BaseException:
        await workspace.listening.remove(made.id)
        raise


async def _ask_login(workspace: Workspace, console: Console, made: Source, *, needed: bool) -> Source | None:
    """Ask for the credential and try it; None when there is none to give and none is needed."""
    step = await workspace.listening.begin_login(made.id)
    if step is None:
        return None
    console.text(step.sentence)
    if step.url:
        console.address(step.url)
    if step.asks_account and not made.account:
        typed_account: str = click.prompt("Account", default="", show_default=False)
        made = await workspace.listening.sign_as(made.id, line(typed_account))
    for left in reversed(range(_TRIES)):
        said = "Credential" if needed else "Credential (nothing to go on without)"
        typed: str = click.prompt(said, hide_input=True, default="", show_default=False)
        if not typed.strip() and not needed:
            return None
        try:
            return await workspace.listening.finish_login(made.id, step, typed)
        except (AuthExpired, Rejected, WrongUsage) as error:
            console.warn(str(error))
            if not left and needed:
                raise
    console.line("Going on without; `kith source login` gives it later.")
    return None


def _print_added(workspace: Workspace, console: Console, result: Result, also: Sequence[Found]) -> None:
    found = workspace.listening.get(result.id)
    capabilities = workspace.listening.capabilities(found)
    as_whom = f" as {found.account}" if found.account else ""
    console.line("Listening to ", Cell(found.name, "bold"), f"{as_whom}: source {found.id}.")
    console.line("It can ", ", ".join(can(capabilities)), ".")
    if result.ok:
        waiting = workspace.conversations.counts().waiting
        console.line(f"{result.new_items} items are there; {waiting} wait for you in all.")
    else:
        console.warn(f"{result.error} Kith tries again; `kith source check {found.id}` asks at once.")
    for each in also:
        console.hint(f"The same address can also be a {each.kind}: kith source add {each.address} --kind {each.kind}")


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
                console.json(_shape(workspace, each))
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


def _shape(workspace: Workspace, found: Source) -> shapes.Shape:
    has_credential = workspace.listening.has_credential(found.id)
    return shapes.source(found, workspace.listening.capabilities(found), has_credential=has_credential)


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
                found = await workspace.listening.check(each.id)
            except (KithError, SecretError) as failure:
                found, error, code = each, str(failure), 1
            if as_json:
                console.json(_shape(workspace, found) | {"ok": error is None, "error": error})
            elif error is None:
                console.line(Cell("✓ ", "accent"), Cell(found.name, "bold"), f"  {found.account or 'reachable'}")
            else:
                console.line(Cell("! ", "bad"), Cell(found.name, "bold"))
                console.text(error, indent="  ")
        return code

    return setting.run(go)


@source.command("login")
@click.argument("source_id", metavar="ID", type=number)
@_credential_command
@_credential_env
@as_json
@click.pass_obj
def login(
    setting: Setting, source_id: int, credential_command: str | None, credential_env: str | None, as_json: bool
) -> int:
    """Give a source its credential, or a new one."""
    credential = _credential(credential_env, credential_command)
    attended = not as_json and sys.stdin.isatty() and sys.stdout.isatty()

    async def go(workspace: Workspace) -> int:
        console = Console()
        found = one_source(workspace, source_id)
        if credential:
            found = await adding.log_in(workspace, found, credential)
        elif attended:
            found = await _ask_login(workspace, console, found, needed=True) or found
        else:
            raise WrongUsage("Give the credential with --credential-env NAME or --credential-command COMMAND.")
        if as_json:
            console.json(_shape(workspace, found))
        else:
            console.line(Cell(found.name, "bold"), f" works{' as ' + found.account if found.account else ''}.")
        return 0

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
        Console().json(_shape(workspace, one_source(workspace, source_id)))
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


source.add_command(sunset)
