"""A list with a reading pane beside it where there is room, and one at a time where there is none."""

from collections.abc import Sequence
from typing import ClassVar, Generic, TypeVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from community.errors import WrongUsage
from community.query import Query
from tui.kit import Kit
from tui.screens.place import Place
from tui.widgets.frame import Divider
from tui.widgets.lined import Heading, Lined
from tui.widgets.prose import Prose
from tui.widgets.rows import Rows
from tui.widgets.run import Window
from tui.widgets.views import Views

Row = TypeVar("Row")


class Split(Place, Generic[Row]):
    """A place made of a list and a pane. A subclass says what is in the list, and what the pane tells of a row."""

    DEFAULT_CSS = """
    Split #left { width: 1fr; height: 1fr; }
    """

    views: ClassVar[tuple[str, ...]] = ()
    """The names of the views, chosen by number."""
    target: ClassVar[str] = ""
    """Which list the query language is spoken to; "" for a place without a filter."""
    fields: ClassVar[str] = ""
    """The fields of the query language that are worth a mention in the question."""
    share: ClassVar[float] = 0.45
    """How much of the width the list takes."""
    widest: ClassVar[int] = 86
    side_by_side: ClassVar[int] = 90

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.list: Lined[Row] = self.make_list()
        self.pane = Prose(id="pane")
        self.tabs = Views()
        self.view = 0
        self.filter = ""
        self.is_reading = False
        self._divider = Divider()
        self._left = Vertical(id="left")
        self._told_of: object = None

    # What a subclass says.

    def make_list(self) -> Lined[Row]:
        """The list."""
        raise NotImplementedError

    def window(self) -> Window[Row | Heading]:
        """Where its rows come from, for the view and the filter of now."""
        raise NotImplementedError

    def teach(self) -> Sequence[str]:
        """What an empty list says: what it is for, and how something comes to be in it."""
        return ("There is nothing here.",)

    def tell(self, row: Row | None, *, stay: bool) -> None:
        """Let the pane tell of a row, None for nothing. `stay` is true when it is the same row, changed."""
        self.pane.tell(None)

    def labels(self) -> Sequence[str]:
        """The names of the views as they are shown, with counts where they help."""
        return self.views

    def noted(self) -> str:
        """A word at the right end of the line of views."""
        return f"f: {self.filter}" if self.filter else ""

    # The frame.

    def body(self) -> ComposeResult:
        """The list on the left, the pane on the right."""
        with self._left:
            if self.views:
                yield self.tabs
            yield self.list
        yield self._divider
        yield self.pane

    @property
    def is_wide(self) -> bool:
        """Whether both panes are on screen."""
        return self.app.size.width >= self.side_by_side

    def fold(self) -> None:
        """One pane or two, by width."""
        width = self.app.size.width
        both = self.is_wide
        self._left.display = both or not self.is_reading
        self.pane.display = both or self.is_reading
        self._divider.display = both
        self._left.styles.width = min(self.widest, round(width * self.share)) if both else "1fr"
        if not both and self.focused is not None and not self.focused.display:
            self.set_focus(self.pane if self.is_reading else self.list)

    def on_resize(self, event: events.Resize) -> None:
        """Fold or unfold."""
        super().on_resize(event)
        self.fold()

    def joints(self) -> Sequence[int]:
        """The line between the panes."""
        return (self._divider.region.x,) if self.is_wide and self._divider.region.width else ()

    def crumbs(self) -> Sequence[str]:
        """The place; the list's own line names the view."""
        return (self.tab,)

    # The list.

    def load(self) -> None:
        """The view anew."""
        self.fold()
        self.list.empty = tuple(self._nothing() if self.filter else self.teach())
        self.list.show(self.window())
        self._tabs()
        if self.focused is None and not self.is_asking:
            self.set_focus(self.list)

    def changed(self) -> None:
        """What is on screen stays where it is."""
        self.list.empty = tuple(self._nothing() if self.filter else self.teach())
        self.list.renew(self.window())
        self._tabs()
        self._told_of = None
        self._tell(stay=True)

    def ages(self) -> None:
        """Words like “3 min” have changed."""
        self.list.redraw()

    def _tabs(self) -> None:
        self.tabs.tell(self.labels(), self.view, self.noted())

    def _nothing(self) -> Sequence[str]:
        return (f"Nothing matches “{self.filter}”.", f"{self.kit.keymap.key_of('back')} shows everything again.")

    def query_of(self, *more: str) -> Query:
        """The filter, with terms of the view, as a query for this list."""
        return self.kit.query(" ".join(each for each in (*more, self.filter) if each), self.target)

    @on(Rows.Moved)
    def moved(self, event: Rows.Moved) -> None:
        """The pane follows the cursor."""
        if event.rows is self.list:
            self._tell(stay=False)

    def _tell(self, *, stay: bool) -> None:
        row = self.list.current
        if row is not None and row == self._told_of and not stay:
            return
        self._told_of = row
        self.tell(row, stay=stay)

    @on(Rows.Opened)
    def opened(self) -> None:
        """A row was clicked twice."""
        self.perform("open")

    @on(Views.Chosen)
    def view_clicked(self, event: Views.Chosen) -> None:
        """A view was clicked."""
        self.perform("view", str(event.number))

    # Moves.

    def mover(self) -> Lined[Row] | Prose:
        """What the moving keys move."""
        return self.pane if self.focused is self.pane else self.list

    def do_read_down(self, _argument: str) -> None:
        """Scroll the pane from the list."""
        self.pane.move(3)

    def do_read_up(self, _argument: str) -> None:
        """Scroll the pane back."""
        self.pane.move(-3)

    def do_move_pane_right(self, _argument: str) -> None:
        """Into the pane."""
        self.read()

    def do_move_pane_left(self, _argument: str) -> None:
        """Back to the list."""
        self.unread()

    def do_open(self, _argument: str) -> None:
        """Read what the cursor is on."""
        self.read()

    def do_item_select(self, _argument: str) -> None:
        """Choose this row for a bulk action."""
        self.list.choose()

    def read(self) -> None:
        """Go into the pane; on a narrow screen it takes the place of the list."""
        if self.list.current is None:
            return
        self.is_reading = True
        self.fold()
        self._focus(self.pane)

    def unread(self) -> bool:
        """Back to the list; False when that is where one was."""
        was = self.is_reading or self.focused is self.pane
        self.is_reading = False
        self.fold()
        self._focus(self.list)
        return was

    def _focus(self, widget: Widget) -> None:
        self.set_focus(widget)
        self.frame()

    def step_back(self) -> bool:
        """Out of the pane, then out of the filter."""
        if self.unread():
            return True
        if self.list.chosen:
            self.list.chosen.clear()
            self.list.redraw()
            return True
        if self.filter:
            self.filter = ""
            self.load()
            return True
        return False

    # Views and the filter.

    def do_view(self, argument: str) -> None:
        """The view with this number or name."""
        named = next((at for at, name in enumerate(self.views, 1) if argument and name.startswith(argument)), 0)
        number = int(argument) if argument.isdecimal() else named
        if not 1 <= number <= len(self.views):
            raise WrongUsage(f"There is no view {argument}: {self._numbers()}.")
        self.unread()
        self.view = number - 1
        self.load()
        self.frame()

    def _numbers(self) -> str:
        return ", ".join(f"{at} {name}" for at, name in enumerate(self.views, 1)) or "this place has none"

    async def do_filter(self, argument: str) -> None:
        """Show only what a query names; a wrong one says what is wrong and where, and asks again."""
        if not self.target:
            raise WrongUsage("This list has no filter.")
        if argument:
            self._narrow(argument)
            return
        self.panel_says(f"For example: {self.fields}")
        await self.ask_filter(self._narrow, text=self.filter)

    def _narrow(self, text: str) -> None:
        self.kit.query(text, self.target)
        self.filter = text.strip()
        self.unread()
        self.load()
        self.frame()
