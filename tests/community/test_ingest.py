"""Pages become conversations, people and standings, once and only once."""

import sqlite3

import pytest

import fakes
from community.query import parse
from community.rooms import threads, title_of
from community.sources.base import IncomingSignal, ItemKind, ItemStatus, Page, SignalKind
from community.sync import Syncer
from community.weighing import weigh
from community.workspace import Workspace
from fakes import DAY, ME, NOW, add_source, arrive, author, comment
from storage.database import FILE

pytestmark = pytest.mark.anyio


def listed(workspace: Workspace, query: str = "is:any") -> list[tuple[str, str]]:
    rows = workspace.conversations.page(parse(query, now=NOW))
    return [(row.title, row.attention) for row in rows]


def test_an_item_belongs_to_the_thread_of_its_parent_within_the_page() -> None:
    page = [comment("1", "Ann", "a"), comment("2", "Ben", "b", parent="1"), comment("3", "Ann", "c", parent="2")]
    assert threads(page, {}) == {"1": "1", "2": "1", "3": "1"}


def test_a_cycle_of_parents_is_walked_once() -> None:
    page = [comment("1", "Ann", "a", parent="2"), comment("2", "Ben", "b", parent="1")]
    assert len(set(threads(page, {}).values())) == 1


def test_a_conversation_is_called_by_the_first_words() -> None:
    assert title_of(comment("1", "Ann", "@me How do you keep notes? I lose mine.")) == "How do you keep notes?"
    assert len(title_of(comment("1", "Ann", "word " * 100))) <= 91


async def test_a_new_comment_waits_and_its_author_becomes_a_person(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "How do you do it?"))
    row = workspace.conversations.page(parse("is:waiting", now=NOW))[0]
    assert (row.lead_name, row.title, row.items) == ("Ann", "How do you do it?", 1)
    assert "first_time" in row.reasons
    assert [person.name for person in workspace.people.page(parse("", now=NOW, target="people"))] == ["Ann"]


async def test_the_same_page_twice_changes_nothing(workspace: Workspace) -> None:
    source = await add_source(workspace)
    page = (comment("1", "Ann", "One?"), comment("2", "Ben", "Two.", parent="1"))
    await arrive(workspace, source, *page)
    before = (listed(workspace), workspace.version())
    opened = workspace.conversations.open(1)
    await arrive(workspace, source, *page)
    assert listed(workspace) == before[0]
    assert [item for item, _ in workspace.conversations.open(1).items] == [item for item, _ in opened.items]


async def test_an_edit_replaces_the_text_and_search_finds_the_new_one(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "The old wording"))
    await arrive(workspace, source, comment("1", "Ann", "A fresh phrasing", edited_at=NOW))
    assert not await workspace.search("wording")
    assert [hit.who for hit in await workspace.search("phrasing")] == ["Ann"]


async def test_what_is_deleted_there_is_kept_and_marked_here(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "Soon gone"))
    await arrive(workspace, source, gone=("1",))
    item, _ = workspace.conversations.open(1).items[0]
    assert (item.status, item.text) == ("deleted", "Soon gone")
    assert listed(workspace) == [("Soon gone", "done")]


async def test_my_answer_on_the_site_itself_clears_the_conversation(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "Hello?"))
    await arrive(workspace, source, comment("2", ME, "Hello Ann.", parent="1", at=NOW - 60))
    assert listed(workspace) == [("Hello?", "answered")]


async def test_a_parent_that_arrives_later_gathers_its_children(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("2", "Ben", "An answer", parent="1"))
    await arrive(
        workspace, source, comment("1", "Ann", "The question", thread="1"), comment("2", "Ben", "An answer", parent="1")
    )
    assert [title for title, _ in listed(workspace)] == ["The question"]
    rows = workspace.conversations.page(parse("is:any", now=NOW))
    assert [row.items for row in rows] == [2]


async def test_one_identity_seen_through_two_sources_is_one_person(workspace: Workspace) -> None:
    first, second = await add_source(workspace, "One"), await add_source(workspace, "Two")
    everywhere = author("Ann", network="fediverse")
    await arrive(workspace, first, comment("1", everywhere, "Here"))
    await arrive(workspace, second, comment("1", everywhere, "There"))
    assert len(workspace.people.page(parse("", now=NOW, target="people"))) == 1


async def test_every_identity_of_mine_is_one_me_and_never_listed(workspace: Workspace) -> None:
    source = await add_source(workspace)
    other = author("Me too", is_me=True, network="elsewhere")
    await arrive(workspace, source, comment("1", "Ann", "Hi"), comment("2", ME, "Hello", parent="1"))
    await arrive(workspace, source, comment("3", other, "Also me", parent="1"))
    mine = {item.person_id for item, _ in workspace.conversations.open(1).items if item.mine}
    assert len(mine) == 1
    assert [person.name for person in workspace.people.page(parse("", now=NOW, target="people"))] == ["Ann"]


async def test_an_identity_that_turns_out_to_be_mine_stops_waiting(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", author("Me"), "Something I wrote before I logged in"))
    assert listed(workspace, "is:waiting")
    await arrive(workspace, source, comment("2", ME, "And after", parent="1"))
    assert not listed(workspace, "is:waiting")


async def test_a_signal_never_enters_the_inbox_but_stands_on_the_timeline(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "Hi"))
    like = IncomingSignal("like-1", SignalKind.LIKE, author("Ann"), NOW - 5, "1")
    await arrive(workspace, source, signals=(like, like))
    assert len(listed(workspace)) == 1
    person = workspace.people.page(parse("", now=NOW, target="people"))[0]
    assert [row.what for row in workspace.people.timeline(person.id)] == ["signal", "incoming"]


async def test_articles_are_for_reading_and_their_authors_are_no_contacts_yet(workspace: Workspace) -> None:
    source = await add_source(workspace)
    article = comment("1", "Ines", "Long text", to_me=False, kind=ItemKind.ARTICLE, title="Small tools")
    await arrive(workspace, source, article)
    assert listed(workspace) == [("Small tools", "reading")]
    assert [row.title for row in workspace.articles(parse("", now=NOW, target="articles"))] == ["Small tools"]
    assert not workspace.people.page(parse("", now=NOW, target="people"))


async def test_pending_comments_stand_on_the_desk_and_not_in_the_way(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Dora", "May I come in?", status=ItemStatus.PENDING))
    assert [row.name for row in workspace.desk(parse("", now=NOW, target="desk"))] == ["Dora"]
    assert not listed(workspace, "is:waiting")
    await arrive(workspace, source, comment("1", "Dora", "May I come in?"))
    assert listed(workspace, "is:waiting")


async def test_a_first_sync_takes_the_backlog_as_seen_but_for_who_still_waits(
    workspace: Workspace, platform: fakes.Platform, clock: fakes.Clock
) -> None:
    source = await add_source(workspace)
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET backlog_done_at = NULL")
    source = workspace.listening.get(source.id)
    old = [comment(f"old{n}", f"Reader {n}", f"An old word {n}?", at=NOW - (100 + n) * DAY) for n in range(50)]
    articles = [
        comment(f"a{n}", "Ines", "Text", at=NOW - n * DAY, to_me=False, kind=ItemKind.ARTICLE, title=f"Post {n}")
        for n in range(20)
    ]
    new = [comment("new", "Ann", "Still open?", at=NOW - 9 * DAY), comment("ok", "Ben", "Thanks?", at=NOW - 9 * DAY)]
    answer = comment("mine", ME, "Yes.", parent="ok", at=NOW - 8 * DAY)
    platform.pages = [Page(items=tuple(old)), Page(items=(*articles, *new, answer))]
    [result] = await Syncer(workspace.store, workspace.connections).sync([source])
    assert result.ok
    assert listed(workspace, "is:waiting") == [("Still open?", "waiting")]
    assert not listed(workspace, "is:reading")
    assert not [row for row in workspace.conversations.page(parse("is:new", now=NOW)) if row.title != "Still open?"]


async def test_a_huge_backlog_of_open_comments_never_floods_the_inbox(
    workspace: Workspace, platform: fakes.Platform
) -> None:
    source = await add_source(workspace)
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET backlog_done_at = NULL")
    many = [comment(f"c{n}", f"Reader {n}", f"Word {n}", at=NOW - n * 600) for n in range(300)]
    platform.pages = [Page(items=tuple(many))]
    await Syncer(workspace.store, workspace.connections).sync([workspace.listening.get(source.id)])
    assert len(listed(workspace, "is:waiting")) == workspace.config.first_sync_waiting


async def rows_of(workspace: Workspace) -> list[tuple[object, ...]]:
    with sqlite3.connect(workspace.directory / FILE) as connection:
        return connection.execute("SELECT * FROM conversation ORDER BY id").fetchall()


@pytest.mark.parametrize("is_backlog", [True, False])
async def test_a_conversation_in_which_nobody_waits_begins_as_weighing_would_leave_it(
    workspace: Workspace, is_backlog: bool
) -> None:
    source = await add_source(workspace)
    source = source._replace(backlog_done_at=None if is_backlog else NOW)
    await arrive(
        workspace,
        source,
        comment("1", "Ann", "An article?", kind=ItemKind.ARTICLE, to_me=False, title="One"),
        comment("2", "Ben", "Old", kind=ItemKind.ARTICLE, to_me=False, at=NOW - 400 * DAY),
        comment("3", "Cy", "Two people", to_me=False, at=NOW - 90),
        comment("4", "Di", "talk.", to_me=False, parent="3"),
        comment("5", "Ed", "Not for everybody", to_me=False, status=ItemStatus.PENDING),
        comment("6", "Flo", "And one waits", thread="6"),
    )
    before = await rows_of(workspace)
    async with workspace.store.transaction() as tx:
        await weigh(tx, range(1, 10), config=workspace.config, now=NOW)
    assert await rows_of(workspace) == before
    assert len({row[0] for row in before}) == 5
