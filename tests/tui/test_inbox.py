"""The inbox, as a user meets it."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from on_screen import lines, place, press, running, settled, shown
from people_and_words import DAY, HOUR, Community, author, crowd, said
from storage import listing, ways
from storage import said as said_by_hits
from tui.screens.inbox import Inbox
from tui.screens.inbox_views import Views
from tui.widgets import run
from tui.widgets.conversation_list import ConversationList
from tui.widgets.run import PAGE
from tui.widgets.view_list import View

pytestmark = pytest.mark.anyio


async def test_the_first_paint_shows_who_waits_and_their_words(town: Community) -> None:
    async with running(town) as (app, _):
        text = shown(app)
        assert "Maria Lindqvist" in text
        assert "How do you keep the notes of each tmux session" in text
        assert "3 wait for you" in text
        assert "r reply" in text


async def test_the_conversation_follows_the_cursor(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j")
        await pilot.pause(0.2)
        assert "Does it still run on the old box?" in shown(app)


async def test_done_leaves_at_once_and_the_next_one_is_under_the_cursor(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "d")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert [row.lead_name for row in inbox.listing.loaded] == ["Jon Adeyemi", "ravi"]
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Jon Adeyemi"
        assert "Done:" in shown(app)


async def test_two_quick_dones_are_two_conversations(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.press("d", "d")
        await settled(pilot)
        assert "1 waits for you" in shown(app)


async def test_undo_brings_it_back_under_the_cursor(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j", "d", "u")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Jon Adeyemi"
        assert "3 wait for you" in shown(app)


async def test_what_is_answered_elsewhere_stays_until_the_view_is_left(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j", "j")
        jon = said(author("me", me=True), "It does.", id="r9", ago=60, under="r2")
        await town.hear(town.ids["@me@town.example"], [jon])
        place(app).poll()
        await settled(pilot)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert len(inbox.listing.loaded) == 3
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "ravi"
        assert any(("↩" in line and "It reads ten feeds" in line) or "answered" in line for line in lines(app))
        await press(pilot, "2", "1")
        assert len(inbox.listing.loaded) == 2


async def test_what_comes_in_does_not_move_the_cursor(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j")
        new = said(author("Newcomer"), "@me hello, is this the place?", id="n1", ago=30 * DAY)
        await town.hear(town.ids["@me@town.example"], [new])
        place(app).poll()
        await settled(pilot)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert len(inbox.listing.loaded) == 4
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Jon Adeyemi"


async def test_several_are_chosen_for_one_action(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "x", "x", "d")
        assert "Done: 2 conversations." in shown(app)
        await press(pilot, "u")
        assert "3 wait for you" in shown(app)


async def test_the_snooze_menu_takes_one_letter(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "s")
        assert "tomorrow morning" in shown(app)
        await press(pilot, "3")
        assert "Snoozed:" in shown(app)
        await press(pilot, "4")
        assert "until tomorrow" in shown(app)


async def test_a_snooze_can_be_typed_and_a_wrong_time_is_explained(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "s", *"in 3 days".replace(" ", "·"))
        place(app).prompt.write("in 3 days")
        await press(pilot, "enter")
        assert "Snoozed:" in shown(app)
        await press(pilot, "s")
        place(app).prompt.write("soonish perhaps")
        await press(pilot, "enter")
        assert "no time Kith understands" in shown(app)


async def test_views_by_number_and_empty_ones_teach(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "4")
        assert "Nothing is snoozed." in shown(app)
        await press(pilot, "8")
        assert "Small tools, big drawer" in shown(app)


async def test_a_filter_narrows_and_a_wrong_one_says_where(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "f")
        place(app).prompt.write("from:mraia is:wating")
        await press(pilot, "enter")
        assert "goes wrong at character 12" in shown(app)
        assert "did you mean" in shown(app)
        place(app).prompt.write("from:maria")
        await press(pilot, "enter")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert [row.lead_name for row in inbox.listing.loaded] == ["Maria Lindqvist"]
        await press(pilot, "escape")
        assert len(inbox.listing.loaded) == 3


async def test_a_query_becomes_a_view(town: Community) -> None:
    async with running(town, size=(160, 30)) as (app, pilot):
        await press(pilot, "f")
        place(app).prompt.write("from:maria")
        await press(pilot, "enter", "F")
        place(app).prompt.write("Maria alone")
        await press(pilot, "enter")
        assert "Maria alone" in shown(app)
        assert [view.query for view in town.workspace.conversations.saved_views()] == ["is:waiting from:maria"]


async def test_the_order_is_one_key_but_words_that_are_said_often_have_their_own(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "z", "o")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert next(iter(inbox.listing.loaded)).lead_name == "ravi"
        assert "newest first" in shown(app)
        monkeypatch.setattr(said_by_hits, "_RARE", 0)
        monkeypatch.setattr(ways, "FEW", 0)
        await press(pilot, "f")
        place(app).prompt.write("the")
        await press(pilot, "enter")
        assert "the, latest words first" in shown(app)
        assert [row.lead_name for row in inbox.listing.loaded] == ["ravi", "Jon Adeyemi", "Maria Lindqvist"]


async def test_a_list_of_words_that_may_have_more_says_so_and_goes_on_by_a_key(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (said_by_hits, "_RARE", 0), (said_by_hits, "_CHUNK", 1), (said_by_hits, "_LOOKED_AT", 1), (ways, "FEW", 0),
        (ways, "_STREAMS", 0), (listing, "FEW", 0), (run, "PAGE", 1),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "f")
        place(app).prompt.write("the from:maria")
        await press(pilot, "enter")
        assert "Nothing is found so far." in shown(app)
        assert "More may follow: go down to look on" in shown(app)
        await press(pilot, "j", "j", "j")
        assert "Maria Lindqvist" in shown(app)
        assert "Nothing is found so far." not in shown(app)


async def test_one_pane_opens_and_goes_back(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, pilot):
        assert "tmux session apart" not in shown(app)
        await press(pilot, "enter")
        assert "tmux session apart" in shown(app)
        await press(pilot, "q")
        assert "Jon Adeyemi" in shown(app)
        assert "tmux session apart" not in shown(app)


async def test_opening_and_leaving_makes_it_seen_but_not_done(town: Community) -> None:
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "enter", "q")
        row = town.workspace.conversations.page(place(app).kit.query("from:maria is:waiting"))[0]
        assert row.seen_item_id == row.last_item_id
        assert row.attention == "waiting"


async def test_three_panes_have_views_with_counts(town: Community) -> None:
    async with running(town, size=(160, 30)) as (app, pilot):
        assert any("waiting" in line and " 3 " in line for line in lines(app))
        await press(pilot, "h", "j")
        assert "Inbox › reading" in shown(app)
        await press(pilot, "j")
        assert "Inbox › answered" in shown(app)
        await press(pilot, "l")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.focused is inbox.listing


async def test_a_resize_keeps_the_conversation(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j")
        for size in ((80, 24), (40, 10), (20, 5), (200, 50), (120, 30)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Jon Adeyemi"
        assert "r reply" in shown(app)


@pytest.mark.parametrize("size", [(20, 5), (40, 10), (30, 8), (10, 2), (80, 24), (300, 70)])
async def test_no_size_crashes(town: Community, size: tuple[int, int]) -> None:
    async with running(town, size=size) as (app, pilot):
        await press(pilot, "j", "enter", "j", "J", "q", "g", "i")
        assert len(lines(app)) == size[1]
        if size[0] < 30 or size[1] < 8:
            assert lines(app)[0].startswith("Too small")


async def test_the_next_one_that_waits(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "8", "]")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.conversation is not None
        assert inbox.conversation.attention == "waiting"


async def test_the_last_of_many_is_one_key_away(tmp_path: Path) -> None:
    town = await crowd(tmp_path / "work", 700)
    async with running(town, size=(100, 24)) as (app, pilot):
        await press(pilot, "G")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Person 000699"
        await press(pilot, *["k"] * 10, "g", "g")
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Person 000000"
    await town.close()


async def test_the_mouse_works_but_is_not_needed(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.click("#list", offset=(5, 2))
        await settled(pilot)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.conversation is not None
        assert inbox.conversation.lead_name == "Jon Adeyemi"
        await pilot.click("#list", offset=(5, 2))
        await settled(pilot)
        assert inbox.thread.has_focus


async def test_ages_change_by_themselves(town: Community) -> None:
    async with running(town) as (app, pilot):
        town.now += 2 * HOUR
        place(app).poll()
        await pilot.pause()
        assert "2 h" in shown(app)


async def test_beside_a_conversation_the_list_scrolls_by_a_third_and_ends_at_its_last_line(town: Community) -> None:
    people = [said(author(f"Person {n}"), f"Words {n}?", id=f"many{n}", ago=n * 100) for n in range(60)]
    await town.hear(1, people)
    async with running(town, size=(120, 30)) as (app, pilot):
        listing = app.screen.query_one("#list", ConversationList)
        tops: list[int] = []
        for _ in range(40):
            await pilot.press("j")
            tops.append(listing._sight.spans[0][0])
        await settled(pilot)
        steps = [after - before for before, after in pairwise(tops) if after != before]
        assert steps
        assert min(steps) >= 4
        await press(pilot, "G")
        assert listing.line(listing.high - 1).text.strip()
        assert listing.row == listing.loaded[-1]


async def test_what_happened_elsewhere_is_asked_step_by_step_in_the_inbox_too(town: Community) -> None:
    async with running(town, first="inbox", size=(80, 24)) as (app, pilot):
        await press(pilot, "z", "c")
        assert "invitation" in shown(app)
        await press(pilot, "i", *"tea", "enter", "enter")
        assert "Outcome of this conversation with" in shown(app)
        await press(pilot, "enter")
        assert any("* outcome, " in line and "tea (invitation)" in line for line in lines(app))
        await press(pilot, "escape")
        await press(pilot, "C")
        assert "introduction" in shown(app)


async def test_of_thousands_of_sources_the_views_load_those_in_sight(town: Community) -> None:
    for number in range(300):
        await town.source(f"Feed {number:03}", kind="feed")
    async with running(town, size=(160, 30)) as (app, pilot):
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        rows = inbox.views.loaded
        assert len(rows) == PAGE
        assert [row.count for row in rows if row.name == "@me@town.example"] == [2]
        await press(pilot, "h", "G")
        assert "Inbox › Small tools" in shown(app)
        await press(pilot, "k")
        assert "Inbox › Feed 299" in shown(app)
        await press(pilot, "g", "g")
        assert "Inbox › waiting" in shown(app)
        await press(pilot, *"jjjjjjjj")
        assert "Inbox › @me@town.example" in shown(app)


async def test_views_come_in_the_same_order_from_both_ends_and_are_brought_up_to_date(town: Community) -> None:
    await town.workspace.conversations.save_view("mine", "is:mine")
    for number in range(30):
        await town.source(f"Feed {number:02}", kind="feed")
    async with running(town) as (app, _):
        kit = place(app).kit
        views, down, up = Views(kit), list[View](), list[View]()
        while found := views.page(down[-1] if down else None, forward=True, limit=7):
            down += found
        while found := views.page(up[0] if up else None, forward=False, limit=7):
            up = [*found, *up]
        assert down == up
        assert [row.name for row in down if row.name in {"mine", "sources"}] == ["mine", "sources"]
        assert len([row for row in down if row.source_id]) == 33
        await town.workspace.conversations.forget_view("mine")
        assert [row.name for row in Views(kit).again(down)] == [row.name for row in down if row.group != "yours"]


async def test_what_is_stored_while_keys_come_fast_is_shown_when_they_rest(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j")
        new = said(author("Newcomer"), "@me hello, is this the place?", id="n1", ago=30 * DAY)
        await town.hear(town.ids["@me@town.example"], [new])
        app._polled_at = app._pressed_at = time.monotonic()
        app._poll()
        await pilot.pause()
        assert "3 wait for you" in shown(app)
        app._pressed_at -= 1.0
        app._poll()
        await pilot.pause()
        assert "4 wait for you" in shown(app)
