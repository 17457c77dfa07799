"""Feeds: against a real web server with every fault a feed can have, and against the town."""

import json
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from community.errors import AuthExpired, Garbled, Gone, RateLimited, Rejected, SourceError, Unreachable
from community.secrets import Credential, Secret
from community.sources.answers import Answer, Headers
from community.sources.base import Act, ItemKind, Tools
from community.sources.feed import Feed, moved_to, named_feeds, wish_s
from community.sources.http import Http, Policy, client
from community.sources.parsing import Parser
from community.town import Town
from storage.rows import Source

pytestmark = pytest.mark.anyio


def source(address: str, **values: object) -> Source:
    fields: dict[str, object] = dict.fromkeys(Source._fields)
    fields |= {
        "id": 1,
        "kind": "feed",
        "name": "A feed",
        "address": address,
        "account": "",
        "options": "{}",
        "is_mine": 0,
    }
    return Source(**(fields | values))  # type: ignore[arg-type]


def answer(status: int = 200, headers: dict[str, str] | None = None, **values: Any) -> Answer:
    made = Answer(status, "https://blog.example/page/", Headers((headers or {}).items()), b"")
    return replace(made, **values)


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    made = Parser()
    yield made
    await made.close()


@pytest.fixture
def town() -> Iterator[Town]:
    with Town() as running:
        yield running


def adapter(parser: Parser, base_url: str, secret: str = "", **limits: Any) -> Feed:
    policy = Policy(allow_hosts=frozenset({urlsplit(base_url).netloc}), **limits)
    return Feed(
        Tools(
            http=Http(client(policy), policy),
            credential=Credential(Secret(secret)),
            parser=parser,
            now=int(time.time()),
        )
    )


async def test_every_feed_of_the_town_is_found_from_its_page_and_read(parser: Parser, town: Town) -> None:
    feed = adapter(parser, town.base_url)
    for site in [each for each in town.sites if each.kind == "feed"]:
        found = await feed.probe(site.address.rpartition("/")[0] + "/")
        assert found is not None
        assert found.address == site.address
        page = await feed.fetch(source(site.address), None)
        assert page.items
        assert {item.kind for item in page.items} == {ItemKind.ARTICLE}
        assert all(item.title and item.text and item.permalink for item in page.items)
        times = [item.created_at for item in page.items]
        assert times == sorted(times)


async def test_a_second_read_is_answered_with_not_modified(parser: Parser, town: Town) -> None:
    feed = adapter(parser, town.base_url)
    here = source(next(site.address for site in town.sites if site.kind == "feed"))
    first = await feed.fetch(here, None)
    second = await feed.fetch(here, first.cursor)
    assert (second.items, second.cursor) == ((), first.cursor)
    assert second.next_check_s == 15


async def test_the_comment_feed_of_a_blog_holds_comments_and_knows_their_parents(parser: Parser, town: Town) -> None:
    feed = adapter(parser, town.base_url)
    page = await feed.fetch(source(f"{town.base_url}/blog/comments/feed/", is_mine=1, account="Alex Moran"), None)
    assert {item.kind for item in page.items} == {ItemKind.COMMENT}
    assert any(item.author.is_me for item in page.items)
    assert all(item.to_me is not item.author.is_me for item in page.items)


async def test_a_feed_cannot_be_answered_and_says_why(parser: Parser, town: Town) -> None:
    able = adapter(parser, town.base_url).capabilities(source("https://a.example/feed"))
    assert able.acts == frozenset()
    assert "read" in able.why_not[Act.REPLY]


def test_a_page_names_its_feeds_those_of_comments_last() -> None:
    page = b"""<base href="https://other.example/x/">
    <link rel="alternate stylesheet" type="application/rss+xml" href="no">
    <link rel=alternate type="application/rss+xml" title="Blog &raquo; Comments Feed" href="/comments/feed/">
    <link rel="ALTERNATE" type="application/atom+xml; charset=utf-8" href="atom.xml">
    <link rel=alternate type="application/json+oembed" href="/no">
    <link rel=alternate type=application/rss+xml href="javascript:x">
    """
    assert named_feeds(answer(body=page)) == [
        "https://other.example/x/atom.xml",
        "https://other.example/comments/feed/",
    ]
    linked = {"link": '<https://a.example/feed>; rel="alternate"; type="application/rss+xml"'}
    assert named_feeds(answer(headers=linked)) == ["https://a.example/feed"]


def test_a_move_for_good_is_believed_the_second_time_and_never_down_to_plain_http() -> None:
    there = answer(moved_permanently_to="https://new.example/feed")
    first = moved_to(source("https://old.example/feed"), there)
    assert (first.address, first.options) == (None, {"moved_to": "https://new.example/feed"})
    again = moved_to(source("https://old.example/feed", options=json.dumps(dict(first.options or {}))), there)
    assert again.address == "https://new.example/feed"
    lower = answer(moved_permanently_to="http://new.example/feed")
    assert moved_to(source("https://old.example/feed"), lower).address is None
    back = moved_to(source("https://old.example/feed", options='{"moved_to": "https://new.example/feed"}'), answer())
    assert back.options == {"moved_to": ""}


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=31536000"}, 86_400),
        ({"cache-control": "max-age=soon"}, None),
        ({"expires": "Sun, 01 Mar 2026 10:00:00 GMT", "date": "Sun, 01 Mar 2026 09:00:00 GMT"}, 3600),
        ({"expires": "0"}, None),
        ({"expires": "Sun, 01 Mar 2026 08:00:00 GMT", "date": "Sun, 01 Mar 2026 09:00:00 GMT"}, None),
    ],
)
def test_the_publishers_wish_for_a_pause_is_heard_up_to_a_day(headers: dict[str, str], seconds: int | None) -> None:
    assert wish_s(answer(headers=headers), None) == seconds


SCRIPTS = Path(__file__).parents[4] / "shared" / "peers"


@pytest.mark.peer
async def test_a_new_comment_on_a_real_server_arrives_once(parser: Parser, feeds_peer: dict[str, Any]) -> None:
    base = feeds_peer["base_url"]
    feed = adapter(parser, base)
    here = source(f"{base}/feed/00007.xml")
    first = await feed.fetch(here, None)
    assert {item.kind for item in first.items} == {ItemKind.COMMENT}
    assert (await feed.fetch(here, first.cursor)).items == ()
    subprocess.run([SCRIPTS / "feeds" / "touch_feed", "7"], check=True)
    after = await feed.fetch(here, first.cursor)
    assert len({item.remote_id for item in after.items} - {item.remote_id for item in first.items}) == 1


@pytest.mark.peer
async def test_a_server_without_validators_is_not_parsed_twice(parser: Parser, feeds_peer: dict[str, Any]) -> None:
    feed = adapter(parser, feeds_peer["base_url"])
    here = source(f"{feeds_peer['base_url']}/no-validators/00003.xml")
    first = await feed.fetch(here, None)
    assert first.items
    assert (await feed.fetch(here, first.cursor)).items == ()


@pytest.mark.peer
async def test_a_password_opens_a_private_feed(parser: Parser, feeds_peer: dict[str, Any]) -> None:
    feed = adapter(parser, feeds_peer["base_url"])
    here = source(f"{feeds_peer['base_url']}/private/00001.xml")
    with pytest.raises(AuthExpired, match="password"):
        await feed.fetch(here, None)
    known = adapter(parser, feeds_peer["base_url"], secret=":".join(feeds_peer["basic_auth"]))
    assert (await known.fetch(here, None)).items


@pytest.mark.peer
async def test_a_publishers_max_age_and_moves_are_seen_on_a_real_server(
    parser: Parser, feeds_peer: dict[str, Any]
) -> None:
    base = feeds_peer["base_url"]
    feed = adapter(parser, base)
    assert (await feed.fetch(source(f"{base}/cached/00002.xml"), None)).next_check_s == 3600
    moved = await feed.fetch(source(f"{base}/moved/00002.xml"), None)
    assert dict(moved.options or {})["moved_to"] == f"{base}/feed/00002.xml"
    found = await feed.fetch(source(f"{base}/found/00002.xml"), None)
    assert "moved_to" not in dict(found.options or {})


@pytest.mark.peer
@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/loop", Unreachable),
        ("/gone/x", Gone),
        ("/forbidden/x", AuthExpired),
        ("/broken/x", Unreachable),
        ("/busy/x", RateLimited),
        ("/maintenance/x", RateLimited),
        ("/hang-up", Unreachable),
        ("/feed/99999.xml", Rejected),
        ("/odd/empty.xml", Garbled),
        ("/odd/page.xml", Garbled),
        ("/odd/zeros.xml", Garbled),
    ],
)
async def test_every_fault_of_a_real_server_is_one_clear_sentence(
    parser: Parser, feeds_peer: dict[str, Any], path: str, error: type[SourceError]
) -> None:
    base = feeds_peer["base_url"]
    with pytest.raises(error) as caught:
        await adapter(parser, base).fetch(source(f"{base}{path}"), None)
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)


@pytest.mark.peer
@pytest.mark.parametrize(
    ("path", "entries"),
    [
        ("/odd/atom.xml", 10),
        ("/odd/latin1.xml", 5),
        ("/odd/lying-charset.xml", 5),
        ("/odd/truncated.xml", 1),
        ("/odd/huge.xml", 100),
        ("/odd/bomb.xml", 0),
    ],
)
async def test_odd_feeds_give_what_can_be_read(
    parser: Parser, feeds_peer: dict[str, Any], path: str, entries: int
) -> None:
    base = feeds_peer["base_url"]
    page = await adapter(parser, base).fetch(source(f"{base}{path}"), None)
    assert len(page.items) >= entries
    assert len({item.remote_id for item in page.items}) == len(page.items)


@pytest.mark.peer
async def test_a_trickling_server_is_given_up_after_the_total_time(parser: Parser, feeds_peer: dict[str, Any]) -> None:
    base = feeds_peer["base_url"]
    slow = adapter(parser, base, total_s=1.0)
    with pytest.raises(Unreachable):
        await slow.fetch(source(f"{base}/trickle/00040.xml"), None)
