"""The line above a list that names its views, the one that is shown, and what the list is narrowed to."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.canvas import Canvas, Piece, cut, spread, wide


class Views(Canvas):
    """`1 pending 3   2 spam   3 trash`, and the query at the right."""

    DEFAULT_CSS = "Views { height: 1; }"

    @dataclass
    class Chosen(Message):
        """A view was clicked; the first is 1."""

        number: int

    def __init__(self) -> None:
        super().__init__()
        self._names: tuple[str, ...] = ()
        self._at = 0
        self._note = ""
        self._ends: list[int] = []

    def tell(self, names: Sequence[str], at: int, note: str = "") -> None:
        """The views, the place of the one that is shown, and a word for the right end."""
        if (tuple(names), at, note) != (self._names, self._at, self._note):
            self._names, self._at, self._note = tuple(names), at, note
            self.refresh()

    def _fitting(self) -> list[str]:
        """The names, where there is room; without it those farthest from the shown view are numbers only."""
        names, room = list(self._names), self.cells - min(30, wide(self._note) + 2 if self._note else 0)
        for at in sorted(range(len(names)), key=lambda at: -abs(at - self._at)):
            if 1 + sum(3 + (wide(name) + 2 if name else 0) for name in names) <= room or at == self._at:
                break
            names[at] = ""
        return names

    def line(self, y: int) -> Strip:
        """The only line."""
        look = self.look
        pieces: list[Piece] = [(" ", look.text)]
        used, self._ends = 1, []
        for number, name in enumerate(self._fitting(), 1):
            here = number - 1 == self._at
            gap = "  " if name else ""
            pieces += [(f" {number} ", look.here if here else look.dim), (name, look.here if here else look.dim)]
            pieces.append((gap, look.text))
            used += 3 + wide(name + gap)
            self._ends.append(used)
        room = max(0, self.cells - used - 1)
        note: list[Piece] = (
            [(cut(self._note, room, dots=look.marks.dots) + " ", look.wait)] if self._note and room > 4 else []
        )
        return spread(pieces, note, self.cells, look.text)

    def on_click(self, event: events.Click) -> None:
        """Show the view under the mouse."""
        event.stop()
        for number, end in enumerate(self._ends, 1):
            if event.x < end:
                self.post_message(self.Chosen(number))
                return
