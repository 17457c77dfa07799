"""A list under a line to type in: what is typed decides what is listed, arrows move, Enter opens."""

from typing import ClassVar, TypeVar

from textual import events, on
from textual.app import ComposeResult

from tui.keys import token
from tui.kit import Kit
from tui.screens.split import Split
from tui.widgets.prompt import Prompt

Row = TypeVar("Row")


class Finding(Split[Row]):
    """A place one comes to for finding something."""

    question: ClassVar[str] = "Find"

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.line = Prompt()

    @property
    def words(self) -> str:
        """What was typed so far."""
        return self.line.text.strip()

    def body(self) -> ComposeResult:
        """The line, the list, the pane."""
        with self._left:
            yield self.line
            yield self.list
        yield self._divider
        yield self.pane

    async def open_line(self, text: str = "") -> None:
        """Ask, with a text to begin with."""
        self.is_reading = False
        self.fold()
        await self.line.open(self.question, text)
        self.frame()

    def typed(self) -> None:
        """Something else was typed."""
        self.load()

    @on(Prompt.Typed)
    def heard(self) -> None:
        """Pass it on, when it was typed here and not in a question below."""
        if not self.is_asking:
            self.typed()

    def press(self, event: events.Key) -> bool:
        """While one types, arrows move in the list and Enter opens what they stand on."""
        if self.is_typing and not self.is_asking:
            match token(event):
                case "Down" | "^n":
                    self.list.move(1)
                case "Up" | "^p":
                    self.list.move(-1)
                case "PgDn":
                    self.list.page(0.5)
                case "PgUp":
                    self.list.page(-0.5)
                case "Enter":
                    self.perform("open")
                case "Tab":
                    self.read()
                case _:
                    return super().press(event)
            return True
        return super().press(event)

    def leave_text(self) -> None:
        """Out of the line: into the list, or away when there is nothing in it."""
        if self.words and self.list.current is not None:
            self.set_focus(self.list)
            self.frame()
        else:
            self.do_back("")

    async def do_search(self, _argument: str) -> None:
        """Back into the line."""
        await self.open_line(self.line.text)

    async def do_filter(self, _argument: str) -> None:
        """The same."""
        await self.open_line(self.line.text)
