"""Which people a step nearer is suggested for, decided when something was said or done, and stored with them."""

from collections.abc import Collection, Sequence

from community.config import STAGES
from community.model import Person
from community.relationships import WINDOW_S, Suggestion, facts_of, suggestion
from storage import relationships
from storage.database import Reader, Transaction

_FIRST = 1000


def judged(reader: Reader, found: Sequence[Person], *, now: int) -> list[Suggestion | None]:
    """The step that is suggested for each of these people, None for none."""
    rows = relationships.evidence(reader, [each.id for each in found], since=now - WINDOW_S)
    return [suggestion(facts_of(each, [row for row in rows if row.person_id == each.id]), now=now) for each in found]


async def judge(tx: Transaction, ids: Collection[int], *, now: int) -> None:
    """Decide anew for these people, and store it."""
    if not ids:
        return
    rows = await relationships.find_evidence(tx, ids, since=now - WINDOW_S)
    decided: list[dict[str, object]] = []
    for person in await relationships.find_people(tx, ids):
        found = suggestion(facts_of(person, [row for row in rows if row.person_id == person.id]), now=now)
        decided.append({"id": person.id, "suggested": found.stage if found is not None and found.is_nearer else None})
    await relationships.suggest(tx, decided)


async def judge_new(tx: Transaction, ids: Collection[int], *, now: int) -> None:
    """Decide for those for whom no step is suggested yet and one can be: words have come in."""
    found = await relationships.find_people(tx, ids) if ids else []
    await judge(tx, [each.id for each in found if each.suggested is None and each.stage != STAGES[-1]], now=now)


async def judge_lately(tx: Transaction, *, now: int) -> None:
    """Decide for everybody there was contact with lately: a backlog has come in."""
    await judge(tx, await relationships.lately_met(tx, since=now - WINDOW_S, limit=_FIRST), now=now)
