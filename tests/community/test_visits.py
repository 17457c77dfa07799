"""Listening first: whose turn it is, and that a visit counts as contact."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.query import Query
from community.sources.base import ItemKind
from fakes import Platform
from people_and_words import DAY, Community, author, said, small_town
from storage.journal import Changes

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path, platform: Platform) -> AsyncIterator[Community]:
    """The small town."""
    made = await small_town(tmp_path / "work")
    yield made
    await made.close()


def turns(town: Community) -> list[tuple[str, str]]:
    return [(row.name, row.title) for row in town.workspace.visits.round(Query())]


async def own_feed(town: Community, name: str) -> int:
    """A feed that is a person's own, and who that is."""
    source_id = await town.source(f"{name}'s feed", kind="feed")
    person_id = town.workspace.people.find(name)[0].id
    async with town.workspace.store.transaction() as tx:
        await Changes(tx).update("source", source_id, person_id=person_id)
    return source_id


async def test_what_a_person_publishes_in_a_feed_of_their_own_is_theirs(town: Community) -> None:
    source_id = await own_feed(town, "Tomás Rey")
    await town.hear(source_id, [said(author("T. Rey", network="feed:x"), "Slowly.", id="e1", ago=DAY, to_me=False,
                                     kind=ItemKind.ARTICLE, title="Trains")])  # fmt: skip
    assert [each.name for each in town.workspace.people.find("Rey")] == ["Tomás Rey"]
    person_id = town.workspace.people.find("Tomás Rey")[0].id
    assert [source.name for source in town.workspace.people.feeds(person_id)] == ["Tomás Rey's feed"]
    assert turns(town) == [("Tomás Rey", "Trains")]


async def test_the_longest_neglected_comes_first_and_a_visit_ends_the_turn(town: Community) -> None:
    for place, name in enumerate(("Jon Adeyemi", "Tomás Rey")):
        source_id = await own_feed(town, name)
        await town.hear(source_id, [
            said(author(name, network=f"feed:{place}"), "Words.", id=f"e{place}{n}", ago=hours * 3600, to_me=False,
                 kind=ItemKind.ARTICLE, title=f"{name} {n}")
            for n, hours in enumerate((20, 3))
        ])  # fmt: skip
    assert turns(town) == [("Tomás Rey", "Tomás Rey 1"), ("Jon Adeyemi", "Jon Adeyemi 1")]
    row = town.workspace.visits.round(Query())[0]
    assert await town.workspace.visits.visited(row.person_id, row.id) == "Visited Tomás Rey."
    assert turns(town) == [("Jon Adeyemi", "Jon Adeyemi 1")]
    touch = town.workspace.people.timeline(row.person_id)[0]
    assert (touch.what, touch.kind, touch.text) == ("touchpoint", "visit · given", "Tomás Rey 1")
    await town.workspace.undo.undo()
    assert turns(town)[0] == ("Tomás Rey", "Tomás Rey 1")


async def test_strangers_are_no_part_of_the_round(town: Community) -> None:
    assert turns(town) == []
    async with town.workspace.store.transaction() as tx:
        await tx.run("UPDATE person SET stage = 'visitor' WHERE name = 'Ines Duarte'")
    assert turns(town) == [("Ines Duarte", "Small tools, big drawer")]
