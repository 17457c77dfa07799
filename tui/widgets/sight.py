"""Which rows of a list are on screen, and on which of them the cursor stands. No Textual in here.

The cursor stands on a row, not on a place: it stays with its row whatever is brought up to date around it.
"""

from collections.abc import Callable, Hashable, Sequence
from typing import Generic, NamedTuple

from tui.widgets.run import Row, Run

_SOON = 48


class Kept(NamedTuple):
    """Where cursor and top were, before rows come and go: the keys of the rows from the cursor down, and up."""

    follow: Sequence[Hashable]
    back: Sequence[Hashable]
    top: Hashable | None
    is_at_top: bool


class Sight(Generic[Row]):
    """A run of rows, the cursor in it (`at`), and the lines of the screen.

    `spans` has for each line the row it belongs to and which of its lines it is; `place` the line a row begins on.
    After a change `settle` has to be called before any of them is right again.
    """

    def __init__(self, run: Run[Row], tall: Callable[[Row], int], takes_cursor: Callable[[Row], bool]) -> None:
        self.run = run
        self.at = 0
        self.spans: list[tuple[int, int]] = []
        self.place: dict[int, int] = {}
        self._top = 0
        self._high = 0
        self._tall = tall
        self._takes_cursor = takes_cursor

    @property
    def row(self) -> Row | None:
        """The row the cursor is on; None in an empty list."""
        rows = self.run.rows
        return rows[self.at] if self.at < len(rows) and self._takes_cursor(rows[self.at]) else None

    @property
    def key(self) -> Hashable:
        """What stays the same of the row under the cursor; None where there is none."""
        return self.run.key(self.row) if self.row is not None else None

    @property
    def goes_on(self) -> bool:
        """Whether the cursor is on the last row that was found, and the list may have more."""
        return not self.run.at_end and self.run.goes_on and self.next(self.at, 1) is None

    def next(self, at: int, step: int) -> int | None:
        """The first row beyond `at` that takes the cursor; None when there is none."""
        rows = self.run.rows
        at += step
        while 0 <= at < len(rows):
            if self._takes_cursor(rows[at]):
                return at
            at += step
        return None

    def where(self, key: Hashable) -> int | None:
        """Which row has a key and takes the cursor; None when it is not loaded."""
        rows = enumerate(self.run.rows)
        return next((at for at, row in rows if self.run.key(row) == key and self._takes_cursor(row)), None)

    # Moving.

    def begin(self, key: Hashable | None) -> None:
        """The first page; the cursor on the row with this key, else on the first."""
        self.run.first()
        found = self.where(key) if key is not None else None
        self.at = found if found is not None else self.next(-1, 1) or 0
        self._top = 0

    def further(self) -> None:
        """Something may be found for a list that is empty so far."""
        self.run.after()
        self.at = self.next(-1, 1) or 0

    def stepped(self, by: int) -> int:
        """The row so many steps down, or up, or the last before the end; what lies between is loaded."""
        step = 1 if by > 0 else -1
        at = self.at
        for _ in range(abs(by)):
            before = self.at
            self._load(at)
            at += self.at - before
            found = self.next(at, step)
            if found is None:
                break
            at = found
        return at

    def go(self, at: int) -> bool:
        """Put the cursor on a row; whether that row and the one it left are on screen from first line to last."""
        old, self.at = self.at, at
        self._load(at)
        return self.at == at and self._is_whole(old) and self._is_whole(at)

    def first(self) -> None:
        """The cursor on the first row of all."""
        if not self.run.at_start:
            self.run.first()
        self._top = 0
        self.at = self.next(-1, 1) or 0
        self._load(self.at)

    def last(self) -> None:
        """The cursor on the last row of all."""
        if not self.run.at_end:
            self.run.last()
            self._top = 0
        self.at = self.next(len(self.run.rows), -1) or 0
        self._load(self.at)

    def _load(self, at: int) -> None:
        """Have rows ready on either side of the cursor before it gets there."""
        if len(self.run.rows) - at < _SOON and not self.run.at_end:
            dropped = self.run.after()
            self.at -= dropped
            self._top = max(0, self._top - dropped)
        elif at < _SOON and not self.run.at_start:
            came = self.run.before()
            self.at += came
            self._top += came

    # Staying where one was.

    def keep(self) -> Kept:
        """Where cursor and top are now."""
        rows, key = self.run.rows, self.run.key
        return Kept(
            follow=[key(row) for row in rows[self.at :] if self._takes_cursor(row)],
            back=[key(row) for row in rows[: self.at][::-1] if self._takes_cursor(row)],
            top=key(rows[self._top]) if self._top < len(rows) else None,
            is_at_top=self._top == 0,
        )

    def back_to(self, kept: Kept) -> None:
        """Put cursor and top where their rows are now; else on the nearest row that is left."""
        places = {self.run.key(row): at for at, row in enumerate(self.run.rows)}
        self.at = next((places[key] for key in (*kept.follow, *kept.back) if key in places), 0)
        if self.run.rows and not self._takes_cursor(self.run.rows[self.at]):
            self.at = self.next(-1, 1) or 0
        self._top = 0 if kept.is_at_top else places.get(kept.top, self._top)

    # What is on screen.

    def settle(self, high: int, *, leaps: bool) -> None:
        """Bring the cursor on a screen of so many lines, and lay out what is visible.

        `leaps` scrolls by a third at a time.
        """
        rows, self._high = self.run.rows, high
        self.at = max(0, min(self.at, len(rows) - 1))
        self._top = max(0, min(self._top, len(rows) - 1))
        if rows and high > 0:
            self._bring_on_screen(high // 3 if leaps else 0)
        self._lay()

    def _bring_on_screen(self, leap: int) -> None:
        rows = self.run.rows
        head = self.at
        while head > 0 and not self._takes_cursor(rows[head - 1]):
            head -= 1
        if head < self._top:
            self._top = self._above(head, leap)
        room, at = self._high, self.at
        if self._top < self._above(self.at + 1, self._high):
            room -= leap
        while at >= 0 and room >= self._tall(rows[at]):
            room -= self._tall(rows[at])
            at -= 1
        self._top = max(self._top, min(at + 1, self.at))
        if leap and self.run.at_end:
            self._top = min(self._top, self._above(len(rows), self._high))

    def _above(self, at: int, lines: int) -> int:
        """The first of the rows that fit into so many lines before row `at`."""
        rows = self.run.rows
        while at > 0 and lines >= self._tall(rows[at - 1]):
            at -= 1
            lines -= self._tall(rows[at])
        return at

    def _lay(self) -> None:
        self.spans, self.place = [], {}
        self._lay_from(self._top)
        while len(self.spans) < self._high and not self.run.at_end and self.run.rows:
            size = len(self.run.rows)
            self.run.after()
            if len(self.run.rows) == size:
                break
            self._lay_from(size)

    def _lay_from(self, at: int) -> None:
        rows = self.run.rows
        while at < len(rows) and len(self.spans) < self._high:
            self.place[at] = len(self.spans)
            self.spans += [(at, part) for part in range(self._tall(rows[at]))]
            at += 1

    def _is_whole(self, at: int) -> bool:
        """Whether a row is on screen from its first line to its last."""
        y = self.place.get(at)
        return y is not None and at < len(self.run.rows) and y + self._tall(self.run.rows[at]) <= self._high
