"""What is kept about people."""

import pytest

from community.errors import WrongUsage
from community.query import parse
from community.workspace import Workspace
from fakes import DAY, ME, NOW, add_source, arrive, author, comment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def two(workspace: Workspace) -> Workspace:
    """Jon, once on the blog and once elsewhere, and an answer to him."""
    source = await add_source(workspace)
    elsewhere = author("Jon A.", network="fediverse")
    await arrive(workspace, source, comment("1", "Jon", "From the blog", at=NOW - 9 * DAY))
    await arrive(workspace, source, comment("2", ME, "An answer", parent="1", at=NOW - 8 * DAY))
    await arrive(workspace, source, comment("3", elsewhere, "From elsewhere?", at=NOW - DAY))
    await workspace.people.note(1, "Runs everything on a 2009 ThinkPad.")
    await workspace.people.tag([3], "porto")
    return workspace


def names(workspace: Workspace) -> list[str]:
    return [person.name for person in workspace.people.page(parse("", now=NOW, target="people"))]


async def test_the_card_shows_notes_and_my_last_words(two: Workspace) -> None:
    card = two.people.card(1)
    assert [note.text for note in card.notes] == ["Runs everything on a 2009 ThinkPad."]
    assert card.last_words is not None
    assert card.last_words.text == "An answer"
    assert (card.person.first_contact_at, card.person.last_contact_at) == (NOW - 9 * DAY, NOW - 8 * DAY)


async def test_the_timeline_holds_words_both_ways_and_notes_the_newest_first(two: Workspace) -> None:
    assert [(row.what, row.text) for row in two.people.timeline(1)] == [
        ("note", "Runs everything on a 2009 ThinkPad."),
        ("outgoing", "An answer"),
        ("incoming", "From the blog"),
    ]


async def test_merging_makes_one_timeline_and_undo_makes_two_people_again(two: Workspace) -> None:
    before = names(two)
    await two.identities.merge(1, 3)
    assert names(two) == ["Jon"]
    assert len(two.people.timeline(1)) == 4
    assert two.people.card(1).tags == ("porto",)
    assert len(two.people.card(1).identities) == 2
    await two.undo.undo()
    assert names(two) == before
    assert two.people.card(1).tags == ()
    assert len(two.people.timeline(1)) == 3


async def test_a_person_cannot_be_merged_with_themselves(two: Workspace) -> None:
    with pytest.raises(WrongUsage, match="same person"):
        await two.identities.merge(1, 1)


async def test_stages_go_one_step_at_a_time_and_end(two: Workspace) -> None:
    for stage in ("visitor", "regular", "friend", "ally"):
        assert stage in await two.stages.step(1, outward=False)
    with pytest.raises(WrongUsage, match="already"):
        await two.stages.step(1, outward=False)


async def test_a_nearer_person_weighs_more_at_once_and_less_again_after_undo(two: Workspace) -> None:
    def rank() -> float:
        return two.conversations.page(parse("is:waiting", now=NOW))[0].rank

    before = rank()
    for _ in range(3):
        await two.stages.step(3, outward=False)
    assert rank() > before
    for _ in range(3):
        await two.undo.undo()
    assert rank() == before


async def test_a_logged_contact_counts_as_contact(two: Workspace) -> None:
    await two.people.log(1, "met", "mutual", "Coffee in Porto", at=NOW - 60)
    assert names(two)[0] == "Jon"
    assert two.people.timeline(1)[1].kind == "met · mutual"
    with pytest.raises(WrongUsage, match="no kind of contact"):
        await two.people.log(1, "teleported", "mutual", "")


async def test_people_are_found_by_name_and_handle_in_any_case(two: Workspace) -> None:
    assert [found.name for found in two.people.find("JON")] == ["Jon A.", "Jon"]


async def test_an_empty_note_is_refused(two: Workspace) -> None:
    with pytest.raises(WrongUsage, match="empty"):
        await two.people.note(1, "  \n ")


async def test_search_finds_people_notes_and_words(two: Workspace) -> None:
    assert {hit.what for hit in await two.search("thinkpad")} == {"note"}
    assert "person" in {hit.what for hit in await two.search("jon")}
    assert [hit.what for hit in await two.search('"from the blog"')] == ["item"]
    assert await two.search("   ") == []
