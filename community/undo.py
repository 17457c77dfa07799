"""Undo and redo of local actions, many levels deep, also after a restart."""

from community.errors import WrongUsage
from community.judging import judge
from community.model import JournalEntry
from community.store import Store
from community.text import clean_line
from storage import conversations, journal
from storage.database import Transaction


class Undo:
    """The journal of what the user did here."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def history(self, *, limit: int = 100) -> list[JournalEntry]:
        """The latest actions, the newest first; those taken back have `undone_at`."""
        return journal.history(self._store.reader, limit=limit)

    async def undo(self) -> str:
        """Take the last action back; the sentence for the status line. Raises `WrongUsage` when there is none."""
        return await self._swing(back=True)

    async def redo(self) -> str:
        """Do again what was taken back last. Raises `WrongUsage` when there is none."""
        return await self._swing(back=False)

    async def forget(self) -> None:
        """Let everything done so far stand: nothing of it can be undone any more."""
        async with self._store.transaction() as tx:
            await journal.clear(tx)

    async def take_back(self, entry: JournalEntry) -> str:
        """Take one action back, whatever was done since. Raises `WrongUsage` when it was taken back already."""
        async with self._store.transaction() as tx:
            if all(each.id != entry.id for each in await journal.of_action(tx, entry.action)):
                raise WrongUsage("That was taken back already.")
            await self._take(tx, entry, back=True)
        return clean_line(f"Undone: {entry.label}")

    async def _swing(self, *, back: bool) -> str:
        async with self._store.transaction() as tx:
            entry = await (journal.last_done(tx) if back else journal.last_undone(tx))
        if entry is None:
            raise WrongUsage("There is nothing to undo." if back else "There is nothing to do again.")
        try:
            async with self._store.transaction() as tx:
                await self._take(tx, entry, back=back)
        except journal.Overtaken as error:
            async with self._store.transaction() as tx:
                await journal.forget(tx, entry.id)
            raise WrongUsage(f"{entry.label} {error}") from error
        return clean_line(f"{'Undone' if back else 'Done again'}: {entry.label}")

    async def _take(self, tx: Transaction, entry: JournalEntry, *, back: bool) -> None:
        from community.likeness import follow  # noqa: PLC0415
        from community.weighing import weigh  # noqa: PLC0415  late: only what changes something weighs

        now = self._store.now()
        items = journal.ids(entry, "item")
        ids = set(await conversations.of_items(tx, items))
        steps = await journal.swing(tx, entry, back=back, now=now)
        ids |= {step.id for step in steps if step.table == "conversation"}
        ids |= set(await conversations.of_items(tx, items))
        persons = await follow(tx, steps) | {step.id for step in steps if step.table == "person"}
        ids |= set(await conversations.waiting_for(tx, persons))
        await weigh(tx, ids, config=self._store.config, now=now)
        images = [image for step in steps for image in (step.before, step.after) if image is not None]
        await judge(tx, persons | {image["person_id"] for image in images if "person_id" in image}, now=now)
