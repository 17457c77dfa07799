"""Feeds of the plain kind, read by one walk over the tree: what feedparser gives for them, in a tenth of the time.

Runs in the process that parses feeds and knows only the standard library. Whatever it is not sure of, it leaves to
feedparser: an element, an attribute, a date or a charset it does not know makes it give up the whole feed. Its oracle
is a test that compares the two over feedparser's own files.
"""

import html.entities
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from xml.etree import ElementTree

from community.sources.parsing_values import content, line, sane, text, ttl_s

_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_WFW = "{http://wellformedweb.org/CommentAPI/}"
_SLASH = "{http://purl.org/rss/1.0/modules/slash/}"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_ONCE_IN_ITEM = frozenset({"title", "link", "guid", "pubDate", "description", _DC + "creator", _DC + "date", _CONTENT})
_IGNORED_IN_ITEM = frozenset(
    {"category", "enclosure", "comments", _DC + "subject", _WFW + "comment", _WFW + "commentRss", _SLASH + "comments"}
)
_ONCE_IN_CHANNEL = frozenset({"title", "link", "description", "ttl", _SY + "updatePeriod", _SY + "updateFrequency"})
_IGNORED_IN_CHANNEL = frozenset(
    {"lastBuildDate", "pubDate", "generator", "docs", "copyright", "category", "image", "webMaster", "item", "language"}
    | {_ATOM + "link", _SY + "updateBase"}
)
_ONCE_IN_ENTRY = frozenset(
    _ATOM + name for name in ("title", "id", "updated", "published", "author", "summary", "content")
)
_IGNORED_IN_ENTRY = frozenset(_ATOM + name for name in ("link", "category", "rights"))
_ONCE_IN_FEED = frozenset(_ATOM + name for name in ("title", "author", "id"))
_IGNORED_IN_FEED = frozenset(
    _ATOM + name for name in ("link", "category", "rights", "subtitle", "updated", "generator", "icon", "logo", "entry")
)
_RELATIONS = frozenset(
    ("alternate", "self", "next", "first", "last", "previous", "edit", "enclosure", "related", "via", "hub")
)
_WITH_CHILDREN = frozenset({"image", "item", _ATOM + "entry"})

_ENCODING = re.compile(rb"^\s*<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)", re.IGNORECASE)
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([^\s;\"']*)", re.IGNORECASE)
_UNUSUAL = (b"<!DOCTYPE", b"<!ENTITY", b"xml:base", b"xml:space")
_ABSOLUTE = re.compile(r"https?://[^][/?#;\s]+(?:/[^?#;\s]*(?:\?[^#\s]+)?(?:#\S+)?)?")
"""An address that joining it to another leaves as it is."""
_TAG_OR_ENTITY = re.compile(r"</\w+>|&#?\w+;")
_STRANGE = re.compile("[\x80-\x9f]")
_RFC_822 = re.compile(
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?(\d{1,2}) (Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) (\d{4})"
    r" (\d\d):(\d\d):(\d\d) (?:(GMT|UTC|Z)|([+-])(\d\d)(\d\d))"
)
_MONTHS = {name: at for at, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}  # noqa: SIM905
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)")

Told = dict[str, Any]


class Unsure(Exception):
    """This feed is for feedparser."""


def walked(body: bytes, content_type: str, url: str, *, most: int) -> Told | None:
    """What the first `most` entries of the feed in `body` hold, in the shape that `parsing_worker` tells.

    None when it is not of the plain kind.
    """
    declared = _ENCODING.match(body[:200])
    named = _CHARSET.search(content_type)
    charsets = {declared[1].decode("ascii", "replace").lower() if declared else "", named[1].lower() if named else ""}
    if not charsets <= {"", "utf-8"} or any(each in body for each in _UNUSUAL):
        return None
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  no document type, and a process that may be killed
        languages = body.count(b"xml:lang")
        if root.tag == "rss" and root.get("version", "").startswith("2.") and not languages:
            return _rss(root, url, most)
        if root.tag == _ATOM + "feed" and languages == (root.get(_LANG) is not None):
            return _atom(root, url, most)
    except (ElementTree.ParseError, Unsure, ValueError):
        pass
    return None


# RSS 2.0: https://www.rssboard.org/rss-specification


def _rss(root: ElementTree.Element, url: str, most: int) -> Told:
    if [child.tag for child in root] != ["channel"]:
        raise Unsure
    channel = root[0]
    held = _held(channel, _ONCE_IN_CHANNEL, _IGNORED_IN_CHANNEL)
    period = _text(held, _SY + "updatePeriod")
    relations = {link.get("rel", "") for link in channel.findall(_ATOM + "link")}
    if relations - {"self", "next", "hub", "first", "last"} or period.isupper():
        raise Unsure
    title, items = _text(held, "title"), channel.findall("item")
    frequency = _text(held, _SY + "updateFrequency")
    wishes = {"ttl": _text(held, "ttl"), "sy_updateperiod": period, "sy_updatefrequency": frequency}
    return {
        "title": text(title),
        "title_is_html": _looks_like_html(title),
        "link": line(_link(_text(held, "link"), url)),
        "ttl_s": ttl_s(wishes),
        "author_name": "",
        "author_url": "",
        "refused": 0,
        "left_out": max(0, len(items) - most),
        "entries": [_item(item, url) for item in items[:most]],
    }


def _item(item: ElementTree.Element, url: str) -> Told:
    held = _held(item, _ONCE_IN_ITEM, _IGNORED_IN_ITEM)
    title, guid, author = _text(held, "title"), _text(held, "guid"), _text(held, _DC + "creator")
    if set("@(<&") & set(author):
        raise Unsure
    is_link = "guid" in held and held["guid"].get("isPermaLink", "true") == "true"
    if "guid" in held and set(held["guid"].keys()) - {"isPermaLink"}:
        raise Unsure
    link = _link(_text(held, "link"), url)
    if "link" not in held and is_link and guid.startswith(("http://", "https://")):
        link = guid
    published, updated = _text(held, "pubDate"), _text(held, _DC + "date")
    return {
        "id": line(guid),
        "link": line(link),
        "title": text(title),
        "title_is_html": _looks_like_html(title),
        "author_name": line(author),
        "author_url": "",
        "published_at": sane(_rfc_822_at(published)) if published else None,
        "updated_at": sane(_iso_at(updated)) if updated else None,
        "content": content(_text(held, _CONTENT) or _text(held, "description")),
        "content_is_html": True,
        "base": url,
        "in_reply_to": [],
    }


# Atom: RFC 4287


def _atom(feed: ElementTree.Element, url: str, most: int) -> Told:
    if set(feed.keys()) - {_LANG}:
        raise Unsure
    held = _held(feed, _ONCE_IN_FEED, _IGNORED_IN_FEED)
    pages = _pages(feed, url)
    if len(pages) != 1:
        raise Unsure
    title, title_is_html = _said(held, "title")
    name, home = _author(held, url)
    entries = feed.findall(_ATOM + "entry")
    return {
        "title": text(title),
        "title_is_html": title_is_html,
        "link": line(pages[0]),
        "ttl_s": None,
        "author_name": line(name),
        "author_url": line(home),
        "refused": 0,
        "left_out": max(0, len(entries) - most),
        "entries": [_entry(entry, url) for entry in entries[:most]],
    }


def _entry(entry: ElementTree.Element, url: str) -> Told:
    held = _held(entry, _ONCE_IN_ENTRY, _IGNORED_IN_ENTRY)
    title, title_is_html = _said(held, "title")
    body, body_is_html = _said(held, "content")
    if not body:
        body, body_is_html = _said(held, "summary")
        if _ATOM + "summary" not in held:
            body_is_html = True
    identity = _text(held, _ATOM + "id")
    page = next(iter(_pages(entry, url)), "")
    if not page and identity.startswith(("http://", "https://")):
        page = identity
    published, updated = _text(held, _ATOM + "published"), _text(held, _ATOM + "updated")
    name, home = _author(held, url)
    return {
        "id": line(identity),
        "link": line(page),
        "title": text(title),
        "title_is_html": title_is_html,
        "author_name": line(name),
        "author_url": line(home),
        "published_at": sane(_iso_at(published)) if published else None,
        "updated_at": sane(_iso_at(updated)) if updated else None,
        "content": content(body),
        "content_is_html": body_is_html,
        "base": url,
        "in_reply_to": [],
    }


def _said(held: dict[str, ElementTree.Element], name: str) -> tuple[str, bool]:
    """The words of a text construct, and whether they are HTML."""
    found = held.get(_ATOM + name)
    if found is None:
        return "", False
    kind = found.get("type", "text")
    if kind not in ("text", "html") or set(found.keys()) - {"type"}:
        raise Unsure
    return _words(found), kind == "html"


def _author(held: dict[str, ElementTree.Element], url: str) -> tuple[str, str]:
    """Name and address."""
    found = held.get(_ATOM + "author")
    if found is None:
        return "", ""
    parts = _held(found, frozenset(_ATOM + part for part in ("name", "uri", "email")), frozenset())
    name = _text(parts, _ATOM + "name")
    if not name:
        raise Unsure
    return name, _link(_text(parts, _ATOM + "uri"), url)


def _pages(of: ElementTree.Element, url: str) -> list[str]:
    """Where it can be read on the web."""
    found = []
    for link in of.findall(_ATOM + "link"):
        rel = link.get("rel", "alternate")
        if rel not in _RELATIONS or (rel == "alternate" and link.get("type", "text/html") != "text/html"):
            raise Unsure
        if rel == "alternate":
            found.append(_link(link.get("href", "").strip(), url))
    return found


# Values


def _held(of: ElementTree.Element, once: frozenset[str], ignored: frozenset[str]) -> dict[str, ElementTree.Element]:
    """The children by name, each there once; what else there is must be known."""
    found: dict[str, ElementTree.Element] = {}
    if of.text and not of.text.isspace():
        raise Unsure
    for child in of:
        tag, tail = child.tag, child.tail
        if tag in once and tag not in found:
            found[tag] = child
        elif tag not in ignored or (len(child) and tag not in _WITH_CHILDREN):
            raise Unsure
        if tail and not tail.isspace():
            raise Unsure
    return found


def _text(held: dict[str, ElementTree.Element], name: str) -> str:
    found = held.get(name)
    return "" if found is None else _words(found)


def _words(of: ElementTree.Element) -> str:
    if len(of):
        raise Unsure
    words = (of.text or "").strip()
    if not words.isascii():
        try:
            words = words.encode("iso-8859-1").decode("utf-8")
        except UnicodeError:
            pass
        if _STRANGE.search(words):
            raise Unsure
    return words


def _looks_like_html(words: str) -> bool:
    """As feedparser guesses; it also looks at the names of the tags, so these are left to it."""
    if not _TAG_OR_ENTITY.search(words):
        return False
    if re.search(r"</?\w", words):
        raise Unsure
    return all(name in html.entities.entitydefs for name in re.findall(r"&(\w+);", words))


def _link(address: str, url: str) -> str:
    if not address:
        return ""
    if "&" not in address and address.isascii() and _ABSOLUTE.fullmatch(address):
        return address
    if not address.startswith(("http://", "https://")) or not address.isascii() or ("&" in address and ";" in address):
        raise Unsure
    return urljoin(url, address)


def _iso_at(text: str) -> int:
    if not _ISO.fullmatch(text):
        raise Unsure
    return int(datetime.fromisoformat(text).timestamp())


def _rfc_822_at(text: str) -> int:
    found = _RFC_822.fullmatch(text)
    if not found:
        raise Unsure
    day, month, year, hour, minute, second, _, sign, hours, minutes = found.groups()
    moment = datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    offset = (int(hours) * 3600 + int(minutes) * 60) * (1 if sign == "+" else -1) if sign else 0
    return int(moment.timestamp()) - offset
