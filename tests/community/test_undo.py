"""Every local action can be taken back, many levels deep, also after a restart."""

from pathlib import Path

import pytest

import fakes
from community.errors import WrongUsage
from community.workspace import Workspace
from fakes import DAY, NOW, add_source, arrive, comment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def one(workspace: Workspace) -> Workspace:
    """One waiting conversation."""
    await arrive(workspace, await add_source(workspace), comment("1", "Ann", "Hello?"))
    return workspace


def attention(workspace: Workspace) -> str:
    return workspace.conversations.row(1).attention


@pytest.mark.parametrize("verb", ["done", "rest", "mute"])
async def test_undo_brings_a_conversation_back_to_where_it_stood(one: Workspace, verb: str) -> None:
    await getattr(one.conversations, verb)([1])
    assert attention(one) != "waiting"
    assert "Undone" in await one.undo.undo()
    assert attention(one) == "waiting"
    await one.undo.redo()
    assert attention(one) != "waiting"


async def test_undo_goes_many_levels_deep(one: Workspace) -> None:
    await one.conversations.snooze([1], NOW + DAY)
    await one.conversations.star([1])
    await one.conversations.tag([1], "book")
    await one.people.note(1, "Likes tea.")
    await one.stages.step(1, outward=False)
    for _ in range(5):
        await one.undo.undo()
    row = one.conversations.row(1)
    card = one.people.card(1)
    assert (row.attention, row.starred_at, card.notes, card.person.stage) == ("waiting", None, (), "stranger")
    assert one.conversations.open(1).tags == ()
    with pytest.raises(WrongUsage, match="nothing to undo"):
        await one.undo.undo()
    for _ in range(5):
        await one.undo.redo()
    assert [note.text for note in one.people.card(1).notes] == ["Likes tea."]
    assert attention(one) == "snoozed"


async def test_a_new_action_forgets_what_could_be_redone(one: Workspace) -> None:
    await one.conversations.done([1])
    await one.undo.undo()
    await one.conversations.star([1])
    with pytest.raises(WrongUsage, match="nothing to do again"):
        await one.undo.redo()


async def test_undo_works_after_a_restart(tmp_path: Path) -> None:
    first = fakes.open_workspace(tmp_path / "w")
    await arrive(first, await add_source(first), comment("1", "Ann", "Hello?"))
    await first.conversations.done([1])
    await first.close()
    second = fakes.open_workspace(tmp_path / "w")
    await second.undo.undo()
    assert attention(second) == "waiting"
    await second.close()


async def test_undoing_done_does_not_hide_what_arrived_meanwhile(one: Workspace) -> None:
    await one.conversations.done([1])
    await arrive(one, one.listening.get(1), comment("2", "Ann", "And another thing", parent="1", at=NOW - 5))
    assert attention(one) == "waiting"
    await one.undo.undo()
    assert attention(one) == "waiting"


async def test_one_action_on_many_is_one_step(one: Workspace) -> None:
    await arrive(one, one.listening.get(1), comment("5", "Ben", "Me too"))
    await one.conversations.done([1, 2])
    await one.undo.undo()
    assert {one.conversations.row(each).attention for each in (1, 2)} == {"waiting"}


async def test_a_kept_promise_and_a_changed_note_come_back(one: Workspace) -> None:
    await one.people.promise(1, "send the slides", due_at=NOW + DAY)
    promise = one.people.promises()[0]
    await one.people.keep(1, promise.id)
    assert one.people.promises() == []
    await one.undo.undo()
    assert one.people.promises() == [promise]
    await one.people.note(1, "First")
    note = one.people.card(1).notes[0]
    await one.people.edit_note(1, note.id, "")
    await one.undo.undo()
    assert one.people.card(1).notes == (note,)
