"""What came of a conversation or a relationship."""

import pytest

from community import actions
from community.actions import Selection
from community.errors import NotFound, WrongUsage
from community.query import parse as parse_query
from community.timeline import parse
from community.workspace import Workspace
from fakes import DAY, NOW, add_source, arrive, comment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def two(workspace: Workspace) -> Workspace:
    """Jon and Ann, each in a conversation of their own."""
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Jon", "A patch", thread="1"), comment("2", "Ann", "Hi", thread="2"))
    return workspace


async def say(workspace: Workspace, words: str, *, conversations: tuple[int, ...] = ()) -> str:
    chosen = Selection(people=(1,), conversations=conversations, argument=words)
    return await actions.run(workspace, "person.outcome", chosen)


async def test_an_outcome_is_a_line_of_the_timeline_above_the_conversation_it_came_of(two: Workspace) -> None:
    assert await say(two, "fix mended the docs", conversations=(1,)) == "Outcome of this conversation with Jon: fix."
    newest = two.people.timeline(1)[0]
    assert (newest.what, newest.kind, newest.text, newest.conversation_id) == ("outcome", "fix", "mended the docs", 1)
    only = two.people.timeline(1, wanted=parse("is:outcome", ["fake"]))
    assert only == [newest]
    assert [(each.kind, each.text) for each in two.conversations.open(1).outcomes] == [("fix", "mended the docs")]
    assert two.conversations.open(2).outcomes == ()
    assert [row.id for row in two.conversations.page(parse_query("has:outcome", now=NOW))] == [1]
    assert [hit.what for hit in await two.search("mended")] == ["outcome"]
    assert (await two.search("mended"))[0].person_id == 1


async def test_words_without_a_kind_are_an_outcome_too_and_a_day_at_the_end_dates_it(two: Workspace) -> None:
    await say(two, "brought the whole class along on 3 days ago")
    row = two.people.timeline(1, wanted=parse("is:outcome", []))[0]
    assert (row.kind, row.text) == ("other", "brought the whole class along")
    assert abs(row.at - (NOW - 3 * DAY)) < DAY


async def test_what_is_no_outcome_is_refused_with_what_to_do(two: Workspace) -> None:
    for kind, text, at in (("victory", "", None), ("other", " ", None), ("fix", "", NOW + 3 * DAY)):
        with pytest.raises(WrongUsage):
            await two.outcomes.log(1, kind, text, at=at)
    with pytest.raises(NotFound):
        await two.outcomes.drop(9)
    assert two.undo.history() == []


async def test_an_outcome_can_be_dropped_undone_and_goes_where_a_merge_and_a_split_take_it(two: Workspace) -> None:
    await two.outcomes.log(2, "friend", "")
    await two.identities.merge(1, 2)
    assert [row.what for row in two.people.timeline(1)].count("outcome") == 1
    await two.identities.take_apart(two.identities.mergings(1)[0].id)
    assert [row.what for row in two.people.timeline(2)].count("outcome") == 1
    await two.outcomes.drop(1)
    assert [row.what for row in two.people.timeline(2)].count("outcome") == 0
    await two.undo.undo()
    assert two.people.timeline(2)[0].kind == "friend"


async def test_an_outcome_is_no_contact(two: Workspace) -> None:
    before = two.people.card(1).person
    await two.outcomes.log(1, "sale", "two licences", at=NOW)
    assert two.people.card(1).person == before


async def test_hostile_words_are_one_clean_line(two: Workspace) -> None:
    await two.outcomes.log(1, "fix", "a\x1b[31m\nb\u202e", at=NOW)
    assert "\x1b" not in two.people.timeline(1)[0].text
    assert len(two.people.timeline(1)[0].text.splitlines()) == 1
