"""Feeds, and the comment desk."""

import pytest

from community.query import parse
from community.sources.base import ItemKind, ItemStatus
from on_screen import lines, place, press, running, shown
from people_and_words import DAY, HOUR, Community, author, said
from tui.screens.desk import Desk
from tui.screens.feeds import Feeds

pytestmark = pytest.mark.anyio


async def publish(town: Community) -> None:
    """Three more articles: one by somebody I spoke with lately, two by somebody I never did."""
    feed = town.ids["Small tools"]
    await town.hear(
        feed,
        [
            said(author("Jon Adeyemi"), "A violin with two sides.", id="a2", ago=2 * DAY, to_me=False,
                 kind=ItemKind.ARTICLE, title="A violin"),
            said(author("Ines Duarte"), "Not yet a thumb.", id="a3", ago=9 * DAY, to_me=False, kind=ItemKind.ARTICLE,
                 title="Clocks"),
        ],
    )  # fmt: skip


async def test_the_newest_article_is_first_and_its_words_stand_beside_it(town: Community) -> None:
    await publish(town)
    async with running(town, first="feeds", size=(120, 30)) as (app, _):
        feeds = app.screen
        assert isinstance(feeds, Feeds)
        assert [row.title for row in feeds.list.all_rows()] == ["Small tools, big drawer", "A violin", "Clocks"]
        assert "A drawer full of small tools." in shown(app)


async def test_the_order_can_be_the_longest_silence(town: Community) -> None:
    await publish(town)
    async with running(town, first="feeds", size=(120, 30)) as (app, pilot):
        feeds = app.screen
        assert isinstance(feeds, Feeds)
        await press(pilot, "z", "o")
        assert [row.name for row in feeds.list.all_rows()] == ["Ines Duarte", "Ines Duarte", "Jon Adeyemi"]
        assert "longest silence first" in shown(app)


async def test_looking_past_an_article_changes_nothing_and_reading_it_does(town: Community) -> None:
    await publish(town)
    async with running(town, first="feeds", size=(120, 30)) as (app, pilot):
        feeds = app.screen
        assert isinstance(feeds, Feeds)
        await press(pilot, "j", "k")
        assert all(row.is_new for row in feeds.list.all_rows())
        await press(pilot, "enter", "escape")
        assert [bool(row.is_new) for row in feeds.list.all_rows()] == [False, True, True]
        await press(pilot, "2")
        assert [row.title for row in feeds.list.all_rows()] == ["A violin", "Clocks"]
        await press(pilot, "enter", "escape")
        assert [row.title for row in feeds.list.all_rows()] == ["A violin", "Clocks"], "what is read stays"


async def test_an_article_is_answered_by_hand_and_the_conversation_knows(town: Community) -> None:
    async with running(town, first="feeds", size=(120, 30)) as (app, pilot):
        opened, copied = list[str](), list[str]()
        kit = place(app).kit
        kit.open_url, kit.copy = opened.append, copied.append
        await press(pilot, "o")
        await press(pilot, "r", *"So do I")
        assert "replying by hand to Ines Duarte on town.example" in shown(app)
        assert "read but not answered" in shown(app)
        await press(pilot, "escape")
        assert "y copy, and open the page" in shown(app)
        await press(pilot, "y")
        assert (opened, copied) == (["https://town.example/a1"] * 2, ["So do I"])
        assert "outbox: 1 by hand" in shown(app)
        await press(pilot, "g", "x")
        assert "To post by hand" in shown(app)
        await press(pilot, "P")
        [row] = town.workspace.outbox.listed(parse("", now=town.now, target="outbox"))
        assert (row.state, row.note) == ("sent", "you said so")
        opened_now = town.workspace.conversations.open(row.conversation_id)
        assert [(item.text, bool(item.mine)) for item, _ in opened_now.items][1:] == [("So do I", True)]
        assert opened_now.row.attention == "answered"
        await press(pilot, "u", "u")
        assert town.workspace.outbox.get(row.id).state == "draft"


async def test_where_no_page_is_known_a_reply_is_refused_with_the_reason(town: Community) -> None:
    async with town.workspace.store.transaction() as tx:
        await tx.run("UPDATE item SET permalink = NULL")
        await tx.run("UPDATE conversation SET subject_url = NULL")
    async with running(town, first="feeds", size=(120, 30)) as (app, pilot):
        await press(pilot, "r")
        assert "read but not answered" in shown(app)
        assert "replying" not in shown(app)


async def test_done_puts_an_article_away_and_undo_brings_it_back(town: Community) -> None:
    async with running(town, first="feeds", size=(120, 30)) as (app, pilot):
        feeds = app.screen
        assert isinstance(feeds, Feeds)
        await press(pilot, "d")
        assert feeds.list.all_rows()[0].attention == "done"
        await press(pilot, "u")
        assert feeds.list.all_rows()[0].attention == "reading"


async def test_a_narrow_screen_reads_one_pane_at_a_time(town: Community) -> None:
    async with running(town, first="feeds", size=(80, 24)) as (app, pilot):
        assert "A drawer full" not in shown(app)
        await press(pilot, "enter")
        assert "A drawer full" in shown(app)
        assert "1 everything" not in shown(app)
        await press(pilot, "escape")
        assert "1 everything" in shown(app)


async def test_empty_feeds_teach(nowhere: Community) -> None:
    async with running(nowhere, first="feeds", size=(80, 24)) as (app, _):
        assert "Nothing is published here yet." in shown(app)


async def more_comments(town: Community) -> None:
    await town.hear(
        town.ids["blog"],
        [
            said(author("Maria Lindqvist", network="wordpress:blog"), "One more thing.", id="p2", ago=2 * HOUR,
                 kind=ItemKind.COMMENT, thread="post-1", status=ItemStatus.PENDING, subject="Notes I never lose"),
            said(author("Rolex", network="wordpress:blog"), "see https://clocks.example/x", id="p3", ago=DAY,
                 kind=ItemKind.COMMENT, thread="post-3", status=ItemStatus.SPAM, subject="Notes I never lose"),
        ],
    )  # fmt: skip


async def test_the_desk_shows_each_pile_with_its_size_and_the_reason_of_each_comment(town: Community) -> None:
    await more_comments(town)
    async with running(town, first="desk", size=(120, 30)) as (app, pilot):
        assert "1 pending 2   2 spam 1   3 trash" in lines(app)[2]
        text = lines(app)
        buy = next(at for at, line in enumerate(text) if "Buy Pills" in line)
        assert "first time here" in text[buy + 1]
        await press(pilot, "2")
        assert "Rolex" in shown(app)
        assert "1 link" in shown(app)
        assert "clocks.example" in shown(app)


async def test_an_approval_can_be_taken_back_while_it_is_on_its_way(town: Community) -> None:
    async with running(town, first="desk", size=(120, 30)) as (app, pilot):
        await press(pilot, "A")
        assert "Approval on its way · u takes it back" in shown(app)
        assert "outbox: 1 on its way" in shown(app)
        await press(pilot, "A")
        assert "is on its way already" in shown(app)
        assert town.workspace.conversations.counts().queued == 1
        await press(pilot, "u")
        assert town.workspace.conversations.counts().queued == 0
        assert "on its way · u" not in shown(app)


async def test_trash_asks_first(town: Community) -> None:
    async with running(town, first="desk", size=(120, 30)) as (app, pilot):
        await press(pilot, "D")
        assert "Put this comment in the trash of the site?" in shown(app)
        await press(pilot, "n")
        assert town.workspace.conversations.counts().queued == 0
        await press(pilot, "D", "y")
        assert "Trash on its way" in shown(app)


async def test_a_decided_comment_stays_in_its_place_and_says_what_became_of_it(town: Community) -> None:
    await more_comments(town)
    async with running(town, first="desk", size=(120, 30)) as (app, pilot):
        desk = app.screen
        assert isinstance(desk, Desk)
        names = [row.name for row in desk.list.all_rows()]
        await town.hear(
            town.ids["blog"],
            [said(author("Buy Pills", network="wordpress:blog"), "cheap pills at my site", id="p1", ago=HOUR,
                  kind=ItemKind.COMMENT, thread="post-2", status=ItemStatus.SPAM, subject="Notes I never lose")],
        )  # fmt: skip
        desk.poll()
        await press(pilot, "j")
        assert [row.name for row in desk.list.all_rows()] == names
        assert "1 pending 1   2 spam 2" in shown(app)


async def test_several_comments_are_decided_with_one_key(town: Community) -> None:
    await more_comments(town)
    async with running(town, first="desk", size=(120, 30)) as (_, pilot):
        await press(pilot, "space", "space", "X")
        assert town.workspace.conversations.counts().queued == 2


async def test_a_desk_without_comments_teaches(nowhere: Community) -> None:
    async with running(nowhere, first="desk", size=(80, 24)) as (app, _):
        assert "None of your sources can be moderated yet." in shown(app)


async def test_the_visiting_round_goes_from_the_longest_neglected_on_and_a_visit_is_one_key(town: Community) -> None:
    await publish(town)
    async with town.workspace.store.transaction() as tx:
        await tx.run("UPDATE person SET stage = 'friend'")
    async with running(town, first="feeds", size=(80, 24)) as (app, pilot):
        await press(pilot, "3")
        feeds = app.screen
        assert isinstance(feeds, Feeds)
        assert [row.title for row in feeds.list.all_rows()] == ["Small tools, big drawer"]
        await press(pilot, "c")
        assert "Visited Ines Duarte." in shown(app)
        visits = town.workspace.people.timeline(town.workspace.people.find("Ines Duarte")[0].id)
        assert [row.kind for row in visits if row.what == "touchpoint"] == ["visit · given"]
        await press(pilot, "1", "3")
        assert "Small tools, big drawer" not in shown(app)
