"""WordPress comments as the REST API shows them, read into our values (pure).

Source: developer.wordpress.org/rest-api/reference/comments
"""

import hashlib
import html
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from community.sources import fields
from community.sources.base import Author, Incoming, ItemKind, ItemStatus
from community.text import Clean, clean_line, from_html, normalised, safe_url

FIELDS = (
    "id,post,parent,author,author_name,author_url,author_email,author_avatar_urls,date_gmt,content,link,status,type,"
    "_links.up"
)
PINGS = ("pingback", "trackback")
"""Other kinds of comment, which the API lists only when they are asked for by name."""
STATUSES = {
    "approved": ItemStatus.PUBLISHED,
    "hold": ItemStatus.PENDING,
    "spam": ItemStatus.SPAM,
    "trash": ItemStatus.TRASH,
    "post-trashed": ItemStatus.TRASH,
}
_NOBODY = hashlib.sha256(b"").hexdigest()
_AVATAR = re.compile(r"/avatar/([0-9a-f]{64})\b")
_MARKS = re.compile(r"\W+")


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment of a WordPress site. `author` is 0 for a guest, `parent` 0 at the top; `up` is the API's post.

    A ping says that another page links here: its `name` is that page's title, its `url` its address.
    """

    id: int
    post: int
    parent: int
    author: int
    name: Clean
    url: str | None
    email_hash: str | None
    created_at: int
    content: str
    written: str
    link: str | None
    status: ItemStatus
    up: str
    raw: bytes
    is_ping: bool = False


@dataclass(frozen=True, slots=True)
class Site:
    """Whose comments these are: the network of their authors, my user id and name there, and if I run the place."""

    network: str
    me: str
    my_handle: Clean
    is_mine: bool


def comment(entry: object, now: int) -> Comment | None:
    """One entry of the API, None for what is no comment (an editor's note). Raises `Misshapen` for nonsense."""
    known = fields.mapping(entry)
    kind = fields.string(known, "type")
    if kind not in ("", "comment", *PINGS):
        return None
    content = fields.child(known, "content")
    if not isinstance(content.get("rendered"), str):
        raise fields.Misshapen("content is missing")
    created_at = fields.moment(fields.string(known, "date_gmt") + "Z")
    if created_at is None:
        raise fields.Misshapen("date_gmt is missing")
    ups = fields.children(fields.child(known, "_links"), "up")
    return Comment(
        id=_number(known, "id", least=1),
        post=_number(known, "post"),
        parent=_number(known, "parent"),
        author=_number(known, "author"),
        name=clean_line(html.unescape(fields.string(known, "author_name")), limit=200),
        url=safe_url(html.unescape(fields.string(known, "author_url"))),
        email_hash=_email_hash(known),
        created_at=fields.plausible(created_at, now),
        content=content["rendered"],
        written=html.unescape(fields.string(content, "raw")),
        link=fields.link(known, "link"),
        status=STATUSES.get(fields.string(known, "status"), ItemStatus.PUBLISHED),
        up=fields.string(ups[0], "href") if ups else "",
        raw=fields.original(known),
        is_ping=kind in PINGS,
    )


def comments(entries: Iterable[object], now: int) -> tuple[dict[int, Comment], int]:
    """The comments among `entries` by id, and how many could not be read."""
    found: dict[int, Comment] = {}
    refused = 0
    for entry in entries:
        try:
            each = comment(entry, now)
        except fields.Misshapen:
            refused += 1
            continue
        if each is not None:
            found[each.id] = each
    return found, refused


def incoming(
    found: Comment, site: Site, *, thread: str | None, parent: Comment | None, subject: tuple[Clean, str | None]
) -> Incoming:
    """`found` as an item. It is to me when it stands on my site at the top or waits, or when it answers me.

    Nobody waits for an answer to a ping.
    """
    mine, put_away = is_mine(found, site), found.status in (ItemStatus.SPAM, ItemStatus.TRASH)
    answers_me = parent is not None and is_mine(parent, site)
    open_to_me = site.is_mine and (not (found.parent or found.is_ping) or found.status is ItemStatus.PENDING)
    title, url = subject
    return Incoming(
        remote_id=str(found.id),
        kind=ItemKind.COMMENT,
        author=_author(found, site, mine=mine),
        text=from_html(found.content, base=found.link or url or ""),
        created_at=found.created_at,
        thread=thread,
        parent_id=str(found.parent) if found.parent else None,
        subject=title,
        subject_url=url,
        permalink=found.link,
        status=found.status,
        to_me=not mine and not put_away and (answers_me or open_to_me),
        raw=found.raw,
        extra={"post": str(found.post)},
    )


def is_mine(found: Comment, site: Site) -> bool:
    """Whether I wrote `found`, logged in as who I am."""
    return bool(found.author) and str(found.author) == site.me


def root(found: Comment, known: Mapping[int, Comment], absent: Iterable[int]) -> str | None:
    """The id of the comment that `found`'s thread hangs on, None while its chain is not known.

    An ancestor in `absent` cannot be had from the site: the thread then bears the last id that is known of.
    """
    lost = set(absent)
    visited: set[int] = set()
    at = found
    while at.parent and at.id not in visited:
        visited.add(at.id)
        if at.parent in lost:
            return str(at.parent)
        above = known.get(at.parent)
        if above is None:
            return None
        at = above
    return str(at.id)


def same_text(found: Comment, text: str) -> bool:
    """Whether `found` says `text`, whatever WordPress made of its quotes, smileys and links."""
    wanted = normalised(text)
    shown = [normalised(found.written), normalised(from_html(found.content))]
    letters = _MARKS.sub("", wanted)
    return wanted in shown or (bool(letters) and letters in [_MARKS.sub("", each) for each in shown])


def api_url(api: str, route: str, query: Mapping[str, object] | None = None) -> str:
    """The address of `route` under an API root, also where the root is `…/?rest_route=/`."""
    asked = urlencode({key: str(value) for key, value in (query or {}).items()})
    joined = api.rstrip("/") + route
    if not asked:
        return joined
    return joined + ("&" if urlsplit(api).query else "?") + asked


def api_roots(page_url: str, said: str, page: str) -> list[str]:
    """Where the API of the site of `page_url` may be, best guess first, each once. `said` is what a header says."""
    guesses = [said, *_tags(page)]
    if "/wp-json" in urlsplit(page_url).path:
        guesses.append(page_url.partition("/wp-json")[0] + "/wp-json/")
    guesses += ["/wp-json/", "/?rest_route=/"]
    found = (safe_url(each, page_url) for each in guesses if each)
    return list(dict.fromkeys(each for each in found if each))


def network(address: str) -> str:
    """The network that the commenters of the site at `address` belong to."""
    parts = urlsplit(address)
    return f"wordpress:{parts.netloc.rpartition('@')[2].lower()}{parts.path.rstrip('/')}"


def _tags(page: str) -> list[str]:
    found = []
    for tag in re.findall(r"<link\b[^>]{0,1000}>", page[:200_000], re.IGNORECASE):
        href = re.search(r"\bhref\s*=\s*[\"']([^\"'<>]{1,1000})[\"']", tag, re.IGNORECASE)
        if "https://api.w.org/" in tag and href:
            found.append(html.unescape(href[1]))
    return found


def _author(found: Comment, site: Site, *, mine: bool) -> Author:
    name = found.name or Clean("?")
    if found.author:
        key = f"user:{found.author}"
    elif found.email_hash:
        key = f"mail:{found.email_hash}"
    else:
        key = f"guest:{normalised(found.name).casefold()}|{found.url or ''}"
    return Author(
        network=site.network,
        key=key,
        handle=site.my_handle or name if mine else name,
        name=name,
        url=found.url,
        email_hash=found.email_hash,
        is_me=mine,
    )


def _email_hash(known: Mapping[str, Any]) -> str | None:
    """The SHA-256 of the e-mail address, from the address where it shows, else from a newer site's avatar link."""
    email = fields.string(known, "author_email").strip().lower()
    if "@" in email:
        return hashlib.sha256(email.encode("utf-8", "replace")).hexdigest()
    for url in fields.child(known, "author_avatar_urls").values():
        seen = _AVATAR.search(url) if isinstance(url, str) else None
        if seen and seen[1] != _NOBODY:
            return seen[1]
    return None


def _number(known: Mapping[str, Any], key: str, *, least: int = 0) -> int:
    value = known.get(key)
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 1 << 63:
        raise fields.Misshapen(f"{key} is no number that could be an id")
    return value
