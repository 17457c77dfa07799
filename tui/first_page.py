"""The first page, painted before Textual is imported: Today as it will be, straight from the database.

It is read only, drawn by the same functions that the widgets use, and given up silently wherever anything is unusual:
the ordinary start then says what is wrong. Its cursor can be moved; what else is typed meanwhile is kept for the app.
"""

import contextlib
import os
import signal
import termios
from collections.abc import Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tui import arguments
from tui.early_keys import EarlyKeys
from tui.glass import Change, Glass, inked
from tui.light import want_light
from tui.pencil import Pen, erases_in_colour, same

if TYPE_CHECKING:
    from community.config import Config
    from community.workspace import Workspace
    from tui.screens.today_page import Row, TodayPage
    from tui.widgets.ink import Ink

_SMALLEST = (30, 8)
_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ENTER, _LEAVE = "\x1b[?1049h\x1b[?25l", "\x1b[?1049l\x1b[?25h"


class FirstPage:
    """What is on the terminal already, and how the terminal was before."""

    def __init__(self, directory: Path, page: "TodayPage", glass: Glass, before: list[Any]) -> None:
        self.glass = glass
        self.before = before
        self._directory = directory
        self._page = page
        self._keys = EarlyKeys(0, self._moves, self._show)

    @property
    def here(self) -> Hashable:
        """The key of the line under the cursor."""
        return self._page.here.key if self._page.here is not None else None

    def typed(self) -> str:
        """What was typed and not answered, for whoever goes on from here; from now on nothing is answered."""
        return self._keys.stop()

    def leave(self) -> None:
        """Give the terminal back as it was."""
        self._keys.stop()
        with contextlib.suppress(OSError, termios.error):
            os.write(2, _LEAVE.encode())
            termios.tcsetattr(0, termios.TCSANOW, self.before)

    def _moves(self, key: str) -> bool:
        return os.get_terminal_size(2) == (self.glass.width, self.glass.height) and self._page.press(key)

    def _show(self) -> None:
        with _glance(self._directory, self._page.config) as workspace:
            assert workspace is not None
            frame = self.glass.frame(changes(self._page.rows(workspace)))
        os.write(2, frame.encode())


_painted: FirstPage | None = None


def leave() -> None:
    """Nobody went on from the page that was painted: give the terminal back."""
    if (page := taken()) is not None:
        page.leave()


def taken() -> FirstPage | None:
    """The page that was painted, for whoever goes on from it; None when there is none or somebody has it."""
    global _painted
    page, _painted = _painted, None
    return page


def paint(typed: Sequence[str]) -> None:
    """Paint the first page, if this is a plain start on a terminal and nothing stands against it."""
    global _painted  # noqa: PLW0603
    where = plain_start(typed)
    if where is None or os.environ.get("TERM", "dumb") in {"", "dumb", "unknown"} or not all(map(os.isatty, range(3))):
        return
    width, height = os.get_terminal_size(2)
    if width < _SMALLEST[0] or height < _SMALLEST[1] or os.environ.get("TEXTUAL_COLOR_SYSTEM"):
        return
    before = termios.tcgetattr(0)
    try:
        _listen(before)
        found = page(*where, width, height)
        if found is not None:
            glass = Glass(width, height, fills=erases_in_colour())
            frame = glass.frame(changes(found[1]))
            signal.signal(signal.SIGTERM, _ended)
            os.write(2, (_ENTER + frame).encode())
            _painted = FirstPage(where[0], found[0], glass, before)
    except Exception:  # whatever it was, the ordinary start meets it too, and says so
        _painted = None
    finally:
        if _painted is None:
            termios.tcsetattr(0, termios.TCSANOW, before)


def _listen(before: list[Any]) -> None:
    """No echo, no lines: a key that is pressed now is a key for Kith."""
    now: list[Any] = list(before)
    now[0] &= ~(termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR)
    now[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
    termios.tcsetattr(0, termios.TCSANOW, now)


def _ended(_number: int, _frame: object) -> None:
    leave()
    os._exit(143)


def plain_start(typed: Sequence[str]) -> tuple[Path, Path] | None:
    """(workspace, preferences) of a command line that opens the workspace and does nothing else; None for others."""
    found = arguments.read(typed)
    if found is None or found.rest:
        return None
    if found.light:
        want_light()
    return arguments.directory(found.workspace), arguments.preferences(found.preferences)


def page(directory: Path, preferences: Path, width: int, height: int) -> "tuple[TodayPage, list[Row]] | None":
    """The first page and its rows; None when there is none to paint. Raises whatever stands in the way."""
    if not (directory / "kith.db").is_file():
        return None
    from community import config  # noqa: PLC0415  only now is it known that there is something to read
    from tui.screens.today_page import TodayPage, look_for  # noqa: PLC0415

    with _glance(directory, config.load(preferences)) as workspace:
        if workspace is None or workspace.fact("throw_away"):
            return None
        today = TodayPage(workspace, look_for(workspace, preferences.parent / "themes"), width, height)
        return None if today.here is None else (today, today.rows(workspace))


@contextmanager
def _glance(directory: Path, config: "Config") -> "Iterator[Workspace | None]":
    """The workspace to be read for a moment; None unless its schema is ours."""
    from community.workspace import Workspace  # noqa: PLC0415

    workspace = Workspace.glanced_at(directory, config)
    try:
        yield workspace
    finally:
        if workspace is not None:
            workspace.store.reader.close()


def changes(rows: "Sequence[Row]") -> list[Change]:
    """Rows of pieces as the glass takes them."""
    return [(y, 0, inked((text, pen(ink)) for text, ink in row)) for y, row in enumerate(rows)]


def pen(ink: "Ink") -> Pen:
    """An ink in the codes this terminal takes, as Textual will choose them too."""
    if _is_colourless():
        return same(Pen("", "", ink.marks))
    return same(Pen(_code(ink.color, paper=False), _code(ink.paper, paper=True), ink.marks))


@cache
def _is_colourless() -> bool:
    return "NO_COLOR" in os.environ


@cache
def _code(colour: str, *, paper: bool) -> str:
    if not colour:
        return ""
    base = 40 if paper else 30
    if not colour.startswith("#"):
        return str(base + _HUES.index(colour.removeprefix("bright_")) + (60 if colour.startswith("bright_") else 0))
    if os.environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
        return f"{base + 8};2;{red};{green};{blue}"
    from rich.color import Color, ColorSystem  # noqa: PLC0415  a table of colours, for terminals with few

    term = os.environ.get("TERM", "").strip().lower().rpartition("-")[2]
    few = ColorSystem.EIGHT_BIT if term in {"256color", "kitty"} else ColorSystem.STANDARD
    return ";".join(Color.parse(colour).downgrade(few).get_ansi_codes(foreground=not paper))
