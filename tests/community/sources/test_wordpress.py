"""The WordPress adapter: against a real WordPress, and over what no honest one would send."""

import base64
import html
import json
import urllib.error
import urllib.parse
import urllib.request
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from typing import Any

import pytest

from community.errors import AuthExpired, Garbled, NotSupported, RateLimited, Rejected, Uncertain
from community.sources.answers import Answer, Headers
from community.sources.base import Act, Incoming, ItemStatus, Outgoing, Page, Target, Thread, Tools
from community.sources.wordpress import WordPress
from community.sources.wordpress_api import succeeded
from community.sources.wordpress_comments import Site, api_roots, api_url, comments, incoming, root, same_text
from community.text import Clean
from storage.rows import Source

pytestmark = pytest.mark.anyio

NOW = 1_800_000_000
SITE = Site("wordpress:blog.example", "1", Clean("maria"), is_mine=True)
MakeRow = Callable[..., Source]
OpenTools = Callable[..., AbstractAsyncContextManager[Tools]]


@dataclass
class Blog:
    """A real WordPress, spoken to past the adapter: what its visitors and its owner do there."""

    info: dict[str, Any]
    row: MakeRow
    tools: OpenTools

    @property
    def host(self) -> str:
        return str(self.info["base_url"]).removeprefix("http://")

    def source(self, who: str = "admin", **other: Any) -> Source:
        may = "1" if who in ("admin", "erin") else "0"
        options = {"api": self.info["rest"], "can_moderate": may}
        me = f"user:{self.info['users'][who]}" if who else ""
        return self.row("wordpress", self.info["base_url"], **{"account": who, "me": me, "options": options} | other)

    def open(self, who: str = "admin") -> AbstractAsyncContextManager[Tools]:
        secret = f"{who}:{self.info['application_passwords'][who]}" if who else ""
        return self.tools(self.host, secret)

    def api(self, method: str, route: str, body: object = None, who: str = "admin") -> Any:
        pair = f"{who}:{self.info['application_passwords'][who]}".encode()
        request = urllib.request.Request(
            f"{self.info['rest']}wp/v2/{route}",
            None if body is None else json.dumps(body).encode(),
            {"Authorization": "Basic " + base64.b64encode(pair).decode(), "Content-Type": "application/json"},
            method=method,
        )
        with urllib.request.urlopen(request, timeout=20) as answer:
            return json.loads(answer.read())

    def comment(self, text: str, *, post: str = "main", parent: int = 0, **other: Any) -> int:
        """Somebody else's comment: an editor's, as those need not wait 15 s between two of them."""
        body = {"post": self.info["posts"].get(post, post), "parent": parent, "content": text}
        return int(self.api("POST", "comments", body | other, who="erin")["id"])

    def remove(self, comment_id: int) -> None:
        self.api("DELETE", f"comments/{comment_id}?force=true")


@pytest.fixture
def blog(wordpress_peer: dict[str, Any], row: MakeRow, tools: OpenTools) -> Blog:
    return Blog(wordpress_peer, row, tools)


def unique(text: str) -> str:
    return f"{text} {uuid.uuid4().hex[:12]}"


async def everything(adapter: WordPress, source: Source, cursor: str | None = None) -> tuple[dict[str, Incoming], Page]:
    """All items by id as a store would have them, and the last page."""
    found: dict[str, Incoming] = {}
    while True:
        page = await adapter.fetch(source, cursor)
        ids = [item.remote_id for item in page.items]
        assert len(ids) == len(set(ids))
        assert ids == sorted(ids, key=int)
        found |= {item.remote_id: item for item in page.items}
        cursor = page.cursor
        if not page.has_more:
            return found, page


def target_of(item: Incoming) -> Target:
    assert item.thread is not None
    return Target(
        item.remote_id,
        item.thread,
        item.parent_id,
        item.kind,
        item.author,
        item.permalink,
        item.subject_url,
        item.extra,
    )


def outgoing(item: Incoming, act: Act = Act.REPLY, text: str = "", *, now: int) -> Outgoing:
    return Outgoing(act, target_of(item), text, key="k", attempt=1, first_tried_at=now)


async def prepared(adapter: WordPress, source: Source, asked: Outgoing) -> Outgoing:
    body = await adapter.prepare(source, asked)
    return replace(asked, body=json.loads(json.dumps(body)))


@pytest.mark.peer
async def test_any_page_of_a_site_leads_to_it(blog: Blog) -> None:
    async with blog.tools(blog.host) as opened:
        for address in (blog.info["base_url"], blog.info["links"]["main"], blog.info["rest"]):
            found = await WordPress(opened).probe(address)
            assert found is not None
            assert (found.name, found.address) == ("Kith test blog", blog.info["base_url"])
            assert found.options["api"] == blog.info["rest"]
            assert found.takes_credential
            assert not found.needs_credential


@pytest.mark.peer
async def test_a_server_without_wordpress_is_not_a_wordpress(feeds_peer: dict[str, Any], tools: OpenTools) -> None:
    async with tools(feeds_peer["base_url"].removeprefix("http://")) as opened:
        assert await WordPress(opened).probe(feeds_peer["base_url"]) is None


@pytest.mark.peer
async def test_pages_that_link_here_are_read_and_can_be_put_away(blog: Blog) -> None:
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        ping = blog.info["comments"]["pingback"]
        blog.api("POST", f"comments/{ping}", {"status": "approved"})
        found, page = await everything(adapter, source)
        linked = found[str(ping)]
        assert (linked.author.name, linked.author.url) == ("Another blog", "https://blog.example.test/pingback")
        assert "as they say there" in linked.text
        assert not linked.to_me
        again = await adapter.fetch(source, page.cursor)
        assert str(ping) not in again.gone
        for act, status in ((Act.SPAM, ItemStatus.SPAM), (Act.APPROVE, ItemStatus.PUBLISHED)):
            plain = outgoing(linked, act, now=opened.now)
            out = replace(plain, body=await adapter.prepare(source, plain))
            await adapter.send(source, out)
            assert [each.remote_id for each in await adapter.look(source, out)] == [str(ping)]
            whole = await adapter.thread(source, Thread(str(ping), (str(ping),)))
            assert [item.status for item in whole.items] == [status]
            assert not whole.gone


@pytest.mark.peer
async def test_login_is_a_page_and_a_password(blog: Blog) -> None:
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        step = await adapter.begin_login(source)
        assert step is not None
        assert step.url is not None
        assert step.url.startswith(f"{blog.info['base_url']}/wp-admin/authorize-application.php?app_name=Kith&app_id=")
        assert await adapter.finish_login(source, step, " maria: abcd efgh ijkl ") == "maria:abcdefghijkl"
        assert await adapter.finish_login(source, step, "abcd efgh") == "admin:abcdefgh"
        with pytest.raises(Rejected, match="user name"):
            await adapter.finish_login(blog.source(account=""), step, "abcd efgh")


@pytest.mark.peer
@pytest.mark.parametrize(("who", "may"), [("admin", "1"), ("erin", "1"), ("arne", "0"), ("siri", "0")])
async def test_checking_tells_who_i_am_and_what_i_may(blog: Blog, who: str, may: str) -> None:
    async with blog.open(who) as opened:
        account = await WordPress(opened).check(blog.source(who))
    assert (account.me, account.account) == (f"user:{blog.info['users'][who]}", who)
    assert (account.name, account.options["can_moderate"]) == ("Kith test blog", may)


@pytest.mark.peer
async def test_a_wrong_password_is_refused_though_the_comments_are_public(blog: Blog) -> None:
    async with blog.tools(blog.host, "admin:wrong") as opened:
        adapter = WordPress(opened)
        with pytest.raises(AuthExpired, match="application password"):
            await adapter.check(blog.source())
        with pytest.raises(AuthExpired, match="application password"):
            await adapter.fetch(blog.source(), None)


@pytest.mark.peer
async def test_capabilities_follow_the_rights_of_the_login(blog: Blog) -> None:
    async with blog.open() as opened:
        can = WordPress(opened).capabilities(blog.source())
        assert can.acts == {Act.REPLY, Act.APPROVE, Act.HOLD, Act.SPAM, Act.TRASH}
        assert (can.length.limit, can.length.unit) == (65525, "bytes")
    for who in ("siri", "arne"):
        async with blog.open(who) as opened:
            adapter, source = WordPress(opened), blog.source(who)
            can = adapter.capabilities(source)
            assert can.acts == {Act.REPLY}
            assert "editor" in can.why_not[Act.APPROVE]
            found, _ = await everything(adapter, source)
            assert {item.status for item in found.values()} == {ItemStatus.PUBLISHED}
            assert str(blog.info["pending"]["dora"]) not in found
            ann = found[str(blog.info["comments"]["ann"])]
            with pytest.raises(NotSupported, match="editor"):
                await adapter.prepare(source, outgoing(ann, Act.SPAM, now=opened.now))
    async with blog.open("") as opened:
        can = WordPress(opened).capabilities(blog.source(""))
        assert not can.acts
        assert "kith source login" in can.why_not[Act.REPLY]


@pytest.mark.peer
async def test_anybody_may_read_what_is_published(blog: Blog) -> None:
    async with blog.open("") as opened:
        adapter, source = WordPress(opened), blog.source("", is_mine=0)
        found, _ = await everything(adapter, source)
        account = await adapter.check(source)
        with pytest.raises(NotSupported, match="application password"):
            await adapter.prepare(source, outgoing(found[str(blog.info["comments"]["ann"])], text="x", now=opened.now))
    assert {item.status for item in found.values()} == {ItemStatus.PUBLISHED}
    assert not any(item.to_me for item in found.values())
    assert found[str(blog.info["comments"]["ann"])].author.key == "guest:ann|https://ann.example.test/"
    assert (account.me, account.account, account.name) == ("", "", "Kith test blog")


@pytest.mark.peer
async def test_the_backlog_is_complete_and_in_order(blog: Blog) -> None:
    async with blog.open() as opened:
        found, last = await everything(WordPress(opened), blog.source())
    ids = blog.info["comments"]
    busy = [item for item in found.values() if item.extra["post"] == str(blog.info["posts"]["busy"])]
    assert {item.text for item in busy} >= {f"Comment number {n}." for n in range(1, 201)}
    assert not any(item.thread is None for item in found.values())
    assert str(ids["pingback"]) in found
    assert last.refused == 0

    ann, ben, mine = (found[str(ids[name])] for name in ("ann", "ben_to_ann", "author_to_ben"))
    answer = found[str(ids["ann_to_author"])]
    assert ann.text == "First! With emphasis and a link (https://example.org/?a=1&b=2)."
    assert (ann.thread, ann.parent_id, ann.subject) == (ann.remote_id, None, "Threaded talk")
    assert (ann.subject_url, ann.author.url) == (blog.info["links"]["main"], "https://ann.example.test/")
    assert ann.author.key == f"mail:{ann.author.email_hash}"
    assert ben.text == "Ann, I disagree.\n\nIn two paragraphs."
    assert (ben.thread, ben.parent_id) == (ann.remote_id, ann.remote_id)
    assert (mine.author.key, mine.author.is_me, mine.author.handle) == ("user:1", True, "admin")
    assert found[str(ids["siri_member"])].author.key == f"user:{blog.info['users']['siri']}"
    assert "user:1" not in {item.author.key for item in found.values() if not item.author.is_me}
    assert [each.to_me for each in (ann, ben, mine, answer)] == [True, False, False, True]

    states = {name: found[str(number)].status for name, number in (blog.info["spam"] | blog.info["trash"]).items()}
    assert states == {"watches": ItemStatus.SPAM, "gone": ItemStatus.TRASH}
    assert found[str(blog.info["pending"]["dora_reply"])].to_me


@pytest.mark.peer
async def test_a_hundred_missed_comments_leave_no_hole(blog: Blog) -> None:
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        all_of_them, _ = await everything(adapter, source)
        long_ago = str(sorted(map(int, all_of_them))[30])
        found, _ = await everything(adapter, source, json.dumps({"id": long_ago, "seen": ""}))
    published = {each for each, item in all_of_them.items() if item.status is ItemStatus.PUBLISHED}
    assert {each for each in published if int(each) > int(long_ago)} <= found.keys()


@pytest.mark.peer
async def test_new_edited_binned_and_deleted_comments_are_seen(blog: Blog) -> None:
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        _, page = await everything(adapter, source)
        first, second, third = (unique(text) for text in ("I am new.", "I shall go.", "I shall vanish."))
        one, two, three = (blog.comment(text) for text in (first, second, third))
        after = await adapter.fetch(source, page.cursor)
        texts = {item.remote_id: item.text for item in after.items}
        assert [texts[str(each)] for each in (one, two, three)] == [first, second, third]
        assert after.gone == ()

        blog.api("POST", f"comments/{one}", {"content": f"{first} Edited & kept."})
        blog.api("DELETE", f"comments/{two}")
        blog.remove(three)
        later = await adapter.fetch(source, after.cursor)
        items = {item.remote_id: item for item in later.items}
        assert items[str(one)].text == f"{first} Edited & kept."
        assert items[str(two)].status is ItemStatus.TRASH
        assert later.gone == (str(three),)
        again = await adapter.fetch(source, later.cursor)
        assert again.gone == ()
    for each in (one, two):
        blog.remove(each)


@pytest.mark.peer
async def test_without_rights_only_a_deleted_comment_counts_as_gone(blog: Blog) -> None:
    async with blog.open("siri") as opened:
        adapter, source = WordPress(opened), blog.source("siri")
        held, deleted = blog.comment(unique("Held later.")), blog.comment(unique("Deleted later."))
        _, page = await everything(adapter, source)
        blog.api("POST", f"comments/{held}", {"status": "hold"})
        blog.remove(deleted)
        after = await adapter.fetch(source, page.cursor)
        quiet = await adapter.fetch(source, after.cursor)
    blog.remove(held)
    assert (after.gone, quiet.gone) == ((str(deleted),), ())
    assert not {str(held), str(deleted)} & set(json.loads(after.cursor or "")["seen"].split())


@pytest.mark.peer
async def test_a_stranger_at_the_form_is_seen_and_let_in(blog: Blog) -> None:
    text = unique("May I come in?")
    form = {"comment_post_ID": blog.info["posts"]["main"], "comment_parent": 0, "comment": text, "author": "Nora"}
    form |= {"email": f"{uuid.uuid4().hex}@example.test", "url": "", "submit": "Post"}
    data = urllib.parse.urlencode(form).encode()
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        _, page = await everything(adapter, source)
        try:
            urllib.request.urlopen(f"{blog.info['base_url']}/wp-comments-post.php", data, timeout=20).close()
        except urllib.error.HTTPError as error:
            assert error.code == 429, error.read()
            blog.comment(text, status="hold")  # the form rests for 15 s after an earlier run
        after = await adapter.fetch(source, page.cursor)
        waiting = next(item for item in after.items if item.text == text)
        assert (waiting.status, waiting.to_me) == (ItemStatus.PENDING, True)
        agent = blog.api("GET", f"comments/{waiting.remote_id}?context=edit")["author_user_agent"]

        for act, status in (
            (Act.APPROVE, ItemStatus.PUBLISHED),
            (Act.HOLD, ItemStatus.PENDING),
            (Act.SPAM, ItemStatus.SPAM),
            (Act.TRASH, ItemStatus.TRASH),
        ):
            asked = await prepared(adapter, source, outgoing(waiting, act, now=opened.now))
            assert await adapter.look(source, asked) == []
            for _ in range(2):  # doing it twice is doing it once
                sent = await adapter.send(source, asked)
                assert sent.remote_id == waiting.remote_id
            assert [each.remote_id for each in await adapter.look(source, asked)] == [waiting.remote_id]
            after = await adapter.fetch(source, after.cursor)
            assert {item.remote_id: item.status for item in after.items}[waiting.remote_id] is status
        assert blog.api("GET", f"comments/{waiting.remote_id}?context=edit")["author_user_agent"] == agent
        blog.remove(int(waiting.remote_id))
        assert [each.remote_id for each in await adapter.look(source, asked)] == [waiting.remote_id]
        assert "gone" in (await adapter.send(source, asked)).note


@pytest.mark.peer
async def test_a_thread_is_read_whole(blog: Blog) -> None:
    ids = {name: str(number) for name, number in blog.info["comments"].items()}
    ann = ids["ann"]
    sibling = blog.comment(unique("Another answer."), parent=int(ids["ben_to_ann"]))
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        page = await adapter.thread(source, Thread(ann, (ann, ids["ben_to_ann"], "987654321")))
        busy = blog.api("GET", f"comments?post={blog.info['posts']['busy']}&per_page=1&order=asc&orderby=id")[0]["id"]
        long = await adapter.thread(source, Thread(str(busy), (str(busy),)))
    blog.remove(sibling)
    found = {item.remote_id: item for item in page.items}
    assert {ann, ids["ben_to_ann"], ids["author_to_ben"], ids["ann_to_author"], str(sibling)} <= found.keys()
    assert str(blog.info["pending"]["dora_reply"]) in found
    assert {item.thread for item in page.items} == {ann}
    assert ids["chloe"] not in found
    assert (page.gone, page.whole_thread) == (("987654321",), True)
    assert len(long.items) > 20
    assert {item.thread for item in long.items} == {str(busy)}


@pytest.mark.peer
async def test_a_reply_lands_once_under_the_comment_it_answers(blog: Blog) -> None:
    text = unique("Thanks <b>all</b> & see https://example.org/?a=1&b=2 – “fine” :)\n\nMaria's 2nd line\nand third…")
    parent = blog.comment(unique("Please answer."))
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        page = await adapter.thread(source, Thread(str(parent), (str(parent),)))
        asked = await prepared(adapter, source, outgoing(page.items[0], text=text, now=opened.now))
        assert asked.body["content"] == html.escape(text, quote=False)
        assert await adapter.look(source, asked) == []
        sent = await adapter.send(source, asked)
        assert sent.item is not None
        assert (sent.item.parent_id, sent.item.thread, sent.item.author.is_me) == (str(parent), str(parent), True)
        assert sent.note == ""
        assert sent.permalink is not None
        assert sent.permalink.startswith(blog.info["links"]["main"])

        with pytest.raises(Uncertain, match="already"):
            await adapter.send(source, asked)
        assert [each.remote_id for each in await adapter.look(source, asked)] == [sent.remote_id]
        assert await adapter.look(source, replace(asked, first_tried_at=opened.now + 3600)) == []

        again = await adapter.thread(source, Thread(str(parent), (str(parent),)))
        assert [item.remote_id for item in again.items] == [str(parent), sent.remote_id]
        assert again.items[1].text.startswith("Thanks <b>all</b> & see https://example.org/?a=1&b=2 – “fine”")
        assert again.items[1].text.endswith("Maria’s 2nd line\nand third…") or "\n\n" in again.items[1].text
    blog.remove(int(sent.remote_id))
    blog.remove(parent)


@pytest.mark.peer
async def test_a_reader_may_reply_but_not_in_haste(blog: Blog) -> None:
    text = unique("Me too.")
    async with blog.open("siri") as opened:
        adapter, source = WordPress(opened), blog.source("siri")
        page = await adapter.thread(source, Thread(str(blog.info["comments"]["chloe"]), ()))
        asked = await prepared(adapter, source, outgoing(page.items[0], text=text, now=opened.now))
        try:
            sent = await adapter.send(source, asked)
        except RateLimited:
            pass  # an earlier run was less than 15 s ago
        else:
            assert [each.remote_id for each in await adapter.look(source, asked)] == [sent.remote_id]
        hasty = await prepared(adapter, source, outgoing(page.items[0], text=unique("And this."), now=opened.now))
        with pytest.raises(RateLimited, match="seconds") as caught:
            await adapter.send(source, hasty)
    assert caught.value.retry_after_s >= 15


@pytest.mark.peer
async def test_what_cannot_be_answered_says_why(blog: Blog) -> None:
    post = blog.api("POST", "posts", {"title": "Soon <i>closed</i> &amp; over", "content": "x", "status": "publish"})
    comment = blog.comment(unique("In time."), post=post["id"])
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source()
        item = (await adapter.thread(source, Thread(str(comment), ()))).items[0]
        assert item.subject == "Soon closed & over"
        asked = await prepared(adapter, source, outgoing(item, text="Too late?", now=opened.now))
        blog.api("POST", f"posts/{post['id']}", {"comment_status": "closed"})
        with pytest.raises(Rejected, match="Comments are closed on this post"):
            await adapter.send(source, asked)
        with pytest.raises(Rejected, match="shorten"):
            body = {**asked.body, "post": blog.info["posts"]["main"], "content": "x" * 70_000}
            await adapter.send(source, replace(asked, body=body))
        with pytest.raises(Rejected, match="empty"):
            await adapter.prepare(source, outgoing(item, text=" \n ", now=opened.now))
        moved = item._replace(extra={"post": str(blog.info["posts"]["main"])})
        with pytest.raises(Rejected, match="not where it was"):
            await adapter.prepare(source, outgoing(moved, text="Where?", now=opened.now))
        blog.api("DELETE", f"comments/{comment}")
        with pytest.raises(Rejected, match="put away"):
            await adapter.prepare(source, outgoing(item, text="Anybody?", now=opened.now))
        blog.remove(comment)
        with pytest.raises(Rejected, match="not there any more"):
            await adapter.prepare(source, outgoing(item, text="Anybody?", now=opened.now))
        with pytest.raises(AuthExpired):
            wrong = replace(opened, credential=type(opened.credential)(type(opened.credential.secret)("admin:no")))
            await WordPress(wrong).send(source, asked)
    blog.api("DELETE", f"posts/{post['id']}?force=true")


@pytest.mark.peer
async def test_pages_and_plain_permalinks_work_too(blog: Blog) -> None:
    page = blog.api("POST", "pages", {"title": "A page", "status": "publish", "comment_status": "open"})
    comment = blog.comment(unique("On a page."), post=page["id"])
    options = {"api": f"{blog.info['base_url']}/?rest_route=/", "can_moderate": "1"}
    async with blog.open() as opened:
        adapter, source = WordPress(opened), blog.source(options=options)
        found = await adapter.thread(source, Thread(str(comment), ()))
        account = await adapter.check(source)
        fetched = await adapter.fetch(source, None)
    blog.api("DELETE", f"pages/{page['id']}?force=true")
    assert [(item.subject, item.subject_url) for item in found.items] == [("A page", page["link"])]
    assert account.options["api"] == options["api"]
    assert fetched.items


ENTRY: dict[str, Any] = {
    "id": 34,
    "post": 12,
    "parent": 0,
    "author": 0,
    "author_name": "Bo &amp; Co",
    "author_url": "https://bo.example",
    "author_email": " Bo@Mail.example ",
    "date_gmt": "2026-03-01T09:15:00",
    "content": {"rendered": "<p>Nice!</p>"},
    "link": "https://s.example/hello/#comment-34",
    "status": "approved",
    "type": "comment",
}


def shown(entry: dict[str, Any], *, site: Site = SITE) -> Incoming:
    found, refused = comments([entry], NOW)
    assert refused == 0
    return incoming(next(iter(found.values())), site, thread=None, parent=None, subject=(Clean(""), None))


def test_names_are_unescaped_once_and_hostile_text_is_cleaned() -> None:
    item = shown(
        ENTRY
        | {
            "author_name": "Bo &amp;amp; \x1b[31mCo\u202e",
            "author_url": "javascript:alert(1)",
            "content": {"rendered": "<p>a&#27;[2J&lt;b&gt;</p><script>x</script><p>\u009b31m</p>"},
            "link": "ftp://s.example/",
        }
    )
    assert item.author.name.startswith("Bo &amp; ")
    assert item.author.url is None
    assert item.permalink is None
    for text in (item.text, item.author.name, item.author.handle):
        assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char == "\u202e" for char in text.replace("\n", ""))
    assert "<b>" in item.text
    assert "script" not in item.text


def test_a_guest_is_known_by_mail_by_new_avatars_or_by_name() -> None:
    known = "3fba7b1d4ee1b6ac66da1ebfeb2be7a6a3b22c6ad1ac13eafb2a5b0cba7cbe25"
    assert shown(ENTRY).author.email_hash == shown(ENTRY | {"author_email": "bo@mail.example"}).author.email_hash
    avatar = {"24": f"https://secure.gravatar.com/avatar/{known}?s=24"}
    hidden = ENTRY | {"author_email": None, "author_avatar_urls": avatar}
    assert shown(hidden).author.key == f"mail:{known}"
    plain = ENTRY | {"author_email": "", "author_avatar_urls": {"24": "https://gravatar.com/avatar/51965088c5db83c3"}}
    assert shown(plain).author.key == "guest:bo & co|https://bo.example"
    assert shown(plain | {"author": 7}).author.key == "user:7"


@pytest.mark.parametrize(
    "broken",
    [
        None,
        [],
        "x",
        {},
        ENTRY | {"id": "34"},
        ENTRY | {"id": True},
        ENTRY | {"id": 1 << 70},
        ENTRY | {"post": None},
        ENTRY | {"parent": -1},
        ENTRY | {"author": 1.5},
        ENTRY | {"content": "text"},
        ENTRY | {"content": {"rendered": None}},
        ENTRY | {"date_gmt": None},
        ENTRY | {"date_gmt": "0000-00-00T00:00:00"},
        ENTRY | {"date_gmt": "2026-03-01T09:15:00" * 9},
    ],
)
def test_a_broken_entry_is_refused_and_counted(broken: object) -> None:
    found, refused = comments([broken, ENTRY], NOW)
    assert (list(found), refused) == ([34], 1)


def test_other_kinds_of_comment_and_odd_fields_do_no_harm() -> None:
    assert comments([ENTRY | {"type": "note"}], NOW) == ({}, 0)
    assert shown(ENTRY).to_me
    assert not shown(ENTRY | {"type": "pingback"}).to_me
    assert shown(ENTRY | {"type": "trackback", "status": "hold"}).to_me
    odd = shown(ENTRY | {"author_name": 5, "author_url": {}, "author_email": [], "link": None, "status": ["x"]})
    assert (odd.author.name, odd.author.url, odd.permalink, odd.status) == ("?", None, None, ItemStatus.PUBLISHED)
    assert shown(ENTRY | {"date_gmt": "1970-01-01T00:00:00"}).created_at == NOW


def test_a_chain_of_answers_may_be_broken_or_bite_its_tail() -> None:
    found, _ = comments(
        [ENTRY | {"id": 2, "parent": 3}, ENTRY | {"id": 3, "parent": 2}, ENTRY | {"id": 4, "parent": 9}], NOW
    )
    assert root(found[2], found, ()) in ("2", "3")
    assert root(found[4], found, ()) is None
    assert root(found[4], found, (9,)) == "9"


def test_a_reply_is_recognised_whatever_wordpress_made_of_it() -> None:
    link = "<a href='http://a.example/' rel='nofollow'>http://a.example/</a>"
    rendered = f"<p>It&#8217;s &#8220;fine&#8221; &#8212; see {link} 🙂</p>"
    found, _ = comments([ENTRY | {"content": {"rendered": rendered}}], NOW)
    assert same_text(found[34], 'It\'s "fine" -- see http://a.example/ :)')
    assert not same_text(found[34], "It's not fine -- see http://a.example/ :)")
    assert not same_text(found[34], ":)")


def test_api_roots_come_from_header_tag_and_custom() -> None:
    tag = "<head><link rel='https://api.w.org/' href='https://cms.example/blog/wp-json/' /></head>"
    assert api_roots("https://s.example/a/b", "/x/wp-json/", tag) == [
        "https://s.example/x/wp-json/",
        "https://cms.example/blog/wp-json/",
        "https://s.example/wp-json/",
        "https://s.example/?rest_route=/",
    ]
    assert api_roots("https://s.example/blog/wp-json/wp/v2", "", "")[0] == "https://s.example/blog/wp-json/"
    assert api_url("https://s.example/?rest_route=/", "/wp/v2/x", {"a": "b c"}) == (
        "https://s.example/?rest_route=/wp/v2/x&a=b+c"
    )
    assert api_url("https://s.example/wp-json/", "/wp/v2/x", {"a": 1}) == "https://s.example/wp-json/wp/v2/x?a=1"


def answered(status: int, body: object) -> Answer:
    return Answer(status, "https://s.example/wp-json/x", Headers([]), json.dumps(body).encode())


def test_refusals_are_clear_sentences() -> None:
    with pytest.raises(AuthExpired, match="may no longer moderate"):
        succeeded(answered(403, {"code": "rest_forbidden_param"}))
    with pytest.raises(Rejected, match="may not moderate"):
        succeeded(answered(403, {"code": "rest_cannot_edit"}), wrote=True)
    with pytest.raises(Rejected, match="trash switched off"):
        succeeded(answered(501, {"code": "rest_trash_not_supported"}), wrote=True)
    with pytest.raises(Rejected):
        succeeded(Answer(403, "https://s.example/", Headers([]), b"<html>Blocked by a plugin</html>"))
    with pytest.raises(Garbled):
        Answer(200, "https://s.example/", Headers([]), b"<html>").json()
