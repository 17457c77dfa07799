"""The way out: limits, redirects, credentials and refusals, against real sockets on the loopback."""

import asyncio
import gzip
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from community.errors import AuthExpired, Garbled, Gone, KithError, RateLimited, Rejected, SourceError, Unreachable
from community.secrets import Secret
from community.sources.addresses import AddressRefused, dialable
from community.sources.http import (
    Answer,
    Basic,
    Bearer,
    Headers,
    Http,
    Policy,
    client,
    link_header,
    pause_s,
    raise_for,
)
from community.sources.places import refused

pytestmark = pytest.mark.anyio

Handler = Callable[[asyncio.StreamWriter], Awaitable[None]]


def reply(body: bytes = b"{}", status: str = "200 OK", *headers: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in (f"Content-Length: {len(body)}", *headers))
    return f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body


@dataclass
class Server:
    """Answers each path with fixed bytes or by a handler; remembers what it was asked."""

    port: int = 0
    paths: dict[str, bytes | Handler] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            self.asked.append(head)
            answer = self.paths.get(head.split(" ")[1].partition("?")[0], reply(b"", "404 Not Found"))
            if isinstance(answer, bytes):
                writer.write(answer)
            else:
                await answer(writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self.at_once -= 1
            writer.close()


@asynccontextmanager
async def serving(tls: ssl.SSLContext | None = None, **paths: bytes | Handler) -> AsyncIterator[Server]:
    server = Server(paths={f"/{name}": answer for name, answer in paths.items()})
    listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=tls)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listening.close()


WAYS: list[bool] = [False]
"""Whether public reads go by libcurl at the moment; every test below holds for both ways."""


@pytest.fixture(params=["httpx", "libcurl"], autouse=True)
def way(request: pytest.FixtureRequest) -> None:
    WAYS[0] = request.param == "libcurl"


@asynccontextmanager
async def talking(*servers: Server, **limits: Any) -> AsyncIterator[Http]:
    policy = Policy(frozenset(f"127.0.0.1:{server.port}" for server in servers), **limits)
    async with Http(None if WAYS[0] else client(policy), policy) as http:
        yield http


# What comes back


async def test_an_answer_is_read_whole_and_names_kith() -> None:
    async with serving(a=reply(b'{"x": 1}', "200 OK", "X-A: 1", "X-A: 2")) as server, talking(server) as http:
        answer = await http.get(f"{server.url}/a?q=1", params={"r": ["2", "3"]}, accept="text/x")
    assert answer.json() == {"x": 1}
    assert answer.headers.all("x-a") == ["1", "2"]
    assert answer.headers["X-A"] == "1, 2"
    assert answer.moved_permanently_to is None
    assert server.asked[0].startswith("GET /a?q=1&r=2&r=3 HTTP/1.1")
    assert "accept: text/x" in server.asked[0].lower()
    assert "kith/" in server.asked[0]
    assert "gzip, identity" in server.asked[0]


async def test_json_forms_and_their_headers_are_sent() -> None:
    async with serving(a=reply()) as server, talking(server) as http:
        await http.request("POST", f"{server.url}/a", json={"ü": 1}, headers={"Idempotency-Key": "k"})
        await http.request("POST", f"{server.url}/a", form={"a": "b c"})
    assert "idempotency-key: k" in server.asked[0].lower()
    assert "application/json" in server.asked[0]
    assert "application/x-www-form-urlencoded" in server.asked[1]


async def test_gzip_is_unpacked_also_in_several_members() -> None:
    body = gzip.compress(b"one ") + gzip.compress(b"two")
    async with serving(a=reply(body, "200 OK", "Content-Encoding: gzip")) as server, talking(server) as http:
        assert (await http.get(f"{server.url}/a")).body == b"one two"


async def test_a_gzip_bomb_is_refused_before_it_grows() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, 1)
    async with serving(a=reply(bomb, "200 OK", "Content-Encoding: gzip")) as server, talking(server) as http:
        with pytest.raises(Garbled, match="more than Kith reads"):
            await http.get(f"{server.url}/a")


@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "deflate", "zstd"])
async def test_other_and_repeated_encodings_are_refused(coding: str) -> None:
    async with serving(a=reply(b"x", "200 OK", f"Content-Encoding: {coding}")) as server, talking(server) as http:
        with pytest.raises(Garbled):
            await http.get(f"{server.url}/a")


@pytest.mark.parametrize("body", [gzip.compress(b"x" * 1000, mtime=0)[:-9], b"no gzip at all"], ids=["cut", "none"])
async def test_broken_gzip_is_garbled(body: bytes) -> None:
    async with serving(a=reply(body, "200 OK", "Content-Encoding: gzip")) as server, talking(server) as http:
        with pytest.raises(Garbled):
            await http.get(f"{server.url}/a")


async def test_a_hundred_megabytes_are_refused_announced_or_not() -> None:
    async def endless(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        for _ in range(100):
            writer.write(b"x" * 1_000_000)
            await writer.drain()

    announced = b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n"
    async with serving(a=endless, b=announced) as server, talking(server) as http:
        for path in "ab":
            with pytest.raises(Garbled, match="more than Kith reads"):
                await http.get(f"{server.url}/{path}")


async def test_dribbled_headers_end_with_the_total_time() -> None:
    async def dribble(writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n")
        for number in range(200):
            writer.write(f"X-{number}: x\r\n".encode())
            await writer.drain()
            await asyncio.sleep(0.05)

    async with serving(a=dribble) as server, talking(server, read_s=5, total_s=0.4) as http:
        started = time.monotonic()
        with pytest.raises(Unreachable) as caught:
            await http.request("POST", f"{server.url}/a", json={})
        assert time.monotonic() - started < 2
        assert caught.value.maybe_done
        with pytest.raises(Unreachable) as caught:
            await http.get(f"{server.url}/a")
        assert not caught.value.maybe_done


async def test_too_many_headers_are_refused() -> None:
    fields = [f"X-{number}: {'x' * 1000}" for number in range(80)]
    async with serving(a=reply(b"", "200 OK", *fields)) as server, talking(server) as http:
        with pytest.raises(SourceError):
            await http.get(f"{server.url}/a")


async def test_one_request_at_a_time_for_each_host() -> None:
    async def slow(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(0.02)
        writer.write(reply())

    async with serving(a=slow) as server, talking(server) as http, talking(server) as other:
        await asyncio.gather(*(each.get(f"{server.url}/a") for each in (http, other) for _ in range(4)))
    assert server.most_at_once == 1


async def test_cookies_are_not_kept() -> None:
    async with serving(a=reply(b"", "200 OK", "Set-Cookie: a=b; Path=/")) as server, talking(server) as http:
        await http.get(f"{server.url}/a")
        await http.get(f"{server.url}/a")
    assert "cookie" not in server.asked[1].lower()


# Failures


@pytest.mark.parametrize(
    "cut",
    [b"", b"HTTP/1.1 200", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc", b"\x00\xff garbage\r\n\r\n"],
)
async def test_a_cut_answer_to_a_write_may_have_been_done(cut: bytes) -> None:
    async with serving(a=cut) as server, talking(server) as http:
        with pytest.raises(Unreachable) as caught:
            await http.request("POST", f"{server.url}/a", json={"x": 1})
        assert caught.value.maybe_done
        with pytest.raises(Unreachable) as caught:
            await http.get(f"{server.url}/a?token=hidden")
        assert not caught.value.maybe_done
        assert "hidden" not in str(caught.value)


async def test_a_slow_answer_to_a_write_may_have_been_done() -> None:
    async def silent(writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(1)

    async with serving(a=silent) as server, talking(server, read_s=0.1) as http:
        with pytest.raises(Unreachable, match="too long") as caught:
            await http.request("DELETE", f"{server.url}/a")
    assert caught.value.maybe_done


async def test_what_never_connected_was_not_done() -> None:
    async with serving() as server:
        pass
    async with talking(server) as http:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1") as caught:
            await http.request("POST", f"{server.url}/a", json={})
    assert not caught.value.maybe_done


@pytest.mark.parametrize(
    "url", ["", "ftp://x/", "file:///etc/passwd", "http://", "nonsense", "http://[::1/", "https://" + "ü" * 400]
)
async def test_what_is_no_web_address_is_refused(url: str) -> None:
    async with talking() as http:
        with pytest.raises(Unreachable) as caught:
            await http.get(url)
    assert not caught.value.maybe_done


async def test_an_unknown_name_is_said_to_be_unknown() -> None:
    async with talking() as http:
        with pytest.raises(Unreachable, match=r"no nobody\.invalid") as caught:
            await http.request("POST", "https://nobody.invalid/?secret=1", json={})
    assert not caught.value.maybe_done


# Private addresses


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "224.0.0.1"),
        *("0.0.0.0", "255.255.255.255", "192.0.0.8", "198.18.0.1", "::1", "::", "fe80::1", "fe80::1%eth0"),
        *("fc00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "64:ff9b::7f00:1", "2002:7f00:1::"),
        *("::7f00:1", "fec0::1", "2001:db8::1", "2001::1", "nonsense"),
    ],
)
def test_private_addresses_are_refused(address: str) -> None:
    assert refused(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "93.184.216.34", "2606:4700::1111", "2a00:1450:4001:81b::200e"])
def test_public_addresses_are_dialled(address: str) -> None:
    assert not refused(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0x7f.1", "2130706433", "[::1]", "[::ffff:127.0.0.1]", "0"])
async def test_names_and_spellings_of_this_machine_are_refused(host: str) -> None:
    async with serving(a=reply()) as server, talking() as http:
        with pytest.raises(Unreachable) as caught:
            await http.get(f"http://{host}:{server.port}/a")
    assert not caught.value.maybe_done
    assert server.asked == []


async def test_the_address_that_was_checked_is_the_one_that_is_dialled(monkeypatch: pytest.MonkeyPatch) -> None:
    loop = asyncio.get_running_loop()
    looked_up: list[str] = []
    answers = iter(["93.184.216.34", "127.0.0.1"])

    async def rebinding(host: str, port: int, **_: object) -> list[tuple[int, int, int, str, tuple[str, int]]]:
        looked_up.append(host)
        return [(2, 1, 6, "", (next(answers), port))]

    monkeypatch.setattr(loop, "getaddrinfo", rebinding)
    assert await dialable("rebind.example", 80, trusted=False) == ["93.184.216.34"]
    with pytest.raises(AddressRefused):
        await dialable("rebind.example", 80, trusted=False)
    assert looked_up == ["rebind.example", "rebind.example"]


async def test_a_redirect_to_a_private_address_is_refused() -> None:
    async with serving(b=reply(b"secret")) as inner:
        move = reply(b"", "302 Found", f"Location: {inner.url}/b")
        async with serving(a=move) as outer, talking(outer) as http:
            with pytest.raises(Unreachable, match="private"):
                await http.get(f"{outer.url}/a")
    assert inner.asked == []


async def test_behind_a_proxy_private_targets_are_refused_as_well() -> None:
    async with serving() as proxy:
        policy = Policy(proxy=proxy.url)
        async with Http(client(policy), policy) as http:
            for url in ("http://localhost:1/", f"{proxy.url}/a", "http://10.0.0.1/"):
                with pytest.raises(Unreachable, match="private"):
                    await http.get(url)
    assert proxy.asked == []


async def test_a_proxy_is_asked_for_public_targets() -> None:
    async with serving() as proxy:
        policy = Policy(proxy=proxy.url)
        async with Http(client(policy), policy) as http:
            await http.get("http://93.184.216.34/x")
    assert proxy.asked[0].startswith("GET http://93.184.216.34/x")


# Redirects


async def test_permanent_moves_are_followed_and_told() -> None:
    async with serving(
        a=reply(b"", "301 Moved", "Location: /b"), b=reply(b"", "308 Moved", "Location: c?x=1#f"), c=reply(b"end")
    ) as server:
        async with talking(server) as http:
            answer = await http.get(f"{server.url}/a")
        assert answer.body == b"end"
        assert answer.url == answer.moved_permanently_to == f"{server.url}/c?x=1"


async def test_one_temporary_move_makes_the_whole_way_temporary() -> None:
    async with (
        serving(
            a=reply(b"", "301 Moved", "Location: /b"), b=reply(b"", "302 Found", "Location: /c"), c=reply(b"end")
        ) as server,
        talking(server) as http,
    ):
        assert (await http.get(f"{server.url}/a")).moved_permanently_to is None


async def test_redirects_end_after_five() -> None:
    async with serving(a=reply(b"", "302 Found", "Location: /a")) as server, talking(server) as http:
        with pytest.raises(Unreachable, match="without end"):
            await http.get(f"{server.url}/a")
    assert len(server.asked) == 6


@pytest.mark.parametrize("target", ["file:///etc/passwd", "gopher://x/", "javascript:alert(1)", "http://[::1/"])
async def test_redirects_lead_to_the_web_only(target: str) -> None:
    async with serving(a=reply(b"", "302 Found", f"Location: {target}")) as server, talking(server) as http:
        with pytest.raises(Unreachable):
            await http.get(f"{server.url}/a")


async def test_credentials_do_not_follow_to_another_origin() -> None:
    async with serving(b=reply(b"end")) as other:
        away = reply(b"", "302 Found", f"Location: http://u:p@127.0.0.1:{other.port}/b")
        near = reply(b"", "307 x", "Location: /d")
        async with serving(a=away, c=near, d=reply()) as first, talking(first, other) as http:
            own = {"X-Own": "mine", "If-None-Match": '"e"'}
            await http.get(f"{first.url}/a", auth={"X-Api-Key": Secret("hush")}, headers=own)
            await http.get(f"{first.url}/c", auth=Bearer(Secret("hush")))
    assert "hush" in first.asked[0]
    assert "hush" not in other.asked[0]
    assert "mine" not in other.asked[0]
    assert "authorization" not in other.asked[0].lower()
    assert '"e"' in other.asked[0]
    assert "Bearer hush" in first.asked[2]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirected_write_is_uncertain_and_not_repeated(method: str, status: int) -> None:
    async with serving(a=reply(b"", f"{status} x", "Location: /b"), b=reply()) as server, talking(server) as http:
        with pytest.raises(Unreachable) as caught:
            await http.request(method, f"{server.url}/a", json={})
    assert caught.value.maybe_done
    assert len(server.asked) == 1


# Credentials


async def test_credentials_stay_at_home_without_https() -> None:
    async with talking() as http:
        for auth in (Basic("me", Secret("hush")), Bearer(Secret("hush")), {"X-Key": Secret("hush")}):
            with pytest.raises(Unreachable, match="https") as caught:
                await http.get("http://93.184.216.34/", auth=auth)
            assert not caught.value.maybe_done
        with pytest.raises(Unreachable, match="https") as caught:
            await http.get("http://me:hush@93.184.216.34/")
        assert "hush" not in str(caught.value)


async def test_a_credential_among_the_headers_is_one_too() -> None:
    async with talking() as http:
        with pytest.raises(Unreachable, match="https"):
            await http.get("http://93.184.216.34/", headers={"authorization": "Bearer hush"})


async def test_headers_replace_ours_in_any_case() -> None:
    async with serving(a=reply()) as server, talking(server) as http:
        await http.get(f"{server.url}/a", headers={"accept": "text/own", "IF-NONE-MATCH": '"日本"'})
    assert server.asked[0].lower().count("accept:") == 1
    assert "text/own" in server.asked[0]
    assert "if-none-match" not in server.asked[0].lower()


async def test_credentials_in_an_address_become_a_header() -> None:
    async with serving(a=reply()) as server, talking(server) as http:
        answer = await http.get(f"http://me:p%40ss@127.0.0.1:{server.port}/a")
    assert "Basic bWU6cEBzcw==" in server.asked[0]
    assert "me:" not in answer.url


async def test_a_credential_that_no_header_can_carry_asks_for_another() -> None:
    async with serving(a=reply()) as server, talking(server) as http:
        for value in ("a\r\nX-Evil: 1", "日本"):
            with pytest.raises(AuthExpired):
                await http.get(f"{server.url}/a", auth=Bearer(Secret(value)))
    assert server.asked == []


def test_credentials_do_not_show_themselves() -> None:
    for auth in (Basic("me", Secret("hush")), Bearer(Secret("hush"))):
        assert "hush" not in repr(auth)
    assert "hush" not in repr(Policy(proxy="http://u:hush@p/"))


# TLS


def certificate(directory: Path, name: str) -> tuple[ssl.SSLContext, str]:
    pytest.importorskip("cryptography", reason="makes the certificates of these tests")
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    both = directory / "both.pem"
    pem = made.public_bytes(serialization.Encoding.PEM)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    both.write_bytes(pem + secret)
    public = directory / "ca.pem"
    public.write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(both)
    return context, str(public)


async def test_tls_is_verified_against_the_name_and_not_the_address(tmp_path: Path) -> None:
    context, ca_file = certificate(tmp_path, "localhost")
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    async with serving(context, a=reply(b"ok")) as server:
        allowed = frozenset({f"localhost:{server.port}"})
        for policy, works in ((Policy(allowed, ca_file), True), (Policy(allowed), False)):
            async with Http(client(policy), policy) as http:
                if works:
                    assert (
                        await http.get(f"https://localhost:{server.port}/a", auth=Bearer(Secret("x")))
                    ).body == b"ok"
                else:
                    with pytest.raises(Unreachable, match="cannot prove") as caught:
                        await http.request("POST", f"https://localhost:{server.port}/a", json={})
                    assert not caught.value.maybe_done
    assert names[0] == "localhost"


async def test_a_certificate_for_somebody_else_is_refused(tmp_path: Path) -> None:
    context, ca_file = certificate(tmp_path, "other.example")
    async with serving(context, a=reply(b"ok")) as server:
        policy = Policy(frozenset({f"localhost:{server.port}"}), ca_file)
        async with Http(client(policy), policy) as http:
            with pytest.raises(Unreachable, match="cannot prove"):
                await http.get(f"https://localhost:{server.port}/a")


async def test_plain_http_where_tls_belongs_is_said() -> None:
    async with serving(a=reply()) as server, talking(server, connect_s=0.3) as http:
        with pytest.raises(Unreachable) as caught:
            await http.request("POST", f"https://127.0.0.1:{server.port}/a", json={})
    assert not caught.value.maybe_done


def test_a_ca_file_that_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(KithError, match="CA file"):
        client(Policy(ca_file=str(tmp_path / "none.pem")))


# What an answer means


def answered(status: int, body: bytes = b"", **headers: str) -> Answer:
    fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
    return Answer(status, "https://s.example/api?token=hidden", Headers(fields), body)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        *((400, Rejected), (401, AuthExpired), (403, AuthExpired), (404, Rejected), (410, Gone), (422, Rejected)),
        *((429, RateLimited), (500, Unreachable), (502, Unreachable), (408, Unreachable), (302, Unreachable)),
    ],
)
def test_statuses_become_errors(status: int, kind: type[SourceError]) -> None:
    with pytest.raises(kind) as caught:
        raise_for(answered(status, b'{"error":"no \\u001b[31m way https://s.example/?token=hidden"}'), wrote=True)
    assert "s.example" in str(caught.value)
    assert "hidden" not in str(caught.value)
    assert "\x1b" not in str(caught.value)
    if isinstance(caught.value, Unreachable):
        assert caught.value.maybe_done
    if isinstance(caught.value, Rejected):
        assert caught.value.status == status


def test_success_and_not_modified_raise_nothing() -> None:
    for status in (200, 201, 204, 304):
        raise_for(answered(status))


def test_a_403_may_be_about_one_thing_only() -> None:
    with pytest.raises(Rejected, match="not yours") as caught:
        raise_for(answered(403, b'{"message":"not yours"}'), forbidden=Rejected)
    assert caught.value.status == 403


def test_a_busy_server_is_left_alone_for_a_while_when_it_says_so() -> None:
    with pytest.raises(RateLimited):
        raise_for(answered(503, retry_after="60"))
    with pytest.raises(Unreachable) as caught:
        raise_for(answered(503, retry_after="60"), wrote=True)
    assert caught.value.maybe_done


NOW = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ({"retry-after": "120"}, 120),
        ({"retry-after": "1"}, 30),
        ({"retry-after": "99999999"}, 86_400),
        ({"retry-after": "-5"}, 60),
        ({"retry-after": "9" * 400}, 60),
        ({"retry-after": "soon"}, 60),
        ({}, 60),
        ({"retry-after": format_datetime(NOW + timedelta(minutes=5), usegmt=True)}, 300),
        ({"retry-after": format_datetime(NOW - timedelta(minutes=5), usegmt=True)}, 30),
        ({"x-ratelimit-reset": "2026-03-01T09:10:00.123456Z"}, 600.123456),
        ({"ratelimit-reset": str(int(NOW.timestamp()) + 90)}, 90),
        ({"ratelimit-reset": "45"}, 45),
        ({"retry-after": "Sun, 99 Foo 2026 99:99:99 GMT", "ratelimit-reset": "45"}, 45),
    ],
)
def test_pauses_count_from_the_servers_own_clock(headers: dict[str, str], pause: float) -> None:
    fields = Headers([*headers.items(), ("Date", format_datetime(NOW, usegmt=True))])
    assert pause_s(fields) == pytest.approx(pause)


def test_pauses_without_a_server_clock_use_ours() -> None:
    reset = Headers([("Retry-After", format_datetime(NOW + timedelta(minutes=5), usegmt=True))])
    assert pause_s(reset, now=NOW.timestamp()) == 300


@pytest.mark.parametrize(
    "body",
    [b"", b"  ", b"<html>", b"\xef\xbb\xbf<!DOCTYPE html>", b"{", b"NaN", b"[Infinity]", b"[" * 100_000, b"\xff"],
)
def test_what_is_not_json_is_garbled(body: bytes) -> None:
    with pytest.raises(Garbled, match=r"s\.example"):
        answered(200, body).json()


def test_numbers_without_end_come_as_text() -> None:
    told = answered(200, b"[9223372036854775807, 9223372036854775808, -1, 1e999, 1.5, " + b"9" * 9999 + b"]").json()
    assert told[:5] == [9223372036854775807, "9223372036854775808", -1, "1e999", 1.5]
    assert isinstance(told[5], str)


def test_text_is_read_in_the_charset_that_was_named() -> None:
    assert answered(200, "é".encode("latin-1"), content_type="text/html; charset=ISO-8859-1").text() == "é"
    assert answered(200, "é".encode(), content_type='text/html; charset="zip"').text() == "é"
    assert answered(200, b"\xef\xbb\xbf\xff").text() == "�"


@pytest.mark.parametrize(
    ("value", "links"),
    [
        (
            '<https://m.example/?a=1,2&b>; rel="next", </p>; rel=prev',
            {"next": "https://m.example/?a=1,2&b", "prev": "/p"},
        ),
        ('<a>; rel="alternate next"; type="x,y;z"; title="a \\" , <b>; rel=q"', {"alternate": "a", "next": "a"}),
        ("<a>;rel=first,<b>;rel=first", {"first": "a"}),
        ("<a>; rel", {}),
        ("<a", {}),
        ("rel=next", {}),
        ("", {}),
    ],
)
def test_link_headers_survive_commas(value: str, links: dict[str, str]) -> None:
    assert link_header(value) == links


def test_hostile_link_headers_take_no_time() -> None:
    started = time.monotonic()
    for piece in ("<", "<a>;", '<a>; x="', '<a>; x="\\', "<a>" + " " * 50, "<a>; rel=b c"):
        link_header(piece * (60_000 // len(piece)))
    assert time.monotonic() - started < 2
