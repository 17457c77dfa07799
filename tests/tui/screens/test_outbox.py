"""The outbox, and what can be done about each entry in it."""

import pytest

from community.query import Query, parse
from community.sources.base import Act
from on_screen import lines, place, press, running, shown
from people_and_words import Community
from tui.app import KithApp
from tui.screens.conversation import ConversationPage
from tui.screens.outbox import Outbox

pytestmark = pytest.mark.anyio


async def fill(town: Community, *states: str) -> list[int]:
    """One reply in each of these states, to the people who wait."""
    workspace = town.workspace
    rows = workspace.conversations.page(town_query(town, "is:waiting"), limit=10)
    made = []
    for state, row in zip(states, rows, strict=False):
        item = workspace.conversations.answerable(row.id)
        assert item is not None
        outbox_id = await workspace.outbox.save(item.id, f"words that are {state}")
        made.append(outbox_id)
        if state == "queued":
            await workspace.outbox.queue(outbox_id)
        elif state != "draft":
            async with workspace.store.transaction() as tx:
                await tx.run(
                    "UPDATE outbox SET state = :state, error = 'The site answered 502.' WHERE id = :id",
                    state=state, id=outbox_id,
                )  # fmt: skip
    return made


def town_query(town: Community, text: str) -> Query:
    return parse(text, now=town.now)


def states(app: KithApp) -> list[str]:
    outbox = app.screen
    assert isinstance(outbox, Outbox)
    return [row.state for row in outbox.list.all_rows()]


async def test_what_needs_a_word_of_mine_stands_first_with_the_keys_for_it(town: Community) -> None:
    await fill(town, "draft", "uncertain", "failed")
    async with running(town, first="outbox", size=(140, 40)) as (app, _):
        assert states(app) == ["uncertain", "failed", "draft"]
        text = shown(app)
        for words in ("y it is there", "A send again", "d keep as draft", "r send again", "Enter write on"):
            assert words in text, words
        assert "nobody can say" in text


async def test_an_uncertain_reply_is_settled_by_my_word(town: Community) -> None:
    made = await fill(town, "uncertain", "uncertain", "uncertain")
    async with running(town, first="outbox", size=(120, 40)) as (app, pilot):
        await press(pilot, "y")
        assert "Counted as sent." in shown(app)
        await press(pilot, "j", "d")
        assert "It is a draft again." in shown(app)
        await press(pilot, "j", "A")
        assert "It may then be there twice." in shown(app)
        await press(pilot, "y")
        assert sorted(town.workspace.outbox.get(each).state for each in made) == ["draft", "queued", "sent"]


async def test_what_was_settled_stays_in_its_place(town: Community) -> None:
    await fill(town, "uncertain", "failed")
    async with running(town, first="outbox", size=(120, 40)) as (app, pilot):
        await press(pilot, "2")
        await press(pilot, "y")
        assert states(app) == ["sent", "failed"]


async def test_a_failed_reply_is_sent_again_or_becomes_a_draft(town: Community) -> None:
    await fill(town, "failed", "failed")
    async with running(town, first="outbox", size=(120, 40)) as (app, pilot):
        await press(pilot, "r")
        assert "On its way again." in shown(app)
        await press(pilot, "j", "e")
        assert "It is a draft again." in shown(app)


async def test_seconds_count_down_and_it_can_be_taken_back(town: Community) -> None:
    await fill(town, "queued")
    async with running(town, first="outbox", size=(120, 40)) as (app, pilot):
        assert "leaves in 10 s" in shown(app)
        town.now += 4
        place(app).poll()
        await pilot.pause()
        assert "leaves in 6 s" in shown(app)
        await press(pilot, "x")
        assert "Reply taken back: it is a draft." in shown(app)


async def test_a_draft_opens_to_be_written_on_and_is_thrown_away_after_a_question(town: Community) -> None:
    await fill(town, "draft")
    async with running(town, first="outbox", size=(120, 40)) as (app, pilot):
        await press(pilot, "D", "n")
        assert states(app) == ["draft"]
        await press(pilot, "enter")
        assert isinstance(app.screen, ConversationPage)
        assert app.screen.composer.text.startswith("words that are draft")
        await press(pilot, "escape", "escape", "escape")
        await press(pilot, "D", "y")
        assert states(app) == []
        assert "The outbox is empty." in shown(app)


async def test_an_act_that_is_uncertain_is_dropped_rather_than_kept_as_a_draft(town: Community) -> None:
    workspace = town.workspace
    row = workspace.desk(town_query(town, ""), status="pending")[0]
    source = workspace.listening.get(row.source_id)
    made = await workspace.outbox.act(row.id, Act.APPROVE, workspace.listening.capabilities(source))
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE outbox SET state = 'uncertain' WHERE id = :id", id=made.id)
    async with running(town, first="outbox", size=(120, 40)) as (app, _):
        assert "d drop it" in shown(app)
        assert "Approval" in shown(app)


async def test_go_drafts_shows_the_drafts(town: Community) -> None:
    await fill(town, "draft", "failed")
    async with running(town, first="people", size=(120, 40)) as (app, pilot):
        await press(pilot, "g", "d")
        assert states(app) == ["draft"]


async def test_a_narrow_outbox_has_no_line_too_long(town: Community) -> None:
    await fill(town, "draft", "uncertain", "failed")
    async with running(town, first="outbox", size=(40, 12)) as (app, pilot):
        assert all(len(line) == 40 for line in lines(app))
        await press(pilot, "enter", "escape")
