"""A page that an adapter brought, and what is stored already -> rows to write. Nothing here waits for the network."""

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from community.attention import Stand, addressed, asks, stand
from community.config import Config
from community.forgetting import hide_new, screened
from community.judging import judge_lately, judge_new
from community.likeness import witness
from community.model import Attention
from community.sources.base import Author, Incoming, ItemKind, ItemStatus, Page
from community.terms import PLAIN, terms_of
from community.text import clean_line
from storage import conversations, items, people
from storage.database import Transaction
from storage.rows import ConversationState, Fact, Source

_BATCH = 300
_TITLE = 90
_SHORTEST = 12
_SENTENCE = re.compile(r"(?<=[.!?？。！؟])\s+")
_FEW_WAITING_ROWS = 400


@dataclass(slots=True)
class Taken:
    """What a page changed: new items by others, and the conversations it touched."""

    new_items: int = 0
    touched: set[int] = field(default_factory=set)
    orphans: set[int] = field(default_factory=set)
    """Conversations with an item whose parent is not stored: their whole thread is worth reading."""


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


def title_of(item: Incoming) -> str:
    """What a conversation that begins with this item is called. Pure.

    Its title, else the first question it asks, else its first sentence or words; "Re:" in front of words of mine.
    """
    if item.author.is_me:
        return clean_line(f"Re: {title_of(replace(item, author=replace(item.author, is_me=False)))}")
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


async def store(tx: Transaction, source: Source, page: Page, *, config: Config, now: int) -> Taken:
    """Write a page: new and changed items, people, signals, deletions; then where each conversation stands.

    Idempotent: the same page twice changes nothing the second time.
    """
    taken = Taken()
    page, hidden = await screened(tx, page)
    wanted = [item.remote_id for item in page.items]
    parents = [item.parent_id for item in page.items if item.parent_id]
    known = await items.known(tx, source.id, {*wanted, *parents, *page.gone})
    page = replace(page, items=tuple(i for i in page.items if i.remote_id not in known or not _is(i, hidden)))
    writers = [*(i.author for i in page.items), *(s.author for s in page.signals)]
    authors = await _authors(tx, writers, hidden, now, owner=source.person_id)
    keys = threads(page.items, known)
    rooms = await _rooms(tx, source, page.items, keys)
    before = await items.highest(tx)

    inserts: dict[str, dict[str, object]] = {}
    updates: list[dict[str, object]] = []
    contacts: dict[int, dict[str, object]] = {}
    for item in page.items:
        author_id, person_id, is_me = authors[item.author.network, item.author.key]
        room = rooms[keys[item.remote_id]]
        mine = is_me or item.author.is_me
        old = known.get(item.remote_id)
        row: dict[str, object] = {
            "conversation_id": room,
            "parent_remote_id": item.parent_id,
            "status": item.status.value,
            "to_me": int(item.to_me and not mine),
            "asks": int(not mine and asks(item.text)),
            "title": item.title,
            "text": item.text,
            "raw_html": item.raw or None,
            "extra": json.dumps(dict(item.extra), sort_keys=True),
            "edited_at": item.edited_at,
        }
        if old is None:
            if item.remote_id not in inserts and not mine:
                taken.new_items += item.status in {ItemStatus.PUBLISHED, ItemStatus.PENDING}
            inserts[item.remote_id] = row | {
                "source_id": source.id,
                "remote_id": item.remote_id,
                "author_id": author_id,
                "kind": item.kind.value,
                "mine": int(mine),
                "permalink": item.permalink,
                "created_at": item.created_at,
                "fetched_at": now,
            }
            taken.touched.add(room)
            if item.parent_id and item.parent_id not in known and item.parent_id not in keys:
                taken.orphans.add(room)
            _count_contact(contacts, item, person_id, mine, page.items, authors, known)
        elif _differs(old, row):
            updates.append(row | {"id": old.id})
            if old.status != item.status:
                _count_contact(contacts, item, person_id, mine, page.items, authors, known)
            taken.touched |= {room, old.conversation_id}
    rows = list(inserts.values())
    for start in range(0, len(rows), _BATCH):
        await items.insert(tx, rows[start : start + _BATCH])
    await items.update(tx, updates)
    for remote_id in page.gone:
        if remote_id in known and known[remote_id].status != ItemStatus.DELETED:
            await items.set_status(tx, known[remote_id].id, ItemStatus.DELETED)
            taken.touched.add(known[remote_id].conversation_id)
    if terms_of(source.kind) is not PLAIN:
        await items.seen(tx, [known[each.remote_id].id for each in page.items if each.remote_id in known], now=now)
    await _hide_new(tx, source, page, hidden, rooms.values())
    await _store_signals(tx, source, page, authors)
    await people.contact(tx, (row for person_id, row in contacts.items() if person_id not in hidden.values()))
    moved = {old.conversation_id for old in known.values()} & taken.touched
    await conversations.remove_empty(tx, moved)
    backlog = source.backlog_done_at is None
    await weigh(tx, taken.touched, config=config, now=now, put_away_since=before if backlog else None)
    if not backlog:
        await judge_new(tx, contacts, now=now)
    return taken


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


async def weigh(
    tx: Transaction, ids: Iterable[int], *, config: Config, now: int, put_away_since: int | None = None
) -> None:
    """Decide anew where these conversations stand, and store it.

    With `put_away_since`, items that arrived after that id belong to a backlog and count as already seen.
    """
    found = await conversations.states(tx, ids)
    rows: list[dict[str, object]] = []
    seen: list[dict[str, object]] = []
    said: list[dict[str, object]] = []
    standings = _Standings(tx)
    for state in found:
        facts = await conversations.facts(tx, state.id)
        known = await standings.of(facts)
        to = addressed(facts)
        said += [{"id": fact.id, "to_id": to[fact.id]} for fact in facts if fact.mine and to[fact.id] != fact.to_id]
        decided = _stand(state, facts, known, config, now)
        if put_away_since is not None:
            state = state._replace(done_item_id=decided.last_item_id)  # noqa: PLW2901
            decided = _stand(state, facts, known, config, now)
            seen.append({"id": state.id, "last": decided.last_item_id, "now": now})
        rows.append(decided.columns(state, now))
    await conversations.stand(tx, rows)
    await items.address(tx, said)
    await tx.many(
        """
        UPDATE conversation SET seen_item_id = :last, done_item_id = :last, done_at = coalesce(done_at, :now)
        WHERE id = :id
        """,
        seen,
    )


async def close_backlog(tx: Transaction, source: Source, *, config: Config, now: int) -> int:
    """The backlog is in: of what was put away, open what is genuinely waiting. How many conversations that is."""
    since = now - config.waiting_days * 86_400
    ids = await conversations.ids_of_source(tx, source.id, since=since, limit=_FEW_WAITING_ROWS)
    opened, standings = 0, _Standings(tx)
    order = {each: place for place, each in enumerate(ids)}
    for state in sorted(await conversations.states(tx, ids), key=lambda state: order[state.id]):
        if opened >= config.first_sync_waiting:
            break
        fresh = state._replace(done_item_id=None)
        facts = await conversations.facts(tx, state.id)
        decided = _stand(fresh, facts, await standings.of(facts), config, now)
        if decided.attention is Attention.WAITING:
            await tx.run("UPDATE conversation SET done_item_id = NULL, done_at = NULL WHERE id = :id", id=state.id)
            await conversations.stand(tx, [decided.columns(fresh, now)])
            opened += 1
    await judge_lately(tx, now=now)
    return opened


class _Standings:
    """How people stand, each asked for once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known: dict[int, people.Standing] = {}

    async def of(self, facts: Sequence[Fact]) -> Mapping[int, people.Standing]:
        """Everybody who may be waiting in a conversation, and others."""
        unknown = {fact.person_id for fact in facts if not fact.mine} - self._known.keys()
        if unknown:
            self._known |= await people.standings(self._tx, unknown)
        return self._known


def _stand(
    state: ConversationState,
    facts: Sequence[Fact],
    standings: Mapping[int, people.Standing],
    config: Config,
    now: int,
) -> Stand:
    return stand(state, facts, standings, weights=config.weights, waiting_days=config.waiting_days, now=now)


async def _authors(
    tx: Transaction, authors: Iterable[Author], hidden: Collection[tuple[str, str]], now: int, *, owner: int | None
) -> dict[tuple[str, str], tuple[int, int, bool]]:
    """(identity id, person id, is me) of each author; the unknown are added, each as a person of their own.

    The only author of a source that is `owner`'s own is the owner.
    """
    wanted = {(author.network, author.key): author for author in authors}
    known = await people.known(tx, wanted)
    found: dict[tuple[str, str], tuple[int, int, bool]] = {}
    fresh: list[int] = []
    for key, author in wanted.items():
        old = known.get(key)
        links = None if author.links is None else json.dumps([[each.url, each.is_proved] for each in author.links])
        if old is not None:
            if key not in hidden and (
                (old.handle, old.name) != (author.handle, author.name)
                or (author.url and author.url != old.url)
                or (links is not None and links != old.links)
            ):
                await people.rename_identity(
                    tx, old.id, handle=author.handle, name=author.name, url=author.url, links=links
                )
                fresh.append(old.id)
            if author.is_me and not old.is_me:
                await people.recognise_me(tx, old.id)
                fresh.append(old.id)
            found[key] = (old.id, old.person_id, bool(old.is_me) or author.is_me)
            continue
        name = author.name or author.handle or clean_line("somebody")
        person_id = await people.me(tx) if author.is_me else owner if len(wanted) == 1 else None
        if person_id is None:
            person_id = await people.add_person(tx, name=name, now=now)
        identity_id = await people.add_identity(
            tx,
            person_id=person_id,
            network=author.network,
            key=author.key,
            handle=author.handle,
            name=name,
            url=author.url,
            email_hash=author.email_hash,
            links=links or "[]",
            is_me=author.is_me,
            now=now,
        )
        fresh.append(identity_id)
        found[key] = (identity_id, person_id, author.is_me)
    await witness(tx, fresh)
    return found


async def _rooms(tx: Transaction, source: Source, page: Sequence[Incoming], keys: Mapping[str, str]) -> dict[str, int]:
    """The conversation id of each thread key; new conversations are opened with the title of their first item."""
    wanted: dict[str, Incoming] = {}
    for item in page:
        key = keys[item.remote_id]
        best = wanted.get(key)
        if best is None or item.remote_id == key or (best.remote_id != key and item.created_at < best.created_at):
            wanted[key] = item
    known = {
        row.thread: row
        for row in await tx.all(
            _Room,
            """
            SELECT id, thread, title, subject FROM conversation
            WHERE source_id = :source_id AND thread IN (SELECT value FROM json_each(:keys))
            """,
            source_id=source.id,
            keys=json.dumps(list(wanted)),
        )
    }
    rooms: dict[str, int] = {}
    for key, first in wanted.items():
        title = title_of(first)
        old = known.get(key)
        if old is None:
            rooms[key] = await tx.insert(
                """
                INSERT INTO conversation (source_id, thread, title, subject, subject_url)
                VALUES (:source_id, :key, :title, :subject, :subject_url)
                """,
                source_id=source.id,
                key=key,
                title=title,
                subject=first.subject,
                subject_url=first.subject_url,
            )
            continue
        rooms[key] = old.id
        named = first.remote_id == key or first.parent_id is None
        if (named and old.title != title) or (first.subject and old.subject != first.subject):
            await tx.run(
                """
                UPDATE conversation SET title = :title,
                    subject = CASE WHEN :subject <> '' THEN :subject ELSE subject END,
                    subject_url = coalesce(:subject_url, subject_url)
                WHERE id = :id
                """,
                id=old.id,
                title=title if named else old.title,
                subject=first.subject,
                subject_url=first.subject_url,
            )
    return rooms


@dataclass(frozen=True, slots=True)
class _Room:
    id: int
    thread: str
    title: str
    subject: str


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
