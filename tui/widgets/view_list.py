"""The views of the inbox, each with how many conversations are in it."""

from collections.abc import Hashable
from dataclasses import dataclass

from textual.strip import Strip

from tui.widgets.canvas import fit, strip
from tui.widgets.rows import Rows


@dataclass(frozen=True, slots=True)
class View:
    """One view: what it is called, the query behind it, the group it stands in, and the source it is of, if any."""

    name: str
    query: str
    group: str = ""
    count: int = -1
    number: int = 0
    source_id: int = 0

    @property
    def key(self) -> Hashable:
        """What stays the same of it: two sources may be called alike."""
        return (self.group, self.name, self.source_id)


class ViewList(Rows[View]):
    """A narrow list at the left. A row without a query is a heading, or a blank line."""

    DEFAULT_CSS = "ViewList { width: 16%; min-width: 24; max-width: 32; }"

    def __init__(self) -> None:
        super().__init__(id="views")
        self.current = ""

    def key(self, row: View) -> Hashable:
        """A view is its name within its group, and its source."""
        return row.key

    def takes_cursor(self, row: View) -> bool:
        """Headings are passed over."""
        return bool(row.query)

    def paint(self, row: View, *, here: bool, chosen: bool) -> list[Strip]:
        """Number, name and count."""
        look = self.look
        if not row.query:
            return [strip([(" " + fit(row.name, self.cells - 2), look.dim)], self.cells, look.text)]
        shown = row.name == self.current
        count = "" if row.count < 0 else "999+" if row.count > 999 else str(row.count)
        sign = str(row.number) if 0 < row.number < 10 else " "
        pieces = [
            (f" {sign} ", look.dim),
            (fit(row.name, max(1, self.cells - 9), dots=look.marks.dots), look.here if shown else look.text),
            (fit(count, 5, right=True) + " ", look.wait if row.name == "waiting" and row.count else look.dim),
        ]
        fill = look.text
        if here and self.has_focus:
            pieces = [(text, look.on_cursor(style, focused=True)) for text, style in pieces]
            fill = look.on_cursor(fill, focused=True)
        return [strip(pieces, self.cells, fill)]
