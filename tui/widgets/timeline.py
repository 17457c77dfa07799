"""Everything between a person and me, the newest first: words, light touches, and what I wrote down."""

from collections.abc import Callable, Hashable, Sequence
from datetime import UTC, datetime

from community.model import TimelineRow
from tui.ages import day
from tui.widgets.canvas import Piece, fit
from tui.widgets.lined import Heading, Lined
from tui.widgets.portrait import told


class Timeline(Lined[TimelineRow]):
    """One line a contact: when, which way, where, and what was said."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now

    def name_of(self, row: TimelineRow) -> Hashable:
        """What it is, and its id there."""
        return (row.what, row.id)

    def drawn(self, row: TimelineRow, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Words are bright; signals, and what was noted, stand back."""
        look, dots = self.look, self.look.marks.dots
        sign, ink = {
            "incoming": (look.marks.waiting, look.dim),
            "outgoing": (look.marks.mine, look.here),
            "promise": (look.marks.dot, look.wait),
        }.get(row.what, (" ", look.dim))
        is_word = row.what in {"incoming", "outgoing"}
        where = fit(row.source_name, 18, dots=dots) + " " if self.cells >= 70 and is_word else ""
        room = max(1, self.cells - 15 - len(where))
        bright = look.text if is_word or row.what in {"promise", "note", "touchpoint"} else look.dim
        return [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (fit(day(row.at, self._now()), 9, right=True) + " ", look.dim),
                (f" {sign} ", ink),
                (where, look.dim),
                (fit(told(row), room, dots=dots), bright),
            ]
        ]


def by_year(last: TimelineRow | Heading | None, rows: Sequence[TimelineRow]) -> list[TimelineRow | Heading]:
    """Rows with a heading where a year begins, as seen from the row before them. Pure."""
    found: list[TimelineRow | Heading] = []
    before = _year(last) if isinstance(last, TimelineRow) else ""
    for row in rows:
        year = _year(row)
        if year != before:
            found.append(Heading(year))
            before = year
        found.append(row)
    return found


def _year(row: TimelineRow) -> str:
    try:
        return str(datetime.fromtimestamp(row.at, UTC).astimezone().year)
    except (OverflowError, ValueError, OSError):
        return "?"
