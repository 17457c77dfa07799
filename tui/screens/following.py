"""The conversation on screen: it follows the cursor of a list, with the card of whoever speaks at its foot.

What the cursor may come to next is read and laid out while nothing happens.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial

from textual import on
from textual.containers import Vertical

from community.errors import StorageError
from community.model import ConversationRow, Item
from community.people import Card as PersonCard
from community.threads import Opened
from tui.kit import Kit
from tui.screens.ahead import LONG, Ahead, Making, Read, Ready
from tui.screens.place import Place
from tui.widgets.canvas import Piece
from tui.widgets.composer import Composer
from tui.widgets.person_card import card_lines
from tui.widgets.thread import Card, Thread
from tui.widgets.thread_text import brief

_FOLLOW_S = 0.08
_LIGHT_S = 0.5
_REST_S = 0.12
_PAUSE_S, _BETWEEN_S = 0.05, 0.004
_LINES = 14


class Pane(Vertical):
    """The conversation, and under it the box for the answer."""

    DEFAULT_CSS = "Pane { width: 1fr; height: 1fr; }"


class Following(Place):
    """A place with a conversation. `follow` shows one, at once or when keys have stopped repeating."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.thread = Thread(now=lambda: kit.now, stages=kit.stages(), id="thread")
        self.composer = Composer()
        self._ahead = Ahead(kit, self._make, self._read)
        self._looking_ahead: asyncio.TimerHandle | None = None
        self._wanted: int | None = None
        self._followed_at = 0.0
        self._is_late = False
        self._person: int | None = None

    # What a place says of itself.

    def comes_next(self) -> Sequence[ConversationRow]:
        """Where the cursor may go from here."""
        return ()

    def left_conversation(self) -> None:
        """Another conversation takes the place of the one on screen."""

    # Showing.

    def pane(self) -> Pane:
        """The reading pane, for `body`."""
        return Pane(self.thread, self.composer, id="pane")

    def follow(self, conversation_id: int | None, *, now: bool = False) -> None:
        """Show a conversation beside the list; it waits while keys repeat, on a slow line until the cursor rests."""
        if conversation_id == self._wanted and not now:
            return
        self._wanted = conversation_id
        moment = time.monotonic()
        if now:
            self._show()
        elif moment - self._followed_at > self._patience_s and not self.kit.light:
            self._show_whole()
        elif not self._is_late:
            self._is_late = True
            self.set_timer(self._patience_s, self._show_late)
        self._followed_at = moment

    @property
    def _patience_s(self) -> float:
        return _LIGHT_S if self.kit.light else _FOLLOW_S

    def _show_late(self) -> None:
        left = self._followed_at + self._patience_s - time.monotonic()
        if left > 0.01:
            self.set_timer(left, self._show_late)
            return
        self._is_late = False
        opened = self.thread.opened
        if self._wanted != (opened.row.id if opened is not None else None):
            self._show_whole()

    def _show(self) -> None:
        """What is wanted, with the least that is true of its author: the rest comes when the cursor has rested."""
        self.left_conversation()
        self._ahead.take(None)
        opened = self._opened(self._wanted)
        if opened is None:
            self.thread.show(None)
            return
        target = opened.begins_at()
        self.thread.show(opened, at=target.id if target is not None else None, card=self._brief(target))
        self._person = None
        self._card_soon(target)
        self._look_ahead_after(2 * _REST_S)

    def _show_whole(self) -> None:
        """What is wanted, with everything that is known of its author; most often that was read ahead."""
        self.left_conversation()
        ready = self._ahead.take(self._wanted)
        if ready is None:
            self.thread.show(None)
            return
        self._person = ready.read.author.person.id if ready.read.author is not None else None
        self.thread.take(ready.text)
        self._look_ahead_after(_PAUSE_S)

    def _opened(self, conversation_id: int | None) -> Opened | None:
        if conversation_id is None:
            return None
        try:
            return self.workspace.conversations.open(conversation_id)
        except StorageError:
            return None

    # What comes next.

    def _make(self, conversation_id: int) -> Making:
        """Read a conversation and lay it out."""
        opened = self._opened(conversation_id)
        if opened is None:
            return None
        target = opened.begins_at()
        yield
        author = self._author(opened)
        card = self._painted_card(author) if author is not None else self._brief(target)
        yield
        text = self.thread.text_of(opened, at=target.id if target is not None else None, card=card)
        for first in range(0, text.high, _LINES):
            yield
            self.thread.foresee(text, range(first, min(text.high, first + _LINES)))
        return Ready(text, Read(opened, author))

    def _read(self, conversation_id: int) -> Read | None:
        opened = self._opened(conversation_id)
        return Read(opened, self._author(opened)) if opened is not None else None

    def _author(self, opened: Opened) -> PersonCard | None:
        target = opened.begins_at()
        if target is None or target.mine or self.composer.is_open:
            return None
        return self._card_of(target.person_id)

    def _look_ahead_after(self, pause_s: float) -> None:
        """Once the cursor has rested: read where it may come next, in slices, so that no key waits for all of it."""
        if self._looking_ahead is not None:
            self._looking_ahead.cancel()
        loop = asyncio.get_running_loop()
        self._looking_ahead = loop.call_later(pause_s, self._look_ahead, self._wanted)

    def _look_ahead(self, shown: int | None) -> None:
        if shown != self._wanted or not self.is_current or self.composer.is_open:
            return
        try:
            goes_on = self._ahead.go_on([row.id for row in self.comes_next() if row.items <= LONG])
        except Exception as error:
            self.call_later(_raised, error)  # where it is met like any other
            return
        if goes_on:
            self._look_ahead_after(_BETWEEN_S)

    def reread(self) -> None:
        """Bring the conversation on screen up to date; cursor and place stay."""
        opened = self.thread.opened
        if opened is None:
            return
        conversations = self.workspace.conversations
        try:
            if len(opened.items) > LONG and conversations.row(opened.row.id) == opened.row:
                return
            self.thread.renew(self.as_shown(conversations.open(opened.row.id)))
        except StorageError:
            self.thread.show(None)
            return
        self._person = None
        self.other_person()

    def as_shown(self, opened: Opened) -> Opened:
        """A conversation without what is on screen elsewhere."""
        return opened

    # The card.

    @on(Thread.Moved)
    def other_person(self) -> None:
        """The card is that of whoever the cursor is on."""
        self._card_soon(self.thread.item)

    def _card_soon(self, item: Item | None) -> None:
        if item is not None and not item.mine and item.person_id != self._person and not self.composer.is_open:
            self._person = item.person_id
            self.set_timer(_REST_S, partial(self._card_now, item.person_id))

    def _card_now(self, person_id: int) -> None:
        if person_id == self._person and not self.composer.is_open:
            known = self._card_of(person_id)
            if known is not None:
                self.thread.tell_card(self._painted_card(known))

    def _card_of(self, person_id: int) -> PersonCard | None:
        try:
            return self.workspace.people.card(person_id)
        except StorageError:
            return None

    def _brief(self, item: Item | None) -> Card | None:
        """What is known of the author without reading."""
        if item is None or item.mine:
            return None
        stages = self.kit.stages()
        return lambda width: brief(item, self.thread.look, width, stages=stages)

    def _painted_card(self, card: PersonCard) -> Card:
        stages = self.kit.stages()

        def paint(width: int) -> Sequence[Sequence[Piece]]:
            return card_lines(card, self.thread.look, width, now=self.kit.now, stages=stages)

        return paint

    def ages(self) -> None:
        """Ages have changed."""
        self.thread.redraw()


def _raised(error: Exception) -> None:
    raise error
