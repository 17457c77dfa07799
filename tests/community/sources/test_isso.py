"""The Isso adapter: against a real Isso, and over what no honest one would send."""

import json
import threading
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

import httpx
import pytest

from community.errors import AuthExpired, Garbled, NotSupported, RateLimited, Rejected, Uncertain
from community.secrets import Credential, Secret
from community.sources.base import Act, Incoming, ItemStatus, Outgoing, Page, Target, Thread, Tools
from community.sources.http import Http
from community.sources.isso import Isso
from community.sources.isso_comments import (
    Site,
    admin_page,
    entries,
    items,
    markdown,
    moved,
    signature,
    usual_hash,
)
from community.sources.parsing import Parser
from storage.rows import Source

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
ME = "Maria <maria@example.test>"
MakeRow = Callable[..., Source]
OpenTools = Callable[..., AbstractAsyncContextManager[Tools]]


@dataclass
class Server:
    """A real Isso, spoken to past the adapter: what its visitors do there."""

    info: dict[str, Any]
    row: MakeRow
    tools: OpenTools

    @property
    def base(self) -> str:
        return str(self.info["base_url"])

    def source(self, **other: Any) -> Source:
        options = {"site": "http://127.0.0.1", "latest": "1"}
        return self.row("isso", self.base, **{"account": ME, "options": options} | other)

    def open(self, secret: str | None = None, **other: Any) -> AbstractAsyncContextManager[Tools]:
        password = str(self.info["admin_password"]) if secret is None else secret
        return self.tools(self.base.removeprefix("http://"), password, **other)

    def write(
        self, text: str, *, uri: str = "/post-1/", parent: int | None = None, name: str = "Guest"
    ) -> tuple[int, str]:
        """A visitor's comment, which waits for approval; its id and the cookie that lets the visitor change it."""
        body = {"author": name, "email": f"{name.lower()}@example.test", "text": text, "parent": parent, "title": "New"}
        answer = self.ask("POST", f"/new?uri={urllib.parse.quote(uri, safe='')}", body)
        return json.loads(answer.read())["id"], str(answer.headers["Set-Cookie"]).partition(";")[0]

    def ask(self, method: str, path: str, body: object = None, cookie: str = "") -> Any:
        headers = {"Content-Type": "application/json", "Cookie": cookie}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.base + path, data, headers, method=method)
        return urllib.request.urlopen(request, timeout=20)


@pytest.fixture
def isso(isso_peer: dict[str, Any], row: MakeRow, tools: OpenTools) -> Server:
    return Server(isso_peer, row, tools)


def unique(text: str) -> str:
    return f"{text} {uuid.uuid4().hex[:12]}"


def by_id(page: Page) -> dict[str, Incoming]:
    ids = [item.remote_id for item in page.items]
    assert len(ids) == len(set(ids))
    assert [item.created_at for item in page.items] == sorted(item.created_at for item in page.items)
    return {item.remote_id: item for item in page.items}


async def everything(adapter: Isso, source: Source, cursor: str | None = None) -> tuple[dict[str, Incoming], Page]:
    found: dict[str, Incoming] = {}
    while True:
        page = await adapter.fetch(source, cursor)
        found |= by_id(page)
        cursor = page.cursor
        if not page.has_more:
            return found, page


def outgoing(item: Incoming, act: Act = Act.REPLY, text: str = "", *, now: int) -> Outgoing:
    target = Target(
        item.remote_id,
        item.thread or "",
        item.parent_id,
        item.kind,
        item.author,
        item.permalink,
        item.subject_url,
        item.extra,
    )
    return Outgoing(act, target, text, key="k", attempt=1, first_tried_at=now)


async def prepared(adapter: Isso, source: Source, asked: Outgoing) -> Outgoing:
    return replace(asked, body=json.loads(json.dumps(dict(await adapter.prepare(source, asked)))))


async def carry_out(adapter: Isso, source: Source, item: Incoming, act: Act, *, now: int) -> None:
    await adapter.send(source, await prepared(adapter, source, outgoing(item, act, now=now)))


@pytest.fixture
def embedding(isso_peer: dict[str, Any]) -> Iterator[str]:
    """A blog page that shows the comments of the peer."""

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            embed = (
                f"<script data-isso='{isso_peer['base_url']}/' src='{isso_peer['base_url']}/js/embed.min.js'></script>"
            )
            found = self.path == "/post-1/"
            self.send_response(200 if found else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(
                f"<title>A post</title>{embed}<section id='isso-thread'></section>".encode() if found else b""
            )

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.peer
async def test_a_server_is_found_by_its_address(isso: Server) -> None:
    async with isso.open("") as opened:
        for address in (isso.base, f"{isso.base}/", f"{isso.base}/info", f"{isso.base}/config", f"{isso.base}/admin/"):
            found = await Isso(opened).probe(address)
            assert found is not None
            assert (found.kind, found.address, found.options["latest"]) == ("isso", isso.base, "1")
            assert found.takes_credential
            assert not found.needs_credential


@pytest.mark.peer
async def test_a_server_is_found_by_a_page_that_shows_its_comments(isso: Server, embedding: str) -> None:
    places = f"{isso.base} {embedding}".replace("http://", "")
    async with isso.tools(places) as opened:
        found = await Isso(opened).probe(f"{embedding}/post-1/")
        assert found is not None
        assert (found.address, found.options["site"], found.options["threads"]) == (isso.base, embedding, "/post-1/")
        assert await Isso(opened).probe(f"{embedding}/other/") is None


@pytest.mark.peer
async def test_the_password_is_tried(isso: Server) -> None:
    async with isso.open() as opened:
        account = await Isso(opened).check(isso.source())
        assert (account.account, account.me) == (ME, usual_hash("maria@example.test"))
    async with isso.open("wrong") as opened:
        with pytest.raises(AuthExpired, match="admin password"):
            await Isso(opened).check(isso.source())
    async with isso.open("") as opened:
        step = await Isso(opened).begin_login(isso.source())
        assert step is not None
        assert step.asks_account
        assert step.optional
        assert (await Isso(opened).check(isso.source(account="Maria"))).me == ""


@pytest.mark.peer
async def test_the_password_stays_here_without_https(isso: Server) -> None:
    async with isso.open() as opened:
        with pytest.raises(AuthExpired, match="https"):
            await Isso(opened).check(isso.source(allow_hosts=""))


async def test_capabilities_are_honest(row: MakeRow) -> None:
    source = row("isso", "https://c.example", account="Maria", options={"latest": "1"})
    can = Isso(mocked(lambda _: httpx.Response(500))).capabilities(source)
    assert can.acts == {Act.REPLY}
    assert "admin password" in can.why_not[Act.APPROVE]
    assert (can.length.limit, can.length.min_length, can.sees_edits) == (65535, 3, True)
    nameless = Isso(mocked(lambda _: httpx.Response(500), "pw")).capabilities(source._replace(account=""))
    assert nameless.acts == {Act.APPROVE, Act.SPAM, Act.TRASH}
    assert "name" in nameless.why_not[Act.REPLY]
    assert "approval back" in nameless.why_not[Act.HOLD]


@pytest.mark.peer
async def test_the_backlog_is_complete(isso: Server) -> None:
    ids = {name: str(number) for name, number in (isso.info["comments"] | isso.info["pending"]).items()}
    async with isso.open() as opened:
        found, page = await everything(Isso(opened), isso.source())
        assert set(ids.values()) <= found.keys()
        quiet = await Isso(opened).fetch(isso.source(), page.cursor)
    ann, ben, again, dora = (found[ids[name]] for name in ("ann", "ben_reply", "ann_reply", "dora"))
    assert ann.text == "First comment, from Ann."
    assert (ann.thread, ann.parent_id, ann.subject) == (ids["ann"], None, "A post with comments")
    assert ann.permalink == f"http://127.0.0.1/post-1/#isso-{ids['ann']}"
    assert (ann.author.network, ann.author.url) == (f"isso:{isso.base[7:]}", "http://ann.example.test")
    assert ann.author.key == again.author.key == usual_hash("ann@example.test")
    assert (ben.thread, ben.parent_id, again.parent_id) == (ids["ann"], ids["ann"], ids["ann"])
    assert (ann.to_me, ben.to_me) == (True, False)
    assert (dora.status, dora.text, dora.to_me) == (ItemStatus.PENDING, "Please approve me.", True)
    assert dora.author.key == usual_hash("dora@example.test")
    assert dora.author.email_hash
    assert abs(dora.created_at - isso.info["seeded_at"]) < 90
    assert "replies" not in json.loads(ann.raw)
    assert {item.status for item in quiet.items} <= {ItemStatus.PENDING}
    assert quiet.gone == ()


@pytest.mark.peer
async def test_without_password_only_what_is_published_shows(isso: Server) -> None:
    async with isso.open("") as opened:
        found, _ = await everything(Isso(opened), isso.source(is_mine=0))
        with pytest.raises(NotSupported, match="admin password"):
            await carry_out(
                Isso(opened), isso.source(), found[str(isso.info["comments"]["ann"])], Act.TRASH, now=opened.now
            )
    assert {item.status for item in found.values()} == {ItemStatus.PUBLISHED}
    assert str(isso.info["pending"]["dora"]) not in found
    assert not any(item.author.email_hash for item in found.values())


@pytest.mark.peer
async def test_a_comment_waits_is_approved_edited_and_deleted(isso: Server) -> None:
    text, uri = unique("I *wait*."), f"/{uuid.uuid4().hex}/"
    async with isso.open() as opened:
        adapter, source = Isso(opened), isso.source()
        _, page = await everything(adapter, source)
        source = source._replace(options=json.dumps(json.loads(source.options) | dict(page.options or {})))
        number, cookie = isso.write(text, uri=uri, name="Bo & Co")
        after = await adapter.fetch(source, page.cursor)
        item = by_id(after)[str(number)]
        assert (item.status, item.text, item.subject) == (ItemStatus.PENDING, text, "New")
        assert item.author.name == "Bo & Co"

        approve = await prepared(adapter, source, outgoing(item, Act.APPROVE, now=opened.now))
        assert "key" not in approve.body
        assert await adapter.look(source, approve) == []
        for _ in range(2):
            assert (await adapter.send(source, approve)).remote_id == str(number)
        assert [each.remote_id for each in await adapter.look(source, approve)] == [str(number)]
        later = await adapter.fetch(source, after.cursor)
        shown = by_id(later)[str(number)]
        assert (shown.status, shown.text, shown.subject) == (ItemStatus.PUBLISHED, text.replace("*", ""), "New")
        assert shown.author.key == item.author.key
        assert later.gone == ()

        isso.ask("PUT", f"/id/{number}", {"text": f"{text} Edited."}, cookie).close()
        edited = await adapter.fetch(source, later.cursor)
        assert by_id(edited)[str(number)].text.endswith("Edited.")
        assert by_id(edited)[str(number)].edited_at is not None

        bin_it = await prepared(adapter, source, outgoing(item, Act.TRASH, now=opened.now))
        assert "for good" in (await adapter.send(source, bin_it)).note
        assert "gone" in (await adapter.send(source, bin_it)).note
        assert [each.remote_id for each in await adapter.look(source, bin_it)] == [str(number)]
        last = await adapter.fetch(source, edited.cursor)
        assert last.gone == (str(number),)
        assert (await adapter.fetch(source, last.cursor)).gone == ()


@pytest.mark.peer
async def test_a_refused_comment_is_gone(isso: Server) -> None:
    async with isso.open() as opened:
        adapter, source = Isso(opened), isso.source()
        number, _ = isso.write(unique("Buy!"))
        found, page = await everything(adapter, source)
        await carry_out(adapter, source, found[str(number)], Act.SPAM, now=opened.now)
        after = await adapter.fetch(source, page.cursor)
    assert after.gone == (str(number),)


@pytest.mark.peer
async def test_a_thread_is_read_whole(isso: Server) -> None:
    ids = {name: str(number) for name, number in isso.info["comments"].items()}
    async with isso.open() as opened:
        adapter = Isso(opened)
        _, page = await everything(adapter, isso.source())
        source = isso.source(cursor=page.cursor)
        thread = await adapter.thread(source, Thread(ids["ann"], (ids["ann"], "987654321")))
        unsynced = await adapter.thread(isso.source(), Thread(ids["ann"], (), "http://127.0.0.1/post-1/"))
        with pytest.raises(Rejected, match="sync"):
            await adapter.thread(isso.source(), Thread(ids["ann"], ()))
    found = {item.remote_id for item in thread.items}
    assert {ids["ann"], ids["ben_reply"], ids["ann_reply"]} <= found
    assert ids["chloe"] not in found
    assert thread.gone == ()
    assert thread.whole_thread
    assert {item.remote_id for item in unsynced.items} == found


@pytest.mark.peer
async def test_a_reply_lands_once_under_the_top_comment(isso: Server) -> None:
    text = unique("@Ben thanks & <b>regards</b>,\nMaria `x<y>`")
    async with isso.open() as opened:
        adapter, source = Isso(opened), isso.source()
        found, page = await everything(adapter, source)
        ben = found[str(isso.info["comments"]["ben_reply"])]
        asked = await prepared(adapter, source, outgoing(ben, text=text, now=opened.now))
        assert adapter.opening(source, asked.target) == "@Ben "
        assert asked.body["author"] == "Maria"
        assert await adapter.look(source, asked) == []
        sent = await adapter.send(source, asked)
        assert "comment desk" in sent.note
        assert sent.item is not None
        assert (sent.item.parent_id, sent.item.thread) == (ben.thread, ben.thread)
        assert (sent.item.status, sent.item.author.is_me) == (ItemStatus.PENDING, True)
        queued = await adapter.look(source, asked)
        assert [each.remote_id for each in queued] == [sent.remote_id]
        assert queued[0].item is not None
        assert queued[0].item.author.is_me

        await carry_out(adapter, source, sent.item, Act.APPROVE, now=opened.now)
        assert [each.remote_id for each in await adapter.look(source, asked)] == [sent.remote_id]
        assert await adapter.look(source, replace(asked, first_tried_at=opened.now + 3600)) == []
        after = by_id(await adapter.fetch(source, page.cursor))
        mine = after[sent.remote_id]
        assert mine.author.is_me
        assert "<b>regards</b>,\nMaria x<y>" in mine.text

        number, _ = isso.write(unique("You are welcome."), parent=int(ben.remote_id), name="Ben")
        _, page = await everything(adapter, source)
        waiting = by_id(page)[str(number)]
        await carry_out(adapter, source, waiting, Act.APPROVE, now=opened.now)
        answer = by_id(await adapter.fetch(source, page.cursor))[str(number)]
        assert (answer.thread, answer.to_me) == (ben.thread, True)
        for item in (mine, answer):
            await carry_out(adapter, source, item, Act.TRASH, now=opened.now)


@pytest.mark.peer
async def test_without_a_mail_my_own_comments_are_those_sent_from_here(isso: Server) -> None:
    kept: dict[str, Secret] = {}
    source = isso.source(account="Maria")
    async with isso.open("", tokens=kept) as opened:
        adapter = Isso(opened)
        found, _ = await everything(adapter, source)
        asked = outgoing(found[str(isso.info["comments"]["chloe"])], text=unique("Hello there."), now=opened.now)
        sent = await adapter.send(source, await prepared(adapter, source, asked))
        assert sent.note.startswith("It waits for approval")
        assert sent.remote_id in kept["sent"].reveal().split()
    async with isso.open() as opened:
        assert sent.item is not None
        await carry_out(Isso(opened), isso.source(), sent.item, Act.APPROVE, now=opened.now)
    async with isso.open("", tokens=kept) as opened:
        after, _ = await everything(Isso(opened), source)
        assert {each for each, item in after.items() if item.author.is_me} == {sent.remote_id}
    async with isso.open() as opened:
        await carry_out(Isso(opened), isso.source(), sent.item, Act.TRASH, now=opened.now)


@pytest.mark.peer
async def test_what_cannot_be_answered_says_why(isso: Server) -> None:
    async with isso.open() as opened:
        adapter, source = Isso(opened), isso.source()
        found, _ = await everything(adapter, source)
        ann = found[str(isso.info["comments"]["ann"])]
        with pytest.raises(Rejected, match="three characters"):
            await adapter.prepare(source, outgoing(ann, text="ok", now=opened.now))
        with pytest.raises(Rejected, match="approve it before"):
            await adapter.prepare(
                source, outgoing(found[str(isso.info["pending"]["dora"])], text="Hello", now=opened.now)
            )
        asked = await prepared(adapter, source, outgoing(ann, text="Hello", now=opened.now))
        with pytest.raises(Rejected, match="65 535"):
            await adapter.send(source, replace(asked, body={**asked.body, "text": "x" * 70_000}))


def mocked(handler: Callable[[httpx.Request], httpx.Response], secret: str = "", at: int = NOW) -> Tools:
    """Tools that reach nothing but `handler`."""

    def streamed(request: httpx.Request) -> httpx.Response:
        made = handler(request)
        return httpx.Response(made.status_code, headers=made.headers, stream=httpx.ByteStream(made.content))

    http = Http(httpx.AsyncClient(transport=httpx.MockTransport(streamed)))
    return Tools(http=http, credential=Credential(Secret(secret)), parser=cast(Parser, None), now=at)


ENTRY: dict[str, Any] = {
    "id": 7,
    "parent": None,
    "text": "<p>Hello</p>",
    "author": "Bo &amp; Co",
    "website": None,
    "mode": 1,
    "created": 1_772_356_500.12,
    "modified": None,
    "hash": "1cb6cc0309a2",
}
SITE = Site("isso:c.example", "https://s.example", signature("Maria"), is_mine=True)


def tree(*replies: object) -> dict[str, Any]:
    return {"id": None, "total_replies": len(replies), "hidden_replies": 0, "replies": list(replies)}


def test_a_tree_is_flattened_and_cleaned() -> None:
    nested = ENTRY | {
        "id": 8,
        "parent": 7,
        "author": "\x1b]0;x\x07Eve\u202e",
        "text": "<p>&#27;[2J</p><script>x</script>",
        "website": "javascript:x",
    }
    stub = ENTRY | {"id": 9, "mode": 4, "author": None, "text": "", "created": 1_772_356_400}
    found, refused = entries(tree(ENTRY | {"replies": [nested]}, stub))
    made = items(found, SITE, "/hello/", NOW)
    assert ([each["id"] for each in found], refused) == ([9, 7, 8], 0)
    assert [(item.remote_id, item.thread, item.parent_id) for item in made] == [("7", "7", None), ("8", "7", "7")]
    assert made[0].author.name == "Bo & Co"
    assert made[1].author.url is None
    for text in (made[1].text, made[1].author.name):
        assert not any(ord(char) < 32 or char == "\u202e" for char in text)


@pytest.mark.parametrize(
    "broken",
    [
        None,
        "x",
        [],
        {},
        ENTRY | {"id": "7"},
        ENTRY | {"id": True},
        ENTRY | {"id": 1 << 80},
        ENTRY | {"created": None},
        ENTRY | {"created": float("nan")},
        ENTRY | {"created": "1e400"},
        ENTRY | {"text": None},
        ENTRY | {"parent": "7"},
        ENTRY | {"mode": 1.0},
    ],
)
def test_a_broken_entry_is_refused_and_counted(broken: object) -> None:
    found, refused = entries(tree(broken, ENTRY))
    assert ([each["id"] for each in found], refused) == ([7], 1)


def test_anonymous_and_odd_authors() -> None:
    made = items(entries(tree(ENTRY | {"author": None, "hash": None}))[0], SITE, "/x/", NOW)
    assert (made[0].author.name, made[0].author.key) == ("Anonymous", "guest:anonymous|")
    odd = items(entries(tree(ENTRY | {"author": 5, "hash": {}, "website": 7, "created": 5}))[0], SITE, "/x/", NOW)
    assert odd[0].created_at == NOW


def test_a_page_that_moved_looks_different() -> None:
    latest: list[Any] = [ENTRY | {"uri": "/a/"}, ENTRY | {"uri": "/b/", "id": 9, "created": 1.0}, "x", ENTRY]
    first = moved(latest)
    assert list(first) == ["/b/", "/a/"]
    assert moved([latest[0] | {"modified": 1_772_356_999.5}])["/a/"] != first["/a/"]
    assert moved([latest[0], ENTRY | {"uri": "/a/", "id": 8}])["/a/"] != first["/a/"]


def test_names_with_and_without_mail() -> None:
    assert signature("Maria <maria@mail.example>") == ("Maria", "maria@mail.example")
    assert signature("Maria <not a mail>") == ("Maria <not a mail>", "")
    assert signature("") == ("", "")


def test_plain_text_survives_markdown() -> None:
    assert markdown("a <b> c\nd <https://x.example> `<i>`\n\ne") == "a \\<b> c  \nd <https://x.example> `<i>`\n\ne"
    assert markdown("```\n<b>\nx\n```") == "```\n<b>\nx\n```"


def test_a_strange_admin_page_gives_nothing() -> None:
    assert admin_page("<html>") == ([], 0)
    assert admin_page("<div class='isso-comment' id='isso-x'></div><div class='isso-comment' id='isso-5'></div>") == (
        [],
        2,
    )


async def test_without_latest_the_counts_tell_what_has_moved(row: MakeRow) -> None:
    asked: list[str] = []
    counts = {f"/p{n}/": 1 for n in range(12)}

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url.path if request.url.path != "/" else request.url.params["uri"])
        match request.url.path:
            case "/latest":
                return httpx.Response(404)
            case "/count":
                return httpx.Response(200, json=[counts[uri] for uri in json.loads(request.content)])
        number = int(request.url.params["uri"].strip("/p")) + 1
        return httpx.Response(200, json=tree(ENTRY | {"id": number}))

    source = row("isso", "https://c.example", options={"site": "https://s.example", "threads": "\n".join(counts)})
    adapter = Isso(mocked(answer))
    first = await adapter.fetch(source, None)
    assert len(first.items) == 12
    assert first.options is not None
    assert first.options["latest"] == "0"
    asked.clear()
    counts["/p3/"] = 2
    await adapter.fetch(source, first.cursor)
    assert asked == ["/latest", "/count", "/p3/"]


async def test_many_pages_are_read_in_turns(row: MakeRow) -> None:
    latest = [ENTRY | {"id": n + 1, "uri": f"/p{n}/"} for n in range(45)]

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/latest":
            return httpx.Response(200, json=latest)
        number = int(request.url.params["uri"].strip("/p")) + 1
        return httpx.Response(200, json=tree(ENTRY | {"id": number}))

    found, page = await everything(Isso(mocked(answer)), row("isso", "https://c.example"))
    assert len(found) == 45
    latest.pop()
    gone = await Isso(mocked(lambda r: httpx.Response(200, json=latest if r.url.path == "/latest" else tree()))).fetch(
        row("isso", "https://c.example"), page.cursor
    )
    assert gone.gone == ("45",)


@pytest.mark.parametrize(
    ("status", "said", "error", "sentence"),
    [
        (403, "<p>127.0.0.0: ratelimit exceeded (1, 2)</p>", RateLimited, "two comments a minute"),
        (403, "<p>edit time frame is still open</p>", Rejected, "quarter of an hour"),
        (403, "<p>3 direct responses to /x/</p>", Rejected, "a few comments"),
        (400, "<p>Something &lt;else&gt; \x1b[31m</p>", Rejected, "Something <else>"),
        (201, "<html>", Garbled, "web page"),
        (201, "[]", Garbled, "as Isso does"),
        (201, "{}", Garbled, "cannot be read"),
    ],
)
async def test_refusals_are_clear_sentences(
    row: MakeRow, status: int, said: str, error: type[Exception], sentence: str
) -> None:
    adapter = Isso(mocked(lambda _: httpx.Response(status, text=said)))
    source = row("isso", "https://c.example", account="Maria")
    item = items(entries(tree(ENTRY))[0], SITE, "/x/", NOW)[0]
    asked = replace(outgoing(item, text="Hello", now=NOW), body={"uri": "/x/", "parent": 7, "text": "Hello"})
    with pytest.raises(error, match=sentence):
        await adapter.send(source, asked)
    if error is RateLimited:
        with pytest.raises(Uncertain):
            await adapter.send(source, replace(asked, attempt=2))


@pytest.mark.parametrize("body", ["<html>", "{}", "[]", '{"replies": []}'])
async def test_a_page_that_is_no_isso_is_none(body: str) -> None:
    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, text=body)

    assert await Isso(mocked(answer)).probe("https://s.example/x") is None
    assert await Isso(mocked(answer)).probe("@me@s.example") is None
