"""JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/

Runs in the process that parses feeds and knows only the standard library.
"""

import json
import re
from datetime import UTC, datetime
from typing import Any

from community.sources.parsing_values import MOST_ENTRIES, content, line, sane, text


def json_feed(body: bytes, url: str) -> dict[str, Any] | None:
    """What the feed in `body` holds, in the shape that `parsing_worker` tells; None when it is none."""
    told = json.loads(body.decode("utf-8-sig", "replace"), parse_int=_integer, parse_float=str, parse_constant=str)
    if not isinstance(told, dict) or not re.match(r"https?://jsonfeed\.org/version/1", line(told.get("version"))):
        return None
    author = _author(told)
    read, refused = [], 0
    items = told.get("items")
    for item in items[:MOST_ENTRIES] if isinstance(items, list) else []:
        if isinstance(item, dict) and isinstance(item.get("id", ""), str | int):
            read.append(_entry(item, author, url))
        else:
            refused += 1
    return {
        "title": text(told.get("title")),
        "title_is_html": False,
        "link": line(told.get("home_page_url")),
        "ttl_s": None,
        "author_name": author[0],
        "author_url": author[1],
        "is_over": told.get("expired") is True,
        "refused": refused,
        "left_out": max(0, len(items) - MOST_ENTRIES) if isinstance(items, list) else 0,
        "entries": read,
    }


def _entry(item: dict[str, Any], author: tuple[str, str], url: str) -> dict[str, Any]:
    html = content(item.get("content_html"))
    name, site = _author(item)
    return {
        "id": line(str(item.get("id", ""))),
        "link": line(item.get("url")) or line(item.get("external_url")),
        "title": text(item.get("title")),
        "title_is_html": False,
        "author_name": name or author[0],
        "author_url": site if name else author[1],
        "published_at": _at(item.get("date_published")),
        "updated_at": _at(item.get("date_modified")),
        "content": html or content(item.get("content_text")) or text(item.get("summary")),
        "content_is_html": bool(html),
        "base": url,
        "in_reply_to": [],
    }


def _author(told: dict[str, Any]) -> tuple[str, str]:
    authors = told.get("authors")
    first = authors[0] if isinstance(authors, list) and authors else told.get("author")
    return (line(first.get("name")), line(first.get("url"))) if isinstance(first, dict) else ("", "")


def _at(moment: Any) -> int | None:  # noqa: ANN401
    try:
        found = datetime.fromisoformat(moment.strip())
        return sane(int(found.replace(tzinfo=found.tzinfo or UTC).timestamp()))
    except (AttributeError, TypeError, ValueError, OverflowError):
        return None


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits[:100]
