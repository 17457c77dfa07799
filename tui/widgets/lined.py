"""A list whose rows stand under headings: what the lists of people, articles, sources and hits have in common."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from textual.strip import Strip

from tui.widgets.canvas import Piece, fit, spread, strip, wide
from tui.widgets.rows import Rows

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Heading:
    """A line the cursor does not stop at, with a blank one above it."""

    title: str
    note: str = ""


class Lined(Rows[Row | Heading], Generic[Row]):
    """Rows and headings. A subclass gives `name(row)` and `drawn(row)`; `high_of(row)` where rows differ."""

    DEFAULT_CSS = "Lined { width: 1fr; }"

    def name_of(self, row: Row) -> Hashable:
        """What stays the same of a row when it changes."""
        raise NotImplementedError

    def high_of(self, row: Row) -> int:
        """How many lines a row takes."""
        return 1

    def drawn(self, row: Row, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """The lines of a row, `high_of(row)` of them."""
        raise NotImplementedError

    @property
    def current(self) -> Row | None:
        """The row under the cursor."""
        row = self.row
        return None if isinstance(row, Heading) else row

    def chosen_rows(self) -> list[Row]:
        """The rows an action is about: those chosen, else the one under the cursor."""
        return [row for row in self.picked() if not isinstance(row, Heading)]

    def all_rows(self) -> list[Row]:
        """Every row that is loaded, without the headings."""
        return [row for row in self.loaded if not isinstance(row, Heading)]

    def key(self, row: Row | Heading) -> Hashable:
        """A heading is its title."""
        return ("heading", row.title) if isinstance(row, Heading) else self.name_of(row)

    def tall(self, row: Row | Heading) -> int:
        """A heading takes two lines."""
        return 2 if isinstance(row, Heading) else self.high_of(row)

    def takes_cursor(self, row: Row | Heading) -> bool:
        """Every row does."""
        return not isinstance(row, Heading)

    def paint(self, row: Row | Heading, *, here: bool, chosen: bool) -> list[Strip]:
        """The lines of a row or a heading."""
        look = self.look
        if isinstance(row, Heading):
            title = fit(row.title, max(1, self.cells - 12), dots=look.marks.dots).rstrip()
            note = [(f"{row.note}  ", look.dim)] if row.note else []
            return [
                strip([], self.cells, look.text),
                spread([("  " + title, look.strong)], note, self.cells, look.text),
            ]
        fill = look.on_cursor(look.text, focused=self.has_focus) if here else look.text
        lines: list[Strip] = []
        for each in self.drawn(row, chosen=chosen):
            pieces = [(text, look.on_cursor(ink, focused=self.has_focus)) for text, ink in each] if here else each
            lines.append(strip(pieces, self.cells, fill))
        return lines

    def columns(self, left: Sequence[Piece], right: Sequence[Piece], *, here: bool = False) -> Sequence[Piece]:
        """Pieces with a gap between that brings the last ones to the right edge; the left gives way."""
        room = max(0, self.cells - sum(wide(text) for text, _ in right))
        pieces: list[Piece] = []
        used = 0
        for text, ink in left:
            size = min(wide(text), room - used)
            pieces.append((fit(text, size, dots=self.look.marks.dots) if size < wide(text) else text, ink))
            used += size
        return [*pieces, (" " * (room - used), self.look.text), *right]
