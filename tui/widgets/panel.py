"""A list of choices above the footer: what may follow a prefix, what completes a command, what a question offers."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.canvas import Canvas, Piece, fit, strip, wide
from tui.widgets.choices import Choice

__all__ = ["Choice", "Panel"]


class Panel(Canvas):
    """Shown over the lower lines of a place; takes no focus."""

    DEFAULT_CSS = "Panel { layer: above; dock: bottom; width: 1fr; height: auto; display: none; }"

    @dataclass
    class Picked(Message):
        """A choice was clicked."""

        choice: Choice

    def __init__(self) -> None:
        super().__init__()
        self.choices: tuple[Choice, ...] = ()
        self.at = -1
        self._title = ""
        self._top = 0
        self._columns = 1

    @property
    def choice(self) -> Choice | None:
        """The choice the mark stands at."""
        return self.choices[self.at] if 0 <= self.at < len(self.choices) else None

    @property
    def offers(self) -> bool:
        """Whether there is anything to choose, and not only something said."""
        return any(each.key or each.value for each in self.choices)

    def show(
        self, title: str, choices: Sequence[Choice], *, at: int = -1, columns: bool = False, above: int = 2
    ) -> None:
        """Open, or change what is open. `at` is the marked choice, -1 for none; `above` leaves lines below it free."""
        self.choices, self._title, self.at, self._top = tuple(choices), title, at, 0
        width = max(self.screen.size.width, 1)
        self._columns = max(1, min(4, width // 38)) if columns else 1
        lines = -(-len(self.choices) // self._columns)
        room = max(1, self.screen.size.height - above - 4)
        self.styles.height = min(lines + 1, room)
        self.styles.margin = (0, 0, above, 0)
        self.display = bool(self.choices)
        self._follow()
        self.refresh()

    def close(self) -> None:
        """Away with it."""
        self.display = False
        self.choices = ()

    def move(self, by: int) -> None:
        """The mark some choices down or up, round the ends."""
        if self.choices:
            self.at = (self.at + by) % len(self.choices)
            self._follow()
            self.refresh()

    def _follow(self) -> None:
        height = max(1, self.high - 1)
        if self.at >= 0:
            self._top = max(min(self._top, self.at), self.at - height + 1, 0)

    def fitted(self) -> None:
        """The height follows the choices."""
        self._follow()

    def line(self, y: int) -> Strip:
        """The title, then the choices."""
        look = self.look
        if y == 0:
            head = f" {self._title} " if self._title else ""
            bar = look.marks.across * max(0, self.cells - wide(head) - 1)
            return strip([(look.marks.across, look.panel_dim), (head, look.panel_key), (bar, look.panel_dim)],
                         self.cells, look.panel)  # fmt: skip
        if self._columns > 1:
            return strip(self._in_columns(y - 1), self.cells, look.panel)
        at = self._top + y - 1
        if at >= len(self.choices):
            return strip([], self.cells, look.panel)
        pieces = self._cell(self.choices[at], self.cells - 2, whole=True)
        if at == self.at:
            pieces = [(text, look.on_cursor(style, focused=True)) for text, style in pieces]
        return strip([(" ", look.panel), *pieces], self.cells, look.panel)

    def _in_columns(self, y: int) -> list[Piece]:
        height = max(1, self.high - 1)
        width = self.cells // self._columns
        pieces: list[Piece] = []
        for column in range(self._columns):
            at = column * height + y
            if at < len(self.choices):
                pieces += [(" ", self.look.panel), *self._cell(self.choices[at], width - 1, whole=False)]
        return pieces

    def _cell(self, choice: Choice, width: int, *, whole: bool) -> list[Piece]:
        look = self.look
        keys = max((wide(each.key) for each in self.choices), default=0)
        pieces: list[Piece] = [(fit(choice.key, keys + 2), look.panel_key)] if keys else []
        room = max(0, width - (keys + 2 if keys else 0))
        if not whole or not choice.help:
            return [*pieces, (fit(choice.label, room, dots=look.marks.dots), look.panel)]
        label = min(max((wide(each.label) for each in self.choices), default=0), room // 2) + 2
        return [
            *pieces,
            (fit(choice.label, label, dots=look.marks.dots), look.panel),
            (fit(choice.help, room - label, dots=look.marks.dots), look.panel_dim),
        ]

    def on_click(self, event: events.Click) -> None:
        """Pick the choice under the mouse."""
        event.stop()
        height = max(1, self.high - 1)
        column = event.x // max(1, self.cells // self._columns) if self._columns > 1 else 0
        at = self._top + column * height + event.y - 1
        if event.y > 0 and at < len(self.choices):
            self.post_message(self.Picked(self.choices[at]))
