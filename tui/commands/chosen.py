"""Who and what is meant: a person or a source named on the command line."""

import click

from community.errors import NotFound, WrongUsage
from community.model import Source
from community.workspace import Workspace
from tui.commands.setting import line

who_is = click.argument("who", metavar="WHO", type=line)
"""The argument of every command about one person."""


def found(workspace: Workspace, who: str) -> int:
    """The id of the one person that `who` names. Raises `WrongUsage` when there is none, or more than one."""
    if who.isdecimal():
        try:
            return workspace.identities.now(int(who[:15]))
        except NotFound as error:
            raise WrongUsage(f"There is no person {who}: `kith person list` shows them.") from error
    named = workspace.people.find(who.lstrip("@"))
    exact = [each for each in named if each.name.lower() == who.lower()]
    if len(exact or named) == 1:
        return (exact or named)[0].id
    if not named:
        raise WrongUsage(f"Nobody is called “{who}”: `kith person list` shows everybody.")
    some = ", ".join(f"{each.id} {each.name}" for each in named[:6])
    raise WrongUsage(f"“{who}” may be one of several: {some}. Give the number.")


def one_source(workspace: Workspace, source_id: int) -> Source:
    """A source. Raises `WrongUsage` when there is none."""
    try:
        return workspace.listening.get(source_id)
    except NotFound as error:
        raise WrongUsage(f"There is no source {source_id}: `kith source list` shows them.") from error
