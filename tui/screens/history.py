"""History: what was done here, the newest first; everything of it can be taken back."""

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

from community.actions import Scope
from community.model import JournalEntry
from tui.ages import ago
from tui.kit import Kit
from tui.screens.split import Split
from tui.widgets.canvas import Piece, fit, wide
from tui.widgets.lined import Heading, Lined
from tui.widgets.run import Listed, Window
from tui.words import many

_MOST = 500


class Journal(Lined[JournalEntry]):
    """One line an action; what was taken back is dim."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now

    def name_of(self, row: JournalEntry) -> Hashable:
        """An action is its entry."""
        return row.id

    def drawn(self, row: JournalEntry, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """What was done, and when."""
        look = self.look
        back = row.undone_at is not None
        right = f" {'taken back' if back else ago(row.at, self._now())}  "
        room = max(1, self.cells - 3 - wide(right))
        sign = look.marks.answered if back else look.marks.dot
        return [
            [
                (f" {sign} ", look.dim),
                (fit(row.label, room, dots=look.marks.dots), look.dim if back else look.text),
                (right, look.dim),
            ]
        ]


class History(Split[JournalEntry]):
    """The journal of local actions."""

    tab = "History"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    side_by_side: ClassVar[int] = 1 << 20

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)

    def make_list(self) -> Lined[JournalEntry]:
        """One line an action."""
        return Journal(now=lambda: self.kit.now)

    def window(self) -> Window[JournalEntry | Heading]:
        """The latest actions; of a filter, those whose words hold all of its words."""
        words = self.filter.casefold().split()
        rows = [
            row
            for row in self.workspace.undo.history(limit=_MOST)
            if all(word in row.label.casefold() for word in words)
        ]
        return Listed[JournalEntry | Heading](rows)

    async def do_filter(self, argument: str) -> None:
        """Show only what holds some words."""
        if argument:
            self._narrow(argument)
            return
        self.panel_says("Words of what was done, like “snoozed” or a name.")
        await self.ask_filter(self._narrow, text=self.filter)

    def _narrow(self, text: str) -> None:
        self.filter = text.strip()
        self.load()
        self.frame()

    def teach(self) -> Sequence[str]:
        """What will stand here."""
        key = self.kit.keymap.key_of("undo")
        return (
            "Nothing was done yet.",
            f"Whatever you do here stands in this list, and {key} takes it back, one by one, also after a restart. "
            "What has left for another site is not in it: the outbox shows that.",
        )

    def crumbs(self) -> Sequence[str]:
        """The place."""
        return ("Kith", "History")

    def hints(self) -> Sequence[str]:
        """What can be done here."""
        return ("undo", "redo", "open:back to here", "filter", "back", "help")

    def read(self) -> None:
        """There is nothing beside the list."""

    def do_open(self, _argument: str) -> None:
        """Take back everything down to this one; or do again up to it, when it was taken back."""
        row = self.list.current
        if row is not None:
            self.hold()
            self.run_worker(self._reported(self._swing(row)), group="moves")

    async def _swing(self, row: JournalEntry) -> None:
        entries = self.workspace.undo.history(limit=_MOST)
        back = row.undone_at is None
        if back:
            steps = sum(each.undone_at is None and each.id >= row.id for each in entries)
            question = f"Take back {many(steps, 'action')}, down to this one?"
        else:
            steps = sum(each.undone_at is not None and each.id <= row.id for each in entries)
            question = f"Do {many(steps, 'action')} again, up to this one?"
        if steps > 1 and not await self.confirm(question):
            return
        sentence = ""
        for _ in range(steps):
            sentence = await (self.workspace.undo.undo() if back else self.workspace.undo.redo())
        self.say(sentence if steps == 1 else f"{many(steps, 'action')} {'taken back' if back else 'done again'}.")
        self.renew()
