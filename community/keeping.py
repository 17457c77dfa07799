"""Staying in touch: how often, with whom by now, and whom to let rest."""

from collections.abc import Sequence

from community.cadence import Cadence, parse, shown
from community.changing import change_people
from community.errors import WrongUsage
from community.model import OverduePerson, Person, TagCadence
from community.store import Store
from community.text import Clean, clean_line
from storage import relationships
from storage.journal import Changes


class Keeping:
    """Cadences of people and of tags. Any real touchpoint begins them anew: their words, mine, what was logged."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def overdue(self, *, limit: int = 100) -> list[OverduePerson]:
        """People whose longest silence has passed, the longest overdue first."""
        return relationships.overdue(self._store.reader, now=self._store.now(), limit=limit)

    def count(self, *, at_most: int = 1000) -> int:
        """How many are overdue, counted no further than `at_most`."""
        return relationships.count_overdue(self._store.reader, now=self._store.now(), at_most=at_most)

    def tags(self) -> list[TagCadence]:
        """The tags that have a cadence, in alphabetical order."""
        return relationships.tag_cadences(self._store.reader)

    async def set(self, ids: Sequence[int], text: str) -> Clean:
        """Give people a cadence of their own, or with "none" take it away: then that of their tags holds.

        A text that begins with "#tag" is about everybody of that tag. Raises `WrongUsage` for what is no cadence.
        """
        first, _, rest = clean_line(text, limit=200).partition(" ")
        if first.startswith("#"):
            return await self.set_tag(first, rest)
        wanted = parse(text)

        async def change(changes: Changes, person: Person, _now: int) -> None:
            await changes.update(
                "person",
                person.id,
                cadence_s=wanted.ideal_s if wanted else None,
                cadence_max_s=wanted.max_s if wanted else None,
            )

        label = f"In touch with {{name}}: {_words(wanted)}."
        return await change_people(self._store, ids, action="person.cadence", label=label, change=change)

    async def set_tag(self, tag: str, text: str) -> Clean:
        """Give everybody of a tag a cadence, or with "none" take it away. Raises `WrongUsage` for what is none."""
        word = clean_line(tag, limit=60).strip("# ")
        if not word or " " in word:
            raise WrongUsage("Name one tag, like “#book every month”.")
        wanted = parse(text)
        now = self._store.now()
        async with self._store.transaction() as tx:
            changes = Changes(tx)
            old = await relationships.find_tag_cadence(tx, word)
            if old is not None:
                await changes.remove_tag(
                    "tag_cadence", tag=word, cadence_s=old.cadence_s, cadence_max_s=old.cadence_max_s
                )
            if wanted is not None:
                await changes.insert("tag_cadence", tag=word, cadence_s=wanted.ideal_s, cadence_max_s=wanted.max_s)
            sentence = clean_line(f"In touch with everybody of #{word}: {_words(wanted)}.")
            await changes.record(action="tag.cadence", label=sentence, now=now)
        return sentence

    async def rest(self, ids: Sequence[int]) -> Clean:
        """Let people rest: nothing reminds of them, and everything is kept. Those who rest all are taken out of it."""
        resting = {each.id for each in self._people(ids) if each.resting_at is not None}
        wakes = resting >= set(ids)

        async def change(changes: Changes, person: Person, now: int) -> None:
            await changes.update("person", person.id, resting_at=None if wakes else person.resting_at or now)

        label = "{name}: no longer resting." if wakes else "Let {name} rest."
        return await change_people(self._store, ids, action="person.rest", label=label, change=change)

    def _people(self, ids: Sequence[int]) -> list[Person]:
        return relationships.people_of(self._store.reader, ids)


def _words(cadence: Cadence | None) -> str:
    return shown(cadence.ideal_s, cadence.max_s) if cadence is not None else "no cadence"
