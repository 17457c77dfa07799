"""Which views the inbox has, and the window on one of them."""

from collections.abc import Sequence

from community.model import NEWEST, OLDEST, RANK, ConversationRow, Looked, Order
from community.query import Query
from community.workspace import Workspace
from tui.kit import Kit
from tui.widgets.run import Window
from tui.widgets.view_list import View

BUILT_IN = (
    ("waiting", "is:waiting"),
    ("reading", "is:reading"),
    ("answered", "is:answered"),
    ("snoozed", "is:snoozed"),
    ("done", "is:done"),
    ("resting", "is:resting"),
    ("starred", "is:starred"),
    ("everything", "is:any"),
)
ORDERS: tuple[tuple[str, Order], ...] = (("by weight", RANK), ("newest first", NEWEST), ("oldest first", OLDEST))
_AT_MOST = 1000
_EMPTY = {
    "waiting": ("Nobody is waiting for you.", "gf goes round and reads what your people published."),
    "reading": ("Nothing new to read.",),
    "answered": ("You have spoken last nowhere.",),
    "snoozed": ("Nothing is snoozed.", "s hides a conversation until a time, or until they write."),
    "done": ("Nothing is done yet.", "d puts a conversation away until somebody writes again."),
    "resting": ("Nothing rests.", "b lets a conversation rest: it stops nagging, and nothing is lost."),
    "starred": ("Nothing is starred.", "* stars a conversation."),
    "everything": ("Nothing has come in yet.", "gm shows the sources; a adds one: paste any address."),
}


class Conversations(Window[ConversationRow]):
    """A window on the conversations a query names."""

    def __init__(self, workspace: Workspace, query: Query, order: Order) -> None:
        self._conversations = workspace.conversations
        self._query = query
        self._order = order
        self._looked = Looked()
        self._from: tuple[int, bool] | None = None

    @property
    def goes_on(self) -> bool:
        """Whether words are said so often that only a part of where could be looked at for the last page."""
        return self._looked.hit is not None

    def page(self, beside: ConversationRow | None, *, forward: bool, limit: int) -> list[ConversationRow]:
        """A page by keyset; after one that was empty, and goes on, from there."""
        place = (beside.id if beside is not None else 0, forward)
        if place != self._from:
            self._looked, self._from = Looked(), place
        return self._conversations.page(
            self._query, order=self._order, beside=beside, forward=forward, limit=limit, looked=self._looked
        )

    def again(self, rows: Sequence[ConversationRow]) -> list[ConversationRow]:
        """These conversations as they are now."""
        return self._conversations.rows([row.id for row in rows])


def views(kit: Kit) -> list[View]:
    """Every view: those every inbox has, the user's own, one for each source."""
    conversations = kit.workspace.conversations
    found = [View(name, query) for name, query in BUILT_IN]
    found += [View(view.name, view.query, "yours") for view in conversations.saved_views()]
    found += [View(source.name, f"source:{source.id}", "sources") for source in kit.workspace.sources()]
    return [View(view.name, view.query, view.group, -1, number) for number, view in enumerate(found, 1)]


def counted(kit: Kit, found: Sequence[View]) -> list[View]:
    """The same with headings, and a number for each that is short and useful to know."""
    result: list[View] = []
    group = ""
    for view in found:
        if view.group != group:
            result += [View(f" {view.group}", "", view.group), View(view.group, "", view.group)]
            group = view.group
        wanted = view.query
        if view.group == "sources":
            wanted = f"{view.query} is:waiting"
        count = kit.workspace.conversations.count(kit.query(wanted), at_most=_AT_MOST)
        result.append(View(view.name, view.query, view.group, count, view.number))
    return [View("", "", row.group) if not row.query and row.name.startswith(" ") else row for row in result]


GOES_ON = "More may follow: go down to look on, or add a word or from: to the query."


def empty(view: str, *, narrowed: bool) -> tuple[str, ...]:
    """What an empty view says."""
    if narrowed:
        return ("Nothing matches.", "Esc shows all again; f changes the query.")
    return _EMPTY.get(view, ("No conversation is in this view.",))
