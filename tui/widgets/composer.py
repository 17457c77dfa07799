"""The box a reply is written in, under a line that says as whom, to whom, where, and how long it may be."""

from typing import TYPE_CHECKING

from textual import events
from textual.containers import Vertical
from textual.message import Message
from textual.strip import Strip

from community.asides import without_asides
from community.text import clean
from tui.widgets.canvas import Canvas, cut, spread, strip, wide, wrapped

if TYPE_CHECKING:
    from textual.widgets import TextArea

    from community.sources.base import LengthRule


class Bar(Canvas, can_focus=True):
    """The line above the box. It has the focus while the reply is reviewed: then letters are verbs."""

    DEFAULT_CSS = "Bar { height: 1; }"

    def __init__(self) -> None:
        super().__init__()
        self._words = ""
        self._count = ""
        self._too_long = False
        self._trouble = ""

    @property
    def trouble(self) -> str:
        """What went wrong with keeping the draft, "" when it is kept."""
        return self._trouble

    def tell(self, words: str, count: str, *, too_long: bool, trouble: str) -> None:
        """Show other words; paints only when something differs."""
        wanted = (words, count, too_long, trouble)
        if wanted != (self._words, self._count, self._too_long, self._trouble):
            self._words, self._count, self._too_long, self._trouble = wanted
            self.repaint()

    def line(self, y: int) -> Strip:
        """The only line."""
        look, across = self.look, self.look.marks.across
        ink = look.bad if self._too_long else look.dim
        count = [(f" {self._count} ", ink), (across * 2 + " ", look.rule)] if self._count else [(" ", look.text)]
        room = max(4, self.cells - 7 - sum(wide(text) for text, _ in count))
        if self._trouble:
            words, kind = cut(f"NOT SAVED: {self._trouble}", room, dots=look.marks.dots), look.bad
        else:
            words, kind = cut(self._words, room, dots=look.marks.dots), look.here if self.has_focus else look.strong
        bar = across * max(0, room - wide(words))
        return spread(
            [(f"  {across * 2} ", look.rule), (f"{words} ", kind), (bar, look.rule)], count, self.cells, look.text
        )

    def on_focus(self) -> None:
        """Reviewing begins."""
        self.repaint()

    def on_blur(self) -> None:
        """Reviewing ends."""
        self.repaint()


class Preview(Canvas):
    """What will be posted, as it will be."""

    DEFAULT_CSS = "Preview { display: none; }"

    def __init__(self) -> None:
        super().__init__()
        self._text = ""

    def tell(self, text: str) -> None:
        """Show another text."""
        self._text = text
        self.refresh()

    def line(self, y: int) -> Strip:
        """One line of the text, and at the end how it was."""
        look = self.look
        lines = wrapped(self._text[:20_000], max(8, self.cells - 5))
        if len(lines) > self.high:
            lines = [*lines[: max(0, self.high - 1)], look.marks.dots]
        if y >= len(lines):
            return strip([], self.cells, look.text)
        return strip(
            [("  ", look.text), (look.marks.mine, look.here), (" " + lines[y], look.text)], self.cells, look.text
        )


class Composer(Vertical):
    """Closed until a reply is begun. It knows nothing of where the text is kept: it says when it changes."""

    DEFAULT_CSS = """
    Composer { height: 8; width: 1fr; display: none; }
    Composer > TextArea {
        border: none; padding: 0 2; height: 1fr; background: $background; color: $foreground;
        scrollbar-size: 0 0;
    }
    Composer > TextArea:focus { border: none; }
    Composer > TextArea .text-area--cursor-line { background: $background; }
    """

    class Changed(Message):
        """The text is another."""

    class Left(Message):
        """The focus has left the box."""

    def __init__(self) -> None:
        super().__init__()
        self.bar = Bar()
        self.preview = Preview()
        self._box: TextArea | None = None
        self._rule: LengthRule | None = None
        self._words = ""
        self._lead = ""
        self._trouble = ""
        self._promised = ""

    @property
    def is_open(self) -> bool:
        """Whether a reply is being written or reviewed."""
        return bool(self.display)

    @property
    def in_review(self) -> bool:
        """Whether letters are verbs now."""
        return self.is_open and self.is_attached and self.screen.focused is self.bar

    @property
    def text(self) -> str:
        """What is in the box."""
        return self._box.text if self._box is not None else ""

    async def open(self, words: str, text: str, rule: "LengthRule", *, lead: str = "") -> None:
        """Begin to write. `lead` is what will be put in front when it is sent, and counts."""
        if self._box is None:
            self._box = _made_box()
            await self.mount(self.bar, self._box, self.preview)
        self._words, self._rule, self._lead, self._trouble, self._promised = words, rule, lead, "", ""
        self._box.load_text(text)
        self._box.move_cursor(self._box.document.end)
        self.display = True
        self.fit()
        self.write()
        self.tell()

    def fit(self) -> None:
        """As high as the pane allows."""
        parent = self.parent
        room = getattr(parent, "size", self.screen.size).height or self.screen.size.height - 4
        self.styles.height = max(3, min(14, room * 2 // 5))

    def close(self) -> None:
        """Away with the box; its text belongs to whoever kept it."""
        self.display = False
        self.preview.display = False

    def write(self) -> None:
        """Into the box."""
        self._promised = ""
        self.tell()
        self._look_at(preview=False)
        if self._box is not None:
            self._box.focus()

    def review(self) -> None:
        """Out of the box: letters are verbs now, the next one too."""
        self.screen.set_focus(self.bar)

    def toggle_preview(self, posted: str) -> None:
        """Show what will be posted, or the box again."""
        self.preview.tell(posted)
        self._look_at(preview=not self.preview.display)
        self.review()

    def replace(self, text: str) -> None:
        """Another text: the editor was used."""
        if self._box is not None:
            self._box.load_text(text)
            self._box.move_cursor(self._box.document.end)

    def promise(self, words: str) -> None:
        """What is promised in the text, shown in front of the words above the box; "" for nothing."""
        self._promised = words
        self.tell()

    def warn(self, trouble: str) -> None:
        """The draft is not kept, and why; "" when it is again."""
        self._trouble = trouble
        self.tell()

    def left(self) -> int | None:
        """How much may still be written; None without a limit."""
        from community.length import remaining  # noqa: PLC0415  late: the first screen needs no grapheme tables

        if self._rule is None:
            return None
        return remaining(self._rule, self._lead + without_asides(self.text))

    def tell(self) -> None:
        """Bring the line above the box up to date."""
        from community.length import measure  # noqa: PLC0415

        if self._rule is None:
            return
        used = measure(self._rule, self._lead + without_asides(self.text))
        limit = self._rule.limit
        left = self.left()
        count = f"{used} / {limit}" if limit else f"{used}"
        if left is not None and left < 0:
            count += f" ({-left} too long)"
        words = f"{self._promised} · {self._words}" if self._promised else self._words
        self.bar.tell(words, count, too_long=left is not None and left < 0, trouble=self._trouble)

    def _look_at(self, *, preview: bool) -> None:
        self.preview.display = preview
        if self._box is not None:
            self._box.display = not preview

    def on_text_area_changed(self, event: events.Event) -> None:
        """Letters have come or gone."""
        event.stop()
        if self.is_open:
            self.tell()
            self.post_message(self.Changed())

    def on_descendant_blur(self) -> None:
        """The box was left."""
        if self.is_open:
            self.post_message(self.Left())


def _made_box() -> "TextArea":
    from textual.widgets import TextArea  # noqa: PLC0415  late: not needed for the first screen

    class Box(TextArea, inherit_css=True):
        """A plain box; what is pasted is cleaned."""

        DEFAULT_CSS = ""

        def on_paste(self, event: events.Paste) -> None:
            """Take the text of the clipboard in, cleaned."""
            event.prevent_default()
            event.stop()
            done = self.replace(clean(event.text, limit=200_000), *self.selection)
            self.move_cursor(done.end_location)

    box = Box(soft_wrap=True, tab_behavior="indent", highlight_cursor_line=False, compact=True)
    box.cursor_blink = False  # nothing is written while nothing happens
    return box
