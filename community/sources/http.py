"""The only way out to the network: one client factory, bounded requests, redirects by hand.

Limits: 16 MB on the wire, 32 MB decoded, 60 s in all; private addresses are refused where they are dialled;
credentials go to the host they were given for and nowhere else. httpx is imported on first use.
"""

import asyncio
import re
import time
from collections.abc import Mapping
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urldefrag, urlsplit
from weakref import WeakKeyDictionary

from community.errors import Garbled, Unreachable
from community.secrets import Secret
from community.sources import bodies, quick
from community.sources.answers import Answer, Headers, link_header, pause_s, raise_for, understand
from community.sources.request import (
    SECRET,
    Auth,
    Basic,
    Bearer,
    Params,
    Request,
    built,
    encoded,
    origin,
    prelude,
    secret_headers,
)
from community.sources.transport import Policy, client, explained, next_step
from community.text import safe_url, shown_host

if TYPE_CHECKING:
    import httpx

__all__ = [
    "Answer",
    "Auth",
    "Basic",
    "Bearer",
    "Headers",
    "Http",
    "Policy",
    "client",
    "link_header",
    "pause_s",
    "raise_for",
]

# An address that needs no rewriting to be sent.
_PLAIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
_READS = frozenset({"GET", "HEAD"})
_MOVES = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_HEADER_BYTES = 64 * 1024

_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


class Http:
    """Requests within the limits, one at a time for each host. Answers of any status are returned: see `raise_for`.

    Without a client of the caller's, public reads go by libcurl where that is there, everything else by httpx.
    """

    def __init__(self, client: "httpx.AsyncClient | None" = None, policy: Policy | None = None) -> None:
        self._made = client
        self._policy = policy or Policy()
        self._quick = client is None and not self._policy.proxy and not self._policy.ca_file and quick.is_there()

    @property
    def _client(self) -> "httpx.AsyncClient":
        if self._made is None:
            self._made = client(self._policy)
        return self._made

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close every connection."""
        if self._made is not None:
            await self._made.aclose()

    async def get(
        self,
        url: str,
        *,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        accept: str | None = None,
    ) -> Answer:
        """The answer of `url`, redirects followed. Raises `Unreachable` or `Garbled` when there is none to use."""
        wanted = {"Accept": accept or "application/json, */*;q=0.5"} | dict(headers or {})
        return await self.request("GET", url, params=params, headers=wanted, auth=auth)

    async def request(
        self,
        method: str,
        url: str,
        *,
        json: object = None,
        form: Mapping[str, Any] | None = None,
        params: Params | None = None,
        headers: Mapping[str, str] | None = None,
        auth: Auth | None = None,
        once: bool = False,
        follow: bool = True,
    ) -> Answer:
        """The answer to one request. Only GET and HEAD follow redirects; without `follow` one is an answer itself.

        `once` marks a request whose effect must not be doubled, which all but GET and HEAD are anyway: when it is
        not known whether it was carried out, the `Unreachable` that is raised says `maybe_done`.
        """
        request = self._prepared(method.upper(), url, json, form, params, headers, auth, once=once)
        left, permanent = self._policy.total_s, True
        for hop in range(_MOST_REDIRECTS + 1):
            host = urlsplit(request.url).hostname or ""
            async with _turn(host):
                started = time.monotonic()
                answer = await self._exchange(request, max(left, 0.01))
                if answer.is_long_json:
                    answer = replace(answer, understood=await asyncio.to_thread(understand, answer.body))
                left -= time.monotonic() - started
            location = answer.headers.get("location")
            if answer.status not in _MOVES or not location or not follow:
                moved = answer.url if hop and permanent else None
                return replace(answer, moved_permanently_to=moved)
            if request.wrote:
                raise Unreachable(
                    f"{answer.host} passed this on to another address; look there whether it arrived.", maybe_done=True
                )
            target = safe_url(urldefrag(location).url, request.url)
            if not target:
                raise Unreachable(
                    f"{answer.host} leads to an address that Kith does not open; check the address.", maybe_done=False
                )
            downgraded = request.url.startswith("https:") and not target.startswith("https:")
            permanent = permanent and answer.status in (301, 308) and not downgraded
            request = request.moved(target)
        raise Unreachable(
            f"{shown_host(url)} leads from address to address without end; check the address.", maybe_done=False
        )

    def _prepared(
        self,
        method: str,
        url: str,
        json: object,
        form: Mapping[str, Any] | None,
        params: Params | None,
        headers: Mapping[str, str] | None,
        auth: Auth | None,
        *,
        once: bool,
    ) -> Request:
        safe = safe_url(url)
        if not safe:
            raise Unreachable("This is not a web address that Kith can open; correct it.", maybe_done=False)
        split = urlsplit(url.strip())
        if auth is None and split.username:
            auth = Basic(unquote(split.username), Secret(unquote(split.password or "")))
        sent = dict(headers or {})
        if params or json is not None or form is not None or not _PLAIN.fullmatch(safe):
            address, body = built(safe, params, json, form, sent)
        else:
            address, body = safe, None
        secret = {name: sent.pop(name) for name in list(sent) if name.lower() in SECRET} | secret_headers(auth)
        place = origin(address)
        if secret and place[0] != "https" and not self._policy.trusts(place[1], place[2]):
            raise Unreachable(
                f"{shown_host(url)} is not reached by https, so its credential stays here; use an https address.",
                maybe_done=False,
            )
        return Request(method, address, sent, secret, body, once or method not in _READS)

    async def _exchange(self, request: Request, limit_s: float) -> Answer:
        """One request and its answer, without redirects."""
        if self._quick and request.method == "GET" and not request.secret_headers and not request.wrote:
            return await self._read(request, limit_s)
        import httpx  # noqa: PLC0415

        sent = False

        async def watch(event: str, _info: object) -> None:
            nonlocal sent
            sent = sent or event.endswith("send_request_headers.started")

        try:
            async with asyncio.timeout(limit_s):
                if self._policy.proxy:
                    await self._check_behind_proxy(request.url)
                return await self._talk(request, {"trace": watch})
        except TimeoutError as error:
            doubtful = request.wrote and sent
            raise Unreachable(
                f"{shown_host(request.url)} took too long to answer in full; {next_step(maybe_done=doubtful)}.",
                maybe_done=doubtful,
            ) from error
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            raise explained(error, request.url, wrote=request.wrote) from None

    async def _read(self, request: Request, limit_s: float) -> Answer:
        """A public read, by the quick way."""
        try:
            async with asyncio.timeout(limit_s):
                return await quick.read(request.url, encoded(prelude(), request.headers), self._policy)
        except TimeoutError as error:
            raise Unreachable(
                f"{shown_host(request.url)} took too long to answer in full; {next_step(maybe_done=False)}.",
                maybe_done=False,
            ) from error

    async def _talk(self, request: Request, extensions: dict[str, Any]) -> Answer:
        asked = self._client.build_request(
            request.method,
            request.url,
            content=request.body,
            headers=encoded(prelude(), request.headers, request.secret_headers),
            extensions=extensions,
        )
        response = await self._client.send(asked, stream=True)
        try:
            raw = response.headers.raw
            if sum(len(name) + len(value) + 4 for name, value in raw) > _HEADER_BYTES:
                raise Garbled(f"{shown_host(request.url)} sent more headers than Kith reads; try again later.")
            pairs = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in raw]
            answer = Answer(response.status_code, request.url, Headers(pairs), b"")
            body = await bodies.read(
                response, answer, wire_bytes=self._policy.wire_bytes, decoded_bytes=self._policy.decoded_bytes
            )
            return replace(answer, body=body)
        finally:
            await response.aclose()

    async def _check_behind_proxy(self, url: str) -> None:
        """Refuse private targets as well as can be done from this side of the proxy."""
        from community.sources.addresses import AddressRefused, NameUnknown, dialable  # noqa: PLC0415

        _, host, port = origin(url)
        if self._policy.trusts(host, port):
            return
        try:
            await dialable(host, port, trusted=False)
        except NameUnknown:
            return
        except AddressRefused as error:
            raise explained(error, url, wrote=False) from None


def _turn(host: str) -> asyncio.Lock:
    """The lock of `host`, shared by every `Http` of this loop: several sources may live on one host."""
    return _TURNS.setdefault(asyncio.get_running_loop(), {}).setdefault(host, asyncio.Lock())
