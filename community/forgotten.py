"""What is held on a person, and forgetting them: hidden first, then for good."""

from community import forgetting
from community.errors import WrongUsage
from community.forgetting import SOMEBODY
from community.model import HeldRow, HiddenPerson
from community.store import Store
from community.text import clean_line
from community.undo import Undo
from storage import forgetting as stored
from storage import held, merges, meta, people
from storage.journal import FORGET, Changes

UNSWEPT = "unswept"
"""The fact that what was deleted may still be in free pages of the file."""


async def sweep(store: Store) -> None:
    """Take what was forgotten out of the pages of the file as well; does nothing when nothing was.

    Raises `StorageError` while somebody else is writing for long: the watcher tries again.
    """
    database = await store.database()
    if not await meta.get(database, UNSWEPT):
        return
    await database.compact()
    async with store.transaction() as tx:
        await meta.drop(tx, UNSWEPT)


class Forgetting:
    """The user's answer to “what do you hold on me?” and “forget me”."""

    def __init__(self, store: Store, undo: Undo) -> None:
        self._store = store
        self._undo = undo

    def counts(self, person_id: int) -> dict[str, int]:
        """How many rows of each kind are held on a person, the kinds in the order of `rows`; those without any too."""
        return held.counts(self._store.reader, person_id)

    def rows(self, person_id: int, *, limit: int = 1 << 60) -> list[HeldRow]:
        """Everything that is held on a person, kind by kind, in each the newest first."""
        return held.rows(self._store.reader, person_id, limit=limit)

    def hidden(self) -> list[HiddenPerson]:
        """Who is hidden and not yet forgotten for good, the latest first."""
        return stored.hidden(self._store.reader)

    async def hide(self, person_id: int) -> str:
        """Hide a person: their words, their names and what was noted about them. Raises `WrongUsage` for me."""
        now = self._store.now()
        async with self._store.transaction() as tx:
            person = await people.find(tx, await merges.root(tx, person_id))
            if await people.is_me(tx, person.id):
                raise WrongUsage("That is you: Kith keeps what you wrote.")
            if person.forgotten_at is not None:
                raise WrongUsage("This person is hidden already: forget them for good, or take it back.")
            found = await stored.theirs(tx, person.id)
            changes = Changes(tx)
            await forgetting.hide(changes, found, now=now)
            from community.likeness import witness  # noqa: PLC0415

            await witness(tx, found.identities)
            sentence = clean_line(f"{person.name} is hidden, and forgotten for good when you confirm it.")
            await changes.record(action=FORGET, label=clean_line(f"Hid {person.name}."), now=now)
            from community.weighing import weigh  # noqa: PLC0415  late: only what changes something weighs

            await weigh(tx, found.conversations, config=self._store.config, now=now)
        return sentence

    async def take_back(self, person_id: int) -> str:
        """Bring a hidden person back as they were, whatever was done since. Raises `WrongUsage`."""
        async with self._store.transaction() as tx:
            entry = await forgetting.entry_of(tx, person_id)
        if entry is None:
            raise WrongUsage("This person is not hidden, or was forgotten for good.")
        return await self._undo.take_back(entry)

    async def for_good(self, person_id: int) -> str:
        """Forget a hidden person for good. Nothing done so far can be undone after it. Raises `WrongUsage`."""
        now = self._store.now()
        async with self._store.transaction() as tx:
            await forgetting.erase(tx, person_id, now=now)
            await meta.put(tx, UNSWEPT, "1")
        await sweep(self._store)
        return f"Forgotten: {SOMEBODY} of whom only your own words are left. Backups made before still hold the rest."
