"""WordPress: the comments of a site in, replies and moderation out, through the REST API of the site itself.

API: developer.wordpress.org/rest-api/reference/comments; application passwords need WordPress 5.6.
"""

import asyncio
import html
import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import NAMESPACE_URL, uuid5

from community.errors import AuthExpired, Garbled, NotSupported, Rejected, SourceError
from community.sources import fields
from community.sources.answers import link_header
from community.sources.base import (
    Account,
    Act,
    Capabilities,
    Found,
    Incoming,
    LengthRule,
    LoginStep,
    Outgoing,
    Page,
    Sent,
    Target,
    Thread,
    Tools,
)
from community.sources.wordpress_api import PAGE, SAID, Api, body_of, code, succeeded
from community.sources.wordpress_comments import (
    PINGS,
    STATUSES,
    Comment,
    Site,
    api_roots,
    comments,
    incoming,
    is_mine,
    network,
    root,
    same_text,
)
from community.text import Clean, clean, clean_line
from storage.rows import Source

_OVERLAP = 10  # what is deleted while we page would else pull others past the page's edge
_BACKLOG = 2000
_PUT_AWAY = 50
_GENERATIONS = 8
_EARLIER_S = 120

_HOSTED = "public-api.wordpress.com"  # another API, with another login
_STATUS_OF = {Act.APPROVE: "approved", Act.HOLD: "hold", Act.SPAM: "spam", Act.TRASH: "trash"}
_NO_LOGIN = "Add an application password with `kith source login`."
_NO_RIGHT = "Your login may not moderate this site: that takes an editor or an administrator."


class WordPress:
    """The comments of one WordPress site."""

    kind = "wordpress"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def capabilities(self, source: Source) -> Capabilities:
        """Replies with a login, moderation with the rights of an editor, reading in any case."""
        may = {Act.REPLY} if self._tools.credential else set()
        if Api(self._tools, source).moderates:
            may.update(_STATUS_OF)
        why = dict.fromkeys(_STATUS_OF, _NO_RIGHT) if may else dict.fromkeys((Act.REPLY, *_STATUS_OF), _NO_LOGIN)
        why |= {Act.LIKE: "WordPress comments cannot be liked.", Act.BOOST: "WordPress comments cannot be boosted."}
        return Capabilities(
            acts=frozenset(may),
            length=LengthRule(limit=65525, unit="bytes"),
            has_threads=True,
            sees_edits=True,
            why_not={act: reason for act, reason in why.items() if act not in may},
        )

    async def probe(self, address: str) -> Found | None:
        """The WordPress site that `address`, its home or any of its pages, belongs to."""
        if "://" not in address and "@" in address:
            return None
        page = await self._tools.http.get(address if "://" in address else f"https://{address}")
        said = link_header(page.headers.get("link", "")).get("https://api.w.org/", "")
        for api in api_roots(page.url, said, page.text()):
            if urlsplit(api).netloc == _HOSTED:
                continue
            try:
                answer = await self._tools.http.get(api)
                about = answer.json()
            except SourceError:
                continue
            if answer.status == 200 and isinstance(about, dict) and "wp/v2" in _namespaces(about):
                return _found(api, about)
        return None

    async def begin_login(self, source: Source) -> LoginStep | None:
        """An application password, made on a page of the site itself."""
        page = fields.options_of(source.options).get("authorize")
        page = page or source.address.rstrip("/") + "/wp-admin/authorize-application.php"
        asked = urlencode({"app_name": "Kith", "app_id": str(uuid5(NAMESPACE_URL, "kith"))})
        return LoginStep(
            "Open the page, approve Kith, then type your user name, a colon and the password it shows: "
            "“user name:application password”.",
            url=f"{page}?{asked}",
        )

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """`login:password`, without the blanks that WordPress shows the password with."""
        login, colon, password = typed.strip().partition(":")
        if not colon:
            login, password = source.account, login
        login, password = login.strip(), "".join(password.split())
        if not login or not password:
            raise Rejected("Type your user name, a colon and the application password: “maria:abcd efgh ijkl”.")
        return f"{login}:{password}"

    async def check(self, source: Source) -> Account:
        """The user that the application password belongs to, and whether it moderates."""
        api = Api(self._tools, source)
        about = await api.read("/", {"_fields": "name,home"})
        name = clean_line(html.unescape(fields.string(about, "name"))) or clean_line(source.name)
        if not self._tools.credential:
            return Account("", "", name, {"api": api.root, "can_moderate": "0"})
        user = await api.read("/wp/v2/users/me", {"context": "edit"})
        may = fields.child(user, "capabilities").get("moderate_comments") is True
        try:
            me = "user:" + fields.identifier(user, "id")
        except fields.Misshapen:
            raise AuthExpired("WordPress does not say who this login is: log in again.") from None
        login = clean_line(fields.string(user, "username") or fields.string(user, "slug"))
        return Account(me, login, name, {"api": api.root, "can_moderate": "1" if may else "0"})

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """The newest comments, whatever came since `cursor`, and what became of those seen the last time."""
        mark, api = _Mark(cursor), Api(self._tools, source)
        if mark.offset is not None:
            return await self._walk(source, mark, mark.offset)
        found, refused, total = await api.list({"order": "desc"})
        if total > PAGE and mark.last < min(found, default=0):
            return await self._walk(source, mark, max(0, total - (2 * PAGE if cursor else _BACKLOG)))
        last = max([mark.last, *found])
        for status in ("spam", "trash") if api.moderates else ():
            put_away, bad, _ = await api.list({"order": "desc", "status": status, "per_page": _PUT_AWAY})
            found |= put_away
            refused += bad
        pings: dict[int, Comment] = {}
        for kind in PINGS if api.moderates else ():
            linked, bad, _ = await api.list({"order": "desc", "type": kind, "per_page": _PUT_AWAY})
            pings |= linked
            refused += bad
        elsewhere, gone, unclear = await api.missing(mark.seen - found.keys())
        return Page(
            await self._items(source, found | elsewhere | pings),
            gone=tuple(map(str, sorted(gone))),
            refused=refused,
            cursor=mark.moved(last, seen=found.keys() | unclear),
        )

    async def thread(self, source: Source, thread: Thread) -> Page:
        """Every comment under the top one that `thread` is named by."""
        api = Api(self._tools, source)
        ids = {int(each) for each in (thread.key, *thread.item_ids) if each.isdecimal()}
        found = await api.include(sorted(ids))
        post = next((each.post for each in found.values() if each.post), 0)
        refused, offset, total = 0, 0, 1 if post else 0
        while offset < total:
            page, bad, total = await api.list({"order": "asc", "post": post, "offset": offset})
            found |= page
            refused += bad
            offset += PAGE - _OVERLAP
        elsewhere, gone, _ = await api.missing(ids - found.keys())
        found |= elsewhere
        ours = tuple(
            item
            for item in await self._items(source, found)
            if item.thread == thread.key or item.remote_id in thread.item_ids
        )
        return Page(ours, gone=tuple(map(str, sorted(gone))), refused=refused, whole_thread=True)

    def opening(self, source: Source, target: Target) -> str:
        """Nothing: a reply hangs under the comment it answers."""
        return ""

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """The body of the request, once the comment it is about has been seen to be there."""
        can = self.capabilities(source)
        if outgoing.act not in can.acts:
            raise NotSupported(can.why_not.get(outgoing.act, _NO_RIGHT))
        api, target = Api(self._tools, source), outgoing.target
        entry = await api.read(_route(target), {"context": "edit"} if api.moderates else None)
        if outgoing.act is not Act.REPLY:
            # Left out, WordPress writes our own address and program over those of the commenter.
            kept = {key: entry[key] for key in ("author_ip", "author_user_agent") if fields.string(entry, key)}
            return {"status": _STATUS_OF[outgoing.act]} | kept
        post, parent = fields.optional_identifier(entry, "post"), fields.optional_identifier(entry, "id")
        if parent != target.remote_id or post != target.extra.get("post", post) or not post:
            raise Rejected("The comment is not where it was: read the conversation again before you answer.")
        if fields.string(entry, "status") in ("spam", "trash", "post-trashed"):
            raise Rejected("The comment has been put away: bring it back before you answer.")
        text = clean(outgoing.text).strip()
        if not text:
            raise Rejected(SAID["rest_comment_content_invalid"])
        # No <p> and <br>: WordPress strips them from what most roles write, and makes its own out of line ends.
        return {"post": int(post), "parent": int(parent), "content": html.escape(text, quote=False)}

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """The reply that was made, or the comment that was moved."""
        api, target = Api(self._tools, source), outgoing.target
        if outgoing.act is Act.REPLY:
            entry = await api.write("POST", "/wp/v2/comments", outgoing.body)
            found, _ = comments([entry], self._tools.now)
            if not found:
                raise Garbled("WordPress took the reply, but its answer cannot be read.")
            return _sent(found.popitem()[1], _site(source, api), target)
        if outgoing.act is Act.TRASH:
            answer = await api.ask("DELETE", _route(target), {"force": "false"})
            if code(answer) in ("rest_already_trashed", "rest_comment_invalid_id"):
                return Sent(target.remote_id, target.permalink, note=Clean("It was gone already."))
            moved = body_of(succeeded(answer, wrote=True))
        else:
            moved = await api.write("POST", _route(target), outgoing.body)
        if fields.string(moved, "status") != _STATUS_OF[outgoing.act]:
            raise Garbled("WordPress took that, but does not say that it is done: look whether it is.")
        return Sent(target.remote_id, target.permalink)

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """My own comments under that parent with that text since the first try; or the status that was asked for."""
        api, body, target = Api(self._tools, source), outgoing.body, outgoing.target
        if outgoing.act is not Act.REPLY:
            number = int(_route(target).rpartition("/")[2])
            wanted = STATUSES[_STATUS_OF[outgoing.act]]
            found, gone, _ = await api.missing({number})
            there = any(each.status is wanted for each in found.values())
            done = there or (outgoing.act is Act.TRASH and number in gone)
            return [Sent(target.remote_id, target.permalink)] if done else []
        site = _site(source, api)
        asked = {"post": body["post"], "parent": body["parent"], "order": "desc"}
        found, _, _ = await api.list(asked | ({"status": "any", "author": site.me} if api.moderates else {}))
        return [
            _sent(each, site, target)
            for each in found.values()
            if is_mine(each, site)
            and each.parent == body["parent"]
            and each.status not in (STATUSES["spam"], STATUSES["trash"])
            and each.created_at >= outgoing.first_tried_at - _EARLIER_S
            and same_text(each, outgoing.text)
        ]

    async def _walk(self, source: Source, mark: "_Mark", offset: int) -> Page:
        """One page upwards by id from about `offset`. It begins at or before the mark, so that there is no hole."""
        api, step = Api(self._tools, source), PAGE - _OVERLAP
        found, refused, total = await api.list({"order": "asc", "offset": offset})
        while mark.last and offset and min(found, default=0) > mark.last:
            offset, step = max(0, offset - step), step * 2
            found, refused, total = await api.list({"order": "asc", "offset": offset})
        following = offset + PAGE - _OVERLAP if offset + PAGE < total else None
        return Page(
            await self._items(source, found),
            refused=refused,
            cursor=mark.moved(max([mark.last, *found]), seen=mark.seen, offset=following),
            has_more=True,
        )

    async def _items(self, source: Source, found: Mapping[int, Comment]) -> tuple[Incoming, ...]:
        """`found` as items, oldest first, together with the comments they answer and the posts they stand under."""
        api, known, absent = Api(self._tools, source), dict(found), set[int]()
        for _ in range(_GENERATIONS):
            above = {each.parent for each in known.values() if each.parent} - known.keys() - absent
            if not above:
                break
            known |= await api.include(sorted(above))
            absent |= above - known.keys()
        posts, site = await api.posts(known.values()), _site(source, api)

        def mapped() -> tuple[Incoming, ...]:
            return tuple(
                incoming(
                    each,
                    site,
                    thread=root(each, known, absent),
                    parent=known.get(each.parent),
                    subject=posts.get(each.post, (Clean(""), None)),
                )
                for _, each in sorted(known.items())
            )

        return await asyncio.to_thread(mapped)  # a hundred hostile comments take seconds


class _Mark:
    """A cursor that was read: all up to `last` is stored, `seen` were there last time, `offset` is where to walk on."""

    __slots__ = ("last", "offset", "seen")

    def __init__(self, cursor: str | None) -> None:
        known = fields.options_of(cursor or "")
        self.last = int(known.get("id", "0"))
        self.offset = int(known["offset"]) if "offset" in known else None
        self.seen = {int(each) for each in known.get("seen", "").split()}

    def moved(self, last: int, *, seen: Iterable[int], offset: int | None = None) -> str:
        """The cursor to store."""
        known = {"id": str(last), "seen": " ".join(map(str, sorted(seen)))}
        return json.dumps(known if offset is None else known | {"offset": str(offset)})


def _namespaces(about: Mapping[str, Any]) -> list[Any]:
    value = about.get("namespaces")
    return value if isinstance(value, list) else []


def _found(api: str, about: Mapping[str, Any]) -> Found:
    """What the API's own description says. Address and API share a host: the password goes nowhere else."""
    place = urlsplit(api).netloc
    home = fields.link(about, "home") or ""
    if urlsplit(home).netloc != place:
        home = api.partition("/wp-json")[0].partition("?")[0].removesuffix("/index.php")
    ways = fields.child(fields.child(about, "authentication"), "application-passwords")
    page = fields.link(fields.child(ways, "endpoints"), "authorization") or ""
    return Found(
        WordPress.kind,
        name=clean_line(html.unescape(fields.string(about, "name"))) or clean_line(place),
        address=home.rstrip("/"),
        options={"api": api} | ({"authorize": page} if urlsplit(page).netloc == place else {}),
        does=("Reads the comments of the whole site.", "With a login: answers, approves, marks as spam, bins."),
        does_not=("An edit of a comment older than the newest hundred shows when its conversation is opened.",),
        takes_credential=True,
        may_be_mine=True,
    )


def _sent(made: Comment, site: Site, target: Target) -> Sent:
    """A reply of mine as WordPress gave it back."""
    item = incoming(made, site, thread=target.thread, parent=None, subject=(Clean(""), target.subject_url))
    waits = "" if made.status is STATUSES["approved"] else "It waits for approval on the site."
    return Sent(str(made.id), made.link, item, clean_line(waits))


def _site(source: Source, api: Api) -> Site:
    mine = bool(source.is_mine) or api.moderates
    return Site(network(source.address), source.me.removeprefix("user:"), clean_line(source.account), is_mine=mine)


def _route(target: Target) -> str:
    if not target.remote_id.isdecimal():
        raise Rejected("This is no comment of a WordPress site.")
    return f"/wp/v2/comments/{target.remote_id}"
