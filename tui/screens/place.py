"""The base of every place: header, body, message line, footer, and the one road from a key to an action."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal

from community.actions import Scope, Selection
from community.errors import Corrupt, WrongUsage
from community.text import clean_line
from tui.display import Displayed
from tui.errors import reporting
from tui.kit import Kit
from tui.screens.frame_words import MOST, TABS, header_state, hinted, outbox_words
from tui.screens.guided import Guided
from tui.screens.moving import Mover, Moving
from tui.widgets.canvas import Canvas
from tui.widgets.frame import Footer, Header, Rule
from tui.widgets.prompt import Prompt
from tui.widgets.too_small import SMALLEST, TooSmall


class Place(Moving, Guided):
    """One top-level screen, or a page that was opened from one."""

    DEFAULT_CSS = """
    Place { layout: vertical; layers: base above; overflow: hidden; background: $background; color: $foreground; }
    Place > #body { height: 1fr; width: 1fr; layout: horizontal; overflow: hidden; }
    """
    AUTO_FOCUS = ""
    BINDINGS: ClassVar = []

    tab: ClassVar[str] = ""
    """The tab that is lit while one is here."""
    scopes: ClassVar[tuple[Scope, ...]] = (
        Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.EVERYWHERE, Scope.GO,
    )  # fmt: skip
    """Which keys hold here, the first scope before the second."""
    is_home: ClassVar[bool] = False

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._header = Header(TABS)
        self._rule = Rule(above=True)
        self._footer = Footer()
        self._small = TooSmall()
        self._version = -1
        self._is_torn = False
        self._minute = kit.now // 60

    # What a place says of itself.

    def body(self) -> ComposeResult:
        """The widgets between the rules."""
        yield from ()

    def load(self) -> None:
        """Show everything anew: the place was entered, or the user asked for it."""

    def changed(self) -> None:
        """Something was stored: bring the screen up to date without moving anything."""
        self.load()

    def hints(self) -> Sequence[str]:
        """The actions the footer shows, the most useful first; each is "id", "id:label" or "=key:label"."""
        return ("back", "help")

    def tells_outbox(self) -> bool:
        """Whether the footer says how the outbox stands."""
        return True

    def crumbs(self) -> Sequence[str]:
        """The way here, for the header."""
        return (self.tab,)

    def joints(self) -> Sequence[int]:
        """The columns of the lines between panes."""
        return ()

    def step_back(self) -> bool:
        """One step back inside of the place; False when there is none."""
        return False

    def enter(self, argument: str) -> None:
        """The user came here for something: a view, an id."""

    def acted(self, action: str, chosen: Selection) -> None:
        """An action has succeeded: show what it changed."""
        super().acted(action, chosen)
        self.renew()

    def ages(self) -> None:
        """A minute has passed: words like “3 min” may have changed."""

    async def settle(self) -> None:
        """Keep what must not be lost, before the place is left for good."""

    # The frame.

    def compose(self) -> ComposeResult:
        """Header, body, message line, footer."""
        yield self._header
        yield self._rule
        with Horizontal(id="body"):
            yield from self.body()
        yield self.tour_strip
        yield self.notice
        yield self.prompt
        yield self._footer
        yield self.panel
        yield self._small

    def on_mount(self) -> None:
        """Read before the first paint."""
        self._version = self.workspace.version()
        with reporting(self):
            self.load()
        self.frame()

    def on_screen_resume(self) -> None:
        """Back here: catch up with what was stored meanwhile."""
        if self.is_mounted and self._version != self.workspace.version():
            self.renew()
        self.frame()

    def on_resize(self, event: events.Resize) -> None:
        """A terminal may be too small for anything."""
        self._small.display = event.size.width < SMALLEST[0] or event.size.height < SMALLEST[1]
        self.call_after_refresh(self.frame)

    def on_descendant_focus(self) -> None:
        """Other keys hold in another pane."""
        self.frame()

    def renew(self) -> None:
        """Read again what changed, and tell the frame."""
        self._version = self.workspace.version()
        with reporting(self):
            self.changed()
        self.frame()

    def frame(self) -> None:
        """Bring header, rules and footer up to date; paints only what differs."""
        try:
            self._frame()
        except Corrupt:
            self.torn()

    def _frame(self) -> None:
        if self._is_torn:
            self._header.tell(tuple(self.crumbs()), [("database damaged", "bad")])
            self._footer.tell(self._hints(), "")
            return
        counts = self.workspace.conversations.counts(at_most=MOST)
        state = header_state(counts, self.workspace.heard(), self.kit.now)
        self._header.tell(tuple(self.crumbs()), state)
        self._rule.join(self.joints())
        self.notice.join(self.joints())
        self._footer.tell(self._hints(), outbox_words(counts) if self.tells_outbox() else "")
        self.show_tour()

    @on(Prompt.Turned)
    def other_keys(self) -> None:
        """While something is asked the footer says which keys answer."""
        self.frame()

    def _hints(self) -> list[tuple[str, str]]:
        if self.prompt.is_open:
            choosing = [("Tab", "next choice")] if self.panel.offers else []
            return [("Enter", "accept"), *choosing, ("Esc", "leave")]
        return hinted(self.hints(), self.kit.keymap)

    def poll(self, *, renews: bool = True) -> None:
        """Called by the app twice a second while this place is on screen; what was stored waits unless it `renews`."""
        if self._is_torn or self.workspace.is_damaged():
            self.torn()
            return
        if renews and self.workspace.version() != self._version:
            self.renew()
        if self.kit.now // 60 != self._minute:
            self._minute = self.kit.now // 60
            self.ages()
            self.frame()
        if self.kit.sent.queued and not self.is_asking:
            self._count_down()

    def torn(self) -> None:
        """The database is damaged: say so, and what to do, for as long as one is here."""
        if not self._is_torn:
            self._is_torn = True
            self.frame()
        if not self._told:
            key = self.kit.keymap.key_of("quit")
            self.notice.tell(clean_line(f"The database is damaged: leave with {key}, then run kith restore."), "bad")

    def _count_down(self) -> None:
        """What this session put on its way, and for how long it can still be taken back."""
        rows = {row.id: row for row in self._queued()}
        for outbox_id, _ in list(self.kit.sent.queued):
            if outbox_id not in rows:
                self.kit.sent.drop(outbox_id)
        ahead = [rows[outbox_id] for outbox_id, _ in self.kit.sent.queued if rows[outbox_id].not_before > self.kit.now]
        if self._told:
            return
        if not ahead:
            self.notice.tell("")
            return
        row = ahead[-1]
        left = row.not_before - self.kit.now
        if left > 120:
            return
        what = f"sending to {row.to_name}" if row.act == "reply" else f"{row.act}: {row.title}"
        key = self.kit.keymap.key_of("undo")
        self.notice.tell(clean_line(f"{what} in {left} s · {key} takes it back"), "wait")

    # Moves that every place knows.

    def do_back(self, _argument: str) -> None:
        """One step back; on the first place, ask."""
        if self.step_back():
            self.frame()
        elif len(self.app.screen_stack) > 1:
            self.dismiss()
        elif self.is_home:
            self.perform("quit", "ask")
        else:
            self.go("today")

    async def do_quit(self, argument: str) -> None:
        """Leave Kith, after a question when that was not said plainly."""
        if argument == "ask" and not await self.confirm("Leave Kith? Drafts and the outbox are kept."):
            return
        self.post_message(self.Leave())

    async def do_undo(self, _argument: str) -> None:
        """Take back what was done last: a reply that has not left yet, else a local action."""
        latest = self.workspace.undo.history(limit=1)
        outbox_id = self.kit.sent.newest(latest[0].id if latest else 0)
        if outbox_id is not None:
            self.kit.sent.drop(outbox_id)
            self.say(await self.workspace.outbox.cancel(outbox_id))
        else:
            self.say(await self.workspace.undo.undo())
        self.acted("undo", Selection())

    async def do_command(self, _argument: str) -> None:
        """The `:` line."""
        verb = await self.ask_command(palette=False)
        if verb is not None:
            self.do(verb)

    async def do_palette(self, _argument: str) -> None:
        """The list of every action."""
        verb = await self.ask_command(palette=True)
        if verb is not None:
            self.do(verb)

    def do_redraw(self, _argument: str) -> None:
        """Paint every cell anew."""
        if isinstance(self.app, Displayed):
            self.app.forget_screen()
        self.refresh(layout=True)
        for each in self.query(Canvas):
            each.refresh()

    def do_theme(self, argument: str) -> None:
        """The named theme, or the next."""
        names = self.kit.themes
        if argument and argument not in names:
            raise WrongUsage(f"There is no theme “{argument}”: choose one of {', '.join(names)}.")
        if names:
            at = names.index(self.app.theme) if self.app.theme in names else -1
            self.kit.show_theme(argument or names[(at + 1) % len(names)])
            self.say(f"Theme: {self.app.theme}.")
            self.app.run_worker(self.workspace.remember("theme", self.app.theme), group="theme")

    def do_item_person(self, _argument: str) -> None:
        """The page of the person the selection is about."""
        people = self.selection().people
        if not people:
            raise WrongUsage("There is nobody here.")
        self.go("person", str(people[0]))

    def do_person_identities(self, _argument: str) -> None:
        """The handles of the person the selection is about, and who else they may be."""
        people = self.selection().people
        if not people:
            raise WrongUsage("There is nobody here.")
        self.go("identities", str(people[0]))

    def do_person_held(self, _argument: str) -> None:
        """Everything that is held on the person the selection is about."""
        people = self.selection().people
        if not people:
            raise WrongUsage("There is nobody here.")
        self.go("held", str(people[0]))

    @on(Header.Chosen)
    def to_tab(self, event: Header.Chosen) -> None:
        """A tab was clicked."""
        self.go(event.name.lower())


__all__ = ["TABS", "Mover", "Place"]
