"""What is on the terminal, cell by cell, and the fewest bytes that make it what it should be. No Textual in here.

Only cells that differ are written. Rows that have moved are moved by the terminal itself, so that a list that scrolls
costs little more than one that does not.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress
from operator import is_not, ne, or_
from typing import NamedTuple

from tui.pencil import PLAIN, Pen, Pencil, Run, on_blanks

_GAP = 4
"""So many equal cells of one pen between two that differ are cheaper written again than jumped over."""
_BLANKS = 4
"""So many blanks at the end of a row are cheaper erased than written."""
_HOLE = 11
"""So many blanks within a row are cheaper erased and jumped over."""
_MANY = 6
"""From so many rows on it is worth a look whether they have only moved."""
_JUMP, _ORDER = 8, 16
"""What it takes to go to another row, and to have rows moved."""
_UNKNOWN = "\0"
_HOLES = re.compile(f" {{{_HOLE},}}")


class Cells(NamedTuple):
    """Some cells of a row: what stands in each, see `split`, and its pen. Of a blank mostly the paper counts."""

    characters: list[str]
    pens: list[Pen]


Change = tuple[int, int, Cells]
"""A row, a column, and what stands from there on."""


def inked(pieces: Iterable[tuple[str, Pen]]) -> Cells:
    """Pieces of text, one after the other, each with its pen."""
    characters: list[str] = []
    pens: list[Pen] = []
    for text, pen in pieces:
        cells = split(text)
        blank = on_blanks(pen)
        characters += cells
        pens += [pen] * len(cells) if blank is pen else [blank if cell == " " else pen for cell in cells]
    return Cells(characters, pens)


class _Row:
    """The cells of one row, and from where to where it may differ from the row it was made of."""

    __slots__ = ("cells", "end", "first", "pens")

    def __init__(self, cells: list[str], pens: list[Pen]) -> None:
        self.cells = cells
        self.pens = pens
        self.first = 0
        self.end = len(cells)

    def copy(self) -> "_Row":
        row = _Row(self.cells[:], self.pens[:])
        row.first, row.end = row.end, 0
        return row

    def put(self, x: int, characters: list[str], pens: list[Pen]) -> None:
        """Cells from column `x` on, as far as there is room."""
        width = len(self.cells)
        end = x + len(characters)
        if end > width:
            characters, pens, end = characters[: max(0, width - x)], pens[: max(0, width - x)], width
        self.cells[x:end] = characters
        self.pens[x:end] = pens
        self.first = min(self.first, x)
        self.end = max(self.end, end)

    def is_like(self, other: "_Row") -> bool:
        """Whether two rows look alike."""
        return self.cells == other.cells and self.pens == other.pens

    def differs(self, other: "_Row") -> list[int]:
        """The columns in which two rows differ."""
        part = slice(self.first, self.end)
        apart = map(ne, self.cells[part], other.cells[part])
        pens, others = self.pens[part], other.pens[part]
        if pens != others:
            apart = map(or_, apart, map(is_not, pens, others))
        return list(compress(range(self.first, self.end), apart))

    def ends_at(self, *, fills: bool) -> int:
        """Where the blanks begin that reach to the edge and look as if they were erased."""
        x = len(self.cells)
        paper = self.pens[-1]
        if paper is not PLAIN and (not fills or paper.marks or paper.ink):
            return x
        while x and self.cells[x - 1] == " " and self.pens[x - 1] is paper:
            x -= 1
        return x


class Glass:
    """The screen of a terminal as the last frame left it. With `fills`, what it erases takes the paper in use."""

    def __init__(self, width: int, height: int, *, fills: bool = False) -> None:
        self.width = width
        self.height = height
        self.fills = fills
        self.forget()

    def forget(self) -> None:
        """Nothing is known of the screen any more: of what it is told the next frame writes every cell."""
        self._rows = [_Row([_UNKNOWN] * self.width, [PLAIN] * self.width) for _ in range(self.height)]
        self._is_known = False

    def frame(self, changes: Iterable[Change]) -> str:
        """What to write so that the screen shows the changes; "" when it does. The pen is plain before and after."""
        wanted: dict[int, _Row] = {}
        for y, x, (characters, pens) in changes:
            if 0 <= y < self.height and x < self.width:
                row = wanted.get(y) or wanted.setdefault(y, self._rows[y].copy())
                row.put(x, characters, pens)
        touched = [y for y in sorted(wanted) if not wanted[y].is_like(self._rows[y])]
        pencil = Pencil(self.width)
        if len(touched) >= _MANY:
            self._scroll(wanted, touched, pencil)
            touched = sorted(wanted)
        runs: list[Run] = []
        for y in touched:
            runs += _runs(y, wanted[y], self._rows[y], fills=self.fills)
            self._rows[y] = wanted[y]
        return pencil.shortest(runs)

    def _scroll(self, wanted: dict[int, _Row], touched: Sequence[int], pencil: "Pencil") -> None:
        """Let the terminal move the rows when that leaves less to write."""
        top, end = touched[0], touched[-1] + 1
        rows = self._rows[top:end]
        goal = [wanted.get(y) or self._rows[y] for y in range(top, end)]
        self._is_known = self._is_known or not any(_UNKNOWN in row.cells for row in (*self._rows, *goal))
        if not self._is_known:
            return
        moves = list(_moves(rows, goal))
        best, least = 0, _distance(rows, goal) - _ORDER if moves else 0
        for by in moves:
            distance = _distance(_moved(rows, by, self.width), goal)
            if distance < least:
                best, least = by, distance
        if best:
            pencil.scroll(top, end, best)
            self._rows[top:end] = _moved(rows, best, self.width)
            for y, row in enumerate(goal, top):
                row.first, row.end = 0, self.width
                wanted[y] = row


def _distance(rows: Sequence[_Row], goal: Sequence[_Row]) -> int:
    """About how many bytes it takes to turn rows into others."""
    apart: list[int] = [sum(map(ne, one.cells, two.cells)) for one, two in zip(rows, goal, strict=True)]
    return sum(apart) + _JUMP * sum(map(bool, apart))


def _moved(rows: Sequence[_Row], by: int, width: int) -> list[_Row]:
    """Rows as they stand after moving up by so many, or down; what comes in is blank."""
    fresh = [_Row([" "] * width, [PLAIN] * width) for _ in range(abs(by))]
    return [*rows[by:], *fresh] if by > 0 else [*fresh, *rows[:by]]


def _moves(rows: Sequence[_Row], goal: Sequence[_Row]) -> Iterator[int]:
    """By how many rows the left part, and the right part, seem to have moved up."""
    part = len(goal[0].cells) * 2 // 5
    for side in (slice(0, part), slice(-part, None)):
        was: dict[str, int] = {}
        for at, row in enumerate(rows):
            was.setdefault("".join(row.cells[side]), at)
        votes: dict[int, int] = {}
        for at, row in enumerate(goal):
            text = "".join(row.cells[side])
            before = was.get(text, at)
            if before != at and not text.isspace():
                votes[before - at] = votes.get(before - at, 0) + 1
        if votes:
            by, times = max(votes.items(), key=lambda each: each[1])
            if times > 1 and abs(by) < len(rows):
                yield by


def _runs(y: int, row: _Row, old: _Row, *, fills: bool) -> list[Run]:
    """What to write so that one row becomes another, from left to right."""
    columns = row.differs(old)
    erases, end = False, 0
    if len(columns) > _BLANKS and row.cells[columns[-1]] == " ":
        end = row.ends_at(fills=fills)
        kept = bisect_left(columns, end)
        erases = len(columns) - kept > _BLANKS
        if erases:
            del columns[kept:]
    runs: list[Run] = []
    for first, last in _stretches(columns, row):
        while first and row.cells[first] == "":
            first -= 1  # noqa: PLW2901
        while last + 1 < len(row.cells) and row.cells[last + 1] == "":
            last += 1  # noqa: PLW2901
        at = first
        for hole, rest in _holes(row, first, last + 1) if fills and last - first >= _HOLE else ():
            _split_by_pens(y, row, at, hole, runs)
            runs.append(Run(y, hole, rest, row.pens[hole], ""))
            at = rest
        _split_by_pens(y, row, at, last + 1, runs)
    if erases:
        runs.append(Run(y, end, len(row.cells), row.pens[end], ""))
    return runs


def _stretches(columns: Sequence[int], row: _Row) -> Iterator[tuple[int, int]]:
    """The first and the last of columns that are written in one go."""
    if not columns:
        return
    first = last = columns[0]
    for x in columns:
        if x > last + 1 and not _goes_on(row, last, x):
            yield first, last
            first = x
        last = x
    yield first, last


def _goes_on(row: _Row, last: int, x: int) -> bool:
    """Whether the equal cells between two that differ are written again: few, known, and all of one pen."""
    if x - last > _GAP or _UNKNOWN in row.cells[last:x]:
        return False
    pens = row.pens[last:x]
    pen = pens[0]
    return pens.count(pen) == len(pens) or all(
        its is pen or (row.cells[at] == " " and pen.does_for_blanks_of(its)) for at, its in enumerate(pens, last)
    )


def _holes(row: _Row, x: int, end: int) -> Iterator[tuple[int, int]]:
    """Where blanks begin and end that are cheaper erased than written."""
    text = "".join(row.cells[x:end])
    if len(text) != end - x:
        text = "".join(cell[:1] or "\0" for cell in row.cells[x:end])
    for found in _HOLES.finditer(text):
        first, last = x + found.start(), x + found.end()
        pen = row.pens[first]
        if not pen.ink and not pen.marks and all(each is pen for each in row.pens[first:last]):
            yield first, last


def _split_by_pens(y: int, row: _Row, x: int, end: int, runs: list[Run]) -> None:
    """The cells from `x` to before `end` by their pens; blanks go with a neighbour whose pen does for them."""
    if x == end:
        return
    cells, pens = row.cells, row.pens
    start, pen = x, pens[x]
    if pens[x:end].count(pen) == end - x:
        runs.append(Run(y, x, end, pen, "".join(cells[x:end])))
        return
    only_blanks = cells[x] == " "
    for at in range(x + 1, end):
        its, cell = pens[at], cells[at]
        if its is pen or cell == "":
            only_blanks = only_blanks and cell == " "
        elif cell == " " and pen.does_for_blanks_of(its):
            continue
        elif only_blanks and its.does_for_blanks_of(pen):
            pen, only_blanks = its, False
        else:
            runs.append(Run(y, start, at, pen, "".join(cells[start:at])))
            start, pen, only_blanks = at, its, cell == " "
    runs.append(Run(y, start, end, pen, "".join(cells[start:end])))


def split(text: str) -> Sequence[str]:
    """A text by cells: a wide character is followed by "", a mark stands with its letter."""
    return text if text.isascii() else _cells(text)


@lru_cache(4096)
def _cells(text: str) -> Sequence[str]:
    from rich.cells import get_character_cell_size  # noqa: PLC0415  the widths that every painter counts with

    cells: list[str] = []
    for character in text:
        size = get_character_cell_size(character)
        if size:
            cells += [character, ""][:size]
        elif cells:
            at = len(cells) - 1
            while at and cells[at] == "":
                at -= 1
            cells[at] += character
    return cells
