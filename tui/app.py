"""KithApp: holds the open workspace, registers the themes, names the places; everything else happens in them."""

import gc
import os
import time
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, cast

from textual import events, on
from textual.app import ScreenStackError
from textual.theme import Theme as TextualTheme

import themes
from community.errors import Corrupt, WrongUsage
from community.workspace import Workspace
from tui import keys
from tui.display import Displayed
from tui.first_page import FirstPage
from tui.kit import Kit, theme_name
from tui.mishap import Mishaps
from tui.screens.place import Place
from tui.watcher import Watcher

PLACES: dict[str, str] = {
    "today": "tui.screens.today:Today",
    "inbox": "tui.screens.inbox:Inbox",
    "people": "tui.screens.people:People",
    "feeds": "tui.screens.feeds:Feeds",
    "desk": "tui.screens.desk:Desk",
    "outbox": "tui.screens.outbox:Outbox",
}
"""The places with a tab, imported when they are first shown. Each keeps its state while another is on screen."""

PAGES: dict[str, str] = {
    "loops": "tui.screens.loops:Loops",
    "person": "tui.screens.person:PersonPage",
    "held": "tui.screens.held:Held",
    "identities": "tui.screens.identities:Identities",
    "conversation": "tui.screens.conversation:ConversationPage",
    "sources": "tui.screens.sources:Sources",
    "adding": "tui.screens.adding:Adding",
    "sunset": "tui.screens.sunset:SunsetPage",
    "search": "tui.screens.search:Search",
    "help": "tui.screens.help:Help",
    "history": "tui.screens.history:History",
}
"""Pages that open on top of a place and close again: `Page(kit, argument)`."""

_POLL_S = 0.5
_REST_S, _LATE_S = 0.2, 3.0
"""While keys come faster than that, what others stored is shown late: nobody waits for it between two keys."""
_SWEEP_AFTER_S, _LITTER, _HEAPS = 1.0, 10_000, 200_000
"""Once keys rest, cycles are looked for among so many new objects: no key should wait for that. Only with heaps of them
it is done at once."""
_AWAY_S = 30.0
"""Nobody is there: those among all objects are, which takes 10 to 40 ms."""
_LATEST_S = 1.0
"""So long at most a page that was painted early stays on screen untouched."""
_WATCH_AFTER_S = 1.5
"""Not sooner: whoever syncs would take the machine from the first keys."""


class KithApp(Displayed, Mishaps):
    """The workspace on a terminal."""

    TITLE = "Kith"
    ENABLE_COMMAND_PALETTE = False
    DEFAULT_MODE = "today"
    CSS = """
    Input > .input--cursor, TextArea .text-area--cursor { text-style: reverse; }
    """
    BINDINGS: ClassVar = []

    def __init__(
        self,
        workspace: Workspace,
        *,
        theme_directory: Path | None = None,
        watcher: Watcher | None = None,
        first: str = "today",
    ) -> None:
        """`watcher` lets somebody sync while Kith is open; the workspace is closed with it.

        `theme_directory` holds the user's own themes.
        """
        no_color, theme = "NO_COLOR" in os.environ, theme_name(workspace)  # Textual takes it out of the environment
        self.DEFAULT_MODE = first  # type: ignore[misc]  # what is not asked for is not made
        super().__init__(ansi_color=True if no_color else None)
        self.animation_level = "none"
        config = workspace.config
        self.workspace = workspace
        self._kit = Kit(
            workspace=workspace,
            keymap=keys.load(config.preset, config.keys),
            themes=tuple(dict.fromkeys([*themes.names(), *(themes.own(theme_directory) if theme_directory else ())])),
            theme_directory=theme_directory,
            open_url=self.open_url_safely,
            copy=self.copy_to_clipboard,
            show_theme=self._show_theme,
        )
        self._show_theme(theme)
        for name, path in PLACES.items():
            self.add_mode(name, partial(self._made, path))
        if workspace.fact("throw_away") == "1" and workspace.fact("tour") != "done":
            self._kit.tour.start()
        self._places: list[Place] = []
        self._watcher = watcher
        self._pressed_at = 0.0
        self._polled_at = 0.0

    def goes_on_from(self, page: FirstPage | None) -> None:
        """Today begins where the cursor of the early page is."""
        super().goes_on_from(page)
        self._kit.begins_at = page.here if page is not None else None

    def _show_theme(self, name: str) -> None:
        try:
            theme = themes.load(name, directory=self._kit.theme_directory)
        except themes.ThemeError as error:
            raise WrongUsage(str(error)) from error
        self.register_theme(
            TextualTheme(
                name=theme.name, primary=theme.primary, accent=theme.accent, warning=theme.warning, error=theme.error,
                success=theme.success, foreground=theme.foreground, background=theme.background, surface=theme.surface,
                panel=theme.panel, dark=theme.dark, ansi=theme.ansi, variables=dict(theme.variables),
            )
        )  # fmt: skip
        self.theme = theme.name

    def _made(self, path: str, *arguments: str) -> Place:
        """A place, imported now. Raises `WrongUsage` when it is not part of this Kith."""
        module, _, name = path.partition(":")
        if find_spec(module) is None:
            raise WrongUsage(f"This Kith has no {name.lower()} yet.")
        place = cast(Place, getattr(import_module(module), name)(self._kit, *arguments))
        self._places = [*(each for each in self._places if each.is_attached), place]
        return place

    def on_mount(self) -> None:
        """Begin to listen for what others store, and let somebody sync."""
        self.call_after_refresh(self._first_frame)
        self.set_timer(_LATEST_S, self.release)
        self.set_interval(_POLL_S, self._poll)
        if self._watcher is not None:
            self.set_timer(_WATCH_AFTER_S, self._watcher.mind)
            self.set_interval(2.0, self._watcher.mind)

    def _first_frame(self) -> None:
        """Sizes are known now; what depends on them is said once more, then the screen is whole."""
        if self._place is not None:
            self._place.frame()
        self.call_after_refresh(self.release)
        self.call_after_refresh(_settle_memory)

    def on_cursor_position(self, event: events.CursorPosition) -> None:
        """The terminal tells how fast the line to it is."""
        if self._line.is_slow(event.time) and not self._kit.light:
            self._kit.light = True
            if (place := self._place) is not None:
                place.say("The line is slow: conversations wait until the cursor rests; kith --light spares more.")

    @property
    def _place(self) -> Place | None:
        """The place on screen; None while Kith closes."""
        try:
            return self.screen if isinstance(self.screen, Place) else None
        except ScreenStackError:
            return None

    def _poll(self) -> None:
        if (place := self._place) is None:
            return
        now = time.monotonic()
        is_at_rest = now - self._pressed_at > _REST_S or now - self._polled_at > _LATE_S
        if is_at_rest:
            self._polled_at = now
        try:
            place.poll(renews=is_at_rest)
        except Corrupt:
            place.torn()
        self._sweep(now - self._pressed_at)

    def _sweep(self, rested_s: float) -> None:
        new, _, sweeps = gc.get_count()
        if rested_s > _SWEEP_AFTER_S and new > _LITTER:
            gc.collect(1)
        elif rested_s > _AWAY_S and sweeps:
            gc.collect()

    async def on_event(self, event: events.Event) -> None:
        """Keys go to the place on screen before Textual's own bindings see them."""
        if isinstance(event, events.Key):
            self._pressed_at = time.monotonic()
        if isinstance(event, events.Key) and event.key.startswith("alt+") and event.character:
            # Esc and a letter that a slow line delivers together look like Alt and that letter. Kith has no Alt keys.
            event.stop()
            for key in (events.Key("escape", "\x1b"), events.Key(event.character, event.character)):
                await self.on_event(key)
            return
        if isinstance(event, events.Key) and not event.is_forwarded and (place := self._place) is not None:
            self.app_focus = True
            if (box := place.focused) is not None and place.waits_for_letters(event):
                place.hold()
                box.call_later(place.press_in_turn, event)
                event.stop()
                return
            if place.press(event):
                event.stop()
                return
        await super().on_event(event)

    @on(Place.Go)
    def go(self, event: Place.Go) -> None:
        """Show another place or page."""
        here = self.screen
        try:
            if event.name in PLACES:
                self._to_place(event.name, event.argument)
            else:
                self.push_screen(self._made(PAGES[event.name], event.argument))
        except WrongUsage as error:
            if isinstance(here, Place):
                here.warn(str(error))
        if isinstance(here, Place):
            self._hand_on(here.hand_over())

    def _hand_on(self, keys: list[events.Key]) -> None:
        """Keys that were pressed on the way wait until the place on screen has been shown once."""
        if isinstance(self.screen, Place):
            self.screen.hold()
            self.screen.call_after_refresh(self.screen.receive, keys)

    def _to_place(self, name: str, argument: str) -> None:
        if find_spec(PLACES[name].partition(":")[0]) is None:
            raise WrongUsage(f"This Kith has no {name} yet.")
        self.switch_mode(name)
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if argument and isinstance(self.screen, Place):
            place = self.screen
            place.call_after_refresh(place.enter, argument)

    @on(Place.Leave)
    async def leave(self) -> None:
        """Keep every draft, then close."""
        for place in self._places:
            if place.is_attached:
                await place.settle()
        self.exit()

    async def on_unmount(self) -> None:
        """Let the sync process go, and close the workspace: a connection left open would keep the process."""
        if self._watcher is not None:
            self._watcher.stop()
            await self.workspace.close()

    def open_url_safely(self, url: str) -> None:
        """Open an address in the user's browser."""
        from tui.outside import browse  # noqa: PLC0415

        browse(url, self.workspace.config.browser)


def _settle_memory() -> None:
    """What is there after the first frame stays: the collector, which begins now, need not look at it again."""
    gc.freeze()
    gc.set_threshold(_HEAPS, 20, 20)
    gc.enable()
