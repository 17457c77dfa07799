"""The conversation beside a list: what the cursor comes to next is ready before it comes."""

import time

import pytest

from community.conversations import Conversations
from community.people import Card, People
from community.threads import Opened
from on_screen import lines, press, running, settled, shown
from people_and_words import Community, author, said
from tui.screens import following
from tui.screens.ahead import Ahead
from tui.screens.inbox import Inbox

pytestmark = pytest.mark.anyio


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The ids of the conversations that were read, in order."""
    found: list[int] = []
    read = Conversations.open

    def noted(self: Conversations, conversation_id: int) -> Opened:
        found.append(conversation_id)
        return read(self, conversation_id)

    monkeypatch.setattr(Conversations, "open", noted)
    return found


async def test_a_key_reads_nothing_of_a_conversation_that_was_read_ahead(
    town: Community, opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cards: list[int] = []
    read = People.card

    def noted(self: People, person_id: int) -> Card:
        cards.append(person_id)
        return read(self, person_id)

    monkeypatch.setattr(People, "card", noted)
    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        assert len(opened) > 1
        before = len(opened), len(cards)
        monkeypatch.setattr(following, "_PAUSE_S", 60.0)
        await press(pilot, "j")
        assert (len(opened), len(cards)) == before
        assert "Does it still run on the old box?" in shown(app)
        assert "visitor since" in shown(app) or "stranger" in shown(app)


async def test_the_way_back_reads_nothing(town: Community, opened: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        first = shown(app)
        await press(pilot, "j")
        await pilot.pause(0.3)
        monkeypatch.setattr(following, "_PAUSE_S", 60.0)
        before = len(opened)
        await press(pilot, "k")
        await pilot.pause(0.1)
        assert len(opened) == before
        assert shown(app) == first


async def test_a_conversation_in_which_somebody_moved_is_read_anew(
    town: Community, opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(town, size=(120, 24)) as (app, pilot):
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        whose = inbox.thread.opened
        assert whose is not None
        under = whose.items[0][0].remote_id
        words = [said(author(f"P{n}"), "Words " * 40, id=f"long{n}", under=under) for n in range(30)]
        await town.hear(whose.row.source_id, words)
        inbox.changed()
        await pilot.pause(0.5)
        first = shown(app)
        await press(pilot, "J")
        assert shown(app) != first
        monkeypatch.setattr(following, "_PAUSE_S", 60.0)
        opened.clear()
        await press(pilot, "j", "k")
        await pilot.pause(0.3)
        assert whose.row.id in opened
        assert shown(app) == first


async def test_what_was_begun_when_the_key_came_is_finished(town: Community, opened: list[int]) -> None:
    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        ahead, wanted = Ahead(inbox.kit, inbox._make, inbox._read), inbox.comes_next()[0].id
        ahead.take(None)
        opened.clear()
        assert ahead.go_on([wanted])
        assert not ahead.has(wanted)
        ready = ahead.take(wanted)
        assert ready is not None
        assert ready.text.opened is not None
        assert ready.text.opened.row.id == wanted
        assert opened == [wanted]


async def test_what_was_read_ahead_looks_like_what_is_read_now(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        await press(pilot, "j")
        await pilot.pause(0.3)
        ahead = lines(app)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        inbox._ahead = Ahead(inbox.kit, inbox._make, inbox._read)
        monkeypatch.setattr(Ahead, "_keep", lambda *_: None)
        await press(pilot, "k", "j")
        await pilot.pause(0.3)
        assert lines(app) == ahead


async def test_what_was_stored_meanwhile_is_on_screen(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        below = inbox.comes_next()[0]
        first = town.workspace.conversations.open(below.id).items[0][0]
        await town.hear(below.source_id, [said(author("Late"), "I came just now.", id="late", under=first.remote_id)])
        await press(pilot, "j")
        await settled(pilot)
        assert "I came just now." in shown(app)


async def test_while_keys_repeat_only_the_last_conversation_is_read(
    town: Community, opened: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "_FOLLOW_S", 60.0)
    monkeypatch.setattr(following, "_PAUSE_S", 60.0)
    async with running(town) as (app, pilot):
        opened.clear()
        for key in "jjk":
            await pilot.press(key)
        assert not opened
        monkeypatch.setattr(following, "_FOLLOW_S", 0.0)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        inbox._show_late()
        await pilot.pause()
        assert len(opened) == 1
        assert "Does it still run on the old box?" in shown(app)


async def test_enter_right_after_a_key_opens_what_the_cursor_is_on(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(town) as (app, pilot):
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        monkeypatch.setattr(following, "_PAUSE_S", 60.0)
        monkeypatch.setattr(following, "_FOLLOW_S", 60.0)
        inbox._followed_at = time.monotonic()
        await press(pilot, "j", "j")
        assert inbox.conversation is not None
        wanted = inbox.conversation.id
        assert inbox.thread.opened is not None
        assert inbox.thread.opened.row.id != wanted
        await press(pilot, "enter")
        assert inbox.thread.opened.row.id == wanted


async def test_what_was_read_ahead_is_laid_out_again_only_when_it_has_become_another(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        below = inbox.comes_next()[0]
        ahead = Ahead(inbox.kit, inbox._make, inbox._read)

        def made() -> object:
            while ahead.go_on([below.id]):
                pass
            return ahead._ready[below.id].text

        ahead.take(None)
        first = made()
        await town.workspace.remember("something", "else")
        assert ahead.has(below.id)
        assert ahead._ready[below.id].text is first
        root = town.workspace.conversations.open(below.id).items[0][0]
        await town.hear(below.source_id, [said(author("Late"), "I came just now.", id="late", under=root.remote_id)])
        assert not ahead.has(below.id)
        assert made() is not first
        assert ahead.has(below.id)
