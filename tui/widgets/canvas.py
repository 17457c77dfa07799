"""The base of every widget that draws its own lines, and how text is fitted into them.

A canvas has no children, border, padding, outline, tint or opacity: that is what makes painting it cheap.
"""

from collections.abc import Iterable
from functools import lru_cache

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.filter import ANSIToTruecolor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.display import Displayed
from tui.pencil import BOLD, DIM, REVERSE, UNDERLINE
from tui.widgets.ink import Ink, Look, look_of
from tui.widgets.lines import Line, Piece, apart, cut, filled, fit, wide, wrapped

__all__ = ["Canvas", "Line", "Piece", "blank", "cut", "fit", "spread", "strip", "style_of", "wide", "wrapped"]


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
            self._look = look_of(self.app.current_theme, colourless=self.app.no_color)
        return self._look

    def line(self, y: int) -> Strip:
        """The line `y` from the top of the widget."""
        return blank(self.cells, self.look.text)

    def fitted(self) -> None:
        """The size or the theme has changed: drop whatever was laid out for the old one."""

    def touch(self, *regions: Region) -> None:
        """Have whole lines painted: at once where nothing stands against it, else with Textual's next frame."""
        app = self.app
        if not (isinstance(app, Displayed) and app.paint(self, regions)):
            self.refresh(*regions)

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
            self.touch(*regions)

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
            lines = [line.crop_extend(crop.x, crop.right, style_of(self.look.text)) for line in lines]
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


@lru_cache(512)
def style_of(ink: Ink) -> Style:
    """An ink as rich knows it."""
    marks = ink.marks
    return Style(
        color=ink.color or None,
        bgcolor=ink.paper or None,
        bold=bool(marks & BOLD) or None,
        dim=bool(marks & DIM) or None,
        underline=bool(marks & UNDERLINE) or None,
        reverse=bool(marks & REVERSE) or None,
    )


def blank(width: int, ink: Ink) -> Strip:
    """An empty line."""
    return Strip([Segment(" " * width, style_of(ink))], width) if width > 0 else Strip([], 0)


def strip(pieces: Iterable[Piece], width: int, fill: Ink) -> Strip:
    """Pieces as one line of exactly `width` cells, for Textual."""
    return whole(filled(pieces, width, fill), width)


def whole(line: Line, width: int) -> Strip:
    """A line that is `width` cells wide already, for Textual."""
    return Strip([Segment(text, style_of(ink)) for text, ink in line], width)


def spread(left: Line, right: Line, width: int, fill: Ink) -> Strip:
    """One line with something at either end; the left gives way when both do not fit."""
    return strip(apart(left, right, width, fill), width, fill)
