"""Feeds in three tongues (RSS 2.0, Atom, JSON Feed 1.1) and the polite way to ask for them again."""

import hashlib
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape

from community.town.exchange import Request, Response

_MAX_AGE_S = 15
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_NAMESPACES = {
    "atom": "http://www.w3.org/2005/Atom",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "wfw": "http://wellformedweb.org/CommentAPI/",
}


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One item of a feed. `answers` is the id and address of what it replies to."""

    id: str
    url: str
    title: str
    html: str
    at: int
    author: str
    author_url: str = ""
    comments_url: str = ""
    comments_feed: str = ""
    comment_count: int = 0
    answers: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """A feed, newest item first."""

    title: str
    about: str
    home: str
    url: str
    items: Sequence[FeedItem]


def http_date(at: int) -> str:
    """A moment the way HTTP and RSS write it."""
    return format_datetime(datetime.fromtimestamp(at, UTC), usegmt=True)


def iso(at: int) -> str:
    """A moment in UTC the way Atom and JSON write it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def answer(feed: Feed, form: str, request: Request) -> Response:
    """The feed as `rss`, `atom` or `json`; 304 without a body for those who already have it."""
    kind, write = _FORMS[form]
    body = write(feed).encode()
    changed_at = max((item.at for item in feed.items), default=0)
    etag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    headers = {
        "ETag": etag,
        "Last-Modified": http_date(changed_at),
        "Cache-Control": f"public, max-age={_MAX_AGE_S}",
        "Vary": "Accept-Encoding",
    }
    if _unchanged(request, etag, changed_at):
        return Response(304, kind, b"", headers)
    return Response(200, kind, body, headers)


def _unchanged(request: Request, etag: str, changed_at: int) -> bool:
    known = request.headers.get("if-none-match")
    if known is not None:
        return any(tag.strip().removeprefix("W/") in {etag, "*"} for tag in known.split(","))
    since = request.headers.get("if-modified-since", "")
    try:
        return parsedate_to_datetime(since).timestamp() >= changed_at
    except ValueError:
        return False


def _rss(feed: Feed) -> str:
    spaces = "".join(f' xmlns:{name}="{address}"' for name, address in _NAMESPACES.items())
    built = max((item.at for item in feed.items), default=0)
    items = "".join(_rss_item(item) for item in feed.items)
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0"{spaces}>\n<channel>\n'
        f"<title>{_x(feed.title)}</title>\n<link>{_x(feed.home)}</link>\n<description>{_x(feed.about)}</description>\n"
        f'<atom:link href="{_x(feed.url)}" rel="self" type="application/rss+xml" />\n'
        f"<language>en</language>\n<lastBuildDate>{http_date(built)}</lastBuildDate>\n{items}</channel>\n</rss>\n"
    )


def _rss_item(item: FeedItem) -> str:
    discussion = ""
    if item.comments_feed:
        discussion = (
            f"<comments>{_x(item.comments_url)}</comments>\n"
            f"<wfw:commentRss>{_x(item.comments_feed)}</wfw:commentRss>\n"
            f"<slash:comments>{item.comment_count}</slash:comments>\n"
        )
    return (
        f"<item>\n<title>{_x(item.title)}</title>\n<link>{_x(item.url)}</link>\n"
        f"<dc:creator>{_x(item.author)}</dc:creator>\n<pubDate>{http_date(item.at)}</pubDate>\n"
        f'<guid isPermaLink="{"true" if item.id == item.url else "false"}">{_x(item.id)}</guid>\n'
        f"<description>{_x(_summary(item.html))}</description>\n"
        f"<content:encoded>{_x(item.html)}</content:encoded>\n{discussion}</item>\n"
    )


def _atom(feed: Feed) -> str:
    changed_at = max((item.at for item in feed.items), default=0)
    entries = "".join(_atom_entry(item) for item in feed.items)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:thr="http://purl.org/syndication/thread/1.0">\n'
        f"<id>{_x(feed.home)}</id>\n<title>{_x(feed.title)}</title>\n<subtitle>{_x(feed.about)}</subtitle>\n"
        f'<link href="{_x(feed.home)}" />\n<link rel="self" href="{_x(feed.url)}" />\n'
        f"<updated>{iso(changed_at)}</updated>\n{entries}</feed>\n"
    )


def _atom_entry(item: FeedItem) -> str:
    uri = f"<uri>{_x(item.author_url)}</uri>" if item.author_url else ""
    more = ""
    if item.comments_feed:
        more = (
            f'<link rel="replies" type="application/atom+xml" href="{_x(item.comments_feed)}"'
            f' thr:count="{item.comment_count}" />\n<thr:total>{item.comment_count}</thr:total>\n'
        )
    if item.answers:
        more += f'<thr:in-reply-to ref="{_x(item.answers[0])}" href="{_x(item.answers[1])}" type="text/html" />\n'
    return (
        f"<entry>\n<id>{_x(item.id)}</id>\n<title>{_x(item.title)}</title>\n"
        f'<link rel="alternate" type="text/html" href="{_x(item.url)}" />\n'
        f"<author><name>{_x(item.author)}</name>{uri}</author>\n"
        f"<published>{iso(item.at)}</published>\n<updated>{iso(item.at)}</updated>\n"
        f'{more}<content type="html">{_x(item.html)}</content>\n</entry>\n'
    )


def _json(feed: Feed) -> str:
    items = [
        {
            "id": item.id,
            "url": item.url,
            "title": item.title,
            "content_html": item.html,
            "date_published": iso(item.at),
            "authors": [{"name": item.author, "url": item.author_url}],
        }
        for item in feed.items
    ]
    whole = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.about,
        "home_page_url": feed.home,
        "feed_url": feed.url,
        "language": "en",
        "items": items,
    }
    return json.dumps(whole, ensure_ascii=False, indent=1)


def _summary(html: str) -> str:
    words = re.sub(r"<[^>]*>", " ", html).split()
    return " ".join(words[:40]) + (" …" if len(words) > 40 else "")


def _x(text: str) -> str:
    return escape(_NOT_XML.sub("", text))


_FORMS: dict[str, tuple[str, Callable[[Feed], str]]] = {
    "rss": ("application/rss+xml; charset=utf-8", _rss),
    "atom": ("application/atom+xml; charset=utf-8", _atom),
    "json": ("application/feed+json; charset=utf-8", _json),
}
KINDS = {form: kind.partition(";")[0] for form, (kind, _) in _FORMS.items()}
