"""The sockets: keep-alive, HEAD, bodies that are too much, and a quick goodbye."""

import http.client
import subprocess
import sys
import time
from pathlib import Path

import httpx

from community.town import Town


def test_one_line_serves_many_requests(town: Town) -> None:
    line = http.client.HTTPConnection(town.base_url.removeprefix("http://"), timeout=5)
    for path in ("/", "/ines/feed.xml", "/api/v2/instance"):
        line.request("GET", path)
        answer = line.getresponse()
        assert (answer.version, answer.status) == (11, 200)
        assert len(answer.read()) == int(answer.headers["Content-Length"])
    line.request("GET", "/ines/feed.xml", headers={"If-None-Match": "*"})
    assert line.getresponse().read() == b""
    line.request("HEAD", "/blog/")
    head = line.getresponse()
    assert int(head.headers["Content-Length"]) > 500
    assert head.read() == b""
    line.close()


def test_a_body_without_measure_is_refused(visitor: httpx.Client) -> None:
    for content in (b"x" * 1_000_001, iter([b"x"])):
        assert visitor.post("/api/v1/apps", content=content).status_code == 413
    assert visitor.get("/").status_code == 200


def test_odd_requests_get_a_plain_no(visitor: httpx.Client) -> None:
    for method, path in [
        ("GET", "/nothing"),
        ("POST", "/ines/"),
        ("DELETE", "/blog/"),
        ("GET", "/@nobody"),
        ("PUT", "/"),
    ]:
        assert visitor.request(method, path).status_code in {404, 405}
    assert visitor.get("/api/v1/nothing").json() == {"error": "Record not found"}
    for body in (b"{", b"[" * 100_000):
        answer = visitor.post("/api/v1/apps", content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code == 400
    assert visitor.get("/api/v1/accounts/lookup?acct=%00%ff@@").status_code == 404


def test_a_town_closes_at_once_even_with_visitors() -> None:
    town = Town()
    town.start()
    with httpx.Client(base_url=town.base_url) as client:
        client.get("/")
        began = time.monotonic()
        town.stop()
        assert time.monotonic() - began < 1


def test_the_town_stands_alone() -> None:
    code = (
        "import sys, community.town as t; "
        "ours = [m for m in sys.modules if m.startswith(('community', 'storage', 'tui', 'themes'))]; "
        "assert all(m == 'community' or m.startswith('community.town') for m in ours), ours; "
        "assert not {'httpx', 'textual', 'feedparser', 'aiosqlite'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=True)
