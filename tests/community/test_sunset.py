"""The end of a source: nobody and nothing is lost by it but what was to be lost, and it is never read again."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.errors import WrongUsage
from community.query import parse
from community.reachability import Handle, ways
from community.reachability import mark as reach
from community.sources.base import Page
from community.sunset import question
from community.sync import Syncer
from community.watch import Watch
from fakes import Platform
from people_and_words import DAY, Community, author, said, small_town

pytestmark = pytest.mark.anyio


@pytest.fixture
async def town(tmp_path: Path, platform: Platform) -> AsyncIterator[Community]:
    """The small town, on sources that can be answered; its blog is of another kind."""
    made = await small_town(tmp_path / "work")
    async with made.workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET kind = 'isso' WHERE name = 'blog'")
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ([], "no way"),
        ([Handle("wordpress:blog", "", "")], "no way"),
        ([Handle("wordpress:blog", "Maria", "https://maria.example/")], "1 way, own site"),
        ([Handle("fediverse", "@jon@town.example", "https://town.example/@jon")], "1 way"),
        ([Handle("fediverse", "@jon@town.example", "https://town.example/@jon"), Handle("isso:b", "Jon", "http://jon.example"),
          Handle("feed:jon.example", "Jon", "http://jon.example/feed"), Handle("mail", "j@jon.example", "")],
         "3 ways, own site, mail"),
        ([Handle("wordpress:b", "A", "https://tilde.example/~ada"), Handle("isso:b", "A", "https://tilde.example/~ada/x")],
         "1 way, own site"),
        ([Handle("wordpress:b", "A", "http://10.0.0.1:80/ada"), Handle("isso:b", "B", "http://10.0.0.1:80/blog/ada")],
         "2 ways, own site"),
        ([Handle("card", "Bare Name", "")], "no way"),
        ([Handle("web", "ann.example", "https://ann.example"), Handle("phone", "+47 1", "")], "2 ways, own site"),
        ([Handle("profile:mastodon", "@a", "https://town.example/@a"), Handle("fediverse", "@a@town.example", "")],
         "1 way"),
        ([Handle("fediverse", "@a@one.example", ""), Handle("fediverse", "@b@one.example", "")], "1 way"),
    ],
)  # fmt: skip
def test_ways_are_independent_when_they_go_through_different_hosts(found: list[Handle], words: str) -> None:
    assert reach(ways(found)) == words


async def test_the_report_says_whom_i_would_lose_and_where_the_others_are(town: Community) -> None:
    jon = author("Jon Adeyemi", network="blog")
    await town.hear(town.ids["blog"], [said(jon, "Hello from my own site.", id="jb", ago=DAY)])
    async with town.workspace.store.transaction() as tx:
        await tx.run(
            """
            UPDATE identity SET url = 'https://jon.example/',
                person_id = (SELECT person_id FROM identity WHERE network = 'fediverse' AND name = 'Jon Adeyemi')
            WHERE network = 'blog'
            """
        )
        await tx.run("UPDATE identity SET network = 'isso:blog' WHERE network = 'blog'")
    report = await town.workspace.sunset.report(town.ids["@me@town.example"])
    assert {each.name for each in report.lost} == {"ravi", "Kemi O.", "Tomás Rey"}
    there = [each for each in report.people if not each.is_lost]
    assert [(each.name, [way.shown for way in each.elsewhere]) for each in there] == [("Jon Adeyemi", ["jon.example"])]


async def test_asking_makes_drafts_and_sends_nothing_and_leaves_a_draft_alone(town: Community) -> None:
    source = town.ids["@me@town.example"]
    report = await town.workspace.sunset.report(source)
    wanted = {each.id for each in report.lost}
    first = next(each for each in report.lost if each.name == "ravi")
    await town.workspace.outbox.save(first.item_id, "half a sentence")
    report = await town.workspace.sunset.report(source)
    can = town.workspace.listening.capabilities(report.source)
    made = await town.workspace.sunset.ask(report, wanted, can)
    assert len(made) == len(wanted) - 1
    rows = town.workspace.outbox.listed(parse("", now=town.now, target="outbox"))
    assert {row.state for row in rows} == {"draft"}
    assert {row.text for row in rows} == {"half a sentence", question(["https://1.example"])}
    assert await town.workspace.sunset.ask(await town.workspace.sunset.report(source), wanted, can) == []


async def test_a_frozen_source_is_never_read_again_by_anything(town: Community, platform: Platform) -> None:
    workspace, source_id = town.workspace, town.ids["@me@town.example"]
    await workspace.sunset.freeze(town.ids["blog"])
    await workspace.listening.pause(town.ids["Small tools"])
    before = workspace.listening.get(source_id)
    await workspace.sunset.freeze(source_id)
    platform.pages.append(Page(items=(said(author("Late"), "@me too late.", id="late"),)))
    mark = workspace.listening.mark()
    syncer = Syncer(workspace.store, workspace.connections)
    await workspace.listening.ask_now()
    assert source_id not in {each.id for each in await syncer.due()}
    frozen = workspace.listening.get(source_id)
    for each in (before, frozen):
        result = (await syncer.sync([each]))[0]
        assert not result.ok
        assert "is frozen" in result.error
    for act in (workspace.listening.resume, workspace.listening.pause, workspace.logins.check,
                workspace.listening.ask_now, workspace.logins.begin):  # fmt: skip
        with pytest.raises(WrongUsage, match="is frozen"):
            await act(source_id)
    with pytest.raises(WrongUsage, match="is frozen"):
        await workspace.logins.with_secret(source_id, "secret")
    stop = asyncio.Event()
    watching = asyncio.create_task(Watch(workspace.store, workspace.connections).run(stop))
    await asyncio.sleep(0.05)
    stop.set()
    await watching
    after = workspace.listening.get(source_id)
    assert (after.state, after.health, after.failures, after.checked_at) == (
        "sunset",
        before.health,
        0,
        before.checked_at,
    )
    assert workspace.listening.mark() == mark
    assert len(platform.pages) == 1


async def test_what_was_said_there_stays_to_be_read_found_and_attributed(town: Community) -> None:
    workspace = town.workspace
    rows = workspace.conversations.page(parse("source:town", now=town.now))
    await workspace.sunset.freeze(town.ids["@me@town.example"])
    assert workspace.conversations.page(parse("source:town", now=town.now)) == rows
    assert [hit.who for hit in await workspace.search("monday")] == ["ravi"]
    ravi = workspace.people.find("ravi")[0].id
    assert workspace.people.timeline(ravi)[0].source_name == "@me@town.example"


async def test_a_sunset_is_taken_back_only_by_saying_so(town: Community) -> None:
    workspace, source_id = town.workspace, town.ids["@me@town.example"]
    await workspace.sunset.freeze(source_id)
    with pytest.raises(WrongUsage, match="frozen already"):
        await workspace.sunset.freeze(source_id)
    await workspace.sunset.revive(source_id)
    assert workspace.listening.get(source_id).state == "active"
    with pytest.raises(WrongUsage, match="not frozen"):
        await workspace.sunset.revive(source_id)
