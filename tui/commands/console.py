"""What a command prints: lines as wide as the terminal, or JSON, one object for each line."""

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import click

from community.text import clean, clean_line, display

_STYLES = {"": "", "bold": "1", "dim": "2", "accent": "36", "waits": "1;33", "bad": "1;31"}
_NARROWEST = 20
_GAP = "  "
_ASCII = str.maketrans(
    {"●": "*", "○": "o", "↩": "<", "◷": "z", "✓": "x", "–": "-", "✎": "d", "▌": "|", "·": "-", "…": ".", "→": ">"}
    | {"“": '"', "”": '"', "’": "'", "—": "-", "│": "|"}
)


@dataclass(frozen=True, slots=True)
class Cell:
    """A piece of a line, and how it looks."""

    text: str
    style: str = ""


Piece = Cell | str


class Console:
    """Standard output of one command. Without a terminal nothing is coloured and nothing is cut."""

    def __init__(self) -> None:
        self.is_terminal = sys.stdout.isatty()
        self.width = max(_NARROWEST, shutil.get_terminal_size().columns) if self.is_terminal else 0
        self._coloured = self.is_terminal and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"
        encoding = (sys.stdout.encoding or "ascii").lower().replace("-", "")
        self._plain = not encoding.startswith("utf")

    def json(self, value: Mapping[str, object]) -> None:
        """One object on one line."""
        click.echo(json.dumps(value, ensure_ascii=self._plain, separators=(",", ":")))

    def line(self, *pieces: Piece) -> None:
        """One line, cut at the edge of the terminal."""
        click.echo(self._joined(pieces, self.width))

    def text(self, text: str, *, indent: str = "", style: str = "") -> None:
        """Text of any number of lines, broken at blanks to fit; each line begins with `indent`."""
        room = max(_NARROWEST, (self.width or 100) - cells(indent))
        for line in clean(text).split("\n"):
            for part in wrapped(display(line.expandtabs(4)), room):
                click.echo(f"{self._shown(indent, '')}{self._shown(part, style)}".rstrip())

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
            click.echo(self._joined(parts, self.width).rstrip())

    def address(self, url: str) -> None:
        """An address on a line of its own, never cut or broken, so that it can be copied or clicked."""
        click.echo("  " + self._shown(display(clean_line(url, limit=4000)), "accent"))

    def blank(self) -> None:
        """An empty line."""
        click.echo()

    def hint(self, text: str) -> None:
        """A word to somebody who sits at a terminal; scripts never see it."""
        if self.is_terminal and sys.stderr.isatty():
            for part in wrapped(display(clean_line(text)), self.width):
                click.echo(self._shown(part, "dim"), err=True)

    def warn(self, text: str) -> None:
        """A sentence about something that went wrong, beside the output."""
        from community.logs import sentence

        click.echo(f"kith: {sentence(text)}", err=True)

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


def _cell(piece: Piece) -> Cell:
    cell = piece if isinstance(piece, Cell) else Cell(piece)
    blank = cell.text.isspace()
    return cell if blank else Cell(_edges(cell.text), cell.style)


def _edges(text: str) -> str:
    """`text` as one safe line, with the blanks at its ends that were meant."""
    front = len(text) - len(text.lstrip(" "))
    back = len(text) - len(text.rstrip(" "))
    return " " * front + display(clean_line(text, limit=2000)) + " " * (back if text.strip() else 0)


def cells(text: str) -> int:
    """How many columns `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return sum(_cells_of(char) for char in text)


def _cells_of(char: str) -> int:
    if unicodedata.category(char) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, width: int) -> str:
    """`text`, cut with an ellipsis when it is wider than `width` columns."""
    if cells(text) <= width:
        return text
    room, kept = width - 1, ""
    for char in text:
        room -= _cells_of(char)
        if room < 0:
            break
        kept += char
    return kept.rstrip() + "…" if width > 0 else ""


def wrapped(text: str, width: int) -> list[str]:
    """`text` broken at blanks into lines of at most `width` columns; a longer word is broken anywhere."""
    if cells(text) <= width:
        return [text.rstrip()]
    indent = text[: len(text) - len(text.lstrip(" "))][: width // 2]
    lines: list[str] = []
    line = indent
    for word in text.split():
        piece = word
        if line.strip() and cells(line) + 1 + cells(piece) > width:
            lines.append(line)
            line = indent
        while cells(line) + cells(piece) > width and cells(piece) > 1:
            head = fit(piece, width - cells(line) + 1).removesuffix("…") or piece[:1]
            head = piece[: len(head)]
            lines.append(line + head)
            line, piece = indent, piece[len(head) :]
        line += (" " if line.strip() else "") + piece
    return [*lines, line] if line.strip() else lines or [""]
