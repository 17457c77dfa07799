"""The inbox: conversations by view, with the conversation beside the list where there is room."""

from collections.abc import Sequence

from textual.app import ComposeResult

from community.actions import Selection
from community.model import NEWEST, OLDEST, RANK, ConversationRow, Order
from community.query import Query
from community.workspace import Workspace
from tui.kit import Kit
from tui.screens.place import Place
from tui.widgets.conversation_list import ConversationList


class Conversations:
    """A window on the conversations a query names."""

    def __init__(self, workspace: Workspace, query: Query, order: Order) -> None:
        self._conversations = workspace.conversations
        self._query = query
        self._order = order

    def page(self, beside: ConversationRow | None, *, forward: bool, limit: int) -> list[ConversationRow]:
        """A page by keyset."""
        key = (float(getattr(beside, self._order.column)), beside.id) if beside is not None else None
        return self._conversations.page(self._query, order=self._order, key=key, forward=forward, limit=limit)

    def again(self, rows: Sequence[ConversationRow]) -> list[ConversationRow]:
        """These conversations as they are now."""
        return self._conversations.rows([row.id for row in rows])


class Inbox(Place):
    """Every conversation, by view."""

    tab = "Inbox"

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.list = ConversationList(
            now=lambda: kit.now, stages=kit.stages(), empty=("Nobody is waiting for you.",), id="list"
        )
        self._view = "is:waiting"
        self._order = RANK

    def body(self) -> ComposeResult:
        """The list."""
        yield self.list

    def load(self) -> None:
        """The view anew."""
        self.list.two_lines = self.app.size.width >= 90
        self.list.show(Conversations(self.workspace, self.kit.query(self._view), self._order))
        self.set_focus(self.list)

    def changed(self) -> None:
        """What is on screen stays where it is."""
        self.list.renew()

    def selection(self) -> Selection:
        """The conversations that are chosen, or the one under the cursor."""
        rows = self.list.picked()
        people = tuple(row.person_id for row in rows if row.person_id is not None)
        return Selection(conversations=tuple(row.id for row in rows), people=people)

    def hints(self) -> Sequence[str]:
        """What is done most."""
        return ("reply", "item.done:done", "item.snooze", "item.person", "search", "help")

    def crumbs(self) -> Sequence[str]:
        """The view."""
        return ("Inbox", self._view.removeprefix("is:"))

    def do_move_down(self, _argument: str) -> None:
        """One row down."""
        self.list.move(1)

    def do_move_up(self, _argument: str) -> None:
        """One row up."""
        self.list.move(-1)


__all__ = ["NEWEST", "OLDEST", "Conversations", "Inbox"]
