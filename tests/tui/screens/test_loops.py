"""Everything that is open between people and me, on one screen."""

from pathlib import Path

import pytest

from community.query import parse
from on_screen import lines, place, press, running, shown
from people_and_words import DAY, NOW, Community, crowd
from tui.screens.loops import Loops
from tui.screens.person import PersonPage

pytestmark = pytest.mark.anyio


def person(town: Community, name: str) -> int:
    return next(each.id for each in town.workspace.people.find(name) if each.name == name)


async def promised(town: Community) -> None:
    await town.workspace.people.promise(person(town, "Ines Duarte"), "send the slides", due_at=NOW + DAY)
    await town.workspace.people.promise(person(town, "ravi"), "look at the feed", due_at=NOW - DAY)
    answered = next(row.id for row in town.workspace.conversations.page(parse("is:answered", now=NOW)))
    await town.workspace.conversations.remind([answered], NOW + 2 * DAY)


async def test_go_lists_promises_what_i_wait_for_and_who_waits(town: Community) -> None:
    await promised(town)
    async with running(town, size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "o")
        loops = app.screen
        assert isinstance(loops, Loops)
        assert [row.what for row in loops.list.all_rows()] == ["promise", "promise", "asked", "waits", "waits", "waits"]
        text = [line for line in lines(app) if "│" in line]
        assert any("ravi" in line and "look at the feed" in line and "late" in line for line in text)
        assert any("Tomás Rey" in line and "◷" in line for line in text)
        assert "Ways to reach them" in shown(app)


async def test_done_keeps_a_promise_waits_no_longer_and_puts_away_and_each_is_undone(town: Community) -> None:
    await promised(town)
    async with running(town, size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "o", "d")
        assert "Kept your promise to ravi." in shown(app)
        await press(pilot, "3", "d")
        assert "Reminder removed" in shown(app)
        await press(pilot, "4", "d")
        assert "Done:" in shown(app)
        loops = app.screen
        assert isinstance(loops, Loops)
        assert len(loops.list.all_rows()) == 2
        await press(pilot, "1", "u", "u", "u")
        assert len(loops.list.all_rows()) == 6


async def test_snooze_gives_each_another_date(town: Community) -> None:
    await promised(town)
    async with running(town, size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "o", "s", "r")
        assert "A promise wants a date" in shown(app)
        place(app).prompt.write("in 9 days")
        await press(pilot, "enter")
        assert town.workspace.loops.promises()[1].due_at == NOW + 9 * DAY
        await press(pilot, "3", "s")
        place(app).prompt.write("in 5 days")
        await press(pilot, "enter")
        assert town.workspace.loops.asked()[0].due_at == NOW + 5 * DAY
        await press(pilot, "4", "s", "5")
        assert len(town.workspace.loops.waiting()) == 2


async def test_enter_leads_to_the_conversation_or_the_person(town: Community) -> None:
    await promised(town)
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "g", "o", "enter")
        assert isinstance(app.screen, PersonPage)
        await press(pilot, "escape", "4", "enter")
        assert "How do you keep notes in tmux?" in shown(app)


async def test_an_empty_list_says_how_something_comes_to_be_open(nowhere: Community) -> None:
    async with running(nowhere, size=(80, 24)) as (app, pilot):
        await press(pilot, "g", "o")
        assert "Nothing is open between you and anybody." in shown(app)
        assert "//promise" in shown(app)


async def test_a_long_list_is_read_by_pages(tmp_path: Path) -> None:
    town = await crowd(tmp_path / "work", 700)
    try:
        async with running(town, size=(100, 24)) as (app, pilot):
            await press(pilot, "g", "o")
            loops = app.screen
            assert isinstance(loops, Loops)
            assert len(loops.list.all_rows()) < 700
            await press(pilot, "G")
            assert "Person 000699" in shown(app)
    finally:
        await town.close()
