"""What a command prints: lines as wide as the terminal, or JSON, one object for each line."""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TextIO

from community.text import clean, clean_line, display
from tui.columns import cells, columns, fit, wrapped

_STYLES = {"": "", "bold": "1", "dim": "2", "accent": "36", "waits": "1;33", "bad": "1;31"}
_NARROWEST = 20
_GAP = "  "
_ASCII = str.maketrans(
    {"●": "*", "○": "o", "↩": "<", "◷": "z", "✓": "x", "–": "-", "✎": "d", "▌": "|", "·": "-", "…": ".", "→": ">"}
    | {"“": '"', "”": '"', "’": "'", "—": "-", "│": "|"}
)


class Cell(NamedTuple):
    """A piece of a line, and how it looks."""

    text: str
    style: str = ""


Piece = Cell | str


class Console:
    """Standard output of one command. Without a terminal nothing is coloured and nothing is cut."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self.width = max(_NARROWEST, columns()) if self.is_terminal else 0
        self._coloured = self.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
        self._plain = not encoding.startswith("utf")

    def json(self, value: Mapping[str, object]) -> None:
        """One object on one line."""
        import json  # late: most lines are for people

        _say(json.dumps(value, ensure_ascii=self._plain, separators=(",", ":")))

    def line(self, *pieces: Piece) -> None:
        """One line, cut at the edge of the terminal."""
        _say(self._joined(pieces, self.width))

    def text(self, text: str, *, indent: str = "", style: str = "") -> None:
        """Text of any number of lines, broken at blanks to fit; each line begins with `indent`."""
        room = max(_NARROWEST, (self.width or 100) - cells(indent))
        for line in clean(text).split("\n"):
            for part in wrapped(display(line.expandtabs(4)), room):
                _say(f"{self._shown(indent, '')}{self._shown(part, style)}".rstrip())

    def table(self, rows: Iterable[Sequence[Piece]], *, stretch: int) -> None:
        """Rows in columns; column `stretch` gives way when the terminal is too narrow for all."""
        found = [[_cell(piece) for piece in row] for row in rows]
        if not found:
            return
        widths = [max(cells(row[at].text) for row in found) for at in range(len(found[0]))]
        if self.width:
            rest = sum(widths) - widths[stretch] + len(_GAP) * (len(widths) - 1)
            widths[stretch] = max(min(widths[stretch], self.width - rest), 8)
        last = len(widths) - 1
        for row in found:
            parts: list[Piece] = []
            for at, cell in enumerate(row):
                fitted = fit(cell.text, widths[at])
                parts += [Cell(fitted, cell.style), "" if at == last else " " * (widths[at] - cells(fitted)) + _GAP]
            _say(self._joined(parts, self.width).rstrip())

    def address(self, url: str) -> None:
        """An address on a line of its own, never cut or broken, so that it can be copied or clicked."""
        _say("  " + self._shown(display(clean_line(url, limit=4000)), "accent"))

    def blank(self) -> None:
        """An empty line."""
        _say("")

    def hint(self, text: str) -> None:
        """A word to somebody who sits at a terminal; scripts never see it."""
        if self.is_terminal and sys.stderr.isatty():
            for part in wrapped(display(clean_line(text)), self.width):
                _say(self._shown(part, "dim"), sys.stderr)

    def warn(self, text: str) -> None:
        """A sentence about something that went wrong, beside the output."""
        from community.logs import sentence

        _say(f"kith: {sentence(text)}", sys.stderr)

    def _joined(self, pieces: Sequence[Piece], width: int) -> str:
        parts: list[str] = []
        room = width or 1 << 30
        for piece in pieces:
            cell = _cell(piece)
            text = fit(cell.text, room)
            room -= cells(text)
            parts.append(self._shown(text, cell.style))
        return "".join(parts)

    def _shown(self, text: str, style: str) -> str:
        if self._plain:
            text = text.translate(_ASCII)
        code = _STYLES[style]
        return f"\x1b[{code}m{text}\x1b[0m" if code and self._coloured and text else text


def _say(line: str, to: TextIO | None = None) -> None:
    to = to or sys.stdout
    to.write(line + "\n")
    to.flush()


def _cell(piece: Piece) -> Cell:
    cell = piece if isinstance(piece, Cell) else Cell(piece)
    blank = cell.text.isspace()
    return cell if blank else Cell(_edges(cell.text), cell.style)


def _edges(text: str) -> str:
    """`text` as one safe line, with the blanks at its ends that were meant."""
    front = len(text) - len(text.lstrip(" "))
    back = len(text) - len(text.rstrip(" "))
    return " " * front + display(clean_line(text, limit=2000)) + " " * (back if text.strip() else 0)
