"""One local action on one person or on several: the change, its line in the journal, and what follows from it."""

from collections.abc import Awaitable, Callable, Sequence

from community.errors import WrongUsage
from community.model import Person
from community.store import Store
from community.text import Clean, clean_line
from storage import conversations, people
from storage.journal import Changes

Change = Callable[[Changes, Person, int], Awaitable[object]]
"""Makes the change for one person, through the journal, at a time."""


async def change_people(store: Store, ids: Sequence[int], *, action: str, label: str, change: Change) -> Clean:
    """Change these people in one undoable step; the sentence that says so, which is `label` with a name for {name}.

    Raises `WrongUsage` when there is nobody, `NotFound` when one of them is not here any more.
    """
    from community.judging import judge  # noqa: PLC0415
    from community.weighing import weigh  # noqa: PLC0415  late: only what changes something weighs

    if not ids:
        raise WrongUsage("Choose a person first.")
    now = store.now()
    async with store.transaction() as tx:
        changes = Changes(tx)
        found = [await people.find(tx, each) for each in dict.fromkeys(ids)]
        for person in found:
            await change(changes, person, now)
        name = found[0].name if len(found) == 1 else f"{len(found)} people"
        stop = "" if name.endswith(".") else "."
        sentence = clean_line(label.replace("{name}.", name + stop).replace("{name}", name))
        await changes.record(action=action, label=sentence, now=now)
        changed = [person.id for person in found]
        await judge(tx, changed, now=now)
        await weigh(tx, await conversations.waiting_for(tx, changed), config=store.config, now=now)
    return sentence


async def contact(changes: Changes, person: Person, *, at: int) -> None:
    """A real touchpoint of mine with a person happened: what it changes of them, undoable."""
    known = [each for each in (person.first_contact_at, at) if each is not None]
    await changes.update(
        "person",
        person.id,
        first_contact_at=min(known),
        last_outgoing_at=max(person.last_outgoing_at or at, at),
        last_contact_at=max(person.last_contact_at or at, at),
    )
