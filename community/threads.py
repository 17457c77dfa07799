"""One conversation as it is read: its items as a tree, and which of them wants an answer.

Of a long one only what makes the tree is read at once; the words come by pages, when somebody looks at them.
"""

from collections.abc import Sequence
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

    def __init__(self, reader: Reader, nodes: Sequence[tuple[Node, int]]) -> None:
        self.nodes = nodes
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
            ids = [each.id for each, _ in self.nodes[begin : begin + _PAGE]]
            self._read |= {each.id: each for each in items.some(self._reader, ids)}
            found = self._read.setdefault(node.id, _gone(node))
        return found, depth


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
    return Pages(reader, in_thread_order(items.nodes(reader, conversation_id)))


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
    """Which of a conversation's items a reply should answer; None without any. Pure.

    It is the oldest that waits for me, else the last one by somebody else.
    """
    bones = nodes(found)
    theirs = [at for at, (node, _) in enumerate(bones) if not node.mine and node.status in {"published", "pending"}]

    def written(at: int) -> tuple[int, int]:
        node, _ = bones[at]
        return (node.created_at, node.id)

    since = row.waiting_since
    if since is not None:
        waiting = [at for at in theirs if bones[at][0].to_me and bones[at][0].created_at >= since]
        if waiting:
            return found[min(waiting, key=written)][0]
    last = max(theirs or range(len(bones)), key=written, default=None)
    return found[last][0] if last is not None else None


def in_thread_order(found: Sequence[Said]) -> list[tuple[Said, int]]:
    """Items as a tree, parents before children, siblings by time; each with its depth. Walks cycles only once."""
    names = [item.remote_id for item in found]
    places = dict(zip(reversed(names), range(len(names) - 1, -1, -1), strict=True))
    parents = map(places.get, [item.parent_remote_id or "" for item in found])
    children: dict[int, list[int]] = {-1: []}
    for at, parent in enumerate(parents):
        if parent is None or parent == at:
            children[-1].append(at)
        elif parent in children:
            children[parent].append(at)
        else:
            children[parent] = [at]
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
