"""From a key to a reply in the outbox, and back."""

from pathlib import Path

import pytest
from textual import events
from textual.pilot import Pilot

from community.errors import StorageError
from community.model import OutboxRow
from community.query import parse
from community.sources.base import Act
from fakes import Platform
from on_screen import appears, place, press, running, settled, shown
from people_and_words import Community
from tui import outside
from tui.screens.writing import Writing

pytestmark = pytest.mark.anyio


def outbox(town: Community, query: str) -> list[OutboxRow]:
    return town.workspace.outbox.listed(parse(query, now=town.now, target="outbox"))


async def write(pilot: object, app: object, text: str) -> None:
    """Put words into the box as if they had been typed."""
    screen = place(app)  # type: ignore[arg-type]
    assert isinstance(screen, Writing)
    screen.composer.replace(text)


async def test_a_reply_says_as_whom_to_whom_where_and_how_long(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "h", "i")
        text = shown(app)
        assert "replying as @me to Maria Lindqvist on blog" in text
        assert "@@maria.lindqvist hi" in text


async def test_letters_typed_ahead_go_into_the_box(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.press("r", "d", "d", "y")
        await settled(pilot)
        assert "@@maria.lindqvist ddy" in shown(app)
        assert "3 wait for you" in shown(app)


async def test_a_draft_is_on_disk_within_a_second(town: Community) -> None:
    async with running(town) as (_, pilot):
        await press(pilot, "r", "h", "i")
        await pilot.pause(0.8)
        await settled(pilot)
        assert [row.text for row in outbox(town, "is:draft")] == ["@@maria.lindqvist hi"]
        await appears(pilot, "✎")


async def test_an_untouched_box_leaves_no_draft(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "escape", "escape")
        assert outbox(town, "is:draft") == []
        assert "Jon Adeyemi" in shown(app)


async def test_escape_leads_to_the_review_bar_and_y_sends_with_time_to_take_it_back(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "h", "i", "escape")
        assert "y send" in shown(app)
        assert "D throw away" in shown(app)
        await press(pilot, "y")
        (row,) = outbox(town, "is:queued")
        assert row.text == "@@maria.lindqvist hi"
        assert row.not_before == town.now + town.config.undo_s
        assert "sending to Maria Lindqvist in 10 s · u takes it back" in shown(app)
        town.now += 4
        place(app).poll()
        await pilot.pause()
        assert "in 6 s" in shown(app)


async def test_u_takes_the_reply_back_before_any_older_action(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "j", "*", "k", "r", "h", "i", "escape", "y", "u")
        assert outbox(town, "is:queued") == []
        assert [row.text for row in outbox(town, "is:draft")] == ["@@maria.lindqvist hi"]
        await press(pilot, "u")
        assert "Undone: Star" in shown(app)


async def test_u_undoes_what_was_done_after_the_reply(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "h", "i", "escape", "y", "escape", "*", "u")
        assert "Undone: Star" in shown(app)
        assert len(outbox(town, "is:queued")) == 1


async def test_a_draft_is_taken_up_again(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "h", "i", "escape", "p")
        assert "The draft is kept." in shown(app)
        await press(pilot, "r", "!", "escape", "p")
        assert [row.text for row in outbox(town, "is:draft")] == ["@@maria.lindqvist hi!"]


async def test_moving_on_keeps_the_draft(town: Community) -> None:
    async with running(town) as (_app, pilot):
        await press(pilot, "r", "h", "i", "escape", "escape", "j")
        await settled(pilot)
        assert [row.text for row in outbox(town, "is:draft")] == ["@@maria.lindqvist hi"]


async def test_leaving_kith_keeps_the_draft(town: Community) -> None:
    async with running(town) as (_app, pilot):
        await pilot.press("r", "h", "i")
        await settled(pilot)
        await pilot.press("ctrl+q", "y")
        await pilot.pause(0.2)
    assert [row.text for row in outbox(town, "is:draft")] == ["@@maria.lindqvist hi"]


async def test_throwing_away_asks(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "h", "i", "escape", "D")
        assert "Throw this draft away?" in shown(app)
        await press(pilot, "n")
        assert len(outbox(town, "is:draft")) == 1
        await press(pilot, "D", "y")
        assert outbox(town, "is:draft") == []


async def test_what_is_not_saved_is_said_loudly_and_kept(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    async def full(item_id: int, text: str) -> int:
        raise StorageError("The disk is full: free some space.")

    async with running(town) as (app, pilot):
        real = town.workspace.outbox.save
        monkeypatch.setattr(town.workspace.outbox, "save", full)
        await press(pilot, "r", "h", "i")
        await pilot.pause(0.7)
        await settled(pilot)
        assert "NOT SAVED: The disk is full" in shown(app)
        assert "@@maria.lindqvist hi" in shown(app)
        monkeypatch.setattr(town.workspace.outbox, "save", real)
        await pilot.pause(2.3)
        await settled(pilot)
        assert "NOT SAVED" not in shown(app)
        assert len(outbox(town, "is:draft")) == 1


async def test_a_source_without_replies_says_why(town: Community, platform: Platform) -> None:
    platform.acts = frozenset({Act.LIKE})
    async with running(town) as (app, pilot):
        await press(pilot, "r")
        assert "takes no replies" in shown(app)


async def test_an_empty_reply_is_not_sent(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "escape", "y")
        assert "The reply is empty" in shown(app)
        assert outbox(town, "is:queued") == []


async def test_a_reply_can_be_scheduled(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r", "h", "i", "escape", "s")
        place(app).prompt.write("in 2 hours")
        await press(pilot, "enter")
        (row,) = outbox(town, "is:queued")
        assert row.not_before == town.now + 7200


async def test_send_and_remind(town: Community) -> None:
    async with running(town) as (_app, pilot):
        await press(pilot, "r", "h", "i", "escape", "w")
        (row,) = outbox(town, "is:queued")
        assert row.remind_after_s == 3 * 86_400


async def test_the_preview_shows_what_will_be_posted(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r")
        await write(pilot, app, "without the name")
        await press(pilot, "escape", "v")
        assert "@@maria.lindqvist without the name" in shown(app).replace("▌ ", "")
        await press(pilot, "v", "i")
        assert place(app).is_typing


async def test_what_is_pasted_is_cleaned(town: Community) -> None:
    from textual.events import Paste

    async with running(town) as (app, pilot):
        await press(pilot, "r")
        app.post_message(Paste("one\x1b]52;c;aGk=\x07\x9btwo"))
        await pilot.pause()
        screen = place(app)
        assert isinstance(screen, Writing)
        assert not any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in screen.composer.text)
        assert screen.composer.text.endswith("two")


async def test_the_editor_is_an_argument_list_and_its_file_is_private(
    town: Community, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "edit it.sh"
    script.write_text('#!/bin/sh\nstat -c %a "$1" > "$0.mode"\necho "and more" >> "$1"\n')
    script.chmod(0o700)
    assert outside.edit("words", town.directory, f"'{script}'") == "words\nand more"
    assert (tmp_path / "edit it.sh.mode").read_text().strip() == "600"
    assert list(town.directory.glob("draft-*")) == []


async def test_an_editor_that_fails_changes_nothing(town: Community) -> None:
    from community.errors import WrongUsage

    with pytest.raises(WrongUsage, match="ended with 1"):
        outside.edit("words", town.directory, "false")
    with pytest.raises(WrongUsage, match="cannot be started"):
        outside.edit("words", town.directory, "/no/such/editor")


async def test_the_editor_round_trip_from_the_review_bar(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    from contextlib import nullcontext

    async with running(town) as (app, pilot):
        monkeypatch.setattr(app, "suspend", nullcontext)
        monkeypatch.setattr(outside, "edit", lambda text, _directory, _editor: text + "edited")
        await press(pilot, "r", "h", "i", "escape", "e")
        assert [row.text for row in outbox(town, "is:draft")] == ["@@maria.lindqvist hiedited"]
        assert "y send" in shown(app)


async def burst(pilot: Pilot[None], text: str) -> None:
    """Keys as a slow line delivers them: all at once. U+001B and a letter arrive as one Alt key."""
    keys = iter(text)
    for letter in keys:
        if letter == "\x1b":
            after = next(keys)
            pilot.app.post_message(events.Key(f"alt+{after}", after))
        else:
            pilot.app.post_message(events.Key("enter" if letter == "\r" else letter, letter))
    await settled(pilot)
    await pilot.pause(0.05)
    await settled(pilot)


async def test_escape_and_y_that_arrive_with_the_text_send_all_of_it(town: Community) -> None:
    async with running(town) as (_, pilot):
        await press(pilot, "r")
        await burst(pilot, "All at once.\x1by")
        [row] = outbox(town, "is:queued")
        assert row.text == "@@maria.lindqvist All at once."


async def test_an_answer_and_enter_that_arrive_together_are_both_taken(town: Community) -> None:
    async with running(town) as (_, pilot):
        await press(pilot, "t")
        await burst(pilot, "book\r")
        assert town.workspace.conversations.count(parse("tag:book", now=0)) == 1


async def test_a_promise_inside_a_line_is_noticed_before_it_is_published(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r")
        await write(pilot, app, "@@maria.lindqvist I will: //promise send the slides")
        await press(pilot, "escape")
        assert "inside a line leaves with it" in shown(app)


async def test_a_promise_in_the_reply_is_shown_before_it_leaves_and_comes_back_with_it(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r")
        await write(pilot, app, "@@maria.lindqvist One file each.\n//promise send the slides by in 3 days")
        await press(pilot, "escape")
        assert "you promise: send the slides, by" in shown(app)
        await press(pilot, "v")
        assert "//promise" not in shown(app)
        await press(pilot, "y")
        assert [row.text for row in outbox(town, "is:queued")] == ["@@maria.lindqvist One file each."]
        assert [loop.text for loop in town.workspace.loops.promises()] == ["send the slides"]
        await press(pilot, "u")
        assert "//promise send the slides" in outbox(town, "is:draft")[0].text
        assert town.workspace.loops.promises() == []


async def test_a_promise_with_a_wrong_date_is_said_and_nothing_leaves(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "r")
        await write(pilot, app, "@@maria.lindqvist One file each.\n//promise the slides by someday")
        await press(pilot, "escape")
        assert "“someday” is no time Kith understands" in shown(app)
        await press(pilot, "y")
        assert "“someday” is no time Kith understands" in shown(app)
        assert outbox(town, "is:queued") == []
