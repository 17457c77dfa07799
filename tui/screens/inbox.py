"""The inbox: conversations by view, with the conversation beside the list where there is room."""

from collections.abc import Sequence

from textual import on
from textual.app import ComposeResult

from community.errors import WrongUsage
from tui.errors import reporting
from tui.kit import Kit
from tui.screens.beside import LEAVES, THREE, Beside
from tui.screens.inbox_views import GOES_ON, ORDERS, Conversations, Views, empty, named
from tui.widgets.conversation_list import ConversationList
from tui.widgets.frame import Divider
from tui.widgets.rows import Rows
from tui.widgets.run import Listed
from tui.widgets.view_list import View, ViewList

_BY_ATTENTION = frozenset({"waiting", "reading", "answered", "snoozed", "done", "resting"})


class Inbox(Beside):
    """Every conversation, by view."""

    CSS_PATH = "inbox.tcss"
    tab = "Inbox"

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.listing: ConversationList = ConversationList(now=lambda: kit.now, stages=kit.stages(), id="list")
        self.views = ViewList()
        self.view = View("waiting", "is:waiting")
        self.filter = ""
        self._views_split = Divider(id="split-views")
        self._order = 0
        self._order_shown = ""

    # What a place says of itself.

    def body(self) -> ComposeResult:
        """Views, list, conversation."""
        yield self.views
        yield self._views_split
        yield self.listing
        yield self.split
        yield self.pane()

    def load(self) -> None:
        """The view anew; the cursor keeps its conversation when it is still there."""
        here = self.listing.row
        self.fold_panes()
        query = self.kit.query(f"{self.view.query} {self.filter}".strip())
        self.listing.empty = empty(self.view.name, narrowed=bool(self.filter))
        name, order = ORDERS[self._order]
        is_by_hits = self.workspace.conversations.is_by_hits(query, order=order)
        self._order_shown = name if self._order else ""
        if is_by_hits:
            self._order_shown = "oldest words first" if order.ascending else "latest words first"
        self.listing.show(Conversations(self.workspace, query, order), at=here.id if here is not None else None)
        if self.listing.goes_on:
            self.listing.empty = ("Nothing is found so far.", GOES_ON)
        self.count_views()
        if self.focused is None:
            self.set_focus(self.listing)
        self.follow_list(now=True)

    def changed(self) -> None:
        """What is on screen stays where it is, whatever became of it elsewhere."""
        self.listing.renew(leaving=self.leaving)
        self.count_views()
        self.reread()

    def fold_panes(self) -> None:
        """One pane, two, or three."""
        super().fold_panes()
        three = self.app.size.width >= THREE
        self.views.display = self._views_split.display = three
        self.listing.in_two_lines(not self.one_pane())

    def widened(self) -> None:
        """The views may have come on screen."""
        self.count_views()
        super().widened()

    def count_views(self) -> None:
        """How many conversations are in each view, when that can be seen."""
        self.views.current = self.view.name
        if self.views.display:
            shown = Views(self.kit)
            if self.views.loaded:
                self.views.renew(shown)
                self.views.redraw()
            else:
                self.views.show(shown)

    def crumbs(self) -> Sequence[str]:
        """The view, what it is narrowed to, and the conversation when it fills the screen."""
        parts = ["Inbox", self.view.name]
        if self.filter:
            parts.append(self.filter)
        if self._order_shown:
            parts[-1] += f", {self._order_shown}"
        if self.one_pane() and self.is_reading and self.thread.opened is not None:
            parts.append(self.thread.opened.row.title)
        return parts

    def enter(self, argument: str) -> None:
        """A view by its name."""
        found = named(self.kit, argument)
        if found is not None:
            self.show_view(found)

    def leaves(self, action: str) -> bool:
        """A view by attention loses what is given another."""
        return self.view.name in _BY_ATTENTION and LEAVES.get(action, self.view.name) != self.view.name

    def step_back(self) -> bool:
        """From the conversation to the list, from a choice to none, from a query to all."""
        if super().step_back():
            return True
        if self.filter:
            self.filter = ""
            self.load()
            return True
        return False

    # Views.

    @on(Rows.Moved, "#list")
    def at_the_end(self) -> None:
        """The last row that was found says so when there may be more."""
        if self.listing.goes_on:
            self.say(GOES_ON)

    @on(Rows.Moved, "#views")
    def other_view(self) -> None:
        """The view under the cursor is shown."""
        row = self.views.row
        if self.views.has_focus and row is not None and (row.query, row.name) != (self.view.query, self.view.name):
            self.show_view(row)

    def show_view(self, view: View) -> None:
        """Another view, from its top; the old one stays when its query is wrong."""
        before, self.view = self.view, view
        if not self.views.has_focus:
            self.leave_conversation()
        self.listing.show(Listed([]))
        shown = False
        with reporting(self):
            self.load()
            shown = True
        if not shown:
            self.view = before
            self.load()
        self.frame()

    def do_open(self, argument: str) -> None:
        """From the views into the list, from the list into the conversation."""
        if self.views.has_focus:
            self.listing.focus()
        else:
            super().do_open(argument)

    def do_move_pane_right(self, argument: str) -> None:
        """The same."""
        if self.views.has_focus:
            self.listing.focus()
        else:
            super().do_move_pane_right(argument)

    def do_move_pane_left(self, _argument: str) -> None:
        """Conversation, list, views."""
        if not self.leave_conversation() and self.views.display:
            self.views.go_to(self.view.key)
            self.views.focus()

    def do_view(self, argument: str) -> None:
        """The view with a number, or a name."""
        found = named(self.kit, argument)
        if found is None:
            raise WrongUsage(f"There is no view {argument}.")
        self.show_view(found)

    def do_order(self, _argument: str) -> None:
        """By weight, newest first, oldest first."""
        self._order = (self._order + 1) % len(ORDERS)
        self.load()
        self.frame()
        self.say(f"Order: {self._order_shown or ORDERS[0][0]}.")

    # Narrowing.

    async def do_filter(self, argument: str) -> None:
        """Narrow the view by a query; a wrong one says what is wrong and where, and asks again."""
        if argument:
            self._narrow(argument)
            return
        await self.ask_filter(self._narrow, text=self.filter)

    def _narrow(self, text: str) -> None:
        self.kit.query(text)
        self.filter = text.strip()
        self.load()
        self.frame()

    async def do_filter_save(self, argument: str) -> None:
        """Keep the query as a view."""
        query = f"{self.view.query} {self.filter}".strip()
        name = argument or await self.ask(f"Name for “{query}”")
        if name:
            await self.workspace.conversations.save_view(name, query)
            self.say(f"Saved as the view “{name}”.")
            self.renew()
