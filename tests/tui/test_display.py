"""What leaves Kith for the terminal gives the same screen as painting everything; and Textual is as we know it."""

import inspect
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.color import ColorSystem
from rich.style import Style
from textual import events
from textual._compositor import ChopsUpdate, Compositor, LayoutUpdate
from textual.app import App
from textual.driver import Driver
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Offset, Size
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import TextArea

from on_screen import press, settled
from people_and_words import Community, author, said
from terminal import Terminal
from tui.app import KithApp
from tui.display import Displayed, pen_of
from tui.screens.inbox import Inbox

pytestmark = pytest.mark.anyio

_PLACES = ("g t", "g i", "g p", "g f", "g x", "?", "escape", "escape")
_KEYS = (
    *["j"] * 12,
    *["k"] * 6,
    "J",
    "K",
    "pagedown",
    "pageup",
    "G",
    "enter",
    "escape",
    "h",
    "l",
    "z Z",
    "space",
    ":",
    "T",
)
_HURRIED = ("r", "r", "r", "x", "escape", "escape", "p", "i", "j", "k", "q", "enter")
"""A reply is begun, written, reviewed, put away, and none of it is waited for."""


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Everything that a driver which takes itself for a real one is given to write."""
    found: list[str] = []
    monkeypatch.setattr(HeadlessDriver, "is_headless", property(lambda _: False))
    monkeypatch.setattr(HeadlessDriver, "write", lambda _, data: found.append(data))
    return found


@asynccontextmanager
async def running(town: Community, *, size: tuple[int, int], first: str = "inbox") -> AsyncIterator[Pilot[None]]:
    app = KithApp(town.workspace, first=first)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield pilot


def whole(app: App[None]) -> Terminal:
    """A terminal that everything was painted on at once, by Textual."""
    terminal = Terminal(*app.size)
    update = app.screen._compositor.render_full_update()
    terminal.feed(update.render_segments(app.console))
    return terminal


async def crowd(town: Community) -> None:
    """Enough to scroll, in several writings."""
    words = ("漢字を書く", "naïve café", "plain words", "─┬─ lines", "Ünïcödé", "한국어 문장", "e\u0301cole")
    await town.hear(
        1,
        [
            said(author(f"P{n} {words[n % 7]}"), f"{words[n % 7]} {n} " * (n % 9 + 1), id=f"c{n}", ago=n * 977)
            for n in range(40)
        ],
    )


async def walk(town: Community, written: list[str], *, seed: int, steps: int) -> None:
    chance = random.Random(seed)
    size = chance.choice([(120, 40), (80, 24), (100, 30), (61, 17)])
    async with running(town, size=size) as pilot:
        app = pilot.app
        assert isinstance(app, KithApp)
        terminal = Terminal(*size)
        for step in range(steps):
            match chance.randrange(24):
                case 0:
                    size = chance.choice([(120, 40), (80, 24), (100, 30), (61, 17), (90, 20)])
                    app._driver._size = size  # type: ignore[union-attr]
                    app.post_message(events.Resize(Size(*size), Size(*size)))
                    terminal.resize(*size)
                case 1:
                    app._show_theme(chance.choice(["dusk", "chalk", "terminal"]))
                case 2:
                    await town.hear(1, [said(author(f"New {step}"), "漢 just now " * 3, id=f"n{seed}-{step}", ago=1)])
                    app._poll()
                case 3:
                    await press(pilot, *chance.choice(_PLACES).split())
                case 4:
                    for key in chance.choices(_HURRIED, k=chance.randrange(1, 6)):
                        app.post_message(events.Key(key, key if len(key) == 1 else None))
                case _:
                    await press(pilot, *chance.choice(_KEYS).split())
            await settled(pilot)
            for _ in range(40):  # what is due is painted in a moment; what is wrong stays wrong
                await pilot.pause(0.02)
                terminal.feed("".join(written))
                written.clear()
                if is_same := terminal.cells() == whole(app).cells():
                    break
            assert is_same, f"seed {seed}, step {step}"
        assert app._compares


async def test_the_screen_is_what_painting_everything_would_show(town: Community, written: list[str]) -> None:
    await crowd(town)
    await walk(town, written, seed=1, steps=24)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("seed", range(2, 12))
async def test_the_same_over_thousands_of_steps(town: Community, written: list[str], seed: int) -> None:
    await crowd(town)
    await walk(town, written, seed=seed, steps=300)


async def test_a_key_costs_few_bytes(town: Community, written: list[str]) -> None:
    await crowd(town)
    async with running(town, size=(120, 40)) as pilot:
        costs: list[int] = []
        for _ in range(8):
            written.clear()
            await press(pilot, "j")
            await pilot.pause(0.1)
            costs.append(len("".join(written).encode()))
        assert sorted(costs)[4] <= 1500, costs


def calls_of(monkeypatch: pytest.MonkeyPatch, name: str) -> list[Compositor]:
    """The compositors whose method of that name was called from now on."""
    found: list[Compositor] = []
    method = getattr(Compositor, name)

    def noted(compositor: Compositor, *args: Any, **more: Any) -> object:
        found.append(compositor)
        return method(compositor, *args, **more)

    monkeypatch.setattr(Compositor, name, noted)
    return found


async def test_what_nothing_covers_is_painted_past_the_layers_of_textual(
    town: Community, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(town)
    async with running(town, size=(120, 40)) as pilot:
        await press(pilot, "j")
        await settled(pilot)
        await pilot.pause(0.2)
        asked = calls_of(monkeypatch, "render_update")
        written.clear()
        await press(pilot, "j")
        await pilot.pause(0.2)
        assert written
        assert not asked
        await press(pilot, ":")
        await settled(pilot)
        assert asked  # the list of commands lies over the conversation


async def test_what_becomes_smaller_paints_nothing_over_what_takes_its_place(
    town: Community, written: list[str]
) -> None:
    await crowd(town)
    async with running(town, size=(120, 40)) as pilot:
        app = pilot.app
        await press(pilot, "j", "r", "escape", "p")
        await settled(pilot)
        await pilot.pause(0.2)
        inbox = app.screen
        assert isinstance(app, KithApp)
        assert isinstance(inbox, Inbox)
        thread, composer = inbox.thread, inbox.composer
        terminal = Terminal(*app.size)
        terminal.feed("".join(written))
        written.clear()
        assert terminal.cells() == whole(app).cells()
        thread.touch(thread.size.region)
        composer.display = True
        inbox._refresh_layout()
        app._paint_due()
        assert composer.bar.region.bottom > thread.region.bottom
        terminal.feed("".join(written))
        assert terminal.cells() == whole(app).cells()


async def test_the_terminals_cursor_is_where_one_writes_whatever_the_box_said_before(
    town: Community, written: list[str]
) -> None:
    async with running(town, size=(120, 40)) as pilot:
        await press(pilot, "j", "r")
        await pilot.pause(0.1)
        inbox = pilot.app.screen
        assert isinstance(inbox, Inbox)
        pilot.app.cursor_position = Offset(19, 0)
        inbox.composer.warn("the disk is full")
        await pilot.pause(0.1)
        x, y = inbox.query_one(TextArea).cursor_screen_offset
        assert y > 20
        assert written[-1].endswith(f"\x1b[{y + 1};{x + 1}H")


async def test_what_is_typed_is_painted_without_a_new_layout(
    town: Community, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(town)
    async with running(town, size=(61, 17)) as pilot:
        terminal = Terminal(61, 17)
        await press(pilot, "/", "p")
        await pilot.pause(0.2)
        laid_out = calls_of(monkeypatch, "reflow")
        for typed in (
            "lain words",
            ", 漢字 and all, past the far end of",
            " the line, which follows",
            ["home", "delete"],
        ):
            await pilot.press(*typed)
            await settled(pilot)
            await pilot.pause(0.05)
            terminal.feed("".join(written))
            written.clear()
            assert terminal.cells() == whole(pilot.app).cells(), typed
    assert not laid_out


async def test_a_letter_is_painted_past_the_layers_of_textual(
    town: Community, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(town)
    async with running(town, size=(120, 40)) as pilot:
        await press(pilot, "/", "p")
        await pilot.pause(0.2)
        asked = calls_of(monkeypatch, "render_update")
        written.clear()
        await press(pilot, "l")
        await pilot.pause(0.2)
        assert written
        assert not asked


async def test_nothing_is_written_while_nothing_happens(town: Community, written: list[str]) -> None:
    async with running(town, size=(120, 40)) as pilot:
        await pilot.pause(0.3)
        written.clear()
        for _ in range(5):
            pilot.app._poll()  # type: ignore[attr-defined]
            await pilot.pause()
        assert "".join(written) == ""


async def test_a_redraw_paints_what_something_else_has_overwritten(town: Community, written: list[str]) -> None:
    async with running(town, size=(80, 24)) as pilot:
        terminal = Terminal(80, 24)
        terminal.feed("".join(written))
        terminal.feed("\x1b[2J\x1b[Hsome other program")
        written.clear()
        await press(pilot, "ctrl+l")
        terminal.feed("".join(written))
        assert terminal.cells() == whole(pilot.app).cells()


async def test_a_frame_that_cannot_be_compared_is_painted_in_the_way_of_textual(
    town: Community, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(town, size=(80, 24)) as pilot:

        def broken(*_: object) -> str:
            raise RuntimeError("Textual is not what it was")

        monkeypatch.setattr(Displayed, "_frame", broken)
        terminal = Terminal(80, 24)
        await press(pilot, "j", "k", "j")
        terminal.feed("".join(written))
        assert terminal.cells() == whole(pilot.app).cells()


def test_textual_is_what_the_display_takes_it_for() -> None:
    """When this fails, read `tui/display.py` beside the new Textual before anything else."""
    assert list(inspect.signature(App._display).parameters) == ["self", "screen", "renderable"]
    assert list(inspect.signature(LayoutUpdate.__init__).parameters) == ["self", "strips", "region"]
    assert list(inspect.signature(ChopsUpdate.__init__).parameters) == ["self", "chops", "spans", "chop_ends"]
    source = inspect.getsource(App._display)
    for name in ("_batch_count", "_running", "_closed", "is_headless", "_driver", "_previous_cursor_position"):
        assert name in source
    assert "_sync_available" in inspect.getsource(App._begin_update)
    for name in ("_layout_required", "_repaint_required", "_scroll_required", "_compositor"):
        assert name in inspect.getsource(Screen._on_timer_update)
    assert "reverse=True" in inspect.getsource(Compositor.visible_widgets.fget)  # type: ignore[attr-defined]
    assert "self._visible_widgets = None" in inspect.getsource(Compositor.reflow)  # another layout is another mapping
    for name in ("_styles_cache.clear()", "_repaint_regions.clear()"):
        assert name in inspect.getsource(Widget._set_dirty)
    assert hasattr(Driver, "start_application_mode")
    assert "_app" in inspect.getsource(Driver.__init__)

    for style in (
        Style(bold=True, dim=True, color="red"),
        Style(reverse=True, bgcolor="#102030"),
        Style(underline=True),
    ):
        codes = Strip.render_ansi(style, ColorSystem.TRUECOLOR).split(";")
        pen = pen_of(style, ColorSystem.TRUECOLOR)
        from tui.pencil import PLAIN, _turned

        assert _turned(PLAIN, pen).strip("\x1b[m").split(";") == codes
