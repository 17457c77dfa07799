"""The process that parses feeds: it runs apart from Kith, within limits, and may be killed at any time.

Started by file path and never imported by us: it knows the standard library, feedparser, and of ours what cleans text.
It takes framed requests on its input, one JSON head and a body each, and answers each with one framed JSON value.
"""

import calendar
import gc
import hashlib
import importlib.util
import json
import math
import os
import re
import resource
import socket
import sys
import time
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, BinaryIO

_OLDEST = calendar.timegm((1990, 1, 1, 0, 0, 0))
_DAY_S = 86_400
_PERIODS = {"hourly": 3600, "daily": _DAY_S, "weekly": 7 * _DAY_S, "monthly": 30 * _DAY_S, "yearly": 365 * _DAY_S}
_HTML_TYPES = frozenset({"text/html", "application/xhtml+xml", "html", "xhtml"})
_MOST_ENTRIES = 5000
_LONGEST = 400_000
_CYCLES = 50_000
"""Only feedparser leaves cycles: to look for some after every 700 objects costs a quarter of the time."""
_PROLOG = re.compile(rb"(?>\s+|<\?(?>.*?\?>)|<!--(?>.*?-->))*", re.DOTALL)
_DOCTYPE = re.compile(rb"<!DOCTYPE(?>[^\[>\"']+|\"[^\"]*\"|'[^']*')*(?:\[.*?\]\s*)?>", re.DOTALL | re.IGNORECASE)
_PAGE = re.compile(rb"<(?:!doctype\s+html|html|head|body)[\s>]", re.IGNORECASE)
_CONTROLS = re.compile("[\x00-\x1f\x7f]+")
_BLANKS = re.compile(r"\s+")
_FEED_LINES = ("link", "self_link", "next_link", "language", "author_name", "author_url")
_LINES = ("id", "link", "author_name", "author_url", "author_email", "dated", "base", "comments_url", "comment_feed")


def main() -> None:
    """Serve requests until the input ends."""
    wanted = json.loads(sys.argv[1])
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    sys.path.insert(0, wanted["home"])
    for path in wanted["path"]:
        if path not in sys.path:
            sys.path.append(path)
    sys.dont_write_bytecode = True
    _limit(resource.RLIMIT_AS, wanted["memory_bytes"])
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_CORE, 0)
    socket.socket = _NoSocket  # type: ignore[misc]
    gc.freeze()
    gc.set_threshold(_CYCLES)
    while head := _frame(requests):
        body = _frame(requests)
        used = time.process_time()
        _limit(resource.RLIMIT_CPU, math.ceil(used + wanted["cpu_s"]), soft_only=True)
        answer = answered(json.loads(head), body, wanted["result_bytes"]).encode()
        answers.write(len(answer).to_bytes(8, "big") + answer)
        answers.flush()


def answered(head: dict[str, str], body: bytes, room: int) -> str:
    """The feed in `body` as JSON, or {"problem": ...}; entries beyond `room` bytes are counted only."""
    url, content_type = head["url"], head["content_type"]
    start = body[:4096].lstrip(b"\xef\xbb\xbf\xff\xfe\x00 \t\r\n")
    if not start:
        return _problem("empty")
    try:
        told = _json_feed(body) if start.startswith((b"{", b"[")) else _xml_feed(body, content_type, url)
        if told is None:
            html = "html" in content_type.lower() or _PAGE.search(start)
            return _problem("page" if html and not start.startswith(b"{") else "other")
        return _fitted(told, url, room, frozenset(head.get("known", "").split()))
    except (Exception, RecursionError):  # whatever a parser throws at hostile input: this feed cannot be read
        return _problem("broken")


def _problem(what: str) -> str:
    return json.dumps({"problem": what})


# XML


def _xml_feed(body: bytes, content_type: str, url: str) -> dict[str, Any] | None:
    told = _walk().walked(body, content_type, url, most=_MOST_ENTRIES)
    return _plain_feed(told) if told else _strange_feed(body, content_type, url)


@cache
def _walk() -> Any:  # noqa: ANN401
    """The module beside this one: nothing of ours can be imported here by its name."""
    spec = importlib.util.spec_from_file_location("parsing_walk", Path(__file__).with_name("parsing_walk.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _plain_feed(told: dict[str, Any]) -> dict[str, Any]:
    """What the walk brought, with everything cut and judged as for any other feed."""
    for entry in told["entries"]:
        entry |= {name: _line(entry[name]) for name in _LINES if entry.get(name)}
        entry["title"], entry["content"] = _text(entry["title"]), _content(entry["content"])
        entry["comment_count"] = _count(entry["comment_count"])
        for name in ("published_at", "updated_at"):
            entry[name] = _sane(entry[name]) if entry[name] is not None else None
    return {
        **{name: _line(told[name]) for name in _FEED_LINES},
        "title": _text(told["title"]),
        "title_is_html": told["title_is_html"],
        "hubs": [_line(hub) for hub in told["hubs"]][:10],
        "ttl_s": _ttl_s(told),
        "refused": 0,
        "left_out": max(0, told["count"] - _MOST_ENTRIES),
        "entries": told["entries"],
    }


def _strange_feed(body: bytes, content_type: str, url: str) -> dict[str, Any] | None:
    import feedparser  # type: ignore[import-untyped,unused-ignore]  # noqa: PLC0415

    _teach(feedparser)
    for marks, wide in (((b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "utf-32"), ((b"\xff\xfe", b"\xfe\xff"), "utf-16")):
        if body.startswith(marks):
            body, content_type = body.decode(wide, "replace").encode(), "application/xml; charset=utf-8"
    headers = {"content-type": content_type or "application/xml", "content-location": url}
    found = feedparser.parse(
        _without_doctype(body), response_headers=headers, sanitize_html=False, resolve_relative_uris=False
    )
    feed, entries = found.get("feed") or {}, found.get("entries") or []
    if not found.get("version") and not (entries and not _PAGE.search(body[:4096])):
        return None
    links = [link for link in feed.get("links") or [] if isinstance(link, dict)]
    read, refused = [], 0
    for entry in entries[:_MOST_ENTRIES]:
        try:
            read.append(_xml_entry(entry, url))
        except Exception:  # one bad entry does not cost the others
            refused += 1
    return {
        "title": _text(feed.get("title")),
        "title_is_html": _is_html(feed.get("title_detail")),
        "link": _line(feed.get("link")),
        "self_link": next((_line(link.get("href")) for link in links if link.get("rel") == "self"), ""),
        "next_link": next((_line(link.get("href")) for link in links if link.get("rel") == "next"), ""),
        "hubs": [_line(link.get("href")) for link in links if link.get("rel") == "hub"][:10],
        "language": _line(feed.get("language")),
        "ttl_s": _ttl_s(feed),
        "author_name": _line((feed.get("author_detail") or {}).get("name") or feed.get("author")),
        "author_url": _line((feed.get("author_detail") or {}).get("href")),
        "refused": refused,
        "left_out": max(0, len(entries) - _MOST_ENTRIES),
        "entries": read,
    }


def _xml_entry(entry: Any, url: str) -> dict[str, Any]:  # noqa: ANN401
    held = dict(entry)
    author = held.get("author_detail") or {}
    body = _body(held)
    links = [link for link in held.get("links") or [] if isinstance(link, dict)]
    alternate = next((link.get("href") for link in links if link.get("rel", "alternate") == "alternate"), None)
    replies = next((link for link in links if link.get("rel") == "replies"), {})
    guid, link = _line(held.get("id")), _line(alternate or held.get("link"))
    if not alternate and not link.startswith(("http://", "https://")):
        link = ""
    references = held.get("kith_replies") or [
        value for key, value in held.items() if key.endswith("in-reply-to") and isinstance(value, dict)
    ]
    if isinstance(held.get("source_inreplyto"), str):
        references = [*references, {"ref": held["source_inreplyto"]}]
    published, updated = _struct_at(held.get("published_parsed")), _struct_at(held.get("updated_parsed"))
    return {
        "id": guid,
        "link": link,
        "title": _text(held.get("title")),
        "title_is_html": _is_html(held.get("title_detail")),
        "author_name": _line(author.get("name") or held.get("author")),
        "author_url": _line(author.get("href")),
        "author_email": _line(author.get("email")),
        "published_at": published or _struct_at(held.get("created_parsed")),
        "updated_at": updated,
        "dated": _line(held.get("published") or held.get("updated") or held.get("created")),
        "content": _content(body.get("value")),
        "content_is_html": _is_html(body, default=True),
        "base": _line(body.get("base")) or url,
        "comments_url": _line(held.get("comments")),
        "comment_feed": _line(held.get("wfw_commentrss") or replies.get("href")),
        "comment_count": _count(held.get("slash_comments") or held.get("thr_total") or replies.get("thr:count")),
        "in_reply_to": [
            {key: _line(reference.get(key)) for key in ("ref", "href", "source")}
            for reference in references[:20]
            if isinstance(reference, dict)
        ],
    }


def _body(held: dict[str, Any]) -> dict[str, Any]:
    """The longest way the entry tells its content; full text comes before a summary."""
    contents = [one for one in held.get("content") or [] if isinstance(one, dict) and one.get("value")]
    for kind in _HTML_TYPES:
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


def _ttl_s(feed: dict[str, Any]) -> int | None:
    minutes = _count(feed.get("ttl"))
    if minutes:
        return min(minutes * 60, 30 * _DAY_S)
    period = _PERIODS.get(_line(feed.get("sy_updateperiod")).lower())
    return period // max(1, _count(feed.get("sy_updatefrequency")) or 1) if period else None


def _struct_at(moment: Any) -> int | None:  # noqa: ANN401
    try:
        return _sane(calendar.timegm(moment))
    except (TypeError, ValueError, OverflowError, IndexError):
        return None


# JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/


def _json_feed(body: bytes) -> dict[str, Any] | None:
    told = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_integer, parse_float=str, parse_constant=str)
    if not isinstance(told, dict) or not re.match(r"https?://jsonfeed\.org/version/1", _line(told.get("version"))):
        return None
    author = _json_author(told)
    read, refused = [], 0
    items = told.get("items")
    for item in items[:_MOST_ENTRIES] if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("id", ""), str | int):
            read.append(_json_entry(item, author))
        else:
            refused += 1
    hubs = told.get("hubs")
    return {
        "title": _text(told.get("title")),
        "link": _line(told.get("home_page_url")),
        "self_link": _line(told.get("feed_url")),
        "next_link": _line(told.get("next_url")),
        "hubs": [_line(hub.get("url")) for hub in hubs[:10] if isinstance(hub, dict)] if isinstance(hubs, list) else [],
        "language": _line(told.get("language")),
        "author_name": author[0],
        "author_url": author[1],
        "is_over": told.get("expired") is True,
        "refused": refused,
        "left_out": max(0, len(items) - _MOST_ENTRIES) if isinstance(items, list) else 0,
        "entries": read,
    }


def _json_entry(item: dict[str, Any], author: tuple[str, str]) -> dict[str, Any]:
    html = _content(item.get("content_html"))
    name, url = _json_author(item)
    return {
        "id": _line(str(item.get("id", ""))),
        "link": _line(item.get("url")) or _line(item.get("external_url")),
        "title": _text(item.get("title")),
        "author_name": name or author[0],
        "author_url": url if name else author[1],
        "published_at": _iso_at(item.get("date_published")),
        "updated_at": _iso_at(item.get("date_modified")),
        "dated": _line(item.get("date_published")),
        "content": html or _content(item.get("content_text")) or _text(item.get("summary")),
        "content_is_html": bool(html),
    }


def _json_author(told: dict[str, Any]) -> tuple[str, str]:
    authors = told.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else told.get("author")
    return (_line(first.get("name")), _line(first.get("url"))) if isinstance(first, dict) else ("", "")


def _iso_at(text: Any) -> int | None:  # noqa: ANN401
    try:
        moment = datetime.fromisoformat(text.strip())
        return _sane(int(moment.replace(tzinfo=moment.tzinfo or UTC).timestamp()))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits[:100]


# Values


def _fitted(told: dict[str, Any], url: str, room: int, known: frozenset[str] = frozenset()) -> str:
    """`told` as JSON with as many entries as fit into `room`, each with an id that does not depend on its place.

    Entries whose digest is `known` are only counted. A digest covers what the feed says of itself as well.
    """
    entries: list[dict[str, Any]] = told.pop("entries")
    about = "\0".join(str(told.get(name)) for name in ("title", "link", "author_name", "author_url"))
    links: dict[str, set[str]] = {}
    for entry in entries:
        links.setdefault(entry["id"], set()).add(entry["link"])
    told |= {**_readable_lines(told), "digests": [], "known": 0}
    seen: set[str] = set()
    kept: list[str] = []
    size = 50_000
    for entry in entries:
        if not entry["id"] or len(links[entry["id"]]) > 1 or len(entry["id"]) > 1000:
            entry["id"] = "hash:" + _digest([entry[part] for part in ("id", "link", "title", "content")], 16)
        if entry["id"] in seen:
            told["refused"] += 1
            continue
        digest = _digest([about, *entry.values()], 8)
        if digest in known:
            told["known"] += 1
        else:
            shown = entry | _readable_lines(entry) | {"text": _readable(entry, url)}
            dumped = json.dumps({name: value for name, value in shown.items() if value})
            if size + len(dumped) > room:
                told["left_out"] += 1
                continue
            size += len(dumped)
            kept.append(dumped)
        seen.add(entry["id"])
        told["digests"].append(digest)
    return f'{json.dumps(told)[:-1]}, "entries": [{",".join(kept)}]}}'


def _digest(parts: list[Any], size: int) -> str:
    return hashlib.blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=size).hexdigest()


def _readable(entry: dict[str, Any], url: str) -> str:
    """The content of an entry as clean text."""
    text, content, base = _cleaning(), entry["content"], entry.get("base", "")
    if not entry.get("content_is_html"):
        return str(text.clean(content))
    return str(text.from_html(content, base=url if base == url else text.safe_url(base, url) or url))


def _readable_lines(told: dict[str, Any]) -> dict[str, str]:
    """Title and author of a feed or an entry as clean lines."""
    text, title = _cleaning(), told.get("title") or ""
    return {
        "title": text.clean_line(text.from_html(title) if told.get("title_is_html") else title),
        "author_name": _readable_name(told.get("author_name") or ""),
    }


@lru_cache(maxsize=100)
def _readable_name(name: str) -> str:
    """The name of an author, who has mostly written more than one entry."""
    text = _cleaning()
    return str(text.clean_line(text.from_html(name), limit=200))


@cache
def _cleaning() -> Any:  # noqa: ANN401
    """What cleans text, imported late: only the process that parses can."""
    from community import text  # noqa: PLC0415

    return text


def _sane(moment: int) -> int | None:
    return moment if _OLDEST <= moment <= time.time() + _DAY_S else None


def _content(value: Any) -> str:  # noqa: ANN401
    """A body up to a length that can be shown in one go; what is cut is said."""
    text = _text(value, _LONGEST)
    return text if text == value or not text else f"{text}\n\n… {(len(value) - _LONGEST) // 1000} kB more"


def _text(value: Any, limit: int = 20_000) -> str:  # noqa: ANN401
    return value[:limit] if isinstance(value, str) else ""


def _line(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        return ""
    if len(value) <= 4000 and value.isascii() and value.isprintable() and "  " not in value:
        return value.strip()
    return _BLANKS.sub(" ", _CONTROLS.sub(" ", value[:4000])).strip()


def _count(value: Any) -> int | None:  # noqa: ANN401
    text = str(value).strip()
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _is_html(detail: Any, *, default: bool = False) -> bool:  # noqa: ANN401
    kind = detail.get("type") if isinstance(detail, dict) else None
    return kind in _HTML_TYPES if isinstance(kind, str) else default


# The frame


def _frame(stream: BinaryIO) -> bytes:
    """The next length and bytes; empty at the end of the input."""
    length = stream.read(8)
    return stream.read(int.from_bytes(length, "big")) if len(length) == 8 else b""


def _limit(what: int, value: int, *, soft_only: bool = False) -> None:
    try:
        hard = resource.getrlimit(what)[1] if soft_only else value
        resource.setrlimit(what, (value, hard))
    except (ValueError, OSError):
        pass


class _NoSocket(socket.socket):
    """Parsing never needs the network; whoever asks for it here has been led astray by a feed."""

    def __init__(self, *_: object, **__: object) -> None:
        raise OSError("no network here")


if __name__ == "__main__":
    main()
