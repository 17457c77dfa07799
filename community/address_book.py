"""Contacts in and out: cards of other programs become people, and people become cards, tables and pages."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from community import contacts, vcard
from community.contacts import Contact, Way
from community.likeness import witness
from community.model import Identity, TimelineRow
from community.people import Card, People
from community.privacy import facts, public
from community.query import Query
from community.stages import Stages
from community.store import Store
from storage import merges, people
from storage.journal import Changes
from storage.lines import PersonRow

_PAGE = 500


@dataclass(frozen=True, slots=True)
class TakenIn:
    """What an import did: the ids of new people, of people who were known already, and how many cards were none."""

    added: tuple[int, ...]
    known: tuple[int, ...]
    refused: int


@dataclass(frozen=True, slots=True)
class Offered:
    """The contacts of a file, and how many cards were none."""

    contacts: tuple[Contact, ...]
    refused: int


def offered(data: bytes) -> Offered:
    """What a vCard file holds, before anything is stored. Raises `WrongUsage` for what is no vCard."""
    found = vcard.read(data)
    good = [each for card in found.cards if (each := contacts.contact(card)) is not None]
    return Offered(tuple(good), found.refused + len(found.cards) - len(good))


class AddressBook:
    """The people of a workspace as contacts."""

    def __init__(self, store: Store, people: People) -> None:
        self._store = store
        self._people = people

    async def take_in(self, offer: Offered) -> TakenIn:
        """Store contacts. A way that is known already names its person, and another person's way stays theirs.

        A note or a tag that is there already is not stored twice. One undo takes all of it back.
        """
        added: list[int] = []
        known: list[int] = []
        fresh: list[int] = []
        now = self._store.now()
        async with self._store.transaction() as tx:
            changes = Changes(tx)
            for each in offer.contacts:
                person_id, is_new, ways = await _store(changes, each, now)
                (added if is_new else known).append(person_id)
                fresh += ways
            await witness(tx, fresh)
            label = "Took in one contact." if len(offer.contacts) == 1 else f"Took in {len(offer.contacts)} contacts."
            await changes.record(action="contacts.import", label=label, now=now)
        return TakenIn(tuple(added), tuple(dict.fromkeys(known)), offer.refused)

    def everybody(self, query: Query) -> Iterator[PersonRow]:
        """Everybody a query names: the latest contact first, then those without any."""
        before: tuple[int, int] | None = None
        while rows := self._people.page(query, before=before, limit=_PAGE):
            yield from rows
            before = (rows[-1].last_contact_at or 0, rows[-1].id)

    def cards(self, ids: Iterator[int] | Sequence[int], *, notes: bool) -> Iterator[str]:
        """These people as the lines of a vCard file; what you noted only with `notes`."""
        return vcard.write(contacts.card(self._people.card(each), notes=notes) for each in ids)

    def table(self, query: Query) -> Iterator[str]:
        """People as lines of CSV. Notes are never in it."""
        return contacts.table((row, self._identities(row.id)) for row in self.everybody(query))

    def page(self, person_id: int, *, notes: bool) -> Iterator[str]:
        """One person as the lines of a Markdown page; what you wrote about them only with `notes`."""
        found = self._people.card(person_id)
        timeline = self._timeline(found)
        if not notes:
            found, timeline = public(found), facts(timeline)
        return contacts.page(found, timeline, stage=Stages(self._store).name(found.person.stage))

    def _identities(self, person_id: int) -> list[Identity]:
        return people.identities(self._store.reader, person_id)

    def _timeline(self, found: Card) -> Iterator[TimelineRow]:
        beside: TimelineRow | None = None
        while rows := self._people.timeline(found.person.id, beside=beside, limit=_PAGE):
            yield from rows
            beside = rows[-1]


async def _store(changes: Changes, contact: Contact, now: int) -> tuple[int, bool, list[int]]:
    """The person of a contact, whether they are new, and the identities that are."""
    tx = changes.tx
    ways = {(way.network, way.key): way for way in contact.ways}
    there = await people.known(tx, ways)
    is_new = not there
    if there:
        first = there[next(key for key in ways if key in there)]
        person_id = await merges.root(tx, first.person_id)
    else:
        person_id = await changes.insert("person", name=contact.name, created_at=now)
    fresh = [await _add(changes, person_id, contact, way, now) for key, way in ways.items() if key not in there]
    for tag in contact.tags:
        await changes.insert("person_tag", person_id=person_id, tag=tag)
    known = await people.notes_of(tx, person_id) if contact.notes else []
    for note in dict.fromkeys(contact.notes):
        if note not in known:
            await changes.insert("note", person_id=person_id, text=note, at=now)
    return person_id, is_new, fresh


async def _add(changes: Changes, person_id: int, contact: Contact, way: Way, now: int) -> int:
    return await changes.insert(
        "identity",
        person_id=person_id,
        network=way.network,
        key=way.key,
        handle=way.handle,
        name=contact.name,
        url=way.url,
        email_hash=way.email_hash,
        links="[]",
        is_me=0,
        created_at=now,
    )
