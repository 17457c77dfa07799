"""A conversation laid out as lines: its tree, what is folded, where the cursor is. No Textual in here.

Only what is near the window is laid out, however long the conversation is.
"""

from collections.abc import Callable, Mapping, Sequence

from community.model import Item
from community.threads import Opened
from tui.widgets.ink import Look, plain_look
from tui.widgets.lines import Piece, cut, filled, taught, under_cursor
from tui.widgets.thread_layout import Entries, Entry, Key, with_branches
from tui.widgets.thread_lines import CUT, ThreadPainter

_CACHED = 600

Card = Callable[[int], Sequence[Sequence[Piece]]]
"""What stands at the foot: lines of pieces for a width."""


def brief(item: Item, look: Look, width: int, *, stages: Mapping[str, str]) -> list[list[Piece]]:
    """What an item itself tells of its author: the card until the person has been read."""
    name, stage = item.name or item.handle, stages.get(item.stage, item.stage)
    words = cut(f"{name} {look.marks.dot} {stage}", max(1, width - 3))
    return [[("  ", look.text), (words[: len(name)], look.strong), (words[len(name) :], look.dim)]]


class _Laid:
    """The lines of an entry: as they were laid out, and as they were drawn."""

    __slots__ = ("head", "lines", "pieces")

    def __init__(self, pieces: list[list[Piece]], head: int) -> None:
        self.pieces = pieces
        self.head = head
        self.lines: dict[tuple[int, bool], list[Piece]] = {}


class ThreadText:
    """A conversation of any length in a window. The cursor stands on an item."""

    def __init__(self, *, now: Callable[[], int], stages: Mapping[str, str], empty: Sequence[str] = ()) -> None:
        self.empty = tuple(empty)
        self.cells = 0
        self.high = 0
        self.look = plain_look()
        self._now = now
        self._stages = stages
        self._opened: Opened | None = None
        self._entries = Entries(())
        self._folded: set[int] = set()
        self._whole: set[int] = set()
        self._at = 0
        self._top = (0, 0)
        self._laid: dict[int, _Laid] = {}
        self._visible: list[tuple[int, int]] = []
        self._card: Card | None = None
        self._foot: list[list[Piece]] = []
        self._blank: list[Piece] = []
        self._shown: tuple[Opened | None, int, tuple[int, int]] = (None, 0, (0, 0))

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

    @property
    def length(self) -> int:
        """How many items and unsent replies there are to see."""
        return len(self._entries)

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
        self._shown = (opened, self._at, self._top)

    @property
    def is_as_shown(self) -> bool:
        """Whether it is as `show` left it: nobody moved in it, folded anything, or brought it up to date."""
        opened, at, top = self._shown
        return self._opened is opened and (self._at, self._top) == (at, top) and not self._folded and not self._whole

    def renew(self, opened: Opened, *, card: Card | None = None) -> None:
        """The same conversation as it is now: cursor and place stay."""
        here = self._here()
        top = self._entries.key(self._top[0]) if self._top[0] < len(self._entries) else None
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

    def scroll_lines(self, by: int) -> None:
        """Some lines down, or up; the cursor stays in sight."""
        self._scroll(by)
        self._lay()
        shown = [at for at, _ in self._visible]
        if shown and self._at not in shown:
            self._at = shown[0] if self._at < shown[0] else shown[-1]

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
            self._folded ^= {self.item.id} & with_branches(self._opened.nodes)
            self._refold()

    def fold_all(self, *, closed: bool) -> None:
        """Close every branch, or open them."""
        if self._opened is not None:
            self._folded = with_branches(self._opened.nodes) if closed else set()
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

    def fit(self, cells: int, high: int, look: Look) -> None:
        """Lay out for another size or theme."""
        self.cells, self.high, self.look = cells, high, look
        self._laid.clear()
        self._lay(follow=True)

    def _build(self) -> None:
        opened = self._opened
        self._entries = Entries(opened.items, opened.unsent, self._folded) if opened is not None else Entries(())
        self._at = max(0, min(self._at, len(self._entries) - 1))

    def _refold(self) -> None:
        here = self._here()
        self._build()
        self._laid.clear()
        self._at = self._place(here) if here is not None else 0
        self._top = (min(self._top[0], max(0, len(self._entries) - 1)), 0)
        self._lay(follow=True)

    def _here(self) -> Key | None:
        return self._entries.key(self._at) if 0 <= self._at < len(self._entries) else None

    def _place(self, key: Key) -> int:
        found = self._entries.place(key)
        return found if found is not None else max(0, min(self._at, len(self._entries) - 1))

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
        self._blank = filled([], self.cells, self.look.text)
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

    def _footer(self) -> list[list[Piece]]:
        """The card, always as high as there is room for one, so that nothing moves when another person's comes."""
        room = 6 if self.high >= 24 else 4 if self.high >= 13 else 0
        if self._card is None or not room:
            return []
        look = self.look
        rule = filled([(" " + look.marks.across * (self.cells - 2) + " ", look.rule)], self.cells, look.text)
        lines = [filled(line, self.cells, look.text) for line in self._card(self.cells)[: room - 1]]
        return [rule, *lines, *[self._blank] * (room - 1 - len(lines))]

    # Painting.

    def line(self, y: int, *, focused: bool) -> list[Piece]:
        """One line of the pane, as wide as it is; the same object as long as nothing changes in it."""
        room = self._room
        if y >= room:
            return self._foot[y - room] if y - room < len(self._foot) else self._blank
        if self._opened is None:
            lines = taught(self.empty, self.cells, self.look)
            return filled(lines[y], self.cells, self.look.text) if y < len(lines) else self._blank
        if y >= len(self._visible):
            return self._blank
        at, part = self._visible[y]
        laid = self._painted(at)
        here = at == self._at and focused and part == laid.head
        found = laid.lines.get((part, here))
        if found is None:
            line, fill = laid.pieces[part], self.look.text
            if here:
                line, fill = under_cursor(self.look, line, focused=True), self.look.on_cursor(fill, focused=True)
            found = laid.lines[part, here] = filled(line, self.cells, fill)
        return found

    def _painted(self, at: int) -> _Laid:
        laid = self._laid.get(at)
        if laid is None:
            if len(self._laid) > _CACHED:
                self._laid.clear()
            painter = ThreadPainter(self._opened, self.look, self.cells, self._now(), self._stages, self._whole)
            title = painter.title() if at == 0 else []
            laid = self._laid[at] = _Laid([*title, *painter.lines(self._entries[at])], len(title))
        return laid

    def point(self, y: int) -> bool | None:
        """The cursor to the entry on a line; whether it was there already, None where there is no entry."""
        if not 0 <= y < len(self._visible):
            return None
        at = self._visible[y][0]
        again, self._at = at == self._at, at
        self._lay()
        return again
