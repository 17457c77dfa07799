"""What is on the terminal, cell by cell, and the fewest bytes that make it what it should be. No Textual in here.

Only cells that differ are written. Rows that have moved are moved by the terminal itself, so that a list that scrolls
costs little more than one that does not.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import compress
from operator import is_not, ne, or_
from typing import NamedTuple

BOLD, DIM, ITALIC, UNDERLINE, BLINK, REVERSE, STRIKE = (1 << bit for bit in range(7))
_ON = {BOLD: "1", DIM: "2", ITALIC: "3", UNDERLINE: "4", BLINK: "5", REVERSE: "7", STRIKE: "9"}
_OFF = {BOLD: "22", DIM: "22", ITALIC: "23", UNDERLINE: "24", BLINK: "25", REVERSE: "27", STRIKE: "29"}
_SEEN = UNDERLINE | BLINK | REVERSE | STRIKE
"""What shows on a blank too."""
_GAP = 4
"""So many equal cells of one pen between two that differ are cheaper written again than jumped over."""
_BLANKS = 4
"""So many blanks at the end of a row are cheaper erased than written."""
_MANY = 6
"""From so many rows on it is worth a look whether they have only moved."""
_JUMP, _ORDER = 8, 16
"""What it takes to go to another row, and to have rows moved."""
_UNKNOWN = "\0"


class Pen(NamedTuple):
    """How a cell looks: the codes of its colours, "" for the terminal's own, and its attributes."""

    ink: str = ""
    paper: str = ""
    marks: int = 0

    def does_for_blanks_of(self, other: "Pen") -> bool:
        """Whether a blank written with this pen looks like one of `other`."""
        return self == other or (self.paper == other.paper and not (self.marks | other.marks) & _SEEN)


PLAIN = Pen()
_known: dict[Pen, Pen] = {PLAIN: PLAIN}


def same(pen: Pen) -> Pen:
    """The one pen that looks like this: pens on the glass are compared by identity."""
    return _known.setdefault(pen, pen)


@lru_cache(1024)
def _on_blanks(pen: Pen) -> Pen:
    """What can be seen of a pen on a blank."""
    return pen if pen.marks & _SEEN else same(Pen("", pen.paper))


Change = tuple[int, int, Iterable[tuple[Sequence[str], Pen]]]
"""A row, a column, and what stands from there on: characters by cell, see `split`, each run with its pen."""


class _Row:
    """The cells of one row."""

    __slots__ = ("cells", "pens")

    def __init__(self, cells: list[str], pens: list[Pen]) -> None:
        self.cells = cells
        self.pens = pens

    def copy(self) -> "_Row":
        return _Row(self.cells[:], self.pens[:])

    def put(self, x: int, cells: Sequence[str], pen: Pen) -> None:
        """Cells from column `x` on. Of a blank only the paper counts, unless its pen shows on blanks."""
        end = x + len(cells)
        self.cells[x:end] = cells
        blank = _on_blanks(pen)
        self.pens[x:end] = [pen] * len(cells) if blank is pen else [blank if cell == " " else pen for cell in cells]

    def is_like(self, other: "_Row") -> bool:
        """Whether two rows look alike."""
        return self.cells == other.cells and self.pens == other.pens

    def differs(self, other: "_Row") -> list[int]:
        """The columns in which two rows differ."""
        apart = map(or_, map(ne, self.cells, other.cells), map(is_not, self.pens, other.pens))
        return list(compress(range(len(self.cells)), apart))

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

    def frame(self, changes: Iterable[Change]) -> str:
        """What to write so that the screen shows the changes; "" when it does. The pen is plain before and after."""
        wanted: dict[int, _Row] = {}
        for y, x, pieces in changes:
            if not 0 <= y < self.height:
                continue
            row = wanted.get(y) or wanted.setdefault(y, self._rows[y].copy())
            at = x
            for cells, pen in pieces:
                size = len(cells)
                row.put(at, cells if at + size <= self.width else cells[: max(0, self.width - at)], pen)
                at += size
        touched = [y for y in sorted(wanted) if not wanted[y].is_like(self._rows[y])]
        pencil = _Pencil(self.width)
        if len(touched) >= _MANY:
            self._scroll(wanted, touched, pencil)
            touched = sorted(wanted)
        runs: list[_Run] = []
        for y in touched:
            runs += _runs(y, wanted[y], self._rows[y], fills=self.fills)
            self._rows[y] = wanted[y]
        return pencil.shortest(runs)

    def _scroll(self, wanted: dict[int, _Row], touched: Sequence[int], pencil: "_Pencil") -> None:
        """Let the terminal move the rows when that leaves less to write."""
        top, end = touched[0], touched[-1] + 1
        rows = self._rows[top:end]
        goal = [wanted.get(y) or self._rows[y] for y in range(top, end)]
        if any(_UNKNOWN in row.cells for row in (*rows, *goal)):
            return
        best, least = 0, _distance(rows, goal) - _ORDER
        for by in _moves(rows, goal):
            distance = _distance(_moved(rows, by, self.width), goal)
            if distance < least:
                best, least = by, distance
        if best:
            pencil.scroll(top, end, best)
            self._rows[top:end] = _moved(rows, best, self.width)
            wanted |= {top + at: row for at, row in enumerate(goal)}


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
        was: dict[tuple[str, ...], int] = {}
        for at, row in enumerate(rows):
            was.setdefault(tuple(row.cells[side]), at)
        votes: dict[int, int] = {}
        for at, row in enumerate(goal):
            key = tuple(row.cells[side])
            if key in was and was[key] != at and not "".join(key).isspace():
                votes[was[key] - at] = votes.get(was[key] - at, 0) + 1
        if votes:
            by, times = max(votes.items(), key=lambda each: each[1])
            if times > 1 and abs(by) < len(rows):
                yield by


class _Run(NamedTuple):
    """Cells of a row to write with one pen; `text` is "" for blanks from here to the edge."""

    y: int
    x: int
    end: int
    pen: Pen
    text: str


def _runs(y: int, row: _Row, old: _Row, *, fills: bool) -> list[_Run]:
    """What to write so that one row becomes another, from left to right."""
    columns = row.differs(old)
    end = row.ends_at(fills=fills)
    behind = [x for x in columns if x >= end]
    erases = len(behind) > _BLANKS
    if erases:
        del columns[len(columns) - len(behind) :]
    runs: list[_Run] = []
    at = 0
    while at < len(columns):
        first = last = columns[at]
        at += 1
        while at < len(columns) and _goes_on(row, last, columns[at]):
            last = columns[at]
            at += 1
        while first and row.cells[first] == "":
            first -= 1
        while last + 1 < len(row.cells) and row.cells[last + 1] == "":
            last += 1
        _split_by_pens(y, row, first, last + 1, runs)
    if erases:
        runs.append(_Run(y, end, len(row.cells), row.pens[end], ""))
    return runs


def _goes_on(row: _Row, last: int, x: int) -> bool:
    """Whether the equal cells between two that differ are written again: few, known, and all of one pen."""
    if x == last + 1:
        return True
    if x - last > _GAP or _UNKNOWN in row.cells[last:x]:
        return False
    pen = row.pens[last]
    return all(
        row.pens[at] is pen or (row.cells[at] == " " and pen.does_for_blanks_of(row.pens[at]))
        for at in range(last + 1, x)
    )


def _split_by_pens(y: int, row: _Row, x: int, end: int, runs: list[_Run]) -> None:
    """The cells from `x` to before `end` by their pens; blanks go with a neighbour whose pen does for them."""
    cells, pens = row.cells, row.pens
    start, pen = x, pens[x]
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
            runs.append(_Run(y, start, at, pen, "".join(cells[start:at])))
            start, pen, only_blanks = at, its, cell == " "
    runs.append(_Run(y, start, end, pen, "".join(cells[start:end])))


def _by_pens(runs: Sequence[_Run]) -> list[_Run]:
    """The same runs, those of one pen one after the other: less turning of pens, more moving about."""
    groups: dict[Pen, list[_Run]] = {}
    anywhere: list[_Run] = []
    for run in runs:
        (groups.setdefault(run.pen, []) if run.text.strip() else anywhere).append(run)
    for run in anywhere:
        does = next((pen for pen in groups if pen.does_for_blanks_of(run.pen)), run.pen)
        groups.setdefault(does, []).append(run._replace(pen=does))
    return [run for group in groups.values() for run in sorted(group)]


class _Pencil:
    """Collects what is written, and knows where the cursor is and which pen is in use."""

    def __init__(self, width: int) -> None:
        self.out: list[str] = []
        self._width = width
        self._at: tuple[int, int] | None = None
        self._pen = PLAIN

    def move(self, y: int, x: int) -> None:
        """The cursor to a cell, the shortest way."""
        if self._at == (y, x):
            return
        if self._at is not None and self._at[0] == y and x > self._at[1]:
            by = x - self._at[1]
            self.out.append(f"\x1b[{by}C" if by > 1 else "\x1b[C")
        elif self._at is not None and (self._at[0] + 1, 0) == (y, x):
            self.out.append("\r\n")
        else:
            self.out.append(f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H")
        self._at = (y, x)

    def turn(self, pen: Pen) -> None:
        """Use another pen from now on."""
        if pen != self._pen:
            self.out.append(_turned(self._pen, pen))
            self._pen = pen

    def write(self, runs: Iterable[_Run]) -> None:
        """Runs in this order."""
        for run in runs:
            self.move(run.y, run.x)
            if run.text.strip() or not self._pen.does_for_blanks_of(run.pen):
                self.turn(run.pen)
            self.out.append(run.text or "\x1b[K")
            self._at = (run.y, run.end if run.text else run.x) if run.end < self._width or not run.text else None

    def shortest(self, runs: Sequence[_Run]) -> str:
        """Everything that was collected, the runs in the order that takes the fewest bytes, and a plain pen after it."""
        begun, at, pen = self.out, self._at, self._pen
        found: list[str] = []
        for order in (runs, _by_pens(runs)):
            self.out, self._at, self._pen = begun[:], at, pen
            self.write(order)
            self.turn(PLAIN)
            found.append("".join(self.out))
        return min(found, key=len)

    def scroll(self, top: int, end: int, by: int) -> None:
        """Move the rows from `top` to before `end` up, or down. Lines are deleted and inserted: every terminal can."""
        self.out.append(f"\x1b[{top + 1};{end}r\x1b[{top + 1}H\x1b[{abs(by)}{'M' if by > 0 else 'L'}\x1b[r")
        self._at = None


@lru_cache(1024)
def _turned(old: Pen, new: Pen) -> str:
    """The shortest sequence from one pen to another."""
    if new == PLAIN:
        return "\x1b[m"
    gone, come = old.marks & ~new.marks, new.marks & ~old.marks
    if gone & (BOLD | DIM):
        come |= new.marks & (BOLD | DIM)
    codes = [*dict.fromkeys(_OFF[mark] for mark in _OFF if gone & mark), *(_ON[mark] for mark in _ON if come & mark)]
    codes += [new.ink or "39"] if new.ink != old.ink else []
    codes += [new.paper or "49"] if new.paper != old.paper else []
    afresh = ["0", *(_ON[mark] for mark in _ON if new.marks & mark), *filter(None, (new.ink, new.paper))]
    return f"\x1b[{min(';'.join(codes), ';'.join(afresh), key=len)}m"


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
