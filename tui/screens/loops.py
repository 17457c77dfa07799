"""Open loops: what I promised, where I wait for an answer, and who waits for me, in one list."""

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.conversations import FOREVER
from community.errors import NotFound, WrongUsage
from community.model import Loop
from community.when import future
from tui.kit import Kit
from tui.screens.person_verbs import PersonVerbs, gathered
from tui.screens.split import Split
from tui.widgets.chunks import Chunks
from tui.widgets.lined import Heading, Lined
from tui.widgets.loop_list import LoopList
from tui.widgets.portrait import portrait
from tui.widgets.run import Window

_TITLES = {"promise": "You promised", "asked": "You wait for them", "waits": "They wait for you"}


class Loops(PersonVerbs, Split[Loop]):
    """The list of what is open, with the person beside it."""

    tab = "Today"
    scopes: ClassVar[tuple[Scope, ...]] = (
        Scope.CONVERSATION, Scope.PERSON, Scope.LIST, Scope.EVERYWHERE, Scope.GO,
    )  # fmt: skip
    views: ClassVar[tuple[str, ...]] = ("all", "promised", "you wait", "they wait")
    share: ClassVar[float] = 0.55

    _kinds: ClassVar[tuple[frozenset[str], ...]] = (
        frozenset(_TITLES), frozenset({"promise"}), frozenset({"asked"}), frozenset({"waits"}),
    )  # fmt: skip

    def __init__(self, kit: Kit, _argument: str = "") -> None:
        super().__init__(kit)

    def make_list(self) -> Lined[Loop]:
        """One line a loop."""
        return LoopList(now=lambda: self.kit.now)

    def crumbs(self) -> Sequence[str]:
        """Where one is."""
        return ("Today", "open loops")

    def window(self) -> Window[Loop | Heading]:
        """Promises and what I wait for, then whoever waits, page by page."""
        loops, kinds = self.workspace.loops, self._kinds[self.view]

        def more(last: Loop | Heading | None, limit: int) -> list[Loop | Heading]:
            if isinstance(last, Loop) and last.what == "waits":
                return [*loops.waiting(after=last, limit=limit)]
            if last is not None:
                return []
            rows: list[Loop | Heading] = []
            for what, found in (
                ("promise", loops.promises() if "promise" in kinds else []),
                ("asked", loops.asked() if "asked" in kinds else []),
                ("waits", loops.waiting(limit=limit) if "waits" in kinds else []),
            ):
                rows += [Heading(_TITLES[what]), *found] if found else []
            return rows

        return Chunks(more, self.list.key)

    def teach(self) -> Sequence[str]:
        """How something comes to be here."""
        keys = {each: self.kit.keymap.key_of(each) for each in ("item.remind", "person.promise")}
        return (
            "Nothing is open between you and anybody.",
            f"{keys['person.promise']} on a person writes a promise down, and so does a line “//promise … by friday” "
            "in a reply: it never leaves.",
            f"{keys['item.remind']} on a conversation waits for an answer.",
        )

    def tell(self, row: Loop | None, *, stay: bool) -> None:
        """Who it is about."""
        if row is None or row.person_id is None:
            self.pane.tell(None)
            return
        try:
            known = gathered(self.workspace, row.person_id, self.kit.now)
        except NotFound:
            self.pane.tell(None)
            return
        self.pane.tell(portrait(known, self.kit.stages(), latest=12), stay=stay)

    def selection(self) -> Selection:
        """The people and conversations of the loops chosen, or of the one under the cursor."""
        rows = self.list.chosen_rows()
        people = dict.fromkeys(row.person_id for row in rows if row.person_id is not None)
        conversations = dict.fromkeys(row.conversation_id for row in rows if row.conversation_id is not None)
        return Selection(conversations=tuple(conversations), people=tuple(people))

    def hints(self) -> Sequence[str]:
        """What is done most."""
        row = self.list.current
        done = "item.done:kept" if row is not None and row.what == "promise" else "item.done:done"
        return ("open", "reply", done, "item.snooze:later", "item.person", "undo", "help")

    def do_open(self, _argument: str) -> None:
        """The conversation it is about; a promise without one leads to the person."""
        row = self.list.current
        if row is not None and row.conversation_id is not None:
            self.go("conversation", str(row.conversation_id))
        elif row is not None:
            self.go("person", str(row.person_id))

    def do_reply(self, _argument: str) -> None:
        """Write to them, where it is about."""
        row = self.list.current
        if row is None or row.conversation_id is None:
            self.do_person_write("")
        else:
            self.go("conversation", f"{row.conversation_id} 0 reply")

    async def do_item_done(self, _argument: str) -> None:
        """A promise was kept; I wait no longer; who waited is put away."""
        people, conversations = self.workspace.people, self.workspace.conversations
        said, rows = "", self._wanted()
        for row in rows:
            if row.what == "promise" and row.person_id is not None:
                said = await people.keep(row.person_id, row.id)
        asked, waits = (tuple(row.id for row in rows if row.what == what) for what in ("asked", "waits"))
        said = await conversations.remind(asked, None) if asked else said
        said = await conversations.done(waits) if waits else said
        self._did("item.done", said)

    async def do_item_snooze(self, argument: str) -> None:
        """Another date for a promise or a reminder; who waits comes back then."""
        rows, words = self._wanted(), argument.strip() or "tomorrow"
        if words in {"r", "until they reply", "reply"}:
            if any(row.what == "promise" for row in rows):
                raise WrongUsage("A promise wants a date, like “friday” or “in 3 days”.")
            until = FOREVER
        else:
            until = await asyncio.to_thread(future, words, now=self.kit.now)
        said = ""
        for row in rows:
            if row.what == "promise":
                said = await self.workspace.loops.move(row.id, until)
        asked, waits = (tuple(row.id for row in rows if row.what == what) for what in ("asked", "waits"))
        said = await self.workspace.conversations.remind(asked, until) if asked else said
        said = await self.workspace.conversations.snooze(waits, until) if waits else said
        self._did("item.snooze", said)

    async def do_promise_drop(self, _argument: str) -> None:
        """A promise was none."""
        rows = [row for row in self._wanted() if row.what == "promise"]
        if not rows:
            raise WrongUsage("Put the cursor on a promise first.")
        said = [await self.workspace.loops.drop(row.id) for row in rows]
        self._did("promise.drop", said[-1])

    def _wanted(self) -> list[Loop]:
        rows = self.list.chosen_rows()
        if not rows:
            raise WrongUsage("Nothing is open here.")
        return rows

    def _did(self, action: str, said: str) -> None:
        self.list.chosen.clear()
        self.say(said)
        self.acted(action, self.selection())
