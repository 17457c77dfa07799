"""The line where a question is asked: its words, then what is typed."""

from typing import TYPE_CHECKING, Self

from textual import events
from textual.containers import Horizontal
from textual.geometry import Region
from textual.message import Message
from textual.strip import Strip

from community.text import clean_line
from tui.display import Displayed
from tui.widgets.canvas import Canvas, cut, strip, wide

if TYPE_CHECKING:
    from textual.widgets import Input


class Words(Canvas):
    """The question, as wide as it is."""

    DEFAULT_CSS = "Words { height: 1; width: auto; }"

    def __init__(self) -> None:
        super().__init__()
        self._words = ""

    def tell(self, words: str) -> None:
        """Show other words."""
        self._words = cut(words, max(8, self.screen.size.width * 2 // 3))
        self.styles.width = wide(self._words) + 2
        self.refresh()

    def line(self, y: int) -> Strip:
        """The only line."""
        return strip([(" " + self._words, self.look.here)], self.cells, self.look.text)


class Prompt(Horizontal):
    """A question on one line. The input is made when it is first needed: it costs more than a whole list."""

    DEFAULT_CSS = """
    Prompt { height: 1; display: none; }
    Prompt > Input { width: 1fr; height: 1; border: none; padding: 0; background: $background; color: $foreground; }
    Prompt > Input:focus { border: none; background-tint: transparent 0%; }
    """

    class Typed(Message):
        """Something was typed; `Prompt.text` holds it."""

    class Turned(Message):
        """The line was opened, or closed."""

    def __init__(self) -> None:
        super().__init__()
        self._words = Words()
        self._input: Input | None = None

    @property
    def is_open(self) -> bool:
        """Whether a question is being asked."""
        return bool(self.display)

    @property
    def text(self) -> str:
        """What was typed so far."""
        return self._input.value if self._input is not None else ""

    async def open(self, words: str, text: str = "", *, hidden: bool = False) -> None:
        """Ask; what was open before is forgotten. A `hidden` answer shows as dots."""
        if self._input is None:
            self._input = _made()
            await self.mount(self._words, self._input)
        self.display = True
        self._words.tell(words)
        self._input.password = hidden
        self._input.value = text
        self._input.cursor_position = len(text)
        self._input.focus()
        self.post_message(self.Turned())

    def write(self, text: str) -> None:
        """Put a text into the line, the cursor behind it."""
        if self._input is not None:
            self._input.value = text
            self._input.cursor_position = len(text)

    def take(self, key: events.Key) -> bool:
        """A key that came before the line had the focus; whether it was a letter, or took one away."""
        if self._input is None:
            return False
        if key.key == "backspace":
            self._input.action_delete_left()
        elif key.character and key.is_printable:
            self._input.insert_text_at_cursor(key.character)
        else:
            return False
        return True

    def close(self) -> None:
        """Stop asking; a hidden answer is forgotten."""
        self.display = False
        if self._input is not None and self._input.password:
            self._input.value = ""

    def on_input_changed(self, event: events.Event) -> None:
        """Tell whoever listens for each letter."""
        event.stop()
        if self.is_open:
            self.post_message(self.Typed())


def _made() -> "Input":
    from textual.geometry import Size  # noqa: PLC0415
    from textual.reactive import Reactive  # noqa: PLC0415
    from textual.widgets import Input  # noqa: PLC0415  late: not needed for the first screen

    class Line(Input, inherit_css=True):
        """One line of text; what is pasted is cleaned.

        However long it is, it takes the same room: a letter need not lay the whole screen out anew.
        """

        DEFAULT_CSS = ""

        virtual_size = Reactive(Size(0, 0))

        def refresh(
            self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False
        ) -> Self:
            """Paint a letter at once, where nothing stands against it."""
            app = self.app
            alone = repaint and self.is_mounted and not layout and not recompose
            if alone and isinstance(app, Displayed) and app.paint_all_of(self):
                return self
            return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

        def on_paste(self, event: events.Paste) -> None:
            """Take the text of the clipboard in, cleaned."""
            event.prevent_default()
            event.stop()
            self.insert_text_at_cursor(clean_line(event.text, limit=10_000))

    line = Line(select_on_focus=False, compact=True)
    line.cursor_blink = False  # nothing is written while nothing happens
    return line
