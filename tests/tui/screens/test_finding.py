"""Search, help, history, and the tour."""

import pytest
from textual.pilot import Pilot

from community.actions import ACTIONS, Scope
from on_screen import lines, place, press, running, settled, shown
from people_and_words import HOUR, Community, author, said
from tui import keys
from tui.screens.conversation import ConversationPage
from tui.screens.inbox import Inbox
from tui.screens.person import PersonPage
from tui.screens.search import Search
from tui.tour import STEPS, Tour
from tui.widgets.help_list import Verb, verbs
from tui.widgets.lined import Heading

pytestmark = pytest.mark.anyio


async def look_for(pilot: Pilot[None], words: str) -> Search:
    await press(pilot, "slash")
    search = pilot.app.screen
    assert isinstance(search, Search)
    search.line.write(words)
    for _ in range(100):
        await pilot.pause(0.02)
        if search._searched == words:
            break
    await settled(pilot)
    return search


async def test_what_is_typed_is_found_as_one_types_with_the_words_around_it(town: Community) -> None:
    async with running(town, size=(120, 30)) as (app, pilot):
        search = await look_for(pilot, "tmux")
        assert [hit.who for hit in search.list.all_rows()] == ["Maria Lindqvist"]
        assert "tmux session apart?" in shown(app)
        assert "Search › 1 found" in lines(app)[0]


async def test_people_notes_and_drafts_are_found_too(town: Community) -> None:
    ravi = town.workspace.people.find("ravi")[0].id
    await town.workspace.people.note(ravi, "grows heliotropes")
    async with running(town, size=(120, 30)) as (app, pilot):
        search = await look_for(pilot, "heliotr")
        assert [hit.what for hit in search.list.all_rows()] == ["note"]
        assert "your note" in shown(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, PersonPage)


async def test_enter_opens_the_conversation_at_the_hit_and_n_the_next_one(town: Community) -> None:
    async with running(town, size=(120, 30)) as (app, pilot):
        search = await look_for(pilot, "the")
        hits = [(hit.conversation_id, hit.id) for hit in search.list.all_rows()]
        assert len(hits) > 1
        await press(pilot, "enter")
        page = app.screen
        assert isinstance(page, ConversationPage)
        assert page.thread.item is not None
        assert page.thread.item.id == hits[0][1]
        await press(pilot, "n")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, ConversationPage)
        assert page.thread.item is not None
        assert page.thread.item.id == hits[1][1]
        await press(pilot, "escape", "N")
        await settled(pilot)
        page = app.screen
        assert isinstance(page, ConversationPage)
        assert page.thread.item is not None
        assert page.thread.item.id == hits[0][1]


async def test_nothing_typed_and_nothing_found_say_what_to_do(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "slash")
        assert "Type what you remember." in shown(app)
        await look_for_again(pilot, "zzzzzz")
        assert "Nothing holds “zzzzzz”." in shown(app)


async def look_for_again(pilot: Pilot[None], words: str) -> None:
    search = pilot.app.screen
    assert isinstance(search, Search)
    search.line.write(words)
    for _ in range(100):
        await pilot.pause(0.02)
        if search._searched == words:
            break
    await settled(pilot)


async def test_escape_leaves_the_line_then_the_search(town: Community) -> None:
    async with running(town, size=(120, 30)) as (app, pilot):
        search = await look_for(pilot, "tmux")
        await press(pilot, "escape")
        assert not search.is_typing
        assert search.is_current
        await press(pilot, "escape")
        assert place(app).tab == "Inbox"


async def test_a_hit_with_hostile_words_is_only_text(town: Community) -> None:
    await town.hear(
        town.ids["@me@town.example"],
        [
            said(
                author("[/b] [@click=app.quit]x"),
                "\x1b]52;c;aGk=\x07 findme [/] \x9b31m \u202e \x02\x03",
                id="h1",
                ago=HOUR,
            )
        ],
    )
    async with running(town, size=(120, 30)) as (app, pilot):
        await look_for(pilot, "findme")
        text = shown(app)
        assert "[/]" in text
        assert not any(ord(each) < 32 and each != "\n" for each in text)


def test_help_lists_every_verb_once_and_those_valid_here_first() -> None:
    listed = verbs("", [Scope.DESK, Scope.LIST], keys.load())
    found = [row for row in listed if isinstance(row, Verb)]
    assert sorted(row.action for row in found) == sorted(action.id for action in ACTIONS)
    assert [row.title for row in listed if isinstance(row, Heading)][:2] == ["Comment desk", "Lists"]
    assert found[0].here
    assert not found[-1].here


def test_help_tells_only_keys_that_mean_it_there() -> None:
    here = [Scope.SOURCE, Scope.LIST, Scope.CONVERSATION]
    listed = verbs("", here, keys.load(), lambda action: action != "source.freeze")
    found = {row.action: row for row in listed if isinstance(row, Verb)}
    assert found["source.resume"].here
    assert found["source.resume"].keys == "r"
    assert not found["reply"].here  # `r` resumes there
    assert not found["source.freeze"].here


def test_help_answers_to_labels_keys_and_other_words() -> None:
    keymap, here = keys.load(), [Scope.LIST, Scope.CONVERSATION]

    def first(words: str) -> set[str]:
        return {row.action for row in verbs(words, here, keymap)[:3] if isinstance(row, Verb)}

    assert "item.done" in first("archive")
    assert "item.snooze" in first("snooze")
    assert "go.people" in first("gp")
    assert "item.star" in first("*")


async def test_help_finds_by_another_word_and_does_it_where_one_came_from(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, pilot):
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        await press(pilot, "question_mark")
        assert place(app).tab == "Help"
        assert "On a conversation or an item" in shown(app) or "Lists" in shown(app)
        await press(pilot, *"favourite")
        assert "star" in shown(app)
        await press(pilot, "enter")
        await settled(pilot)
        assert inbox.is_current
        assert "Star changed" in shown(app)


async def test_help_without_an_answer_says_so(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "question_mark", *"qqqq")
        assert "Nothing is called “qqqq”." in shown(app)


async def test_history_takes_back_one_or_all_down_to_one(town: Community) -> None:
    ravi = town.workspace.people.find("ravi")[0].id
    for words in ("one", "two", "three"):
        await town.workspace.people.note(ravi, words)
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "U")
        assert shown(app).count("Noted on ravi.") == 3
        await press(pilot, "j", "enter")
        assert "Take back 2 actions, down to this one?" in shown(app)
        await press(pilot, "y")
        assert [note.text for note in town.workspace.people.card(ravi).notes] == ["one"]
        assert shown(app).count("taken back") >= 2
        await press(pilot, "enter")
        assert [note.text for note in town.workspace.people.card(ravi).notes] == ["two", "one"]


async def test_history_is_narrowed_by_words_of_what_was_done(town: Community) -> None:
    await town.workspace.people.note(1, "one")
    await town.workspace.people.tag([1], "book")
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "U", "f", *"tagged", "enter")
        assert [line for line in lines(app) if "Noted on" in line] == []
        assert any("Tagged" in line for line in lines(app))
        await press(pilot, "escape")
        assert any("Noted on" in line for line in lines(app))


async def test_an_empty_history_teaches(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "U")
        assert "Nothing was done yet." in shown(app)


def test_the_tour_goes_on_when_its_step_was_done_and_ends_with_the_last() -> None:
    tour = Tour()
    assert not tour.did("open")
    tour.start()
    assert not tour.did("item.star")
    for action in ("open", "reply", "review.send", "item.done"):
        assert tour.did(action)
        assert tour.is_running
    assert tour.did("help")
    assert tour.is_over
    assert not tour.is_running


def test_the_words_of_the_tour_name_the_keys_of_the_preset() -> None:
    for preset in keys.PRESETS:
        tour = Tour()
        for at in range(len(STEPS)):
            tour.at = at
            words = tour.words(keys.load(preset))
            assert "{" not in words
            assert len(words) <= 2 * 76, "two lines of a small screen"


async def test_the_tour_shows_itself_in_a_throw_away_workspace_until_it_is_closed(town: Community) -> None:
    await town.workspace.remember("throw_away", "1")
    async with running(town, size=(80, 24)) as (app, pilot):
        text = lines(app)
        assert "Tour, 1 of 5" in text[-5]
        assert "ravi" in shown(app)
        await press(pilot, "enter")
        assert "Tour, 2 of 5" in shown(app)
        await press(pilot, "g", "question_mark")
        await settled(pilot)
        assert "Tour" not in shown(app)
        assert town.workspace.fact("tour") == "done"
    async with running(town, size=(80, 24)) as (app, pilot):
        assert "Tour" not in shown(app)
        await press(pilot, "g", "question_mark")
        assert "Tour, 1 of 5" in shown(app)


async def test_the_users_own_workspace_has_no_tour_of_itself(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, _):
        assert "Tour" not in shown(app)
