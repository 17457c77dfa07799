"""Which conversation each item of a page belongs to, and what a new one is called."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from community.model import Source
from community.sources.base import Incoming
from community.text import Clean, clean_line
from storage import conversations, items
from storage.database import Transaction

_TITLE = 90
_SHORTEST = 12
_SENTENCE = re.compile(r"(?<=[.!?？。！؟])\s+")


@dataclass(frozen=True, slots=True)
class Room:
    """A conversation that items belong to. A new one is not stored yet: `id` is what it will be stored under."""

    id: int
    thread: str
    title: Clean
    first: Incoming
    is_new: bool

    def columns(self, source: Source) -> dict[str, object]:
        """What is known of a new one before anybody looks where it stands."""
        return {
            "id": self.id,
            "source_id": source.id,
            "thread": self.thread,
            "title": self.title,
            "subject": self.first.subject,
            "subject_url": self.first.subject_url,
        }


def threads(page: Sequence[Incoming], known: Mapping[str, items.Known]) -> dict[str, str]:
    """The conversation key of each item: what the adapter says, else that of the parent, else the item itself. Pure."""
    by_id = {item.remote_id: item for item in page}
    found: dict[str, str] = {}
    for item in page:
        chain: list[str] = []
        at: str | None = item.remote_id
        key: str | None = None
        while at is not None and key is None and at not in chain:
            chain.append(at)
            here = by_id.get(at)
            if at in found:
                key = found[at]
            elif here is not None and here.thread is not None:
                key = here.thread
            elif at in known and (here is None or here.parent_id not in by_id):
                key = known[at].thread
            at = here.parent_id if here is not None else None
        for each in chain:
            found[each] = key if key is not None else chain[-1] if chain[-1] in by_id else item.remote_id
    return {item.remote_id: found[item.remote_id] for item in page}


def title_of(item: Incoming) -> Clean:
    """What a conversation that begins with this item is called. Pure.

    Its title, else the first question it asks, else its first sentence or words; "Re:" in front of words of mine.
    """
    if item.author.is_me:
        return clean_line(f"Re: {title_of(item._replace(author=replace(item.author, is_me=False)))}")
    if item.title:
        return clean_line(item.title, limit=200)
    words: str = clean_line(item.text.lstrip("> "), limit=1000)
    while words.startswith("@") and " " in words:
        words = words.partition(" ")[2]
    sentences = [part.strip() for part in _SENTENCE.split(words) if len(part.strip()) >= _SHORTEST]
    asked = [part for part in sentences if part.endswith(("?", "？", "؟"))]
    title = next(iter(asked or sentences), words)
    if len(title) <= _TITLE:
        return clean_line(title)
    head = title[:_TITLE]
    return clean_line((head.rpartition(" ")[0] if " " in head else head) + "…")


async def rooms_of(
    tx: Transaction, source: Source, page: Sequence[Incoming], keys: Mapping[str, str]
) -> dict[str, Room]:
    """The conversation of each thread key; one that is there already is renamed when its first item says so."""
    wanted: dict[str, Incoming] = {}
    for item in page:
        key = keys[item.remote_id]
        best = wanted.get(key)
        if best is None or item.remote_id == key or (best.remote_id != key and item.created_at < best.created_at):
            wanted[key] = item
    known = await conversations.of_threads(tx, source.id, wanted)
    next_id = await conversations.highest(tx) + 1
    found: dict[str, Room] = {}
    for key, first in wanted.items():
        title, old = title_of(first), known.get(key)
        if old is None:
            found[key] = Room(next_id, key, title, first, is_new=True)
            next_id += 1
            continue
        found[key] = Room(old.id, key, title, first, is_new=False)
        named = first.remote_id == key or first.parent_id is None
        if (named and old.title != title) or (first.subject and old.subject != first.subject):
            await conversations.rename(
                tx,
                old.id,
                title=title if named else old.title,
                subject=first.subject,
                subject_url=first.subject_url,
            )
    return found
