"""The list of Today: sections with a heading each, and lines of several kinds under them."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from textual.strip import Strip

from community.model import ConversationRow
from tui.widgets.canvas import Piece, cut, fit, spread, strip, wide
from tui.widgets.conversation_list import RowPainter
from tui.widgets.ink import mark
from tui.widgets.rows import Rows


@dataclass(frozen=True, slots=True)
class Line:
    """One line of Today. `kind` is heading, conversation, promise, draft, outbox, desk, alike, hidden or more.

    `target` is what it leads to: an id of what its kind names, or the person's. `state` names its mark.
    """

    kind: str
    key: Hashable
    name: str = ""
    text: str = ""
    note: str = ""
    second: str = ""
    state: str = ""
    conversation: ConversationRow | None = None
    target: int = 0
    promise: int = 0


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
        return row.kind != "heading"

    def tall(self, row: Line) -> int:
        """A heading has a blank line above it; a line may have a second one."""
        if row.kind == "heading":
            return 2
        return 2 if self._two and (row.kind == "conversation" or row.second) else 1

    def paint(self, row: Line, *, here: bool, chosen: bool) -> list[Strip]:
        """The lines of one entry."""
        if row.kind == "heading":
            return self._heading(row)
        if row.kind == "conversation" and row.conversation is not None:
            painter = RowPainter(self.look, self.cells, self._now(), self._stages)
            return painter.lines(row.conversation, here=here, focused=self.has_focus, chosen=chosen, two=self._two)
        look, dots = self.look, self.look.marks.dots
        ink = {"failed": look.bad, "uncertain": look.bad, "draft": look.wait, "by hand": look.wait}.get(
            row.state, look.dim
        )
        sign = mark(look.marks, row.state) if row.state else look.marks.dot
        note = f" {row.note} "
        name_room = min(24, self.cells * 2 // 5) if row.text else self.cells - 3 - wide(note)
        room = max(0, self.cells - 3 - name_room - wide(note))
        lines: list[list[Piece]] = [
            [
                (" ", look.text), (sign, ink), (" ", look.text),
                (fit(row.name, max(1, name_room - 1), dots=dots) + " ", look.text if row.kind != "more" else look.dim),
                (fit(row.text, room, dots=dots), look.dim),
                (note, look.dim),
            ]
        ]  # fmt: skip
        if self.tall(row) > 1:
            words = cut(row.second, max(1, self.cells - 4), dots=dots)
            lines.append([("   ", look.text), (words, look.bad if row.state == "failed" else look.dim)])
        return [self._on_cursor(line, here=here) for line in lines]

    def _heading(self, row: Line) -> list[Strip]:
        look = self.look
        return [
            strip([], self.cells, look.text),
            spread([(" " + row.name, look.strong)], [(f"{row.note}  ", look.dim)], self.cells, look.text),
        ]

    def _on_cursor(self, line: list[Piece], *, here: bool) -> Strip:
        look = self.look
        if not here:
            return strip(line, self.cells, look.text)
        shown = [(text, look.on_cursor(style, focused=self.has_focus)) for text, style in line]
        return strip(shown, self.cells, look.on_cursor(look.text, focused=self.has_focus))
