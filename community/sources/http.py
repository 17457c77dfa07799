"""The only way out to the network: one client factory, bounded requests, redirects by hand.

Limits: 16 MB on the wire, 32 MB decoded, 60 s in all; private addresses are refused where they are dialled;
credentials go to the host they were given for and nowhere else. httpx is imported on first use.
"""

import asyncio
import json as json_module
import re
import time
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import unquote, urldefrag, urlsplit
from weakref import WeakKeyDictionary

from community.errors import AuthExpired, Garbled, Unreachable
from community.secrets import Secret
from community.sources import bodies, quick
from community.sources.answers import Answer, Headers, link_header, pause_s, raise_for, understand
from community.sources.transport import Policy, client, explained, next_step, user_agent
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

Params = Mapping[str, Any] | Sequence[tuple[str, str]]

# An address that needs no rewriting to be sent.
_PLAIN = re.compile(r"https?://[a-z0-9-]+(?:\.[a-z0-9-]+)*(?::\d{1,5})?/[A-Za-z0-9._~!$&'()*+,;=:@/?%-]*")
_READS = frozenset({"GET", "HEAD"})
_MOVES = frozenset({301, 302, 303, 307, 308})
_MOST_REDIRECTS = 5
_HEADER_BYTES = 64 * 1024
# What may follow a redirect to somebody else. Everything an adapter adds is taken for a credential.
_HARMLESS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})
_SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})

_TURNS: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[str, asyncio.Lock]] = WeakKeyDictionary()


@dataclass(frozen=True)
class Basic:
    """A user name with its password."""

    user: str
    secret: Secret

    def headers(self) -> dict[str, str]:
        """The header to send; made at the moment of sending, never kept."""
        pair = f"{self.user}:{self.secret.reveal()}".encode()
        return {"Authorization": "Basic " + b64encode(pair).decode("ascii")}


@dataclass(frozen=True)
class Bearer:
    """A token that is enough by itself."""

    secret: Secret

    def headers(self) -> dict[str, str]:
        """The header to send; made at the moment of sending, never kept."""
        return {"Authorization": "Bearer " + self.secret.reveal()}


Auth = Basic | Bearer | Mapping[str, Secret]
"""What proves who we are; a mapping gives header fields of its own."""


@dataclass(frozen=True)
class _Request:
    method: str
    url: str
    headers: dict[str, str]
    secret_headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    wrote: bool

    def moved(self, url: str) -> "_Request":
        """The same request to `url`; whatever could be a credential stays behind when that is somebody else."""
        if _origin(url) == _origin(self.url):
            return replace(self, url=url)
        headers = {name: value for name, value in self.headers.items() if name.lower() in _HARMLESS}
        return replace(self, url=url, headers=headers, secret_headers={})


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
    ) -> _Request:
        safe = safe_url(url)
        if not safe:
            raise Unreachable("This is not a web address that Kith can open; correct it.", maybe_done=False)
        split = urlsplit(url.strip())
        if auth is None and split.username:
            auth = Basic(unquote(split.username), Secret(unquote(split.password or "")))
        sent = dict(headers or {})
        if params or json is not None or form is not None or not _PLAIN.fullmatch(safe):
            address, body = _built(safe, params, json, form, sent)
        else:
            address, body = safe, None
        secret = {name: sent.pop(name) for name in list(sent) if name.lower() in _SECRET} | _secret_headers(auth)
        place = _origin(address)
        if secret and place[0] != "https" and not self._policy.trusts(place[1], place[2]):
            raise Unreachable(
                f"{shown_host(url)} is not reached by https, so its credential stays here; use an https address.",
                maybe_done=False,
            )
        return _Request(method, address, sent, secret, body, once or method not in _READS)

    async def _exchange(self, request: _Request, limit_s: float) -> Answer:
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

    async def _read(self, request: _Request, limit_s: float) -> Answer:
        """A public read, by the quick way."""
        try:
            async with asyncio.timeout(limit_s):
                return await quick.read(request.url, _encoded(_prelude(), request.headers), self._policy)
        except TimeoutError as error:
            raise Unreachable(
                f"{shown_host(request.url)} took too long to answer in full; {next_step(maybe_done=False)}.",
                maybe_done=False,
            ) from error

    async def _talk(self, request: _Request, extensions: dict[str, Any]) -> Answer:
        built = self._client.build_request(
            request.method,
            request.url,
            content=request.body,
            headers=_encoded(_prelude(), request.headers, request.secret_headers),
            extensions=extensions,
        )
        response = await self._client.send(built, stream=True)
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

        _, host, port = _origin(url)
        if self._policy.trusts(host, port):
            return
        try:
            await dialable(host, port, trusted=False)
        except NameUnknown:
            return
        except AddressRefused as error:
            raise explained(error, url, wrote=False) from None


def _prelude() -> dict[str, str]:
    return {"User-Agent": user_agent(), "Accept": "*/*", "Accept-Encoding": "gzip, identity"}


def _built(
    url: str, params: Params | None, json: object, form: Mapping[str, Any] | None, sent: dict[str, str]
) -> tuple[str, bytes | None]:
    """The address as it goes over the wire, and the body, whose type is added to what is `sent`."""
    import httpx  # noqa: PLC0415

    body = None
    try:
        address = httpx.URL(url)
        if params:
            address = address.copy_merge_params(dict(params) if isinstance(params, Mapping) else list(params))
        if json is not None:
            body = json_module.dumps(json, allow_nan=False).encode()
            sent.setdefault("Content-Type", "application/json")
        elif form is not None:
            body = str(httpx.QueryParams(form)).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
    except (httpx.InvalidURL, UnicodeError):
        raise Unreachable("This is not a web address that Kith can open; correct it.", maybe_done=False) from None
    return str(address), body


def _turn(host: str) -> asyncio.Lock:
    """The lock of `host`, shared by every `Http` of this loop: several sources may live on one host."""
    return _TURNS.setdefault(asyncio.get_running_loop(), {}).setdefault(host, asyncio.Lock())


def _encoded(*layers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Header fields as bytes, later layers count. A validator that cannot be sent as it came is left out."""
    fields: dict[str, bytes] = {}
    for name, value in (pair for layer in layers for pair in layer.items()):
        if value.isprintable() and (value.isascii() or all(ord(char) < 256 for char in value)):
            fields[name.lower()] = value.encode("latin-1")
        elif name.lower() not in _HARMLESS:
            raise AuthExpired("The credential holds characters that cannot be sent; connect this source again.")
    return [(name.encode("ascii"), value) for name, value in fields.items()]


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def _secret_headers(auth: Auth | None) -> dict[str, str]:
    if auth is None:
        return {}
    if isinstance(auth, Basic | Bearer):
        return auth.headers()
    return {name: value.reveal() for name, value in auth.items()}
