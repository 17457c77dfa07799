"""A pane to read in: styled lines that are laid out for its width, scrolled line by line."""

from collections.abc import Callable, Sequence

from textual import events
from textual.strip import Strip

from tui.widgets.canvas import Canvas, Piece, blank, spread, strip
from tui.widgets.ink import Look
from tui.widgets.lines import between, paragraphs, taught

__all__ = ["Builder", "Line", "Prose", "between", "paragraphs", "taught"]

Line = Sequence[Piece]
Builder = Callable[[int, Look], Sequence[Line]]
"""Lays a text out: for a width, and with the styles of a theme."""


class Prose(Canvas, can_focus=True):
    """Text that does not change under the reader: it is laid out again only for another width or theme."""

    DEFAULT_CSS = "Prose { width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._build: Builder | None = None
        self._lines: Sequence[Line] = ()
        self._top = 0

    @property
    def text(self) -> str:
        """What the pane says, as plain lines."""
        return "\n".join("".join(text for text, _ in line).rstrip() for line in self._lines)

    def tell(self, build: Builder | None, *, stay: bool = False) -> None:
        """Show another text from its beginning, or with `stay` the same, changed, where it was."""
        self._build = build
        self._top = self._top if stay else 0
        self.fitted()
        self.repaint()

    def fitted(self) -> None:
        """Lay the text out for another width."""
        if self.cells > 0 and self._build is not None:
            self._lines = self._build(max(1, self.cells - 1), self.look)
        elif self._build is None:
            self._lines = ()
        self._top = max(0, min(self._top, self._last_top()))

    def move(self, by: int) -> None:
        """Some lines down, or up."""
        top = max(0, min(self._top + by, self._last_top()))
        if top != self._top:
            self._top = top
            self.repaint()

    def page(self, by: float) -> None:
        """Some screens down, or up."""
        self.move(round(by * self.high))

    def first(self) -> None:
        """To the beginning."""
        self.move(-self._top)

    def last(self) -> None:
        """To the end."""
        self.move(len(self._lines))

    def line(self, y: int) -> Strip:
        """One line of what is on screen; the last one says how much follows."""
        at = self._top + y
        if at >= len(self._lines):
            return blank(self.cells, self.look.text)
        left = len(self._lines) - at - 1
        if y == self.high - 1 and left > 0:
            more: list[Piece] = [(f" {left} more ", self.look.dim)]
            return spread(self._lines[at], more, self.cells, self.look.text)
        return strip(self._lines[at], self.cells, self.look.text)

    def _last_top(self) -> int:
        return max(0, len(self._lines) - max(1, self.high))

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self.move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines up."""
        event.stop()
        self.move(-3)
