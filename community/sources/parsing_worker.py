"""The process that parses feeds: it runs apart from Kith, within limits, and may be killed at any time.

Started with `-I` and a path of its own. It takes framed requests on its input, one JSON head and a body each, and
answers each with one framed JSON value. What it imports is the standard library, feedparser, and what cleans text.
"""

import gc
import hashlib
import json
import math
import os
import resource
import socket
import sys
import time
from functools import lru_cache
from typing import Any, BinaryIO

from community.sources.parsing_json import json_feed
from community.sources.parsing_strange import PAGE, strange_feed
from community.sources.parsing_values import MOST_ENTRIES
from community.sources.parsing_walk import walked
from community.text import Clean, clean, clean_line, from_html
from community.urls import safe_url

_CYCLES = 50_000
"""Only feedparser leaves cycles: to look for some after every 700 objects costs a quarter of the time."""


def main() -> None:
    """Serve requests until the input ends."""
    wanted = json.loads(sys.argv[1])
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    silence = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(silence, standard)
    sys.path += [path for path in wanted["path"] if path not in sys.path]
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
        if start.startswith((b"{", b"[")):
            told = json_feed(body, url)
        else:
            told = walked(body, content_type, url, most=MOST_ENTRIES) or strange_feed(body, content_type, url)
        if told is None:
            html = "html" in content_type.lower() or PAGE.search(start)
            return _problem("page" if html and not start.startswith(b"{") else "other")
        return _fitted(told, url, room, frozenset(head.get("known", "").split()))
    except (Exception, RecursionError):  # whatever a parser throws at hostile input: this feed cannot be read
        return _problem("broken")


def _problem(what: str) -> str:
    return json.dumps({"problem": what})


def _fitted(told: dict[str, Any], url: str, room: int, known: frozenset[str]) -> str:
    """`told` as JSON with as many entries as fit into `room`, each with an id that does not depend on its place.

    Entries whose digest is `known` are only counted. A digest covers what the feed says of itself as well.
    """
    entries: list[dict[str, Any]] = told.pop("entries")
    about = "\0".join(str(told[name]) for name in ("title", "link", "author_name", "author_url"))
    links: dict[str, set[str]] = {}
    for entry in entries:
        links.setdefault(entry["id"], set()).add(entry["link"])
    digests: list[str] = []
    told |= {**_readable(told, url), "digests": digests, "known": 0}
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
            dumped = json.dumps(_row(entry, url))
            if size + len(dumped) > room:
                told["left_out"] += 1
                continue
            size += len(dumped)
            kept.append(dumped)
        seen.add(entry["id"])
        digests.append(digest)
    return f'{json.dumps(told)[:-1]}, "entries": [{",".join(kept)}]}}'


def _digest(parts: list[Any], size: int) -> str:
    return hashlib.blake2b("\0".join(map(str, parts)).encode("utf-8", "replace"), digest_size=size).hexdigest()


def _row(entry: dict[str, Any], url: str) -> list[Any]:
    """An entry as `parsing.ParsedEntry` wants it, with clean text, and with addresses that can be opened."""
    base, body = entry["base"], entry["content"]
    base = url if base == url else safe_url(base, url) or url
    held = _readable(entry, base)
    return [
        clean_line(entry["id"], limit=1000),
        held["link"],
        held["title"],
        held["author_name"],
        held["author_url"],
        entry["published_at"],
        entry["updated_at"],
        from_html(body, base=base) if entry["content_is_html"] else clean(body),
        body,
        [(clean_line(ref, limit=1000), *_opened(base, *places)) for ref, *places in entry["in_reply_to"]],
    ]


def _readable(told: dict[str, Any], base: str) -> dict[str, str | None]:
    """What a feed and an entry both have: title and author as clean lines, addresses that can be opened."""
    title: str = told["title"]
    return {
        "title": clean_line(from_html(title) if told["title_is_html"] else title),
        "author_name": _readable_name(told["author_name"]),
        "link": safe_url(told["link"], base),
        "author_url": safe_url(told["author_url"], base),
    }


def _opened(base: str, *addresses: str) -> list[str | None]:
    return [safe_url(address, base) for address in addresses]


@lru_cache(maxsize=100)
def _readable_name(name: str) -> Clean:
    """The name of an author, who has mostly written more than one entry."""
    return clean_line(from_html(name), limit=200)


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
