"""The list: a virtualised widget that keeps its own offset and cursor and draws only what can be seen.

A subclass says what a row is called (`key`), how many lines it takes (`tall`), and draws them (`paint`). The cursor
stands on a row, not on a place: it stays with its row whatever is brought up to date around it.
"""

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from tui.widgets.canvas import blank, strip
from tui.widgets.pointed import Pointed
from tui.widgets.prose import taught
from tui.widgets.run import Listed, Row, Run, Window

_SOON = 48
_CACHED = 4000


class Rows(Pointed, Generic[Row]):
    """A list of any length."""

    @dataclass
    class Moved(Message):
        """The cursor stands on another row, or on none, or as far down as was found so far."""

        rows: "Rows[Any]"

        @property
        def control(self) -> "Rows[Any]":
            """The list it happened in."""
            return self.rows

    @dataclass
    class Opened(Message):
        """The row under the cursor was chosen with the mouse."""

        rows: "Rows[Any]"

        @property
        def control(self) -> "Rows[Any]":
            """The list it happened in."""
            return self.rows

    def __init__(self, *, empty: Sequence[str] = (), id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self.empty = tuple(empty)
        self.leaps = False
        """Whether it scrolls by a third at a time: beside another pane no terminal can move its lines alone."""
        self.chosen: set[Hashable] = set()
        self._run: Run[Row] = Run(Listed([]), self.key)
        self._at = 0
        self._top = 0
        self._spans: list[tuple[int, int]] = []
        self._place: dict[int, int] = {}
        self._cache: dict[tuple[Hashable, bool, bool, bool], tuple[Row, list[Strip]]] = {}
        self._taught: tuple[Sequence[str], list[Strip]] | None = None

    # What a subclass says.

    def key(self, row: Row) -> Hashable:
        """What stays the same of a row when it changes."""
        raise NotImplementedError

    def tall(self, row: Row) -> int:
        """How many lines a row takes."""
        return 1

    def takes_cursor(self, row: Row) -> bool:
        """Whether the cursor may stand on it; headings say no."""
        return True

    def paint(self, row: Row, *, here: bool, chosen: bool) -> list[Strip]:
        """The lines of a row, `tall(row)` of them, each `cells` wide."""
        raise NotImplementedError

    # What a place asks for.

    @property
    def row(self) -> Row | None:
        """The row the cursor is on; None in an empty list."""
        rows = self._run.rows
        return rows[self._at] if self._at < len(rows) and self.takes_cursor(rows[self._at]) else None

    @property
    def goes_on(self) -> bool:
        """Whether the cursor is on the last row that was found, and the list may have more."""
        return not self._run.at_end and self._run.goes_on and self._next(self._at, 1) is None

    def nearest(self) -> list[Row]:
        """The rows on which the cursor would stand after a step down, and up."""
        places = [self._next(self._at, step) for step in (1, -1)]
        return [self._run.rows[at] for at in places if at is not None]

    @property
    def loaded(self) -> Sequence[Row]:
        """The rows that are in memory now, those on screen among them."""
        return self._run.rows

    def show(self, window: Window[Row], *, at: Hashable | None = None) -> None:
        """Another list, or the same anew: the cursor goes to the row `at`, else to the first."""
        self._run = Run(window, self.key)
        self._run.first()
        self.chosen.clear()
        self._cache.clear()
        self._at = self._top = 0
        found = next(
            (place for place, row in enumerate(self._run.rows) if at is not None and self.key(row) == at), None
        )
        self._at = found if found is not None else self._next(-1, 1) or 0
        self._settle()
        self.post_message(self.Moved(self))

    def renew(self, window: Window[Row] | None = None, *, leaving: Collection[Hashable] = ()) -> list[Hashable]:
        """Bring the rows up to date under the cursor; the keys of those that have come. See `Run.renew`."""
        if window is not None:
            self._run.window = window
        before = self._run.rows
        spot = self._spot()
        top = self.key(before[self._top]) if self._top < len(before) else None
        follow = [self.key(row) for row in before[self._at :] if self.takes_cursor(row)]
        back = [self.key(row) for row in before[: self._at][::-1] if self.takes_cursor(row)]
        new = self._run.renew(leaving)
        self._return(follow, back, top, stay=self._top == 0)
        if self._spot() != spot:
            self.post_message(self.Moved(self))
        return new

    def hide(self, keys: Collection[Hashable]) -> None:
        """Take rows out at once; the cursor goes to the next line."""
        before = self._run.rows
        top = self.key(before[self._top]) if self._top < len(before) else None
        follow = [self.key(row) for row in before[self._at :] if self.takes_cursor(row)]
        back = [self.key(row) for row in before[: self._at][::-1] if self.takes_cursor(row)]
        self._run.hide(keys)
        self.chosen -= set(keys)
        self._return(follow, back, top, stay=self._top == 0)
        self.post_message(self.Moved(self))

    def unhide_all(self) -> None:
        """What was hidden may be shown again by the next `renew`."""
        self._run.hidden.clear()

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on a row; False when it is not loaded."""
        for at, row in enumerate(self._run.rows):
            if self.key(row) == key and self.takes_cursor(row):
                self._go(at)
                return True
        return False

    def move(self, by: int) -> None:
        """The cursor some rows down, or up."""
        if not self._run.rows and not self._run.at_end:
            self._look_further()
            return
        step = 1 if by > 0 else -1
        at = self._at
        for _ in range(abs(by)):
            before = self._at
            self._load(at)
            at += self._at - before
            found = self._next(at, step)
            if found is None:
                break
            at = found
        if at == self._at and by > 0 and self.goes_on:
            self.post_message(self.Moved(self))
        self._go(at)

    def _look_further(self) -> None:
        """Something may be found for a list that is empty so far."""
        self._run.after()
        self._at = self._next(-1, 1) or 0
        self._settle()
        self.post_message(self.Moved(self))

    def page(self, by: float) -> None:
        """The cursor some screens down, or up."""
        tall = max(1, self.tall(self._run.rows[self._at])) if self._run.rows else 1
        self.move(round(by * self.high / tall) or (1 if by > 0 else -1))

    def first(self) -> None:
        """The cursor on the first row."""
        if not self._run.at_start:
            self._run.first()
            self._at = self._top = 0
        self._top = 0
        self._go(self._next(-1, 1) or 0, again=True)

    def last(self) -> None:
        """The cursor on the last row."""
        if not self._run.at_end:
            self._run.last()
            self._at = self._top = 0
        found = self._next(len(self._run.rows), -1)
        self._go(found if found is not None else 0, again=True)

    def choose(self) -> None:
        """Choose the row under the cursor for a bulk action, or not any more, and go on to the next."""
        row = self.row
        if row is None:
            return
        self.chosen ^= {self.key(row)}
        self.repaint()
        self.move(1)

    def picked(self) -> list[Row]:
        """The rows an action is about: those chosen, else the one under the cursor."""
        if self.chosen:
            return [row for row in self._run.rows if self.key(row) in self.chosen]
        return [self.row] if self.row is not None else []

    def redraw(self) -> None:
        """Forget every painted line: words that depend on the time have changed."""
        self._cache.clear()
        self.repaint()

    # Painting.

    def fitted(self) -> None:
        """Lay the rows out for another size or theme."""
        self._cache.clear()
        self._taught = None
        self._settle()

    def line(self, y: int) -> Strip:
        """One line of the list."""
        if not self._run.rows:
            return self._empty_line(y)
        if y >= len(self._spans):
            return blank(self.cells, self.look.text)
        at, part = self._spans[y]
        return self._painted(at)[part]

    def _painted(self, at: int) -> list[Strip]:
        row = self._run.rows[at]
        name = self.key(row)
        here = at == self._at and self.takes_cursor(row)
        key = (name, here, here and self.has_focus, name in self.chosen)
        found = self._cache.get(key)
        if found is None or (found[0] is not row and found[0] != row):
            if len(self._cache) > _CACHED:
                self._cache.clear()
            found = self._cache[key] = (row, self.paint(row, here=here, chosen=name in self.chosen))
        return found[1]

    def _empty_line(self, y: int) -> Strip:
        if self._taught is None or self._taught[0] != self.empty:
            lines = taught(self.empty, self.cells, self.look)
            self._taught = (self.empty, [strip(line, self.cells, self.look.text) for line in lines])
        strips = self._taught[1]
        return strips[y] if y < len(strips) else blank(self.cells, self.look.text)

    # Moving.

    def _next(self, at: int, step: int) -> int | None:
        rows = self._run.rows
        at += step
        while 0 <= at < len(rows):
            if self.takes_cursor(rows[at]):
                return at
            at += step
        return None

    def _spot(self) -> Hashable | None:
        return self.key(self.row) if self.row is not None else None

    def _load(self, at: int) -> None:
        """Have rows ready on either side of the cursor before it gets there."""
        if len(self._run.rows) - at < _SOON and not self._run.at_end:
            dropped = self._run.after()
            self._at -= dropped
            self._top = max(0, self._top - dropped)
        elif at < _SOON and not self._run.at_start:
            came = self._run.before()
            self._at += came
            self._top += came

    def _go(self, at: int, *, again: bool = False) -> None:
        old, rows = self._at, self._run.rows
        if not rows or (at == old and not again):
            return
        self._at = at
        self._load(at)
        if not again and self._at == at and self._whole(old) and self._whole(at):
            self.touch(self._region(old), self._region(at))
        else:
            self._settle()
        self.post_message(self.Moved(self))

    def _region(self, at: int) -> Region:
        return Region(0, self._place[at], self.cells, self.tall(self._run.rows[at]))

    def _whole(self, at: int) -> bool:
        """Whether a row is on screen from its first line to its last."""
        y = self._place.get(at)
        return y is not None and at < len(self._run.rows) and y + self.tall(self._run.rows[at]) <= self.high

    def _settle(self) -> None:
        """Bring the cursor on screen, lay out what is visible, and paint it."""
        rows = self._run.rows
        self._at = max(0, min(self._at, len(rows) - 1))
        self._top = max(0, min(self._top, len(rows) - 1))
        if rows and self.high > 0:
            head = self._at
            while head > 0 and not self.takes_cursor(rows[head - 1]):
                head -= 1
            leap = self.high // 3 if self.leaps else 0
            if head < self._top:
                self._top = self._above(head, leap)
            room, at = self.high, self._at
            if self._top < self._above(self._at + 1, self.high):
                room -= leap
            while at >= 0 and room >= self.tall(rows[at]):
                room -= self.tall(rows[at])
                at -= 1
            self._top = max(self._top, min(at + 1, self._at))
            if leap and self._run.at_end:
                self._top = min(self._top, self._above(len(rows), self.high))
        self._lay()
        self.repaint()

    def _above(self, at: int, lines: int) -> int:
        """The first of the rows that fit into so many lines before row `at`."""
        rows = self._run.rows
        while at > 0 and lines >= self.tall(rows[at - 1]):
            at -= 1
            lines -= self.tall(rows[at])
        return at

    def _lay(self) -> None:
        rows = self._run.rows
        self._spans, self._place = [], {}
        at = self._top
        while at < len(rows) and len(self._spans) < self.high:
            self._place[at] = len(self._spans)
            self._spans += [(at, part) for part in range(self.tall(rows[at]))]
            at += 1
        while len(self._spans) < self.high and not self._run.at_end and rows:
            size = len(rows)
            self._run.after()
            rows = self._run.rows
            if len(rows) == size:
                break
            while at < len(rows) and len(self._spans) < self.high:
                self._place[at] = len(self._spans)
                self._spans += [(at, part) for part in range(self.tall(rows[at]))]
                at += 1

    def _return(self, follow: list[Hashable], back: list[Hashable], top: Hashable | None, *, stay: bool) -> None:
        """Put cursor and top where their rows are now; else on the nearest row that is left."""
        places = {self.key(row): at for at, row in enumerate(self._run.rows)}
        self._at = next((places[key] for key in (*follow, *back) if key in places), 0)
        if self._run.rows and not self.takes_cursor(self._run.rows[self._at]):
            self._at = self._next(-1, 1) or 0
        self._top = 0 if stay else places.get(top, self._top)
        self._settle()

    # The mouse.

    def pointed(self, y: int, *, twice: bool) -> None:
        """The cursor goes where the mouse points; a second click opens."""
        if not 0 <= y < len(self._spans):
            return
        at, _ = self._spans[y]
        if self.takes_cursor(self._run.rows[at]):
            if at == self._at and (twice or self.has_focus):
                self.post_message(self.Opened(self))
            self._go(at)

    def wheel(self, by: int) -> None:
        """The cursor goes with the wheel."""
        self.move(by)

    def lighten(self) -> None:
        """Only the row of the cursor looks different with the focus."""
        if self._at in self._place:
            self.touch(self._region(self._at))
