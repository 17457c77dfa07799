"""What the verbs do to people: notes, promises, stages, cadences, handles, privacy."""

from collections.abc import Mapping

from community import when
from community.asides import promised
from community.errors import WrongUsage
from community.outcomes import KINDS
from community.people import DIRECTIONS
from community.selection import Run, Selection
from community.workspace import Workspace


async def _tag_person(workspace: Workspace, chosen: Selection) -> str:
    if not chosen.people:
        raise WrongUsage("Choose a person first.")
    return await workspace.people.tag(chosen.people, chosen.argument)


def _person(chosen: Selection) -> int:
    if not chosen.people:
        raise WrongUsage("Choose a person first.")
    return chosen.people[0]


async def _note(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.people.note(_person(chosen), chosen.argument)


async def _promise(workspace: Workspace, chosen: Selection) -> str:
    said = promised(chosen.argument, now=workspace.store.now())
    about = next(iter(chosen.conversations), None)
    return await workspace.people.promise(_person(chosen), said.text, due_at=said.due_at, conversation_id=about)


async def _log(workspace: Workspace, chosen: Selection) -> str:
    kind, _, rest = chosen.argument.strip().partition(" ")
    text, at = _dated(rest, workspace.store.now())
    direction, _, said = text.partition(" ")
    if direction in DIRECTIONS:
        text = said
    else:
        direction = "mutual"
    return await workspace.people.log(_person(chosen), kind, direction, text, at=at)


async def _outcome(workspace: Workspace, chosen: Selection) -> str:
    first, _, rest = chosen.argument.strip().partition(" ")
    kind, words = (first, rest) if first in KINDS else ("other", chosen.argument.strip())
    text, at = _dated(words, workspace.store.now())
    about = next(iter(chosen.conversations), None)
    return await workspace.outcomes.log(_person(chosen), kind, text, at=at, conversation_id=about)


def _dated(text: str, now: int) -> tuple[str, int | None]:
    """`text` without the day it ends with, "… on last tuesday", and that day; None where it ends with none."""
    said, _, day = text.rpartition(" on ")
    if not said:
        return text, None
    try:
        return said, when.past(day, now=now)
    except WrongUsage:
        return text, None


async def _outward(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.step(_person(chosen), outward=True, why=chosen.argument)


async def _inward(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.step(_person(chosen), outward=False, why=chosen.argument)


async def _accept_step(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.accept(_person(chosen))


async def _refuse_step(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.stages.refuse(_person(chosen))


async def _why(workspace: Workspace, chosen: Selection) -> str:
    log = workspace.stages.log(_person(chosen))
    if not log:
        raise WrongUsage("No step of this person is in the log yet.")
    return await workspace.stages.explain(_person(chosen), log[0].id, chosen.argument)


async def _cadence(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.keeping.set(chosen.people, chosen.argument)


async def _rest_person(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.keeping.rest(chosen.people)


async def _merge(workspace: Workspace, chosen: Selection) -> str:
    kept = _person(chosen)
    found = [each for each in workspace.people.find(chosen.argument) if each.id != kept]
    if not found:
        raise WrongUsage("Nobody else is called that: type a name or handle as it stands in People.")
    if len(found) > 1 and found[0].name.casefold() != chosen.argument.strip().casefold():
        names = ", ".join(each.name for each in found[:5])
        raise WrongUsage(f"Several people match ({names}): type more of the name.")
    return await workspace.identities.merge(kept, found[0].id)


def _on_pair(verb: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        if chosen.pair is None:
            raise WrongUsage("Choose two people who may be one first.")
        sentence: str = await getattr(workspace.identities, verb)(*chosen.pair)
        return sentence

    return run


async def _split(workspace: Workspace, chosen: Selection) -> str:
    if chosen.merging is not None:
        return await workspace.identities.take_apart(chosen.merging)
    if chosen.identity is not None:
        return await workspace.identities.split_off(_person(chosen), chosen.identity)
    joined = workspace.identities.mergings(_person(chosen))
    if not joined:
        raise WrongUsage("Nobody was joined with this person: choose one of their handles to split it off.")
    return await workspace.identities.take_apart(joined[0].id)


def _on_person(verb: str) -> Run:
    async def run(workspace: Workspace, chosen: Selection) -> str:
        sentence: str = await getattr(workspace.forgetting, verb)(_person(chosen))
        return sentence

    return run


async def _read_site(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.sites.read(_person(chosen))


async def _rename(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.people.rename(_person(chosen), chosen.argument)


async def _visit(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.visits.visited(_person(chosen), next(iter(chosen.items), None))


async def _find_feeds(workspace: Workspace, chosen: Selection) -> str:
    return await workspace.visits.find_feeds(_person(chosen))


RUNS: Mapping[str, Run] = {
    "person.note": _note,
    "person.promise": _promise,
    "person.log": _log,
    "person.outcome": _outcome,
    "person.outward": _outward,
    "person.inward": _inward,
    "person.why": _why,
    "person.accept_step": _accept_step,
    "person.refuse_step": _refuse_step,
    "person.cadence": _cadence,
    "person.rest": _rest_person,
    "person.tag": _tag_person,
    "person.rename": _rename,
    "person.merge": _merge,
    "person.read_site": _read_site,
    "person.forget": _on_person("hide"),
    "person.for_good": _on_person("for_good"),
    "person.bring_back": _on_person("take_back"),
    "identity.accept": _on_pair("accept"),
    "identity.refuse": _on_pair("refuse"),
    "identity.leave": _on_pair("leave"),
    "identity.split": _split,
    "person.visit": _visit,
    "person.feeds": _find_feeds,
}
"""What carries an action out, by its id."""
