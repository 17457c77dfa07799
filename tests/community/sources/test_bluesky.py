"""Bluesky: against a real network on loopback, and a small server with traps."""

import dataclasses
import json
import os
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from adapters import NOW, connected, everything, known_as, outgoing, source_row
from community.errors import AuthExpired, Garbled, RateLimited, Rejected, Unreachable
from community.model import Source
from community.secrets import Secret
from community.sources.atproto import login_of, place_of
from community.sources.base import Act, Adapter, Incoming, ItemKind, Page, Repeat, SignalKind, Thread
from community.sources.bluesky_parse import Here, author_of, item_of
from community.sources.fields import iso, moment
from community.sources.richtext import facets, is_tid, moment_of, record_key, spans, spelled_out, tid
from fediverse_server import Asked, Running

pytestmark = pytest.mark.anyio

VECTORS = Path(os.environ.get("KITH_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts")) / "vectors"
ME = "did:plc:" + "a" * 24
BO = "did:plc:" + "b" * 24
POST = "app.bsky.feed.post"
HANDLES = {ME: "me.example", BO: "bo.example"}


def uri(by: str, number: int) -> str:
    """A post's address; numbers rise with time."""
    return f"at://{by}/{POST}/{tid((NOW - 100_000 + number) * 1_000_000, 1)}"


def view(by: str, number: int, text: str = "hi", *, to: str = "", root: str = "", **record: Any) -> dict[str, Any]:
    """One post as a feed or a thread shows it."""
    at = iso(NOW - 100_000 + number)
    body: dict[str, Any] = {"$type": POST, "text": text, "createdAt": at} | record
    if to:
        body["reply"] = {"root": {"uri": root or to, "cid": "cidroot"}, "parent": {"uri": to, "cid": "cidparent"}}
    return {
        "uri": uri(by, number),
        "cid": f"cid{number}",
        "author": {"did": by, "handle": HANDLES.get(by, "x.example"), "displayName": "Bo"},
        "record": body,
        "indexedAt": at,
        "replyCount": 0,
    }


@dataclass
class Network:
    """A server of one account's: posts, notifications, a repository, sessions that end."""

    posts: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    records: dict[str, dict[str, Any]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    traps: list[tuple[str, int, bytes, int]] = field(default_factory=list)
    blocked: set[str] = field(default_factory=set)
    access: str = "access1"
    refresh: str = "refresh1"
    empty_pages: bool = False
    base: str = ""

    def add(self, *views: dict[str, Any]) -> None:
        """Keep posts."""
        for each in views:
            self.posts[each["uri"]] = each
            parent = each["record"].get("reply", {}).get("parent", {}).get("uri")
            if parent in self.posts:
                self.posts[parent]["replyCount"] += 1

    def tell(self, reason: str, about: dict[str, Any], subject: str = "") -> None:
        """Notify me of something; later is newer."""
        row = {key: about[key] for key in ("uri", "cid", "author", "record", "indexedAt")}
        self.notes.insert(0, row | {"reason": reason, "isRead": False, "reasonSubject": subject})

    def trap(self, nsid: str, status: int, body: object, *, times: int = 1_000) -> None:
        """Answer a call with this, so many times."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.traps.append((nsid, status, raw, times))

    def count(self, nsid: str) -> int:
        """How often something was called."""
        return sum(each.path == f"/xrpc/{nsid}" for each in self.asked)

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        """What is sent back."""
        self.asked.append(asked)
        nsid = asked.path.removeprefix("/xrpc/")
        for at, (name, status, raw, times) in enumerate(self.traps):
            if name == nsid and times:
                self.traps[at] = (name, status, raw, times - 1)
                return status, raw, {}
        token = asked.headers.get("authorization", "").removeprefix("Bearer ")
        if nsid.endswith(("createSession", "describeServer", "resolveHandle")):
            pass
        elif token != (self.refresh if nsid.endswith("refreshSession") else self.access):
            return 400, b'{"error": "ExpiredToken", "message": "Token has expired"}', {}
        found = self._found(nsid, dict(asked.query), asked)
        status, body = found if isinstance(found, tuple) else (200, found)
        return status, json.dumps(body).encode(), {}

    def _found(self, nsid: str, query: dict[str, str], asked: Asked) -> Any:
        match nsid.rpartition(".")[2]:
            case "describeServer":
                return {"did": "did:web:here", "availableUserDomains": [".test"]}
            case "createSession" if asked.body["password"] != "pass-word":
                return 401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"}
            case "createSession" | "refreshSession":
                number = int(self.access[6:]) + 1
                self.access, self.refresh = f"access{number}", f"refresh{number}"
                return {"did": ME, "handle": "me.example", "accessJwt": self.access, "refreshJwt": self.refresh}
            case "getSession":
                return {"did": ME, "handle": "me.example"}
            case "getProfile":
                return {"did": ME, "handle": "me.example", "displayName": "Me Myself"}
            case "resolveHandle":
                did = next((did for did, handle in HANDLES.items() if handle == query["handle"]), "")
                return (
                    {"did": did} if did else (400, {"error": "InvalidRequest", "message": "Unable to resolve handle"})
                )
            case "listNotifications":
                return self._notifications(query)
            case "getAuthorFeed":
                mine = [each for each in self.posts.values() if each["author"]["did"] == query["actor"]]
                return {"feed": [{"post": each} for each in sorted(mine, key=lambda one: one["uri"], reverse=True)]}
            case "getPosts":
                return {
                    "posts": [self.posts[each] for key, each in asked.query if key == "uris" and each in self.posts]
                }
            case "getPostThread" if query["uri"] not in self.posts:
                return 400, {"error": "NotFound", "message": "Post not found"}
            case "getPostThread":
                return {"thread": self._node(query["uri"], int(query["depth"]))}
            case "createRecord" | "putRecord":
                return self._write(nsid, asked.body)
            case "getRecord":
                name = f"at://{query['repo']}/{query['collection']}/{query['rkey']}"
                found = self.records.get(name) or self.posts.get(name) or (self.posts | {}).get(name)
                if found is None and name not in self.blocked:
                    return 400, {"error": "RecordNotFound", "message": "Could not locate record"}
                return {"uri": name, "cid": "cidmine", "value": found}
        return 501, {"error": "MethodNotImplemented"}

    def _notifications(self, query: dict[str, str]) -> Any:
        start = int(query.get("cursor", "0"))
        end = start + int(query["limit"])
        if self.empty_pages and start == 0:
            return {"notifications": [], "cursor": "0000"}
        page: dict[str, Any] = {"notifications": self.notes[start:end]}
        return page | ({"cursor": str(end)} if end < len(self.notes) else {})

    def _node(self, name: str, depth: int) -> dict[str, Any]:
        if name in self.blocked:
            return {"$type": "app.bsky.feed.defs#blockedPost", "uri": name, "blocked": True, "author": {"did": BO}}
        node: dict[str, Any] = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.posts[name]}
        if depth:
            answers = [
                each["uri"]
                for each in self.posts.values()
                if each["record"].get("reply", {}).get("parent", {}).get("uri") == name
            ]
            node["replies"] = [self._node(each, depth - 1) for each in answers]
        return node

    def _write(self, nsid: str, body: dict[str, Any]) -> Any:
        name = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        if name in self.records and nsid.endswith("createRecord"):
            return 500, {"error": "InternalServerError", "message": "Internal Server Error"}
        self.records[name] = body["record"]
        return {"uri": name, "cid": "cidmine", "validationStatus": "valid"}


@asynccontextmanager
async def signed_in(
    network: Network, *, tokens: dict[str, str] | None = None, now: int = NOW
) -> AsyncIterator[tuple[Adapter, Source]]:
    """The adapter with a session that works, and the source as `check` left it."""
    kept = {"access": network.access, "refresh": network.refresh} if tokens is None else tokens
    async with connected("bluesky", network.base, secret="pass-word", tokens=kept, now=now) as kind:
        yield kind, source_row("bluesky", network.base, me=ME, account="@me.example")


def items(pages: list[Page]) -> dict[str, Incoming]:
    return {item.remote_id: item for page in pages for item in page.items}


def conversation(network: Network) -> dict[str, dict[str, Any]]:
    """My post, an answer by somebody, mine to it, and one that mentions me elsewhere."""
    root = view(ME, 1, "what do you think?")
    reply = view(BO, 2, "much", to=root["uri"])
    deep = view(BO, 3, "and more", to=reply["uri"], root=root["uri"])
    hello = view(BO, 4, "Hello @me.example", facets=facets(spans("Hello @me.example"), {"me.example": ME}))
    network.add(root, reply, deep, hello)
    network.tell("reply", reply, root["uri"])
    network.tell("reply", deep, root["uri"])
    network.tell("mention", hello)
    return {"root": root, "reply": reply, "deep": deep, "hello": hello}


# --- names, bytes, words ----------------------------------------------------------------------------------------


def test_names_and_offsets_are_those_of_the_vectors() -> None:
    path = VECTORS / "atproto.json"
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    known = json.loads(path.read_text("utf-8"))
    for case in known["tid"]:
        assert tid(case["unix_microseconds"], case["clock_id"]) == case["tid"]
        assert is_tid(case["tid"]) and moment_of(case["tid"]) == case["unix_microseconds"] // 1_000_000
    for case in known["facet_byte_offsets"]:
        mention, link = spans(case["text"])
        assert (mention.start, mention.end) == (case["mention"]["byteStart"], case["mention"]["byteEnd"])
        assert (link.start, link.end, link.value) == (
            case["link"]["byteStart"],
            case["link"]["byteEnd"],
            case["link"]["needle"],
        )


def test_a_key_that_is_no_tid_becomes_one_and_always_the_same() -> None:
    made = record_key("some random words", NOW)
    assert is_tid(made) and made == record_key("some random words", NOW) != record_key("others", NOW)
    assert (moment_of(made) or 0) - NOW in (0, 1)
    assert record_key(made, 0) == made
    assert not is_tid("zzzzzzzzzzzzz") and not is_tid("3ke6kg3wk222") and moment_of("self") is None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail me@bo.example", []),
        ("@bo.example, hi", [(0, 11, "bo.example")]),
        ("(@bo.example)", [(1, 12, "bo.example")]),
        ("éé @bo", []),
        ("#tag #1 #tag2! #", [(0, 4, "tag"), (8, 13, "tag2")]),
        ("(https://a.io/b_(c)).", [(1, 19, "https://a.io/b_(c)")]),
        ("✨https://a.io/#x ok", []),
        ("https://a.io/#x ok", [(0, 15, "https://a.io/#x")]),
        ("javascript://a.io/", []),
        ("#" + "x" * 65, []),
    ],
)
def test_links_mentions_and_tags_are_found_where_they_are(text: str, expected: list[tuple[int, int, str]]) -> None:
    assert [(span.start, span.end, span.value) for span in spans(text)] == expected


def test_a_mention_that_names_nobody_gets_no_facet() -> None:
    made = facets(spans("@bo.example @who.example"), {"bo.example": BO})
    assert [each["features"] for each in made] == [[{"$type": "app.bsky.richtext.facet#mention", "did": BO}]]


def test_shortened_links_are_read_whole_and_disguised_ones_are_told() -> None:
    def shown(text: str, address: str) -> str:
        end = len(text.encode())
        feature = {"$type": "app.bsky.richtext.facet#link", "uri": address}
        return spelled_out(
            {"text": text, "facets": [{"index": {"byteStart": 0, "byteEnd": end}, "features": [feature]}]}
        )

    assert shown("a.example/long…", "https://a.example/long/path") == "https://a.example/long/path"
    assert shown("a.example", "https://a.example/") == "https://a.example/"
    assert shown("bank.example", "https://evil.example/") == "bank.example (https://evil.example/)"
    assert shown("x", "javascript:alert(1)") == "x"
    odd = {"text": "héy", "facets": [{"index": {"byteStart": -1, "byteEnd": 99}}, 7, {"index": None, "features": 3}]}
    assert spelled_out(odd) == "héy"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("me.bsky.social", ("me.bsky.social", "")),
        ("@Me.Example", ("me.example", "")),
        (ME, (ME, "")),
        ("https://bsky.app/profile/me.example/post/3k", ("me.example", "")),
        ("http://127.0.0.1:17610", ("", "http://127.0.0.1:17610")),
        ("alice.test@http://127.0.0.1:17610", ("alice.test", "http://127.0.0.1:17610")),
        ("@alice.test@https://pds.example/", ("alice.test", "https://pds.example")),
        ("https://blog.example/2026/", None),
        ("https://bsky.app/", None),
        ("@me@m.example", None),
        ("me", None),
        ("", None),
    ],
)
def test_addresses_are_read_as_people_paste_them(address: str, expected: tuple[str, str] | None) -> None:
    assert place_of(address) == expected


def test_a_secret_may_bring_its_handle_along() -> None:
    assert login_of(Secret("abcd-efgh"), "@me.example") == ("me.example", "abcd-efgh")
    assert login_of(Secret("@you.example:abcd-efgh"), "@me.example") == ("you.example", "abcd-efgh")
    assert login_of(Secret(f"{ME}:abcd"), "") == (ME, "abcd")
    assert login_of(Secret("not a handle:abcd"), "@me.example") == ("me.example", "not a handle:abcd")
    with pytest.raises(AuthExpired):
        login_of(Secret("abcd-efgh"), "")


def test_a_time_is_never_later_than_it_was_seen_nor_out_of_this_age() -> None:
    here = Here(ME, NOW)
    for claimed, seen, expected in [
        ("2100-01-01T00:00:00Z", iso(NOW - 50), NOW - 50),
        ("1970-01-01T00:00:00Z", iso(NOW - 50), NOW - 50),
        (iso(NOW - 90), iso(NOW - 50), NOW - 90),
        ("nonsense", "nonsense", NOW),
        (7, None, NOW),
    ]:
        row = view(BO, 1, createdAt=claimed) | {"indexedAt": seen}
        assert item_of(row, here, thread="t").created_at == expected, claimed


def test_a_post_says_in_words_what_hangs_on_it() -> None:
    row = view(
        BO,
        1,
        "look",
        embed={
            "record": {"record": {"uri": uri(ME, 9)}},
            "media": {"external": {"uri": "https://a.example/", "title": "A\x1bpage"}},
        },
    )
    text = item_of(row, Here(ME, NOW), thread="t").text
    quoted = f"https://bsky.app/profile/{ME}/post/{uri(ME, 9)[-13:]}"
    assert text == f"look\n\nA\ufffdpage https://a.example/\n\n[quotes {quoted}]"


# --- what is read -----------------------------------------------------------------------------------------------


async def test_replies_and_mentions_come_with_their_threads() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        async with signed_in(network) as (kind, source):
            pages, cursor = await everything(kind, source)
            again, _ = await everything(kind, source, cursor)
    found = {name: items(pages)[row["uri"]] for name, row in rows.items()}
    assert len(items(pages)) == 4 and not items(again)
    assert {found[name].thread for name in ("root", "reply", "deep")} == {rows["root"]["uri"]}
    assert found["root"].kind is ItemKind.ARTICLE and found["root"].author.is_me
    assert found["reply"].kind is ItemKind.REPLY and found["reply"].to_me
    assert not found["deep"].to_me, "an answer to somebody else below my post is not to me"
    assert found["hello"].kind is ItemKind.MENTION and found["hello"].to_me
    assert found["reply"].author.key == BO and found["reply"].author.handle == "@bo.example"
    assert found["reply"].extra["cid"] == "cid2" and found["reply"].extra["root_uri"] == rows["root"]["uri"]
    assert network.count("app.bsky.feed.getPostThread") == 2
    query = next(each.query for each in network.asked if each.path.endswith("listNotifications"))
    assert ("priority", "false") in query and [name for name, _ in query].count("reasons") > 3


async def test_a_walk_longer_than_a_page_is_continued_and_then_starts_at_the_top() -> None:
    with Running(Network()) as network:
        for number in range(120):
            row = view(BO, number, "hello")
            network.add(row)
            network.tell("mention", row)
        async with signed_in(network) as (kind, source):
            pages, cursor = await everything(kind, source)
            assert len(pages) == 3 and len(items(pages)) == 120
            for number in range(200, 270):
                row = view(BO, number, "hello")
                network.add(row)
                network.tell("mention", row)
            pages, cursor = await everything(kind, source, cursor)
            assert set(items(pages)) == {uri(BO, number) for number in range(200, 270)}
            before = network.count("app.bsky.notification.listNotifications")
            assert not items((await everything(kind, source, cursor))[0])
            assert network.count("app.bsky.notification.listNotifications") == before + 1


async def test_one_that_was_held_back_is_still_found_below_newer_ones() -> None:
    with Running(Network()) as network:
        for number in (99_500, 99_890):
            network.add(view(BO, number))
            network.tell("mention", network.posts[uri(BO, number)])
        async with signed_in(network) as (kind, source):
            _, cursor = await everything(kind, source)
            network.add(view(BO, 99_800))
            network.tell("mention", network.posts[uri(BO, 99_800)])
            network.notes[0], network.notes[1] = network.notes[1], network.notes[0]
            pages, _ = await everything(kind, source, cursor)
            assert set(items(pages)) == {uri(BO, 99_800)}


async def test_a_clock_of_ours_that_runs_ahead_loses_nothing_new() -> None:
    with Running(Network()) as network:
        network.add(view(BO, 10))
        network.tell("mention", network.posts[uri(BO, 10)])
        async with signed_in(network, now=NOW + 400_000) as (kind, source):
            _, cursor = await everything(kind, source)
        for number in range(20, 90):
            network.add(view(BO, number))
            network.tell("mention", network.posts[uri(BO, number)])
        async with signed_in(network) as (kind, source):
            pages, _ = await everything(kind, source, cursor)
    assert set(items(pages)) == {uri(BO, number) for number in range(20, 90)}


async def test_an_empty_page_with_a_cursor_is_not_the_end() -> None:
    with Running(Network(empty_pages=True)) as network:
        conversation(network)
        network.notes.insert(0, network.notes[0])
        async with signed_in(network) as (kind, source):
            network.empty_pages = True
            page = await kind.fetch(source, None)
            assert page.has_more and not page.signals
            network.empty_pages = False
            pages, _ = await everything(kind, source, page.cursor)
            assert uri(BO, 4) in items(pages)


async def test_touches_become_signals_and_unknown_reasons_break_nothing() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        network.notes.clear()
        touch = view(BO, 20) | {"uri": f"at://{BO}/app.bsky.feed.like/3k"}
        for reason in ("like", "repost", "follow", "like-via-repost", "something-of-2031", "verified"):
            network.tell(reason, touch | {"uri": touch["uri"] + reason}, rows["root"]["uri"])
        quoting = view(BO, 30, "see this")
        network.add(quoting)
        network.tell("quote", quoting, rows["root"]["uri"])
        async with signed_in(network) as (kind, source):
            pages, _ = await everything(kind, source)
    kinds = sorted((signal.kind, signal.item_id) for page in pages for signal in page.signals)
    mine = rows["root"]["uri"]
    assert kinds == sorted(
        [
            (SignalKind.LIKE, mine),
            (SignalKind.LIKE, mine),
            (SignalKind.BOOST, mine),
            (SignalKind.FOLLOW, mine),
            (SignalKind.OTHER, mine),
            (SignalKind.QUOTE, mine),
        ]
    )
    assert quoting["uri"] in items(pages)


async def test_one_broken_entry_is_refused_and_counted_and_the_page_goes_on() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        good = network.notes[0]
        broken = [
            7,
            None,
            good | {"uri": None},
            good | {"uri": "at://did:plc:x/app.bsky.feed.like/1", "author": 3},
            good | {"uri": uri(BO, 77), "record": {"text": 3}},
            good | {"uri": uri(BO, 78), "reason": "like", "author": {"handle": "x"}},
            {},
        ]
        network.trap("app.bsky.notification.listNotifications", 200, {"notifications": [*broken, good]})
        async with signed_in(network) as (kind, source):
            page = await kind.fetch(source, None)
    assert rows["hello"]["uri"] in items([page])
    assert page.refused >= 6


@pytest.mark.parametrize("body", [b"{}", b"[]", b'{"notifications": {}}', b"<html>", b""])
async def test_answers_that_are_no_bluesky_are_garbled(body: bytes) -> None:
    with Running(Network()) as network:
        network.trap("app.bsky.notification.listNotifications", 200, body)
        async with signed_in(network) as (kind, source):
            with pytest.raises(Garbled):
                await kind.fetch(source, None)


async def test_a_thread_deeper_than_any_recursion_is_read_to_its_end() -> None:
    with Running(Network()) as network:
        network.add(view(ME, 0))
        above = uri(ME, 0)
        for number in range(1, 450):
            row = view(BO if number % 2 else ME, number, to=above, root=uri(ME, 0))
            network.add(row)
            above = row["uri"]
        async with signed_in(network) as (kind, source):
            page = await kind.thread(source, Thread(uri(ME, 0), (uri(ME, 0),)))
    assert len(page.items) == 450 and page.whole_thread


async def test_what_is_deleted_is_gone_and_what_is_blocked_is_not() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        hidden, deleted, fresh = uri(BO, 50), uri(BO, 51), f"at://{BO}/{POST}/{tid((NOW - 5) * 1_000_000, 1)}"
        network.blocked.add(hidden)
        ids = (rows["root"]["uri"], rows["reply"]["uri"], hidden, deleted, fresh)
        async with signed_in(network) as (kind, source):
            page = await kind.thread(source, Thread(rows["root"]["uri"], ids))
    assert page.gone == (deleted,)
    assert set(items([page])) == {rows[name]["uri"] for name in ("root", "reply", "deep")}


async def test_without_its_root_the_rest_of_a_thread_is_read_all_the_same() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        del network.posts[rows["root"]["uri"]]
        async with signed_in(network) as (kind, source):
            pages, _ = await everything(kind, source)
            page = await kind.thread(source, Thread(rows["root"]["uri"], tuple(row["uri"] for row in rows.values())))
    assert items(pages)[rows["reply"]["uri"]].thread == rows["root"]["uri"]
    assert page.gone == (rows["root"]["uri"],) and not page.whole_thread


async def test_a_thread_that_cannot_be_shown_keeps_none_of_the_others_away() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        network.trap("app.bsky.feed.getPostThread", 502, {"error": "UpstreamFailure"}, times=4)
        async with signed_in(network) as (kind, source):
            pages, _ = await everything(kind, source)
    assert {rows[name]["uri"] for name in ("reply", "deep", "hello")} <= set(items(pages))


async def test_what_i_answered_elsewhere_is_brought_with_its_thread() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        async with signed_in(network) as (kind, source):
            _, cursor = await everything(kind, source)
            mine = view(ME, 60, "answered in the app", to=rows["hello"]["uri"])
            network.add(mine)
            pages, cursor = await everything(kind, source, cursor)
            assert items(pages)[mine["uri"]].thread == rows["hello"]["uri"]
            assert not items((await everything(kind, source, cursor))[0])


# --- the session ------------------------------------------------------------------------------------------------


async def test_a_session_is_made_once_kept_and_used_again() -> None:
    kept: dict[str, str] = {}
    with Running(Network()) as network:
        for _ in range(3):
            async with signed_in(network, tokens=kept) as (kind, source):
                await everything(kind, source)
        assert network.count("com.atproto.server.createSession") == 1
        assert kept == {"access": network.access, "refresh": network.refresh}
        assert "pass-word" not in json.dumps([each.headers for each in network.asked])


async def test_an_expired_session_is_renewed_once_and_the_new_pair_kept() -> None:
    with Running(Network()) as network:
        kept = {"access": "old", "refresh": network.refresh}
        async with signed_in(network, tokens=kept) as (kind, source):
            await kind.fetch(source, None)
        assert network.count("com.atproto.server.refreshSession") == 1
        assert network.count("com.atproto.server.createSession") == 0
        assert kept == {"access": "access2", "refresh": "refresh2"}


@pytest.mark.parametrize("error", ["ExpiredToken", "InvalidToken"])
async def test_a_session_that_stays_useless_ends_in_one_login_and_no_storm(error: str) -> None:
    with Running(Network()) as network:
        network.trap("app.bsky.notification.listNotifications", 400, {"error": error, "message": "x"})
        async with signed_in(network, tokens={"access": "old", "refresh": "old"}) as (kind, source):
            with pytest.raises(Rejected):
                await kind.fetch(source, None)
        assert network.count("app.bsky.notification.listNotifications") == 2
        assert network.count("com.atproto.server.createSession") <= 2


async def test_a_refused_password_and_another_account_are_told_apart() -> None:
    with Running(Network()) as network:
        async with connected("bluesky", network.base, secret="wrong") as kind:
            with pytest.raises(AuthExpired, match="refused"):
                await kind.check(source_row("bluesky", network.base, account="@me.example"))
        async with connected("bluesky", network.base, secret="pass-word") as kind:
            with pytest.raises(AuthExpired, match="belongs to"):
                await kind.check(source_row("bluesky", network.base, account="@you.example", me=BO))
            who = await kind.check(source_row("bluesky", network.base, account="@me.example"))
            assert (who.me, who.account, who.name) == (ME, "@me.example", "Me Myself")
        network.trap("com.atproto.server.createSession", 401, {"error": "AuthFactorTokenRequired"})
        async with connected("bluesky", network.base, secret="pass-word") as kind:
            with pytest.raises(AuthExpired, match="app password"):
                await kind.check(source_row("bluesky", network.base, account="@me.example"))


async def test_patience_is_asked_for_in_seconds() -> None:
    with Running(Network()) as network:
        network.trap("com.atproto.server.createSession", 429, {"error": "RateLimitExceeded"})
        async with signed_in(network, tokens={}) as (kind, source):
            with pytest.raises(RateLimited):
                await kind.fetch(source, None)


async def test_without_a_credential_nothing_is_asked() -> None:
    with Running(Network()) as network:
        async with connected("bluesky", network.base) as kind:
            capabilities = kind.capabilities(source_row("bluesky", network.base))
            with pytest.raises(AuthExpired):
                await kind.fetch(source_row("bluesky", network.base), None)
        assert not network.asked and not capabilities.acts and set(capabilities.why_not) == set(Act)


async def test_probing_tells_an_account_a_server_and_neither() -> None:
    with Running(Network()) as network:
        async with connected("bluesky", network.base) as kind:
            account = await kind.probe(f"me.example@{network.base}")
            assert account is not None and (account.account, account.address) == ("@me.example", network.base)
            server = await kind.probe(network.base)
            assert server is not None and server.account == ""
            step = await kind.begin_login(source_row("bluesky", network.base))
            assert step is not None and step.asks_account
            assert await kind.probe(f"nobody.example@{network.base}") is None
            network.trap("com.atproto.server.describeServer", 404, b"<html>")
            assert await kind.probe(network.base) is None
            assert await kind.probe("https://blog.example/post") is None


# --- what is sent -----------------------------------------------------------------------------------------------


async def test_a_reply_is_frozen_whole_before_it_leaves() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        async with signed_in(network) as (kind, source):
            item = items((await everything(kind, source))[0])[rows["reply"]["uri"]]
            network.posts[rows["reply"]["uri"]]["cid"] = "cidnow"
            text = "Thanks @bo.example and @who.example, see https://kith.example/x ✨"
            out = await outgoing(kind, source, item, text)
            assert kind.opening(source, out.target) == ""
    record: Any = out.body["record"]
    assert is_tid(str(out.body["rkey"])) and out.body["collection"] == POST
    assert record["reply"]["parent"] == {"uri": rows["reply"]["uri"], "cid": "cidnow"}
    assert record["reply"]["root"] == {"uri": rows["root"]["uri"], "cid": "cidroot"}
    assert moment(record["createdAt"]) == NOW and record["createdAt"].endswith("Z")
    assert [each["features"][0].get("did") or each["features"][0]["uri"] for each in record["facets"]] == [
        BO,
        "https://kith.example/x",
    ]
    for facet, words in zip(record["facets"], ("@bo.example", "https://kith.example/x"), strict=True):
        index = facet["index"]
        assert text.encode()[index["byteStart"] : index["byteEnd"]].decode() == words


async def replying(network: Network, kind: Adapter, source: Source, text: str = "Thanks") -> Any:
    rows = conversation(network)
    return await outgoing(kind, source, items((await everything(kind, source))[0])[rows["reply"]["uri"]], text)


async def test_a_reply_is_sent_once_however_often_it_is_repeated() -> None:
    with Running(Network()) as network:
        async with signed_in(network) as (kind, source):
            assert kind.capabilities(source).repeat is Repeat.FREELY
            out = await replying(network, kind, source)
            assert await kind.look(source, out) == []
            sent = await kind.send(source, out)
            assert (await kind.send(source, out)).remote_id == sent.remote_id, "a 500 for what is there already"
            assert (await kind.send(source, dataclasses.replace(out, attempt=2))).remote_id == sent.remote_id
            assert [each.remote_id for each in await kind.look(source, out)] == [sent.remote_id]
        assert len(network.records) == 1
        assert sent.item is not None and sent.item.author.is_me and sent.item.thread == uri(ME, 1)
        assert sent.permalink == f"https://bsky.app/profile/{ME}/post/{out.body['rkey']}"


async def test_a_name_that_holds_other_words_is_not_taken_for_ours() -> None:
    with Running(Network()) as network:
        async with signed_in(network) as (kind, source):
            out = await replying(network, kind, source)
            network.records[f"at://{ME}/{POST}/{out.body['rkey']}"] = {"text": "something else"}
            with pytest.raises(Unreachable) as caught:
                await kind.send(source, out)
            assert caught.value.maybe_done


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (400, {"error": "InvalidRequest", "message": "Invalid app.bsky.feed.post record: too long"}, Rejected),
        (500, {"error": "InternalServerError"}, Unreachable),
        (502, b"<html>", Unreachable),
        (429, {"error": "RateLimitExceeded"}, RateLimited),
        (200, {}, Garbled),
        (200, b"<html>", Garbled),
    ],
)
async def test_each_answer_to_a_send_means_what_it_proves(code: int, body: object, error: type[Exception]) -> None:
    with Running(Network()) as network:
        async with signed_in(network) as (kind, source):
            out = await replying(network, kind, source)
            network.trap("com.atproto.repo.createRecord", code, body)
            with pytest.raises(error):
                await kind.send(source, out)
            assert await kind.look(source, out) == []


async def test_what_cannot_be_answered_is_refused_before_anything_leaves() -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        async with signed_in(network) as (kind, source):
            item = items((await everything(kind, source))[0])[rows["reply"]["uri"]]
            for text in ("", "x" * 301, "👨‍👩‍👧‍👦" * 121):
                with pytest.raises(Rejected):
                    await outgoing(kind, source, item, text)
            network.posts[rows["reply"]["uri"]]["viewer"] = {"replyDisabled": True}
            with pytest.raises(Rejected, match="does not allow"):
                await outgoing(kind, source, item, "x")
            del network.posts[rows["reply"]["uri"]]
            with pytest.raises(Rejected, match="not there"):
                await outgoing(kind, source, item, "x")
        assert not network.records


@pytest.mark.parametrize(
    ("act", "collection", "field"),
    [(Act.LIKE, "app.bsky.feed.like", "like"), (Act.BOOST, "app.bsky.feed.repost", "repost")],
)
async def test_a_touch_is_one_record_and_none_when_it_is_there(act: Act, collection: str, field: str) -> None:
    with Running(Network()) as network:
        rows = conversation(network)
        async with signed_in(network) as (kind, source):
            item = items((await everything(kind, source))[0])[rows["reply"]["uri"]]
            out = await outgoing(kind, source, item, act=act)
            sent = await kind.send(source, out)
            assert sent.remote_id in network.records and f"/{collection}/" in sent.remote_id
            assert [each.remote_id for each in await kind.look(source, out)] == [sent.remote_id]
            network.posts[rows["reply"]["uri"]]["viewer"] = {field: sent.remote_id}
            again = await outgoing(kind, source, item, act=act, key="another")
            assert (await kind.send(source, again)).note and len(network.records) == 1


# --- a real network ---------------------------------------------------------------------------------------------


async def until(done: Callable[[], Awaitable[bool]], *, within_s: float = 30) -> None:
    """Wait for the network to have taken note."""
    import anyio

    end = time.monotonic() + within_s
    while not await done():
        assert time.monotonic() < end, "the network did not take note in time"
        await anyio.sleep(0.2)


@pytest.mark.peer
async def test_a_real_network_is_read_answered_and_read_again(bluesky_peer: dict[str, Any]) -> None:
    base, posts, users = bluesky_peer["base_url"], bluesky_peer["posts"], bluesky_peer["users"]
    alice, bob = users["alice"], users["bob"]
    secret, now, tokens = bluesky_peer["app_password"]["password"], int(time.time()), dict[str, str]()
    async with connected("bluesky", base, secret=secret, tokens=tokens, now=now) as kind:
        found = await kind.probe(f"alice.test@{base}")
        assert found is not None and found.account == "@alice.test"
        plain = source_row("bluesky", found.address, account=found.account)
        source = known_as(plain, await kind.check(plain))
        assert source.me == alice["did"] and set(tokens) == {"access", "refresh"}

        pages, cursor = await everything(kind, source)
        by_id = items(pages)
        assert {row["uri"] for row in posts.values()} <= set(by_id)
        assert by_id[posts["bob_reply"]["uri"]].to_me and by_id[posts["carol_mention"]["uri"]].to_me
        assert by_id[posts["carol_nested_reply"]["uri"]].thread == posts["root"]["uri"]
        kinds = {signal.kind for page in pages for signal in page.signals}
        assert {SignalKind.LIKE, SignalKind.BOOST, SignalKind.FOLLOW, SignalKind.QUOTE} <= kinds
        assert sum(page.refused for page in pages) == 0

        text = f"Thanks @bob.test! https://kith.example/{now} #kith ✨"
        out = await outgoing(kind, source, by_id[posts["carol_nested_reply"]["uri"]], text, key=f"k{now}", now=now)
        assert await kind.look(source, out) == []
        sent = await kind.send(source, out)
        assert (await kind.send(source, out)).remote_id == sent.remote_id
        assert (await kind.send(source, dataclasses.replace(out, attempt=2))).remote_id == sent.remote_id
        assert [each.remote_id for each in await kind.look(source, out)] == [sent.remote_id]
        thread = Thread(posts["root"]["uri"], (*by_id, f"at://{bob['did']}/{POST}/3ke6kg3wk2227"))

        async def in_thread() -> bool:
            return sent.remote_id in items([await kind.thread(source, thread)])

        await until(in_thread)
        page = await kind.thread(source, thread)
        assert page.gone == (thread.item_ids[-1],)
        assert items([page])[sent.remote_id].parent_id == posts["carol_nested_reply"]["uri"]
        for act in (Act.LIKE, Act.BOOST):
            touch = await outgoing(kind, source, by_id[posts["bob_reply"]["uri"]], act=act, key=f"{act}{now}", now=now)
            assert (await kind.send(source, touch)).remote_id

    async with connected("bluesky", base, secret=f"bob.test:{bob['password']}", now=now) as kind:
        plain = source_row("bluesky", base)
        bobs = known_as(plain, await kind.check(plain))

        async def heard() -> bool:
            return sent.remote_id in items((await everything(kind, bobs))[0])

        await until(heard)
        pages, _ = await everything(kind, bobs)
        assert items(pages)[sent.remote_id].to_me, "the mention facet reached Bob"
        assert re.search(r"https://kith\.example/\d+", items(pages)[sent.remote_id].text)

    async with connected("bluesky", base, secret=secret, tokens=tokens, now=now) as kind:
        again, _ = await everything(kind, source, cursor)
        assert set(items(again)) >= {sent.remote_id}, "my own reply is seen as answered elsewhere"


@pytest.mark.peer
async def test_a_real_network_takes_our_put_where_a_first_try_never_arrived(bluesky_peer: dict[str, Any]) -> None:
    base, now = bluesky_peer["base_url"], int(time.time())
    secret = bluesky_peer["app_password"]["password"]
    async with connected("bluesky", base, secret=f"alice.test:{secret}", now=now) as kind:
        plain = source_row("bluesky", base)
        source = known_as(plain, await kind.check(plain))
        pages, _ = await everything(kind, source)
        item = items(pages)[bluesky_peer["posts"]["bob_reply"]["uri"]]
        out = await outgoing(kind, source, item, f"second try {now}", key=f"second {now}", now=now)
        sent = await kind.send(source, dataclasses.replace(out, attempt=2))
        assert [each.remote_id for each in await kind.look(source, out)] == [sent.remote_id]


@pytest.mark.peer
async def test_a_real_network_says_expired_in_the_way_we_expect(bluesky_peer: dict[str, Any]) -> None:
    base = bluesky_peer["base_url"]
    secret = bluesky_peer["app_password"]["password"]
    tokens = {"access": "nonsense", "refresh": "nonsense"}
    async with connected("bluesky", base, secret=f"alice.test:{secret}", tokens=tokens) as kind:
        who = await kind.check(source_row("bluesky", base))
    assert who.account == "@alice.test" and tokens["access"] != "nonsense"
    async with connected("bluesky", base, secret="alice.test:wrong-wrong-wrong-wrong") as kind:
        with pytest.raises(AuthExpired):
            await kind.check(source_row("bluesky", base))


def test_the_links_of_a_profile_are_those_of_its_description() -> None:
    here = Here(ME, NOW)
    full = {"did": BO, "handle": "bo.example", "description": "Writes at https://bo.example/ and javascript:alert(1)"}
    found = author_of(full, here).links
    assert found is not None
    assert [(each.url, each.is_proved) for each in found] == [("https://bo.example/", False)]
    assert author_of({"did": BO, "handle": "bo.example"}, here).links is None
