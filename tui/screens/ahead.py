"""Conversations that were made ready before the cursor comes to them."""

from collections.abc import Sequence
from typing import NamedTuple

from tui.kit import Kit
from tui.widgets.thread_text import ThreadText

_KEPT = 6


class Ready(NamedTuple):
    """A conversation laid out, and the person whose card stands at its foot; None for the card of nobody."""

    text: ThreadText
    person_id: int | None


class Ahead:
    """A few conversations, as good as read now: with anything that is stored, and with every minute, all are let go."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._of = (0, 0)
        self._ready: dict[int, Ready] = {}

    def has(self, conversation_id: int) -> bool:
        """Whether a conversation is ready."""
        self._refresh()
        return conversation_id in self._ready

    def lacks(self, ids: Sequence[int]) -> int | None:
        """The first of these conversations that is not ready, None when all are."""
        self._refresh()
        return next((each for each in ids if each not in self._ready), None)

    def keep(self, conversation_id: int, ready: Ready) -> None:
        """Have a conversation at hand that was read just now, after `lacks`."""
        while len(self._ready) >= _KEPT:
            del self._ready[next(iter(self._ready))]
        self._ready[conversation_id] = ready

    def take(self, conversation_id: int | None) -> Ready | None:
        """A conversation that is ready, None for one that is not; who has it may change it."""
        self._refresh()
        return self._ready.pop(conversation_id, None) if conversation_id is not None else None

    def _refresh(self) -> None:
        of = (self._kit.workspace.version(), self._kit.now // 60)
        if of != self._of:
            self._ready.clear()
            self._of = of
