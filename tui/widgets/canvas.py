"""The base of every widget that draws its own lines, and how text is fitted into them.

A canvas has no children, border, padding, outline, tint or opacity: that is what makes painting it cheap.
"""

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from community.text import display
from tui.widgets.ink import Look, look_of

Piece = tuple[str, Style]
"""Some text in one style."""


class Canvas(Widget):
    """A widget made of whole lines. Subclasses give `line(y)`; every line is exactly `cells` wide."""

    DEFAULT_CSS = "Canvas { width: 1fr; height: 1fr; }"
    ALLOW_SELECT = False

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id, classes=classes)
        self.cells = 0
        self.high = 0
        self._look: Look | None = None
        self._on_glass: dict[int, Strip] = {}

    @property
    def look(self) -> Look:
        """The styles and marks to draw with."""
        if self._look is None:
            self._look = look_of(self.app)
        return self._look

    def line(self, y: int) -> Strip:
        """The line `y` from the top of the widget."""
        return blank(self.cells, self.look.text)

    def fitted(self) -> None:
        """The size or the theme has changed: drop whatever was laid out for the old one."""

    def repaint(self) -> None:
        """Paint the lines that differ from what is on the terminal, and no others."""
        if not self.cells or len(self._on_glass) < self.high:
            self.refresh()
            return
        first = -1
        regions: list[Region] = []
        for y in range(self.high + 1):
            differs = y < self.high and self._on_glass.get(y) != self.line(y)
            if differs and first < 0:
                first = y
            elif not differs and first >= 0:
                regions.append(Region(0, first, self.cells, y - first))
                first = -1
        if regions:
            self.refresh(*regions)

    def render_line(self, y: int) -> Strip:
        """One line, for Textual."""
        return self.line(y)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Lines, for Textual, past its cache of borders and paddings, which a canvas has none of."""
        lines = [self.line(y) for y in crop.line_range]
        if crop.x or crop.width < self.cells:
            self._on_glass.clear()
        else:
            self._on_glass.update(zip(crop.line_range, lines, strict=True))
        if crop.x or crop.width != self.cells:
            lines = [line.crop_extend(crop.x, crop.right, self.look.text) for line in lines]
        for each in self.get_line_filters():
            if not isinstance(each, ANSIToTruecolor):  # a look has no colours that would need it
                background = self.background_colors[1]
                lines = [line.apply_filter(each, background) for line in lines]
        return lines

    def on_resize(self, event: events.Resize) -> None:
        """Keep the size at hand: asking for it costs more than drawing a line."""
        self.cells, self.high = event.size
        self._on_glass.clear()
        self.fitted()

    def notify_style_update(self) -> None:
        """The theme may have changed."""
        super().notify_style_update()
        self._look = None
        self._on_glass.clear()
        self.fitted()


def blank(width: int, style: Style) -> Strip:
    """An empty line."""
    return Strip([Segment(" " * width, style)], width) if width > 0 else Strip([], 0)


def strip(pieces: Iterable[Piece], width: int, fill: Style) -> Strip:
    """Pieces as one line of exactly `width` cells: cut at the end, or filled up. Neighbours of one style are joined."""
    segments: list[Segment] = []
    used = 0
    last: Style | None = None
    for text, style in pieces:
        if not text:
            continue
        size = wide(text)
        if used + size > width:
            text, size = set_cell_size(text, width - used), width - used  # noqa: PLW2901
        used += size
        if style is last or style == last:
            segments[-1] = Segment(segments[-1].text + text, style)
        elif text:
            segments.append(Segment(text, style))
            last = style
        if used >= width:
            break
    if used < width:
        if last is not None and last == fill:
            segments[-1] = Segment(segments[-1].text + " " * (width - used), fill)
        else:
            segments.append(Segment(" " * (width - used), fill))
    return Strip(segments, width)


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


def spread(left: Sequence[Piece], right: Sequence[Piece], width: int, fill: Style) -> Strip:
    """One line with something at either end; the left gives way when both do not fit."""
    room = width - sum(wide(text) for text, _ in right)
    if room <= 0:
        return strip(right, width, fill)
    head: list[Piece] = []
    used = 0
    for text, style in left:
        size = wide(text)
        if used + size > room:
            head.append((set_cell_size(text, room - used), style))
            used = room
            break
        head.append((text, style))
        used += size
    return strip([*head, (" " * (room - used), fill), *right], width, fill)


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
