"""Where Kith has no way in, the user posts by hand and says so; what comes in later is recognised, and not doubled."""

import pytest

from community.errors import WrongUsage
from community.leaving import page_of
from community.model import ConversationRow, OutboxRow, Source
from community.query import parse
from community.sources.base import Act, Page
from community.sync import Syncer
from community.workspace import Workspace
from fakes import DAY, ME, NOW, Clock, Platform, add_source, arrive, author, comment

pytestmark = pytest.mark.anyio

WORDS = 'That\'s "fine" -- I keep one file for each session, see https://maria.example/notes ...'
SHOWN = "That’s “fine” – I keep one file for each session, see https://maria.example/notes …"


@pytest.fixture
async def source(workspace: Workspace, platform: Platform) -> Source:
    platform.acts = frozenset()
    made = await add_source(workspace)
    await arrive(workspace, made, comment("1", "Ann", "How do you do it?", thread="1"))
    return made


async def handed(workspace: Workspace, text: str = WORDS, item_id: int = 1) -> OutboxRow:
    return await workspace.outbox.hand_over(await workspace.outbox.save(item_id, text))


def conversation(workspace: Workspace, row_id: int = 1) -> ConversationRow:
    return workspace.conversations.row(row_id)


def mine(workspace: Workspace) -> list[tuple[str, str]]:
    return [(item.text, item.remote_id) for item, _ in workspace.conversations.open(1).items if item.mine]


async def bring(workspace: Workspace, platform: Platform, clock: Clock, page: Page) -> None:
    platform.pages.append(page)
    clock.at += 3600
    [result] = await Syncer(workspace.store, workspace.connections).sync(workspace.sources())
    assert result.ok, result.error


async def test_what_is_posted_is_mine_and_answers_and_all_of_it_can_be_undone(
    workspace: Workspace, source: Source
) -> None:
    row = await handed(workspace)
    assert (row.state, row.text, conversation(workspace).attention) == ("by hand", WORDS, "waiting")
    person = workspace.people.card(conversation(workspace).person_id or 0).person
    assert await workspace.outbox.posted(row.id) == "Counted as posted."
    assert [text for text, _ in mine(workspace)] == [WORDS]
    assert conversation(workspace).attention == "answered"
    assert workspace.people.card(person.id).person.last_outgoing_at == NOW
    assert workspace.conversations.counts().by_hand == 0
    await workspace.undo.undo()
    assert (mine(workspace), conversation(workspace).attention) == ([], "waiting")
    assert workspace.people.card(person.id).person == person
    assert workspace.outbox.get(row.id).state == "by hand"
    await workspace.undo.redo()
    assert conversation(workspace).attention == "answered"
    await workspace.undo.undo()
    await workspace.undo.undo()
    after = workspace.outbox.get(row.id)
    assert (after.state, after.text) == ("draft", WORDS)


@pytest.mark.parametrize("says_so", [True, False], ids=["after my word", "before it"])
async def test_the_real_one_is_recognised_when_it_comes_in_and_nothing_is_doubled(
    workspace: Workspace, source: Source, platform: Platform, clock: Clock, says_so: bool
) -> None:
    row = await handed(workspace)
    if says_so:
        await workspace.outbox.posted(row.id)
    real = comment("77", ME, SHOWN, parent="1", at=NOW + 60)
    await bring(workspace, platform, clock, Page(items=(real,)))
    assert mine(workspace) == [(SHOWN, "77")]
    after = workspace.outbox.get(row.id)
    assert (after.state, after.remote_id, after.permalink) == ("sent", "77", "https://blog.example/77")
    assert conversation(workspace).attention == "answered"
    await bring(workspace, platform, clock, Page(items=(real,)))
    assert mine(workspace) == [(SHOWN, "77")]
    if says_so:  # what the platform itself shows is not taken away by an undo
        with pytest.raises(WrongUsage, match="cannot be taken back any more"):
            await workspace.undo.undo()
        assert mine(workspace) == [(SHOWN, "77")]


async def test_in_a_feed_of_comments_it_is_recognised_under_whatever_name_it_stands(
    workspace: Workspace, source: Source, platform: Platform, clock: Clock
) -> None:
    row = await handed(workspace)
    await workspace.outbox.posted(row.id)
    real = comment("77", author("Maria on her phone"), SHOWN, at=NOW + 60)
    await bring(workspace, platform, clock, Page(items=(real, comment("78", "Ben", "Me too.", at=NOW + 90))))
    assert mine(workspace) == [(SHOWN, "77")]
    assert len(workspace.conversations.page(parse("is:any", now=clock.at))) == 2
    assert conversation(workspace).attention == "answered"


@pytest.mark.parametrize(
    "other",
    [
        comment("77", "Ben", f"“{SHOWN}” is what she said, and I think she is quite wrong about nearly all of it."),
        comment("77", "Ben", "That is fine."),
        comment("77", ME, SHOWN, at=NOW - 2 * DAY),
    ],
    ids=["a quote", "other words", "older than mine"],
)
async def test_other_words_are_not_taken_for_mine(
    workspace: Workspace, source: Source, platform: Platform, clock: Clock, other: object
) -> None:
    row = await handed(workspace)
    await bring(workspace, platform, clock, Page(items=(other,)))  # type: ignore[arg-type]
    assert workspace.outbox.get(row.id).state == "by hand"
    assert len(workspace.conversations.page(parse("is:any", now=clock.at))) == 2


async def test_two_equal_answers_are_each_recognised_once(
    workspace: Workspace, source: Source, platform: Platform, clock: Clock
) -> None:
    await arrive(workspace, source, comment("2", "Ben", "And you?", thread="2"))
    rows = [await handed(workspace, "Thanks!", item_id) for item_id in (1, 2)]
    await workspace.outbox.posted(rows[0].id)
    await bring(workspace, platform, clock, Page(items=(comment("77", ME, "Thanks!", parent="1", at=NOW + 5),)))
    assert [workspace.outbox.get(row.id).state for row in rows] == ["sent", "by hand"]
    await bring(workspace, platform, clock, Page(items=(comment("78", ME, "Thanks!", parent="2", at=NOW + 9),)))
    assert [workspace.outbox.get(row.id).remote_id for row in rows] == ["77", "78"]


async def test_what_went_on_since_is_not_taken_back_blindly(workspace: Workspace, source: Source) -> None:
    """A row that became a draft and left is sent: no undo of an older step may make it a draft once more."""
    row = await handed(workspace)
    await workspace.outbox.edit(row.id)
    await workspace.outbox.queue(row.id, undo_s=0)
    with pytest.raises(WrongUsage, match="cannot be taken back any more"):
        await workspace.undo.undo()
    assert workspace.outbox.get(row.id).state == "queued"
    with pytest.raises(WrongUsage, match="nothing to undo"):
        await workspace.undo.undo()


async def test_a_newer_draft_keeps_its_place_when_an_older_one_is_taken_back(
    workspace: Workspace, source: Source
) -> None:
    row = await handed(workspace)
    newer = await workspace.outbox.save(1, "Another start")
    with pytest.raises(WrongUsage, match="cannot be taken back any more"):
        await workspace.undo.undo()
    assert [workspace.outbox.get(each).state for each in (row.id, newer)] == ["by hand", "draft"]


async def test_an_uncertain_reply_that_is_there_by_my_word_is_in_the_conversation(
    workspace: Workspace, source: Source, platform: Platform, clock: Clock
) -> None:
    row = await workspace.outbox.queue(await workspace.outbox.save(1, WORDS), undo_s=0)
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE outbox SET state = 'uncertain' WHERE id = :id", id=row.id)
    await workspace.outbox.settle(row.id, "there")
    assert (conversation(workspace).attention, [text for text, _ in mine(workspace)]) == ("answered", [WORDS])
    await workspace.undo.undo()
    assert (workspace.outbox.get(row.id).state, mine(workspace)) == ("uncertain", [])
    await workspace.undo.redo()
    await bring(workspace, platform, clock, Page(items=(comment("77", ME, SHOWN, parent="1", at=NOW + 60),)))
    assert mine(workspace) == [(SHOWN, "77")]


async def test_a_moderation_that_is_there_by_my_word_shows_and_can_be_undone(
    workspace: Workspace, source: Source, platform: Platform
) -> None:
    platform.acts = frozenset(Act)
    row = await workspace.outbox.act(1, Act.SPAM, workspace.listening.capabilities(source))
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE outbox SET state = 'uncertain' WHERE id = :id", id=row.id)
    await workspace.outbox.settle(row.id, "there")
    assert workspace.outbox.target(1).status == "spam"
    await workspace.undo.undo()
    assert (workspace.outbox.target(1).status, conversation(workspace).attention) == ("published", "waiting")


async def test_only_a_draft_with_words_is_handed_over(workspace: Workspace, source: Source) -> None:
    empty = await workspace.outbox.save(1, "  ")
    with pytest.raises(WrongUsage, match="empty"):
        await workspace.outbox.hand_over(empty)
    row = await workspace.outbox.hand_over(empty, text="Words")
    with pytest.raises(WrongUsage, match="already by hand"):
        await workspace.outbox.hand_over(row.id)
    await workspace.outbox.posted(row.id)
    with pytest.raises(WrongUsage, match="it is sent"):
        await workspace.outbox.posted(row.id)


async def test_the_page_to_post_on_is_that_of_the_item_else_what_it_hangs_on(
    workspace: Workspace, source: Source
) -> None:
    target = workspace.outbox.target(1)
    assert page_of(target) == "https://blog.example/1"
    bare = target._replace(permalink="javascript:alert(1)", subject_url="https://blog.example/post")
    assert page_of(bare) == "https://blog.example/post"
    assert page_of(bare._replace(subject_url=None)) == ""


def test_an_item_can_be_brought_back_whole() -> None:
    """Every column of an item is in the journal's image, but for the original, which a stand-in has not."""
    import sqlite3

    from storage import journal
    from storage.schema import migrate

    connection = sqlite3.connect(":memory:", isolation_level=None)
    migrate(connection)
    columns = {row[1] for row in connection.execute("PRAGMA table_info(item)")}
    connection.close()
    assert columns - {"id", "raw_html"} == set(journal.recordable("item"))
