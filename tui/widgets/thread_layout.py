"""A thread as a flat list of entries: who hangs under whom, what is folded, where unsent replies stand. Pure."""

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import NamedTuple

from community.model import Item, OutboxRow

DEEPEST = 12
"""Items further down are drawn at this depth."""


class Entry(NamedTuple):
    """One item, or one reply of mine that is not on the platform yet.

    `guides` has a bit for each depth whose line runs past this entry; `last` says that nothing follows it at its own
    depth; `folded` is how many entries are hidden under it.
    """

    item: Item | None
    unsent: OutboxRow | None
    depth: int
    guides: int = 0
    last: bool = True
    folded: int = 0

    @property
    def key(self) -> tuple[str, int]:
        """What stays the same of it."""
        if self.item is not None:
            return ("item", self.item.id)
        return ("unsent", self.unsent.id if self.unsent is not None else 0)


def entries(
    items: Sequence[tuple[Item, int]], unsent: Sequence[OutboxRow], folded: Collection[int] = ()
) -> list[Entry]:
    """What is shown of a thread, in order. `folded` are the ids of items whose branch is closed."""
    waiting: dict[int, list[OutboxRow]] = {}
    for row in unsent:
        waiting.setdefault(row.item_id, []).append(row)
    flat: list[tuple[Item | None, OutboxRow | None, int, int]] = []
    closed: int | None = None
    for item, deep in items:
        depth = min(deep, DEEPEST)
        if closed is not None and deep > closed:
            before = flat[-1]
            flat[-1] = (before[0], before[1], before[2], before[3] + 1)
            continue
        closed = deep if item.id in folded else None
        flat.append((item, None, depth, 0))
        if closed is None:
            flat += [(None, row, min(depth + 1, DEEPEST), 0) for row in waiting.pop(item.id, ())]
    flat += [(None, row, 1, 0) for rows in waiting.values() for row in rows if not folded]
    return _guided(flat)


def _guided(flat: Sequence[tuple[Item | None, OutboxRow | None, int, int]]) -> list[Entry]:
    """From the last to the first: at each depth, does a line run on?"""
    result: list[Entry] = []
    more = 0
    for item, unsent, depth, hidden in reversed(flat):
        bit = 1 << depth
        result.append(Entry(item, unsent, depth, more & (bit - 1), not more & bit, hidden))
        more = (more & (bit - 1)) | bit
    return result[::-1]


def with_branches(items: Sequence[tuple[Item, int]]) -> set[int]:
    """The ids of items that have something under them."""
    return {item.id for (item, depth), (_, following) in pairwise(items) if following > depth}
