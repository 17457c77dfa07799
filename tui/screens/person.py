"""A person: who they are on the left, everything between you on the right."""

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult, SuspendNotSupported

from community.actions import Scope, Selection
from community.errors import NotFound, WrongUsage
from community.model import TimelineRow
from community.timeline import Wanted, parse
from tui.kit import Kit
from tui.screens.person_verbs import PersonVerbs, gathered
from tui.screens.split import Split
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.panel import Choice
from tui.widgets.person_card import card_lines
from tui.widgets.portrait import portrait
from tui.widgets.prose import Line
from tui.widgets.run import Window
from tui.widgets.timeline import Moment, Moments, Timeline

_TERMS = ("", "is:words", "is:written")
_FILTERS = (
    ("w", "wrote", "what they wrote"), ("a", "answered", "what you answered"), ("s", "signal", "likes, boosts"),
    ("l", "logged", "what you logged"), ("n", "note", "notes"), ("p", "promise", "promises"), ("g", "stage", "stages"),
    ("o", "outcome", "what came of it"),
)  # fmt: skip


class PersonPage(PersonVerbs, Split[Moment]):
    """The page of one person."""

    DEFAULT_CSS = """
    PersonPage.-narrow > #body { layout: vertical; }
    """

    tab = "People"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.PERSON, Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    views: ClassVar[tuple[str, ...]] = ("all", "words", "written down")
    widest: ClassVar[int] = 60
    share: ClassVar[float] = 0.36

    def __init__(self, kit: Kit, argument: str) -> None:
        super().__init__(kit)
        self._person_id = int(argument.partition(" ")[0])
        self._name = ""
        self._has_step = False
        self._is_hidden = False
        self._short = 6

    def make_list(self) -> Lined[Moment]:
        """The timeline."""
        return Timeline(now=lambda: self.kit.now, stages=self.kit.stages())

    def body(self) -> ComposeResult:
        """The portrait first: here it is the pane that stands on the left, or on top."""
        yield self.pane
        yield self._divider
        with self._left:
            yield self.tabs
            yield self.list

    def fold(self) -> None:
        """Side by side, or the portrait above the timeline."""
        width, wide = self.app.size.width, self.is_wide
        self.set_class(not wide, "-narrow")
        self._divider.display = wide
        self._left.display = wide or not self.is_reading
        self.pane.styles.width = min(self.widest, max(36, round(width * self.share))) if wide else "1fr"
        self.pane.styles.height = "1fr" if wide or self.is_reading else self._short

    def on_resize(self, event: events.Resize) -> None:
        """Fold or unfold."""
        super().on_resize(event)
        self.fold()

    def window(self) -> Window[Moment | Heading]:
        """The timeline, read from where one is in either direction."""
        wanted = self._wanted()

        def read(beside: TimelineRow | None, older: bool, limit: int) -> list[TimelineRow]:
            return self.workspace.people.timeline(
                self._person_id, beside=beside, older=older, limit=limit, wanted=wanted
            )

        return Moments(read)

    def _wanted(self) -> Wanted:
        return parse(f"{_TERMS[self.view]} {self.filter}".strip(), self._networks())

    def _networks(self) -> list[str]:
        found = self.workspace.people.card(self._person_id).identities
        return list(dict.fromkeys(each.network.partition(":")[0] for each in found))

    def teach(self) -> Sequence[str]:
        """What will stand here."""
        if self.view == 2 and not self.filter:
            note, log = (self.kit.keymap.key_of(f"person.{each}") for each in ("note", "log"))
            return ("You have written nothing down yet.", f"{note} keeps a note; {log} logs what happened elsewhere.")
        return (
            "There is nothing between you yet.",
            "What they write and what you answer will stand here, wherever it was.",
        )

    def load(self) -> None:
        """The person anew."""
        try:
            self._person_id = self.workspace.identities.now(self._person_id)
            super().load()
        except NotFound as error:
            raise WrongUsage("This person is not here any more.") from error
        self._portray()

    def changed(self) -> None:
        """Portrait and timeline, without moving."""
        super().changed()
        self._portray(stay=True)

    def _portray(self, *, stay: bool = False) -> None:
        known = gathered(self.workspace, self._person_id, self.kit.now)
        self._name = known.card.person.name
        self._has_step = known.card.step is not None
        self._is_hidden = known.card.person.forgotten_at is not None
        stages = self.kit.stages()
        whole = portrait(known, stages)

        def build(width: int, look: Look) -> Sequence[Line]:
            if self.is_wide or self.is_reading:
                return whole(width, look)
            return card_lines(known.card, look, width, now=known.now, stages=stages)

        lines = len(card_lines(known.card, self.pane.look, 80, now=known.now, stages=stages)) + 1
        self._short = min(lines, max(2, self.app.size.height // 3))
        self.fold()
        self.pane.tell(build, stay=stay)
        self.frame()

    def tell(self, row: Moment | None, *, stay: bool) -> None:
        """The portrait does not follow the cursor."""

    def crumbs(self) -> Sequence[str]:
        """The way here."""
        return ("People", self._name) if self._name else ("People",)

    def _line(self) -> TimelineRow | None:
        """The line under the cursor."""
        return self.list.current.row if self.list.current is not None else None

    def selection(self) -> Selection:
        """The person; the conversation under the cursor."""
        row = self._line()
        conversation = row.conversation_id if row is not None else None
        return Selection(people=(self._person_id,), conversations=(conversation,) if conversation is not None else ())

    def hints(self) -> Sequence[str]:
        """What is done most."""
        if self._is_hidden:
            return (
                "person.for_good:for good",
                "person.bring_back:bring back",
                "person.held:what is held",
                "back",
                "help",
            )
        row = self._line()
        first = ("person.keep",) if row is not None and row.what == "promise" and row.kind != "kept" else ("open",)
        step = ("person.accept_step", "person.refuse_step") if self._has_step else ()
        return (
            *step,
            *("person.write", "person.note", "person.promise", "person.log:log"),
            *("person.inward:stage", "person.identities", "person.merge", "person.site:site", *first, "help"),
        )  # fmt: skip

    def read(self) -> None:
        """Into the portrait; on a narrow screen it takes the place of the timeline."""
        self.is_reading = True
        self.fold()
        self._focus(self.pane)

    def unread(self) -> bool:
        """Back to the timeline."""
        was = self.is_reading or self.focused is self.pane
        self.is_reading = False
        self.fold()
        self._focus(self.list)
        return was

    def do_move_pane_left(self, _argument: str) -> None:
        """Into the portrait, which stands on the left."""
        self.read()

    def do_move_pane_right(self, _argument: str) -> None:
        """To the timeline, and from there back."""
        if not self.unread():
            self.read()

    def do_open(self, _argument: str) -> None:
        """The conversation it was said in; a note opens to be changed."""
        row = self._line()
        if row is None:
            return
        if row.what == "note":
            self.run_worker(self._reported(self._edit_note(row)), group="moves")
        elif row.what == "stage":
            self.run_worker(self._reported(self._explain(row)), group="moves")
        elif row.conversation_id is not None:
            self.go("conversation", str(row.conversation_id))
        elif row.what == "promise":
            self.say(f"{self.kit.keymap.key_of('person.keep')} when you have kept it.")
        else:
            self.say("This was logged by hand; there is no conversation to open.")

    async def do_filter(self, argument: str) -> None:
        """Show only some of the timeline: by what it is, and by where it was."""
        if argument:
            self._narrow(argument)
            return
        choices = [Choice(key, words, value=f"is:{kind}") for key, kind, words in _FILTERS]
        places = enumerate(self._networks()[:9], 1)
        choices += [Choice(str(at), f"only on {place}", value=f"on:{place}") for at, place in places]
        await self.ask_filter(self._narrow, text=self.filter, choices=choices)

    def _narrow(self, text: str) -> None:
        parse(f"{_TERMS[self.view]} {text}".strip(), self._networks())
        self.filter = text.strip()
        self.unread()
        self.load()
        self.frame()

    async def _explain(self, row: TimelineRow) -> None:
        """Why a step was taken, in other words."""
        text = await self.ask("Why", text=row.text)
        if text is not None and text != row.text:
            self.say(await self.workspace.stages.explain(self._person_id, row.id, text))
            self.acted("person.why", self.selection())

    async def do_promise_drop(self, _argument: str) -> None:
        """The promise or the outcome under the cursor was none."""
        row = self._line()
        if row is None or row.what not in {"promise", "outcome"}:
            raise WrongUsage("Put the cursor on a promise or an outcome first.")
        drop = self.workspace.loops.drop if row.what == "promise" else self.workspace.outcomes.drop
        self.say(await drop(row.id))
        self.acted("promise.drop", self.selection())

    async def _edit_note(self, row: TimelineRow) -> None:
        note = next((each for each in self.workspace.people.card(self._person_id).notes if each.id == row.id), None)
        if note is None:
            return
        if "\n" in note.text:
            text: str | None = self._in_editor(note.text)
        else:
            text = await self.ask("Note (empty removes it)", text=note.text)
        if text is not None and text != note.text:
            self.say(await self.workspace.people.edit_note(self._person_id, note.id, text))
            self.acted("person.note", self.selection())

    def _in_editor(self, text: str) -> str:
        from tui.outside import edit  # noqa: PLC0415

        try:
            with self.app.suspend():
                return edit(text, self.workspace.directory, self.workspace.config.editor)
        except SuspendNotSupported as error:
            raise WrongUsage("This terminal cannot be left for an editor; the note is as it was.") from error

    async def do_person_keep(self, _argument: str) -> None:
        """The promise under the cursor was kept; without one, the only open one."""
        row = self._line()
        promises = self.workspace.people.card(self._person_id).promises
        wanted = [each.id for each in promises if row is not None and row.what == "promise" and each.id == row.id]
        if not wanted and len(promises) == 1:
            wanted = [promises[0].id]
        if not wanted:
            raise WrongUsage("Put the cursor on an open promise first." if promises else "No promise is open.")
        self.say(await self.workspace.people.keep(self._person_id, wanted[0]))
        self.acted("person.keep", self.selection())

    def do_person_timeline(self, _argument: str) -> None:
        """All, only words, or only what was written down."""
        self.do_view(str((self.view + 1) % len(self.views) + 1))
