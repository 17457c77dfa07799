"""What came of a conversation or a relationship: a fix, an invitation, work done together.

The chain that led there is the timeline below it; the conversation it came from is kept with it.
"""

from community.changing import Change, change_people
from community.errors import WrongUsage
from community.model import Person
from community.store import Store
from community.text import Clean, clean_line
from storage.journal import Changes
from storage.outcomes import whose

KINDS = ("collaboration", "fix", "invitation", "friend", "sale", "other")


class Outcomes:
    """What came of it all, as the user says."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def log(
        self, person_id: int, kind: str, text: str, *, at: int | None = None, conversation_id: int | None = None
    ) -> Clean:
        """Write down what came of a person, and of which conversation, now or at a past time.

        Raises `WrongUsage` for an unknown kind, for “other” without words, and for what has not happened yet.
        """
        if kind not in KINDS:
            raise WrongUsage(f"“{clean_line(kind, limit=40)}” is no kind of outcome: choose {', '.join(KINDS)}.")
        words, now = clean_line(text, limit=1000), self._store.now()
        if kind == "other" and not words:
            raise WrongUsage("Type what came of it, like “they fixed the docs”.")
        when = at if at is not None else now
        if when > now + 86_400:
            raise WrongUsage("An outcome is written down when it is there: give a past date.")

        async def change(changes: Changes, person: Person, _now: int) -> None:
            await changes.insert(
                "outcome", person_id=person.id, kind=kind, text=words, at=when, conversation_id=conversation_id
            )

        of = " of this conversation" if conversation_id is not None else ""
        return await self._change(person_id, "person.outcome", f"Outcome{of} with {{name}}: {kind}.", change)

    async def drop(self, outcome_id: int) -> Clean:
        """Take an outcome out of the record: it was none. Raises `NotFound`."""

        async def change(changes: Changes, _person: Person, _now: int) -> None:
            await changes.remove("outcome", outcome_id)

        person_id = whose(self._store.reader, outcome_id)
        return await self._change(person_id, "outcome.drop", "Removed the outcome with {name}.", change)

    async def _change(self, person_id: int, action: str, label: str, change: Change) -> Clean:
        return await change_people(self._store, [person_id], action=action, label=label, change=change)
