"""Keys that come before Textual does: moves are answered on the early page, all else reaches the app in order."""

import os
import pty
import sys
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest

from on_screen import settled
from people_and_words import Community
from terminal import Terminal
from tui import first_page
from tui.app import KithApp
from tui.early_keys import EarlyKeys
from tui.glass import Glass
from tui.screens import following
from tui.screens.today_page import TodayPage, look_for

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("fresh_colours")]


class Typed:
    """A terminal somebody types on, and a page that knows the moves `known` and has room for so many."""

    def __init__(self, *known: str, room: int = 99) -> None:
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        self.moves: list[str] = []
        self.painted = 0
        self._known, self._room = known, room
        self.keys = EarlyKeys(self.slave, self._move, self._show)

    def type(self, text: bytes) -> None:
        """Somebody types, and somebody imports."""
        os.write(self.master, text)
        self.keys.find_spec("anything")

    def _move(self, key: str) -> bool:
        if key not in self._known or len(self.moves) >= self._room:
            return False
        self.moves.append(key)
        return True

    def _show(self) -> None:
        self.painted += 1


@pytest.fixture
def made() -> Iterator[list[Typed]]:
    """The terminals of a test, closed at its end."""
    terminals: list[Typed] = []
    yield terminals
    for each in terminals:
        each.keys.stop()
        os.close(each.master)
        os.close(each.slave)


def test_moves_are_answered_and_what_follows_another_key_is_not(made: list[Typed]) -> None:
    made.append(page := Typed("j", "k", "Down", "PgDn", "^d"))
    page.type(b"jk\x1b[B\x1bOB\x1b[6~\x04")
    assert page.moves == ["j", "k", "Down", "Down", "PgDn", "^d"]
    assert page.painted == 1
    page.type(b"jrj\xc3\xbcj")
    page.type(b"jj")
    assert page.moves[6:] == ["j"]
    assert page.keys.stop() == "rj\xfcj"
    assert os.read(page.slave, 99) == b"jj"


def test_a_move_that_leads_off_the_page_is_for_the_app(made: list[Typed]) -> None:
    made.append(page := Typed("j", room=2))
    page.type(b"jjj")
    page.type(b"j")
    assert page.moves == ["j", "j"]
    assert page.keys.stop() == "j"


@pytest.mark.parametrize(("begin", "rest"), [(b"\x1b", b"[B"), (b"\x1b[", b"B"), (b"\x1b[6", b"~"), (b"\xc3", b"\xbc")])
def test_a_key_that_comes_in_two_parts_is_handed_over_whole(made: list[Typed], begin: bytes, rest: bytes) -> None:
    made.append(page := Typed("j", "Down"))
    page.type(b"j" + begin)
    page.type(rest)
    assert page.keys.stop() == (begin + rest).decode()
    assert page.moves == ["j"]


def test_a_key_is_looked_for_at_every_import_until_somebody_takes_over(made: list[Typed]) -> None:
    made.append(page := Typed("j"))
    os.write(page.master, b"j")
    with pytest.raises(ModuleNotFoundError):
        __import__("a_module_that_is_nowhere")
    assert page.moves == ["j"]
    assert page.keys.stop() == ""
    assert page.keys not in sys.meta_path


def test_a_page_that_cannot_be_painted_leaves_the_keys_to_the_app(made: list[Typed]) -> None:
    made.append(page := Typed("j"))
    page.keys._show = None  # type: ignore[assignment]
    page.type(b"jx")
    assert page.keys.stop() == "x"


@pytest.mark.parametrize("size", [(120, 30), (80, 14)])
async def test_a_moved_early_page_is_the_page_after_the_same_keys(
    town: Community, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setattr(following, "_REST_S", 60.0)
    early = TodayPage(town.workspace, look_for(town.workspace, Path("nowhere")), *size)
    assert early.here is not None
    began = early.here.key
    pressed = [key for key in ("j", "Down", "PgDn", "k", "^u", "Up", "Home", "j") if early.press(key)]
    assert len(pressed) > 4
    assert early.here.key != began
    assert not early.press("r")
    assert not early.press("G")
    while early.press("j"):
        pass
    terminal = Terminal(*size)
    terminal.feed(Glass(*size).frame(first_page.changes(early.rows(town.workspace))))
    app = KithApp(town.workspace)
    app._kit.begins_at = early.here.key
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        real = Terminal(*size)
        real.feed(app.screen._compositor.render_full_update().render_segments(app.console))
        assert terminal.text() == real.text()
        assert terminal.cells() == real.cells()
