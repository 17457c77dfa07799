"""A thousand feeds on the loopback, each at an address of its own: what syncing is measured against.

`python tests/benchmarks/feedserver.py PORT FEEDS` prints "ready" and serves until its input ends. Every feed has 30
items and an ETag. `/set?generation=N&changed=PERCENT` gives that share of the feeds two new items for each generation;
`/asked` tells how many answers of each kind were given since the last `/set`.
"""

import asyncio
import gzip
import json
import random
import sys
import time
from email.utils import formatdate
from html import escape
from urllib.parse import parse_qs

from words import Prose

ITEMS, FRESH = 30, 2
_BORN = 1_700_000_000
_RSS = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>Feed {n}</title>'
    "<link>http://feed{n}.example/</link><description>d</description>\n{items}</channel></rss>"
)
_ATOM = (
    '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"><title>Feed {n}</title>'
    '<id>tag:feed{n}.example,2020:feed</id><link href="http://feed{n}.example/"/>'
    "<updated>2024-01-01T00:00:00Z</updated>\n{items}</feed>"
)


def host(number: int) -> str:
    """The address of a feed: any of 127.0.0.0/8 is this machine."""
    return f"127.{1 + number // 62_500}.{number // 250 % 250}.{1 + number % 250}"


def address(number: int, port: int) -> str:
    """Where a feed is."""
    return f"http://{host(number)}:{port}/f/{number}"


class Farm:
    """The feeds, as they are at the moment."""

    def __init__(self) -> None:
        self.generation, self.changed = 0, 0.0
        self.asked = {"full": 0, "unchanged": 0}
        self._prose = Prose(7)
        self._made: dict[tuple[int, int], bytes] = {}

    def answer(self, target: str, headers: dict[str, str]) -> bytes:
        """A whole HTTP answer."""
        if not target.startswith("/f/"):
            return self._control(target)
        number = int(target[3:])
        version = self.version(number)
        etag = f'"{number}-{version}"'
        if headers.get("if-none-match") == etag:
            self.asked["unchanged"] += 1
            return f"HTTP/1.1 304 Not Modified\r\nETag: {etag}\r\n\r\n".encode()
        self.asked["full"] += 1
        body = self.body(number, version)
        head = (
            f"HTTP/1.1 200 OK\r\nContent-Type: application/xml; charset=utf-8\r\nETag: {etag}\r\n"
            f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body

    def version(self, number: int) -> int:
        """How many times the feed has changed."""
        return self.generation if number * 37 % 1000 < self.changed * 10 else 0

    def body(self, number: int, version: int) -> bytes:
        """The feed, packed. It is made only once."""
        made = self._made.get((number, version))
        if made is None:
            first = version * FRESH
            build = self._atom if number % 4 == 3 else self._rss
            entries = "".join(build(number, place) for place in range(first + ITEMS - 1, first - 1, -1))
            whole = (_ATOM if number % 4 == 3 else _RSS).format(n=number, items=entries)
            made = self._made[number, version] = gzip.compress(whole.encode(), 6, mtime=0)
        return made

    def _words(self, number: int, place: int) -> tuple[str, str, int]:
        chance = random.Random(number * 100_003 + place)
        self._prose.reseed(chance)
        paragraphs = [self._prose.text(1, 4) for _ in range(chance.randint(1, 5))]
        html = "".join(f'<p>{one} <a href="/p/{place}?a=1&amp;b=2">more</a></p>' for one in paragraphs)
        return self._prose.sentence(), html + '<img src="/i.png" onload="x()"/>', _BORN + place * 5400 + number

    def _rss(self, number: int, place: int) -> str:
        title, html, at = self._words(number, place)
        link = f"http://feed{number}.example/{place}"
        return (
            f'<item><title>{title}</title><link>{link}</link><guid isPermaLink="true">{link}</guid>'
            f"<pubDate>{formatdate(at, usegmt=True)}</pubDate><dc:creator>author{place % 3}</dc:creator>"
            f"<description>{escape(html[:300])}</description>"
            f"<content:encoded><![CDATA[{html}]]></content:encoded></item>\n"
        )

    def _atom(self, number: int, place: int) -> str:
        title, html, at = self._words(number, place)
        iso = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))
        return (
            f'<entry><title>{title}</title><link rel="alternate" href="http://feed{number}.example/{place}"/>'
            f"<id>tag:feed{number}.example,2020:{place}</id><updated>{iso}</updated><published>{iso}</published>"
            f'<author><name>author{place % 3}</name></author><content type="html">{escape(html)}</content></entry>\n'
        )

    def _control(self, target: str) -> bytes:
        path, _, query = target.partition("?")
        if path == "/set":
            wanted = parse_qs(query)
            self.generation = int(wanted.get("generation", ["0"])[0])
            self.changed = float(wanted.get("changed", ["0"])[0])
            self.asked = {"full": 0, "unchanged": 0}
        told = json.dumps(self.asked).encode()
        return f"HTTP/1.1 200 OK\r\nContent-Length: {len(told)}\r\n\r\n".encode() + told


class Conversation(asyncio.Protocol):
    """One connection, as many requests as it likes."""

    def __init__(self, farm: Farm) -> None:
        self._farm, self._waiting = farm, b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answer this machine only."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        if not transport.get_extra_info("peername")[0].startswith("127."):
            transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer every request that is whole."""
        *requests, self._waiting = (self._waiting + data).split(b"\r\n\r\n")
        for request in requests:
            first, *lines = request.decode("latin-1").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            self._transport.write(self._farm.answer(first.split(" ")[1], headers))
            if headers.get("connection", "").lower() == "close":
                self._transport.close()


async def main(port: int, feeds: int) -> None:
    """Serve until the input ends."""
    farm = Farm()
    for number in range(feeds):
        farm.body(number, 0)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Conversation(farm), "0.0.0.0", port, backlog=4096)
    async with server:
        print("ready", flush=True)
        await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
