"""Where a command works: which workspace, with which preferences; and what its arguments must be."""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from tui import arguments

if TYPE_CHECKING:
    from community.config import Config
    from community.workspace import Workspace

Result = TypeVar("Result")
WITH_A_QUERY = {"ignore_unknown_options": True, "help_option_names": ["--help"]}
"""For commands whose arguments may begin with a minus, as in “-is:muted”: “-has:…” is no call for help."""


class Setting:
    """The workspace and the preferences that a command line names. Nothing is opened before it is needed."""

    def __init__(self) -> None:
        self._directory: Path | None = None
        self._preferences: Path | None = None

    def choose(self, directory: Path | None, preferences: Path | None) -> None:
        """Take what was typed; None stands for the user's own."""
        self._directory = directory
        self._preferences = preferences

    @property
    def directory(self) -> Path:
        """The workspace's directory, absolute."""
        return arguments.directory(self._directory)

    @property
    def preferences(self) -> Path:
        """The file of preferences, which may not exist."""
        return arguments.preferences(self._preferences)

    @property
    def themes(self) -> Path:
        """Where the user's own themes are, which may not exist."""
        return self.preferences.parent / "themes"

    def config(self) -> "Config":
        """The preferences. Raises `WrongUsage` for a setting that does not exist, or a named file that does not."""
        from community import config

        return config.load(self.preferences)

    def open(self) -> "Workspace":
        """The workspace, opened; its log begins with that. Raises `StorageError` when it cannot be."""
        from community import logs
        from community.workspace import Workspace

        workspace = Workspace.open(self.directory, self.config())
        try:
            logs.start(workspace.directory, workspace.credentials.values)
        except OSError:
            click.echo("kith: the log cannot be written; going on without.", err=True)
        return workspace

    def read(self, work: "Callable[[Workspace], Result]") -> Result:
        """What `work` gives, which only reads the workspace."""
        workspace = self.open()
        try:
            return work(workspace)
        finally:
            workspace.store.close_reader()

    def run(self, work: "Callable[[Workspace], Awaitable[Result]]") -> Result:
        """What `work` gives, done with the workspace, which is closed afterwards."""

        import asyncio  # late: many commands only read

        async def opened() -> Result:
            workspace = self.open()
            try:
                return await work(workspace)
            finally:
                await workspace.close()

        return asyncio.run(opened())

    def is_damaged(self) -> bool:
        """Whether the database is why something unexpected happened."""
        from community.upkeep import is_damaged

        return is_damaged(self.directory)

    def log(self, error: Exception) -> str:
        """Write an unexpected error down; where it is, as the end of a sentence, "" when there is no place for it."""
        import logging

        from community import logs
        from community.secrets import Credentials

        try:
            path = logs.start(self.directory, Credentials(self.directory).values)
        except OSError:
            return ""
        logging.getLogger("kith").error("a command failed in an unexpected way", exc_info=error)
        return f"; the details are in {path}"


def line(value: str) -> str:
    """An argument as one clean line."""
    from community.text import clean_line

    return clean_line(value, limit=4000)


def words(value: str) -> str:
    """An argument as clean text of any number of lines."""
    from community.text import clean

    return clean(value)


def number(value: str) -> int:
    """An argument that is the id of something."""
    if not value.isdecimal() or not value.isascii() or len(value) > 15:
        raise click.BadParameter(f"“{value[:60]}” is no id: an id is a number, as the lists show it")
    return int(value)


as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, as docs/cli.md describes it.")
