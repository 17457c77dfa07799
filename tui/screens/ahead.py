"""Conversations that are made ready before the cursor comes to them, and the one it left."""

from collections.abc import Callable, Generator, Sequence
from typing import NamedTuple

from community.people import Card
from community.threads import Opened
from tui.kit import Kit
from tui.widgets.thread_text import ThreadText

LONG = 500
"""Longer conversations are read when the cursor is on them, and not kept: they would take too much time, and memory."""
_KEPT = 6


class Read(NamedTuple):
    """A conversation as it is stored, and who it begins with; None for nobody, or oneself."""

    opened: Opened
    author: Card | None


class Ready(NamedTuple):
    """A conversation laid out, and what was read for it."""

    text: ThreadText
    read: Read


Making = Generator[None, None, Ready | None]
"""A conversation that is made ready in slices of about a millisecond; it comes to None when it does not exist."""


class Ahead:
    """A few conversations, as good as read now: after anything was stored, one that is wanted is read again, and laid
    out again only when it is another. With every minute all are let go.
    """

    def __init__(self, kit: Kit, make: Callable[[int], Making], read: Callable[[int], Read | None]) -> None:
        self._kit = kit
        self._make = make
        self._read = read
        self._version = 0
        self._minute = 0
        self._ready: dict[int, Ready] = {}
        self._doubted: set[int] = set()
        self._begun: tuple[int, Making] | None = None
        self._on_screen: tuple[int, Ready] | None = None

    def has(self, conversation_id: int) -> bool:
        """Whether a conversation is ready."""
        self._refresh()
        ready = self._ready.get(conversation_id)
        if ready is not None and conversation_id in self._doubted:
            self._doubted.discard(conversation_id)
            if self._read(conversation_id) != ready.read:
                del self._ready[conversation_id]
        return conversation_id in self._ready

    def take(self, conversation_id: int | None) -> Ready | None:
        """A conversation for the screen, where it may be changed; made now if it is not ready.

        What was taken before is kept for the way back, if nobody changed it and it is not long.
        """
        self._refresh()
        before, self._on_screen = self._on_screen, None
        if before is not None and before[1].text.is_as_shown and before[1].text.length <= LONG:
            self._keep(*before)
        if conversation_id is None:
            return None
        ready = self._ready.pop(conversation_id) if self.has(conversation_id) else self._made_now(conversation_id)
        self._on_screen = (conversation_id, ready) if ready is not None else None
        return ready

    def go_on(self, ids: Sequence[int]) -> bool:
        """Make a slice of the first of these that is not ready; False when there is nothing to be made.

        Whether it is still true is asked when it is taken.
        """
        missing = next((each for each in ids if each not in self._ready), None)
        if missing is None:
            return False
        making = self._making(missing)
        try:
            next(making)
        except StopIteration as done:
            self._begun = None
            ready: Ready | None = done.value
            if ready is None:
                return False
            self._keep(missing, ready)
        return True

    def _made_now(self, conversation_id: int) -> Ready | None:
        making = self._making(conversation_id)
        self._begun = None
        while True:
            try:
                next(making)
            except StopIteration as done:
                ready: Ready | None = done.value
                return ready

    def _making(self, conversation_id: int) -> Making:
        """What was begun of a conversation, or a new beginning."""
        if self._begun is None or self._begun[0] != conversation_id:
            self._begun = (conversation_id, self._make(conversation_id))
        return self._begun[1]

    def _keep(self, conversation_id: int, ready: Ready) -> None:
        while len(self._ready) >= _KEPT:
            del self._ready[next(iter(self._ready))]
        self._ready[conversation_id] = ready

    def _refresh(self) -> None:
        version, minute = self._kit.workspace.version(), self._kit.now // 60
        if minute != self._minute:
            self._ready.clear()
            self._on_screen = None
        if (version, minute) != (self._version, self._minute):
            self._begun = None
            self._doubted = {*self._ready, *(self._on_screen or ())[:1]}
            self._version, self._minute = version, minute
