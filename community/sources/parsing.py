"""Feeds read in a process of their own, which is killed when a feed makes it run wild. Bytes in, typed data out."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from community.errors import Garbled
from community.text import Clean, clean, clean_line, shown_host
from community.urls import safe_url

_WORKER = "import sys; sys.path.insert(0, sys.argv.pop(1)); from community.sources import parsing_worker as w; w.main()"
_MEMORY_BYTES = 512 * 1024 * 1024
_RESULT_BYTES = 12 * 1024 * 1024
_LONG = 200_000
_PATIENCE_S = 0.3
_MOST = min(4, max(2, os.cpu_count() or 2))
"""More children than processors would only cost what it takes to start them."""
_BREATH = 50  # entries, some 10 ms: a key press must not wait for a feed of thousands
_PROBLEMS = {
    "empty": "{host} sent an empty answer where a feed was expected; try again later.",
    "page": "{host} sent a web page, not a feed; give the address of the feed itself.",
    "other": "{host} sent something that is not a feed; check the address.",
    "broken": "{host} sent a feed that could not be read; tell its owner, or try again later.",
}


class Reference(NamedTuple):
    """What an entry answers: the id of its parent, its address, and the feed of the parent. Source: RFC 4685."""

    ref: str
    href: str | None = None
    source: str | None = None


class ParsedEntry(NamedTuple):
    """One entry. `id` is what the feed says, else a hash of link, title and body; never its place.

    `content_html` is as it came and must not be shown: `text` is what a reader of it reads. Times outside of 1990 to
    tomorrow are None. Addresses are http(s) or None.
    """

    id: str
    link: str | None
    title: Clean
    author_name: Clean = Clean("")
    author_url: str | None = None
    published_at: int | None = None
    updated_at: int | None = None
    text: Clean = Clean("")
    content_html: str = ""
    in_reply_to: tuple[Reference, ...] = ()


@dataclass(frozen=True, slots=True)
class ParsedFeed:
    """A feed, newest entries usually first. When it `is_feed` not, `problem` says in one sentence what it is instead.

    `what` is "feed", "empty", "page", "other" or "broken". `refused` entries could not be read or came twice,
    `left_out` were too many, `known` were known by their digest; `digests` are those of all that were kept or known.
    `is_over` says that the feed has ended for good. `ttl_s` is its own wish for a pause.
    """

    what: str = "feed"
    problem: str = ""
    title: Clean = Clean("")
    link: str | None = None
    ttl_s: int | None = None
    author_name: Clean = Clean("")
    author_url: str | None = None
    is_over: bool = False
    refused: int = 0
    left_out: int = 0
    known: int = 0
    digests: tuple[str, ...] = ()
    entries: tuple[ParsedEntry, ...] = ()

    @property
    def is_feed(self) -> bool:
        """Whether there was a feed to read."""
        return self.what == "feed"

    def required(self) -> "ParsedFeed":
        """Itself when it is a feed. Raises `Garbled` with the problem otherwise."""
        if not self.is_feed:
            raise Garbled(self.problem)
        return self


class Parser:
    """Parses feeds in child processes: started when needed, kept warm, killed when they take too much.

    A feed that keeps one busy delays the others by a third of a second; then they get a child of their own.
    """

    def __init__(self, *, most: int = _MOST, cpu_s: float = 10.0, wall_s: float = 20.0) -> None:
        self._most = most
        self._cpu_s = cpu_s
        self._wall_s = wall_s
        self._idle: asyncio.LifoQueue[asyncio.subprocess.Process | None] = asyncio.LifoQueue()
        self._running: set[asyncio.subprocess.Process] = set()
        self._places = 0

    async def parse(self, body: bytes, content_type: str, url: str, *, known: Sequence[str] = ()) -> ParsedFeed:
        """What `body`, fetched from `url`, holds, without the entries whose digest is `known`.

        See `ParsedFeed.what` for bytes that are no feed.

        Raises `Garbled` when reading it took too much time or memory.
        """
        request = json.dumps({"content_type": content_type[:200], "url": url[:2000], "known": " ".join(known)}).encode()
        child = await self._free_child()
        try:
            async with asyncio.timeout(self._wall_s):
                child = child or await self._start()
                answer = await _asked(child, request, body)
        except (OSError, EOFError, TimeoutError, ValueError):
            await self._end(child)
            raise Garbled(f"{shown_host(url)} sent a feed that could not be read in time; tell its owner.") from None
        except BaseException:
            await asyncio.shield(self._end(child))
            raise
        self._idle.put_nowait(child)
        return await _feed(answer, url)

    async def close(self) -> None:
        """End every child. Parsing again starts new ones."""
        while not self._idle.empty():
            self._idle.get_nowait()
        for child in tuple(self._running):
            await self._end(child, frees_place=False)
        self._places = 0

    async def _free_child(self) -> asyncio.subprocess.Process | None:
        """An idle child, or None for the right to start one."""
        try:
            return self._idle.get_nowait()
        except asyncio.QueueEmpty:
            pass
        if self._places:
            try:
                async with asyncio.timeout(_PATIENCE_S if self._places < self._most else None):
                    return await self._idle.get()
            except TimeoutError:
                pass
        if self._places >= self._most:
            return await self._idle.get()
        self._places += 1
        return None

    async def _start(self) -> asyncio.subprocess.Process:
        home = str(Path(__file__).parents[2])
        wanted = {
            "path": _library_paths(),
            "memory_bytes": _MEMORY_BYTES,
            "cpu_s": self._cpu_s,
            "result_bytes": _RESULT_BYTES - 100_000,
        }
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-I", "-c", _WORKER, home, json.dumps(wanted)),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.DEVNULL,
            env={"LC_ALL": "C.UTF-8"},
            cwd="/",
            start_new_session=True,
        )
        self._running.add(child)
        return child

    async def _end(self, child: asyncio.subprocess.Process | None, *, frees_place: bool = True) -> None:
        if child is not None:
            self._running.discard(child)
            if child.returncode is None:
                child.kill()
            await child.wait()
        if frees_place:
            # Somebody may be waiting for a child: they get the right to start one instead.
            self._idle.put_nowait(None)


async def _asked(child: asyncio.subprocess.Process, request: bytes, body: bytes) -> dict[str, Any]:
    """The child's answer to one request. Raises EOFError or OSError when it died, ValueError for nonsense."""
    if child.stdin is None or child.stdout is None:
        raise EOFError
    for part in (request, body):
        child.stdin.write(len(part).to_bytes(8, "big"))
        child.stdin.write(part)
    await child.stdin.drain()
    size = int.from_bytes(await child.stdout.readexactly(8), "big")
    if size > _RESULT_BYTES:
        raise ValueError
    told = await child.stdout.readexactly(size)
    answer = json.loads(told) if size < _LONG else await asyncio.to_thread(_read, told)
    if not isinstance(answer, dict):
        raise ValueError  # noqa: TRY004  to the caller it is nonsense like any other
    return answer


def _read(told: bytes) -> object:
    """A long answer, read in a thread; the hook lets others have their turn meanwhile."""
    return json.loads(told, object_hook=lambda found: found)


def _library_paths() -> list[str]:
    """Where a child finds feedparser, which it would not know of when Kith was not started from its own environment."""
    found = [str(Path(spec.origin).parent.parent) for spec in (find_spec("feedparser"),) if spec and spec.origin]
    return found + [path for path in sys.path if path and Path(path).is_absolute()]


async def _feed(told: Mapping[str, Any], url: str) -> ParsedFeed:
    if problem := told.get("problem"):
        sentence = _PROBLEMS.get(problem, _PROBLEMS["broken"])
        return ParsedFeed(what=str(problem), problem=clean_line(sentence.format(host=shown_host(url) or "The source")))
    entries: list[ParsedEntry] = []
    for entry in told.get("entries", ()):
        entries.append(_entry(*entry))
        if not len(entries) % _BREATH:
            await asyncio.sleep(0)
    return ParsedFeed(
        title=clean_line(told.get("title")),
        link=_address(told.get("link")),
        ttl_s=told.get("ttl_s"),
        author_name=clean_line(told.get("author_name"), limit=200),
        author_url=_address(told.get("author_url")),
        is_over=bool(told.get("is_over")),
        refused=told.get("refused", 0),
        left_out=told.get("left_out", 0),
        known=told.get("known", 0),
        digests=tuple(told.get("digests", ())),
        entries=tuple(entries),
    )


def _entry(
    remote_id: str,
    link: str | None,
    title: str,
    author_name: str,
    author_url: str | None,
    published_at: int | None,
    updated_at: int | None,
    text: str,
    content_html: str,
    in_reply_to: Sequence[tuple[str, str | None, str | None]],
) -> ParsedEntry:
    """An entry as the child told it. Its texts are clean already; nothing is trusted, and clean text costs nothing."""
    return ParsedEntry(
        clean_line(remote_id, limit=1000),
        _address(link),
        clean_line(title),
        clean_line(author_name, limit=200),
        _address(author_url),
        published_at,
        updated_at,
        clean(text),
        content_html,
        tuple(
            Reference(clean_line(ref, limit=1000), _address(href), _address(source))
            for ref, href, source in in_reply_to
            if ref or href
        ),
    )


def _address(told: str | None) -> str | None:
    return safe_url(told) if told else None
