"""Reading Bluesky: whole threads, each once, and what one call of `fetch` takes in.

There is no forward cursor: notifications are read from the top down to what is known. A walk that does not fit
into one call is continued below by the server's own cursor, before the next one starts at the top again.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from community.errors import Garbled, Gone, Rejected, Unreachable
from community.sources.atproto import Session, body_of
from community.sources.base import Incoming, IncomingSignal
from community.sources.bluesky_parse import (
    REASONS,
    WORDS,
    Here,
    item_of,
    post_uri,
    root_of,
    signal_of,
    written_at,
)
from community.sources.fields import Misshapen, child, identifier, listing, moment, string
from community.sources.http import raise_for

_NUMBERS: Final = ("top", "began", "until", "floor", "own")
_PAGE: Final = 50
_FAR_TOO_MANY: Final = 2_000
_KNOWN: Final = 400
_HELD_BACK_S: Final = 300
_HOUR_S: Final = 3_600
_DAY_S: Final = 86_400
_OWN_PAGES: Final = 20
_MOST: Final = 500
_LAYER: Final = 200
_READS: Final = 6


@dataclass(slots=True)
class Cursor:
    """How far was read. `top` is the newest moment seen; a walk under way ends at something known below `until`, or
    at anything below `floor`, and goes on at `at`.

    `seen` holds the newest few hundred notifications (a short hash -> their moment), `own` my newest post's moment.
    A walk goes a little below what was seen, because the server shows some things late: five minutes by its own
    times, or an hour by ours from when the walk before began, whichever is less.
    """

    top: int = 0
    began: int = 0
    until: int = 0
    floor: int = 0
    at: str = ""
    own: int = 0
    seen: dict[str, int] = field(default_factory=dict)

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """The cursor that was stored; a fresh one when there is none that can be read."""
        try:
            found = json.loads(text or "{}")
            seen = {str(mark): int(at) for mark, at in found.get("seen", {}).items()}
            top, began, until, floor, own = (int(found[name]) for name in _NUMBERS)
            return cls(top, began, until, floor, str(found["at"]), own, seen)
        except (ValueError, KeyError, TypeError, AttributeError):
            return cls()

    def written(self) -> str:
        """The cursor as it is stored."""
        newest = sorted(self.seen.items(), key=lambda each: each[1], reverse=True)[:_KNOWN]
        return json.dumps(asdict(self) | {"seen": dict(newest)}, separators=(",", ":"))


class Threads:
    """Posts gathered with their threads. `missing` were shown as not found, `blocked` as not to be seen by me."""

    def __init__(self, session: Session, here: Here) -> None:
        self._session = session
        self._here = here
        self._posts: dict[str, Incoming] = {}
        self._read: set[str] = set()
        self.blocked: set[str] = set()
        self.refused = 0
        self.cut = False

    def items(self) -> tuple[Incoming, ...]:
        """Everything gathered, oldest first."""
        return tuple(sorted(self._posts.values(), key=lambda item: (item.created_at, item.remote_id)))

    def has(self, uri: str) -> bool:
        """Whether a post was gathered."""
        return uri in self._posts

    def add(self, view: dict[str, Any], *, thread: str) -> None:
        """Gather one post; what cannot be read is counted."""
        try:
            if post_uri(view) not in self._posts:
                self._posts[post_uri(view)] = item_of(view, self._here, thread=thread)
        except Misshapen:
            self.refused += 1

    async def bring(self, view: dict[str, Any]) -> None:
        """Gather a post with the whole thread it belongs to; when its root has gone, with what is around itself."""
        try:
            uri, root = post_uri(view), root_of(view)
        except Misshapen:
            self.refused += 1
            return
        if root not in self._read and not await self.whole(root, thread=root) and uri != root:
            await self.whole(uri, thread=root)
        self.add(view, thread=root)

    async def whole(self, uri: str, *, thread: str) -> bool:
        """Gather a post, what it answers and all that answers it; False when it cannot be had."""
        self._read.add(uri)
        views: list[dict[str, Any]] = []
        wanted = [uri]
        for _ in range(_READS):
            top = await self._tree(wanted.pop(0))
            wanted += self._gather(top, views)
            if not wanted:
                break
        self.cut = self.cut or bool(wanted)
        for view in self._trimmed(views, uri):
            self.add(view, thread=thread)
        return uri in self._posts

    async def _tree(self, uri: str) -> dict[str, Any]:
        """The thread node of a post, empty when the server cannot show it: that must not keep others from being read.

        The tree is asked for in layers, because JSON that is nested any deeper cannot be read.
        """
        params = [("uri", uri), ("depth", str(_LAYER)), ("parentHeight", str(_LAYER))]
        answer = await self._session.ask("app.bsky.feed.getPostThread", params=params)
        try:
            raise_for(answer, forbidden=Rejected)
            return child(body_of(answer), "thread")
        except (Rejected, Gone, Garbled, Unreachable):
            return {}

    def _gather(self, top: dict[str, Any], views: list[dict[str, Any]]) -> list[str]:
        """Put every post of a tree of nodes into `views`; returns those at its edge that have more below."""
        edge: list[str] = []
        open_ = [(top, 0)]
        while open_:
            node, depth = open_.pop()
            if node.get("blocked") is True:
                self.blocked.add(string(node, "uri"))
            elif isinstance(post := node.get("post"), dict):
                views.append(post)
                replies = node.get("replies")
                below = replies if isinstance(replies, list) else []
                if depth == _LAYER and not below and post.get("replyCount"):
                    edge.append(string(post, "uri"))
                open_ += [(each, depth + 1) for each in below if isinstance(each, dict)]
                open_ += [(each, depth - 1) for each in [node.get("parent")] if isinstance(each, dict)]
                self.refused += sum(not isinstance(each, dict) for each in below)
            elif node and node.get("notFound") is not True:
                self.refused += 1
        return edge

    def _trimmed(self, views: list[dict[str, Any]], uri: str) -> list[dict[str, Any]]:
        """All posts; of a crowd the anchor, what is mine or to me, and the oldest of the others."""
        views = list({string(view, "uri"): view for view in views}.values())
        if len(views) <= _MOST:
            return views
        self.cut = True

        def rank(view: dict[str, Any]) -> tuple[bool, int]:
            try:
                item = item_of(view, self._here, thread=uri)
            except Misshapen:
                return True, self._here.now
            return not (item.remote_id == uri or item.author.is_me or item.to_me), item.created_at

        return sorted(views, key=rank)[:_MOST]


class Walk:
    """One call of `fetch`."""

    def __init__(self, session: Session, here: Here, cursor: Cursor) -> None:
        self._session = session
        self._here = here
        self.cursor = cursor
        self.threads = Threads(session, here)
        self.signals: list[IncomingSignal] = []
        self.refused = 0

    async def notifications(self) -> None:
        """One page of notifications: the first of a walk, or the next one below."""
        cursor = self.cursor
        if not cursor.at:
            cursor.until = max(cursor.top - _HELD_BACK_S, cursor.began - _HOUR_S) if cursor.top else 0
            cursor.floor = cursor.top - _DAY_S
            cursor.began = self._here.now
        params = [("limit", str(_PAGE)), ("priority", "false"), *(("reasons", reason) for reason in REASONS)]
        if cursor.at:
            params.append(("cursor", cursor.at))
        page = await self._session.query("app.bsky.notification.listNotifications", params)
        below = string(page, "cursor")
        for note in self._rows(page, "notifications"):
            at = moment(note.get("indexedAt")) or self._here.now
            mark = _mark(note)
            if cursor.until and at < (cursor.until if mark in cursor.seen else cursor.floor):
                below = ""
                break
            if mark not in cursor.seen:
                await self._take(note)
                cursor.seen[mark] = at
                cursor.top = max(cursor.top, min(at, self._here.now))
        cursor.at = below if below != cursor.at else ""

    async def own_posts(self) -> None:
        """What I wrote since the last time, with its threads: what I answered elsewhere, and who answered unheard."""
        since, below = self.cursor.own, ""
        fresh: list[tuple[int, dict[str, Any]]] = []
        for _ in range(_OWN_PAGES):
            params = [("actor", self._here.me), ("limit", str(_PAGE)), ("filter", "posts_with_replies")]
            page = await self._session.query(
                "app.bsky.feed.getAuthorFeed", [*params, *([("cursor", below)] if below else [])]
            )
            views = [child(row, "post") for row in self._rows(page, "feed") if not isinstance(row.get("reason"), dict)]
            mine = [(written_at(view, self._here.now), view) for view in views if _by(view) == self._here.me]
            fresh += [(at, view) for at, view in mine if at > since - _HELD_BACK_S]
            old = any(at < since - _HELD_BACK_S for at, _ in mine)
            if not since or old or string(page, "cursor") in ("", below):
                break
            below = string(page, "cursor")
        for at, view in sorted(fresh, key=lambda each: each[0]):
            mark = _mark({"uri": string(view, "uri"), "reason": "own"})
            if mark in self.cursor.seen:
                continue
            self.cursor.seen[mark] = at
            if view.get("replyCount") == 0 and not child(child(view, "record"), "reply"):
                self.threads.add(view, thread=string(view, "uri"))
            else:
                await self.threads.bring(view)
            self.cursor.own = max(self.cursor.own, at)

    async def _take(self, note: Mapping[str, Any]) -> None:
        note = dict(note)
        try:
            signal = signal_of(note, self._here)
        except Misshapen:
            self.refused += 1
            return
        if signal is not None:
            self.signals.append(signal)
        if string(note, "reason") in WORDS:
            await self.threads.bring(note)

    def _rows(self, page: dict[str, Any], key: str) -> list[dict[str, Any]]:
        try:
            rows = listing(page.get(key))
        except Misshapen as error:
            raise Garbled("The server's answer is not what the AT Protocol promises.") from error
        if len(rows) > _FAR_TOO_MANY:
            raise Garbled("The server sent far more than was asked for; try again later.")
        good = [row for row in rows if isinstance(row, dict)]
        self.refused += len(rows) - len(good)
        return good


def _mark(note: dict[str, Any]) -> str:
    name = f"{string(note, 'uri')} {string(note, 'reason')}"
    return hashlib.blake2b(name.encode("utf-8", "replace"), digest_size=6).hexdigest()


def _by(view: dict[str, Any]) -> str:
    try:
        return identifier(child(view, "author"), "did")
    except Misshapen:
        return ""
