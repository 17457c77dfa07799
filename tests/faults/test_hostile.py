"""A source that does its worst beside a good one: the good one is read in time, and nothing of the bad one acts."""

import asyncio
import gzip
import json
import os
import re
import sqlite3
import subprocess
import sys
import threading
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import fakes
from community.sources.base import Found
from community.sync import Syncer
from community.text import clean_line
from community.workspace import Workspace
from fakes import NOW, Clock
from faults.bench import FULL, items, listen, short_patience, table
from faults.faces import FACES, Reply, iso
from faults.platform import Platform, running
from faults.victim import ROOT
from fediverse_server import BO, note, status
from storage.database import FILE

pytestmark = [pytest.mark.anyio, pytest.mark.long, pytest.mark.timeout(600)]

MANY = 100_000
LONG = 5000 if FULL else 1000
SLOWEST_S, KEY_S = 1.0, 0.1
"""What a neighbour and a key press may be delayed by, on a machine that has nothing else to do."""
NUMBERS: list[tuple[str, ...]] = [
    ("hostile source", "good one", "stall", "a save", "a key", "the disk", "crowd", "what is said of it")
]
NASTY = "".join(map(chr, (*range(1, 9), 11, 12, *range(14, 32), 127, *range(0x80, 0xA0))))
NASTY += "\u202e\u2066\u200f\u061c\u2028\ufffe\U000e0041 [bold]x[/bold] [@click=app.quit]y[/] \x1b]52;c;aGk=\x07\x1b[2J"
FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufdd0-\ufdef\ufffe\uffff\ud800-\udfff]"
)


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    short_patience(monkeypatch, read_s=2.0, total_s=5.0)


@pytest.fixture(scope="module", autouse=True)
def numbers() -> Iterator[None]:
    yield
    if len(NUMBERS) > 1:
        table("Beside a hostile source", NUMBERS)


def rss(*items: str) -> bytes:
    return f"<rss version='2.0'><channel><title>A feed</title>{''.join(items)}</channel></rss>".encode()


def item(number: int, text: str = "Words.") -> str:
    return f"<item><guid>{number}</guid><title>Post {number}</title><description>{text}</description></item>"


def bomb() -> bytes:
    """Forty kilobytes that unpack to forty megabytes."""
    return gzip.compress(b"\0" * 40_000_000)


SHORT = {"a gzip bomb", "an endless dribble", "unclosed links in a feed", "thousands of long entries"}
LENGTHS = ["a hundred thousand entries", "deep nesting"] + (["long numbers", "twenty megabytes"] if FULL else [])
Body = bytes | Callable[[BaseHTTPRequestHandler], None]


def endless(handler: BaseHTTPRequestHandler) -> None:
    """A hundred megabytes, announced by nobody."""
    for _ in range(1600):
        handler.wfile.write(b"x" * 65_536)


def dribble(handler: BaseHTTPRequestHandler) -> None:
    """A byte now and then, without end."""
    for _ in range(300):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.1)


def packed(body: bytes) -> tuple[bytes, dict[str, str]]:
    return zlib.compressobj(1, wbits=31).compress(body), {}


FEEDS: dict[str, tuple[Callable[[], Body], dict[str, str]]] = {
    "a gzip bomb": (bomb, {"Content-Encoding": "gzip"}),
    "a hundred megabytes": (lambda: endless, {}),
    "an endless dribble": (lambda: dribble, {}),
    "a quadratic feed": (lambda: rss("<item><title>" + "<a " * 200_000 + "</title></item>"), {}),
    "quadratic HTML in a feed": (lambda: rss(item(1, "&lt;b&gt;" * 60_000)), {}),
    "unclosed links in a feed": (lambda: rss(*(item(n, '&lt;a href="' * 3_000) for n in range(100))), {}),
    "a hundred thousand entries": (
        lambda: gzip.compress(rss(*(item(n) for n in range(MANY))), 1), {"Content-Encoding": "gzip"}
    ),
    "thousands of long entries": (lambda: rss(*(item(n, "&lt;p&gt;a &lt;i&gt;" * 60) for n in range(LONG))), {}),
    "entities within entities": (
        lambda: b"<!DOCTYPE r [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;&a;&a;&a;&a;'>]>" + rss(item(1, "&b;")),
        {},
    ),
    "headers without end": (lambda: rss(item(1)), {f"X-{n}": "y" * 5_000 for n in range(30)}),
}  # fmt: skip


@contextmanager
def serving(body: Body, headers: dict[str, str]) -> Iterator[str]:
    """A web server that says this to everybody, on a host of its own; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            with suppress(OSError):
                self.send_response(200)
                for name, value in ({"Content-Type": "application/xml"} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                if isinstance(body, bytes):
                    self.wfile.write(body)
                else:
                    body(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.2", 0), Handler)
    server.daemon_threads, server.block_on_close = True, False
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        yield f"http://127.0.0.2:{server.server_address[1]}/feed"
    finally:
        server.shutdown()
        server.server_close()


@asynccontextmanager
async def good(directory: Path) -> AsyncIterator[tuple[Workspace, int, Platform]]:
    clock = Clock()
    with running("wordpress", clock, waiting=5) as platform:
        workspace = fakes.open_workspace(directory, clock)
        try:
            yield workspace, (await listen(workspace, platform)).id, platform
        finally:
            await workspace.close()


async def beside(name: str, workspace: Workspace, good_id: int, bad_id: int) -> str:
    """Read the bad source, and the good one over and over meanwhile; what is said of the bad one."""
    syncer, longest, stall, saving = Syncer(workspace.store, workspace.connections), 0.0, 0.0, 0.0

    async def heartbeat() -> None:
        nonlocal stall
        while True:
            began = time.monotonic()
            await asyncio.sleep(0.01)
            stall = max(stall, time.monotonic() - began - 0.01)

    async def typing() -> None:
        nonlocal saving
        beside_it = fakes.open_workspace(workspace.directory)
        try:
            [item_id, *_] = items(beside_it.store.reader, beside_it.listening.get(good_id))
            for number in range(1_000_000):
                began = time.monotonic()
                await beside_it.outbox.save(item_id, f"Version {number}")
                saving = max(saving, time.monotonic() - began)
                await asyncio.sleep(0.05)
        finally:
            await beside_it.close()

    keys = subprocess.Popen(
        [sys.executable, "-m", "faults.keys", str(workspace.directory)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"},
    )  # fmt: skip
    assert keys.stdout is not None and await asyncio.to_thread(keys.stdout.readline) == "ready\n"
    disk = Disk(workspace.directory)
    alone = time.monotonic()
    await syncer.sync([workspace.listening.get(good_id)])
    alone = time.monotonic() - alone
    meanwhile = [asyncio.create_task(each) for each in (heartbeat(), typing(), disk.watched())]
    reading = asyncio.create_task(syncer.sync([workspace.listening.get(bad_id)]))
    await asyncio.sleep(0)
    while not reading.done():
        began = time.monotonic()
        [result] = await syncer.sync([workspace.listening.get(good_id)])
        longest = max(longest, time.monotonic() - began)
        assert result.ok, result.error
        await asyncio.sleep(0.01)
    [result] = await reading
    for task in meanwhile:
        assert not task.done(), task.exception()
        task.cancel()
    await asyncio.gather(*meanwhile, return_exceptions=True)
    key = float((await asyncio.to_thread(keys.communicate, "\n"))[0])
    said = result.error or workspace.listening.get(bad_id).health_text or f"{result.new_items} new"
    late, crowd = longest - alone, crowded()
    told = (late, stall, saving, key, disk.slowest)
    NUMBERS.append((name, *(f"{each:+.2f} s" for each in told), f"{crowd:.1f}", said[:60]))
    assert late < SLOWEST_S * crowd + _WRITES * disk.slowest, f"{name} keeps the good source waiting for {late:.1f} s"
    assert stall < SLOWEST_S / 2 * crowd, f"{name} keeps everything waiting for {stall:.2f} s"
    assert key < KEY_S * crowd, f"{name} keeps a key press waiting for {key:.2f} s"
    return said


_WRITES = 4
"""How often the reading of a source waits until the disk has what it wrote."""


class Disk:
    """How long the disk takes for a small file, whatever Kith does: others may keep it busy."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "probe"
        self.slowest = 0.0

    async def watched(self) -> None:
        """Write now and then."""
        while True:
            began = time.monotonic()
            await asyncio.to_thread(self._write)
            self.slowest = max(self.slowest, time.monotonic() - began)
            await asyncio.sleep(0.05)

    def _write(self) -> None:
        with self._path.open("wb") as file:
            file.write(b"x" * 4096)
            os.fsync(file.fileno())


def crowded() -> float:
    """How many times slower this machine is than one with nothing else to do: what waits for each of its cores."""
    return max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def stored(directory: Path) -> list[tuple[str, str, str]]:
    """Every text in the database with its table and column."""
    connection = sqlite3.connect(directory / FILE)
    try:
        tables = [row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        found: list[tuple[str, str, str]] = []
        for name in tables:
            if "_fts" in name:
                continue
            columns = [row[1] for row in connection.execute(f"PRAGMA table_info({name})") if row[2] == "TEXT"]
            for column in columns:
                rows = connection.execute(f"SELECT {column} FROM {name} WHERE {column} IS NOT NULL")
                found += [(name, column, str(row[0])) for row in rows]
        return found
    finally:
        connection.close()


@pytest.mark.parametrize("name", [name for name in FEEDS if FULL or name in SHORT])
async def test_a_hostile_feed_delays_nobody_and_is_told_in_a_sentence(tmp_path: Path, name: str) -> None:
    made, headers = FEEDS[name]
    async with good(tmp_path / "work") as (workspace, good_id, _):
        with serving(made(), headers) as address:
            host = address.split("/")[2]
            bad = await workspace.listening.add(Found("feed", clean_line("Bad"), address), allow_hosts=[host])
            said = await beside(name, workspace, good_id, bad.id)
        assert said


def entries(kind: str, how_many: int, text: str) -> list[Any]:
    """A list as each kind of source gives it, far longer than was asked for."""
    match kind:
        case "wordpress":
            row = {"post": 7, "parent": 0, "author": 0, "author_name": "A", "date_gmt": "2026-01-01T00:00:00"}
            return [row | {"id": n, "content": {"rendered": text}, "type": "comment"} for n in range(1, how_many + 1)]
        case "isso":
            row = {"parent": None, "created": 1.0, "modified": None, "mode": 1, "author": "A", "website": None}
            return [row | {"id": n, "text": text, "hash": "a", "uri": f"/{n}/"} for n in range(1, how_many + 1)]
        case "bluesky":
            view: dict[str, Any] = {
                "cid": "c",
                "author": {"did": "did:plc:" + "b" * 24, "handle": "b.example"},
                "reason": "like",
            }
            view |= {"record": {"text": text}, "indexedAt": iso(NOW - 5), "isRead": False}
            return [view | {"uri": f"at://did:plc:{'b' * 24}/app.bsky.feed.like/{n}"} for n in range(how_many)]
    if how_many < 1000:
        at = iso(NOW - 5)
        rows = [status(str(n), BO, text, created_at=at) for n in range(1, how_many + 1)]
        return [note(str(n), "mention", BO, row) | {"created_at": at} for n, row in enumerate(rows, 1)]
    small = {key: BO[key] for key in ("id", "username", "acct", "display_name", "url", "uri")} | {"emojis": []}
    return [
        {"id": str(n), "type": "favourite", "created_at": iso(NOW - 5), "account": small}
        for n in range(1, how_many + 1)
    ]


def wrapped(kind: str, rows: list[Any]) -> object:
    return {"notifications": rows} if kind == "bluesky" else rows


@pytest.mark.parametrize("kind", ["wordpress", "isso", "mastodon", "bluesky"])
@pytest.mark.parametrize("how", LENGTHS)
async def test_a_hostile_answer_in_json_delays_nobody_and_is_told_in_a_sentence(
    tmp_path: Path, kind: str, how: str
) -> None:
    async with good(tmp_path / "work") as (workspace, good_id, _):
        with running(kind, Clock(), waiting=1, host="127.0.0.2") as platform:
            bad = await listen(workspace, platform, read=False)
            match how:
                case "a hundred thousand entries":
                    body = json.dumps(wrapped(kind, entries(kind, MANY, "Hi")), separators=(",", ":")).encode()
                case "deep nesting":
                    body = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
                case "long numbers":
                    body = b"[" + b",".join([b"9" * 4000] * 2000) + b"]"
                case _:
                    body = json.dumps(wrapped(kind, entries(kind, 50, "<p><b>word</b> " * 26_000))).encode()
            packed_body = gzip.compress(body, 1)
            platform.reads_fail = Reply(200, packed_body, {"Content-Encoding": "gzip"})
            said = await beside(f"{kind}: {how}, {len(body) / 1e6:.0f} MB", workspace, good_id, bad.id)
            assert said


@pytest.mark.parametrize("kind", [*FACES, "feed"])
async def test_no_control_character_reaches_any_text_of_the_database(tmp_path: Path, kind: str) -> None:
    async with good(tmp_path / "work") as (workspace, _, _platform):
        if kind == "feed":
            escaped = NASTY.translate({n: f"&#{n};" for n in range(128) if chr(n) not in "abc"})
            with serving(rss(item(1, escaped), f"<item><title>{escaped}</title><author>{escaped}</author></item>",
                             f"<item><title>{NASTY[40:]}</title><dc:creator>{NASTY[40:]}</dc:creator></item>"), {
                                 "ETag": "\x85\x9b", "Last-Modified": "\x9b"}) as address:  # fmt: skip
                host = address.split("/")[2]
                bad = await workspace.listening.add(Found("feed", clean_line("Bad"), address), allow_hosts=[host])
                [result] = await Syncer(workspace.store, workspace.connections).sync([bad])
        else:
            with running(kind, Clock(), waiting=3, host="127.0.0.2") as platform:
                source = await listen(workspace, platform, read=False)
                read = platform.face.read
                platform.face.read = lambda call: _made_nasty(read(call))  # type: ignore[method-assign]
                await workspace.listening.check(source.id)
                source = workspace.listening.get(source.id)
                [result] = await Syncer(workspace.store, workspace.connections).sync([source])
                platform.face.read = read  # type: ignore[method-assign]
                platform.reads_fail = Reply(500, json.dumps({"error": NASTY, "message": NASTY}).encode())
                await Syncer(workspace.store, workspace.connections).sync([source])
        print(f"\n{kind}: {result.new_items} nasty items")
        assert result.new_items, result.error
        texts = stored(tmp_path / "work")
        bad_ones = [(name, column, text) for name, column, text in texts if FORBIDDEN.search(text)]
        assert len(texts) > 50
        assert not bad_ones, bad_ones[:3]


def _made_nasty(reply: Reply) -> Reply:
    """Every text that names nothing gets a beginning and an end that a terminal would obey."""
    named = {"id", "uri", "url", "cid", "did", "reason", "date_gmt", "created_at", "createdAt", "indexedAt", "status",
             "type", "$type", "in_reply_to_id", "visibility", "acct", "hash", "version", "domain", "username", "href",
             "rel", "home", "accessJwt", "refreshJwt", "link", "handle", "namespaces"}  # fmt: skip

    def nasty(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {each: nasty(inner, each) for each, inner in value.items()}
        if isinstance(value, list):
            return [nasty(each, key) for each in value]
        return f"{NASTY}{value}{NASTY}" if isinstance(value, str) and key not in named else value

    return Reply(reply.status, json.dumps(nasty(json.loads(reply.body))).encode(), reply.headers)
