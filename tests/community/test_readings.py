"""The views of the community say the same as a slow and obvious reading of every item."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.errors import WrongUsage
from community.readings import VIEWS
from community.workspace import Workspace
from generate import LARGE, NOW, cached, generate
from people_and_words import DAY, ME, Community, author, said
from people_and_words import NOW as TODAY
from reference_readings import Reference

pytestmark = pytest.mark.anyio


def opened(directory: Path) -> Workspace:
    return Workspace.open(directory, secrets_in_file=True, now=lambda: NOW)


def through(workspace: Workspace, view: str, *, limit: int) -> list[tuple[int, ...]]:
    """A view to its end, page by page."""
    found: list[tuple[int, ...]] = []
    before = None
    while page := workspace.readings.page(view, before=before, limit=limit):
        found += [
            (row.bond.person_id, row.bond.other_id or 0) if view == "unmet" else (*row.key[:2], row.person.id)
            for row in page
        ]
        before = page[-1].key
    return found


def compare(workspace: Workspace, *, limit: int) -> dict[str, int]:
    """How many rows each view has, after it was found equal to the reference."""
    reference = Reference(workspace.directory, NOW)
    sizes = {}
    for view in ("quiet", "first", "missing", "gave", "unmet"):
        expected = getattr(reference, view)()
        assert through(workspace, view, limit=limit) == expected, view
        sizes[view] = len(expected)
    return sizes


async def test_every_view_of_a_generated_community_is_what_the_plain_tables_say(tmp_path: Path) -> None:
    directory = tmp_path / "work"
    directory.mkdir(mode=0o700)
    generate(directory, conversations=220, people=120)
    workspace = opened(directory)
    try:
        near = [row.person.id for row in workspace.readings.page("quiet", limit=8)]
        async with workspace.store.transaction() as tx:
            await tx.many("UPDATE person SET stage = 'friend' WHERE id = :id", [{"id": each} for each in near])
        await workspace.people.tag(near, "tools")
        sizes = compare(workspace, limit=7)
        assert min(sizes[view] for view in ("quiet", "missing", "gave", "unmet")) > 0, sizes
        people = [row.person.id for row in workspace.readings.page("quiet", limit=6)]
        await workspace.identities.merge(people[0], people[1])
        await workspace.identities.merge(people[2], people[3])
        await workspace.people.log(people[4], "gift", "received", "A jar of honey.", at=NOW - 5 * DAY)
        compare(workspace, limit=50)
        await workspace.undo.undo()
        await workspace.undo.undo()
        compare(workspace, limit=50)
    finally:
        await workspace.close()


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_ten_thousand_people_read_alike() -> None:
    workspace = opened(cached(LARGE))
    try:
        sizes = compare(workspace, limit=1000)
        assert min(sizes[view] for view in ("quiet", "missing", "gave")) > 0, sizes
    finally:
        await workspace.close()


@pytest.fixture
async def room(tmp_path: Path) -> AsyncIterator[Community]:
    """A workspace with one source and nobody in it."""
    made = Community(tmp_path / "work")
    await made.source()
    yield made
    await made.close()


def why(town: Community, view: str) -> dict[str, int]:
    """Who is in a view, and which part of its rule holds."""
    return {row.person.name: row.bond.code for row in town.workspace.readings.page(view)}


async def hear(town: Community, *items: object) -> None:
    await town.hear(town.ids["@me@town.example"], items)  # type: ignore[arg-type]


async def test_quiet_says_whether_i_left_a_question_open_a_habit_broke_or_it_simply_ended(room: Community) -> None:
    asker, weekly, twice, once = (author(name) for name in ("Asker", "Weekly", "Twice", "Once"))
    await hear(
        room,
        said(asker, "@me how does it work?", id="q", ago=20 * DAY),
        *(said(weekly, "@me good morning.", id=f"w{n}", ago=(60 + 7 * n) * DAY) for n in range(4)),
        *(said(twice, "@me thanks.", id=f"t{n}", ago=(50 + n) * DAY) for n in range(2)),
        said(once, "@me hello.", id="o", ago=100 * DAY),
    )
    assert why(room, "quiet") == {"Asker": 1, "Weekly": 2, "Twice": 3}
    await hear(room, said(ME, "Like this.", id="a", ago=DAY, under="q"))
    assert why(room, "quiet") == {"Weekly": 2, "Twice": 3}
    await hear(room, said(weekly, "@me good morning again.", id="w9", ago=DAY))
    assert why(room, "quiet") == {"Twice": 3}


async def test_an_answer_that_is_taken_away_leaves_the_question_open_again(room: Community) -> None:
    asker = author("Asker")
    await hear(room, said(asker, "@me how?", id="q", ago=20 * DAY), said(ME, "So.", id="a", ago=19 * DAY, under="q"))
    assert why(room, "quiet") == {}
    await room.hear(room.ids["@me@town.example"], [], gone=["a"])
    assert why(room, "quiet") == {"Asker": 1}


async def test_a_first_voice_is_of_a_person_and_knows_who_came_back(room: Community) -> None:
    blog = await room.source("blog", is_mine=True)
    jon, bao, dele = author("Jon"), author("Bao"), author("Dele")
    await hear(room, said(jon, "@me hi.", id="j", ago=200 * DAY), said(bao, "@me hi.", id="b", ago=30 * DAY),
               said(dele, "@me hi.", id="d", ago=3 * DAY))  # fmt: skip
    await room.hear(blog, [said(author("Jon A.", network="blog"), "Hi here.", id="c", ago=2 * DAY),
                           said(author("Bao", network="blog"), "Again.", id="e", ago=DAY)])  # fmt: skip
    assert why(room, "first") == {"Jon A.": 0, "Bao": 0, "Dele": 0}
    ids = {each.name: each.id for each in room.workspace.people.find("Jon")}
    await room.workspace.identities.merge(ids["Jon"], ids["Jon A."])
    assert why(room, "first") == {"Bao": 0, "Dele": 0}
    await room.workspace.undo.undo()
    assert "Jon A." in why(room, "first")


async def test_a_like_is_a_sign_of_life_for_who_is_missing_and_rest_ends_it(room: Community) -> None:
    jon = author("Jon")
    await hear(room, *(said(jon, "@me hi.", id=f"j{n}", ago=(100 + n) * DAY) for n in range(6)))
    assert why(room, "missing") == {"Jon": 1}
    person = room.workspace.people.find("Jon")[0].id
    await room.workspace.people.log(person, "call", "mutual", "", at=TODAY - DAY)
    assert why(room, "missing") == {}


async def test_who_gave_and_got_nothing_back_is_seen_until_something_is_given(room: Community) -> None:
    kemi = author("Kemi")
    await hear(room, *(said(kemi, "@me well done.", id=f"k{n}", ago=n * DAY) for n in range(1, 4)))
    assert why(room, "gave") == {"Kemi": 2}
    person = room.workspace.people.find("Kemi")[0].id
    await room.workspace.people.log(person, "favour", "received", "Read it on air.", at=TODAY - DAY)
    assert why(room, "gave") == {"Kemi": 1}
    await room.workspace.people.log(person, "thanks", "given", "A hat.", at=TODAY)
    assert why(room, "gave") == {}


async def test_two_who_share_a_topic_are_a_pair_until_they_meet(room: Community) -> None:
    jon, ines = author("Jon"), author("Ines")
    await hear(room, said(jon, "@me strings.", id="j", ago=5 * DAY), said(ines, "@me pencils.", id="i", ago=4 * DAY))
    people = room.workspace.people
    ids = [people.find(name)[0].id for name in ("Jon", "Ines")]
    for each in ids:
        await room.workspace.stages.step(each, outward=False)
        await room.workspace.stages.step(each, outward=False)
        await people.tag([each], "tools")
    assert [(row.person.name, row.bond.other_name, row.bond.text) for row in room.workspace.readings.page("unmet")] == [
        ("Ines", "Jon", "tools")
    ]
    await people.log(ids[0], "introduction", "given", "to Ines, by letter")
    assert why(room, "unmet") == {}
    await room.workspace.undo.undo()
    assert why(room, "unmet")
    await hear(room, said(ines, "Jon, is that a violin?", id="i2", ago=DAY, under="j"))
    assert why(room, "unmet") == {}


async def test_a_view_that_is_none_says_which_there_are(room: Community) -> None:
    with pytest.raises(WrongUsage, match=r"choose one of .*quiet"):
        room.workspace.readings.page("loud")
    assert all(view.rule.endswith(".") and view.order for view in VIEWS)
