"""Which views the inbox has, and the windows on them and on one of them."""

from collections.abc import Sequence
from dataclasses import replace

from community.model import NEWEST, OLDEST, RANK, ConversationRow, Looked, Order, Source
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
_SOURCES = "sources"
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


def _head(kit: Kit) -> list[View]:
    found = [View(name, query) for name, query in BUILT_IN]
    found += [View(view.name, view.query, "yours") for view in kit.workspace.conversations.saved_views()]
    return [replace(view, number=number) for number, view in enumerate(found, 1)]


def _of(source: Source) -> View:
    return View(source.name, f"source:{source.id}", _SOURCES, source_id=source.id)


def named(kit: Kit, name: str) -> View | None:
    """The view with a number or a name; those of sources have no numbers. None when there is none."""
    head = (view for view in _head(kit) if name in {str(view.number), view.name})
    return next(head, None) or next((_of(each) for each in kit.workspace.sources() if each.name == name), None)


class Views(Window[View]):
    """Every view under headings: those every inbox has, the user's own, and one for each source, page by page.

    Each has a number where that is short and useful to know; a view of a source says where somebody waits.
    """

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._rows: list[View] = []
        for view in _head(kit):
            self._rows += [*self._heading(view.group), view]
        if kit.workspace.has_sources():
            self._rows += self._heading(_SOURCES)

    def _heading(self, group: str) -> list[View]:
        if group == (self._rows[-1].group if self._rows else ""):
            return []
        return [View("", "", group), View(group, "", group)]

    def page(self, beside: View | None, *, forward: bool, limit: int) -> list[View]:
        """A page by keyset."""
        place = None if beside is None or not beside.source_id else beside
        above = self._rows
        if place is None and beside is not None:
            at = next((at for at, row in enumerate(above) if row.key == beside.key), len(above) - 1)
            above = above[at + 1 :] if forward else above[:at]
        if not forward:
            found = [] if place is None and beside is not None else self._sources(place, forward=False, limit=limit)
            return self._counted([*above[max(0, len(above) + len(found) - limit) :], *found])
        found = above[:limit] if place is None else []
        return self._counted([*found, *self._sources(place, forward=True, limit=limit - len(found))])

    def again(self, rows: Sequence[View]) -> list[View]:
        """These views as they are now."""
        there = {row.key: row for row in self._rows}
        there |= {
            each.key: each
            for each in map(_of, self._kit.workspace.source_rows(row.source_id for row in rows if row.source_id))
        }
        return self._counted([there[row.key] for row in rows if row.key in there])

    def _sources(self, beside: View | None, *, forward: bool, limit: int) -> list[View]:
        if limit <= 0:
            return []
        place = (beside.name, beside.source_id) if beside is not None else None
        return [*map(_of, self._kit.workspace.source_page(beside=place, forward=forward, limit=limit))]

    def _counted(self, rows: Sequence[View]) -> list[View]:
        workspace = self._kit.workspace
        waiting = workspace.waiting_at((row.source_id for row in rows if row.source_id), at_most=_AT_MOST)
        return [
            replace(row, count=waiting[row.source_id])
            if row.source_id
            else replace(row, count=workspace.conversations.count(self._kit.query(row.query), at_most=_AT_MOST))
            if row.query
            else row
            for row in rows
        ]


GOES_ON = "More may follow: go down to look on, or add a word or from: to the query."


def empty(view: str, *, narrowed: bool) -> tuple[str, ...]:
    """What an empty view says."""
    if narrowed:
        return ("Nothing matches.", "Esc shows all again; f changes the query.")
    return _EMPTY.get(view, ("No conversation is in this view.",))
