"""The registry: every verb has one id, says what it does, and does it."""

import pytest

from community.actions import ACTIONS, BY_ID, Selection, run
from community.errors import KithError, WrongUsage
from community.workspace import Workspace
from fakes import DAY, NOW, Platform, add_source, arrive, comment

pytestmark = pytest.mark.anyio


def test_every_action_has_an_id_of_its_own_and_says_what_it_does() -> None:
    assert len(BY_ID) == len(ACTIONS)
    for action in ACTIONS:
        assert action.label
        assert action.help.endswith("."), action.id
        assert action.id == action.id.lower()


@pytest.fixture
async def one(workspace: Workspace, platform: Platform) -> Workspace:
    """One waiting conversation."""
    await arrive(workspace, await add_source(workspace), comment("1", "Ann", "Hello?"))
    return workspace


async def test_every_action_that_changes_something_refuses_an_empty_selection_in_words(one: Workspace) -> None:
    for action in ACTIONS:
        if action.run is None or action.id in {"sync", "undo", "redo"}:
            continue
        with pytest.raises(KithError) as caught:
            await run(one, action.id, Selection(argument="x"))
        assert str(caught.value).endswith("."), action.id


async def test_a_snooze_takes_a_time_in_words_or_until_they_reply(one: Workspace) -> None:
    chosen = Selection(conversations=(1,), argument="in 3 days")
    assert "Snoozed" in await run(one, "item.snooze", chosen)
    assert one.conversations.row(1).snoozed_until == NOW + 3 * DAY
    await run(one, "undo", Selection())
    await run(one, "item.snooze", Selection(conversations=(1,), argument="r"))
    await arrive(one, one.listening.get(1), comment("2", "Ann", "I reply", parent="1", at=NOW - 5))
    assert one.conversations.row(1).attention == "waiting"


async def test_a_promise_may_carry_its_day(one: Workspace) -> None:
    await run(one, "person.promise", Selection(people=(1,), argument="send the slides by in 2 days"))
    await run(one, "person.promise", Selection(people=(1,), argument="think about it"))
    dated, open_ended = one.people.promises()
    assert (dated.text, dated.due_at) == ("send the slides", NOW + 2 * DAY)
    assert (open_ended.text, open_ended.due_at) == ("think about it", None)


async def test_a_contact_may_carry_its_direction_and_its_day(one: Workspace) -> None:
    await run(one, "person.log", Selection(people=(1,), argument="gift given a barometer on 2 weeks"))
    await run(one, "person.log", Selection(people=(1,), argument="met a talk on barometers"))
    rows = [row for row in one.people.timeline(1) if row.what == "touchpoint"]
    assert [(row.text, row.kind, row.at) for row in rows] == [
        ("a talk on barometers", "met · mutual", NOW),
        ("a barometer", "gift · given", NOW - 14 * DAY),
    ]


async def test_a_merge_finds_the_other_by_name_and_asks_for_more_when_several_match(one: Workspace) -> None:
    for number, name in enumerate(("Anna One", "Anna Two"), 10):
        await arrive(one, one.listening.get(1), comment(str(number), name, "Me too"))
    with pytest.raises(WrongUsage, match="Several people"):
        await run(one, "person.merge", Selection(people=(1,), argument="anna"))
    with pytest.raises(WrongUsage, match="Nobody else"):
        await run(one, "person.merge", Selection(people=(1,), argument="zoe"))
    assert "one person now" in await run(one, "person.merge", Selection(people=(1,), argument="anna t"))


async def test_an_unknown_action_is_refused(one: Workspace) -> None:
    with pytest.raises(WrongUsage, match="no action"):
        await run(one, "item.explode", Selection())
