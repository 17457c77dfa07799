"""What an action is about, and what carries one out."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from community.workspace import Workspace


class Selection(NamedTuple):
    """What an action is about, as far as the place it is called from knows, and what the user typed for it."""

    conversations: tuple[int, ...] = ()
    items: tuple[int, ...] = ()
    people: tuple[int, ...] = ()
    outbox: tuple[int, ...] = ()
    source: int | None = None
    argument: str = ""
    pair: tuple[int, int] | None = None
    identity: int | None = None
    merging: int | None = None


Run = Callable[[Workspace, Selection], Awaitable[str]]
"""Carries one action out; the sentence that says what happened."""
