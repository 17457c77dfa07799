"""Today: who waits and what is due; and the session, one conversation at a time until nobody waits."""

from collections.abc import Sequence

from textual.app import ComposeResult

from community.actions import Scope, Selection
from community.errors import WrongUsage
from community.model import ConversationRow
from tui.kit import Kit
from tui.screens.beside import LEAVES
from tui.screens.in_session import InSession
from tui.screens.today_page import SCOPES
from tui.screens.today_sections import hints_on, sections
from tui.widgets.run import Listed, merged
from tui.widgets.today_list import TodayList
from tui.widgets.today_rows import OF_PEOPLE, Line

_NOTHING = (
    "Nobody is waiting for you.",
    "gf goes round: what your people published lately.",
    "ga shows everything that was ever said.",
    "R reads every source now.",
)
_NO_SOURCE = (
    "Kith listens nowhere yet.",
    "Press a and paste any address: a site, a feed, @me@server, or me.bsky.social. Kith finds out what it is and says "
    "what it can do there.",
)


_ABOUT_A_PERSON = (Scope.EVERYWHERE, Scope.LIST, Scope.PERSON, Scope.CONVERSATION, Scope.GO)
"""What is done most with a line of each kind."""
_AT_CONVERSATION = (
    "reply",
    "item.done",
    "item.snooze",
    "item.rest",
    "item.person",
    "session:next",
    "=Esc:pause",
    "help",
)
_AT_PERSON = (
    "person.write", "person.log:log", "person.keep:done", "person.rest:rest", "person.note", "session:later",
    "=Esc:pause", "help",
)  # fmt: skip


class Today(InSession):
    """What wants me today."""

    CSS_PATH = "today.tcss"
    tab = "Today"
    is_home = True
    scopes = SCOPES

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.listing: TodayList = TodayList(now=lambda: kit.now, stages=kit.stages())
        self._hinted = hints_on(None)

    # What a place says of itself.

    def body(self) -> ComposeResult:
        """The sections, and the conversation."""
        yield self.listing
        yield self.split
        yield self.pane()
        yield self.who

    def load(self) -> None:
        """Everything anew."""
        here = self.listing.row
        self.fold_panes()
        self._teach()
        at = here.key if here is not None else self.kit.begins_at
        self.listing.show(Listed(sections(self.kit, writing=self.writing)), at=at)
        if self.focused is None:
            self.set_focus(self.listing)
        self.follow_list(now=True)

    def changed(self) -> None:
        """What has come is added; a conversation that somebody answered elsewhere stays until one leaves."""
        self._teach()
        fresh = sections(self.kit, writing=self.writing)
        have = {line.key for line in fresh}
        gone = [line for line in self.listing.loaded if line.key not in have]
        ids = [line.target for line in gone if line.kind == "conversation" and line.key not in self.leaving]
        rows = {row.id: row for row in self.workspace.conversations.rows(ids)}
        there = {line.key: line for line in fresh}
        old = [
            Line("conversation", line.key, conversation=rows[line.target], target=line.target)
            if line.target in rows and line.key not in have
            else line
            for line in self.listing.loaded
            if line.key in have or line.target in rows
        ]
        lines = merged(fresh, old, lambda line: line.key)
        leaving = {line.key for line in self.listing.loaded} - {line.key for line in lines}
        self.listing.renew(Listed([there.get(line.key, line) for line in lines]), leaving=leaving)
        self.reread()

    def _teach(self) -> None:
        self.listing.empty = _NOTHING if self.workspace.has_sources() else _NO_SOURCE

    def scopes_now(self) -> Sequence[Scope]:
        """Before there is any source, a adds one."""
        found = super().scopes_now()
        if found is self.scopes and not self.listing.loaded:
            return (*found, Scope.SOURCE)
        if found is self.scopes and self._someone() is not None:
            return _ABOUT_A_PERSON
        return found

    def _someone(self) -> int | None:
        """The person that the line under the cursor is about, None when it is about something else."""
        line = self.listing.row
        is_reading = self.is_reading or self.session is not None
        return line.target if line is not None and line.kind in OF_PEOPLE and not is_reading else None

    def selection(self) -> Selection:
        """A line may stand for a person."""
        person_id = self._someone()
        return super().selection() if person_id is None else Selection(people=(person_id,))

    async def do_person_keep(self, _argument: str) -> None:
        """The promise under the cursor was kept."""
        line = self.listing.row
        if self.session is not None:
            await super().do_person_keep(_argument)
            return
        if line is None or line.kind != "promise":
            raise WrongUsage("Put the cursor on a promise first.")
        self.say(await self.workspace.people.keep(line.target, line.promise))
        self.acted("person.keep", self.selection())

    def hints(self) -> Sequence[str]:
        """What is done most; in a session how to go on."""
        if self.composer.is_open:
            return super().hints()
        if self.session is not None:
            if self.session.current is None:
                return ("session:back to Today", "undo", "help")
            return _AT_PERSON if self._at_person() is not None else _AT_CONVERSATION
        if not self.listing.loaded:
            return ("source.add", "go.feeds", "go.everything", "sync", "help")
        return hints_on(self.listing.row)

    def crumbs(self) -> Sequence[str]:
        """Where in the session one is; the conversation when it fills the screen."""
        if self.session is not None:
            return ("Today", self.session.name or "session", self.session.place)
        if self.one_pane() and self.is_reading and self.thread.opened is not None:
            return ("Today", self.thread.opened.row.title)
        return ("Today",)

    def about(self, row: Line) -> ConversationRow | None:
        """A line may stand for a conversation."""
        return row.conversation

    def leaves(self, action: str) -> bool:
        """Who is put away does not wait."""
        return action in LEAVES and self.session is None

    def enter(self, argument: str) -> None:
        """Another place began the session."""
        what, _, which = argument.partition(" ")
        if what == "session":
            self.do_session(which)

    # The panes.

    def fold_panes(self) -> None:
        """Two lines for each where there is room beside."""
        super().fold_panes()
        self.listing.in_two_lines(not self.one_pane())

    def follow_list(self, *, now: bool = False) -> None:
        """The person under the cursor, or the conversation."""
        line = self.listing.row
        person_id = self._someone() if not self.one_pane() and not self.composer.is_open else None
        if person_id != self._who and self.session is None:
            self.show_person(person_id, line.second if line is not None else "")
        super().follow_list(now=now)
        if hints_on(line) is not self._hinted:
            self._hinted = hints_on(line)
            self.frame()

    def do_open(self, argument: str) -> None:
        """What the line leads to."""
        line = self.listing.row
        if line is None or self.thread.has_focus or line.kind == "conversation":
            super().do_open(argument)
            return
        match line.kind:
            case "draft":
                super().do_open(argument)
                if line.conversation is not None:
                    row = self.workspace.outbox.get(line.target)
                    self.thread.go_to(row.item_id)
                    self.perform("reply")
            case "promise" | "overdue" | "step" | "voice" | "five":
                self.go("person", str(line.target))
            case "hidden":
                self.go("held", str(line.target))
            case "alike":
                self.go("identities", str(line.target))
            case "outbox":
                self.go("outbox")
            case "desk":
                self.go("desk")
            case _:
                self.go("inbox", "waiting")
