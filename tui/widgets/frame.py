"""What stands around every place: the header, the rules, the message line, the footer and the line between panes."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events
from textual.message import Message
from textual.strip import Strip

from tui.widgets.canvas import Canvas, strip
from tui.widgets.frame_lines import footer_line, header_line, rule_line


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
            self.repaint()

    def line(self, y: int) -> Strip:
        """The only line."""
        line, self._ends = header_line(self.look, self.cells, self._tabs, self._crumbs, self._state)
        return strip(line, self.cells, self.look.text)

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
            self.repaint()

    def tell(self, words: str, kind: str = "") -> None:
        """Show a message: kind "bad" for what went wrong, "wait" for what is about to happen; "" removes it."""
        if (words, kind) != (self._words, self._kind):
            self._words, self._kind = words, kind
            self.repaint()

    def line(self, y: int) -> Strip:
        """The only line."""
        line = rule_line(self.look, self.cells, self._joints, above=self._above, words=self._words, kind=self._kind)
        return strip(line, self.cells, self.look.text)


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
            self.repaint()

    def line(self, y: int) -> Strip:
        """The only line."""
        return strip(footer_line(self.look, self.cells, self._keys, self._outbox), self.cells, self.look.text)


class Divider(Canvas):
    """The thin line between two panes."""

    DEFAULT_CSS = "Divider { width: 1; height: 1fr; }"

    def line(self, y: int) -> Strip:
        """One cell of it."""
        return strip([(self.look.marks.down, self.look.rule)], self.cells, self.look.text)
