"""The reading pane: a conversation as a tree, with a cursor on its items."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from textual.message import Message
from textual.strip import Strip

from community.model import Item
from community.threads import Opened
from tui.display import Displayed
from tui.widgets.canvas import Piece, whole
from tui.widgets.pointed import Pointed
from tui.widgets.thread_layout import Entry
from tui.widgets.thread_text import Card, ThreadText

__all__ = ["Card", "Thread"]

_CACHED = 2000


class Thread(Pointed):
    """A conversation of any length. What it shows, and where, is decided by its `ThreadText`."""

    DEFAULT_CSS = "Thread { width: 1fr; }"

    class Moved(Message):
        """The cursor stands on another item."""

    class Pressed(Message):
        """An item was clicked twice."""

    def __init__(
        self,
        *,
        now: Callable[[], int],
        stages: Mapping[str, str],
        empty: Sequence[str] = (),
        id: str | None = None,  # noqa: A002  Textual's own name
    ) -> None:
        super().__init__(id=id)
        self._now = now
        self._stages = stages
        self.text = ThreadText(now=now, stages=stages, empty=empty)
        self._strips: dict[int, tuple[list[Piece], Strip]] = {}

    # What a place asks for.

    @property
    def empty(self) -> Sequence[str]:
        """What it says without a conversation."""
        return self.text.empty

    @empty.setter
    def empty(self, words: Sequence[str]) -> None:
        self.text.empty = tuple(words)

    @property
    def opened(self) -> Opened | None:
        """The conversation that is shown."""
        return self.text.opened

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on."""
        return self.text.entry

    @property
    def item(self) -> Item | None:
        """The item the cursor is on; None on an unsent reply."""
        return self.text.item

    def show(self, opened: Opened | None, *, at: int | None = None, card: Card | None = None) -> None:
        """Another conversation, the cursor on the item `at`, which is in sight; else on the first new one."""
        self.take(self.text_of(opened, at=at, card=card))

    def text_of(self, opened: Opened | None, *, at: int | None = None, card: Card | None = None) -> ThreadText:
        """The same for later: a text for `take`."""
        text = ThreadText(now=self._now, stages=self._stages, empty=self.empty)
        text.fit(self.cells, self.high, self.look)
        text.show(opened, at=at, card=card)
        return text

    def foresee(self, text: ThreadText, lines: Iterable[int]) -> None:
        """Lines of a text that will be taken soon: what can be done for them now need not be done then."""
        strips = [self._strip(text.line(y, focused=self.has_focus)) for y in lines]
        if isinstance(self.app, Displayed):
            self.app.foresee(strips)

    def take(self, text: ThreadText) -> None:
        """Show what was laid out."""
        if (text.cells, text.high, text.look) != (self.cells, self.high, self.look):
            text.fit(self.cells, self.high, self.look)
        text.empty = self.text.empty
        self.text = text
        self.repaint()

    def renew(self, opened: Opened, *, card: Card | None = None) -> None:
        """The same conversation as it is now: cursor and place stay."""
        self.text.renew(opened, card=card)
        self.repaint()

    def tell_card(self, card: Card | None) -> None:
        """What stands at the foot from now on."""
        self.text.tell_card(card)
        self.repaint()

    def move(self, by: int) -> None:
        """The cursor some items down, or up; through an item that is taller than the pane line by line."""
        self.text.move(by)
        self.repaint()
        self.post_message(self.Moved())

    def scroll_lines(self, by: int) -> None:
        """Some lines down, or up; the cursor stays in sight."""
        self.text.scroll_lines(by)
        self.repaint()

    def page(self, by: float) -> None:
        """Some screens down, or up."""
        self.text.page(by)
        self.repaint()

    def first(self) -> None:
        """The beginning."""
        self.text.first()
        self.repaint()

    def last(self) -> None:
        """The last item."""
        self.text.last()
        self.repaint()

    def go_to(self, item_id: int) -> None:
        """The cursor on an item."""
        self.text.go_to(item_id)
        self.repaint()

    def fold(self) -> None:
        """Close the branch under the cursor, or open it."""
        self.text.fold()
        self.repaint()

    def fold_all(self, *, closed: bool) -> None:
        """Close every branch, or open them."""
        self.text.fold_all(closed=closed)
        self.repaint()

    def show_whole(self) -> bool:
        """Show all of an item that was cut for its length; False when it was not."""
        shown = self.text.show_whole()
        self.repaint()
        return shown

    def redraw(self) -> None:
        """Words that depend on the time have changed."""
        self.text.redraw()
        self.repaint()

    # Painting.

    def fitted(self) -> None:
        """Another size or theme."""
        self._strips.clear()
        self.text.fit(self.cells, self.high, self.look)
        self.repaint()

    def line(self, y: int) -> Strip:
        """One line of the pane."""
        return self._strip(self.text.line(y, focused=self.has_focus))

    def _strip(self, line: list[Piece]) -> Strip:
        found = self._strips.get(id(line))
        if found is None or found[0] is not line:
            if len(self._strips) > _CACHED:
                self._strips.clear()
            found = self._strips[id(line)] = (line, whole(line, self.cells))
        return found[1]

    # The mouse.

    def pointed(self, y: int, *, twice: bool) -> None:
        """The cursor goes where the mouse points."""
        again = self.text.point(y)
        if again is None:
            return
        if again and twice:
            self.post_message(self.Pressed())
        self.repaint()
        self.post_message(self.Moved())

    def wheel(self, by: int) -> None:
        """The text goes with the wheel."""
        self.scroll_lines(by)
