"""What stands around every place: the header, the rules, the message line, the footer and the line between panes."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.canvas import Canvas, Piece, cut, fit, spread, strip, wide


class Header(Canvas):
    """The places as tabs, or on a narrow screen the way to where one is; the numbers that matter at the right."""

    DEFAULT_CSS = "Header { height: 1; }"

    @dataclass
    class Chosen(Message):
        """A tab was clicked."""

        name: str

    def __init__(self, tabs: Sequence[str]) -> None:
        super().__init__()
        self._tabs = tuple(tabs)
        self._crumbs: tuple[str, ...] = ()
        self._state: tuple[tuple[str, str], ...] = ()
        self._ends: list[tuple[int, str]] = []

    def tell(self, crumbs: Sequence[str], state: Sequence[tuple[str, str]]) -> None:
        """Where one is, and (words, "wait" | "bad" | "") for the right end. Paints only when something differs."""
        if (tuple(crumbs), tuple(state)) != (self._crumbs, self._state):
            self._crumbs, self._state = tuple(crumbs), tuple(state)
            self.refresh()

    def line(self, y: int) -> Strip:
        """The only line."""
        look = self.look
        ink = {"wait": look.wait, "bad": look.bad, "": look.dim}
        right: list[Piece] = []
        for words, kind in self._state:
            right += [(f" {look.marks.dot} " if right else "", look.dim), (words, ink[kind])]
        right.append((" ", look.text))
        tabs, ends = self._as_tabs()
        used = sum(wide(text) for text, _ in tabs)
        crowded = used + sum(wide(text) for text, _ in right) > self.cells
        if crowded or len(self._crumbs) > 1:
            while len(right) > 3 and self._crumb_width() + sum(wide(text) for text, _ in right) > self.cells:
                del right[-3:-1]
            self._ends = []
            return spread(self._as_crumbs(self.cells), [("  ", look.text), *right], self.cells, look.text)
        self._ends = ends
        return spread(tabs, right, self.cells, look.text)

    def _crumb_width(self) -> int:
        return sum(wide(cut(each, 30)) + 3 for each in self._crumbs)

    def _as_tabs(self) -> tuple[list[Piece], list[tuple[int, str]]]:
        look = self.look
        pieces: list[Piece] = []
        ends: list[tuple[int, str]] = []
        at = 0
        for tab in self._tabs:
            here = bool(self._crumbs) and tab == self._crumbs[0]
            pieces += [(" ", look.text), (tab, look.here if here else look.dim), ("  ", look.text)]
            at += wide(tab) + 3
            ends.append((at, tab))
        return pieces, ends

    def _as_crumbs(self, width: int) -> list[Piece]:
        look = self.look
        pieces: list[Piece] = [(" ", look.text)]
        for at, each in enumerate(self._crumbs):
            if at:
                pieces.append((f" {look.marks.into} ", look.dim))
            last = at == len(self._crumbs) - 1
            room = max(4, min(40, width - 6))
            pieces.append((cut(each, room, dots=look.marks.dots), look.here if last else look.text))
        return pieces

    def on_click(self, event: events.Click) -> None:
        """Go to the tab under the mouse."""
        for end, name in self._ends:
            if event.x < end:
                self.post_message(self.Chosen(name))
                return


class Rule(Canvas):
    """A thin line with a joint where panes part; a message takes its place."""

    DEFAULT_CSS = "Rule { height: 1; }"

    def __init__(self, *, above: bool, id: str | None = None) -> None:  # noqa: A002  Textual's own name
        super().__init__(id=id)
        self._above = above
        self._joints: tuple[int, ...] = ()
        self._words = ""
        self._kind = ""

    @property
    def words(self) -> str:
        """The message that is shown, "" for none."""
        return self._words

    def join(self, columns: Sequence[int]) -> None:
        """Where the lines between panes meet this one."""
        if tuple(columns) != self._joints:
            self._joints = tuple(columns)
            self.refresh()

    def tell(self, words: str, kind: str = "") -> None:
        """Show a message: kind "bad" for what went wrong, "wait" for what is about to happen; "" removes it."""
        if (words, kind) != (self._words, self._kind):
            self._words, self._kind = words, kind
            self.refresh()

    def line(self, y: int) -> Strip:
        """The only line."""
        look = self.look
        if self._words:
            ink = {"bad": look.bad, "wait": look.wait}.get(self._kind, look.text)
            lead = f"{look.marks.failed} " if self._kind == "bad" else ""
            room = max(1, self.cells - 3 - len(lead))
            return strip([(" " + lead + fit(self._words, room, dots=look.marks.dots), ink)], self.cells, look.text)
        marks = look.marks
        inner = max(0, self.cells - 2)
        cells = [marks.across] * inner
        for column in self._joints:
            if 0 < column <= inner:
                cells[column - 1] = marks.tee_down if self._above else marks.tee_up
        return strip([(" " + "".join(cells) + " ", look.rule)], self.cells, look.text)


class Footer(Canvas):
    """At most eight keys that are valid right here, and how the outbox stands."""

    DEFAULT_CSS = "Footer { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._keys: tuple[tuple[str, str], ...] = ()
        self._outbox = ""

    @property
    def keys(self) -> tuple[tuple[str, str], ...]:
        """The (key, label) pairs that are shown."""
        return self._keys

    def tell(self, keys: Sequence[tuple[str, str]], outbox: str) -> None:
        """(key, label) pairs, the most useful first, and the state of the outbox."""
        wanted = tuple(keys)[:8]
        if (wanted, outbox) != (self._keys, self._outbox):
            self._keys, self._outbox = wanted, outbox
            self.refresh()

    def line(self, y: int) -> Strip:
        """The only line: as many keys as fit whole."""
        look = self.look
        right: list[Piece] = [(f"{self._outbox} ", look.dim)] if self._outbox else []
        room = self.cells - sum(wide(text) for text, _ in right) - 1
        gap = "   " if self.cells >= 110 else "  "
        left: list[Piece] = [(" ", look.text)]
        used = 1
        for key, label in self._keys:
            size = wide(key) + 1 + wide(label) + len(gap)
            if used + size - len(gap) > room:
                break
            left += [(key, look.strong), (f" {label}{gap}", look.dim)]
            used += size
        return spread(left, right, self.cells, look.text)


class Divider(Canvas):
    """The thin line between two panes."""

    DEFAULT_CSS = "Divider { width: 1; height: 1fr; }"

    def line(self, y: int) -> Strip:
        """One cell of it."""
        return strip([(self.look.marks.down, self.look.rule)], self.cells, self.look.text)
