"""How near people are: the steps the user takes, why, and what Kith suggests."""

from community.changing import change_people
from community.config import STAGES
from community.errors import WrongUsage
from community.judging import judged
from community.model import Person, StageChange
from community.relationships import SILENCE_S, Suggestion
from community.store import Store
from community.text import Clean, clean_line
from storage import people, relationships
from storage.journal import Changes

_LOOKED_AT = 12


class Stages:
    """From stranger to ally. Only the user takes a step."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def name(self, stage: str) -> str:
        """What the user calls a stage."""
        return self._store.config.stages[STAGES.index(stage)] if stage in STAGES else stage

    def log(self, person_id: int) -> list[StageChange]:
        """The steps of a person, the newest first."""
        return relationships.stage_changes(self._store.reader, person_id)

    def suggestion(self, person_id: int) -> Suggestion | None:
        """The step Kith suggests for a person, None for none. Raises `NotFound`."""
        return judged(self._store.reader, [people.get(self._store.reader, person_id)], now=self._store.now())[0]

    def suggestions(self, *, limit: int = 3) -> list[tuple[Person, Suggestion]]:
        """Steps Kith suggests now: nearer ones first, the latest contact first."""
        reader, now = self._store.reader, self._store.now()
        found = relationships.suggested(reader, limit=_LOOKED_AT)
        for stage, silence_s in SILENCE_S.items():
            found += relationships.silent(reader, stage, before=now - silence_s, limit=_LOOKED_AT)
        steps = zip(found, judged(reader, found, now=now), strict=True)
        return [(person, step) for person, step in steps if step is not None][:limit]

    async def step(self, person_id: int, *, outward: bool, why: str = "", at: int | None = None) -> Clean:
        """Move a person one stage nearer or farther, now or `at` a past time, and remember why.

        Raises `WrongUsage` at the first and the last stage.
        """
        person = people.get(self._store.reader, person_id)
        place = STAGES.index(person.stage) if person.stage in STAGES else 0
        stage = STAGES[max(0, min(len(STAGES) - 1, place + (-1 if outward else 1)))]
        return await self.move(person_id, stage, why=why, at=at)

    async def move(self, person_id: int, stage: str, *, why: str = "", at: int | None = None) -> Clean:
        """Put a person at a stage, named as Kith or as the user calls it. Raises `WrongUsage` for where they are."""
        wanted = self._known(stage)
        person = people.get(self._store.reader, person_id)
        if wanted == person.stage:
            raise WrongUsage(f"{person.name} is already {self.name(wanted)}.")

        async def change(changes: Changes, person: Person, now: int) -> None:
            when = at or now
            await changes.update("person", person.id, stage=wanted, stage_at=when)
            await changes.insert(
                "stage_change",
                person_id=person.id,
                before=person.stage,
                after=wanted,
                why=clean_line(why, limit=500),
                at=when,
            )

        label = f"{{name}}: {self.name(person.stage)} → {self.name(wanted)}."
        return await change_people(self._store, [person_id], action="person.stage", label=label, change=change)

    async def accept(self, person_id: int) -> Clean:
        """Take the suggested step; its evidence is why. Raises `WrongUsage` when none is suggested."""
        step = self._suggested(person_id)
        return await self.move(person_id, step.stage, why=step.evidence)

    async def refuse(self, person_id: int) -> Clean:
        """Leave a person where they are: it is not suggested again on the same evidence. Raises as `accept`."""
        self._suggested(person_id)

        async def change(changes: Changes, person: Person, now: int) -> None:
            await changes.update("person", person.id, stage_kept_at=now)

        stage = self.name(people.get(self._store.reader, person_id).stage)
        return await change_people(
            self._store, [person_id], action="person.keep_stage", label=f"{{name}} stays {stage}.", change=change
        )

    async def explain(self, person_id: int, change_id: int, why: str) -> Clean:
        """Write down, or change, why a step was taken. Raises `NotFound`."""

        async def change(changes: Changes, _person: Person, _now: int) -> None:
            await changes.update("stage_change", change_id, why=clean_line(why, limit=500))

        label = "Noted why, for {name}."
        return await change_people(self._store, [person_id], action="person.why", label=label, change=change)

    def _suggested(self, person_id: int) -> Suggestion:
        step = self.suggestion(person_id)
        if step is None:
            name = people.get(self._store.reader, person_id).name
            raise WrongUsage(f"Kith suggests no step for {name}.")
        return step

    def _known(self, stage: str) -> str:
        word = clean_line(stage, limit=60).casefold()
        own = {name.casefold(): known for name, known in zip(self._store.config.stages, STAGES, strict=True)}
        found = own.get(word) or (word if word in STAGES else None)
        if found is None:
            raise WrongUsage(f"There is no stage “{word}”: choose {', '.join(self._store.config.stages)}.")
        return found
