"""What Kith holds on one person: every row, kind by kind; and the way to forget it."""

from collections.abc import Callable, Hashable, Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import NotFound, WrongUsage
from community.model import HeldRow
from community.text import clean_line
from tui.ages import day
from tui.kit import Kit
from tui.screens.person_verbs import PersonVerbs
from tui.screens.split import Split
from tui.widgets.canvas import Piece, fit, wide
from tui.widgets.lined import Heading, Lined
from tui.widgets.run import Listed, Window

_MOST = 100
TITLES = {
    "handle": "Handles",
    "feed": "Their own feeds",
    "words": "What they wrote",
    "signal": "Likes, boosts and follows",
    "answer": "What you answered",
    "unsent": "Drafts, and what is on its way",
    "note": "Your notes",
    "promise": "Promises",
    "touchpoint": "Contacts you logged",
    "stage": "Changes of stage",
    "outcome": "What came of it",
    "tag": "Tags",
    "evidence": "What they are recognised by",
    "verdict": "What you said about who they are",
    "joined": "Joined with",
}


class HeldList(Lined[HeldRow]):
    """One line a row."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now

    def name_of(self, row: HeldRow) -> Hashable:
        """What it is, and which."""
        return (row.kind, row.id, row.text)

    def drawn(self, row: HeldRow, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """When, what and where."""
        look = self.look
        when = f"{day(row.at, self._now()) if row.at else '':>10}  "
        where = f"  {row.place}  " if row.place else "  "
        room = max(1, self.cells - wide(when) - wide(where))
        return [
            [(when, look.dim), (fit(clean_line(row.text), room, dots=look.marks.dots), look.text), (where, look.dim)]
        ]


class Held(PersonVerbs, Split[HeldRow]):
    """Everything about one person that is in the file."""

    tab = "People"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.PERSON, Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    side_by_side: ClassVar[int] = 1 << 20

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        self._person_id = int(argument) if argument.isdecimal() else 0
        self._name = ""

    def make_list(self) -> Lined[HeldRow]:
        """One line a row."""
        return HeldList(now=lambda: self.kit.now)

    def load(self) -> None:
        """The person as they are now."""
        try:
            self._person_id = self.workspace.identities.now(self._person_id)
            self._name = self.workspace.people.card(self._person_id).person.name
        except NotFound as error:
            raise WrongUsage("This person is not here any more.") from error
        super().load()

    def window(self) -> Window[HeldRow | Heading]:
        """The latest of each kind under its heading, which says how many there are."""
        counts = self.workspace.forgetting.counts(self._person_id)
        rows: list[HeldRow | Heading] = []
        last = ""
        for row in self.workspace.forgetting.rows(self._person_id, limit=_MOST):
            if row.kind != last:
                last = row.kind
                more = f"{counts[row.kind]}, the latest {_MOST}" if counts[row.kind] > _MOST else str(counts[row.kind])
                rows.append(Heading(TITLES[row.kind], more))
            rows.append(row)
        return Listed[HeldRow | Heading](rows)

    def teach(self) -> Sequence[str]:
        """Nothing is left."""
        return ("Kith holds nothing on this person.",)

    def crumbs(self) -> Sequence[str]:
        """The way here."""
        return ("People", self._name, "what is held") if self._name else ("People",)

    def selection(self) -> Selection:
        """The person."""
        return Selection(people=(self._person_id,))

    def hints(self) -> Sequence[str]:
        """What can be done about all of it."""
        hidden = self.workspace.people.card(self._person_id).person.forgotten_at
        acts = ("person.for_good:for good", "person.bring_back:bring back") if hidden else ("person.forget:forget",)
        return (*acts, "undo", "back", "help")

    def read(self) -> None:
        """There is nothing beside the list."""

    def do_open(self, _argument: str) -> None:
        """A row is all there is of it."""
