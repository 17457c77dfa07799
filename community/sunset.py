"""Declaring a source dead: whom I would lose, who is reachable elsewhere, asking where else, freezing it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from community.config import STAGES
from community.errors import WrongUsage
from community.model import Source
from community.outbox import Outbox
from community.reachability import Way, handles, mark, place, ways, without
from community.sources.base import Act, Capabilities
from community.store import Store
from community.text import Clean, clean, clean_line
from storage import sources, sunset

STATE = "sunset"


@dataclass(frozen=True, slots=True)
class Leaving:
    """Somebody known from a source. `elsewhere` is empty for whom I would lose; `item_id` is their last item there."""

    id: int
    name: str
    stage: str
    last_contact_at: int | None
    item_id: int
    elsewhere: tuple[Way, ...]
    draft_id: int | None

    @property
    def is_lost(self) -> bool:
        """Whether nothing else leads to them."""
        return not self.elsewhere


@dataclass(frozen=True, slots=True)
class Report:
    """What the end of a source means: those I would lose first, the nearest first."""

    source: Source
    people: tuple[Leaving, ...]

    @property
    def lost(self) -> list[Leaving]:
        """Whom I would lose."""
        return [each for each in self.people if each.is_lost]


class Sunset:
    """The end of sources. Nothing is deleted by it, and nothing is sent."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def report(self, source_id: int) -> Report:
        """Whom the end of a source concerns. Raises `NotFound`."""
        source = sources.get(self._store.reader, source_id)
        others = [
            each for each in sources.listed(self._store.reader) if each.id != source.id and each.state == "active"
        ]
        same_kind = any(each.kind == source.kind for each in others)
        people = []
        for row in await sunset.people(await self._store.database(), source.id):
            gone = {name for name in row.here.split(",") if name and (":" in name or not same_kind)}
            stays = without(ways(handles(row.handles)), networks=gone, host=place(source.address))
            people.append(
                Leaving(row.id, row.name, row.stage, row.last_contact_at, row.item_id, tuple(stays), row.draft_id)
            )
        people.sort(key=lambda each: (not each.is_lost, -_near(each.stage), -(each.last_contact_at or 0), each.id))
        return Report(source, tuple(people))

    async def ask(self, report: Report, ids: Collection[int], capabilities: Capabilities) -> list[int]:
        """Prepare a draft for each of these people that asks where else they are; the ids of the new drafts.

        A draft that is there already is left as it is. Nothing is sent. Raises `WrongUsage` where nobody can be
        answered.
        """
        if Act.REPLY not in capabilities.acts:
            why = capabilities.why_not.get(Act.REPLY) or "This source takes no replies."
            raise WrongUsage(f"{why} So nobody can be asked there.")
        outbox, made = Outbox(self._store), []
        text = question([each.address for each in sources.listed(self._store.reader) if each.is_mine])
        for each in report.people:
            if each.id in ids and each.draft_id is None:
                made.append(await outbox.save(each.item_id, text))
        return made

    async def freeze(self, source_id: int) -> Clean:
        """From now on this source is never read again; everything that was read stays. Raises `WrongUsage` twice."""
        return await self._move(source_id, to=STATE, said="Frozen: {name}. Everything that was read stays.")

    async def revive(self, source_id: int) -> Clean:
        """Take a sunset back: the source is read again. Raises `WrongUsage` for one that is not frozen."""
        return await self._move(source_id, to="active", said="Listening again: {name}.")

    async def _move(self, source_id: int, *, to: str, said: str) -> Clean:
        async with self._store.transaction() as tx:
            source = await sources.find(tx, source_id)
            if (source.state == STATE) == (to == STATE):
                raise WrongUsage(f"{source.name} is {'' if to == STATE else 'not '}frozen{' already' * (to == STATE)}.")
            await sources.set_state(tx, source_id, to)
        return clean_line(said.format(name=source.name))


def question(mine: Sequence[str]) -> Clean:
    """What is asked of people before a place goes, with where I stay. Pure."""
    stays = f" You will find me at {' and '.join(mine[:2])}." if mine else ""
    return clean(f"I am about to leave this place for good. Where else can I find you?{stays}")


def refuse_frozen(source: Source) -> None:
    """Raise `WrongUsage` for a source that is frozen: only an explicit word lets it be read again."""
    if source.state == STATE:
        raise WrongUsage(
            f"{source.name} is frozen: it is never read again. `kith source sunset {source.id} --undo` takes that back."
        )


def _near(stage: str) -> int:
    return STAGES.index(stage) if stage in STAGES else 0


__all__ = ["Leaving", "Report", "Sunset", "mark", "question", "refuse_frozen"]
