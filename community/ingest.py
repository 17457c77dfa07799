"""A page that an adapter brought, and what is stored already -> rows to write. Nothing here waits for the network."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from community.attention import asks
from community.authors import authors_of
from community.config import Config
from community.forgetting import hide_new, screened
from community.judging import judge_new
from community.rooms import rooms_of, threads
from community.sources.base import Incoming, ItemKind, ItemStatus, Page
from community.terms import PLAIN, terms_of
from community.weighing import Begun, weigh
from storage import conversations, items
from storage.contacts import happened
from storage.database import Transaction
from storage.rows import Source


@dataclass(slots=True)
class Taken:
    """What a page changed: new items by others, and the conversations it touched."""

    new_items: int = 0
    touched: set[int] = field(default_factory=set)
    orphans: set[int] = field(default_factory=set)
    """Conversations with an item whose parent is not stored: their whole thread is worth reading."""


async def store(tx: Transaction, source: Source, page: Page, *, config: Config, now: int) -> Taken:
    """Write a page: new and changed items, people, signals, deletions; then where each conversation stands.

    Idempotent: the same page twice changes nothing the second time.
    """
    taken, (page, hidden) = Taken(), await screened(tx, page)
    wanted = {each for item in page.items for each in (item.remote_id, item.parent_id) if each}
    known = await items.known(tx, source.id, wanted | set(page.gone))
    page = replace(page, items=tuple(i for i in page.items if i.remote_id not in known or not _is(i, hidden)))
    writers = [*(each.author for each in page.items), *(each.author for each in page.signals)]
    authors = await authors_of(tx, writers, hidden, now, owner=source.person_id)
    keys = threads(page.items, known)
    rooms = await rooms_of(tx, source, page.items, keys)
    before = await items.highest(tx)
    backlog = source.backlog_done_at is None

    ids: dict[str, int] = {}
    inserts: dict[str, dict[str, object]] = {}
    updates: list[dict[str, object]] = []
    contacts: dict[int, dict[str, object]] = {}
    begun = Begun(rooms.values(), is_plain=not hidden)
    for item in page.items:
        author_id, person_id, is_me = authors[item.author.network, item.author.key]
        room = rooms[keys[item.remote_id]].id
        mine = is_me or item.author.is_me
        old = known.get(item.remote_id)
        row = _said(item, room, mine=mine)
        if old is None:
            if item.remote_id not in inserts and not mine:
                taken.new_items += item.status in {ItemStatus.PUBLISHED, ItemStatus.PENDING}
            item_id = ids.setdefault(item.remote_id, before + len(ids) + 1)
            inserts[item.remote_id] = row | {
                "id": item_id,
                "source_id": source.id,
                "remote_id": item.remote_id,
                "author_id": author_id,
                "kind": item.kind.value,
                "mine": int(mine),
                "permalink": item.permalink,
                "created_at": item.created_at,
                "fetched_at": now,
            }
            begun.take(room, item_id, item, author_id, person_id, mine=mine, now=now)
            taken.touched.add(room)
            if item.parent_id and item.parent_id not in known and item.parent_id not in keys:
                taken.orphans.add(room)
            _count_contact(contacts, item, person_id, mine, page.items, authors, known)
        elif _differs(old, row):
            begun.leave(room)
            updates.append(row | {"id": old.id})
            if old.status != item.status:
                _count_contact(contacts, item, person_id, mine, page.items, authors, known)
            taken.touched |= {room, old.conversation_id}
    await conversations.begin(tx, begun.rows(source, config=config, now=now, put_away=backlog))
    await items.insert(tx, inserts.values())
    await items.update(tx, updates)
    taken.touched |= await _mark_gone(tx, page, known)
    if terms_of(source.kind) is not PLAIN:
        await items.seen(tx, [known[each.remote_id].id for each in page.items if each.remote_id in known], now=now)
    await _hide_new(tx, source, page, hidden, [room.id for room in rooms.values()])
    await _store_signals(tx, source, page, authors)
    await happened(tx, (row for person_id, row in contacts.items() if person_id not in hidden.values()))
    await conversations.remove_empty(tx, {old.conversation_id for old in known.values()} & taken.touched)
    await weigh(tx, taken.touched - begun.plain, config=config, now=now, put_away_since=before if backlog else None)
    if not backlog:
        await judge_new(tx, contacts, now=now)
    return taken


async def _mark_gone(tx: Transaction, page: Page, known: Mapping[str, items.Known]) -> set[int]:
    """Items that the platform has deleted are kept, and marked; the conversations they are in."""
    gone = [known[each] for each in page.gone if each in known and known[each].status != ItemStatus.DELETED]
    for each in gone:
        await items.set_status(tx, each.id, ItemStatus.DELETED)
    return {each.conversation_id for each in gone}


def _said(item: Incoming, room: int, *, mine: bool) -> dict[str, object]:
    """The columns of an item that a later edit may change."""
    return {
        "conversation_id": room,
        "parent_remote_id": item.parent_id,
        "status": item.status.value,
        "to_me": int(item.to_me and not mine),
        "asks": int(not mine and item.kind is not ItemKind.ARTICLE and asks(item.text)),
        "title": item.title,
        "text": item.text,
        "raw_html": item.raw or None,
        "extra": json.dumps(dict(item.extra), sort_keys=True) if item.extra else "{}",
        "edited_at": item.edited_at,
    }


async def _hide_new(
    tx: Transaction, source: Source, page: Page, hidden: Mapping[tuple[str, str], int], rooms: Collection[int]
) -> None:
    """Words of people who are hidden have come in: they are hidden with the rest."""
    for person_id in dict.fromkeys(hidden.values()):
        mine = {author for author, owner in hidden.items() if owner == person_id}
        new = await items.known(tx, source.id, {each.remote_id for each in page.items if _is(each, mine)})
        await hide_new(tx, person_id, [each.id for each in new.values()], rooms)


def _is(item: Incoming, among: Collection[tuple[str, str]]) -> bool:
    return (item.author.network, item.author.key) in among


async def _store_signals(
    tx: Transaction, source: Source, page: Page, authors: Mapping[tuple[str, str], tuple[int, int, bool]]
) -> None:
    await items.insert_signals(
        tx,
        [
            {
                "source_id": source.id,
                "remote_id": signal.remote_id,
                "identity_id": authors[signal.author.network, signal.author.key][0],
                "kind": signal.kind.value,
                "item_remote_id": signal.item_id,
                "at": signal.at,
            }
            for signal in page.signals
        ],
    )


def _count_contact(
    contacts: dict[int, dict[str, object]],
    item: Incoming,
    person_id: int,
    mine: bool,
    page: Sequence[Incoming],
    authors: Mapping[tuple[str, str], tuple[int, int, bool]],
    known: Mapping[str, items.Known],
) -> None:
    """Words between a person and me are contact; an article is not, nor is what was never published."""
    if item.kind is ItemKind.ARTICLE or item.status is not ItemStatus.PUBLISHED:
        return
    if not mine:
        _contact(contacts, person_id, "incoming_at", item.created_at)
        return
    parent = next((other for other in page if other.remote_id == item.parent_id), None)
    if parent is not None and not parent.author.is_me:
        _contact(contacts, authors[parent.author.network, parent.author.key][1], "outgoing_at", item.created_at)
    elif parent is None:
        stored = known.get(item.parent_id or "")
        if stored is not None and not stored.is_me:
            _contact(contacts, stored.person_id, "outgoing_at", item.created_at)


def _contact(contacts: dict[int, dict[str, object]], person_id: int, column: str, at: int) -> None:
    row = contacts.setdefault(person_id, {"id": person_id, "incoming_at": None, "outgoing_at": None})
    before = row[column]
    row[column] = at if before is None else max(at, int(str(before)))


def _differs(old: items.Known, row: Mapping[str, object]) -> bool:
    return any(
        (
            old.conversation_id != row["conversation_id"],
            old.status != row["status"] and not (old.status == "deleted" and row["status"] == "published"),
            old.status == "deleted" and row["status"] == "published",
            old.text != row["text"],
            old.title != row["title"],
            old.edited_at != row["edited_at"],
            old.to_me != row["to_me"],
            old.extra != row["extra"],
            (row["parent_remote_id"] or old.parent_remote_id) != old.parent_remote_id,
        )
    )
