"""How the lines of Today look: sections with a heading each, and lines of several kinds under them."""

from collections.abc import Hashable, Mapping
from typing import NamedTuple

from community.model import ConversationRow
from tui.between import within
from tui.widgets.conversation_rows import RowPainter
from tui.widgets.ink import Look, mark
from tui.widgets.lines import Piece, apart, cut, filled, fit, under_cursor, wide


class Line(NamedTuple):
    """One line of Today.

    `kind` is heading, conversation, promise, overdue, step, draft, outbox, desk, alike, hidden or more.
    `target` is what it leads to: an id of what its kind names, or the person's. `state` names its mark; `reach` says
    which ways lead to the person.
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
    reach: str = ""


OF_PEOPLE = frozenset({"promise", "overdue", "step", "voice", "five"})
"""The kinds of line that stand for a person."""


def takes_cursor(row: Line) -> bool:
    """Headings are passed over."""
    return row.kind != "heading"


_ALWAYS_WHOLE = frozenset({"overdue", "step"})
"""Lines whose reason is as good as the rest of them: it is there on a narrow screen, too."""


def tall(row: Line, *, two: bool) -> int:
    """A heading has a blank line above it; a line may have a second one."""
    if row.kind == "heading":
        return 2
    if row.kind in _ALWAYS_WHOLE and row.second:
        return 2
    return 2 if two and (row.kind == "conversation" or row.second) else 1


class TodayPainter:
    """Draws the lines of Today at one width and time, in one line each or in two."""

    def __init__(self, look: Look, width: int, now: int, stages: Mapping[str, str], *, two: bool) -> None:
        self._look = look
        self._width = width
        self._now = now
        self._stages = stages
        self._two = two

    def lines(self, row: Line, *, here: bool, focused: bool, chosen: bool = False) -> list[list[Piece]]:
        """The lines of one entry, each as wide as the list."""
        if row.kind == "heading":
            return self._heading(row)
        if row.kind == "conversation" and row.conversation is not None:
            painter = RowPainter(self._look, self._width, self._now, self._stages)
            return painter.lines(row.conversation, here=here, focused=focused, chosen=chosen, two=self._two)
        look, dots = self._look, self._look.marks.dots
        ink = {"failed": look.bad, "uncertain": look.bad, "draft": look.wait, "by hand": look.wait}.get(
            row.state, look.dim
        )
        sign = mark(look.marks, row.state) if row.state else look.marks.dot
        note = f" {row.note} " if row.note else " "
        reach = f" {within(row.reach, self._width)}" if row.reach else ""
        said = "" if row.second == row.text and tall(row, two=self._two) > 1 else row.text
        name_room = min(24, self._width * 2 // 5) if said else self._width - 3 - wide(note) - wide(reach)
        room = max(0, self._width - 3 - name_room - wide(note) - wide(reach))
        lines: list[list[Piece]] = [
            [
                (" ", look.text), (sign, ink), (" ", look.text),
                (fit(row.name, max(1, name_room - 1), dots=dots) + " ", look.text if row.kind != "more" else look.dim),
                (fit(said, room, dots=dots), look.dim),
                (reach, look.dim), (note, look.dim),
            ]
        ]  # fmt: skip
        if tall(row, two=self._two) > 1:
            words = cut(row.second, max(1, self._width - 4), dots=dots)
            lines.append([("   ", look.text), (words, look.bad if row.state == "failed" else look.dim)])
        if here:
            fill = look.on_cursor(look.text, focused=focused)
            return [filled(under_cursor(look, line, focused=focused), self._width, fill) for line in lines]
        return [filled(line, self._width, look.text) for line in lines]

    def _heading(self, row: Line) -> list[list[Piece]]:
        look = self._look
        return [
            filled([], self._width, look.text),
            apart([(" " + row.name, look.strong)], [(f"{row.note} ", look.dim)], self._width, look.text),
        ]
