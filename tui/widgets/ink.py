"""What Kith draws with: the styles of the current theme and the marks, each with its plain fallback."""

import os
import sys
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.color import Color, ColorParseError
from rich.style import Style

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import App


@dataclass(frozen=True, slots=True)
class Marks:
    """Every mark on screen. A mark never stands alone: a word or its place says the same."""

    waiting: str = "●"
    reading: str = "○"
    answered: str = "↩"
    snoozed: str = "◷"
    done: str = "✓"
    resting: str = "–"
    muted: str = "–"
    draft: str = "✎"
    uncertain: str = "?"
    failed: str = "!"
    sending: str = "→"
    star: str = "*"
    chosen: str = "+"
    mine: str = "▌"
    across: str = "─"
    down: str = "│"
    tee_down: str = "┬"
    tee_up: str = "┴"
    branch: str = "├"
    corner: str = "└"
    dot: str = "·"
    into: str = "›"
    dots: str = "…"


ASCII = Marks(
    waiting="*", reading="o", answered="<", snoozed="z", done="x", resting="-", muted="-", draft="d", sending=">",
    star="*", mine="|", across="-", down="|", tee_down="+", tee_up="+", branch="|", corner="`", dot="-", into=">",
    dots="~",
)  # fmt: skip
UNICODE = Marks()


def plain_terminal() -> bool:
    """Whether the terminal takes no more than ASCII, as its encoding or `KITH_ASCII` says."""
    encoding = (getattr(sys.__stdout__, "encoding", "") or "utf-8").lower().replace("-", "")
    return "utf8" not in encoding or os.environ.get("KITH_ASCII", "") not in {"", "0"}


@dataclass(frozen=True, slots=True)
class Look:
    """The styles of a theme. Each is whole, with its background, so that lines need no second pass."""

    text: Style
    dim: Style
    strong: Style
    rule: Style
    here: Style
    wait: Style
    bad: Style
    good: Style
    panel: Style
    panel_dim: Style
    panel_key: Style
    cursor: Style
    cursor_off: Style
    marks: Marks

    def on_cursor(self, style: Style, *, focused: bool) -> Style:
        """`style` as it looks on the line the cursor is on."""
        return style + (self.cursor if focused else self.cursor_off)


def look_of(app: "App[object]") -> Look:
    """The look of the theme an app shows now."""
    theme = app.current_theme
    variables = app.theme_variables
    names = ("foreground", "background", "accent", "warning", "error", "success", "panel", "surface")
    wanted = {name: variables.get(name, "") for name in names}
    given = theme.variables
    for name in ("muted", "faint", "cursor", "cursor-blurred"):
        wanted[name] = given.get(name, "")
    return _look(tuple(wanted.items()), theme.ansi or app.no_color, plain_terminal())


@lru_cache(8)
def _look(colours: tuple[tuple[str, str], ...], ansi: bool, ascii_only: bool) -> Look:
    named = dict(colours)
    marks = ASCII if ascii_only else UNICODE
    if ansi:
        return _terminal_look(named, marks)
    back = named["background"]
    panel = named["panel"] or back

    def ink(name: str, *, bold: bool = False) -> Style:
        return Style(color=_colour(named[name] or named["foreground"]), bgcolor=_colour(back), bold=bold or None)

    return Look(
        text=ink("foreground"),
        dim=ink("muted"),
        strong=ink("foreground", bold=True),
        rule=ink("faint"),
        here=ink("accent", bold=True),
        wait=ink("warning"),
        bad=ink("error", bold=True),
        good=ink("success"),
        panel=Style(color=_colour(named["foreground"]), bgcolor=_colour(panel)),
        panel_dim=Style(color=_colour(named["muted"] or named["foreground"]), bgcolor=_colour(panel)),
        panel_key=Style(color=_colour(named["accent"]), bgcolor=_colour(panel), bold=True),
        cursor=Style(bgcolor=_colour(named["cursor"] or panel)),
        cursor_off=Style(bgcolor=_colour(named["cursor-blurred"] or named["surface"] or panel)),
        marks=marks,
    )


def _terminal_look(named: "Mapping[str, str]", marks: Marks) -> Look:
    """Default colours but for what must stand out: the fewest bytes, and right on every background."""

    def ink(name: str, *, bold: bool = False) -> Style:
        return Style(color=_colour(named[name]), bold=bold or None)

    return Look(
        text=Style(),
        dim=Style(dim=True),
        strong=Style(bold=True),
        rule=Style(dim=True),
        here=ink("accent", bold=True),
        wait=ink("warning"),
        bad=ink("error", bold=True),
        good=ink("success"),
        panel=Style(),
        panel_dim=Style(dim=True),
        panel_key=Style(bold=True),
        cursor=Style(color="default", bgcolor="default", reverse=True, dim=False),
        cursor_off=Style(underline=True),
        marks=marks,
    )


def _colour(text: str) -> Color | None:
    """A theme's colour as rich knows it; None for the terminal's own default."""
    if not text or text in {"ansi_default", "default"}:
        return None
    try:
        return Color.parse(text.removeprefix("ansi_") if text.startswith("ansi_") else text[:7])
    except ColorParseError:
        return None


_MARK_OF = {each.name for each in fields(Marks)}


def mark(marks: Marks, state: str) -> str:
    """The mark of an attention or an outbox state; a blank for one without."""
    names = {"queued": "sending", "sent": "done", "by hand": "uncertain", "cancelled": "done"}
    name = names.get(state, state)
    return str(getattr(marks, name)) if name in _MARK_OF else " "
