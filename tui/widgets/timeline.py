"""Everything between a person and me, the newest first: words, light touches, and what I wrote down."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from textual.strip import Strip

from community.model import TimelineRow
from tui.ages import day
from tui.widgets.canvas import Piece, fit, strip
from tui.widgets.lined import Heading, Lined
from tui.widgets.portrait import told
from tui.widgets.run import Window

Read = Callable[[TimelineRow | None, bool, int], list[TimelineRow]]
"""Reads a page: beside a row or from an end, older rows or newer ones, so many; always the newest first."""


@dataclass(frozen=True, slots=True)
class Moment:
    """A line of the timeline; the first of a year, as one reads down, names the year."""

    row: TimelineRow
    year: str = ""


class Moments(Window[Moment | Heading]):
    """A window on a timeline that is read from either end."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def page(self, beside: Moment | Heading | None, *, forward: bool, limit: int) -> list[Moment | Heading]:
        """Lines after `beside`, or before it, in the order of the list."""
        at = beside.row if isinstance(beside, Moment) else None
        if forward:
            return [*dated(at, self._read(at, True, limit))]
        rows = self._read(at, False, limit + 1)
        return [*(dated(rows[0], rows[1:]) if len(rows) > limit else dated(None, rows))]

    def again(self, rows: Sequence[Moment | Heading]) -> list[Moment | Heading]:
        """None of them: what is not read again has gone."""
        return []


def dated(before: TimelineRow | None, rows: Sequence[TimelineRow]) -> list[Moment]:
    """Lines that name their year where it begins, as seen from the line before them. Pure."""
    found: list[Moment] = []
    last = _year(before) if before is not None else ""
    for row in rows:
        year = _year(row)
        found.append(Moment(row, year if year != last else ""))
        last = year
    return found


class Timeline(Lined[Moment]):
    """One line a contact: when, which way, where, and what was said."""

    def __init__(self, *, now: Callable[[], int], stages: Mapping[str, str]) -> None:
        super().__init__(id="list")
        self._now = now
        self._stages = stages

    def name_of(self, row: Moment) -> Hashable:
        """What it is, and its id there."""
        return (row.row.what, row.row.id)

    def high_of(self, row: Moment) -> int:
        """Where a year begins, its number stands above, under a blank line."""
        return 3 if row.year else 1

    def paint(self, row: Moment | Heading, *, here: bool, chosen: bool) -> list[Strip]:
        """The line, and the year above it."""
        lines = super().paint(row, here=here, chosen=chosen)
        if isinstance(row, Heading) or not row.year:
            return lines
        look = self.look
        return [
            strip([], self.cells, look.text),
            strip([("  " + row.year, look.strong)], self.cells, look.text),
            *lines,
        ]

    def drawn(self, row: Moment, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Words are bright; signals, and what was noted, stand back."""
        look, dots, line = self.look, self.look.marks.dots, row.row
        sign, ink = {
            "incoming": (look.marks.waiting, look.dim),
            "outgoing": (look.marks.mine, look.here),
            "promise": (look.marks.dot, look.wait),
            "outcome": (look.marks.star, look.here),
        }.get(line.what, (" ", look.dim))
        is_word = line.what in {"incoming", "outgoing"}
        where = fit(line.source_name, 18, dots=dots) + " " if self.cells >= 70 and is_word else ""
        room = max(1, self.cells - 15 - len(where))
        return [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (fit(day(line.at, self._now()), 9, right=True) + " ", look.dim),
                (f" {sign} ", ink),
                (where, look.dim),
                (fit(told(line, self._stages), room, dots=dots), look.dim if line.what == "signal" else look.text),
            ]
        ]


def _year(row: TimelineRow) -> str:
    try:
        return str(datetime.fromtimestamp(row.at, UTC).astimezone().year)
    except (OverflowError, ValueError, OSError):
        return "?"
