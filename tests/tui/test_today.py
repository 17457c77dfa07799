"""Today and the session."""

import pytest

from on_screen import lines, place, press, running, settled, shown
from people_and_words import DAY, HOUR, Community, author, said
from tui.screens.today import Today

pytestmark = pytest.mark.anyio


async def test_today_opens_first_and_has_its_sections(town: Community) -> None:
    await town.workspace.people.promise(2, "send the slides", due_at=town.now + DAY)
    async with running(town, first="today", size=(120, 40)) as (app, _):
        text = shown(app)
        for words in (
            "They wait for you",
            "You promised",
            "send the slides",
            "tomorrow",
            "To moderate",
            "Your people wrote",
        ):
            assert words in text
        assert "Space start session" in text


async def test_sections_are_passed_by_the_cursor(town: Community) -> None:
    async with running(town, first="today") as (app, pilot):
        today = app.screen
        assert isinstance(today, Today)
        kinds = []
        for _ in range(6):
            assert today.listing.row is not None
            kinds.append(today.listing.row.kind)
            await press(pilot, "j")
        assert "heading" not in kinds
        assert kinds[:4] == ["conversation"] * 3 + ["desk"]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_the_footer_says_what_helps_most_on_the_line(town: Community, size: tuple[int, int]) -> None:
    await town.workspace.people.promise(2, "send the slides", due_at=town.now + DAY)
    async with running(town, first="today", size=size) as (app, pilot):
        today = app.screen
        assert isinstance(today, Today)
        assert "r reply" in lines(app)[-1]
        while today.listing.row is not None and today.listing.row.kind != "promise":
            await press(pilot, "j")
        assert "kept" in lines(app)[-1]
        await press(pilot, "k")
        assert "r reply" in lines(app)[-1]


async def test_done_here_leaves_at_once(town: Community) -> None:
    async with running(town, first="today") as (app, pilot):
        await press(pilot, "d")
        assert "2 wait for you" in shown(app)
        assert not any("● Maria" in line[:58] for line in lines(app)[2:-2])
        await press(pilot, "u")
        assert any("Maria" in line[:58] for line in lines(app)[2:-2])


async def test_who_was_answered_elsewhere_stays_in_sight(town: Community) -> None:
    async with running(town, first="today") as (app, pilot):
        await town.hear(
            town.ids["@me@town.example"], [said(author("me", me=True), "It does.", id="r9", ago=60, under="r2")]
        )
        place(app).poll()
        await settled(pilot)
        assert any("ravi" in line[:58] for line in lines(app))
        assert any("It reads ten" in line[:58] for line in lines(app))


async def test_a_session_goes_from_one_to_the_next_and_counts_honestly(town: Community) -> None:
    async with running(town, first="today") as (app, pilot):
        await press(pilot, "space")
        assert "session › 1 of 3" in shown(app)
        await press(pilot, "d")
        assert "session › 2 of 3" in shown(app)
        await press(pilot, "r", "h", "i", "escape", "y")
        assert "session › 3 of 3" in shown(app)
        await press(pilot, "space")
        text = shown(app)
        assert "You answered 1 conversation, put 1 away and left 1 for later." in text
        await press(pilot, "escape")
        assert "Today   Inbox" in shown(app)


async def test_a_session_with_nobody_is_said(nowhere: Community) -> None:
    async with running(nowhere, first="today") as (app, pilot):
        await press(pilot, "space")
        assert "Nobody is waiting for you." in shown(app)


async def test_an_empty_workspace_says_what_to_do_first(nowhere: Community) -> None:
    async with running(nowhere, first="today") as (app, pilot):
        assert "paste any address" in shown(app)
        assert "a add a source" in shown(app)
        await press(pilot, "j", "d", "r", "s", "escape", "enter")
        assert app.is_running


async def test_a_draft_left_lying_is_taken_up_with_enter(town: Community) -> None:
    await town.workspace.outbox.save(1, "half a sentence")
    async with running(town, first="today") as (app, pilot):
        assert "Drafts left lying" in shown(app)
        await press(pilot, "j", "j", "j", "enter")
        await settled(pilot)
        assert "replying as" in shown(app)
        assert "half a sentence" in shown(app)


async def test_people_overdue_stand_there_with_the_reason_and_can_rest(town: Community) -> None:
    tomas = town.workspace.people.find("Tomás Rey")[0].id
    await town.workspace.keeping.set([tomas], "every day")
    async with running(town, first="today", size=(120, 40)) as (app, pilot):
        today = app.screen
        assert isinstance(today, Today)
        assert "Time to be in touch" in shown(app)
        assert any("Tomás Rey" in line and "every day" in line for line in lines(app))
        assert "silent 3 d · last: thanks for the talk" in shown(app)
        today.listing.go_to(("overdue", tomas))
        await press(pilot, "b")
        assert "Let Tomás Rey rest." in shown(app)
        assert "Time to be in touch" not in shown(app)
        await press(pilot, "u")
        assert "Time to be in touch" in shown(app)


async def test_a_suggested_step_stands_there_quietly_and_one_key_answers(town: Community) -> None:
    tomas = town.workspace.people.find("Tomás Rey")[0].id
    async with running(town, first="today", size=(120, 40)) as (app, pilot):
        today = app.screen
        assert isinstance(today, Today)
        assert "Nearer or farther?" in shown(app)
        assert "wrote to you once; you answered once" in shown(app)
        today.listing.go_to(("step", tomas))
        await press(pilot, "+")
        assert "Tomás Rey: stranger → visitor." in shown(app)
        assert town.workspace.stages.log(tomas)[0].why == "wrote to you once; you answered once"


async def test_a_promise_is_kept_from_here(town: Community) -> None:
    await town.workspace.people.promise(2, "send the slides", due_at=town.now + DAY)
    async with running(town, first="today", size=(80, 24)) as (app, pilot):
        today = app.screen
        assert isinstance(today, Today)
        today.listing.go_to(("promise", 1))
        await press(pilot, "d")
        assert "Kept your promise" in shown(app)
        assert town.workspace.loops.promises() == []


async def test_a_session_leads_to_people_too_and_a_contact_that_is_logged_is_a_decision(town: Community) -> None:
    kemi = next(each.id for each in town.workspace.people.find("Kemi"))
    await town.workspace.people.promise(kemi, "lend the recorder", due_at=town.now + HOUR)
    async with running(town, first="today", size=(80, 24)) as (app, pilot):
        await press(pilot, "space", "d", "d", "d")
        text = shown(app)
        assert "session › 4 of 4" in text
        assert "you promised: lend the recorder" in text
        assert "Kemi O." in text
        await press(pilot, "C", "c", "m")
        place(app).prompt.write("about hats")
        await press(pilot, "enter", "enter")
        assert "You put 3 away and logged 1 contact." in shown(app)
        assert any(row.what == "touchpoint" for row in town.workspace.people.timeline(kemi))


async def test_a_session_is_taken_up_again_after_kith_was_left(town: Community) -> None:
    async with running(town, first="today") as (app, pilot):
        await press(pilot, "space", "d")
        assert "session › 2 of 3" in shown(app)
    async with running(town, first="today") as (app, pilot):
        await press(pilot, "space")
        assert "session › 2 of 3" in shown(app)
        assert "Taken up where you left it" in shown(app)
        await press(pilot, "escape")
        assert "You put 1 away. 2 are still to come" in shown(app)
        await town.hear(
            town.ids["@me@town.example"], [said(author("me", me=True), "It does.", id="r9", ago=60, under="r2")]
        )
        await press(pilot, "space")
        assert "session › 2 of 2" in shown(app)
        await press(pilot, "d", "space", "space")
        assert "Nobody is waiting for you." in shown(app)
        assert town.workspace.fact("session") == ""


async def test_five_people_are_chosen_with_reasons_and_make_a_session(town: Community) -> None:
    kemi = next(each.id for each in town.workspace.people.find("Kemi"))
    await town.workspace.people.promise(kemi, "lend the recorder", due_at=town.now + HOUR)
    async with running(town, first="today", size=(120, 50)) as (app, pilot):
        assert "Five people today" in shown(app)
        await press(pilot, "g", "5")
        text = shown(app)
        assert "five today › 1 of 4" in text
        assert "you promised: lend the recorder" in text
        await press(pilot, "d")
        assert town.workspace.people.promises() == []
        assert "five today › 2 of 4" in shown(app)
        assert "waits for you" in shown(app)
        await press(pilot, "r", "y", "e", "s", "escape", "y")
        assert "five today › 3 of 4" in shown(app)


async def test_first_voices_stand_on_today_with_where_and_when(town: Community) -> None:
    async with running(town, first="today", size=(120, 50)) as (app, _):
        text = shown(app)
        assert "First voices" in text
        assert "Kemi O." in text
        assert text.index("They wait for you") < text.index("Your people wrote") < text.index("First voices")
