"""`kith` without a command: the workspace on the terminal."""

import sys

import click

from tui.commands.setting import Setting


def open_workspace(setting: Setting) -> int:
    """Open the workspace on this terminal; it returns when the user leaves."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("Kith opens on a terminal; for scripts there are the commands in `kith --help`")
    workspace = setting.open()
    from tui.app import KithApp

    KithApp(workspace, theme_directory=setting.themes, watch=True).run()
    return 0
