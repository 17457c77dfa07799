"""`kith source add`: a place to listen to, from the command line."""

import re
import sys
from collections.abc import Sequence

import click

from community.listening import can
from community.model import Source
from community.sources import ADAPTERS
from community.sources.base import Found
from community.sync import Result
from community.workspace import Workspace
from tui.commands import adding
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line
from tui.commands.source_login import ask_login, credential_from_command, credential_from_variable, credential_of

_PLACE = re.compile(r"^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}$")


def _places(_ctx: click.Context, _param: click.Parameter, places: Sequence[str]) -> tuple[str, ...]:
    for place in places:
        if not _PLACE.match(place):
            raise click.BadParameter(f"“{place[:80]}” is no HOST:PORT, like 127.0.0.1:8080")
    return tuple(places)


@click.command("add")
@click.argument("address", type=line)
@click.option("--kind", type=click.Choice(list(ADAPTERS)), help="Take it for this; else Kith finds out.")
@click.option("--name", type=line, default="", help="What to call it.")
@click.option("--account", type=line, default="", help="Who you are there, where the credential alone does not say it.")
@click.option("--mine", is_flag=True, help="It is your own site: comments there are addressed to you.")
@credential_from_command
@credential_from_variable
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
    credential = credential_of(credential_env, credential_command)
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
        logged_in = await ask_login(workspace, console, made, needed=found.needs_credential)
        own = "Is this your own? What others write there is then addressed to you"
        if logged_in is None and found.may_be_mine and not is_mine and click.confirm(own, default=False):
            await workspace.listening.claim(made.id)
        return logged_in or await workspace.listening.resume(made.id)
    except BaseException:
        await workspace.listening.remove(made.id)
        raise


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
