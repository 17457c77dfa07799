"""Feeds, read by a child process that may be killed."""

import asyncio
import gzip
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from community.errors import Garbled
from community.sources.parsing import ParsedFeed, Parser, Reference
from community.sources.parsing_strange import strange_feed
from community.sources.parsing_walk import walked
from community.text import clean, clean_line

pytestmark = pytest.mark.anyio

Oracle = Callable[[bytes, str, str], dict[str, Any] | None]
URL = "https://s.example/feed/"
CORPUS = Path(__file__).parents[3].parent / "shared" / "corpora" / "feedparser" / "tests"


@pytest.fixture
async def parser() -> AsyncIterator[Parser]:
    parser = Parser(cpu_s=2)
    yield parser
    await parser.close()


def rss(*items: str, head: str = "", before: str = "") -> bytes:
    names = " ".join(
        f'xmlns:{prefix}="{uri}"'
        for prefix, uri in {
            "content": "http://purl.org/rss/1.0/modules/content/",
            "dc": "http://purl.org/dc/elements/1.1/",
            "slash": "http://purl.org/rss/1.0/modules/slash/",
            "wfw": "http://wellformedweb.org/CommentAPI/",
            "sy": "http://purl.org/rss/1.0/modules/syndication/",
            "atom": "http://www.w3.org/2005/Atom",
        }.items()
    )
    inside = "".join(f"<item>{item}</item>" for item in items)
    return f'{before}<rss version="2.0" {names}><channel><title>Blog</title>{head}{inside}</channel></rss>'.encode()


def atom(*entries: str, head: str = "") -> bytes:
    inside = "".join(f"<entry>{entry}</entry>" for entry in entries)
    threads = 'xmlns:t="http://purl.org/syndication/thread/1.0"'
    return f'<feed xmlns="http://www.w3.org/2005/Atom" {threads}><id>x</id>{head}{inside}</feed>'.encode()


async def read(parser: Parser, body: bytes, content_type: str = "") -> ParsedFeed:
    return (await parser.parse(body, content_type, URL)).required()


# What is read


async def test_an_rss_item_gives_all_it_has(parser: Parser) -> None:
    feed = await read(
        parser,
        rss(
            "<title>Hello &lt;i&gt;you&lt;/i&gt;</title><link>/hello/</link><dc:creator>Ann</dc:creator>"
            "<guid isPermaLink='false'>https://s.example/?p=12</guid><description>short</description>"
            "<content:encoded>&lt;p&gt;long &lt;a href='/x'&gt;x&lt;/a&gt;&lt;/p&gt;</content:encoded>"
            "<pubDate>Sun, 01 Mar 2026 09:00:00 +0000</pubDate><comments>https://s.example/hello/#comments</comments>"
            "<wfw:commentRss>https://s.example/hello/feed/</wfw:commentRss><slash:comments>4</slash:comments>",
            head="<link>https://s.example/</link><ttl>60</ttl><language>en</language>"
            "<atom:link rel='self' href='/feed/'/>",
        ),
    )
    assert (feed.title, feed.link, feed.ttl_s) == ("Blog", "https://s.example/", 3600)
    (entry,) = feed.entries
    assert (entry.id, entry.link) == ("https://s.example/?p=12", "https://s.example/hello/")
    assert entry.title == "Hello you"
    assert (entry.author_name, entry.published_at, entry.updated_at) == ("Ann", 1772355600, None)
    assert entry.text == "long x (https://s.example/x)"


async def test_an_atom_entry_may_answer_several(parser: Parser) -> None:
    feed = await read(
        parser,
        atom(
            "<id>tag:c2</id><title type='html'>A &amp;amp; b</title><updated>2026-03-01T09:15:00Z</updated>"
            "<author><name>Bo</name><uri>https://bo.example/</uri><email>bo@bo.example</email></author>"
            "<link href='/hello/#c2'/><link rel='replies' href='/hello/feed' t:count='3'/>"
            "<t:in-reply-to ref='tag:c1' href='/hello/#c1'/><t:in-reply-to ref='tag:c0'/>"
            "<content type='html'>&lt;p&gt;Nice&lt;/p&gt;</content>"
        ),
    )
    (entry,) = feed.entries
    assert (entry.id, entry.title, entry.link) == ("tag:c2", "A & b", "https://s.example/hello/#c2")
    assert (entry.author_name, entry.author_url) == ("Bo", "https://bo.example/")
    assert (entry.published_at, entry.updated_at, entry.text) == (None, 1772356500, "Nice")
    assert entry.in_reply_to == (Reference("tag:c1", "https://s.example/hello/#c1"), Reference("tag:c0"))


async def test_xhtml_and_bases_are_understood(parser: Parser) -> None:
    feed = await read(
        parser,
        atom(
            "<id>1</id><content type='xhtml' xml:base='https://other.example/a/'>"
            "<div xmlns='http://www.w3.org/1999/xhtml'><p>One <a href='b'>two</a></p></div></content>",
            "<id>2</id><content type='text'>1 &lt;b&gt; 2</content>",
        ),
    )
    assert feed.entries[0].text == "One two (https://other.example/a/b)"
    assert feed.entries[1].text == "1 <b> 2"


async def test_a_json_feed_is_read(parser: Parser) -> None:
    feed = await read(
        parser,
        json.dumps(
            {
                "version": "https://jsonfeed.org/version/1.1",
                "title": "J",
                "home_page_url": "https://s.example/",
                "authors": [{"name": "Ann", "url": "https://s.example/about"}],
                "expired": True,
                "items": [
                    {"id": 12, "url": "/a", "content_html": "<p>h</p>", "date_published": "2026-03-01T09:00:00Z"},
                    {"id": "b", "content_text": "a <b> & c", "author": {"name": "Bo"}, "date_published": 5},
                    {"id": [], "content_text": "x"},
                    "nonsense",
                    {"content_text": "no id", "big": 10**400},
                ],
            }
        ).encode(),
    )
    assert (feed.title, feed.is_over, feed.refused) == ("J", True, 2)
    first, second, third = feed.entries
    assert (first.id, first.link, first.text, first.published_at) == ("12", "https://s.example/a", "h", 1772355600)
    assert (first.author_name, first.author_url) == ("Ann", "https://s.example/about")
    assert (second.text, second.author_name, second.author_url, second.published_at) == ("a <b> & c", "Bo", None, None)
    assert third.id.startswith("hash:")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32", "iso-8859-1", "windows-1252"])
async def test_encodings_are_found_out(parser: Parser, encoding: str) -> None:
    body = rss("<title>café</title>").decode().encode(encoding)
    feed = await read(parser, body, f"application/xml; charset={encoding}" if encoding[0] in "iw" else "")
    assert feed.entries[0].title == "café"


# Traps


async def test_ids_do_not_depend_on_the_place(parser: Parser) -> None:
    items = [
        "<title>a</title><description>1</description>",
        "<title>b</title>",
        "<guid>same</guid><link>https://a.b/1</link>",
    ]
    items.append("<guid>same</guid><link>https://a.b/2</link>")
    there = [entry.id for entry in (await read(parser, rss(*items))).entries]
    back = [entry.id for entry in (await read(parser, rss(*reversed(items)))).entries]
    assert len(set(there)) == 4
    assert there == back[::-1]
    assert all(one.startswith("hash:") for one in there)


async def test_the_same_entry_twice_is_counted_once(parser: Parser) -> None:
    feed = await read(parser, rss("<guid>1</guid>", "<guid>1</guid>"))
    assert (len(feed.entries), feed.refused) == (1, 1)


async def test_only_web_addresses_become_links(parser: Parser) -> None:
    feed = await read(parser, rss("<guid>12345</guid>", "<guid>2</guid><link>javascript:alert(1)</link>"))
    assert [(entry.id, entry.link) for entry in feed.entries] == [("12345", None), ("2", None)]
    assert (await read(parser, atom("<id>tag:a,2026:1</id>"))).entries[0].link is None
    assert (await read(parser, rss("<guid>https://a.b/c</guid>"))).entries[0].link == "https://a.b/c"


@pytest.mark.parametrize(
    "date",
    [
        "Sun, 01 Mar 1970 09:00:00 GMT",
        "Sun, 01 Mar 2970 09:00:00 GMT",
        "soon",
        "99999999999999",
        "0000-00-00T00:00:00Z",
    ],
)
async def test_absurd_dates_are_none(parser: Parser, date: str) -> None:
    (entry,) = (await read(parser, rss(f"<guid>1</guid><pubDate>{date}</pubDate>"))).entries
    assert entry.published_at is None


async def test_nothing_hostile_is_left_in_short_fields(parser: Parser) -> None:
    evil = "&#x9b;31m\u202e&lt;script&gt;x&lt;/script&gt;&lt;b&gt;Ann&lt;/b&gt;"
    feed = await read(parser, rss(f"<title>{evil}</title><dc:creator>{evil}</dc:creator><guid>{evil}</guid>"))
    (entry,) = feed.entries
    for field in (entry.title, entry.author_name, entry.id, entry.text):
        assert clean_line(field) == field
    assert "\x9b" not in entry.title
    assert entry.author_name.endswith("Ann")


async def test_entities_are_not_expanded(parser: Parser) -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 10))
    bomb = rss("<title>x &l9;</title>", before=f"<!DOCTYPE rss [<!ENTITY l0 'ha'>{laughs}]>")
    assert len((await read(parser, bomb)).entries[0].title) < 100
    outside = rss("<title>x &e;</title>", before='<!DOCTYPE rss [<!ENTITY e SYSTEM "file:///etc/passwd">]>')
    assert "root" not in (await read(parser, outside)).entries[0].title


async def test_what_is_no_feed_is_told_apart(parser: Parser) -> None:
    for body, what in (
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (b"<!DOCTYPE html><html><body><p>hi</p></body></html>", "page"),
        (b"hello", "other"),
        (b"{}", "other"),
        (b'{"version":', "broken"),
        (b"\x89PNG\r\n\x1a\n\0\0", "other"),
    ):
        feed = await parser.parse(body, "", URL)
        assert (feed.what, feed.is_feed) == (what, False)
        assert "s.example" in feed.problem
        with pytest.raises(Garbled, match=r"s\.example"):
            feed.required()
    assert (await parser.parse(b"hi", "text/html; charset=utf-8", URL)).what == "page"
    assert (await read(parser, rss())).entries == ()


async def test_a_feed_of_thousands_is_cut_and_it_is_said(parser: Parser) -> None:
    many = rss(*(f"<guid>{number}</guid><description>{'x' * 3000}</description>" for number in range(6000)))
    feed = await read(parser, many)
    assert 1000 < len(feed.entries) < 5000
    assert len(feed.entries) + feed.left_out == 6000
    (long,) = (await read(parser, rss(f"<guid>1</guid><description>{'x' * 500_000}</description>"))).entries
    assert long.text.endswith("… 100 kB more")


# The child


def pids(parser: Parser) -> set[int]:
    return {child.pid for child in parser._running}


def test_the_child_knows_neither_the_database_nor_the_network() -> None:
    home = Path(__file__).parents[3]
    told = (
        f"import sys; sys.path.insert(0, {str(home)!r}); import community.sources.parsing_worker; print(*sys.modules)"
    )
    known = subprocess.run(
        [sys.executable, "-I", "-c", told], capture_output=True, text=True, check=True
    ).stdout.split()
    assert "community.sources.parsing_walk" in known
    assert not {"storage", "sqlite3", "httpx", "pycurl", "asyncio", "community.errors"} & set(known)


async def test_a_warm_child_is_used_again(parser: Parser) -> None:
    await read(parser, rss())
    before = pids(parser)
    await read(parser, rss())
    assert pids(parser) == before
    assert len(before) == 1


async def test_a_dead_child_is_replaced(parser: Parser) -> None:
    await read(parser, rss())
    (first,) = pids(parser)
    os.kill(first, signal.SIGKILL)
    with pytest.raises(Garbled, match=r"s\.example"):
        await read(parser, rss())
    await read(parser, rss())
    assert first not in pids(parser)


async def test_a_feed_that_takes_too_long_is_stopped_and_the_others_go_on() -> None:
    parser = Parser(cpu_s=1, wall_s=15)
    hostile = b"<rss><channel><item><title>" + b"<a " * 700_000
    try:
        started = time.monotonic()
        stuck = asyncio.create_task(read(parser, hostile))
        await asyncio.sleep(0.05)
        await read(parser, rss())
        assert time.monotonic() - started < 2
        with pytest.raises(Garbled, match="in time"):
            await stuck
        await read(parser, rss())
        assert time.monotonic() - started < 15
    finally:
        await parser.close()


async def test_a_child_that_hangs_is_killed_after_a_while() -> None:
    parser = Parser(most=1, wall_s=2.0)
    try:
        await read(parser, rss())
        (pid,) = pids(parser)
        os.kill(pid, signal.SIGSTOP)
        waiting = asyncio.create_task(parser.parse(rss(), "", URL))
        await asyncio.sleep(0.1)
        other = asyncio.create_task(parser.parse(rss(), "", URL))
        with pytest.raises(Garbled):
            await waiting
        assert (await other).is_feed
        assert pid not in pids(parser)
    finally:
        await parser.close()


async def test_a_cancelled_parse_leaves_no_confused_child(parser: Parser) -> None:
    await read(parser, rss())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await read(parser, rss(*("<title>x</title>" for _ in range(3000))))
    assert (await read(parser, rss("<guid>mine</guid>"))).entries[0].id == "mine"


async def test_memory_is_limited(parser: Parser) -> None:
    with pytest.raises(Garbled):
        (await parser.parse(rss("<title>" + "<b>" * 8_000_000 + "</title>"), "", URL)).required()
    await read(parser, rss())


async def test_many_at_once_get_their_own_answers(parser: Parser) -> None:
    feeds = await asyncio.gather(*(read(parser, rss(f"<guid>{number}</guid>")) for number in range(40)))
    assert [feed.entries[0].id for feed in feeds] == [str(number) for number in range(40)]
    assert len(pids(parser)) <= 4


async def test_a_closed_parser_leaves_no_process() -> None:
    parser = Parser()
    await read(parser, rss())
    (pid,) = pids(parser)
    await parser.close()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of feedparser is not beside this repository")
async def test_the_whole_corpus_is_read_without_a_crash(parser: Parser) -> None:
    files = sorted(path for path in CORPUS.rglob("*") if path.is_file())
    read_well = 0
    for path in files:
        feed = await parser.parse(path.read_bytes(), "", URL)
        assert feed.what != "broken", path
        read_well += feed.is_feed
        for entry in feed.entries:
            assert entry.id
            assert clean_line(entry.title) == entry.title
            assert clean(entry.text) == entry.text
    assert len(files) > 2000
    assert read_well > len(files) - 20
    assert len(pids(parser)) == 1


# The quick way


def corpus() -> list[Path]:
    for place in (CORPUS, CORPUS.parents[4] / "shared" / "corpora" / "feedparser" / "tests"):
        if place.exists():
            return sorted(place.rglob("*.xml"))[::3]
    return []


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Oracle:
    """What feedparser reads; what it is taught is forgotten after the test."""
    import feedparser.mixin

    mixin = feedparser.mixin._FeedParserMixin
    monkeypatch.setattr(mixin, "_start_thr_in-reply-to", None, raising=False)
    monkeypatch.delattr(mixin, "_start_thr_in-reply-to")
    monkeypatch.setattr(mixin, "namespaces", dict(mixin.namespaces))
    monkeypatch.setattr(mixin, "can_be_relative_uri", set(mixin.can_be_relative_uri))
    return strange_feed


@pytest.mark.skipif(not corpus(), reason="feedparser's own files are not here")
def test_the_walk_gives_what_feedparser_gives(strange: Oracle) -> None:
    read_quickly, different = 0, list[str]()
    for path in corpus():
        body = path.read_bytes()
        told = walked(body, "application/xml", URL, most=5000)
        if told is not None:
            read_quickly += 1
            if told != strange(body, "application/xml", URL):
                different.append(path.name)
    assert read_quickly > 60
    assert len(different) <= read_quickly * 0.01, different


def test_the_walk_reads_the_feeds_of_the_town_and_of_the_bench(
    strange: Oracle,
) -> None:
    from feedserver import Farm

    farm = Farm()
    for number in (1, 3):
        body = gzip.decompress(farm.body(number, 0))
        told = walked(body, "application/xml; charset=utf-8", URL, most=5000)
        assert told is not None
        assert len(told["entries"]) == 30
        assert told == strange(body, "application/xml; charset=utf-8", URL)


@pytest.mark.parametrize(
    "body",
    [
        b"<!DOCTYPE rss [<!ENTITY x 'y'>]><rss version='2.0'><channel><title>&x;</title></channel></rss>",
        b"<rss version='2.0'><channel><title>a</title><title>b</title></channel></rss>",
        b"<rss version='2.0' xmlns:m='urn:m'><channel><title>a</title><m:x>1</m:x></channel></rss>",
        b"<rss version='2.0'><channel><title>a <b>b</b></title></channel></rss>",
        b"<rss version='2.0'><channel><item><pubDate>yesterday</pubDate></item></channel></rss>",
        b"<rss version='2.0'><channel><title>never closed</channel></rss>",
        b"<?xml version='1.0' encoding='windows-1252'?><rss version='2.0'><channel/></rss>",
        b"<html><body>no feed</body></html>",
    ],
)
def test_what_the_walk_is_not_sure_of_is_left_to_feedparser(body: bytes) -> None:
    assert walked(body, "text/xml", URL, most=5000) is None


async def test_entries_that_are_known_are_not_read_again(parser: Parser) -> None:
    before = await parser.parse(rss("<guid>a</guid><title>A</title>", "<guid>b</guid><title>B</title>"), "", URL)
    body = rss("<guid>c</guid><title>C</title>", "<guid>a</guid><title>A2</title>", "<guid>b</guid><title>B</title>")
    after = await parser.parse(body, "", URL, known=before.digests)
    assert [entry.title for entry in after.entries] == ["C", "A2"]
    assert (after.known, len(after.digests)) == (1, 3)


async def test_all_entries_are_read_again_when_the_feed_calls_itself_otherwise(parser: Parser) -> None:
    before = await parser.parse(rss("<guid>a</guid>"), "", URL)
    after = await parser.parse(rss("<guid>a</guid>").replace(b"Blog", b"Log"), "", URL, known=before.digests)
    assert len(after.entries) == 1
