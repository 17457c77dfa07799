"""What a test needs to press keys and to read the screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from textual.pilot import Pilot

from people_and_words import Community
from tui.app import KithApp
from tui.screens.place import Place


@asynccontextmanager
async def running(
    town: Community, *, first: str = "inbox", size: tuple[int, int] = (120, 30)
) -> AsyncIterator[tuple[KithApp, Pilot[None]]]:
    """Kith on a terminal of that size, with its first place painted."""
    app = KithApp(town.workspace, first=first)
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.pause()
        yield app, pilot


async def press(pilot: Pilot[None], *keys: str) -> None:
    """Press keys, and wait until everything they began is done or asks for more."""
    app = pilot.app
    for key in keys:
        await pilot.press(key)
        await settled(pilot)
    assert isinstance(app, KithApp)


async def settled(pilot: Pilot[None]) -> None:
    """Wait for workers, unless one of them waits for an answer."""
    app = pilot.app
    for _ in range(50):
        await pilot.pause()
        place = app.screen
        busy = [worker for worker in app.workers if not worker.is_finished]
        if not busy or (isinstance(place, Place) and place.is_asking):
            break
        await pilot.pause(0.01)
    await pilot.pause()


async def appears(pilot: Pilot[None], words: str) -> None:
    """Wait until words are on screen, which are there within seconds without a key."""
    assert isinstance(pilot.app, KithApp)
    for _ in range(100):
        if words in shown(pilot.app):
            return
        await pilot.pause(0.05)
    raise AssertionError(f"“{words}” is not on screen:\n{shown(pilot.app)}")


def lines(app: KithApp) -> list[str]:
    """The screen as text."""
    return ["".join(segment.text for segment in strip) for strip in app.screen._compositor.render_strips()]


def shown(app: KithApp) -> str:
    """The same as one text."""
    return "\n".join(lines(app))


def place(app: KithApp) -> Place:
    """The place on screen."""
    assert isinstance(app.screen, Place)
    return app.screen
