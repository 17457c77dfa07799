"""How a conversation looks in a list: one line, or two where there is room."""

from collections.abc import Mapping

from community.model import ConversationRow
from tui.ages import age
from tui.widgets.ink import Ink, Look, mark
from tui.widgets.lines import Piece, filled, fit, under_cursor, wide
from tui.words import reasons, standing


class RowPainter:
    """Draws conversations at one width and time."""

    def __init__(self, look: Look, width: int, now: int, stages: Mapping[str, str]) -> None:
        self._look = look
        self._width = width
        self._now = now
        self._stages = stages

    def lines(self, row: ConversationRow, *, here: bool, focused: bool, chosen: bool, two: bool) -> list[list[Piece]]:
        """One line, or two, each as wide as the list."""
        look = self._look
        result: list[list[Piece]] = []
        for each in self._two(row, chosen) if two else [self._one(row, chosen)]:
            line, fill = (each, look.text)
            if here:
                line, fill = under_cursor(look, each, focused=focused), look.on_cursor(look.text, focused=focused)
            result.append(filled(line, self._width, fill))
        return result

    def _lead(self, row: ConversationRow, chosen: bool) -> list[Piece]:
        look = self._look
        state, ink = row.attention, look.dim
        if row.attention == "waiting":
            ink = look.wait
        elif row.attention == "reading" and row.last_item_id > row.seen_item_id:
            ink = look.text
        sign = look.marks.chosen if chosen else " "
        return [(sign, look.here), (mark(look.marks, state), ink), (" ", look.text)]

    def _ink(self, row: ConversationRow) -> Ink:
        """Names of those who wait, and of what is new, are bold; what is put away is dim."""
        if row.attention == "waiting" or (row.attention == "reading" and row.last_item_id > row.seen_item_id):
            return self._look.strong
        return self._look.dim if row.attention in {"done", "resting", "muted", "snoozed"} else self._look.text

    def _when(self, row: ConversationRow) -> str:
        return age(row.waiting_since or row.last_item_at, self._now)

    def _one(self, row: ConversationRow, chosen: bool) -> list[Piece]:
        look, dots = self._look, self._look.marks.dots
        why = self._why_short(row)
        when = fit(self._when(row), 8, right=True)
        room = self._width - 3 - 9
        why_room = 15 if self._width >= 72 and room > 50 else 0
        room -= why_room
        name_room = max(8, min(22, room * 2 // 5))
        title_room = max(0, room - name_room)
        flags = self._flags(row)
        title = fit(row.title, max(0, title_room - 1 - wide(flags)), dots=dots)
        return [
            *self._lead(row, chosen),
            (fit(row.lead_name or row.source_name, name_room - 1, dots=dots) + " ", self._ink(row)),
            (title, look.text if self._ink(row) is not look.dim else look.dim),
            (flags + " ", look.wait),
            (fit(why, why_room - 1, dots=dots) + " " if why_room else "", look.dim),
            (when + " ", look.dim),
        ]

    def _two(self, row: ConversationRow, chosen: bool) -> list[list[Piece]]:
        look, dots = self._look, self._look.marks.dots
        when = self._when(row)
        flags = self._flags(row)
        wide_enough = self._width >= 56
        name_room = min(24, self._width * 2 // 5) if wide_enough else self._width - 6 - wide(when) - wide(flags)
        first: list[Piece] = [
            *self._lead(row, chosen),
            (fit(row.lead_name or row.source_name, max(1, name_room - 1), dots=dots) + " ", self._ink(row)),
        ]
        plain = look.text if self._ink(row) is not look.dim else look.dim
        why = " · ".join(words for words, _ in reasons(row, self._stages)) or standing(row, self._now)
        if wide_enough:
            room = self._width - 3 - name_room - wide(when) - wide(flags) - 2
            first += [(fit(row.title, room, dots=dots), plain), (flags, look.wait), (f" {when} ", look.dim)]
            second = f"{why} · {row.source_name}" if why else row.source_name
            return [first, [("   ", look.text), (fit(second, self._width - 4, dots=dots), look.dim)]]
        first += [(flags, look.wait), (f" {when} ", look.dim)]
        stands = f" {standing(row, self._now)}" if self._width >= 34 else ""
        room = self._width - 4 - wide(stands)
        return [first, [("   ", look.text), (fit(row.title, room, dots=dots), plain), (stands.rstrip(), look.dim)]]

    def _flags(self, row: ConversationRow) -> str:
        marks = self._look.marks
        flags = (marks.draft if row.has_draft else "") + (marks.star if row.starred_at is not None else "")
        return f" {flags}" if flags else ""

    def _why_short(self, row: ConversationRow) -> str:
        found = reasons(row, self._stages)
        return found[0][1] if found else standing(row, self._now)
