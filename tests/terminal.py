"""A terminal to look at: what it shows after some bytes, cell by cell."""

import re
from typing import Any

import pyte

_UNREAD = re.compile(r"\x1b\[[<=>][0-9;:]*[ -/]*[@-~]|\x1b\[\??[0-9;]*\$[@-~]|\x1b\[\?[0-9;]*u")
"""Sequences that pyte would print as text."""

Cell = tuple[str, str, str, frozenset[str]]


class _Forgetful(pyte.Screen):
    """A screen that erases only to the end of a row, and not in the paper in use."""

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        pen, self.cursor.attrs = self.cursor.attrs, self.default_char
        super().erase_in_line(how, private)
        self.cursor.attrs = pen

    def erase_characters(self, count: int | None = None) -> None:
        raise NotImplementedError


class Terminal:
    """An emulated terminal of a size. With `fills`, what is erased takes the paper in use."""

    def __init__(self, width: int, height: int, *, fills: bool = True) -> None:
        self.size = (width, height)
        self._screen = pyte.Screen(width, height) if fills else _Forgetful(width, height)
        self._stream = pyte.Stream(self._screen)
        self.received = 0

    def feed(self, data: str) -> None:
        """Bytes arrive."""
        self.received += len(data.encode())
        self._stream.feed(_UNREAD.sub("", data))

    def resize(self, width: int, height: int) -> None:
        """The window has another size."""
        self.size = (width, height)
        self._screen.resize(height, width)

    def text(self) -> list[str]:
        """The rows as text."""
        return list(self._screen.display)

    def cells(self) -> list[list[Cell]]:
        """Every cell: its character, its colours, its attributes. Of a blank only what can be seen counts."""
        width, height = self.size
        return [[_seen(self._screen.buffer[y][x]) for x in range(width)] for y in range(height)]


def _seen(char: Any) -> Cell:
    marks = {
        name for name in ("bold", "italics", "underscore", "strikethrough", "reverse", "blink") if getattr(char, name)
    }
    if char.data == " " and not marks & {"underscore", "strikethrough", "reverse", "blink"}:
        return (" ", "", char.bg, frozenset())
    return (char.data, char.fg, char.bg, frozenset(marks))
