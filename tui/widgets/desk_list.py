"""Comments that wait for moderation: who, what they say, what speaks for or against them, and what is on its way."""

from collections.abc import Callable, Hashable, Sequence

from community.leaving import act_words
from community.model import DeskRow
from community.text import clean_line, links
from tui.ages import age
from tui.widgets.canvas import Piece, fit, wide
from tui.widgets.lined import Lined
from tui.words import many

_STANDING = {"published": "approved", "pending": "waits again", "spam": "spam", "trash": "in the trash"}


class DeskList(Lined[DeskRow]):
    """Two lines a comment. `status` is the one the list is about, `first` says who never wrote before."""

    def __init__(self, *, now: Callable[[], int], first: Callable[[DeskRow], bool], undo_key: str) -> None:
        super().__init__(id="list")
        self.status = "pending"
        self._now = now
        self._first = first
        self._undo_key = undo_key

    def name_of(self, row: DeskRow) -> Hashable:
        """A comment is its item."""
        return row.id

    def high_of(self, row: DeskRow) -> int:  # noqa: D102  said by the base
        return 2

    def drawn(self, row: DeskRow, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Name and first words; under them the reason, or what is on its way."""
        look, dots = self.look, self.look.marks.dots
        settled = row.status != self.status
        when = f" {age(row.created_at, self._now())}  "
        name = min(24, max(8, self.cells // 3))
        sign, ink = (look.marks.waiting, look.wait) if row.status == "pending" and not settled else (" ", look.dim)
        if row.pending_act:
            sign, ink = look.marks.sending, look.here
        elif settled:
            sign, ink = look.marks.done, look.good
        first: list[Piece] = [
            (look.marks.chosen if chosen else " ", look.here),
            (sign + " ", ink),
            (fit(row.name, name - 1, dots=dots) + " ", look.dim if settled else look.strong),
            (fit(clean_line(row.text), max(1, self.cells - 3 - name - wide(when)), dots=dots),
             look.dim if settled else look.text),
            (when, look.dim),
        ]  # fmt: skip
        under = look.here if row.pending_act else look.dim
        return [first, [("   ", look.text), (fit(self.why(row), self.cells - 4, dots=dots), under)]]

    def why(self, row: DeskRow) -> str:
        """What stands under a comment."""
        if row.pending_act:
            return f"{act_words(row.pending_act)} on its way · {self._undo_key} takes it back"
        if row.status != self.status:
            return _STANDING.get(row.status, row.status)
        parts = ["first time here"] if self._first(row) else []
        found = len(links(row.text))
        if found:
            parts.append(many(found, "link"))
        parts += [f"on “{row.subject}”" if row.subject else "", row.source_name]
        return f" {self.look.marks.dot} ".join(each for each in parts if each)
