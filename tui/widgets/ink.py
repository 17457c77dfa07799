"""What Kith draws with: the styles of the current theme and the marks, each with its plain fallback."""

import os
import sys
from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple, Protocol

from tui.pencil import BOLD, DIM, REVERSE, UNDERLINE


class Marks(NamedTuple):
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


class Ink(NamedTuple):
    """How some text looks: colours as `#rrggbb` or by the terminal's names, "" for its own; and attributes as bits."""

    color: str = ""
    paper: str = ""
    marks: int = 0


class Look(NamedTuple):
    """The inks of a theme. Each is whole, with its paper, so that lines need no second pass."""

    text: Ink
    dim: Ink
    strong: Ink
    rule: Ink
    here: Ink
    wait: Ink
    bad: Ink
    good: Ink
    panel: Ink
    panel_dim: Ink
    panel_key: Ink
    cursor: Ink
    cursor_off: Ink
    marks: Marks

    def on_cursor(self, ink: Ink, *, focused: bool) -> Ink:
        """`ink` as it looks on the line the cursor is on."""
        over = self.cursor if focused else self.cursor_off
        if over.paper:
            return Ink(ink.color, over.paper, ink.marks)
        if over.marks & REVERSE:
            return Ink("", "", (ink.marks & ~DIM) | over.marks)
        return Ink(ink.color, ink.paper, ink.marks | over.marks)


class Colours(Protocol):
    """A theme, ours or Textual's: colours are `#rrggbb`, names like `ansi_red`, or nothing."""

    @property
    def ansi(self) -> bool:
        """Whether it leaves the colours to the terminal."""
        ...


def look_of(theme: Colours, *, colourless: bool = False) -> Look:
    """The look of a theme; `colourless` uses none of its colours but the terminal's own."""
    names = ("foreground", "background", "accent", "warning", "error", "success", "panel", "surface")
    wanted = {name: getattr(theme, name) or "" for name in names}
    given: Mapping[str, str] = getattr(theme, "variables", {})
    for name in ("muted", "faint", "cursor", "cursor-blurred"):
        wanted[name] = given.get(name, "")
    return _look(tuple(wanted.items()), theme.ansi or colourless, plain_terminal())


def plain_look() -> Look:
    """The look of a terminal whose colours are not known."""
    return _terminal_look(dict.fromkeys(("accent", "warning", "error", "success"), ""), UNICODE)


@lru_cache(8)
def _look(colours: tuple[tuple[str, str], ...], ansi: bool, ascii_only: bool) -> Look:
    named = dict(colours)
    marks = ASCII if ascii_only else UNICODE
    if ansi:
        return _terminal_look(named, marks)
    back = named["background"]
    panel = named["panel"] or back

    def ink(name: str, marks: int = 0, *, paper: str = back) -> Ink:
        return Ink(_colour(named[name] or named["foreground"]), _colour(paper), marks)

    return Look(
        text=ink("foreground"),
        dim=ink("muted"),
        strong=ink("foreground", BOLD),
        rule=ink("faint"),
        here=ink("accent", BOLD),
        wait=ink("warning"),
        bad=ink("error", BOLD),
        good=ink("success"),
        panel=ink("foreground", paper=panel),
        panel_dim=ink("muted", paper=panel),
        panel_key=ink("accent", BOLD, paper=panel),
        cursor=Ink(paper=_colour(named["cursor"] or panel)),
        cursor_off=Ink(paper=_colour(named["cursor-blurred"] or named["surface"] or panel)),
        marks=marks,
    )


def _terminal_look(named: "Mapping[str, str]", marks: Marks) -> Look:
    """Default colours but for what must stand out: the fewest bytes, and right on every background."""

    def ink(name: str, marks: int = 0) -> Ink:
        return Ink(_colour(named[name]), "", marks)

    return Look(
        text=Ink(),
        dim=Ink(marks=DIM),
        strong=Ink(marks=BOLD),
        rule=Ink(marks=DIM),
        here=ink("accent", BOLD),
        wait=ink("warning"),
        bad=ink("error", BOLD),
        good=ink("success"),
        panel=Ink(),
        panel_dim=Ink(marks=DIM),
        panel_key=Ink(marks=BOLD),
        cursor=Ink(marks=REVERSE),
        cursor_off=Ink(marks=UNDERLINE),
        marks=marks,
    )


def _colour(text: str) -> str:
    """A theme's colour as terminals know it; "" for the terminal's own default."""
    if not text or text in {"ansi_default", "default"}:
        return ""
    return text.removeprefix("ansi_") if text.startswith("ansi_") else text[:7].lower()


_MARK_OF = frozenset(Marks._fields)


def mark(marks: Marks, state: str) -> str:
    """The mark of an attention or an outbox state; a blank for one without."""
    names = {"queued": "sending", "sent": "done", "by hand": "uncertain", "cancelled": "done"}
    name = names.get(state, state)
    return str(getattr(marks, name)) if name in _MARK_OF else " "
