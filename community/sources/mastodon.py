"""Mastodon and the servers that speak its API: mentions and threads in, replies out.

API: docs.joinmastodon.org/methods/notifications, /statuses, /accounts, /oauth
"""

import math
from collections.abc import Mapping
from typing import Final

from community.errors import AuthExpired, Garbled, NotSupported, RateLimited, Rejected, Unreachable
from community.length import measure, remaining
from community.sources.base import (
    Account,
    Act,
    Capabilities,
    Found,
    LoginStep,
    Outgoing,
    Page,
    Sent,
    Target,
    Thread,
    Tools,
)
from community.sources.fediverse import length_rule, repeat, reply_visibility
from community.sources.fields import (
    children,
    identifier,
    name_of,
    optional_identifier,
    options_of,
    string,
)
from community.sources.mastodon_door import ACTS, Waiting, decide, decided, door_of, request_of, who_waits
from community.sources.mastodon_http import Server, detect, home_of, object_of, rows_of, server_of, status_path
from community.sources.mastodon_login import begin, finish
from community.sources.mastodon_parse import Here, full_acct, identity_key
from community.sources.mastodon_reply import VERBS, is_trace, others, sent, touched, written
from community.sources.mastodon_threads import Threads
from community.sources.mastodon_walk import Cursor, Walk
from community.text import clean_line
from storage.rows import Source

_CHECKS: Final = 40

_NO_QUEUE: Final = "Replies on the fediverse are published at once: there is nothing to moderate."
_NO_HOLD: Final = "This server can let somebody in or turn them away, and nothing in between."
_NO_LOGIN: Final = "Kith has no access token for this server: log in first."


class Mastodon:
    """One account on one server."""

    kind = "mastodon"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools
        self._waiting: Waiting | None = None

    def capabilities(self, source: Source) -> Capabilities:
        """Reading and answering; length and repetition as the software of the server is known to do them."""
        options = options_of(source.options)
        why = dict.fromkeys((Act.APPROVE, Act.HOLD, Act.SPAM, Act.TRASH), _NO_QUEUE)
        acts = frozenset({Act.REPLY, Act.LIKE, Act.BOOST})
        if door_of(options) is not None:
            acts |= ACTS
            why = dict.fromkeys((Act.HOLD, Act.SPAM), _NO_HOLD)
        if not self._tools.credential:
            why |= dict.fromkeys(acts, _NO_LOGIN)
            acts = frozenset()
        return Capabilities(
            acts=acts,
            length=length_rule(options),
            repeat=repeat(options),
            has_threads=True,
            has_signals=True,
            sees_edits=True,
            min_interval_s=60,
            why_not=why,
        )

    async def probe(self, address: str) -> Found | None:
        """The server behind `@me@server`, `me@server`, `server`, or the address of a profile."""
        place = server_of(address)
        if place is None:
            return None
        base, account = place
        try:
            options = await detect(Server(self._tools.http, base))
            if options is None and account and (elsewhere := await home_of(Server(self._tools.http, base), account)):
                base, options = elsewhere, await detect(Server(self._tools.http, elsewhere))
        except (Unreachable, Garbled):
            if account:
                raise
            return None
        if options is None:
            return None
        return Found(
            kind=self.kind,
            name=clean_line(account or options["domain"], limit=200),
            address=base,
            account=account,
            options=options,
            does=("brings mentions, replies and whole threads", "sends replies, favourites and boosts"),
            does_not=("it has no moderation queue",),
            needs_credential=True,
            takes_credential=True,
        )

    async def begin_login(self, source: Source) -> LoginStep | None:
        """Registers Kith with the server, and names the page where the user allows it to act."""
        return await begin(Server(self._tools.http, source.address), options_of(source.options))

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """The access token for the code that was typed; a token made in the server's own settings is kept as it is."""
        return await finish(Server(self._tools.http, source.address), step, typed.strip())

    async def check(self, source: Source) -> Account:
        """Who the token makes me, and what the server is."""
        if not self._tools.credential:
            raise AuthExpired(_NO_LOGIN)
        server = self._server(source)
        account = object_of(await server.get("/api/v1/accounts/verify_credentials"))
        options = options_of(source.options) | (await detect(server) or {})
        options["account_id"] = optional_identifier(account, "id")
        here = _here(source, options, self._tools.now)
        acct = clean_line(string(account, "acct") or string(account, "username"), limit=200)
        if not acct or not options["account_id"]:
            raise Garbled("The server does not say whose access token this is.")
        return Account(
            me=identity_key(account, here),
            account="@" + full_acct(acct, here),
            name=name_of(string(account, "display_name"), acct),
            options=options,
        )

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """New notifications with the threads they belong to, a page of the backlog, and what I wrote since."""
        server = self._server(source)
        options = options_of(source.options)
        learned = None if options.get("account_id") else await self._who(server, source)
        here = _here(source, options | (learned or {}), self._tools.now)
        walk = Walk(server, here, Cursor.read(cursor))
        wait_s = None
        try:
            await walk.notifications()
            await walk.backlog()
            await walk.own_statuses()
        except RateLimited as limited:
            if not walk.moved:
                raise
            walk.has_more, wait_s = False, math.ceil(limited.retry_after_s)
        waiting = await self._at_the_door(server, here, options)
        for status in waiting.statuses:
            await walk.threads.bring(status)
        return Page(
            items=tuple(waiting.among(walk.threads.items())),
            signals=tuple(sorted(walk.signals, key=lambda signal: signal.at)),
            cursor=walk.cursor.written(),
            has_more=walk.has_more,
            refused=walk.refused + walk.threads.refused + waiting.refused,
            next_check_s=wait_s,
            options=None if learned is None else options | learned,
        )

    async def thread(self, source: Source, thread: Thread) -> Page:
        """The thread from its root down; what is stored but missing is asked for by itself before it counts as gone."""
        server = self._server(source)
        options = options_of(source.options)
        here = _here(source, options, self._tools.now)
        waiting = await self._at_the_door(server, here, options)
        threads = Threads(server, here, budget=0)
        gone: list[str] = []
        asked, complete = 0, True
        for status_id in dict.fromkeys((thread.key, *thread.item_ids)):
            if threads.has(status_id) or status_id in waiting.items or asked >= _CHECKS:
                continue
            asked += 1
            status = await server.find(status_path(status_id))
            if isinstance(status, dict):
                complete = await threads.whole(status_id, status, thread=thread.key) and complete
            elif status is None and status_id in thread.item_ids:
                gone.append(status_id)
        known = all(threads.has(each) or each in gone or each in waiting.items for each in thread.item_ids)
        return Page(
            items=tuple(
                waiting.among(threads.items(), wanted=lambda each: threads.has(each) or each in thread.item_ids)
            ),
            gone=tuple(gone),
            refused=threads.refused,
            whole_thread=threads.has(thread.key) and known and complete and not threads.cut,
        )

    def opening(self, source: Source, target: Target) -> str:
        """The author's handle and those of the others who were addressed: the server adds none by itself."""
        here = _here(source, options_of(source.options), self._tools.now)
        handles = [] if target.author.is_me else [str(target.author.handle)]
        handles += [each for each in others(target) if each not in handles]
        return "".join(f"{written(each, here)} " for each in handles)

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """The new status, never wider than what it answers; a favourite or boost names only its status."""
        target = outgoing.target
        if outgoing.act in VERBS:
            return {"status_id": target.remote_id}
        if outgoing.act in self.capabilities(source).acts & ACTS:
            return request_of(outgoing)
        if outgoing.act is not Act.REPLY:
            raise NotSupported(_NO_QUEUE)
        options = options_of(source.options)
        visibility = reply_visibility(target.extra.get("visibility", "direct"), options)
        warning = target.extra.get("cw", "")
        text = outgoing.text.strip()
        if not text:
            raise Rejected("There is nothing to send yet.")
        if visibility == "direct" and not target.author.is_me and "@" not in text:
            raise Rejected(f"This message would reach nobody: begin it with {target.author.handle}.")
        rule = length_rule(options)
        left = remaining(rule, text, warning=warning)
        if left is not None and left < 0:
            counted = measure(rule, text, warning=warning)
            raise Rejected(f"The reply is {counted} long with its content warning; this server takes {rule.limit}.")
        body: dict[str, object] = {"status": text, "in_reply_to_id": target.remote_id, "visibility": visibility}
        return body | ({"spoiler_text": warning, "sensitive": True} if warning else {})

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """One request with the outbox's own key; the answer must be the status it made."""
        server = self._server(source)
        here = _here(source, options_of(source.options), self._tools.now)
        if outgoing.act in VERBS:
            verb, _ = VERBS[outgoing.act]
            path = f"{status_path(outgoing.target.remote_id)}/{verb}"
            return touched(outgoing, object_of(await server.post(path, {})))
        door = door_of(options_of(source.options))
        if outgoing.act in ACTS and door is not None:
            return await decide(server, door, outgoing)
        if outgoing.act is not Act.REPLY:
            raise NotSupported(_NO_QUEUE)
        made = object_of(await server.post("/api/v1/statuses", outgoing.body, once=outgoing.key))
        if not isinstance(made.get("account"), dict) or not optional_identifier(made, "id"):
            raise Garbled("The server answered, but not with the new status: look whether it is there.")
        return sent(made, outgoing, here)

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """My statuses under the same parent with the same words, not older than the first try."""
        server = self._server(source)
        options = options_of(source.options)
        here = _here(source, options, self._tools.now)
        target_path = status_path(outgoing.target.remote_id)
        if outgoing.act in VERBS:
            status = await server.find(target_path)
            done = isinstance(status, dict) and status.get(VERBS[outgoing.act][1]) is True
            return [touched(outgoing, status)] if done and isinstance(status, dict) else []
        door = door_of(options)
        if outgoing.act in ACTS and door is not None:
            return await decided(server, door, outgoing)
        if not here.account_id:
            here = _here(source, options | await self._who(server, source), self._tools.now)
        rows = rows_of(await server.get(f"/api/v1/accounts/{here.account_id}/statuses", [("limit", "40")]))
        context = await server.context(f"{target_path}/context") or {}
        rows += children(context, "descendants")
        found: dict[str, Sent] = {}
        for row in rows:
            if isinstance(row, dict) and is_trace(row, outgoing, here):
                found.setdefault(identifier(row, "id"), sent(row, outgoing, here))
        return list(found.values())

    async def _at_the_door(self, server: Server, here: Here, options: Mapping[str, str]) -> Waiting:
        """Who waits there, asked once for all the pages of a sync."""
        if self._waiting is None:
            door = door_of(options)
            self._waiting = await who_waits(server, door, here) if door is not None else Waiting()
        return self._waiting

    def _server(self, source: Source) -> Server:
        if not self._tools.credential:
            raise AuthExpired(_NO_LOGIN)
        return Server(self._tools.http, source.address, self._tools.credential.secret)

    async def _who(self, server: Server, source: Source) -> dict[str, str]:
        account = object_of(await server.get("/api/v1/accounts/verify_credentials"))
        return {"account_id": optional_identifier(account, "id")}


def _here(source: Source, options: Mapping[str, str], now: int) -> Here:
    base = source.address.rstrip("/")
    return Here(
        base=base,
        domain=options.get("domain") or base.partition("://")[2].lower(),
        me=source.me,
        account=source.account,
        account_id=options.get("account_id", ""),
        now=now,
    )
