"""People: find them, read what is between us, and keep notes, promises, tags, stages and touchpoints."""

from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import NamedTuple

from community.changing import change_people, contact
from community.errors import WrongUsage
from community.judging import judged
from community.model import Alike, Identity, Loop, Named, Note, Person, PersonRow, Promise, Source, TimelineRow
from community.query import Query
from community.relationships import Suggestion
from community.store import Store
from community.text import clean, clean_line
from community.timeline import EVERYTHING, Wanted
from storage import likeness, loops, people, sources, timeline, without_contact
from storage.journal import Changes

_Change = Callable[[Changes, int], Awaitable[object]]

_OPEN = 20
TOUCHPOINTS = ("met", "call", "letter", "favour", "introduction", "gift", "thanks", "visit")
DIRECTIONS = ("given", "received", "mutual")


class Card(NamedTuple):
    """What stands beside a conversation and at the top of a person's page."""

    person: Person
    identities: tuple[Identity, ...]
    tags: tuple[str, ...]
    notes: tuple[Note, ...]
    promises: tuple[Promise, ...]
    last_words: TimelineRow | None
    alike: tuple[Alike, ...] = ()
    waits: tuple[Loop, ...] = ()
    asked: tuple[Loop, ...] = ()
    step: Suggestion | None = None


class People:
    """The humans behind the handles."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(self, query: Query, *, before: tuple[int, int] | None = None, limit: int = 300) -> list[PersonRow]:
        """People I was in contact with, the latest first; then those I know of and never was, the latest known first.

        `before` is the (last_contact_at or 0, id) of the last row of a page.
        """
        reader, where, values = self._store.reader, query.where, query.values
        at, row_id = before or (1, 0)
        found = people.listed(reader, where=where, values=values, before=before, limit=limit) if at else []
        left = limit - len(found)
        if left:
            last = None if at else row_id
            found += without_contact.listed(reader, where=where, values=values, before=last, limit=left)
        return found

    def rows(self, ids: Iterable[int]) -> dict[int, PersonRow]:
        """These people by id, as they are now; who was merged into another is absent."""
        return {row.id: row for row in people.rows(self._store.reader, ids)}

    def feeds(self, person_id: int) -> list[Source]:
        """The sources that are a person's own, by name."""
        return sources.of_person(self._store.reader, person_id)

    def card(self, person_id: int) -> Card:
        """Everything that is known of a person but the timeline. Raises `NotFound`."""
        reader = self._store.reader
        person = people.get(reader, person_id)
        return Card(
            person=person,
            identities=tuple(people.identities(reader, person_id)),
            tags=tuple(people.tags(reader, person_id)),
            notes=tuple(people.notes(reader, person_id)),
            promises=tuple(people.promises(reader, person_id)),
            last_words=timeline.last_words(reader, person_id),
            alike=tuple(pair for pair in likeness.of_person(reader, person_id) if not pair.is_left),
            waits=tuple(loops.waiting(reader, person_id=person_id, limit=_OPEN)),
            asked=tuple(loops.asked(reader, person_id=person_id, limit=_OPEN)),
            step=judged(reader, [person], now=self._store.now())[0],
        )

    def timeline(
        self,
        person_id: int,
        *,
        beside: TimelineRow | None = None,
        older: bool = True,
        limit: int = 200,
        wanted: Wanted = EVERYTHING,
    ) -> list[TimelineRow]:
        """Everything between a person and me, over all platforms, the newest first; see `storage.timeline.page`."""
        return timeline.page(
            self._store.reader,
            person_id,
            beside=timeline.place(beside) if beside is not None else None,
            older=older,
            limit=limit,
            whats=wanted.whats,
            networks=wanted.networks,
        )

    def promises(self, *, limit: int = 200) -> list[Promise]:
        """Open promises, those due first."""
        return people.promises(self._store.reader, limit=limit)

    def find(self, words: str) -> list[Named]:
        """People whose name or handle holds these words."""
        return people.search(self._store.reader, clean_line(words, limit=100))

    async def note(self, person_id: int, text: str, *, at: int | None = None) -> str:
        """Write a note on a person, dated now or `at` a past time. Raises `WrongUsage` when it is empty."""
        wanted = clean(text, limit=20_000).strip()
        if not wanted:
            raise WrongUsage("The note is empty: type what you want to remember.")
        return await self._change(
            person_id,
            "person.note",
            "Noted on {name}.",
            lambda changes, now: changes.insert("note", person_id=person_id, text=wanted, at=at or now),
        )

    async def edit_note(self, person_id: int, note_id: int, text: str) -> str:
        """Change a note, or remove it when the new text is empty."""
        wanted = clean(text, limit=20_000).strip()
        if not wanted:
            return await self._change(
                person_id,
                "person.note",
                "Note on {name} removed.",
                lambda changes, _now: changes.remove("note", note_id),
            )
        return await self._change(
            person_id,
            "person.note",
            "Note on {name} changed.",
            lambda changes, _now: changes.update("note", note_id, text=wanted),
        )

    async def promise(
        self, person_id: int, text: str, *, due_at: int | None = None, conversation_id: int | None = None
    ) -> str:
        """Write down a promise to a person. Raises `WrongUsage` when it is empty."""
        wanted = clean_line(text, limit=500)
        if not wanted:
            raise WrongUsage("Type what you promised, like “send the slides by friday”.")
        return await self._change(
            person_id,
            "person.promise",
            "Promised to {name}.",
            lambda changes, now: changes.insert(
                "promise",
                person_id=person_id,
                conversation_id=conversation_id,
                text=wanted,
                due_at=due_at,
                created_at=now,
                kept_at=None,
            ),
        )

    async def keep(self, person_id: int, promise_id: int) -> str:
        """A promise was kept."""
        return await self._change(
            person_id,
            "promise.keep",
            "Kept your promise to {name}.",
            lambda changes, now: changes.update("promise", promise_id, kept_at=now),
        )

    async def log(self, person_id: int, kind: str, direction: str, text: str, *, at: int | None = None) -> str:
        """Log a contact that happened elsewhere. Raises `WrongUsage` for an unknown kind or direction."""
        if kind not in TOUCHPOINTS:
            raise WrongUsage(f"“{clean_line(kind, limit=40)}” is no kind of contact: choose {', '.join(TOUCHPOINTS)}.")
        if direction not in DIRECTIONS:
            raise WrongUsage(f"A contact is {', '.join(DIRECTIONS)}.")
        when = at if at is not None else self._store.now()
        if when > self._store.now() + 86_400:
            raise WrongUsage("A contact is logged after it happened: give a past date.")

        async def change(changes: Changes, person: Person, _now: int) -> None:
            await changes.insert(
                "touchpoint",
                person_id=person_id,
                kind=kind,
                direction=direction,
                text=clean_line(text, limit=1000),
                at=when,
                conversation_id=None,
            )
            await contact(changes, person, at=when)

        label = f"Logged with {{name}}: {kind}."
        return await change_people(self._store, [person_id], action="person.log", label=label, change=change)

    async def rename(self, person_id: int, name: str) -> str:
        """Call a person by another name; their handles keep theirs."""
        wanted = clean_line(name, limit=120)
        if not wanted:
            raise WrongUsage("Type the name you know this person by.")
        return await self._change(
            person_id,
            "person.rename",
            f"{{name}} is now {wanted}.",
            lambda changes, _now: changes.update("person", person_id, name=wanted),
        )

    async def tag(self, ids: Sequence[int], tags: str) -> str:
        """Add tags to people, or with a leading minus remove them."""
        words = [clean_line(word, limit=60).strip("#") for word in tags.split()]
        if not any(word.strip("-") for word in words):
            raise WrongUsage("Type one or more tags, like “book” or “-book” to remove it.")

        async def change(changes: Changes, person: Person, _now: int) -> None:
            for word in words:
                if word.startswith("-"):
                    await changes.remove_tag("person_tag", person_id=person.id, tag=word[1:])
                elif word:
                    await changes.insert("person_tag", person_id=person.id, tag=word)

        return await change_people(self._store, ids, action="person.tag", label="Tagged {name}.", change=change)

    async def _change(self, person_id: int, action: str, label: str, change: _Change) -> str:
        return await change_people(
            self._store, [person_id], action=action, label=label, change=lambda changes, _, now: change(changes, now)
        )
