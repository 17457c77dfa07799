"""What every place is given."""

import os
from collections.abc import Callable, Hashable
from pathlib import Path

from community.config import STAGES
from community.query import Query, parse
from community.workspace import Workspace
from tui.keys import Keymap
from tui.light import is_light
from tui.sent import Sent
from tui.tour import Tour


def _nothing(_words: str) -> None:
    return None


def theme_name(workspace: Workspace) -> str:
    """The theme a workspace is shown in: the terminal's own where colours cost too much, else the last chosen."""
    if "NO_COLOR" in os.environ or is_light():
        return "terminal"
    return workspace.fact("theme") or workspace.config.theme


class Kit:
    """The workspace, the key table, and what this session has put on its way."""

    def __init__(
        self,
        *,
        workspace: Workspace,
        keymap: Keymap,
        themes: tuple[str, ...] = (),
        theme_directory: Path | None = None,
        open_url: Callable[[str], None] = _nothing,
        copy: Callable[[str], None] = _nothing,
        show_theme: Callable[[str], None] = _nothing,
    ) -> None:
        self.workspace = workspace
        self.keymap = keymap
        self.themes = themes
        self.theme_directory = theme_directory
        self.open_url = open_url
        self.copy = copy
        self.show_theme = show_theme
        self.sent = Sent()
        self.tour = Tour()
        self.light = is_light()
        """Whether few bytes are wanted."""
        self.begins_at: Hashable = None
        """The line of Today that the cursor was moved to before there was a list."""

    @property
    def now(self) -> int:
        """The time by the workspace's clock."""
        return self.workspace.store.now()

    def query(self, text: str, target: str = "conversations") -> Query:
        """What a query means now; see `community.query.parse`."""
        return parse(text, now=self.now, target=target)

    def stages(self) -> dict[str, str]:
        """What the user calls each stage."""
        return dict(zip(STAGES, self.workspace.config.stages, strict=True))
