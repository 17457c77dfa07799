"""Feeds: RSS, Atom and JSON Feed, read with conditional requests. Articles, or the comments of a page.

Source: RFC 4287, RFC 4685, rssboard.org/rss-specification, jsonfeed.org/version/1.1, RFC 9110 (conditional requests)
"""

import asyncio
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from urllib.parse import urljoin, urlsplit

from community.errors import AuthExpired, Garbled, Gone, NotSupported, Rejected, SourceError
from community.secrets import Secret
from community.sources import fields
from community.sources.answers import Answer, link_header, raise_for
from community.sources.base import (
    Account,
    Act,
    Author,
    Capabilities,
    Found,
    Incoming,
    ItemKind,
    LoginStep,
    Outgoing,
    Page,
    Sent,
    Target,
    Thread,
    Tools,
)
from community.sources.http import Basic
from community.sources.parsing import ParsedEntry, ParsedFeed
from community.text import Clean, clean_line, safe_url, shown_host
from community.urls import with_keys, without_keys
from storage.rows import Source

ACCEPT = "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, */*;q=0.8"
_FEED_TYPES = frozenset({"application/rss+xml", "application/atom+xml", "application/feed+json", "application/json"})
_GUESSES = ("feed", "feed.xml", "atom.xml", "rss.xml", "index.xml", "feed.json")
_DAY_S = 86_400
_REMEMBERED = 300
"""So many entries are known again by their digest, which spares reading and comparing them."""
_FEW = 50
"""So many entries are made items in less time than a thread takes to begin."""
_READ_ONLY = "A feed can be read but not answered: post your words by hand, on the site."
_CAPABILITIES = Capabilities(sees_edits=True, min_interval_s=900, why_not=dict.fromkeys(Act, _READ_ONLY))


class Feed:
    """A feed of articles or of comments."""

    kind = "feed"

    def __init__(self, tools: Tools) -> None:
        self._tools = tools

    def capabilities(self, source: Source) -> Capabilities:
        """A feed is for reading."""
        return _CAPABILITIES

    async def probe(self, address: str) -> Found | None:
        """The feed at `address`, or the one its page names first."""
        answer = await self._get(address if "://" in address else f"https://{address}")
        if answer.status in {401, 403}:
            raise_for(answer)
        if answer.status >= 400:
            raise_for(answer, forbidden=Rejected)
        parsed = await self._parse(answer)
        if parsed.is_feed:
            return _found(answer.moved_permanently_to or answer.url, parsed)
        candidates = named_feeds(answer)
        guesses = [urljoin(answer.url, guess) for guess in _GUESSES] if not candidates else []
        for url in [*candidates[:4], *guesses]:
            try:
                other = await self._get(url)
                raise_for(other)
                parsed = await self._parse(other)
            except SourceError:
                continue
            if parsed.is_feed:
                return _found(other.url, parsed)
        return None

    async def begin_login(self, source: Source) -> LoginStep | None:
        """Few feeds want a password."""
        return LoginStep(
            "Only for a feed behind a password: “user name:password”; or the key in its address: “?key=…”.",
            optional=True,
        )

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """`user:password`, or `?key=…`."""
        if ":" not in typed and not without_keys(typed)[1]:
            raise Rejected("Type your user name, a colon and the password, like “maria:secret”; or “?key=…”.")
        return typed

    async def check(self, source: Source) -> Account:
        """The feed's own name, when it can be read."""
        answer = await self._get(source.address)
        raise_for(answer)
        parsed = (await self._parse(answer)).required()
        return Account(source.me, source.account, parsed.title or clean_line(source.name), _options(parsed))

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """What is in the feed now, when that differs from what was read last."""
        known = fields.options_of(cursor or "")
        answer = await self._get(source.address, known)
        moved = moved_to(source, answer)
        if answer.status == 304:
            return Page(cursor=cursor, next_check_s=wish_s(answer, None), options=moved.options, address=moved.address)
        if answer.status in {401, 403}:
            raise AuthExpired(f"{answer.host} wants a password for this feed: give one, or remove the feed.")
        raise_for(answer)
        digest = hashlib.blake2b(answer.body, digest_size=16).hexdigest()
        now_known = json.dumps(
            {
                "etag": answer.headers.get("etag", ""),
                "modified": answer.headers.get("last-modified", ""),
                "body": digest,
                "seen": known.get("seen", ""),
            }
        )
        if known.get("body") == digest:
            wish = wish_s(answer, None)
            return Page(cursor=now_known, next_check_s=wish, options=moved.options, address=moved.address)
        if not answer.body.strip():
            raise Garbled(f"{answer.host} sent an empty feed: everything read before is kept; Kith tries again later.")
        parsed = (await self._parse(answer, known.get("seen", "").split())).required()
        if parsed.is_over:
            raise Gone(f"{answer.host} says that this feed has ended.")
        if len(parsed.entries) > _FEW:
            items = await asyncio.to_thread(_items, source, parsed, self._tools.now)  # hostile entries take seconds
        else:
            items = _items(source, parsed, self._tools.now)
        return Page(
            items=items,
            cursor=json.dumps(json.loads(now_known) | {"seen": " ".join(parsed.digests[:_REMEMBERED])}),
            refused=parsed.refused,
            next_check_s=wish_s(answer, parsed),
            options=_options(parsed) | dict(moved.options or {}),
            name=parsed.title or None,
            address=moved.address,
        )

    async def thread(self, source: Source, thread: Thread) -> Page:
        """A feed holds no more of a thread than what `fetch` has brought."""
        return Page()

    def opening(self, source: Source, target: Target) -> str:
        """Nothing: feeds are not answered."""
        return ""

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """Never: feeds are not answered."""
        raise NotSupported(_READ_ONLY)

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """Never: feeds are not answered."""
        raise NotSupported(_READ_ONLY)

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """Nothing was ever sent."""
        return []

    async def _get(self, url: str, known: Mapping[str, str] | None = None) -> Answer:
        headers = {}
        if known and known.get("etag"):
            headers["If-None-Match"] = known["etag"]
        if known and known.get("modified"):
            headers["If-Modified-Since"] = known["modified"]
        secret = self._tools.credential.secret.reveal()
        user, colon, password = secret.partition(":")
        auth = Basic(user, Secret(password)) if colon and not secret.startswith("?") else None
        url = with_keys(url, secret)
        answer = await self._tools.http.get(url, headers=headers, auth=auth, accept=ACCEPT)
        if answer.status in {406, 415}:
            return await self._tools.http.get(url, auth=auth, accept="*/*")
        return answer

    async def _parse(self, answer: Answer, known: Sequence[str] = ()) -> ParsedFeed:
        kind = answer.headers.get("content-type", "")
        return await self._tools.parser.parse(answer.body, kind, answer.url, known=known)


@dataclass(frozen=True, slots=True)
class Moved:
    """A feed that says it has moved for good: believed when it says so twice. `address` is then the new one."""

    address: str | None = None
    options: Mapping[str, str] | None = None


def moved_to(source: Source, answer: Answer) -> Moved:
    """What a permanent redirect means for the stored address. Pure."""
    there = safe_url(without_keys(answer.moved_permanently_to or "")[0])
    before = fields.options_of(source.options).get("moved_to", "")
    if there is None or answer.status not in {200, 304}:
        return Moved(None, {"moved_to": ""} if before else None)
    if urlsplit(source.address).scheme == "https" and urlsplit(there).scheme != "https":
        return Moved()
    if before == there:
        return Moved(there, {"moved_to": ""})
    return Moved(None, {"moved_to": there})


def named_feeds(answer: Answer) -> list[str]:
    """The feeds that a page names, in its own order, those of comments last. Pure.

    Source: RFC 8288 (Link header), html.spec.whatwg.org/multipage/links.html#rel-alternate
    """
    from bs4 import BeautifulSoup  # noqa: PLC0415  late: only adding a source needs it

    found: list[tuple[bool, str]] = []
    linked = link_header(answer.headers.get("link", "")).get("alternate", "")
    if linked and any(kind in answer.headers.get("link", "") for kind in _FEED_TYPES):
        found.append((False, urljoin(answer.url, linked)))
    page = BeautifulSoup(answer.text()[:500_000], "html.parser")
    base_tag = page.find("base", href=True)
    base = urljoin(answer.url, str(base_tag["href"])) if base_tag else answer.url
    for tag in page.find_all("link", href=True):
        relations = " ".join(tag.get_attribute_list("rel") or []).lower().split()
        kind = str(tag.get("type", "")).partition(";")[0].strip().lower()
        if "alternate" in relations and "stylesheet" not in relations and kind in _FEED_TYPES:
            title = str(tag.get("title", "")).lower()
            url = urljoin(base, str(tag["href"]))
            if kind == "application/json" and "wp-json" in url:
                continue
            found.append(("comment" in title or "/comments/" in url, url))
    ordered = [url for _, url in sorted(found, key=lambda each: each[0])]
    return [url for url in dict.fromkeys(ordered) if safe_url(url)]


def _items(source: Source, feed: ParsedFeed, now: int) -> tuple[Incoming, ...]:
    """Every entry as an item, oldest first."""
    options = fields.options_of(source.options) | _options(feed)
    reading = _Reading(source, feed, now, is_comments=options.get("comments") == "1")
    return tuple(sorted(map(reading.item, feed.entries), key=lambda item: item.created_at))


class _Reading:
    """One feed on its way to items; what holds for all of them is found out once."""

    def __init__(self, source: Source, feed: ParsedFeed, now: int, *, is_comments: bool) -> None:
        self._source, self._feed, self._now, self._is_comments = source, feed, now, is_comments
        self._host = urlsplit(source.address).netloc.lower()
        self._subject = feed.title or clean_line(source.name)
        self._name = feed.author_name or self._subject
        self._account = source.account.casefold()
        self._authors: dict[tuple[str, str | None, bool], Author] = {}

    def item(self, entry: ParsedEntry) -> Incoming:
        """One entry as an item."""
        is_comment = self._is_comments or bool(entry.in_reply_to)
        author = self._author(entry, is_comment=is_comment)
        page_url = entry.link and entry.link.partition("#")[0]
        published = entry.published_at or entry.updated_at
        edited = entry.updated_at if entry.published_at and entry.updated_at != entry.published_at else None
        return Incoming(
            remote_id=entry.id,
            kind=ItemKind.COMMENT if is_comment else ItemKind.ARTICLE,
            author=author,
            text=entry.text,
            created_at=fields.plausible(published, self._now),
            thread=None if is_comment else entry.id,
            parent_id=entry.in_reply_to[0].ref if entry.in_reply_to else None,
            title=Clean("") if is_comment else entry.title,
            subject=self._subject,
            subject_url=page_url or self._feed.link,
            permalink=entry.link,
            edited_at=edited,
            to_me=is_comment and bool(self._source.is_mine) and not author.is_me,
            raw=entry.content_html.encode("utf-8", "replace"),
        )

    def _author(self, entry: ParsedEntry, *, is_comment: bool) -> Author:
        known = entry.author_name, entry.author_url, is_comment
        found = self._authors.get(known)
        if found is None:
            name = entry.author_name or self._name
            site = entry.author_url or self._feed.author_url or (None if is_comment else self._feed.link)
            found = self._authors[known] = Author(
                network=f"feed:{self._host}",
                key=f"{name.casefold()}|{entry.author_url or ''}" if is_comment else name.casefold() or self._host,
                handle=clean_line(shown_host(site) if site else name),
                name=name,
                url=site,
                is_me=bool(self._account) and name.casefold() == self._account,
            )
        return found


def wish_s(answer: Answer, feed: ParsedFeed | None) -> int | None:
    """How long the publisher asks to wait, in seconds up to a day; None when it does not say. Pure."""
    wishes = [0]
    for part in answer.headers.get("cache-control", "").lower().split(","):
        name, _, value = part.strip().partition("=")
        if name == "max-age" and value.strip('"').isdecimal():
            wishes.append(int(value.strip('"')[:9]))
    try:
        expires = parsedate_to_datetime(answer.headers.get("expires", ""))
        wishes.append(int((expires - parsedate_to_datetime(answer.headers.get("date", ""))).total_seconds()))
    except (ValueError, TypeError):
        pass
    if feed is not None and feed.ttl_s:
        wishes.append(feed.ttl_s)
    longest = max(wishes)
    return min(longest, _DAY_S) if longest > 0 else None


def _found(url: str, feed: ParsedFeed) -> Found:
    comments = _options(feed).get("comments") == "1"
    what = "comments" if comments else "articles"
    return Found(
        kind="feed",
        name=feed.title or clean_line(shown_host(url)),
        address=url,
        options=_options(feed),
        does=(f"reads new {what} ({len(feed.entries)} there now)", "notices edits while they are in the feed"),
        does_not=("answer: a feed is read-only",),
        may_be_mine=comments,
    )


def _options(feed: ParsedFeed) -> dict[str, str]:
    """Whether the feed holds comments: most of its links lead into a page, or its entries answer others.

    Nothing is said of a feed that was read only in part.
    """
    if feed.known:
        return {}
    inside = sum(bool(entry.in_reply_to) or _is_comment(entry) for entry in feed.entries)
    return {"comments": "1"} if feed.entries and inside * 2 > len(feed.entries) else {"comments": "0"} if inside else {}


def _is_comment(entry: ParsedEntry) -> bool:
    fragment = entry.link.partition("#")[2] if entry.link else ""
    return bool(fragment) and any(character.isdigit() for character in fragment)
