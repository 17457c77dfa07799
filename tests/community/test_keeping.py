"""How often I want to be in touch, and with whom by now."""

import random

import pytest

from community.cadence import Cadence, parse, shown
from community.errors import WrongUsage
from community.sources.base import IncomingSignal, SignalKind
from community.workspace import Workspace
from fakes import DAY, ME, NOW, Clock, add_source, arrive, author, comment
from storage.rows import Number

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("typed", "ideal", "most", "words"),
    [
        ("every month", 30, 30, "every month"),
        ("2w at most 6w", 14, 42, "every 2 weeks, at most 6 weeks"),
        ("every 2 weeks, at most 2 months", 14, 60, "every 2 weeks, at most 2 months"),
        ("monthly max 1y", 30, 365, "every month, at most 1 year"),
        ("10 days", 10, 10, "every 10 days"),
        ("Every other week", 14, 14, "every 2 weeks"),
        ("quarterly", 91, 91, "every quarter"),
    ],
)
def test_a_cadence_is_typed_in_words(typed: str, ideal: int, most: int, words: str) -> None:
    assert parse(typed) == Cadence(ideal * DAY, most * DAY)
    assert shown(ideal * DAY, most * DAY) == words
    assert parse(words) == Cadence(ideal * DAY, most * DAY)


@pytest.mark.parametrize(
    "typed", ["", "soon", "every", "0 weeks", "every 0d", "6w at most 2w", "2w at most never", "99y"]
)
def test_what_is_no_cadence_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(WrongUsage, match=r"every month|shorter than the ideal"):
        parse(typed)


def test_none_takes_a_cadence_away() -> None:
    assert parse("none") is None


@pytest.fixture
async def three(workspace: Workspace) -> Workspace:
    """Jon wrote 50 days ago, Ines 20, Kemi 5; each about something."""
    source = await add_source(workspace)
    for number, (name, ago) in enumerate((("Jon", 50), ("Ines", 20), ("Kemi", 5))):
        title = f"About {name.lower()}"
        await arrive(workspace, source, comment(f"{number}", name, "Hello.", at=NOW - ago * DAY, title=title))
    return workspace


def overdue(workspace: Workspace) -> list[str]:
    return [each.name for each in workspace.keeping.overdue()]


async def test_people_are_overdue_after_the_maximum_with_their_last_topic(three: Workspace) -> None:
    await three.keeping.set([1, 2], "2w at most 6w")
    assert [(each.name, each.topic, each.overdue_at) for each in three.keeping.overdue()] == [
        ("Jon", "About jon", NOW - 8 * DAY)
    ]


async def test_any_real_touchpoint_begins_it_anew_and_undo_takes_that_back(three: Workspace, clock: Clock) -> None:
    await three.keeping.set([1, 2, 3], "every week")
    assert overdue(three) == ["Jon", "Ines"]
    await three.people.log(1, "call", "mutual", "", at=NOW - DAY)
    assert overdue(three) == ["Ines"]
    await three.undo.undo()
    assert overdue(three) == ["Jon", "Ines"]
    source = three.sources()[0]
    await arrive(three, source, comment("mine", ME, "Yes.", parent="0", at=NOW - DAY))
    assert overdue(three) == ["Ines"]
    await arrive(three, source, comment("more", "Ines", "More.", at=NOW - DAY))
    assert overdue(three) == []
    clock.at += 3 * DAY
    assert overdue(three) == ["Kemi"]


async def test_a_signal_is_no_touchpoint(three: Workspace) -> None:
    await three.keeping.set([1], "every week")
    signal = IncomingSignal("s1", SignalKind.LIKE, author("Jon"), NOW - 60)
    await arrive(three, three.sources()[0], signals=(signal,))
    assert overdue(three) == ["Jon"]


async def test_whoever_rests_is_not_reminded_of_and_comes_back(three: Workspace) -> None:
    await three.keeping.set([1], "every week")
    assert await three.keeping.rest([1]) == "Let Jon rest."
    assert overdue(three) == []
    assert await three.keeping.rest([1]) == "Jon: no longer resting."
    assert overdue(three) == ["Jon"]
    await three.undo.undo()
    assert overdue(three) == []


async def test_the_strictest_tag_holds_where_a_person_has_no_cadence_of_their_own(three: Workspace) -> None:
    def pace(person_id: int) -> int | None:
        found = three.people.card(person_id).person.pace_s
        return found // DAY if found is not None else None

    await three.people.tag([1, 2], "book class")
    await three.keeping.set([1], "#book every month")
    await three.keeping.set_tag("class", "every 2 weeks")
    assert (pace(1), pace(2), pace(3)) == (14, 14, None)
    await three.people.tag([2], "-class")
    assert pace(2) == 30
    await three.keeping.set([1], "every year")
    assert pace(1) == 365
    await three.keeping.set([1], "none")
    await three.keeping.set_tag("class", "none")
    assert pace(1) == 30
    await three.keeping.set_tag("book", "none")
    assert (pace(1), pace(2)) == (None, None)
    for expected in (30, 14, 365):
        await three.undo.undo()
        assert pace(1) == expected or await three.undo.undo()
        assert pace(1) == expected
    assert [(each.tag, each.people) for each in three.keeping.tags()] == [("book", 2), ("class", 1)]


async def test_the_paces_of_many_people_are_those_of_a_slow_reference(workspace: Workspace) -> None:
    chance = random.Random(2)
    async with workspace.store.transaction() as tx:
        await tx.many(
            "INSERT INTO person (id, name, created_at, last_contact_at) VALUES (:id, 'P', 0, :at)",
            [{"id": n, "at": NOW - chance.randrange(400 * DAY)} for n in range(1, 301)],
        )
    own: dict[int, int] = {}
    tags: dict[int, set[str]] = {}
    of_tag: dict[str, int] = {}
    for _ in range(120):
        person, tag, weeks = chance.randint(1, 300), chance.choice("abcde"), chance.randint(1, 20)
        match chance.randrange(5):
            case 0:
                await workspace.keeping.set([person], f"{weeks}w")
                own[person] = weeks
            case 1:
                await workspace.keeping.set([person], "none")
                own.pop(person, None)
            case 2:
                ids = chance.sample(range(1, 301), 40)
                await workspace.people.tag(ids, tag)
                for each in ids:
                    tags.setdefault(each, set()).add(tag)
            case 3:
                await workspace.keeping.set_tag(tag, f"{weeks}w")
                of_tag[tag] = weeks
            case _:
                await workspace.people.tag([person], f"-{tag}")
                tags.get(person, set()).discard(tag)
    expected = {}
    for person in range(1, 301):
        weeks = own.get(person) or min((of_tag[tag] for tag in tags.get(person, ()) if tag in of_tag), default=0)
        last = workspace.people.card(person).person.last_contact_at or 0
        if weeks and last + weeks * 7 * DAY <= NOW:
            expected[person] = last + weeks * 7 * DAY
    assert len(expected) > 50
    found = {each.id: each.overdue_at for each in workspace.keeping.overdue(limit=300)}
    assert found == expected
    assert list(found.values()) == sorted(found.values())
    count = "SELECT count(*) AS n FROM person WHERE pace_s IS NOT NULL"
    assert workspace.store.reader.one(Number, count).n >= len(expected)
