"""Feeds that `parsing_walk` is not sure of, read by feedparser: slow, but it understands nearly everything.

Runs in the process that parses feeds. feedparser gets bytes, never an address, and no document type.
"""

import calendar
import re
import sys
from typing import Any

from community.sources.parsing_values import HTML_TYPES, MOST_ENTRIES, content, is_html, line, sane, text, ttl_s

PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
"""What a web page begins with."""
_PROLOG = re.compile(rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE(?>[^\[>\"']+|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)


def strange_feed(body: bytes, content_type: str, url: str) -> dict[str, Any] | None:
    """What the feed in `body` holds, in the shape that `parsing_worker` tells; None when it is none."""
    import feedparser  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415  late: most feeds are plain

    _teach(feedparser)
    for marks, wide in (((b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "utf-32"), ((b"\xff\xfe", b"\xfe\xff"), "utf-16")):
        if body.startswith(marks):
            body, content_type = body.decode(wide, "replace").encode(), "application/xml; charset=utf-8"
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    found = feedparser.parse(
        _without_doctype(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    feed, entries = found.get("feed") or {}, found.get("entries") or []
    if not found.get("version") and not (entries and not PAGE.search(body[:4096])):
        return None
    read, refused = [], 0
    for entry in entries[:MOST_ENTRIES]:
        try:
            read.append(_entry(entry, url))
        except Exception:  # one bad entry does not cost the others
            refused += 1
    return {
        "title": text(feed.get("title")),
        "title_is_html": is_html(feed.get("title_detail")),
        "link": line(feed.get("link")),
        "ttl_s": ttl_s(feed),
        "author_name": line((feed.get("author_detail") or {}).get("name") or feed.get("author")),
        "author_url": line((feed.get("author_detail") or {}).get("href")),
        "refused": refused,
        "left_out": max(0, len(entries) - MOST_ENTRIES),
        "entries": read,
    }


def _entry(entry: Any, url: str) -> dict[str, Any]:  # noqa: ANN401
    held = dict(entry)
    author = held.get("author_detail") or {}
    body = _body(held)
    links = [link for link in held.get("links") or [] if isinstance(link, dict)]
    alternate = next((link.get("href") for link in links if link.get("rel", "alternate") == "alternate"), None)
    link = line(alternate or held.get("link"))
    if not alternate and not link.startswith(("http://", "https://")):
        link = ""
    references = held.get("kith_replies") or [
        value for key, value in held.items() if key.endswith("in-reply-to") and isinstance(value, dict)
    ]
    if isinstance(held.get("source_inreplyto"), str):
        references = [*references, {"ref": held["source_inreplyto"]}]
    return {
        "id": line(held.get("id")),
        "link": link,
        "title": text(held.get("title")),
        "title_is_html": is_html(held.get("title_detail")),
        "author_name": line(author.get("name") or held.get("author")),
        "author_url": line(author.get("href")),
        "published_at": _at(held.get("published_parsed")) or _at(held.get("created_parsed")),
        "updated_at": _at(held.get("updated_parsed")),
        "content": content(body.get("value")),
        "content_is_html": is_html(body, default=True),
        "base": line(body.get("base")) or url,
        "in_reply_to": [
            [line(reference.get(key)) for key in ("ref", "href", "source")]
            for reference in references[:20]
            if isinstance(reference, dict)
        ],
    }


def _body(held: dict[str, Any]) -> dict[str, Any]:
    """The longest way the entry tells its content; full text comes before a summary."""
    contents = [one for one in held.get("content") or [] if isinstance(one, dict) and one.get("value")]
    for kind in HTML_TYPES:
        for one in contents:
            if one.get("type") == kind:
                return one
    if contents:
        return contents[0]
    return {**(held.get("summary_detail") or {}), "value": held.get("summary")}


def _teach(feedparser: Any) -> None:  # noqa: ANN401
    """Keep every `thr:in-reply-to` of an entry, and ids as they were written."""
    mixin = getattr(sys.modules.get("feedparser.mixin"), "_FeedParserMixin", None)
    if mixin is None or hasattr(mixin, "_start_thr_in-reply-to"):
        return

    def in_reply_to(self: Any, attributes: dict[str, str]) -> None:  # noqa: ANN401
        self._get_context().setdefault("kith_replies", []).append(dict(attributes))

    setattr(mixin, "_start_thr_in-reply-to", in_reply_to)
    mixin.namespaces["http://purl.org/syndication/thread/1.0"] = "thr"
    mixin.can_be_relative_uri.discard("id")


def _without_doctype(body: bytes) -> bytes:
    """`body` without its document type, so that no entity of its own is ever expanded."""
    bom = 3 if body.startswith(b"\xef\xbb\xbf") else 0
    prolog = _PROLOG.match(body, bom)
    at = prolog.end() if prolog else bom
    doctype = _DOCTYPE.match(body, at)
    return body[:at] + body[doctype.end() :] if doctype else body


def _at(moment: Any) -> int | None:  # noqa: ANN401
    try:
        return sane(calendar.timegm(moment))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None
