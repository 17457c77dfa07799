"""Public reads by libcurl: a feed that has not changed costs a twentieth of what it costs by httpx.

Everything that is promised of a request holds here too: the address is checked where it is dialled, nothing is read
past the limits, no redirect is followed and no credential is ever sent. pycurl is imported on first use.
"""

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit
from weakref import WeakKeyDictionary

from community.errors import Garbled, KithError
from community.sources.answers import Answer, Headers
from community.sources.bodies import Body, too_much
from community.sources.places import refused
from community.sources.transport import Policy, failed
from community.text import shown_host

if TYPE_CHECKING:
    import pycurl

_HEADER_BYTES = 64 * 1024
_LOOPS: WeakKeyDictionary[asyncio.AbstractEventLoop, "_Transfers"] = WeakKeyDictionary()


@cache
def is_there() -> bool:
    """Whether libcurl can be used; where it cannot, httpx does the work."""
    return find_spec("pycurl") is not None


async def read(url: str, headers: Sequence[tuple[bytes, bytes]], policy: Policy) -> Answer:
    """The answer to a GET of `url`, whatever its status.

    Raises `Unreachable` when there is none and `Garbled` when it is more than Kith reads. The caller limits the time.
    """
    loop = asyncio.get_running_loop()
    transfers = _LOOPS.get(loop)
    if transfers is None:
        transfers = _LOOPS[loop] = _Transfers(loop)
    return await _Read(url, policy).done(transfers, headers)


class _Read:
    """One request and what has come of it so far."""

    def __init__(self, url: str, policy: Policy) -> None:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self._url, self._policy = url, policy
        self._trusted = policy.trusts(parts.hostname or "", port)
        self._fields: list[tuple[str, str]] = []
        self._head_bytes = 0
        self._status = 0
        self._chunks: list[bytes] = []
        self._received = 0
        self._error: KithError | None = None
        self._was_refused = False

    async def done(self, transfers: "_Transfers", headers: Sequence[tuple[bytes, bytes]]) -> Answer:
        """Carry it out."""
        import pycurl  # noqa: PLC0415

        curl = transfers.handle()
        try:
            for option, value in _options(self._policy):
                curl.setopt(option, value)
            curl.setopt(pycurl.URL, self._url)
            curl.setopt(pycurl.HTTPHEADER, [name + b": " + value for name, value in headers])
            curl.setopt(pycurl.HEADERFUNCTION, self._head)
            curl.setopt(pycurl.WRITEFUNCTION, self._take)
            curl.setopt(pycurl.OPENSOCKETFUNCTION, self._dial)
            code = await transfers.run(curl)
            connected = curl.getinfo(pycurl.CONNECT_TIME) > 0
        except GeneratorExit:
            raise  # nobody runs this loop any more: what libcurl has may be gone, and touching it would crash
        except BaseException:
            transfers.give_back(curl)
            raise
        transfers.give_back(curl)
        if self._error is not None:
            raise self._error
        if code:
            kind = "AddressRefused" if self._was_refused else _kind(code, connected=connected)
            raise failed(frozenset({kind}), frozenset({kind}), shown_host(self._url), wrote=False)
        answer, body = self._begun()
        for chunk in self._chunks:
            await body.take(chunk)
        return replace(answer, body=body.whole())

    def _begun(self) -> tuple[Answer, Body]:
        answer = Answer(self._status, self._url, Headers(self._fields), b"")
        return answer, Body(answer, wire_bytes=self._policy.wire_bytes, decoded_bytes=self._policy.decoded_bytes)

    def _head(self, line: bytes) -> int | None:
        self._head_bytes += len(line)
        if self._head_bytes > _HEADER_BYTES:
            self._error = Garbled(f"{shown_host(self._url)} sent more headers than Kith reads; try again later.")
            return 0
        if line.startswith(b"HTTP/") and not self._chunks:
            self._fields.clear()
            code = line.split(None, 2)[1:2]
            self._status = int(code[0]) if code and code[0].isdigit() else 0
        elif not line.strip() and self._status >= 200:
            return self._accepted()
        elif not self._chunks:
            name, colon, value = line.decode("latin-1").partition(":")
            if colon:
                self._fields.append((name.strip(), value.strip()))
        return None

    def _accepted(self) -> int | None:
        """Whether the body may come at all, to judge by the head; for libcurl 0 is no."""
        try:
            self._begun()
        except KithError as error:
            self._error = error
            return 0
        return None

    def _take(self, chunk: bytes) -> int | None:
        self._received += len(chunk)
        if self._received > self._policy.wire_bytes:
            self._error = too_much(shown_host(self._url))
            return 0
        self._chunks.append(chunk)
        return None

    def _dial(self, _purpose: int, address: tuple[int, int, int, tuple[Any, ...]]) -> "socket.socket | int":
        """A socket to an address that may be dialled: it is checked here, after every name was resolved."""
        import pycurl  # noqa: PLC0415

        family, kind, protocol, place = address
        host = place[0].decode() if isinstance(place[0], bytes) else str(place[0])
        if family not in (socket.AF_INET, socket.AF_INET6) or not (self._trusted or not refused(host)):
            self._was_refused = True
            return int(pycurl.SOCKET_BAD)
        self._was_refused = False
        return socket.socket(family, kind, protocol)


class _Transfers:
    """Every transfer of one event loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        import pycurl  # noqa: PLC0415

        self._loop = loop
        self._idle: list[pycurl.Curl] = []
        self._waiting: dict[pycurl.Curl, asyncio.Future[int]] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._watched: dict[int, int] = {}
        self._multi = pycurl.CurlMulti()
        self._multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self._multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)

    def handle(self) -> "pycurl.Curl":
        """A handle that nobody uses."""
        import pycurl  # noqa: PLC0415

        return self._idle.pop() if self._idle else pycurl.Curl()

    def give_back(self, curl: "pycurl.Curl") -> None:
        """It can be used again."""
        curl.reset()
        self._idle.append(curl)

    async def run(self, curl: "pycurl.Curl") -> int:
        """Wait until a transfer has ended; 0, or the code of what went wrong."""
        ended = self._waiting[curl] = self._loop.create_future()
        self._multi.add_handle(curl)
        try:
            code: int = await ended
        except GeneratorExit:
            raise
        except BaseException:
            self._take_out(curl)
            raise
        self._take_out(curl)
        return code

    def _take_out(self, curl: "pycurl.Curl") -> None:
        self._multi.remove_handle(curl)
        del self._waiting[curl]

    def _watch(self, what: int, descriptor: int, _multi: object, _data: object) -> None:
        import pycurl  # noqa: PLC0415

        before = self._watched.pop(descriptor, 0)
        now = 0 if what == pycurl.POLL_REMOVE else what
        for flag, add, remove, act in (
            (pycurl.POLL_IN, self._loop.add_reader, self._loop.remove_reader, pycurl.CSELECT_IN),
            (pycurl.POLL_OUT, self._loop.add_writer, self._loop.remove_writer, pycurl.CSELECT_OUT),
        ):
            if now & flag and not before & flag:
                add(descriptor, self._act, descriptor, act)
            elif before & flag and not now & flag:
                remove(descriptor)
        if now:
            self._watched[descriptor] = now

    def _set_timer(self, milliseconds: int) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if milliseconds >= 0:
            import pycurl  # noqa: PLC0415

            self._timer = self._loop.call_later(milliseconds / 1000, self._act, pycurl.SOCKET_TIMEOUT, 0)

    def _act(self, descriptor: int, what: int) -> None:
        self._multi.socket_action(descriptor, what)
        left = 1
        while left:
            left, done, broken = self._multi.info_read()
            for curl, code in (*((curl, 0) for curl in done), *((curl, code) for curl, code, _ in broken)):
                ended = self._waiting.get(curl)
                if ended is not None and not ended.done():
                    ended.set_result(code)


@cache
def _options(policy: Policy) -> tuple[tuple[int, Any], ...]:
    import certifi  # noqa: PLC0415
    import pycurl  # noqa: PLC0415

    return (
        (pycurl.NOSIGNAL, 1),
        (pycurl.PROTOCOLS, pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS),
        (pycurl.FOLLOWLOCATION, 0),
        (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
        (pycurl.HTTP_TRANSFER_DECODING, 1),
        (pycurl.PROXY, ""),
        (pycurl.NETRC, pycurl.NETRC_IGNORED),
        (pycurl.FORBID_REUSE, 1),
        (pycurl.FRESH_CONNECT, 1),
        (pycurl.CAINFO, certifi.where()),
        (pycurl.SSL_VERIFYPEER, 1),
        (pycurl.SSL_VERIFYHOST, 2),
        (pycurl.CONNECTTIMEOUT_MS, int(policy.connect_s * 1000)),
        (pycurl.LOW_SPEED_LIMIT, 1),
        (pycurl.LOW_SPEED_TIME, max(1, int(policy.read_s))),
    )


def _kind(code: int, *, connected: bool) -> str:
    """What the failure is called by the words for it: see `transport.failed`."""
    import pycurl  # noqa: PLC0415

    if code == pycurl.E_COULDNT_RESOLVE_HOST:
        return "NameUnknown"
    if code == pycurl.E_COULDNT_CONNECT:
        return "ConnectError"
    if code == pycurl.E_PEER_FAILED_VERIFICATION:
        return "SSLCertVerificationError"
    if code in (pycurl.E_SSL_CONNECT_ERROR, pycurl.E_SSL_CACERT_BADFILE):
        return "SSLError"
    if code == pycurl.E_OPERATION_TIMEDOUT:
        return "ReadTimeout" if connected else "ConnectTimeout"
    return "ReadError"
