"""How text is written on a terminal: pens, and a pencil that finds the shortest way to write with them."""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

BOLD, DIM, ITALIC, UNDERLINE, BLINK, REVERSE, STRIKE = (1 << bit for bit in range(7))
_ON = {BOLD: "1", DIM: "2", ITALIC: "3", UNDERLINE: "4", BLINK: "5", REVERSE: "7", STRIKE: "9"}
_OFF = {BOLD: "22", DIM: "22", ITALIC: "23", UNDERLINE: "24", BLINK: "25", REVERSE: "27", STRIKE: "29"}
_FEW = 16
"""So many runs are written in either order to see which is shorter."""
_SEEN = UNDERLINE | BLINK | REVERSE | STRIKE
"""What shows on a blank too."""


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
def on_blanks(pen: Pen) -> Pen:
    """What can be seen of a pen on a blank."""
    return pen if pen.marks & _SEEN else same(Pen("", pen.paper))


@cache
def erases_in_colour() -> bool:
    """Whether the terminal erases any number of cells, which take the paper in use, as its description says."""
    try:
        import _curses  # noqa: PLC0415  the functions of `curses` without the rest of it

        _curses.setupterm(fd=2)
        return bool(_curses.tigetflag("bce") > 0 and _curses.tigetstr("ech"))
    except Exception:  # a Python without it, or a terminal nobody has described
        return False


class Run(NamedTuple):
    """Cells of a row to write with one pen; `text` is "" for blanks to erase."""

    y: int
    x: int
    end: int
    pen: Pen
    text: str


class Pencil:
    """Collects what is written, and knows where the cursor is and which pen is in use."""

    def __init__(self, width: int) -> None:
        self.out: list[str] = []
        self._width = width
        self._at: tuple[int, int] | None = None
        self._pen = PLAIN

    def move(self, y: int, x: int) -> None:
        """The cursor to a cell, the shortest way."""
        if self._at != (y, x):
            self.out.append(_way(*self._at, y, x) if self._at is not None else _to(y, x))
            self._at = (y, x)

    def turn(self, pen: Pen) -> None:
        """Use another pen from now on."""
        if pen != self._pen:
            self.out.append(_turned(self._pen, pen))
            self._pen = pen

    def write(self, runs: Iterable[Run]) -> None:
        """Runs in this order."""
        for run in runs:
            self.move(run.y, run.x)
            if run.text.strip() or not self._pen.does_for_blanks_of(run.pen):
                self.turn(run.pen)
            if run.text:
                self.out.append(run.text)
                self._at = (run.y, run.end) if run.end < self._width else None
            else:
                self.out.append(f"\x1b[{run.end - run.x}X" if run.end < self._width else "\x1b[K")

    def shortest(self, runs: Sequence[Run]) -> str:
        """All that was collected, the runs in the order that takes the fewest bytes, and a plain pen after them.

        Of many runs that is the one by pens, and nothing else is tried.
        """
        begun, at, pen = self.out, self._at, self._pen
        found: list[str] = []
        for order in (_by_pens(runs),) if len(runs) > _FEW else (runs, _by_pens(runs)):
            self.out, self._at, self._pen = begun[:], at, pen
            self.write(order)
            self.turn(PLAIN)
            found.append("".join(self.out))
        return min(found, key=len)

    def scroll(self, top: int, end: int, by: int) -> None:
        """Move the rows from `top` to before `end` up, or down. Lines are deleted and inserted: every terminal can."""
        self.out.append(f"\x1b[{top + 1};{end}r\x1b[{top + 1}H\x1b[{abs(by)}{'M' if by > 0 else 'L'}\x1b[r")
        self._at = None


def _to(y: int, x: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


@lru_cache(4096)
def _way(y: int, x: int, to_y: int, to_x: int) -> str:
    """The shortest sequence from one cell to another."""
    down = _steps(to_y - y, "B", "A")
    across = [_steps(to_x - x, "C", "D"), "\r" + _steps(to_x, "C", "D")]
    across += ["\b" * (x - to_x)] if to_x < x else []
    ways = [_to(to_y, to_x), *(down + each for each in across)]
    ways += ["\r\n" + _steps(to_x, "C", "D")] if to_y == y + 1 else []
    return min(ways, key=len)


@lru_cache(1024)
def _steps(by: int, forward: str, back: str) -> str:
    """The cursor by some cells in one direction."""
    if not by:
        return ""
    return f"\x1b[{abs(by) if abs(by) > 1 else ''}{forward if by > 0 else back}"


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


def _by_pens(runs: Sequence[Run]) -> list[Run]:
    """The same runs, those of one pen one after the other: less turning of pens, more moving about."""
    groups: dict[Pen, list[Run]] = {}
    anywhere: list[Run] = []
    for run in runs:
        (groups.setdefault(run.pen, []) if run.text.strip() else anywhere).append(run)
    for run in anywhere:
        does = next((pen for pen in groups if pen.does_for_blanks_of(run.pen)), run.pen)
        groups.setdefault(does, []).append(run._replace(pen=does))
    return [run for group in groups.values() for run in sorted(group)]
