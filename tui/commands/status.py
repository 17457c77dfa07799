"""`kith status`: one line for a status bar, from what is stored; the network is not asked."""

import click

from community import standing
from tui import status_line
from tui.commands.setting import Setting, as_json


@click.command("status")
@as_json
@click.pass_obj
def status(setting: Setting, as_json: bool) -> int:
    """One line for a status bar. Exit code 3 when something is uncertain and wants a decision."""
    if not setting.directory.exists():
        return status_line.tell(standing.NOTHING, as_json=as_json)
    found = standing.glanced(setting.directory)
    if found is None:
        from community.workspace import Workspace

        workspace = Workspace.open(setting.directory, setting.config())
        found = standing.read(workspace.store.reader)
        workspace.store.reader.close()
    return status_line.tell(found, as_json=as_json)
