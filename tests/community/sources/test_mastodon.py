"""Mastodon and its relatives: against the contract, a small server with traps, and the demo town."""

import dataclasses
import json
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from adapters import connected, everything, known_as, outgoing, source_row
from community.errors import AuthExpired, Garbled, RateLimited, Rejected, Uncertain, Unreachable
from community.model import Source
from community.sources.base import (
    Act,
    Adapter,
    Incoming,
    ItemKind,
    LengthRule,
    Page,
    Repeat,
    SignalKind,
    Thread,
)
from community.sources.fediverse import facts, length_rule, repeat, reply_visibility
from community.sources.fields import moment
from community.sources.mastodon_http import server_of
from community.sources.mastodon_parse import Here, author_of, item_of
from community.town import Town
from fediverse_server import (
    ANN,
    BO,
    ME,
    MY_ACCOUNT,
    Asked,
    Fediverse,
    Running,
    account,
    note,
    stamp,
    status,
)

pytestmark = pytest.mark.anyio

CONTRACT = (
    Path(os.environ.get("KITH_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts")) / "mastodon/openapi.json"
)
MORNING = moment(stamp(30)) or 0
MASTODONS = ("mastodon", "replay", "graphemes", Repeat.SAME_KEY)
HERE = Here("https://m.example", "m.example", "https://m.example/users/me", "@me@m.example", ME, MORNING)


@cache
def contract() -> Any:
    if not CONTRACT.is_file():
        pytest.skip(f"{CONTRACT} is missing")
    return json.loads(CONTRACT.read_text("utf-8"))


def faults(value: object, schema: dict[str, Any]) -> list[str]:
    """What is wrong with `value` by a schema of the contract."""
    from jsonschema import Draft202012Validator

    whole = schema | {"components": contract()["components"]}
    return [f"{list(error.absolute_path)}: {error.message}" for error in Draft202012Validator(whole).iter_errors(value)]


@asynccontextmanager
async def signed_in(town: Fediverse, *, now: int = MORNING, me: bool = True) -> AsyncIterator[tuple[Adapter, Source]]:
    """The adapter, and the source as it is once the token was checked."""
    async with connected("mastodon", town.base, secret="token", now=now) as kind:
        source = source_row("mastodon", town.base)
        yield kind, known_as(source, await kind.check(source)) if me else source


def items(pages: list[Page]) -> dict[str, Incoming]:
    return {item.remote_id: item for page in pages for item in page.items}


def mention_of_me(id_: str, by: dict[str, Any] = BO, html: str = "@me hello", **more: Any) -> dict[str, Any]:
    return status(id_, by, html, names=[MY_ACCOUNT], **more)


def told(town: Fediverse, first: int, count: int) -> None:
    """`count` mentions by as many people, each a thread of its own."""
    for number in range(first, first + count):
        row = mention_of_me(str(10_000 + number), account(f"p{number}", f"1{number}", "else.example"), at=number)
        town.add(row)
        town.notes.append(note(str(number), "mention", row["account"], row))


# --- what is read -----------------------------------------------------------------------------------------------


async def test_a_mention_comes_with_its_whole_thread() -> None:
    with Running(Fediverse()) as town:
        town.add(
            status("100", MY_ACCOUNT, "I wrote this", at=1),
            status("101", ANN, "a sibling", at=2, to="100"),
            mention_of_me("102", at=3, to="100"),
            status("103", BO, "to myself", at=4, to="102"),
        )
        town.notes.append(note("7", "mention", BO, town.statuses["102"]))
        async with signed_in(town) as (kind, source):
            pages, _ = await everything(kind, source)
    found = items(pages)
    assert list(found) == ["100", "101", "102", "103"]
    assert {item.thread for item in found.values()} == {"100"}
    assert found["100"].kind is ItemKind.ARTICLE and found["100"].author.is_me and not found["100"].to_me
    assert found["101"].kind is ItemKind.REPLY and found["101"].to_me, "a reply to mine is to me without my name"
    assert found["102"].to_me and found["102"].parent_id == "100"
    assert not found["103"].to_me
    assert found["102"].author.handle == "@bo@rock.example"
    assert found["101"].author.handle == "@ann@m.example"
    assert json.loads(found["102"].extra["mentions"]) == []


async def test_a_backlog_of_many_pages_comes_whole_and_then_nothing_comes_twice() -> None:
    with Running(Fediverse()) as town:
        told(town, 900, 250)
        async with signed_in(town) as (kind, source):
            pages, cursor = await everything(kind, source)
            assert len(items(pages)) == 250
            assert "1149" in json.dumps([dataclasses.asdict(page)["cursor"] for page in pages[:1]])
            again, same = await everything(kind, source, cursor)
            assert not items(again) and same == cursor


async def test_what_arrived_between_two_visits_is_walked_upward_without_a_hole() -> None:
    with Running(Fediverse()) as town:
        told(town, 990, 5)
        async with signed_in(town) as (kind, source):
            _, cursor = await everything(kind, source)
            told(town, 995, 130)
            pages, cursor = await everything(kind, source, cursor)
            assert sorted(items(pages)) == sorted(str(10_000 + number) for number in range(995, 1125))
            assert all(("min_id", "") not in each.query for each in town.asked)


async def test_ids_are_compared_by_length_and_never_cast() -> None:
    with Running(Fediverse()) as town:
        told(town, 999, 1)
        async with signed_in(town) as (kind, source):
            _, cursor = await everything(kind, source)
            told(town, 1000, 1)
            pages, cursor = await everything(kind, source, cursor)
            assert set(items(pages)) == {"11000"}
            assert json.loads(cursor or "")["note"] == "1000"


async def test_ids_that_are_no_numbers_are_walked_just_as_well() -> None:
    with Running(Fediverse(software="gotosocial")) as town:
        for number, id_ in enumerate(["01ARZ3NDEKTSV4RRFFQ69G5FAA", "01ARZ3NDEKTSV4RRFFQ69G5FAB"]):
            row = mention_of_me(f"01BX5ZZKBKACTAV9WEVGEMMV{number:02}")
            town.add(row)
            town.notes.append(note(id_, "mention", BO, row))
        async with signed_in(town) as (kind, source):
            pages, cursor = await everything(kind, source)
            assert len(items(pages)) == 2
            assert json.loads(cursor or "")["note"] == "01ARZ3NDEKTSV4RRFFQ69G5FAB"


@pytest.mark.parametrize("deaf_to", [{"min_id"}, {"max_id"}, {"min_id", "max_id"}])
async def test_a_server_that_ignores_a_cursor_makes_no_endless_loop(deaf_to: set[str]) -> None:
    with Running(Fediverse(deaf_to=frozenset(deaf_to))) as town:
        told(town, 900, 60)
        async with signed_in(town) as (kind, source):
            _, cursor = await everything(kind, source)
            told(town, 960, 3)
            pages, _ = await everything(kind, source, cursor)
            assert {str(10_000 + number) for number in (960, 961, 962)} <= set(items(pages))


async def test_a_thread_is_read_once_for_all_of_its_mentions() -> None:
    with Running(Fediverse()) as town:
        town.add(status("100", MY_ACCOUNT, "root"))
        for number in range(101, 121):
            town.add(mention_of_me(str(number), at=number, to="100"))
            town.notes.append(note(str(number), "mention", BO, town.statuses[str(number)]))
        async with signed_in(town) as (kind, source):
            pages, _ = await everything(kind, source)
        assert len(items(pages)) == 21
        assert town.count(r".*/context") == 2, "one to find the root, one from the root down"


async def test_more_threads_than_fit_into_one_call_come_in_the_next() -> None:
    with Running(Fediverse(page=80)) as town:
        for number in range(100, 160):
            town.add(status(str(number), ANN, "root"), mention_of_me(f"1{number}", to=str(number)))
            town.notes.append(note(str(number), "mention", BO, town.statuses[f"1{number}"]))
        async with signed_in(town) as (kind, source):
            page = await kind.fetch(source, None)
            assert page.has_more and 0 < len(page.items) < 120
            rest, _ = await everything(kind, source, page.cursor)
            assert len(items([page, *rest])) == 120


async def test_what_i_answered_elsewhere_is_brought_with_its_thread() -> None:
    with Running(Fediverse()) as town:
        town.add(status("100", ANN, "root"), mention_of_me("101", to="100"))
        town.notes.append(note("7", "mention", BO, town.statuses["101"]))
        async with signed_in(town) as (kind, source):
            _, cursor = await everything(kind, source)
            town.add(status("102", MY_ACCOUNT, "answered on the web", to="101"))
            pages, cursor = await everything(kind, source, cursor)
            assert items(pages)["102"].thread == "100" and items(pages)["102"].author.is_me
            assert not items((await everything(kind, source, cursor))[0])


async def test_a_reply_that_drops_my_name_is_found_in_the_thread() -> None:
    with Running(Fediverse()) as town:
        town.add(status("100", MY_ACCOUNT, "root"))
        async with signed_in(town) as (kind, source):
            pages, cursor = await everything(kind, source)
            assert set(items(pages)) == {"100"}
            town.add(status("101", ANN, "silent", to="100"))
            assert not items((await everything(kind, source, cursor))[0])
            page = await kind.thread(source, Thread("100", ("100",)))
    assert items([page])["101"].to_me and page.whole_thread


async def test_edits_and_the_servers_own_404_are_seen_in_the_thread() -> None:
    with Running(Fediverse()) as town:
        town.add(status("100", MY_ACCOUNT, "root"), status("101", ANN, "new words", to="100", edited_at=stamp(9)))
        async with signed_in(town) as (kind, source):
            page = await kind.thread(source, Thread("100", ("100", "101", "102")))
            assert items([page])["101"].edited_at == moment(stamp(9))
            assert page.gone == ("102",) and page.whole_thread


async def test_without_its_root_the_rest_of_a_thread_is_read_all_the_same() -> None:
    with Running(Fediverse()) as town:
        town.add(status("101", ANN, "orphan", to="100"), status("102", BO, "below", to="101"))
        async with signed_in(town) as (kind, source):
            page = await kind.thread(source, Thread("100", ("100", "101", "102")))
    assert page.gone == ("100",) and set(items([page])) == {"101", "102"}
    assert {item.thread for item in page.items} == {"100"} and not page.whole_thread


@pytest.mark.parametrize(("code", "body"), [(404, b"<html>nginx</html>"), (410, b"<html>gone</html>"), (403, b"{}")])
async def test_a_page_that_is_not_the_servers_word_deletes_nothing(code: int, body: bytes) -> None:
    with Running(Fediverse()) as town:
        async with signed_in(town) as (kind, source):
            town.trap("/api/v1/statuses/.*", code, body, Content_Type="text/html")
            with pytest.raises(Rejected):
                await kind.thread(source, Thread("100", ("100",)))


async def test_a_context_that_cannot_be_had_keeps_the_mention_without_inventing_its_thread() -> None:
    with Running(Fediverse()) as town:
        town.add(status("100", ANN, "root"), mention_of_me("101", to="100"), mention_of_me("102"))
        town.statuses["102"]["replies_count"] = 3
        town.notes += [note("7", "mention", BO, town.statuses["101"]), note("8", "mention", BO, town.statuses["102"])]
        town.trap(".*/context", 500, {"error": "timeout"})
        async with signed_in(town) as (kind, source):
            pages, _ = await everything(kind, source)
    assert items(pages)["101"].thread is None and items(pages)["102"].thread == "102"


async def test_of_a_crowd_what_touches_me_is_kept_and_nothing_counts_as_gone() -> None:
    with Running(Fediverse()) as town:
        town.add(
            status("1000", ANN, "famous"), mention_of_me("1001", to="1000"), status("1002", MY_ACCOUNT, "I", to="1001")
        )
        town.add(*(status(str(number), BO, "crowd", to="1000") for number in range(1003, 1603)))
        town.notes.append(note("7", "mention", BO, town.statuses["1001"]))
        async with signed_in(town) as (kind, source):
            found = items((await everything(kind, source))[0])
            assert {"1000", "1001", "1002"} <= set(found) and len(found) < 510
            before = len(town.asked)
            page = await kind.thread(source, Thread("1000", tuple(str(number) for number in range(1000, 1603))))
            assert not page.gone and not page.whole_thread and len(town.asked) == before + 2


async def test_touches_become_signals_and_unknown_ones_break_nothing() -> None:
    with Running(Fediverse()) as town:
        mine = status("100", MY_ACCOUNT, "root")
        town.add(mine)
        quoting = status("200", ANN, "look at this", quote={"state": "accepted", "quoted_status": mine})
        town.add(quoting)
        town.notes += [
            note("1", "favourite", BO, mine),
            note("2", "reblog", BO, mine),
            note("3", "follow", BO),
            note("4", "quote", ANN, quoting),
            note("5", "something_of_2031", ANN, mine),
            note("6", "poll", ANN, mine),
            note("7", "severed_relationships", ANN),
            note("8", "admin.sign_up", ANN),
        ]
        async with signed_in(town) as (kind, source):
            pages, _ = await everything(kind, source)
    found = {signal.remote_id: (signal.kind, signal.item_id) for page in pages for signal in page.signals}
    assert found == {
        "1": (SignalKind.LIKE, "100"),
        "2": (SignalKind.BOOST, "100"),
        "3": (SignalKind.FOLLOW, None),
        "4": (SignalKind.QUOTE, "100"),
        "5": (SignalKind.OTHER, "100"),
    }
    assert "200" in items(pages), "what somebody says about my post is worth reading"


async def test_one_broken_entry_is_refused_and_counted_and_the_page_goes_on() -> None:
    with Running(Fediverse()) as town:
        told(town, 900, 1)
        good = town.notes[0]
        broken: list[Any] = [
            None,
            7,
            {"id": None, "type": "mention"},
            note("905", "mention", BO, {"id": 12, "content": None, "account": None}),
            note("904", "favourite", {"acct": ""}),
            note("903", "mention", BO, status("100", BO, "fine", created_at="9999-99-99", edited_at=12, mentions="no")),
            note(
                "902", "mention", BO, status("101", BO, "fine", spoiler_text=None, uri=["x"], url="javascript:alert(1)")
            ),
        ]
        town.trap("/api/v1/notifications", 200, [*broken, good])
        async with signed_in(town) as (kind, source):
            page = await kind.fetch(source, None)
    found = items([page])
    assert set(found) == {"100", "101", "10900"}
    assert page.refused == 5
    assert found["100"].created_at == MORNING and found["101"].permalink is None


async def test_a_filter_of_mine_that_hides_is_obeyed() -> None:
    with Running(Fediverse()) as town:
        row = mention_of_me("101", filtered=[{"filter": {"filter_action": "hide"}, "keyword_matches": ["spoil"]}])
        town.add(row)
        town.notes.append(note("7", "mention", BO, row))
        async with signed_in(town) as (kind, source):
            assert not items((await everything(kind, source))[0])


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"<html>maintenance</html>", b"", b"{"])
async def test_answers_that_are_no_mastodon_are_garbled(body: bytes) -> None:
    with Running(Fediverse()) as town:
        async with signed_in(town) as (kind, source):
            town.trap("/api/v1/notifications", 200, body if body != b"[]" else b"{}")
            with pytest.raises(Garbled):
                await kind.fetch(source, None)


async def test_patience_is_asked_for_in_iso_time() -> None:
    with Running(Fediverse()) as town:
        async with signed_in(town) as (kind, source):
            town.trap(
                "/api/v1/notifications",
                429,
                {"error": "Too many requests"},
                Date="Sun, 01 Mar 2026 00:30:00 GMT",
                X_RateLimit_Reset="2026-03-01T00:34:00.123456Z",
            )
            with pytest.raises(RateLimited) as caught:
                await kind.fetch(source, None)
    assert 235 <= caught.value.retry_after_s <= 245 or caught.value.retry_after_s == 30


async def test_what_was_read_before_the_limit_is_kept() -> None:
    with Running(Fediverse()) as town:
        told(town, 900, 3)
        async with signed_in(town) as (kind, source):
            town.trap("/api/v1/accounts/5/statuses", 429, {"error": "Too many requests"})
            page = await kind.fetch(source, None)
    assert len(page.items) == 3 and page.next_check_s and not page.has_more
    assert json.loads(page.cursor or "")["note"] == "902"


async def test_a_refused_token_is_said_to_have_expired() -> None:
    with Running(Fediverse()) as town:
        town.trap("/api/v1/.*", 401, {"error": "The access token is invalid"})
        async with connected("mastodon", town.base, secret="token") as kind:
            for call in (
                kind.check(source_row("mastodon", town.base)),
                kind.fetch(source_row("mastodon", town.base), None),
            ):
                with pytest.raises(AuthExpired):
                    await call


async def test_without_a_credential_nothing_is_asked() -> None:
    with Running(Fediverse()) as town:
        async with connected("mastodon", town.base) as kind:
            source = source_row("mastodon", town.base)
            capabilities = kind.capabilities(source)
            with pytest.raises(AuthExpired):
                await kind.fetch(source, None)
        assert not town.asked and not capabilities.acts
        assert set(capabilities.why_not) == set(Act)


# --- mapping ----------------------------------------------------------------------------------------------------


def test_one_account_has_one_key_from_wherever_it_is_seen() -> None:
    rock = dataclasses.replace(HERE, base="https://rock.example", domain="rock.example")
    at_home = author_of(account("bo", "1") | {key: BO[key] for key in ("uri", "url")}, rock)
    away = author_of(BO, HERE)
    assert away.key == "https://rock.example/users/bo" and away.network == "fediverse"
    assert (at_home.key, at_home.handle) == (away.key, away.handle)
    old = {key: value for key, value in BO.items() if key not in ("uri", "url")}
    assert author_of(old, HERE).key == "bo@rock.example"


def test_text_is_what_people_read() -> None:
    html = (
        '<p><span class="h-card"><a href="https://m.example/@me" class="u-url mention">@<span>me</span></a></span> see '
        '<a href="https://a.example/long/path"><span class="invisible">https://</span><span class="ellipsis">a.example/'
        'lo</span><span class="invisible">ng/path</span></a><br>bye \x1b[2J</p>'
    )
    row = status("1", BO, "x", content=html, spoiler_text="Careful\u202e\x1b[0m")
    row["media_attachments"] = [{"type": "image", "description": "A \x07cat"}]
    item = item_of(row, HERE, thread="1", parent=None)
    assert item.text == "@me see https://a.example/long/path\nbye \ufffd[2J\n\n[image: A \ufffdcat]"
    assert item.title == "Careful\ufffd\ufffd[0m" and item.raw == html.encode()


def test_kinds_follow_visibility_and_parent() -> None:
    def kind(**more: Any) -> ItemKind:
        by = more.pop("by", BO)
        return item_of(status("1", by, "x", **more), HERE, thread="1", parent=None).kind

    assert kind(visibility="direct", to="9") is ItemKind.MESSAGE
    assert kind(to="9") is ItemKind.REPLY
    assert kind(by=MY_ACCOUNT) is ItemKind.ARTICLE
    assert kind(names=[MY_ACCOUNT]) is ItemKind.MENTION
    assert kind() is ItemKind.COMMENT


@pytest.mark.parametrize(
    ("nodeinfo", "instance", "expected"),
    [
        ({"software": {"name": "Mastodon"}}, {}, MASTODONS),
        (
            {},
            {"version": "4.3.1", "api_versions": {"mastodon": 2}},
            ("mastodon", "replay", "graphemes", Repeat.SAME_KEY),
        ),
        ({"software": {"name": "gotosocial"}}, {}, ("gotosocial", "none", "codepoints", Repeat.NEVER)),
        ({}, {"version": "2.7.2 (compatible; Pleroma 2.6)"}, ("pleroma", "replay", "codepoints", Repeat.SAME_KEY)),
        ({}, {"version": "2.7.2 (compatible; Akkoma 3.1)"}, ("akkoma", "replay", "codepoints", Repeat.SAME_KEY)),
        ({"software": {"name": "snac2"}}, {}, ("snac", "none", "codepoints", Repeat.NEVER)),
        ({}, {"version": "3.5.3 (compatible; Pixelfed 0.12)"}, ("pixelfed", "reject", "codepoints", Repeat.NEVER)),
        (
            {"software": {"name": "wonderserver"}},
            {"version": "4.2.0"},
            ("wonderserver", "none", "codepoints", Repeat.NEVER),
        ),
        ({"software": 7}, {"version": ["x"]}, ("", "none", "codepoints", Repeat.NEVER)),
    ],
)
def test_each_family_is_known_and_the_unknown_is_trusted_least(
    nodeinfo: dict[str, Any], instance: dict[str, Any], expected: tuple[str, str, str, Repeat]
) -> None:
    options = facts(nodeinfo, instance, host="m.example")
    assert (options["software"], options["idempotency"], options["length"], repeat(options)) == expected


def test_lengths_come_from_the_server_and_have_a_safe_default() -> None:
    limits = {"configuration": {"statuses": {"max_characters": 5000, "characters_reserved_per_url": 25}}}
    assert length_rule(facts({"software": {"name": "gotosocial"}}, limits, host="x")) == LengthRule(5000, "codepoints")
    assert length_rule(facts({"software": {"name": "mastodon"}}, limits, host="x")) == LengthRule(
        5000, "graphemes", 25, short_mentions=True
    )
    assert length_rule(facts({}, {"max_toot_chars": 900}, host="x")).limit == 900
    assert length_rule({}) == LengthRule(500, "codepoints")
    assert length_rule({"max_chars": "-1", "url_cost": "x", "length": "graphemes"}).limit == 500


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("@me@m.example", ("https://m.example", "@me@m.example")),
        ("me@m.example", ("https://m.example", "@me@m.example")),
        ("M.example", ("https://m.example", "")),
        ("https://m.example/@me", ("https://m.example", "@me@m.example")),
        ("http://m.example/users/me/", ("https://m.example", "@me@m.example")),
        ("https://m.example/@bo@rock.example", ("https://rock.example", "@bo@rock.example")),
        ("127.0.0.1:4000", ("http://127.0.0.1:4000", "")),
        ("@me@localhost:4000", ("http://localhost:4000", "@me@localhost:4000")),
        ("https://m.example/@me.rss/feed", None),
        ("https://blog.example/2026/03/a-post/", None),
        ("@me.bsky.social", None),
        ("alice.test@http://127.0.0.1:17610", None),
        ("ftp://m.example/", None),
        ("https://u:p@m.example/", None),
        ("", None),
    ],
)
def test_addresses_are_read_as_people_paste_them(address: str, expected: tuple[str, str] | None) -> None:
    assert server_of(address) == expected


async def test_probing_tells_the_server_and_leaves_others_alone() -> None:
    with Running(Fediverse(software="gotosocial")) as town:
        async with connected("mastodon", town.base) as kind:
            found = await kind.probe(f"@me@{town.base.partition('://')[2]}")
            assert found is not None and found.address == town.base and found.options["software"] == "gotosocial"
            assert found.account == f"@me@{town.base.partition('://')[2]}" and found.needs_credential
            town.trap(".*", 200, b"<html>a blog</html>", Content_Type="text/html")
            assert await kind.probe(town.base) is None


# --- what is sent -----------------------------------------------------------------------------------------------


async def a_mention(kind: Adapter, source: Source, id_: str = "101") -> Incoming:
    return items((await everything(kind, source))[0])[id_]


def with_mention(town: Fediverse, **more: Any) -> None:
    row = mention_of_me("101", **more)
    town.add(row)
    town.notes.append(note("7", "mention", row["account"], row))


async def test_a_reply_begins_with_everybody_but_me() -> None:
    with Running(Fediverse()) as town:
        with_mention(town)
        town.statuses["101"]["mentions"] += [
            {"id": "78", "username": "ann", "acct": "ann", "url": ANN["url"]},
            {"id": "77", "username": "bo", "acct": "Bo@rock.example", "url": BO["url"]},
            {"id": "80", "username": "cy", "acct": "cy@c.example", "url": "https://c.example/@cy"},
        ]
        async with signed_in(town) as (kind, source):
            item = await a_mention(kind, source)
            plain = await outgoing(kind, source, item, "x")
            assert kind.opening(source, plain.target) == "@bo@rock.example @ann@m.example @cy@c.example "
            mine = dataclasses.replace(plain.target, author=dataclasses.replace(item.author, is_me=True))
            assert kind.opening(source, mine) == "@ann@m.example @cy@c.example "
            odd = dataclasses.replace(plain.target, extra={"mentions": '{"a": [1'})
            assert kind.opening(source, odd) == "@bo@rock.example "


@pytest.mark.parametrize("visibility", ["public", "unlisted", "private", "direct"])
async def test_a_reply_is_never_seen_wider_than_what_it_answers(visibility: str) -> None:
    with Running(Fediverse()) as town:
        with_mention(town, visibility=visibility, spoiler_text="Food")
        async with signed_in(town) as (kind, source):
            out = await outgoing(kind, source, await a_mention(kind, source), "@bo@rock.example yes")
    assert out.body == {
        "status": "@bo@rock.example yes",
        "in_reply_to_id": "101",
        "visibility": visibility,
        "spoiler_text": "Food",
        "sensitive": True,
    }


def test_a_visibility_that_a_server_cannot_post_with_becomes_the_narrowest() -> None:
    assert reply_visibility("mutuals_only", {"software": "gotosocial"}) == "mutuals_only"
    assert reply_visibility("mutuals_only", {"software": "mastodon"}) == "direct"
    assert reply_visibility("list:7", {"software": "akkoma"}) == "direct"
    assert reply_visibility("direct", {"software": "pixelfed"}) == "private"
    assert reply_visibility("", {}) == "direct"


async def test_a_private_answer_to_nobody_and_one_too_long_never_leave() -> None:
    with Running(Fediverse()) as town:
        with_mention(town, visibility="direct", spoiler_text="Food")
        async with signed_in(town) as (kind, source):
            item = await a_mention(kind, source)
            for text in ("no handle at all", "", "@bo@rock.example " + "x" * 493):
                with pytest.raises(Rejected):
                    await outgoing(kind, source, item, text)
            await outgoing(kind, source, item, "@bo@rock.example " + "x" * 492)
        assert town.count("/api/v1/statuses") == 0


async def test_a_reply_leaves_once_with_its_key_and_comes_back_as_an_item() -> None:
    with Running(Fediverse()) as town:
        with_mention(town)
        async with signed_in(town) as (kind, source):
            out = await outgoing(
                kind, source, await a_mention(kind, source), "@bo@rock.example “Thanks” –\n\nsee you.", key="K"
            )
            assert await kind.look(source, out) == []
            sent = await kind.send(source, out)
            again = await kind.send(source, dataclasses.replace(out, attempt=2))
            assert again.remote_id == sent.remote_id and len(town.keys) == 1
            found = await kind.look(source, out)
        assert [each.remote_id for each in found] == [sent.remote_id]
        assert sent.item is not None and sent.item.thread == "101" and sent.item.parent_id == "101"
        assert sent.item.author.is_me and sent.permalink
        posts = [each for each in town.asked if each.method == "POST"]
        assert all(each.headers["idempotency-key"] == "K" for each in posts)


async def test_where_the_key_means_nothing_both_copies_are_found() -> None:
    with Running(Fediverse(software="gotosocial")) as town:
        with_mention(town)
        async with signed_in(town) as (kind, source):
            assert kind.capabilities(source).repeat is Repeat.NEVER
            out = await outgoing(kind, source, await a_mention(kind, source), "@bo@rock.example thanks")
            await kind.send(source, out)
            await kind.send(source, out)
            assert len(await kind.look(source, out)) == 2


async def test_a_key_that_was_seen_before_is_uncertain_and_not_a_failure() -> None:
    with Running(Fediverse(software="pixelfed")) as town:
        with_mention(town)
        async with signed_in(town) as (kind, source):
            out = await outgoing(kind, source, await a_mention(kind, source), "@bo@rock.example thanks")
            await kind.send(source, out)
            with pytest.raises(Uncertain):
                await kind.send(source, dataclasses.replace(out, attempt=2))
            assert len(await kind.look(source, out)) == 1


async def test_other_words_another_parent_or_an_older_time_are_no_trace() -> None:
    with Running(Fediverse()) as town:
        with_mention(town)
        async with signed_in(town) as (kind, source):
            out = await outgoing(kind, source, await a_mention(kind, source), "@bo@rock.example thanks")
            town.add(
                status("200", MY_ACCOUNT, "@bo thanks a lot", at=30, to="101"),
                status("201", MY_ACCOUNT, "@bo thanks", at=30),
                status("202", MY_ACCOUNT, "@bo thanks", at=20, to="101"),
                status("203", BO, "@bo thanks", at=30, to="101"),
            )
            assert await kind.look(source, out) == []
            town.add(status("204", MY_ACCOUNT, "@bo&nbsp;thanks", at=29, to="101"))
            assert [each.remote_id for each in await kind.look(source, out)] == ["204"]


@pytest.mark.parametrize(
    ("code", "body", "error"),
    [
        (422, {"error": "Validation failed: Text can't be blank"}, Rejected),
        (404, {"error": "Record not found"}, Rejected),
        (410, {"error": "Gone"}, Rejected),
        (403, {"error": "This action is outside the authorized scopes"}, Rejected),
        (401, {"error": "The access token is invalid"}, AuthExpired),
        (429, {"error": "Too many requests"}, RateLimited),
        (500, {"error": "boom"}, Unreachable),
        (503, {"error": "busy"}, Unreachable),
        (200, [], Garbled),
        (200, {"id": "9", "scheduled_at": "2026-03-02T00:00:00Z", "params": {}}, Garbled),
        (200, b"<html>hello</html>", Garbled),
        (302, b"", Unreachable),
    ],
)
async def test_each_answer_to_a_send_means_what_it_proves(code: int, body: object, error: type[Exception]) -> None:
    with Running(Fediverse()) as town:
        with_mention(town)
        async with signed_in(town) as (kind, source):
            out = await outgoing(kind, source, await a_mention(kind, source), "@bo@rock.example thanks")
            town.trap("/api/v1/statuses", code, body, **({"Location": "/elsewhere"} if code == 302 else {}))
            with pytest.raises(error) as caught:
                await kind.send(source, out)
    if isinstance(caught.value, Unreachable):
        assert caught.value.maybe_done
    if code == 422:
        assert "Text can't be blank" in str(caught.value)


@pytest.mark.parametrize(("act", "field"), [(Act.LIKE, "favourited"), (Act.BOOST, "reblogged")])
async def test_a_touch_is_sent_and_seen(act: Act, field: str) -> None:
    with Running(Fediverse()) as town:
        with_mention(town)
        async with signed_in(town) as (kind, source):
            out = await outgoing(kind, source, await a_mention(kind, source), act=act)
            assert await kind.look(source, out) == []
            sent = await kind.send(source, out)
            assert sent == await kind.send(source, out)
            assert town.statuses["101"][field] is True
            assert await kind.look(source, out) == [sent]


async def test_an_id_made_to_climb_stays_one_step_of_the_path() -> None:
    with Running(Fediverse()) as town:
        async with signed_in(town) as (kind, source):
            await kind.thread(source, Thread("../accounts/1?x=", ("../accounts/1?x=",)))
        assert town.asked[-1].path == "/api/v1/statuses/..%2Faccounts%2F1%3Fx%3D"


# --- the contract -----------------------------------------------------------------------------------------------


def test_the_answers_used_here_are_those_of_the_contract() -> None:
    row = mention_of_me("1", to="2", spoiler_text="x")
    samples: list[tuple[object, str]] = [
        (row, "Status"),
        (BO, "Account"),
        (note("1", "mention", BO, row), "Notification"),
        (note("1", "follow", BO), "Notification"),
        ({"ancestors": [row], "descendants": [row]}, "Context"),
        ({"error": "Record not found"}, "Error"),
    ]
    for value, name in samples:
        assert not faults(value, {"$ref": f"#/components/schemas/{name}"}), name


def breaches(asked: Asked) -> list[str]:
    """What the contract has against a request."""
    for template, methods in sorted(contract()["paths"].items(), key=lambda each: "{" in each[0]):
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), asked.path) and asked.method.lower() in methods:
            operation = methods[asked.method.lower()]
            known = {each.get("name") for each in operation.get("parameters", ()) if each.get("in") == "query"}
            wrong = [
                f"{template}: unknown query {name}" for name, _ in asked.query if name.removesuffix("[]") not in known
            ]
            body = operation.get("requestBody")
            if body:
                schema = body["content"]["application/json"]["schema"]
                choices = schema.get("oneOf", [schema])
                if all(faults(asked.body, choice) for choice in choices):
                    wrong.append(f"{template}: {faults(asked.body, choices[0])}")
            return wrong
    return [f"{asked.method} {asked.path} is not in the contract"]


async def test_every_request_is_one_that_the_contract_knows() -> None:
    with Running(Fediverse()) as town:
        with_mention(town, to="100")
        town.add(status("100", MY_ACCOUNT, "root"))
        town.trap("/.well-known/oauth-authorization-server", 200, {"code_challenge_methods_supported": ["S256"]})
        town.trap("/api/v1/apps", 200, {"client_id": "a", "client_secret": "b"})
        town.trap("/oauth/token", 200, {"access_token": "t"})
        async with signed_in(town) as (kind, source):
            await kind.probe(town.base)
            step = await kind.begin_login(source)
            assert step is not None
            assert await kind.finish_login(source, step, "code") == "t"
            pages, cursor = await everything(kind, source)
            await everything(kind, source, cursor)
            await kind.thread(source, Thread("100", ("100", "999")))
            for act in (Act.REPLY, Act.LIKE, Act.BOOST):
                out = await outgoing(kind, source, items(pages)["101"], "@bo@rock.example x", act=act)
                await kind.send(source, out)
                await kind.look(source, out)
        asked = [each for each in town.asked if "nodeinfo" not in each.path]
    assert len({each.path for each in asked}) > 10
    assert [breach for each in asked for breach in breaches(each)] == []


# --- logging in, and the town -----------------------------------------------------------------------------------


@pytest.fixture
def town() -> Any:
    with Town(now=MORNING, pace=0.001) as made:
        yield made


def site_of(town: Town) -> Any:
    return next(site for site in town.sites if site.kind == "mastodon")


async def test_a_code_becomes_a_token_that_works(town: Town) -> None:
    async with connected("mastodon", town.base_url) as kind:
        source = source_row("mastodon", town.base_url)
        step = await kind.begin_login(source)
        assert step is not None and step.url is not None and "code_challenge_method=S256" in step.url
        code = await code_shown(step.url, town.base_url)
        with pytest.raises(AuthExpired):
            await kind.finish_login(source, step, "not the code")
        token = await kind.finish_login(source, step, f" {code}\n")
    async with connected("mastodon", town.base_url, secret=token) as kind:
        who = await kind.check(source)
        assert who.account.startswith("@alex@") and who.me.endswith("/users/alex")
        assert who.options["software"] == "mastodon" and who.options["account_id"]


async def test_a_token_from_the_servers_settings_is_taken_for_what_it_is(town: Town) -> None:
    async with connected("mastodon", town.base_url) as kind:
        source = source_row("mastodon", town.base_url)
        step = await kind.begin_login(source)
        assert step is not None
        assert await kind.finish_login(source, step, site_of(town).secret) == site_of(town).secret


async def test_an_older_server_is_registered_with_as_it_understands() -> None:
    with Running(Fediverse()) as town:
        town.trap("/api/v1/apps", 200, {"client_id": "a", "client_secret": "b"})
        async with signed_in(town) as (kind, source):
            step = await kind.begin_login(source)
        assert step is not None and "code_challenge" not in (step.url or "")
        assert town.asked[-1].body["redirect_uris"] == "urn:ietf:wg:oauth:2.0:oob"


async def test_the_town_is_read_whole_and_answered_once(town: Town) -> None:
    site = site_of(town)
    async with connected("mastodon", town.base_url, secret=site.secret, now=MORNING) as kind:
        plain = source_row("mastodon", site.address)
        source = known_as(plain, await kind.check(plain))
        pages, _ = await everything(kind, source)
        found = items(pages)
        assert len(found) > 20 and sum(page.refused for page in pages) == 0
        assert all(item.thread in found for item in found.values())
        assert all(item.parent_id in found for item in found.values() if item.parent_id)
        waiting = [item for item in found.values() if item.to_me]
        out = await outgoing(kind, source, waiting[-1], "", act=Act.LIKE)
        await kind.send(source, out)
        target = out.target
        text = kind.opening(source, target) + "thank you! See https://kith.example/a/rather/long/path/of/mine?x=1&y=2"
        reply = await outgoing(kind, source, waiting[-1], text, key="once", now=MORNING - 60)
        sent = await kind.send(source, reply)
        assert (await kind.send(source, reply)).remote_id == sent.remote_id
        assert [each.remote_id for each in await kind.look(source, reply)] == [sent.remote_id]
        thread = await kind.thread(source, Thread(target.thread, tuple(found)))
        assert sent.remote_id in items([thread])


async def code_shown(url: str, base: str) -> str:
    """The code on the page that a user would see."""
    from urllib.parse import urlsplit

    from community.sources.http import Http, Policy, client

    policy = Policy(allow_hosts=frozenset({urlsplit(base).netloc}))
    async with Http(client(policy), policy) as http:
        page = (await http.get(url)).text()
    found = re.search(r"<code>([^<]+)</code>", page)
    assert found
    return found[1]


def test_the_links_of_a_profile_come_with_what_the_server_has_checked() -> None:
    fields = [
        {"name": "Blog", "value": '<a href="https://ann.example" rel="me">ann.example</a>', "verified_at": stamp(30)},
        {"name": "Code", "value": "https://forge.example/ann", "verified_at": None},
        {"name": "Pronouns", "value": "she/her", "verified_at": "yesterday"},
        {"name": "Bad", "value": '<a href="javascript:alert(1)">x</a>', "verified_at": stamp(30)},
        "nonsense",
    ]
    author = author_of(ANN | {"fields": fields}, HERE)
    assert author.links is not None
    assert [(each.url, each.is_proved) for each in author.links] == [
        ("https://ann.example", True),
        ("https://forge.example/ann", False),
    ]
    short = {name: value for name, value in ANN.items() if name != "fields"}
    assert author_of(short, HERE).links is None
