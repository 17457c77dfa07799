"""Bluesky, and any other server of the AT Protocol: mentions and threads in, replies out.

API: docs.bsky.app, lexicons app.bsky.* and com.atproto.*
"""

from collections.abc import Mapping
from typing import Final

from community.errors import AuthExpired, Garbled, SourceError
from community.sources.atproto import (
    DID,
    ENTRYWAY,
    Session,
    did_of,
    is_server,
    place_of,
    server_of,
)
from community.sources.base import (
    Account,
    Act,
    Capabilities,
    Found,
    LoginStep,
    Outgoing,
    Page,
    Repeat,
    Sent,
    Target,
    Thread,
    Tools,
)
from community.sources.bluesky_parse import Here
from community.sources.bluesky_walk import Cursor, Threads, Walk
from community.sources.bluesky_write import LENGTH, NO_QUEUE, is_gone, posts, record_of, traces, write
from community.sources.fields import name_of, string
from community.text import clean_line
from storage.rows import Source

_SETTINGS: Final = "https://bsky.app/settings/app-passwords"
_NO_LOGIN: Final = "Kith has no app password for this account: log in first."
_BATCH: Final = 25
_CHECKS: Final = 40


class Bluesky:
    """One account."""

    kind = "bluesky"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def capabilities(self, source: Source) -> Capabilities:
        """Reading and answering; records carry names of our own, so repeating is safe."""
        why = dict.fromkeys((Act.APPROVE, Act.HOLD, Act.SPAM, Act.TRASH), NO_QUEUE)
        acts = frozenset({Act.REPLY, Act.LIKE, Act.BOOST})
        if not self._tools.credential:
            why |= dict.fromkeys(acts, _NO_LOGIN)
            acts = frozenset()
        return Capabilities(
            acts=acts,
            length=LENGTH,
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
        asked = 0
        for start in range(0, len(absent), _BATCH):
            batch = absent[start : start + _BATCH]
            views = {string(view, "uri"): view for view in await posts(session, batch)}
            for uri in batch:
                if uri in views:
                    threads.add(views[uri], thread=thread.key)
                elif asked < _CHECKS:
                    asked += 1
                    if await is_gone(session, uri, now=self._tools.now):
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
        return await record_of(self._session(source), outgoing, now=self._tools.now)

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """Write the frozen record under its frozen name; one that is there already, word for word, is ours."""
        session = self._session(source)
        return await write(session, await self._here(source, session), source.account, outgoing)

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """Our record by its own name: there or not, without doubt."""
        session = self._session(source)
        return await traces(session, await self._here(source, session), source.account, outgoing)

    def _session(self, source: Source) -> Session:
        if not self._tools.credential:
            raise AuthExpired(_NO_LOGIN)
        return Session(self._tools.http, source.address, self._tools.credential, source.account or source.me)

    async def _here(self, source: Source, session: Session) -> Here:
        me = source.me or string(await session.query("com.atproto.server.getSession"), "did")
        return Here(me, self._tools.now)
