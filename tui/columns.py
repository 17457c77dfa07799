"""How wide things are on a terminal, and how text is made to fit, where there is no Textual."""

import os
import sys


def columns() -> int:
    """How wide the terminal is that standard output goes to: COLUMNS when it says so, 80 when nothing does."""
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno() if sys.__stdout__ is not None else 1).columns or 80
    except (OSError, ValueError):
        return 80


def cells(text: str) -> int:
    """How many columns `text` takes on a terminal."""
    if text.isascii():
        return len(text)
    return len(text) + sum(_cells_of(char) - 1 for char in text if not char.isascii())


def _cells_of(char: str) -> int:
    import unicodedata  # noqa: PLC0415  late: most of what is measured is plain

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
