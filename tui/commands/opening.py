"""`kith` without a command: the workspace on the terminal."""

import signal
from typing import TYPE_CHECKING

import click

from tui.commands.setting import Setting

if TYPE_CHECKING:
    from community.workspace import Workspace


def open_workspace(setting: Setting) -> int:
    """Open the workspace on this terminal; it returns when the user leaves."""
    from tui.terminal import is_there

    if not is_there():
        raise click.UsageError("Kith opens on a terminal; for scripts there are its commands")
    workspace = setting.open()
    workspace.refuse_full_disk()
    show(workspace, setting)
    return 0


def show(workspace: "Workspace", setting: Setting) -> None:
    """Run the workspace until the user leaves or the system ends it; drafts are kept, the terminal is put right."""
    from tui.app import KithApp
    from tui.first_page import taken
    from tui.terminal import survive
    from tui.watcher import Watcher

    watcher = Watcher(workspace.directory, preferences=setting.preferences)
    app = KithApp(workspace, theme_directory=setting.themes, watcher=watcher)
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, lambda _number, _frame: app.call_later(app.leave))
    survive()
    app.goes_on_from(taken())
    app.run(mouse=workspace.config.mouse)
