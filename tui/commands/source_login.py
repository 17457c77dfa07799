"""`kith source login`: the credential of a source, from the command line."""

import os
import shlex
import sys

import click

from community.errors import AuthExpired, Rejected, WrongUsage
from community.model import Source
from community.workspace import Workspace
from tui.commands import adding, shapes
from tui.commands.adding import Credential
from tui.commands.chosen import one_source
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line, number

_TRIES = 3

credential_from_variable = click.option(
    "--credential-env", metavar="NAME", help="Read the credential from this variable, once, and keep it."
)
credential_from_command = click.option(
    "--credential-command", metavar="CMD", help="Ask this command for the credential each time; its first line."
)


@click.command("login")
@click.argument("source_id", metavar="ID", type=number)
@credential_from_command
@credential_from_variable
@as_json
@click.pass_obj
def login(
    setting: Setting, source_id: int, credential_command: str | None, credential_env: str | None, as_json: bool
) -> int:
    """Give a source its credential, or a new one."""
    credential = credential_of(credential_env, credential_command)
    attended = not as_json and sys.stdin.isatty() and sys.stdout.isatty()

    async def go(workspace: Workspace) -> int:
        console = Console()
        found = one_source(workspace, source_id)
        if credential:
            found = await adding.log_in(workspace, found, credential)
        elif attended:
            found = await ask_login(workspace, console, found, needed=True) or found
        else:
            raise WrongUsage("Give the credential with --credential-env NAME or --credential-command COMMAND.")
        if as_json:
            console.json(shape(workspace, found))
        else:
            console.line(Cell(found.name, "bold"), f" works{' as ' + found.account if found.account else ''}.")
        return 0

    return setting.run(go)


def credential_of(name: str | None, command: str | None) -> Credential:
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


async def ask_login(workspace: Workspace, console: Console, made: Source, *, needed: bool) -> Source | None:
    """Ask for the credential and try it; None when there is none to give and none is needed."""
    step = await workspace.logins.begin(made.id)
    if step is None:
        return None
    console.text(step.sentence)
    if step.url:
        console.address(step.url)
    if step.asks_account and not made.account:
        typed_account: str = click.prompt("Account", default="", show_default=False)
        made = await workspace.logins.sign_as(made.id, line(typed_account))
    for left in reversed(range(_TRIES)):
        said = "Credential" if needed else "Credential (nothing to go on without)"
        typed: str = click.prompt(said, hide_input=True, default="", show_default=False)
        if not typed.strip() and not needed:
            return None
        try:
            return await workspace.logins.finish(made.id, step, typed)
        except (AuthExpired, Rejected, WrongUsage) as error:
            console.warn(str(error))
            if not left and needed:
                raise
    console.line("Going on without; `kith source login` gives it later.")
    return None


def shape(workspace: Workspace, found: Source) -> shapes.Shape:
    """A source as it is printed."""
    has_credential = workspace.listening.has_credential(found.id)
    return shapes.source(found, workspace.listening.capabilities(found), has_credential=has_credential)
