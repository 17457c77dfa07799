"""The reading pane: one conversation as a tree, laid out only where it is looked at."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from textual.message import Message
from textual.strip import Strip

from community.conversations import Opened
from community.model import Item
from tui.widgets.canvas import Piece, blank, strip
from tui.widgets.pointed import Pointed
from tui.widgets.prose import taught
from tui.widgets.thread_layout import Entry, entries, with_branches
from tui.widgets.thread_lines import CUT, ThreadPainter

_CACHED = 600

Card = Callable[[int], Sequence[Sequence[Piece]]]
"""What stands at the foot: lines of pieces for a width."""


class Thread(Pointed):
    """A conversation of any length. The cursor stands on an item."""

    DEFAULT_CSS = "Thread { width: 1fr; }"

    class Moved(Message):
        """The cursor stands on another item."""

    class Pressed(Message):
        """An item was clicked twice."""

    @dataclass(slots=True)
    class _Laid:
        pieces: list[list[Piece]]
        head: int
        strips: dict[tuple[int, bool], Strip]

    def __init__(
        self,
        *,
        now: Callable[[], int],
        stages: Mapping[str, str],
        empty: Sequence[str] = (),
        id: str | None = None,  # noqa: A002  Textual's own name
    ) -> None:
        super().__init__(id=id)
        self.empty = tuple(empty)
        self._now = now
        self._stages = stages
        self._opened: Opened | None = None
        self._entries: list[Entry] = []
        self._folded: set[int] = set()
        self._whole: set[int] = set()
        self._at = 0
        self._top = (0, 0)
        self._laid: dict[tuple[tuple[str, int], int], Thread._Laid] = {}
        self._visible: list[tuple[int, int]] = []
        self._card: Card | None = None
        self._foot: list[Strip] = []

    # What a place asks for.

    @property
    def opened(self) -> Opened | None:
        """The conversation that is shown."""
        return self._opened

    @property
    def entry(self) -> Entry | None:
        """What the cursor is on."""
        return self._entries[self._at] if 0 <= self._at < len(self._entries) else None

    @property
    def item(self) -> Item | None:
        """The item the cursor is on; None on an unsent reply."""
        return self.entry.item if self.entry is not None else None

    def show(self, opened: Opened | None, *, at: int | None = None, card: Card | None = None) -> None:
        """Another conversation, the cursor on the item `at`, which is in sight; else on the first new one."""
        self._opened, self._card = opened, card
        self._folded.clear()
        self._whole.clear()
        self._laid.clear()
        self._build()
        self._at = self._place(("item", at)) if at is not None else 0
        self._top = (0, 0)
        self._lay(follow=True)

    def renew(self, opened: Opened, *, card: Card | None = None) -> None:
        """The same conversation as it is now: cursor and place stay."""
        here = self.entry.key if self.entry is not None else None
        top = self._entries[self._top[0]].key if self._top[0] < len(self._entries) else None
        self._opened, self._card = opened, card if card is not None else self._card
        self._laid.clear()
        self._build()
        if here is not None:
            self._at = self._place(here)
        if top is not None and self._top != (0, 0):
            self._top = (self._place(top), self._top[1])
        self._lay()

    def tell_card(self, card: Card | None) -> None:
        """What stands at the foot from now on."""
        self._card = card
        self._lay()

    def move(self, by: int) -> None:
        """The cursor some items down, or up; through an item that is taller than the pane line by line."""
        if not self._entries:
            return
        step = 1 if by > 0 else -1
        for _ in range(abs(by)):
            if self._goes_on(step):
                self._scroll(step * max(1, self._room // 2))
                continue
            self._at = max(0, min(len(self._entries) - 1, self._at + step))
        self._lay(follow=True)
        self.post_message(self.Moved())

    def scroll_lines(self, by: int) -> None:
        """Some lines down, or up; the cursor stays in sight."""
        self._scroll(by)
        self._lay()
        shown = [at for at, _ in self._visible]
        if shown and self._at not in shown:
            self._at = shown[0] if self._at < shown[0] else shown[-1]
            self.repaint()

    def page(self, by: float) -> None:
        """Some screens down, or up."""
        self.scroll_lines(round(by * self._room) or (1 if by > 0 else -1))

    def first(self) -> None:
        """The beginning."""
        self._at, self._top = 0, (0, 0)
        self._lay()

    def last(self) -> None:
        """The last item, measured from the end: nothing before it is laid out."""
        self._at = max(0, len(self._entries) - 1)
        self._lay(follow=True)

    def go_to(self, item_id: int) -> None:
        """The cursor on an item."""
        self._at = self._place(("item", item_id))
        self._lay(follow=True)

    def fold(self) -> None:
        """Close the branch under the cursor, or open it."""
        if self.item is not None and self._opened is not None:
            self._folded ^= {self.item.id} & with_branches(self._opened.items)
            self._refold()

    def fold_all(self, *, closed: bool) -> None:
        """Close every branch, or open them."""
        if self._opened is not None:
            self._folded = with_branches(self._opened.items) if closed else set()
            self._refold()

    def show_whole(self) -> bool:
        """Show all of an item that was cut for its length; False when it was not."""
        if self.item is None or len(self.item.text) <= CUT or self.item.id in self._whole:
            return False
        self._whole.add(self.item.id)
        self._laid.clear()
        self._lay()
        return True

    def redraw(self) -> None:
        """Words that depend on the time have changed."""
        self._laid.clear()
        self._lay()

    # Laying out.

    @property
    def _room(self) -> int:
        return max(0, self.high - len(self._foot))

    def fitted(self) -> None:
        """Another size or theme."""
        self._laid.clear()
        self._lay(follow=True)

    def _build(self) -> None:
        opened = self._opened
        self._entries = entries(opened.items, opened.unsent, self._folded) if opened is not None else []
        self._at = max(0, min(self._at, len(self._entries) - 1))

    def _refold(self) -> None:
        here = self.entry.key if self.entry is not None else None
        self._build()
        self._laid.clear()
        self._at = self._place(here) if here is not None else 0
        self._top = (min(self._top[0], max(0, len(self._entries) - 1)), 0)
        self._lay(follow=True)

    def _place(self, key: tuple[str, int | None]) -> int:
        found = (at for at, entry in enumerate(self._entries) if entry.key == key)
        return next(found, max(0, min(self._at, len(self._entries) - 1)))

    def _tall(self, at: int) -> int:
        return len(self._painted(at).pieces)

    def _goes_on(self, step: int) -> bool:
        """Whether the item under the cursor has lines beyond the edge towards which the cursor goes."""
        parts = [part for at, part in self._visible if at == self._at]
        if not parts:
            return False
        if step > 0:
            return parts[-1] < self._tall(self._at) - 1 and len(parts) >= self._room // 2
        return parts[0] > 0

    def _scroll(self, by: int) -> None:
        at, part = self._top
        while by > 0 and self._entries:
            left = self._tall(at) - part
            if by < left:
                part += by
                break
            if at == len(self._entries) - 1:
                part = max(0, self._tall(at) - 1)
                break
            by, at, part = by - left, at + 1, 0
        while by < 0:
            if part >= -by:
                part += by
                break
            if at == 0:
                part = 0
                break
            by, at = by + part, at - 1
            part = self._tall(at)
        self._top = (at, part)
        self._top = min(self._top, self._lowest())

    def _lowest(self) -> tuple[int, int]:
        """The top that puts the last line at the foot of the pane."""
        return self._above(len(self._entries) - 1, self._tall(len(self._entries) - 1)) if self._entries else (0, 0)

    def _above(self, at: int, lines: int) -> tuple[int, int]:
        """The top that puts the first `lines` lines of an entry at the foot of the pane."""
        room = self._room - lines
        while room > 0 and at > 0:
            at -= 1
            room -= self._tall(at)
        return (at, max(0, -room))

    def _lay(self, *, follow: bool = False) -> None:
        if not self.cells or not self.high:
            return
        self._foot = self._footer()
        if follow and self._entries:
            room = self._room
            tall = self._tall(self._at)
            if (self._at, 0) < self._top:
                self._top = (self._at, 0)
            elif tall <= room:
                self._top = max(self._top, self._above(self._at, tall))
            else:
                self._top = max(self._top, (self._at, 0) if self._top[0] < self._at else self._top)
        self._visible = []
        at, part = self._top
        while at < len(self._entries) and len(self._visible) < self._room:
            self._visible += [(at, line) for line in range(part, self._tall(at))]
            at, part = at + 1, 0
        del self._visible[self._room :]
        self.repaint()

    def _footer(self) -> list[Strip]:
        """The card, always as high as there is room for one, so that nothing moves when another person's comes."""
        room = 6 if self.high >= 24 else 4 if self.high >= 13 else 0
        if self._card is None or not room:
            return []
        look = self.look
        rule = strip([(" " + look.marks.across * (self.cells - 2) + " ", look.rule)], self.cells, look.text)
        lines = [strip(line, self.cells, look.text) for line in self._card(self.cells)[: room - 1]]
        return [rule, *lines, *[blank(self.cells, look.text)] * (room - 1 - len(lines))]

    # Painting.

    def line(self, y: int) -> Strip:
        """One line of the pane."""
        room = self._room
        if y >= room:
            return self._foot[y - room] if y - room < len(self._foot) else blank(self.cells, self.look.text)
        if self._opened is None:
            lines = taught(self.empty, self.cells, self.look)
            return strip(lines[y] if y < len(lines) else [], self.cells, self.look.text)
        if y >= len(self._visible):
            return blank(self.cells, self.look.text)
        at, part = self._visible[y]
        return self._strip(at, part)

    def _strip(self, at: int, part: int) -> Strip:
        laid = self._painted(at)
        here = at == self._at and self.has_focus and part == laid.head
        found = laid.strips.get((part, here))
        if found is None:
            pieces = laid.pieces[part]
            fill = self.look.text
            if here:
                fill = self.look.on_cursor(fill, focused=True)
                pieces = [(text, self.look.on_cursor(style, focused=True)) for text, style in pieces]
            found = laid.strips[part, here] = strip(pieces, self.cells, fill)
        return found

    def _painted(self, at: int) -> "Thread._Laid":
        entry = self._entries[at]
        key = (entry.key, self.cells)
        laid = self._laid.get(key)
        if laid is None:
            if len(self._laid) > _CACHED:
                self._laid.clear()
            painter = ThreadPainter(self._opened, self.look, self.cells, self._now(), self._stages, self._whole)
            title = painter.title() if at == 0 else []
            laid = self._laid[key] = Thread._Laid([*title, *painter.lines(entry)], len(title), {})
        return laid

    # The mouse.

    def pointed(self, y: int, *, twice: bool) -> None:
        """The cursor goes where the mouse points."""
        if 0 <= y < len(self._visible):
            at = self._visible[y][0]
            if at == self._at and twice:
                self.post_message(self.Pressed())
            self._at = at
            self._lay()
            self.post_message(self.Moved())

    def wheel(self, by: int) -> None:
        """The text goes with the wheel."""
        self.scroll_lines(by)
