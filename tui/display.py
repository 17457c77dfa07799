"""How frames leave Textual for the terminal: only what differs is written.

Everything private of Textual is in here, and what is private of its drivers in `tui/driver.py`.

Should Textual change, `tests/tui/test_display.py` fails; and a frame that cannot be compared is written in Textual's
own way, as is everything after it.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from rich.color import ColorSystem
from rich.style import Style
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from tui.driver import direct
from tui.first_page import FirstPage
from tui.glass import Cells, Change, Glass, inked
from tui.light import Line
from tui.pencil import BLINK, BOLD, DIM, ITALIC, PLAIN, REVERSE, STRIKE, UNDERLINE, Pen, erases_in_colour, same

if TYPE_CHECKING:
    from textual.driver import Driver
    from textual.screen import Screen

_SYNC_FROM = 600
"""A shorter frame arrives in one piece anyway; a longer one is wrapped in the marks of a synchronised update."""
_MARKS = (BOLD, DIM, ITALIC, UNDERLINE, BLINK, BLINK, REVERSE, 0, STRIKE, UNDERLINE)
"""What rich numbers from 0."""
_KEPT = 600
_log = logging.getLogger(__name__)


Pieces = Iterable[tuple[int, int, Strip]]
"""(row, column, strip)"""


class Displayed(App[None]):
    """An app that knows what is on the terminal."""

    _glass: Glass | None = None
    _pens: dict[Style, Pen]
    _cells: dict[int, tuple[Strip, Cells]]
    """Strips that were painted lately, as cells: lists scroll, and texts come back."""
    _strips: dict[int, dict[int, Strip]]
    """What each row was last told, by column: a strip that is there already needs no second look."""
    _colours: ColorSystem | None = None
    _compares = True
    _first_page: FirstPage | None = None
    _holds = False
    _line: Line
    _due: tuple[tuple[Widget, Region], ...] = ()
    _laid_out: object = None
    _bare: dict[Widget, Region | None]
    """Where widgets are that nothing covers, for the layout `_laid_out`."""
    _typed = ""

    def __init__(self, *, ansi_color: bool | None = None) -> None:
        super().__init__(ansi_color=ansi_color)
        self._line = Line()

    def goes_on_from(self, page: FirstPage | None) -> None:
        """There is a page on the terminal already: nothing is written before `release` says that ours is whole."""
        self._first_page, self._holds = page, page is not None
        if page is not None:
            self._typed = page.typed()

    def release(self) -> None:
        """The first page of our own is whole: write what differs from what is there."""
        if self._holds:
            self._holds = False
            if self._running and not self._closed:
                self._display(self.screen, self.screen._compositor.render_full_update())

    def taken_over(self, driver: "Driver") -> None:
        """A driver has the terminal now."""
        page, self._first_page = self._first_page, None
        self.forget_screen()
        if page is not None:
            self._glass, self._strips = page.glass, {}
            driver.attrs_before = page.before  # type: ignore[attr-defined]

    def typed_early(self) -> str:
        """What was typed before a driver listened, and is still to be answered. Asked for a second time it is ""."""
        typed, self._typed = self._typed, ""
        return typed

    @property
    def enters(self) -> bool:
        """Whether a driver has to enter the alternate screen itself."""
        return self._first_page is None

    def forget_screen(self) -> None:
        """Something else may have written to the terminal: the next frame counts on nothing."""
        self._glass = None

    def get_driver_class(self) -> "type[Driver]":
        """Textual's driver, which says when it has taken the terminal over."""
        return direct(super().get_driver_class())

    def paint(self, widget: Widget, regions: Iterable[Region]) -> bool:
        """Have whole lines of a widget painted as soon as what is under way is done; False where Textual has to do it.

        A widget is painted past Textual's layers when nothing covers it and no new layout is due: that takes a fifth
        of the time, and does not wait for a timer.
        """
        if self._glass is None or not self._can_compare() or self._is_at(widget) is None:
            return False
        if not self._due:
            asyncio.get_running_loop().call_soon(self._paint_due)
        self._due += tuple((widget, region) for region in regions if (widget, region) not in self._due)
        return True

    def paint_all_of(self, widget: Widget) -> bool:
        """The same for all of a widget of Textual's own, which is drawn anew."""
        if not self.paint(widget, (widget.size.region,)):
            return False
        widget._set_dirty()
        widget._repaint_regions.clear()
        return True

    def foresee(self, strips: Iterable[Strip]) -> None:
        """These will be painted soon: what can be done for them now need not be done then."""
        if self._colours is not None:
            for strip in strips:
                self._cells_of(strip, self._colours)

    def _is_at(self, widget: Widget) -> Region | None:
        """Where all of a widget is on screen with nothing above it; None where that is not so, or may not stay so."""
        stack = self.screen_stack
        screen = stack[-1] if stack else None
        if screen is None or screen._layout_required or screen._repaint_required or screen._scroll_required:
            return None
        visible = screen._compositor.visible_widgets
        if visible is not self._laid_out:
            self._laid_out, self._bare = visible, {}
        if widget not in self._bare:
            self._bare[widget] = _uncovered(widget, visible)
        return self._bare[widget]

    def _paint_due(self) -> None:
        due, self._due = self._due, ()
        pieces: list[tuple[int, int, Strip]] = []
        for widget, region in due:
            place = self._is_at(widget) if self._can_compare() else None
            left = region.intersection(widget.size.region)  # it may have become smaller meanwhile
            if not left:
                continue
            if place is None or place.size != widget.size:
                widget.refresh(left)
                continue
            strips = widget.render_lines(left)
            pieces += [(y, place.x, strip) for y, strip in enumerate(strips, place.y + left.y)]
        if pieces:
            self._write(pieces)
            self.post_display_hook()

    def _can_compare(self) -> bool:
        driver = self._driver
        return (
            self._compares
            and driver is not None
            and not driver.is_headless
            and not driver.is_inline
            and not self._holds
            and self._running
            and not self._closed
            and not self._batch_count
        )

    def _display(self, screen: "Screen[Any]", renderable: Any) -> None:  # noqa: ANN401  whatever rich can render
        if self._holds:
            return
        if not isinstance(renderable, LayoutUpdate | ChopsUpdate) or not self._can_compare():
            self._glass = None if isinstance(renderable, CompositorUpdate) else self._glass
            super()._display(screen, renderable)
            return
        self._write(_pieces(renderable))
        self.post_display_hook()

    def _write(self, pieces: Pieces) -> None:
        driver = self._driver
        assert driver is not None
        try:
            frame = self._frame(pieces)
        except Exception:
            _log.exception("a frame could not be compared; from now on every frame is written whole")
            self._compares = False
            self.refresh(layout=True)
        else:
            self._send(driver, frame)

    def _frame(self, pieces: Pieces) -> str:
        width, height = self.size
        if self._glass is None or (self._glass.width, self._glass.height) != (width, height):
            self._glass, self._strips = Glass(width, height, fills=erases_in_colour()), {}
        colours = self.console._color_system or ColorSystem.TRUECOLOR
        if colours is not self._colours:
            self._pens, self._cells, self._colours = {}, {}, colours
        return self._glass.frame(self._changes(pieces, colours))

    def _changes(self, pieces: Pieces, colours: ColorSystem) -> Iterator[Change]:
        for y, x, strip in pieces:
            told = self._strips.setdefault(y, {})
            if told.get(x) is strip:
                continue
            end = x + strip.cell_length
            for each in [at for at, other in told.items() if at < end and x < at + other.cell_length]:
                del told[each]
            told[x] = strip
            yield y, x, self._cells_of(strip, colours)

    def _cells_of(self, strip: Strip, colours: ColorSystem) -> Cells:
        found = self._cells.get(id(strip))
        if found is None:
            if len(self._cells) >= _KEPT:
                self._cells.clear()
            found = self._cells[id(strip)] = (strip, inked(self._pieces_of(strip, colours)))
        return found[1]

    def _pieces_of(self, strip: Strip, colours: ColorSystem) -> Iterator[tuple[str, Pen]]:
        pens = self._pens
        for text, style, _ in strip:
            pen = PLAIN if style is None else pens.get(style)
            if pen is None and style is not None:
                pen = pens[style] = pen_of(style, colours)
            yield text, pen or PLAIN

    def _send(self, driver: "Driver", frame: str) -> None:
        """Write a frame; in a text box the terminal's cursor goes where one writes, as input methods expect.

        A box that had no place yet when it got the focus has told the app a wrong one: it is asked itself.
        """
        at = getattr(self.screen.focused, "cursor_screen_offset", self.cursor_position)
        cursor = self.screen.outer_size.clamp_offset(at)
        if cursor != self._previous_cursor_position or (frame and cursor != (0, 0)):
            frame += f"\x1b[{cursor.y + 1};{cursor.x + 1}H"
        self._previous_cursor_position = cursor
        if frame:
            whole = self._sync_available and len(frame) > _SYNC_FROM
            driver.write(self._line.around(f"\x1b[?2026h{frame}\x1b[?2026l" if whole else frame))
            driver.flush()


def pen_of(style: Style, colours: ColorSystem) -> Pen:
    """A style of rich as the codes a terminal with so many colours takes."""
    ink = style.color.downgrade(colours).get_ansi_codes() if style.color is not None else ()
    paper = style.bgcolor.downgrade(colours).get_ansi_codes(foreground=False) if style.bgcolor is not None else ()
    given = style._attributes & style._set_attributes
    marks = 0
    for bit, mark in enumerate(_MARKS):
        if given & (1 << bit):
            marks |= mark
    return same(Pen(_code(ink, "39"), _code(paper, "49"), marks))


def _code(codes: Sequence[str], default: str) -> str:
    code = ";".join(codes)
    return "" if code == default else code


def _uncovered(widget: Widget, visible: Mapping[Widget, tuple[Region, Region]]) -> Region | None:
    """Where a widget is, of those on screen from the top one down; None when a part of it cannot be seen."""
    if widget not in visible:
        return None
    region, clip = visible[widget]
    above = takewhile(lambda other: other is not widget, visible)
    covered = any(region.overlaps(visible[other][0].intersection(visible[other][1])) for other in above)
    return region if clip.contains_region(region) and not covered else None


def _pieces(update: LayoutUpdate | ChopsUpdate) -> Iterator[tuple[int, int, Strip]]:
    """(row, column, strip) of an update, just as Textual would write it."""
    if isinstance(update, LayoutUpdate):
        for y, line in enumerate(update.strips, update.region.y):
            x = update.region.x
            for strip in line:
                yield y, x, strip
                x += strip.cell_length
        return
    for y, first, last in update.spans:
        for end, (x, chop) in zip(update.chop_ends[y], update.chops[y].items(), strict=False):
            if chop is None or x > last or end <= first:
                continue
            yield y, x, chop if last > x >= first and end <= last else chop.crop(0, min(end, last) - x)
