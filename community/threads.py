"""One conversation as it is read: its items as a tree, and which of them wants an answer.

Of a long one only what makes the tree is read at once; the words come by pages, when somebody looks at them.
"""

from collections.abc import Sequence
from operator import lt
from typing import NamedTuple, TypeVar, overload

from community.model import ConversationRow, Item, Node, OutboxRow, Outcome, Source
from storage import items
from storage.database import Reader

Said = TypeVar("Said", Item, Node)

_LONG = 500
"""Conversations up to so many items are read whole."""
_PAGE = 64

Nodes = Sequence[tuple[Item | Node, int]]
"""What makes a tree, in thread order, each with its depth."""


class Pages(Sequence[tuple[Item, int]]):
    """Items in thread order, each with its depth; read when they are asked for, with those around them."""

    def __init__(self, reader: Reader, by_time: Sequence[Node]) -> None:
        """`by_time` are the bones of all of them, in the order they were written."""
        self.by_time = by_time
        self.nodes = in_thread_order(by_time)
        self._reader = reader
        self._read: dict[int, Item] = {}

    def __len__(self) -> int:
        return len(self.nodes)

    @overload
    def __getitem__(self, at: int) -> tuple[Item, int]: ...

    @overload
    def __getitem__(self, at: slice) -> Sequence[tuple[Item, int]]: ...

    def __getitem__(self, at: int | slice) -> tuple[Item, int] | Sequence[tuple[Item, int]]:
        if isinstance(at, slice):
            return [self[each] for each in range(*at.indices(len(self)))]
        node, depth = self.nodes[at]
        found = self._read.get(node.id)
        if found is None:
            begin = max(0, at % len(self) - _PAGE // 4)
            found = self._of(node, [each for each, _ in self.nodes[begin : begin + _PAGE]])
        return found, depth

    def whole(self, node: Node) -> Item:
        """One of the items, without those around it."""
        return self._read.get(node.id) or self._of(node, [node])

    def _of(self, node: Node, around: Sequence[Node]) -> Item:
        self._read |= {each.id: each for each in items.some(self._reader, [each.id for each in around])}
        return self._read.setdefault(node.id, _gone(node))


def _gone(node: Node) -> Item:
    """What is left of an item that was removed after the conversation was opened."""
    return Item(
        id=node.id, source_id=0, conversation_id=0, remote_id=node.remote_id, parent_remote_id=node.parent_remote_id,
        kind="comment", status="deleted", to_me=node.to_me, mine=node.mine, title="", text="", permalink=None,
        created_at=node.created_at, edited_at=None, author_id=0, person_id=0, handle="", name="", url=None, stage="",
    )  # fmt: skip


def thread(reader: Reader, conversation_id: int, *, size: int) -> Sequence[tuple[Item, int]]:
    """The items of a conversation of about so many, in thread order, each with its depth."""
    if size <= _LONG:
        return tuple(in_thread_order(items.of_conversation(reader, conversation_id)))
    return Pages(reader, items.nodes(reader, conversation_id))


class Opened(NamedTuple):
    """A conversation with everything the pane shows. `items` are in thread order, each with its depth."""

    row: ConversationRow
    source: Source
    items: Sequence[tuple[Item, int]]
    unsent: tuple[OutboxRow, ...]
    tags: tuple[str, ...]
    outcomes: tuple[Outcome, ...] = ()

    def answerable(self) -> Item | None:
        """The item a reply should answer, of those that are here."""
        return answerable(self.row, self.items)

    @property
    def nodes(self) -> Nodes:
        """The same as far as the tree is made of it: nothing needs to be read for it."""
        return nodes(self.items)

    def item(self, item_id: int) -> Item | None:
        """One of the items by its id."""
        at = next((at for at, (node, _) in enumerate(self.nodes) if node.id == item_id), None)
        return self.items[at][0] if at is not None else None

    def begins_at(self) -> Item | None:
        """The item to read first: what waits for an answer, else the first new one, else the last."""
        found = self.answerable() if self.row.attention == "waiting" else None
        if found is None:
            seen = self.row.seen_item_id
            new = (at for at, (node, _) in enumerate(self.nodes) if not node.mine and node.id > seen)
            found = self.items[next(new, -1)][0] if self.items else None
        return found


def nodes(found: Sequence[tuple[Item, int]]) -> Nodes:
    """What makes the tree of a thread."""
    return found.nodes if isinstance(found, Pages) else found


def answerable(row: ConversationRow, found: Sequence[tuple[Item, int]]) -> Item | None:
    """Which of a conversation's items a reply should answer; None without any.

    It is the oldest that waits for me, else the last one by somebody else, else the last of all.
    """
    if isinstance(found, Pages):
        bone = _answerable(row, found.by_time)
        return found.whole(bone) if bone is not None else None
    return _answerable(row, sorted((item for item, _ in found), key=lambda item: (item.created_at, item.id)))


def _answerable(row: ConversationRow, by_time: Sequence[Said]) -> Said | None:
    """Goes no further than to what it finds: of ten thousand items few need to be looked at. Pure."""
    since = row.waiting_since
    if since is not None:
        for each in by_time:
            if each.created_at >= since and each.to_me and _is_theirs(each):
                return each
    return next(filter(_is_theirs, reversed(by_time)), by_time[-1] if by_time else None)


def _is_theirs(said: Item | Node) -> bool:
    return not said.mine and said.status in {"published", "pending"}


def in_thread_order(found: Sequence[Said]) -> list[tuple[Said, int]]:
    """Items by time as a tree, parents before children, siblings by time; each with its depth. Walks cycles once."""
    names = [item.remote_id for item in found]
    places: dict[str | None, int] = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
    parents = [places.get(item.parent_remote_id, -1) for item in found]
    if all(map(lt, parents, range(len(found)))):
        return _after_parents(found, parents)
    return _wherever(found, parents)


def _after_parents(found: Sequence[Said], parents: Sequence[int]) -> list[tuple[Said, int]]:
    """The tree of items that all come after what they answer, which is -1 for what answers nothing that is here."""
    sizes = [1] * len(found) + [0]
    for at in range(len(found) - 1, -1, -1):
        sizes[parents[at]] += sizes[at]
    free, depths = [0] * len(sizes), [-1] * len(sizes)
    order = [(each, 0) for each in found]
    for at, parent in enumerate(parents):
        place = free[parent]
        free[parent] = place + sizes[at]
        free[at] = place + 1
        depths[at] = depth = depths[parent] + 1
        order[place] = (found[at], depth)
    return order


def _wherever(found: Sequence[Said], parents: Sequence[int]) -> list[tuple[Said, int]]:
    """The same where clocks were wrong: an answer may come before what it answers, or answer itself in the end."""
    children: dict[int, list[int]] = {-1: []}
    for at, parent in enumerate(parents):
        children.setdefault(parent if parent != at else -1, []).append(at)
    order: list[tuple[Said, int]] = []
    placed = bytearray(len(found))
    stack = [(at, 0) for at in reversed(children[-1])]
    while len(order) < len(found):
        if not stack:
            stack.append((placed.index(0), 0))
        while stack:
            at, depth = stack.pop()
            if not placed[at]:
                placed[at] = 1
                order.append((found[at], depth))
                if at in children:
                    stack += [(child, depth + 1) for child in reversed(children[at])]
    return order
