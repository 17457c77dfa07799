"""A thread as a flat list of entries: who hangs under whom, what is folded, where unsent replies stand. Pure."""

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise
from typing import NamedTuple, overload

from community.model import Item, OutboxRow
from community.threads import Nodes, nodes

DEEPEST = 12
"""Items further down are drawn at this depth."""


Key = tuple[str, int]
"""An item or an unsent reply, and its id."""


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


class Entries(Sequence[Entry]):
    """What is shown of a thread, in order. Entries are made when they are asked for, so that none is read before."""

    def __init__(
        self, items: Sequence[tuple[Item, int]], unsent: Sequence[OutboxRow] = (), folded: Collection[int] = ()
    ) -> None:
        """`folded` are the ids of items whose branch is closed."""
        self._items = items
        self._unsent = {row.id: row for row in unsent}
        self._places: list[int] = []
        """Where an entry's item stands among the items; for an unsent reply minus its id."""
        self._depths: list[int] = []
        self._hidden: dict[int, int] = {}
        self._arrange(unsent, folded)
        self._guides = _guides(self._depths)

    def _arrange(self, unsent: Sequence[OutboxRow], folded: Collection[int]) -> None:
        found = nodes(self._items)
        waiting: dict[int, list[OutboxRow]] = {}
        for row in unsent:
            waiting.setdefault(row.item_id, []).append(row)
        if folded:
            self._arrange_folded(found, waiting, folded)
            return
        self._places = list(range(len(found)))
        self._depths = [deep if deep < DEEPEST else DEEPEST for _, deep in found]
        answered = [at for at, (node, _) in enumerate(found) if node.id in waiting] if waiting else ()
        for at in reversed(answered):
            rows = waiting.pop(found[at][0].id)
            self._places[at + 1 : at + 1] = [-row.id for row in rows]
            self._depths[at + 1 : at + 1] = [min(found[at][1] + 1, DEEPEST)] * len(rows)
        for rows in waiting.values():
            for row in rows:
                self._add(-row.id, 1)

    def _arrange_folded(
        self, found: Nodes, waiting: Mapping[int, Sequence[OutboxRow]], folded: Collection[int]
    ) -> None:
        closed: int | None = None
        for at, (node, deep) in enumerate(found):
            if closed is not None and deep > closed:
                last = len(self._places) - 1
                self._hidden[last] = self._hidden.get(last, 0) + 1
                continue
            closed = deep if node.id in folded else None
            self._add(at, deep)
            if closed is None:
                for row in waiting.get(node.id, ()):
                    self._add(-row.id, deep + 1)

    def _add(self, place: int, depth: int) -> None:
        self._places.append(place)
        self._depths.append(min(depth, DEEPEST))

    def __len__(self) -> int:
        return len(self._places)

    @overload
    def __getitem__(self, at: int) -> Entry: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[Entry]: ...

    def __getitem__(self, at: int | slice) -> Entry | Sequence[Entry]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        place, depth = self._places[at], self._depths[at]
        guides = self._guides[at]
        passing, last = guides & ((1 << depth) - 1), not guides & (1 << depth)
        item = self._items[place][0] if place >= 0 else None
        unsent = self._unsent[-place] if place < 0 else None
        return Entry(item, unsent, depth, passing, last, self._hidden.get(at % len(self), 0))

    def key(self, at: int) -> Key:
        """What stays the same of an entry, without reading it."""
        place = self._places[at]
        return ("item", nodes(self._items)[place][0].id) if place >= 0 else ("unsent", -place)

    def place(self, key: Key) -> int | None:
        """Where the entry with a key stands; None when it is not shown."""
        what, number = key
        if what == "unsent":
            return self._places.index(-number) if -number in self._places else None
        found = nodes(self._items)
        return next((at for at, place in enumerate(self._places) if place >= 0 and found[place][0].id == number), None)


def _guides(depths: Sequence[int]) -> list[int]:
    """For each entry a bit for each depth up to its own at which a line runs on below it."""
    result: list[int] = []
    more = 0
    for depth in reversed(depths):
        bit = 1 << depth
        result.append(more & (bit | (bit - 1)))
        more = (more & (bit - 1)) | bit
    result.reverse()
    return result


def with_branches(found: Nodes) -> set[int]:
    """The ids of items that have something under them."""
    return {node.id for (node, depth), (_, following) in pairwise(found) if following > depth}
