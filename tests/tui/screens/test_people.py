"""The list of people, and the page of one."""

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from community.address_book import AddressBook, offered
from community.timeline import parse
from on_screen import lines, place, press, running, settled, shown
from people_and_words import DAY, HOUR, NOW, Community, author, crowd, said
from tui.app import KithApp
from tui.screens.conversation import ConversationPage
from tui.screens.people import People
from tui.screens.person import PersonPage

pytestmark = pytest.mark.anyio


def person(town: Community, name: str) -> int:
    return next(each.id for each in town.workspace.people.find(name) if each.name == name)


async def test_people_stand_by_last_contact_and_those_who_wait_are_marked(town: Community) -> None:
    async with running(town, first="people", size=(100, 24)) as (app, _):
        people = app.screen
        assert isinstance(people, People)
        assert [row.name for row in people.list.all_rows()][:3] == ["ravi", "Kemi O.", "Jon Adeyemi"]
        text = lines(app)
        assert any("● ravi" in line for line in text)
        assert not any("● Kemi" in line for line in text)
        assert "Ways to reach them" in shown(app)


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_how_reachable_somebody_is_stands_wherever_people_are_listed(
    town: Community, size: tuple[int, int]
) -> None:
    ravi = person(town, "ravi")
    await town.workspace.people.promise(ravi, "send the slides", due_at=NOW + DAY)
    await town.workspace.keeping.set([ravi], "every day")
    town.now += 40 * DAY
    async with running(town, first="people", size=size) as (app, pilot):
        assert any("ravi" in line and "1 way" in line for line in lines(app))
        await press(pilot, "3")
        assert any("ravi" in line and "1 way" in line for line in lines(app))
        await press(pilot, "g", "o")
        assert any("ravi" in line and "1 way" in line and "send the slides" in line for line in lines(app))
        await press(pilot, "g", "t")
        named = [line for line in lines(app) if "to ravi" in line or "every day" in line]
        assert len(named) >= 2
        assert all("1 way" in line for line in named)


async def test_an_empty_list_says_how_people_come_to_be_there(nowhere: Community) -> None:
    async with running(nowhere, first="people", size=(80, 24)) as (app, _):
        assert "There are no people here yet." in shown(app)
        assert "gm shows where Kith listens" in shown(app)


async def test_whom_i_know_of_without_any_contact_stands_below_the_others(town: Community) -> None:
    book = AddressBook(town.workspace.store, town.workspace.people)
    await book.take_in(offered(b"BEGIN:VCARD\nVERSION:4.0\nFN:Ann Hall\nEMAIL:ann@hall.example\nEND:VCARD\n"))
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        text = lines(app)
        heading = next(at for at, line in enumerate(text) if "No contact yet" in line)
        assert "Ann Hall" in text[heading + 1]
        await press(pilot, "G", "enter")
        assert "1 way, mail" in shown(app)


async def test_a_filter_narrows_and_escape_shows_everybody_again(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "f")
        place(app).prompt.write("from:jon")
        await press(pilot, "enter")
        assert "Jon Adeyemi" in shown(app)
        assert "Maria" not in shown(app)
        assert "f: from:jon" in shown(app)
        await press(pilot, "escape")
        assert "Maria" in shown(app)


async def test_a_wrong_filter_is_explained_and_asked_again(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "f")
        place(app).prompt.write("stage:frend")
        await press(pilot, "enter")
        assert "did you mean “friend”?" in " ".join(shown(app).split())
        assert place(app).is_asking


async def test_a_filter_without_hits_says_how_to_get_out(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "f")
        place(app).prompt.write("nobody-is-called-this")
        await press(pilot, "enter")
        assert "Nothing matches" in shown(app)


async def test_views_show_those_who_wait_and_those_i_noted(town: Community) -> None:
    await town.workspace.people.note(person(town, "Kemi O."), "plays the cello")
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "2")
        assert "Kemi" not in shown(app)
        assert "ravi" in shown(app)
        await press(pilot, "9")
        assert "Kemi" in shown(app)
        assert "ravi" not in shown(app)


async def test_a_view_of_the_community_says_why_each_is_in_it_and_an_empty_one_tells_its_rule(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "5")
        assert "first words 40 minutes ago on @me" in shown(app)
        assert "5 first" in shown(app)
        await press(pilot, "4")
        assert "Nobody has gone quiet." in shown(app)
        assert "away for three times their usual gap" in " ".join(shown(app).split())
        people = app.screen
        assert isinstance(people, People)
        town.now += 20 * DAY
        people.perform("view", "quiet")
        await settled(pilot)
        text = shown(app)
        assert "ravi" in text
        assert "you left their question open, 2 weeks" in text


async def test_two_who_should_meet_stand_as_a_pair(town: Community) -> None:
    async with town.workspace.store.transaction() as tx:
        await tx.run("UPDATE person SET stage = 'friend'")
    await town.workspace.people.tag([person(town, "ravi"), person(town, "Kemi O.")], "radio")
    async with running(town, first="people", size=(120, 24)) as (app, pilot):
        await press(pilot, "8")
        people = app.screen
        assert isinstance(people, People)
        assert [row.why for row in people.list.all_rows()] == ["and Kemi O.: both #radio, and never met"]
        assert people.selection().people == (person(town, "ravi"),)


async def test_the_last_of_many_people_is_one_key_away(tmp_path: Path) -> None:
    town = await crowd(tmp_path / "work", 700)
    try:
        async with running(town, first="people", size=(100, 24)) as (app, pilot):
            await press(pilot, "G")
            assert "Person 000000" in shown(app)
            await press(pilot, "g", "g")
            assert "Person 000699" in shown(app)
    finally:
        await town.close()


async def test_the_next_who_waits_is_one_key_away(town: Community) -> None:
    async with running(town, first="people", size=(100, 24)) as (app, pilot):
        people = app.screen
        assert isinstance(people, People)
        await press(pilot, "]")
        assert people.list.current is not None
        assert people.list.current.name == "Jon Adeyemi"


async def open_person(pilot: Pilot[None], town: Community, name: str) -> PersonPage:
    app = pilot.app
    assert isinstance(app, KithApp)
    place(app).post_message(People.Go("person", str(person(town, name))))
    await settled(pilot)
    page = app.screen
    assert isinstance(page, PersonPage)
    return page


async def test_enter_opens_the_page_with_everything_between_you(town: Community) -> None:
    await town.workspace.people.note(person(town, "ravi"), "likes tea")
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await press(pilot, "enter")
        assert isinstance(app.screen, PersonPage)
        text = shown(app)
        for words in (
            "People › ravi",
            "Ways to reach them",
            "waits for you",
            "is the feed broken?",
            "noted: likes tea",
        ):
            assert words in text, words
        await press(pilot, "escape")
        assert place(app).crumbs() == ("People",)


async def test_my_answers_stand_in_the_timeline_and_words_alone_can_be_shown(town: Community) -> None:
    await town.workspace.people.note(person(town, "Tomás Rey"), "teaches on thursdays")
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        page = await open_person(pilot, town, "Tomás Rey")
        assert any("▌" in line and "It was a pleasure." in line for line in lines(app))
        await press(pilot, "z", "v")
        assert {line.row.what for line in page.list.all_rows()} == {"incoming", "outgoing"}
        await press(pilot, "3")
        assert {line.row.what for line in page.list.all_rows()} == {"note"}


async def test_older_lines_are_read_as_they_are_scrolled_to(town: Community) -> None:
    jon = author("Jon Adeyemi")
    await town.hear(
        town.ids["@me@town.example"],
        [said(jon, f"line number {n}", id=f"old{n}", ago=2 * DAY + n * HOUR, to_me=False) for n in range(700)],
    )
    async with running(town, first="people", size=(100, 24)) as (app, pilot):
        page = await open_person(pilot, town, "Jon Adeyemi")
        assert len(page.list.all_rows()) < 700
        await press(pilot, "G")
        assert "line number 699" in shown(app)


async def test_logging_asks_what_for_whom_and_about_what(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "ravi")
        page_id = person(town, "ravi")
        await press(pilot, "C", "m", "g")
        place(app).prompt.write("coffee at the station")
        await press(pilot, "enter")
        place(app).prompt.write("next week")
        await press(pilot, "enter")
        assert "lies ahead" in shown(app)
        place(app).prompt.write("3 days ago")
        await press(pilot, "enter")
        assert abs(town.workspace.people.timeline(page_id)[1].at - (NOW - 3 * DAY)) < DAY
        assert "met: coffee at the station (given)" in shown(app)
        await press(pilot, "u")
        assert "coffee at the station" not in "\n".join(lines(app)[:-3])


async def test_a_hidden_person_says_how_to_go_on_and_comes_back(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await open_person(pilot, town, "ravi")
        await press(pilot, "z", "D", "y")
        assert "ravi is hidden, and forgotten for good when you confirm it." in shown(app)
        assert "zF for good  zU bring back" in shown(app)
        await press(pilot, "z", "U")
        assert "People › ravi" in shown(app)
        assert "zF for good" not in shown(app)


async def test_a_contact_is_logged_in_one_breath(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        page = await open_person(pilot, town, "ravi")
        for key in [*"Cgra jar of honey", "enter", *"3 days ago", "enter", "G"]:
            name = {" ": "space"}.get(key, key)
            app.post_message(events.Key(name, key if len(key) == 1 else None))
        for _ in range(4):
            await settled(pilot)
        said = town.workspace.people.timeline(person(town, "ravi"), wanted=parse("is:logged", []))
        assert [(row.kind, row.text) for row in said] == [("gift · received", "a jar of honey")]
        assert abs(said[0].at - (NOW - 3 * DAY)) < DAY
        assert not place(app).is_asking
        assert page.list.current is not None
        assert page.list.current.row.what == "incoming"


async def test_what_came_of_it_is_kept_with_the_conversation_it_came_of_and_can_be_dropped(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        page = await open_person(pilot, town, "ravi")
        said_in = page.list.all_rows()[0].row.conversation_id
        await press(pilot, "z", "c", "f")
        place(app).prompt.write("packaged it for every system")
        await press(pilot, "enter", "enter")
        assert "Outcome of this conversation with ravi: fix." in shown(app)
        assert "* outcome: packaged it for every system (fix)" in shown(app)
        assert page.list.go_to(("outcome", 1))
        assert page.list.current is not None
        assert page.list.current.row.conversation_id == said_in
        page.perform("filter", "is:outcome")
        await settled(pilot)
        assert [line.row.what for line in page.list.all_rows()] == ["outcome"]
        await press(pilot, "z", "d")
        assert page.list.all_rows() == []
        await press(pilot, "u")
        assert [line.row.what for line in page.list.all_rows()] == ["outcome"]


async def test_a_note_is_written_changed_and_removed(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        page = await open_person(pilot, town, "ravi")
        await press(pilot, "quotation_mark")
        place(app).prompt.write("likes tea")
        await press(pilot, "enter")
        assert page.list.go_to(("note", 1))
        await press(pilot, "enter")
        assert place(app).prompt.text == "likes tea"
        place(app).prompt.write("likes coffee")
        await press(pilot, "enter")
        assert "noted: likes coffee" in shown(app)
        assert page.list.go_to(("note", 1))
        await press(pilot, "enter")
        place(app).prompt.write("")
        await press(pilot, "enter")
        assert "noted:" not in shown(app)


async def test_a_promise_is_kept_with_the_key_for_done(town: Community) -> None:
    await town.workspace.people.promise(person(town, "ravi"), "send the slides")
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "ravi")
        assert "you promised: send the slides" in shown(app)
        await press(pilot, "d")
        assert "you kept: send the slides" in shown(app)


async def test_a_wrong_date_of_a_promise_is_asked_again_and_nothing_typed_is_lost(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "ravi")
        await press(pilot, "v")
        place(app).prompt.write("the slides by someday")
        await press(pilot, "enter")
        assert "no time Kith understands" in shown(app)
        assert place(app).prompt.text == "the slides by someday"


async def test_stages_go_one_step_at_a_time(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "ravi")
        await press(pilot, ">")
        assert "ravi: stranger → visitor." in shown(app)
        assert "visitor since today" in shown(app)
        await press(pilot, "<")
        assert "stranger" in shown(app)


async def test_two_people_become_one_after_a_question_and_two_again(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "ravi")
        await press(pilot, "M", *"kemi")
        assert "@kemi" in shown(app)
        await press(pilot, "enter")
        assert "Is Kemi O." in shown(app)
        await press(pilot, "y")
        assert "ravi and Kemi O. are one person now." in shown(app)
        assert "Same question here." in shown(app)
        await press(pilot, "u")
        assert "Same question here." not in shown(app)


async def test_write_begins_an_answer_to_what_they_said_last(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await press(pilot, "r")
        assert isinstance(app.screen, ConversationPage)
        assert "replying as" in shown(app)
        assert "to ravi" in shown(app)


async def test_whoever_said_nothing_that_can_be_answered_is_told_so(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "Ines Duarte")
        await press(pilot, "r")
        assert "opens their site" in shown(app) or "read but not answered" in shown(app)


async def test_a_narrow_page_has_the_portrait_on_top_and_tab_shows_all_of_it(town: Community) -> None:
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "enter")
        assert "1 all" in shown(app)
        assert "Ways to reach them" not in shown(app)
        await press(pilot, "tab")
        assert "Ways to reach them" in shown(app)
        await press(pilot, "escape")
        assert "1 all" in shown(app)
        assert isinstance(app.screen, PersonPage)


async def test_the_timeline_is_filtered_by_kind_and_by_platform(town: Community) -> None:
    await town.workspace.people.note(person(town, "Tomás Rey"), "teaches on thursdays")
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        page = await open_person(pilot, town, "Tomás Rey")
        await press(pilot, "f")
        assert "what you answered" in shown(app)
        assert "only on fediverse" in shown(app)
        await press(pilot, "a")
        assert [line.row.text for line in page.list.all_rows()] == ["It was a pleasure."]
        assert "f: is:answered" in shown(app)
        await press(pilot, "escape", "f")
        place(app).prompt.write("-is:words on:fediverse")
        await press(pilot, "enter")
        assert "Nothing matches" in shown(app)
        await press(pilot, "escape", "f")
        place(app).prompt.write("on:myspace")
        await press(pilot, "enter")
        assert "on:myspace is unknown" in shown(app)
        place(app).prompt.write("is:note")
        await press(pilot, "enter")
        assert [line.row.what for line in page.list.all_rows()] == ["note"]


async def test_the_first_and_the_last_of_a_long_timeline_are_read_without_what_lies_between(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    jon = author("Jon Adeyemi")
    await town.hear(
        town.ids["@me@town.example"],
        [said(jon, f"line number {n}", id=f"old{n}", ago=2 * DAY + n // 3 * DAY, to_me=False) for n in range(1500)],
    )
    async with running(town, first="people", size=(100, 24)) as (app, pilot):
        page = await open_person(pilot, town, "Jon Adeyemi")
        rows = 0
        asked = type(town.workspace.people).timeline

        def counted(*given: object, **more: object) -> list[object]:
            nonlocal rows
            found = asked(*given, **more)  # type: ignore[arg-type]
            rows += len(found)
            return list(found)

        monkeypatch.setattr(type(town.workspace.people), "timeline", counted)
        await press(pilot, "G")
        assert "line number 1499" in shown(app)
        assert rows < 500
        await press(pilot, "ctrl+u", "ctrl+u", "ctrl+u", "g", "g")
        assert "Congratulations!" in shown(app)
        years = [line.year for line in page.list.all_rows() if line.year]
        assert len(years) == len(set(years))


async def test_a_cadence_is_typed_and_they_can_rest(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "Tomás Rey")
        await press(pilot, "=")
        place(app).prompt.write("now and then")
        await press(pilot, "enter")
        assert "no cadence Kith understands" in shown(app)
        place(app).prompt.write("1d at most 2d")
        await press(pilot, "enter")
        assert "every day, at most 2 days, overdue" in shown(app)
        await press(pilot, "b")
        assert "resting since today" in shown(app)


async def test_a_suggested_step_is_taken_with_one_key_and_its_why_can_be_changed(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        page = await open_person(pilot, town, "Tomás Rey")
        assert "visitor? (nearer) wrote to you once" in shown(app)
        await press(pilot, "+")
        assert "stranger → visitor: wrote to you once; you answered once" in shown(app)
        assert page.list.go_to(("stage", 1))
        await press(pilot, "enter")
        place(app).prompt.write("met at the talk")
        await press(pilot, "enter")
        assert "stranger → visitor: met at the talk" in shown(app)


async def test_a_refused_step_is_not_asked_again(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await open_person(pilot, town, "Tomás Rey")
        await press(pilot, "-")
        assert "Tomás Rey stays stranger." in shown(app)
        assert "visitor?" not in shown(app)


async def test_a_promise_that_was_none_is_dropped(town: Community) -> None:
    await town.workspace.people.promise(person(town, "ravi"), "send the slides")
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        page = await open_person(pilot, town, "ravi")
        assert page.list.go_to(("promise", 1))
        await press(pilot, "z", "d")
        assert "slides" not in "\n".join(lines(app)[:-3])


async def test_a_cadence_is_given_to_everybody_chosen(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await press(pilot, "x", "j", "x", "=")
        place(app).prompt.write("every month")
        await press(pilot, "enter")
        assert "In touch with 2 people: every month." in shown(app)
    assert [each.pace_s for each in (town.workspace.people.card(person(town, "ravi")).person,)] == [30 * DAY]
