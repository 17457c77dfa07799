"""Lines of text in pieces, fitted into cells. Neither Textual nor rich is needed to lay them out."""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size

from community.text import display
from tui.widgets.ink import Ink, Look

Piece = tuple[str, Ink]
"""Some text in one ink."""
Line = Sequence[Piece]


def filled(pieces: Iterable[Piece], width: int, fill: Ink) -> list[Piece]:
    """Pieces in exactly `width` cells: cut at the end, or filled up. Neighbours of one ink are joined."""
    joined: list[Piece] = []
    used = 0
    for text, ink in pieces:
        if not text:
            continue
        size = wide(text)
        if used + size > width:
            text, size = set_cell_size(text, width - used), width - used  # noqa: PLW2901
        used += size
        if joined and joined[-1][1] == ink:
            joined[-1] = (joined[-1][0] + text, ink)
        elif text:
            joined.append((text, ink))
        if used >= width:
            break
    if used < width:
        if joined and joined[-1][1] == fill:
            joined[-1] = (joined[-1][0] + " " * (width - used), fill)
        else:
            joined.append((" " * (width - used), fill))
    return joined


def apart(left: Line, right: Line, width: int, fill: Ink) -> list[Piece]:
    """One line with something at either end; the left gives way when both do not fit."""
    room = width - sum(wide(text) for text, _ in right)
    if room <= 0:
        return filled(right, width, fill)
    head: list[Piece] = []
    used = 0
    for text, ink in left:
        size = wide(text)
        if used + size > room:
            head.append((set_cell_size(text, room - used), ink))
            used = room
            break
        head.append((text, ink))
        used += size
    return filled([*head, (" " * (room - used), fill), *right], width, fill)


def under_cursor(look: Look, line: Line, *, focused: bool) -> list[Piece]:
    """A line as it looks where the cursor is."""
    return [(text, look.on_cursor(ink, focused=focused)) for text, ink in line]


def wide(text: str) -> int:
    """How many cells a text takes that `display` has seen."""
    return len(text) if text.isascii() else cell_len(text)


def fit(text: str, width: int, *, right: bool = False, dots: str = "…") -> str:
    """One line of somebody's text in exactly `width` cells; what is cut ends in dots."""
    if width <= 0:
        return ""
    shown = display(text[: width * 4 + 64])
    size = wide(shown)
    if size > width or len(text) > width * 4 + 64:
        shown = set_cell_size(shown, width - 1).rstrip() + dots
        size = wide(shown)
    pad = " " * (width - size)
    return pad + shown if right else shown + pad


def cut(text: str, width: int, *, dots: str = "…") -> str:
    """The same without the blanks at its end: at most `width` cells."""
    return fit(text, width, dots=dots).rstrip()


def wrapped(text: str, width: int) -> list[str]:
    """Somebody's text, of any number of lines, in lines of at most `width` cells; words that are too long are cut."""
    lines: list[str] = []
    for raw in text.split("\n"):
        shown = display(raw.expandtabs(4))
        lines += _folded(shown.rstrip(), max(1, width))
    return lines


def _folded(text: str, width: int) -> list[str]:
    if wide(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip(" "))][: width // 2]
    lines: list[str] = []
    line, used = indent, len(indent)
    fresh = True
    for word in text[len(indent) :].split(" "):
        size = wide(word)
        if not fresh and used + 1 + size <= width:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if not fresh:
            lines.append(line)
            line, used = "", 0
        while used + size > width:
            head, word = _split(word, max(1, width - used))  # noqa: PLW2901
            lines.append(line + head)
            line, used, size = "", 0, wide(word)
        line, used, fresh = line + word, used + size, False
    return [*lines, line]


def _split(word: str, width: int) -> tuple[str, str]:
    """A word too long for its line, cut where the line ends."""
    if word.isascii():
        return word[:width], word[width:]
    used = 0
    for at, character in enumerate(word):
        used += cell_len(character)
        if used > width and at:
            return word[:at], word[at:]
    return word, ""


def taught(words: Sequence[str], width: int, look: Look) -> list[Line]:
    """What an empty place says: a first sentence, and under it, dim and apart from each other, what can be done."""
    lines: list[Line] = []
    for at, each in enumerate(filter(None, words)):
        lines += [[], *paragraphs(each, width - 1, look.dim if at else look.text, indent=2)]
    return lines


def paragraphs(text: str, width: int, ink: Ink, *, indent: int = 1) -> list[Line]:
    """Somebody's text in lines of one style."""
    return [[(" " * indent + line, ink)] for line in wrapped(text, max(1, width - indent))]


def between(left: str, right: str, width: int, inks: tuple[Ink, Ink], fill: Ink, *, indent: int = 1) -> Line:
    """One line with something at either end; the left is cut where both do not fit."""
    end = cut(right, max(1, width // 2))
    room = max(1, width - indent - wide(end) - 1)
    head = cut(left, room)
    gap = max(1, width - indent - wide(head) - wide(end))
    return [(" " * indent + head, inks[0]), (" " * gap, fill), (end, inks[1])]
