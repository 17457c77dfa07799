"""The list of Today: sections with a heading each, and what wants me under them."""

from collections.abc import Callable, Hashable, Mapping

from textual.strip import Strip

from tui.widgets.canvas import strip
from tui.widgets.rows import Rows
from tui.widgets.today_rows import Line, TodayPainter, takes_cursor, tall


class TodayList(Rows[Line]):
    """What wants me today, section by section."""

    DEFAULT_CSS = "TodayList { width: 1fr; }"

    def __init__(self, *, now: Callable[[], int], stages: Mapping[str, str]) -> None:
        super().__init__(id="list")
        self._now = now
        self._stages = stages
        self._two = True

    def in_two_lines(self, wanted: bool) -> None:
        """One line each, or two."""
        if wanted != self._two:
            self._two = wanted
            self.fitted()

    def key(self, row: Line) -> Hashable:
        """What it is about, and in which section."""
        return row.key

    def takes_cursor(self, row: Line) -> bool:
        """Headings are passed over."""
        return takes_cursor(row)

    def tall(self, row: Line) -> int:
        """A heading has a blank line above it; a line may have a second one."""
        return tall(row, two=self._two)

    def paint(self, row: Line, *, here: bool, chosen: bool) -> list[Strip]:
        """The lines of one entry."""
        painter = TodayPainter(self.look, self.cells, self._now(), self._stages, two=self._two)
        lines = painter.lines(row, here=here, focused=self.has_focus, chosen=chosen)
        return [strip(line, self.cells, self.look.text) for line in lines]
