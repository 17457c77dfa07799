"""Isso: comments under the pages of a static site, answers under one's own name, moderation with its admin password.

API: isso-comments.de/docs/reference/server-api. What waits for approval shows on the admin page only, which is HTML.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote, urlsplit

from community.errors import Garbled, NotSupported, RateLimited, Rejected, SourceError, Uncertain
from community.sources import fields
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
from community.sources.isso_comments import (
    PENDING,
    STUB,
    Listed,
    Site,
    checked,
    endpoint,
    items,
    markdown,
    origin_of,
    recognising,
    same_text,
    signature,
    usual_hash,
    waiting,
)
from community.sources.isso_mark import Mark
from community.sources.isso_server import Server
from community.text import Clean, clean_line, from_html, safe_url
from storage.rows import Source

_PAGES_A_TIME: Final = 20
_FEW_PAGES: Final = 10
_SENT_KEPT: Final = 300
_EARLIER_S: Final = 120
_SHORTEST: Final = 3

_ACTIONS: Final = {Act.APPROVE: "activate", Act.SPAM: "delete", Act.TRASH: "delete"}
_NO_NAME: Final = "Isso signs a comment with a name: give yours as the account of this source."
_NEEDS_ADMIN: Final = "Add Isso's admin password with `kith source login`."
_WHY_NOT: Final = {
    Act.HOLD: "Isso cannot take an approval back.",
    Act.LIKE: "Isso counts votes by network address: vote on the page itself.",
    Act.BOOST: "Isso comments cannot be boosted.",
}


class Isso:
    """The comments of one Isso server."""

    kind = "isso"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def capabilities(self, source: Source) -> Capabilities:
        """Answers under a name, moderation with the admin password, reading in any case."""
        may = {Act.REPLY} if signature(source.account).name else set()
        if self._tools.credential:
            may.update(_ACTIONS)
        why = {Act.REPLY: _NO_NAME} | dict.fromkeys(_ACTIONS, _NEEDS_ADMIN) | _WHY_NOT
        return Capabilities(
            acts=frozenset(may),
            length=LengthRule(limit=65535, min_length=_SHORTEST),
            has_threads=True,
            sees_edits=fields.options_of(source.options).get("latest") == "1",
            why_not={act: reason for act, reason in why.items() if act not in may},
        )

    async def probe(self, address: str) -> Found | None:
        """The Isso server that `address` is, or that the page at `address` shows the comments of."""
        if "://" not in address and "@" in address:
            return None
        try:
            page = await self._tools.http.get(address if "://" in address else f"https://{address}")
        except Garbled:
            return None
        embedded = endpoint(page.text()) if page.content_type in ("text/html", "application/xhtml+xml") else None
        path = urlsplit(page.url)
        base, site, uri = page.url.partition("?")[0].partition("#")[0], "", ""
        if embedded is not None:
            base = safe_url(embedded[0], page.url) or ""
            site, uri = origin_of(page.url), embedded[1] or path.path
        for tail in ("/info", "/config", "/admin/", "/"):
            base = base.removesuffix(tail)
        if not base:
            return None
        try:
            answer = await self._tools.http.get(f"{base}/?uri={quote(uri or '/', safe='')}")
            tree = fields.mapping(answer.json())
        except (SourceError, fields.Misshapen):
            return None
        if answer.status != 200 or not {"total_replies", "hidden_replies", "replies"} <= tree.keys():
            return None
        return await self._found(base, site, uri)

    async def begin_login(self, source: Source) -> LoginStep | None:
        """The name to answer under, and, to moderate, the admin password."""
        return LoginStep(
            "The account is how you sign: “Maria” or “Maria <maria@mail.example>”. Then type the admin password of "
            "Isso to moderate, or nothing to read and answer only.",
            url=source.address.rstrip("/") + "/admin/",
            asks_account=True,
            optional=True,
        )

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """The admin password as it was typed."""
        return typed.strip()

    async def check(self, source: Source) -> Account:
        """The name I sign with; the password is tried when there is one."""
        server = self._server(source)
        if server.moderates:
            await server.log_in()
        found = await self._found(source.address.rstrip("/"), fields.options_of(source.options).get("site", ""), "")
        mine = signature(source.account)
        me = fields.options_of(source.options).get("hash") or (usual_hash(mine.email) if mine.email else "")
        return Account(me, clean_line(source.account), found.name, found.options)

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """The pages on which something has moved, whole, oldest first; then what waits for approval."""
        server, mark = self._server(source), Mark(cursor)
        options = fields.options_of(source.options)
        latest = await server.latest()
        listed = await server.published(everything=latest is None) if server.moderates else []
        known = [*mark.signs, *options.get("threads", "").split("\n"), *(each.uri for each in reversed(listed))]
        uris = list(dict.fromkeys(each for each in known if each))
        signs, whole = latest or (await server.counts(uris), True)
        moved = [uri for uri, sign in signs.items() if mark.signs.get(uri) != sign]
        if latest is None and len(uris) <= _FEW_PAGES:
            moved = uris
        moved += [uri for uri in mark.signs if whole and uri not in signs]
        mark.titles |= {each.uri: each.title for each in listed}
        site = self._site(source, mark.titles, listed)

        found: list[Incoming] = []
        gone: list[str] = []
        refused = 0
        for uri in moved[:_PAGES_A_TIME]:
            entries, bad = await server.tree(uri)
            refused += bad
            site = recognising(site, entries)
            found += await asyncio.to_thread(items, entries, site, uri, self._tools.now)
            alive = [entry["id"] for entry in entries if entry["mode"] != STUB]
            gone += [str(each) for each in mark.ids.get(uri, ()) if each not in alive and not bad]
            mark.read(uri, signs.get(uri), alive)
        has_more = len(moved) > _PAGES_A_TIME
        if server.moderates and not has_more:
            queue = await server.queue()
            found += [waiting(each, site, self._tools.now) for each in reversed(queue)]
            now_waiting = {each.id: each.uri for each in queue}
            published = {each for ids in mark.ids.values() for each in ids}
            gone += [str(each) for each in mark.waiting if each not in now_waiting and each not in published]
            mark.waiting = now_waiting
        learned = {
            "latest": "0" if latest is None else "1",
            "hash": " ".join(sorted(site.my_hashes - {usual_hash(site.signature.email)})),
            "salt": "usual" if site.usual_salt else "",
            "zone_s": str(site.zone_s),
        }
        return Page(
            tuple(sorted(found, key=lambda item: item.created_at)),
            gone=tuple(gone),
            cursor=mark.text(),
            has_more=has_more,
            refused=refused,
            options=learned if any(options.get(key, "") != value for key, value in learned.items()) else None,
        )

    async def thread(self, source: Source, thread: Thread) -> Page:
        """One comment of a page and its answers."""
        server, mark = self._server(source), Mark(source.cursor)
        site = self._site(source, mark.titles, [])
        uri = mark.uri_of(thread) or (thread.subject_url or "").removeprefix(site.origin)
        if not uri:
            raise Rejected("It is not known which page this conversation stands under; sync this source once.")
        entries, refused = await server.tree(uri)
        made = await asyncio.to_thread(items, entries, recognising(site, entries), uri, self._tools.now)
        if server.moderates:
            made += [waiting(each, site, self._tools.now) for each in await server.queue() if each.uri == uri]
        alive = {item.remote_id for item in made}
        seen = {str(each) for each in (*mark.ids.get(uri, ()), *(mark.waiting if server.moderates else ()))}
        return Page(
            tuple(each for each in made if each.thread == thread.key or each.remote_id in thread.item_ids),
            gone=tuple(each for each in thread.item_ids if each in seen and each not in alive and not refused),
            refused=refused,
            whole_thread=True,
        )

    def opening(self, source: Source, target: Target) -> str:
        """Whom a reply answers, where Isso would forget: it hangs every answer under the top comment."""
        return f"@{target.author.name} " if target.parent_id else ""

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """The comment to write, or what to do with which comment: its key is asked for at the time of sending."""
        can, target = self.capabilities(source), outgoing.target
        if outgoing.act not in can.acts:
            raise NotSupported(can.why_not.get(outgoing.act, _NEEDS_ADMIN))
        uri, number = _place(target)
        server = self._server(source)
        if outgoing.act is not Act.REPLY:
            if await server.one(_permalink(source, uri, number), number) is None:
                raise Rejected("The comment is not there any more.")
            return {"uri": uri, "id": number, "action": _ACTIONS[outgoing.act]}
        text = markdown(outgoing.text)
        if len(text.rstrip()) < _SHORTEST:
            raise Rejected("Isso takes no comment of less than three characters.")
        entries, _ = await server.tree(uri)
        if not any(entry["id"] == number and entry["mode"] != STUB for entry in entries):
            raise Rejected("The comment is not published (any more): approve it before you answer.")
        mine = signature(source.account)
        return {"uri": uri, "parent": number, "text": text, "author": mine.name, "email": mine.email or None}

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """The reply that was made, or the comment that was approved or deleted."""
        server, body, target = self._server(source), outgoing.body, outgoing.target
        uri, number = str(body["uri"]), int(str(body.get("id") or body.get("parent")))
        if outgoing.act is not Act.REPLY:
            listed = await server.one(_permalink(source, uri, number), number)
            if listed is None:
                return Sent(target.remote_id, target.permalink, note=Clean("It was gone already."))
            await server.moderate(number, str(body["action"]), listed.key)
            if not await self.look(source, outgoing):
                raise Garbled("Isso took that, but it is not done so far: look whether it will be.")
            deleted = "Isso has neither a bin nor a spam folder: it is deleted for good."
            note = clean_line("" if outgoing.act is Act.APPROVE else deleted)
            return Sent(target.remote_id, target.permalink, note=note)
        try:
            entry = await server.post(uri, {key: value for key, value in body.items() if key != "uri"})
        except RateLimited:
            if outgoing.attempt > 1:  # the comment that fills the minute may be the one of the first attempt
                raise Uncertain("Isso has had enough comments from here: perhaps this one is among them.") from None
            raise
        return self._sent(source, uri, target, entry)

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """Comments under my name in that thread with that text since the first try, also those in the queue."""
        server, body, target = self._server(source), outgoing.body, outgoing.target
        uri, number = str(body["uri"]), int(str(body.get("id") or body.get("parent")))
        entries, _ = await server.tree(uri)
        there = any(entry["id"] == number and entry["mode"] != STUB for entry in entries)
        if outgoing.act is not Act.REPLY:
            if outgoing.act is not Act.APPROVE:
                there = await server.one(_permalink(source, uri, number), number) is None
            return [Sent(target.remote_id, target.permalink)] if there else []
        mine = signature(source.account)
        found = [
            self._sent(source, uri, target, entry)
            for entry in entries
            if str(entry["parent"]) == target.thread
            and entry["created"] >= outgoing.first_tried_at - _EARLIER_S
            and clean_line(from_html(fields.string(entry, "author"))) == clean_line(mine.name)
            and same_text(from_html(entry["text"]), outgoing.text)
        ]
        for each in await server.queue() if server.moderates else ():
            if each.uri == uri and each.email == mine.email and same_text(each.text, str(body["text"])):
                item = waiting(each, self._site(source, {}, []), self._tools.now)
                found.append(Sent(item.remote_id, item.permalink, item, Clean("It waits for approval.")))
        return found

    async def _found(self, base: str, site: str, uri: str) -> Found:
        """What the server at `base` offers. `uri` is a page that is known to have comments."""
        place = clean_line(urlsplit(site or base).netloc)
        server = Server(self._tools, base)
        about = await server.about()
        latest = await server.latest() is not None
        origin = site or origin_of(fields.string(about, "origin")) or origin_of(base)
        return Found(
            self.kind,
            name=place,
            address=base,
            options={"site": origin, "latest": "1" if latest else "0"} | ({"threads": uri} if uri else {}),
            does=(
                "Reads the comments of every page." if latest else "Reads the comments of the pages it knows.",
                "Answers under your name.",
                "With the admin password: approves and deletes.",
            ),
            does_not=() if latest else ("This server does not tell what is new (`latest-enabled` is off).",),
            takes_credential=True,
            may_be_mine=True,
        )

    def _server(self, source: Source) -> Server:
        return Server(self._tools, source.address, allow_hosts=source.allow_hosts)

    def _site(self, source: Source, titles: Mapping[str, str], listed: Sequence[Listed]) -> Site:
        """What is known of the place and of me there."""
        options, mine = fields.options_of(source.options), signature(source.account)
        hashes = set(options.get("hash", "").split()) | ({usual_hash(mine.email)} if mine.email else set())
        return Site(
            network=f"isso:{urlsplit(source.address).netloc.lower()}{urlsplit(source.address).path.rstrip('/')}",
            origin=_origin(source),
            signature=mine,
            my_hashes=frozenset(hashes),
            my_ids=frozenset(self._sent_ids()),
            is_mine=bool(source.is_mine) or bool(self._tools.credential),
            titles=titles,
            emails={each.id: each.email for each in listed if each.email},
            usual_salt=options.get("salt") == "usual",
            times={each.id: each.at for each in listed if each.at is not None},
            zone_s=int(options.get("zone_s") or "0"),
        )

    def _sent(self, source: Source, uri: str, target: Target, entry: dict[str, Any]) -> Sent:
        """A comment of mine as Isso shows it, remembered as mine: nothing on the server says whose it is."""
        try:
            known = checked(entry)
        except fields.Misshapen:
            raise Garbled("Isso took the reply, but its answer cannot be read.") from None
        kept = [*self._sent_ids(), known["id"]][-_SENT_KEPT:]
        self._tools.credential.keep("sent", " ".join(map(str, dict.fromkeys(kept))))
        site = replace(self._site(source, {}, []), my_ids=frozenset(kept))
        item = items([known], site, uri, self._tools.now)[0]._replace(subject=Clean(""), to_me=False)
        note = ""
        if known["mode"] == PENDING:
            note = "It waits for approval" + (", on your comment desk." if self._tools.credential else " by the site.")
        elif str(known["parent"]) != target.thread:
            note = "Isso has put it under the page itself: the comment it answers has gone."
        return Sent(item.remote_id, item.permalink, item, clean_line(note))

    def _sent_ids(self) -> list[int]:
        return [int(each) for each in self._tools.credential.token("sent").reveal().split()]


def _origin(source: Source) -> str:
    return fields.options_of(source.options).get("site") or origin_of(source.address)


def _place(target: Target) -> tuple[str, int]:
    uri = target.extra.get("uri", "")
    if not uri or not target.remote_id.isdecimal():
        raise Rejected("This is no comment of an Isso server.")
    return uri, int(target.remote_id)


def _permalink(source: Source, uri: str, number: int) -> str:
    return f"{_origin(source)}{uri}#isso-{number}"
