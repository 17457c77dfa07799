"""The list: a virtualised widget with a cursor that draws only what can be seen.

A subclass says what a row is called (`key`), how many lines it takes (`tall`), and draws them (`paint`).
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
from tui.widgets.sight import Sight

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
        self._sight = self._seen(Listed([]))
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
        return self._sight.row

    @property
    def goes_on(self) -> bool:
        """Whether the cursor is on the last row that was found, and the list may have more."""
        return self._sight.goes_on

    def nearest(self) -> list[Row]:
        """The rows on which the cursor would stand after a step down, and up."""
        places = [self._sight.next(self._sight.at, step) for step in (1, -1)]
        return [self.loaded[at] for at in places if at is not None]

    @property
    def loaded(self) -> Sequence[Row]:
        """The rows that are in memory now, those on screen among them."""
        return self._sight.run.rows

    def show(self, window: Window[Row], *, at: Hashable | None = None) -> None:
        """Another list, or the same anew: the cursor goes to the row `at`, else to the first."""
        self._sight = self._seen(window)
        self._sight.begin(at)
        self.chosen.clear()
        self._cache.clear()
        self._settle()
        self.post_message(self.Moved(self))

    def renew(self, window: Window[Row] | None = None, *, leaving: Collection[Hashable] = ()) -> list[Hashable]:
        """Bring the rows up to date under the cursor; the keys of those that have come. See `Run.renew`."""
        sight = self._sight
        if window is not None:
            sight.run.window = window
        kept, key = sight.keep(), sight.key
        new = sight.run.renew(leaving)
        sight.back_to(kept)
        self._settle()
        if sight.key != key:
            self.post_message(self.Moved(self))
        return new

    def hide(self, keys: Collection[Hashable]) -> None:
        """Take rows out at once; the cursor goes to the next line."""
        kept = self._sight.keep()
        self._sight.run.hide(keys)
        self.chosen -= set(keys)
        self._sight.back_to(kept)
        self._settle()
        self.post_message(self.Moved(self))

    def unhide_all(self) -> None:
        """What was hidden may be shown again by the next `renew`."""
        self._sight.run.hidden.clear()

    def go_to(self, key: Hashable) -> bool:
        """Put the cursor on a row; False when it is not loaded."""
        at = self._sight.where(key)
        if at is not None:
            self._go(at)
        return at is not None

    def move(self, by: int) -> None:
        """The cursor some rows down, or up."""
        sight = self._sight
        if not sight.run.rows and not sight.run.at_end:
            sight.further()
            self._jumped()
            return
        at = sight.stepped(by)
        if at == sight.at and by > 0 and sight.goes_on:
            self.post_message(self.Moved(self))
        self._go(at)

    def page(self, by: float) -> None:
        """The cursor some screens down, or up."""
        tall = max(1, self.tall(self.loaded[self._sight.at])) if self.loaded else 1
        self.move(round(by * self.high / tall) or (1 if by > 0 else -1))

    def first(self) -> None:
        """The cursor on the first row."""
        self._sight.first()
        self._jumped()

    def last(self) -> None:
        """The cursor on the last row."""
        self._sight.last()
        self._jumped()

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
            return [row for row in self.loaded if self.key(row) in self.chosen]
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
        if not self.loaded:
            return self._empty_line(y)
        if y >= len(self._sight.spans):
            return blank(self.cells, self.look.text)
        at, part = self._sight.spans[y]
        return self._painted(at)[part]

    def _painted(self, at: int) -> list[Strip]:
        row = self.loaded[at]
        name = self.key(row)
        here = at == self._sight.at and self.takes_cursor(row)
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

    def _seen(self, window: Window[Row]) -> Sight[Row]:
        return Sight(Run(window, self.key), self.tall, self.takes_cursor)

    def _go(self, at: int) -> None:
        old = self._sight.at
        if at == old or not self.loaded:
            return
        if self._sight.go(at):
            self.touch(self._region(old), self._region(at))
        else:
            self._settle()
        self.post_message(self.Moved(self))

    def _jumped(self) -> None:
        self._settle()
        self.post_message(self.Moved(self))

    def _settle(self) -> None:
        """Lay out what is visible, and paint it."""
        self._sight.settle(self.high, leaps=self.leaps)
        self.repaint()

    def _region(self, at: int) -> Region:
        return Region(0, self._sight.place[at], self.cells, self.tall(self.loaded[at]))

    # The mouse.

    def pointed(self, y: int, *, twice: bool) -> None:
        """The cursor goes where the mouse points; a second click opens."""
        if not 0 <= y < len(self._sight.spans):
            return
        at, _ = self._sight.spans[y]
        if self.takes_cursor(self.loaded[at]):
            if at == self._sight.at and (twice or self.has_focus):
                self.post_message(self.Opened(self))
            self._go(at)

    def wheel(self, by: int) -> None:
        """The cursor goes with the wheel."""
        self.move(by)

    def lighten(self) -> None:
        """Only the row of the cursor looks different with the focus."""
        if self._sight.at in self._sight.place:
            self.touch(self._region(self._sight.at))
