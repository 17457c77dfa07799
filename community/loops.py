"""What is open between people and me, in one list: promises, what I wait for, who waits for me."""

from community.changing import Change, change_people
from community.conversations import FOREVER
from community.errors import WrongUsage
from community.model import Loop, Person
from community.store import Store
from community.text import Clean
from storage import loops, reach
from storage.journal import Changes


class Loops:
    """Open loops. Whoever waits is computed; the others were opened by me."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def promises(self) -> list[Loop]:
        """What I promised, those due first."""
        return self._reached(loops.promises(self._store.reader))

    def asked(self) -> list[Loop]:
        """Where I wait for an answer, the earliest reminder first."""
        return self._reached(loops.asked(self._store.reader))

    def waiting(self, *, after: Loop | None = None, limit: int = 200) -> list[Loop]:
        """Who waits for me, the heaviest first; `after` is the last of a page."""
        found = loops.waiting(self._store.reader, after=after.id if after is not None else None, limit=limit)
        return self._reached(found)

    async def move(self, promise_id: int, due_at: int) -> Clean:
        """Give a promise another date. Raises `NotFound`, and `WrongUsage` for a date without an end."""
        if due_at >= FOREVER:
            raise WrongUsage("A promise wants a date, like “friday” or “in 3 days”.")

        async def change(changes: Changes, _person: Person, _now: int) -> None:
            await changes.update("promise", promise_id, due_at=due_at)

        return await self._change(promise_id, "promise.move", "Another date for your promise to {name}.", change)

    async def drop(self, promise_id: int) -> Clean:
        """Take a promise out of the record: it was none. Raises `NotFound`."""

        async def change(changes: Changes, _person: Person, _now: int) -> None:
            await changes.remove("promise", promise_id)

        return await self._change(promise_id, "promise.drop", "Removed the promise to {name}.", change)

    def _reached(self, rows: list[Loop]) -> list[Loop]:
        """The same, each with the handles of the person."""
        found = reach.handles(self._store.reader, {row.person_id for row in rows if row.person_id is not None})
        return [row._replace(handles=found.get(row.person_id or 0, "[]")) for row in rows]

    async def _change(self, promise_id: int, action: str, label: str, change: Change) -> Clean:
        person_id = loops.promised_to(self._store.reader, promise_id)
        return await change_people(self._store, [person_id], action=action, label=label, change=change)
