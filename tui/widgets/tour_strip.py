"""The tour above the footer: three lines that hide nothing of what they teach."""

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.canvas import Canvas, spread, strip, wide, wrapped

_LOWEST = 16


class TourStrip(Canvas):
    """A title with the number of the step, and two lines of words."""

    DEFAULT_CSS = "TourStrip { height: 3; display: none; }"

    class Closed(Message):
        """Its end was clicked."""

    def __init__(self) -> None:
        super().__init__()
        self._title = ""
        self._close = ""
        self._words = ""

    def tell(self, title: str, words: str, close: str) -> None:
        """Show a step; no words hide the strip, and so does a screen without room for it."""
        shown = bool(words) and self.screen.size.height >= _LOWEST
        if (title, words, close) != (self._title, self._words, self._close) or bool(self.display) != shown:
            self._title, self._words, self._close = title, words, close
            self.display = shown
            self.refresh()

    def line(self, y: int) -> Strip:
        """The title, then the words."""
        look = self.look
        if y == 0:
            bar = look.marks.across
            head = f" {bar}{bar} {self._title} "
            tail = f" {self._close} {bar}{bar} "
            room = max(0, self.cells - wide(head) - wide(tail))
            return spread([(head, look.here), (bar * room, look.rule)], [(tail, look.dim)], self.cells, look.text)
        lines = wrapped(self._words, max(1, self.cells - 4))
        words = lines[y - 1] if y - 1 < len(lines) else ""
        return strip([("  " + words, look.text)], self.cells, look.text)

    def on_click(self, event: events.Click) -> None:
        """The end of the title closes it."""
        if event.y == 0 and event.x > self.cells // 2:
            self.post_message(self.Closed())
