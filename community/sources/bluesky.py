"""Bluesky, and any other server of the AT Protocol: mentions and threads in, replies out.

API: docs.bsky.app, lexicons app.bsky.* and com.atproto.*
"""

from collections.abc import Mapping
from typing import Any, Final

from community.errors import AuthExpired, Garbled, NotSupported, Rejected, SourceError
from community.length import remaining
from community.sources.atproto import (
    DID,
    ENTRYWAY,
    Session,
    body_of,
    did_of,
    error_name,
    is_server,
    place_of,
    server_of,
)
from community.sources.base import (
    Account,
    Act,
    Capabilities,
    Found,
    LengthRule,
    LoginStep,
    Outgoing,
    Page,
    Repeat,
    Sent,
    Target,
    Thread,
    Tools,
)
from community.sources.bluesky_parse import POST, Here, item_of, owner, permalink, rkey
from community.sources.bluesky_walk import Cursor, Threads, Walk
from community.sources.fields import Misshapen, child, children, iso, name_of, string
from community.sources.http import Answer, raise_for
from community.sources.richtext import MENTION, facets, moment_of, record_key, spans
from community.text import clean_line
from storage.rows import Source

_LENGTH: Final = LengthRule(limit=300, unit="graphemes", max_bytes=3000)
_SETTINGS: Final = "https://bsky.app/settings/app-passwords"
_NO_QUEUE: Final = "Bluesky publishes replies at once: there is nothing to moderate."
_NO_LOGIN: Final = "Kith has no app password for this account: log in first."
_BATCH: Final = 25
_SETTLED_S: Final = 600
_TOUCHES: Final = {Act.LIKE: ("app.bsky.feed.like", "like"), Act.BOOST: ("app.bsky.feed.repost", "repost")}


class Bluesky:
    """One account."""

    kind = "bluesky"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def capabilities(self, source: Source) -> Capabilities:
        """Reading and answering; records carry names of our own, so repeating is safe."""
        why = dict.fromkeys((Act.APPROVE, Act.HOLD, Act.SPAM, Act.TRASH), _NO_QUEUE)
        acts = frozenset({Act.REPLY, Act.LIKE, Act.BOOST})
        if not self._tools.credential:
            why |= dict.fromkeys(acts, _NO_LOGIN)
            acts = frozenset()
        return Capabilities(
            acts=acts,
            length=_LENGTH,
            repeat=Repeat.FREELY,
            has_threads=True,
            has_signals=True,
            min_interval_s=60,
            why_not=why,
        )

    async def probe(self, address: str) -> Found | None:
        """The account behind `me.bsky.social`, `@me.example` or a profile's address, or the server at an address."""
        place = place_of(address)
        if place is None:
            return None
        name, base = place
        sure = "/" in address or address.strip().startswith(("@", "did:"))
        try:
            if base and not await is_server(self._tools.http, base):
                return None
            did = await did_of(self._tools.http, name, base) if name else None
        except SourceError:
            if sure and name:
                raise
            return None
        if name and did is None:
            return None
        account = f"@{name}" if name and not DID.fullmatch(name) else ""
        return Found(
            kind=self.kind,
            name=clean_line(account or did or base.partition("://")[2], limit=200),
            address=base or (await server_of(self._tools.http, did) if did else ENTRYWAY),
            account=account or did or "",
            does=("brings mentions, replies and whole threads", "sends replies, likes and reposts"),
            does_not=("it has no moderation queue", "it cannot edit what was posted"),
            needs_credential=True,
            takes_credential=True,
        )

    async def begin_login(self, source: Source) -> LoginStep | None:
        """Asks for an app password, with the handle where that is not known."""
        known = bool(source.account or source.me)
        what = "it here" if known else "it here as handle:app-password"
        return LoginStep(
            sentence=f"Make an app password (Settings, Privacy and security, App passwords), and paste {what}.",
            url=_SETTINGS if source.address.startswith("https://") else None,
            asks_account=not known,
        )

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """The app password as it was typed; `check` tries it."""
        if not typed.strip():
            raise AuthExpired(_NO_LOGIN)
        return typed.strip()

    async def check(self, source: Source) -> Account:
        """Who the app password makes me."""
        session = self._session(source)
        mine = await session.query("com.atproto.server.getSession")
        did, handle = string(mine, "did"), clean_line(string(mine, "handle"), limit=260)
        if not DID.fullmatch(did):
            raise Garbled("The server does not say whose app password this is.")
        if source.me and source.me != did:
            raise AuthExpired(f"This app password belongs to @{handle}, not to {source.account or source.me}.")
        try:
            profile = await session.query("app.bsky.actor.getProfile", [("actor", did)])
        except SourceError:
            profile = {}
        return Account(me=did, account=f"@{handle}", name=name_of(string(profile, "displayName"), handle, did))

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """The next page of new notifications with their threads; at the top of each walk also what I wrote."""
        session = self._session(source)
        walk = Walk(session, await self._here(source, session), Cursor.read(cursor))
        if not walk.cursor.at:
            await walk.own_posts()
        await walk.notifications()
        return Page(
            items=walk.threads.items(),
            signals=tuple(sorted(walk.signals, key=lambda signal: signal.at)),
            cursor=walk.cursor.written(),
            has_more=bool(walk.cursor.at),
            refused=walk.refused + walk.threads.refused,
        )

    async def thread(self, source: Source, thread: Thread) -> Page:
        """The thread from its root; what is stored but not in it is asked for by itself before it counts as gone."""
        session = self._session(source)
        threads = Threads(session, await self._here(source, session))
        root_is_there = await threads.whole(thread.key, thread=thread.key)
        absent = [uri for uri in thread.item_ids if not threads.has(uri) and uri not in threads.blocked]
        gone: list[str] = []
        for start in range(0, len(absent), _BATCH):
            batch = absent[start : start + _BATCH]
            views = {string(view, "uri"): view for view in await self._posts(session, batch)}
            for uri in batch:
                if uri in views:
                    threads.add(views[uri], thread=thread.key)
                elif await self._is_gone(session, uri):
                    gone.append(uri)
        return Page(
            items=threads.items(),
            gone=tuple(gone),
            refused=threads.refused,
            whole_thread=root_is_there and not threads.cut and not threads.blocked,
        )

    def opening(self, source: Source, target: Target) -> str:
        """Nothing: a reply tells whom it answers by itself."""
        return ""

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """The whole record under a name of our own, with the parent as it is now."""
        session = self._session(source)
        target = outgoing.target
        if outgoing.act is not Act.REPLY and outgoing.act not in _TOUCHES:
            raise NotSupported(_NO_QUEUE)
        found = await self._posts(session, [target.remote_id])
        parent = found[0] if found else {}
        here_now = {"uri": string(parent, "uri"), "cid": string(parent, "cid")}
        if here_now["uri"] != target.remote_id or not here_now["cid"]:
            raise Rejected("The post is not there any more.", status=404)
        key = record_key(outgoing.key, self._tools.now)
        if outgoing.act in _TOUCHES:
            collection, viewer_key = _TOUCHES[outgoing.act]
            record = {"$type": collection, "subject": here_now, "createdAt": iso(self._tools.now)}
            already = string(child(parent, "viewer"), viewer_key)
            return {"collection": collection, "rkey": key, "record": record} | ({"already": already} if already else {})
        if child(parent, "viewer").get("replyDisabled") is True:
            raise Rejected("Its author does not allow you to reply to this post.")
        text = outgoing.text.strip()
        left = remaining(_LENGTH, text)
        if not text:
            raise Rejected("There is nothing to send yet.")
        if left is not None and left < 0:
            raise Rejected(f"The reply is longer than the {_LENGTH.limit} characters that Bluesky takes.")
        root = child(child(child(parent, "record"), "reply"), "root")
        reply: dict[str, object] = {
            "$type": POST,
            "text": text,
            "createdAt": iso(self._tools.now),
            "reply": {"root": _ref(root) or here_now, "parent": here_now},
        }
        if made := facets(found_spans := spans(text), await self._dids(session, found_spans)):
            reply["facets"] = made
        return {"collection": POST, "rkey": key, "record": reply}

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """Write the frozen record under its frozen name; one that is there already, word for word, is ours."""
        session = self._session(source)
        body = outgoing.body
        if already := body.get("already"):
            return Sent(str(already), outgoing.target.permalink, note=clean_line("You had done that before."))
        repo = source.me or (await self._here(source, session)).me
        nsid = "com.atproto.repo.createRecord" if outgoing.attempt <= 1 else "com.atproto.repo.putRecord"
        request = {"repo": repo, **{key: body[key] for key in ("collection", "rkey", "record")}}
        answer = await session.ask(nsid, body=request)
        if answer.status >= 500 or answer.status == 409 or (answer.status == 400 and outgoing.attempt > 1):
            there = await self._read_back(session, repo, outgoing)
            if there is not None:
                return there
        raise_for(answer, wrote=True, forbidden=Rejected)
        made = body_of(answer)
        if not string(made, "uri").startswith("at://"):
            raise Garbled("The server answered, but not with the new record: look whether it is there.")
        return self._sent(source, repo, outgoing, string(made, "uri"), string(made, "cid"))

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """Our record by its own name: there or not, without doubt."""
        session = self._session(source)
        repo = source.me or (await self._here(source, session)).me
        if already := outgoing.body.get("already"):
            return [Sent(str(already), outgoing.target.permalink)]
        if "rkey" not in outgoing.body:
            return []
        answer = await self._record(session, repo, outgoing)
        if error_name(answer) == "RecordNotFound":
            return []
        raise_for(answer, forbidden=Rejected)
        found = body_of(answer)
        return [self._sent(source, repo, outgoing, string(found, "uri"), string(found, "cid"))]

    def _session(self, source: Source) -> Session:
        if not self._tools.credential:
            raise AuthExpired(_NO_LOGIN)
        return Session(self._tools.http, source.address, self._tools.credential, source.account or source.me)

    async def _here(self, source: Source, session: Session) -> Here:
        me = source.me or string(await session.query("com.atproto.server.getSession"), "did")
        return Here(me, self._tools.now)

    async def _posts(self, session: Session, uris: list[str]) -> list[dict[str, Any]]:
        return children(await session.query("app.bsky.feed.getPosts", [("uris", uri) for uri in uris]), "posts")

    async def _dids(self, session: Session, found: list[Any]) -> dict[str, str]:
        """The DIDs of the handles that a text mentions; a handle that nobody knows is left out."""
        dids: dict[str, str] = {}
        for handle in {span.value for span in found if span.kind == MENTION}:
            try:
                answer = await session.query("com.atproto.identity.resolveHandle", [("handle", handle)])
            except Rejected:
                continue
            if DID.fullmatch(string(answer, "did")):
                dids[handle] = string(answer, "did")
        return dids

    async def _is_gone(self, session: Session, uri: str) -> bool:
        """Whether a post is deleted: not only unseen by me, and not so new that it may still be on its way."""
        if (moment_of(rkey(uri)) or 0) > self._tools.now - _SETTLED_S:
            return False
        params = [("repo", owner(uri)), ("collection", POST), ("rkey", rkey(uri))]
        answer = await session.ask("com.atproto.repo.getRecord", params=params)
        return error_name(answer) in ("RecordNotFound", "RepoNotFound")

    async def _record(self, session: Session, repo: str, outgoing: Outgoing) -> Answer:
        params = [("repo", repo), *((key, str(outgoing.body[key])) for key in ("collection", "rkey"))]
        return await session.ask("com.atproto.repo.getRecord", params=params)

    async def _read_back(self, session: Session, repo: str, outgoing: Outgoing) -> Sent | None:
        """Our own record, if it is there word for word; None when it is not, or nobody can tell."""
        try:
            answer = await self._record(session, repo, outgoing)
            found = body_of(answer) if answer.status == 200 else {}
        except SourceError:
            return None
        if child(found, "value") != outgoing.body["record"]:
            return None
        return Sent(string(found, "uri"), permalink(string(found, "uri")) or outgoing.target.permalink)

    def _sent(self, source: Source, repo: str, outgoing: Outgoing, uri: str, cid: str) -> Sent:
        if outgoing.act in _TOUCHES:
            return Sent(uri, outgoing.target.permalink)
        author = {"did": repo, "handle": source.account.removeprefix("@")}
        view = {"uri": uri, "cid": cid, "author": author, "record": outgoing.body["record"]}
        try:
            item = item_of(view, Here(repo, self._tools.now), thread=outgoing.target.thread)
        except Misshapen:
            item = None
        return Sent(uri, permalink(uri), item)


def _ref(root: dict[str, Any]) -> dict[str, str] | None:
    uri, cid = string(root, "uri"), string(root, "cid")
    return {"uri": uri, "cid": cid} if uri.startswith("at://") and cid else None
