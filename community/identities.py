"""One person, many identities: who may be one, joining two people, and taking them apart again at any later time.

Kith suggests, with its reasons; only the user joins. What a merge moves is written down beside it, so that it can go
back long after the journal has forgotten it.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import replace

from community.errors import NotFound, WrongUsage
from community.judging import judge
from community.likeness import compare
from community.merging import Moved, going_back, joined, kept_first
from community.model import Alike, Merging, Person
from community.reasons import Reason, reasons
from community.store import Store
from community.terms import terms_of
from community.text import clean_line
from storage import contacts, conversations, likeness, merges, people
from storage.journal import Changes, belonging

_Change = Callable[[Changes, int], Awaitable[str]]


class Identities:
    """Which handles belong to whom."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def suggested(self, *, is_left: bool = False, limit: int = 200, offset: int = 0) -> list[Alike]:
        """Pairs of people who may be one, the strongest evidence first; or those the user has put off."""
        return likeness.listed(self._store.reader, is_left=is_left, limit=limit, offset=offset)

    def count(self) -> int:
        """How many suggestions wait for an answer, counted up to a thousand."""
        return likeness.count(self._store.reader)

    def suggested_for(self, person_id: int) -> list[Alike]:
        """Who else this person may be, the strongest evidence first, those put off last."""
        return likeness.of_person(self._store.reader, person_id)

    def reasons(self, one_id: int, other_id: int) -> tuple[Reason, ...]:
        """Why two people may be one, in words, the strongest first; empty when nothing speaks for it."""
        reader = self._store.reader
        found = likeness.shared(reader, one_id, other_id)
        return reasons(found, people.get(reader, one_id), people.get(reader, other_id))

    def mergings(self, person_id: int) -> list[Merging]:
        """Who was joined to this person and can be taken apart again, the latest first."""
        return merges.mergings(self._store.reader, person_id)

    def now(self, person_id: int) -> int:
        """Who a person is now: themselves, or whom they were joined to. Raises `NotFound`."""
        return merges.root_of(self._store.reader, person_id)

    def warning(self, one_id: int, other_id: int) -> str:
        """What the terms of a platform say against joining two people; "" when nothing does."""
        found = {
            each.network.partition(":")[0]
            for person_id in (one_id, other_id)
            for each in people.identities(self._store.reader, person_id)
            if not terms_of(each.network).may_match
        }
        if not found:
            return ""
        named = " and ".join(sorted(each.title() for each in found))
        verb = "ask" if len(found) > 1 else "asks"
        return f"{named} {verb} that its handles are not matched with others: join them only if you know it is so."

    async def accept(self, one_id: int, other_id: int) -> str:
        """Two people are one, as suggested: the nearer is kept, else the one known for longer."""
        reader = self._store.reader
        kept, other = kept_first(people.get(reader, one_id), people.get(reader, other_id))
        return await self.merge(kept.id, other.id)

    async def merge(self, kept_id: int, other_id: int) -> str:
        """Two people are one: everything of the other moves to the first. It can be taken apart at any time.

        Raises `WrongUsage` for one and the same person, and for me; `NotFound`.
        """

        async def change(changes: Changes, now: int) -> str:
            tx = changes.tx
            kept = await people.find(tx, await merges.root(tx, kept_id))
            other = await people.find(tx, await merges.root(tx, other_id))
            if kept.id == other.id:
                raise WrongUsage("That is the same person already.")
            for each in (kept, other):
                if await people.is_me(tx, each.id):
                    raise WrongUsage("That is you: nobody else is the same person.")
            moved = await _join(changes, kept, other)
            await changes.insert(
                "merging", kept_id=kept.id, other_id=other.id, moved=moved.text(), at=now, taken_back_at=None
            )
            return f"{kept.name} and {other.name} are one person now."

        return await self._change("person.merge", [kept_id, other_id], change)

    async def take_apart(self, merging_id: int) -> str:
        """Undo a merge, however long ago: what the other brought goes back to them. Raises `WrongUsage`."""

        async def change(changes: Changes, now: int) -> str:
            try:
                merging = await merges.merging(changes.tx, merging_id)
            except NotFound as error:
                raise WrongUsage("These two were taken apart already.") from error
            return await _part(changes, merging, now)

        return await self._change("person.split", [], change)

    async def split_off(self, person_id: int, identity_id: int) -> str:
        """Give one identity a person of its own: the one it came from, when a merge brought nobody else's.

        Raises `WrongUsage` when it is not theirs, or the only one they have.
        """

        async def change(changes: Changes, now: int) -> str:
            tx = changes.tx
            kept = await people.find(tx, await merges.root(tx, person_id))
            ids = await merges.belongings(tx, "identity", kept.id)
            if identity_id not in ids:
                raise WrongUsage(f"{kept.name} has no such handle: look at their handles again.")
            if len(ids) == 1:
                raise WrongUsage(f"That is the only handle {kept.name} has: there is nothing to split off.")
            for merging in reversed(await merges.mergings_into(tx, kept.id)):
                if list(Moved.of(merging.moved).rows.get("identity", ())) == [identity_id]:
                    return await _part(changes, merging, now)
            found = (await likeness.identities(tx, [identity_id]))[0]
            other_id = await people.add_person(tx, name=found.name or found.handle, now=now)
            await changes.update("identity", identity_id, person_id=other_id)
            await _let_go_below(changes, kept.id, identity_id)
            return f"{found.handle or found.name} is a person of their own now."

        return await self._change("person.split", [person_id], change)

    async def refuse(self, one_id: int, other_id: int) -> str:
        """These two are not the same person, for good: whatever either is joined with later."""
        return await self._say("refused", one_id, other_id)

    async def leave(self, one_id: int, other_id: int) -> str:
        """The user cannot tell, or not now: the question is not asked again by itself."""
        return await self._say("left", one_id, other_id)

    async def _say(self, said: str, one_id: int, other_id: int) -> str:
        async def change(changes: Changes, now: int) -> str:
            tx = changes.tx
            one, other = await people.find(tx, one_id), await people.find(tx, other_id)
            if one.id == other.id:
                raise WrongUsage("That is the same person already.")
            for verdict_id in await likeness.said(tx, one.id, other.id):
                await changes.remove("verdict", verdict_id)
            for mine in await merges.belongings(tx, "identity", one.id):
                for theirs in await merges.belongings(tx, "identity", other.id):
                    pair = {"one_id": min(mine, theirs), "other_id": max(mine, theirs)}
                    await changes.insert("verdict", **pair, said=said, at=now)
            if said == "left":
                return f"Left open whether {one.name} and {other.name} are one person."
            return f"{one.name} and {other.name} are not the same person; Kith will not ask again."

        return await self._change(f"person.{'leave' if said == 'left' else 'refuse'}", [one_id, other_id], change)

    async def _change(self, action: str, concerned: Sequence[int], change: _Change) -> str:
        """Make one undoable change, then bring up to date what follows for everybody it touched."""
        from community.weighing import weigh  # noqa: PLC0415  late: only what changes something weighs

        now = self._store.now()
        async with self._store.transaction() as tx:
            changes = Changes(tx)
            sentence = clean_line(await change(changes, now))
            touched = set(concerned)
            for made in changes.made:
                if made.table == "identity" and made.before and made.after:
                    touched |= {made.before["person_id"], made.after["person_id"]}
            await compare(tx, touched)
            await changes.record(action=action, label=sentence, now=now)
            await weigh(tx, await conversations.waiting_for(tx, touched), config=self._store.config, now=now)
            await judge(tx, touched, now=now)
        return sentence


async def _join(changes: Changes, kept: Person, other: Person) -> Moved:
    """Move everything of the other person to the kept one; what was moved."""
    tx = changes.tx
    rows: dict[str, list[int]] = {}
    for table in belonging():
        ids = await merges.belongings(tx, table, other.id)
        for row_id in ids:
            await changes.update(table, row_id, person_id=kept.id)
        if ids:
            rows[table] = ids
    tags = await _share_tags(changes, kept.id, other.id)
    columns = joined(kept, other)
    before = {name: [getattr(kept, name), after] for name, after in columns.items()}
    await changes.update("person", kept.id, **columns, **_contacts(kept, other))
    await changes.update("person", other.id, merged_into=kept.id)
    return Moved(rows, tags, before)


async def _share_tags(changes: Changes, kept_id: int, other_id: int) -> tuple[str, ...]:
    """Give a person the tags of another; those that were new to them."""
    known = await people.tags_of(changes.tx, kept_id)
    fresh = tuple(tag for tag in await people.tags_of(changes.tx, other_id) if tag not in known)
    for tag in fresh:
        await changes.insert("person_tag", person_id=kept_id, tag=tag)
    return fresh


def _contacts(kept: Person, other: Person) -> dict[str, object]:
    first = [at for at in (kept.first_contact_at, other.first_contact_at) if at is not None]
    return {
        "first_contact_at": min(first, default=None),
        "last_incoming_at": _latest(kept.last_incoming_at, other.last_incoming_at),
        "last_outgoing_at": _latest(kept.last_outgoing_at, other.last_outgoing_at),
        "last_contact_at": _latest(kept.last_contact_at, other.last_contact_at),
    }


def _latest(one: int | None, other: int | None) -> int | None:
    return max((at for at in (one, other) if at is not None), default=None)


async def _part(changes: Changes, merging: Merging, now: int) -> str:
    """Give back what a merge moved, unless it went elsewhere since; what others brought as well stays with the kept."""
    tx, moved = changes.tx, Moved.of(merging.moved)
    root = await merges.root(tx, merging.kept_id)
    given: dict[str, set[int]] = {}
    for table, ids in moved.rows.items():
        for row_id, owner in (await merges.owners(tx, table, ids)).items():
            if owner == root:
                await changes.update(table, row_id, person_id=merging.other_id)
                given.setdefault(table, set()).add(row_id)
    level = merging.kept_id
    while above := await merges.merged_from(tx, level):
        await _let_go(changes, above[0], given)
        level = above[0].kept_id
    await changes.update("merging", merging.id, taken_back_at=now)
    await changes.update("person", merging.other_id, merged_into=None)
    kept = await people.find(tx, merging.kept_id)
    rest = await merges.mergings_into(tx, kept.id)
    later = [each for each in rest if each.id > merging.id]
    back, remembered = going_back(moved, kept, [Moved.of(each.moved) for each in later])
    for each, again in zip(later, remembered, strict=True):
        await changes.update("merging", each.id, moved=again.text())
    await changes.update("person", kept.id, **back)
    await _take_tags(changes, kept.id, moved.tags)
    for each in await merges.mergings_into(tx, kept.id):
        await _speak_again(changes, each, set(back), set(moved.tags))
    for person_id in {root, merging.other_id}:
        await _recount(changes, person_id)
    names = (await people.find(tx, root)).name, merging.other_name
    return f"{names[0]} and {names[1]} are two people again."


async def _let_go(changes: Changes, merging: Merging, given: Mapping[str, Collection[int]]) -> None:
    """Rows have left those whom a merge joined: it has nothing of them to give back any more."""
    moved = Moved.of(merging.moved)
    left = {table: [each for each in ids if each not in given.get(table, ())] for table, ids in moved.rows.items()}
    if left != {table: list(ids) for table, ids in moved.rows.items()}:
        await changes.update("merging", merging.id, moved=replace(moved, rows=left).text())


async def _let_go_below(changes: Changes, person_id: int, identity_id: int) -> None:
    """One identity has left a person for good: no merge that brought it gives it back."""
    for merging in await merges.mergings_into(changes.tx, person_id):
        if identity_id in Moved.of(merging.moved).rows.get("identity", ()):
            await _let_go(changes, merging, {"identity": [identity_id]})
            await _let_go_below(changes, merging.other_id, identity_id)


async def _take_tags(changes: Changes, person_id: int, tags: Sequence[str]) -> None:
    """Remove tags from a person, and from whomever they were handed on to when that person was merged in turn."""
    known = await people.tags_of(changes.tx, person_id)
    gone = [tag for tag in tags if tag in known]
    for tag in gone:
        await changes.remove_tag("person_tag", person_id=person_id, tag=tag)
    for above in await merges.merged_from(changes.tx, person_id):
        handed = [tag for tag in gone if tag in Moved.of(above.moved).tags]
        await _take_tags(changes, above.kept_id, handed)


async def _speak_again(changes: Changes, merging: Merging, columns: set[str], tags: set[str]) -> None:
    """Columns and tags that one merge took away with it may be owed to another merge as well, which stands."""
    tx = changes.tx
    kept, other = await people.find(tx, merging.kept_id), await people.find(tx, merging.other_id)
    moved = Moved.of(merging.moved)
    owed = {name: value for name, value in joined(kept, other).items() if name in columns}
    known = await people.tags_of(tx, kept.id)
    fresh = [tag for tag in await people.tags_of(tx, other.id) if tag in tags and tag not in known]
    for tag in fresh:
        await changes.insert("person_tag", person_id=kept.id, tag=tag)
    if owed or fresh:
        before = {name: [getattr(kept, name), value] for name, value in owed.items()}
        again = replace(moved, tags=(*moved.tags, *fresh), columns={**moved.columns, **before})
        await changes.update("person", kept.id, **owed)
        await changes.update("merging", merging.id, moved=again.text())


async def _recount(changes: Changes, person_id: int) -> None:
    """Contacts follow from the words; written through the journal, so that undo brings back what stood there."""
    found = await contacts.between(changes.tx, person_id)
    await changes.update(
        "person",
        person_id,
        first_contact_at=found.first,
        last_incoming_at=found.incoming,
        last_outgoing_at=found.outgoing,
        last_contact_at=_latest(found.incoming, found.outgoing),
    )
