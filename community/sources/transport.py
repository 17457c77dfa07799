"""The client all requests go through, whom it may talk to, and what its failures mean. httpx is imported late."""

import ssl
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

from community.errors import KithError, Unreachable
from community.text import shown_host

if TYPE_CHECKING:
    import httpx

_NOT_SENT = frozenset(
    {"ConnectError", "ConnectTimeout", "PoolTimeout", "UnsupportedProtocol", "ProxyError", "LocalProtocolError"}
)

_BEFORE_SENDING = (
    (
        "AddressRefused",
        "{host} leads into a private network; if that server is your own, allow it with --allow-host HOST:PORT.",
    ),
    ("NameUnknown", "There is no {host} to be found; check the address and the network."),
    (
        "SSLCertVerificationError",
        "{host} cannot prove that it is {host}, so nothing was sent; check the address, or tell its owner.",
    ),
    ("SSLError", "{host} offers no safe connection, so nothing was sent; check the address, or tell its owner."),
)


@dataclass(frozen=True)
class Policy:
    """Whom Kith may talk to and how long. `allow_hosts` are "host:port" places of the user's own network."""

    allow_hosts: frozenset[str] = frozenset()
    ca_file: str | None = None
    proxy: str | None = field(default=None, repr=False)
    connect_s: float = 10.0
    read_s: float = 20.0
    total_s: float = 60.0
    wire_bytes: int = 16 * 1024 * 1024
    decoded_bytes: int = 32 * 1024 * 1024

    def trusts(self, host: str, port: int) -> bool:
        """Whether the user named this place as one of their own."""
        bare = host.strip("[]").lower()
        return any(one.lower() in (f"{bare}:{port}", f"[{bare}]:{port}") for one in self.allow_hosts)


def client(policy: Policy) -> "httpx.AsyncClient":
    """A client that dials only what `policy` allows, keeps no cookies and no connections, and reads no environment.

    Raises `KithError` when the CA file or the proxy of the configuration cannot be used.
    """
    import logging  # noqa: PLC0415
    from http.cookiejar import CookieJar, DefaultCookiePolicy  # noqa: PLC0415

    import httpcore  # noqa: PLC0415
    import httpx  # noqa: PLC0415

    from community.sources.addresses import Backend  # noqa: PLC0415
    from community.sources.places import place  # noqa: PLC0415

    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    trusted = {one.lower().replace("[", "").replace("]", "") for one in policy.allow_hosts}
    context = _tls(policy.ca_file)
    # A kept connection may die just as a reply is sent on it, which could not be told from a reply that was taken.
    limits: dict[str, Any] = {"max_connections": 64, "max_keepalive_connections": 0, "ssl_context": context}
    transport = httpx.AsyncHTTPTransport(verify=context, trust_env=False)
    if policy.proxy:
        hop = httpx.URL(policy.proxy)
        if hop.scheme not in ("http", "https") or not hop.host:
            raise KithError("The proxy in the configuration is not an http address; correct it.")
        trusted.add(place(hop.host, hop.port or (443 if hop.scheme == "https" else 80)))
        proxy = httpx.Proxy(hop)
        transport._pool = httpcore.AsyncHTTPProxy(
            proxy_url=str(proxy.url), proxy_auth=proxy.raw_auth, network_backend=Backend(trusted), **limits
        )
    else:
        transport._pool = httpcore.AsyncConnectionPool(network_backend=Backend(trusted), **limits)
    return httpx.AsyncClient(
        transport=transport,
        trust_env=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
        timeout=httpx.Timeout(policy.read_s, connect=policy.connect_s, pool=None),
    )


@cache
def user_agent() -> str:
    """Who we say we are."""
    try:
        ours = version("kithkin")
    except PackageNotFoundError:
        ours = "0.1"
    return f"kith/{ours} (+https://github.com/kithkin/kith)"


@cache
def _tls(ca_file: str | None) -> ssl.SSLContext:
    """One verifying context for the whole process: making one takes 30 ms."""
    import certifi  # noqa: PLC0415

    context = ssl.create_default_context(cafile=certifi.where())
    if ca_file:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise KithError(f"The CA file {ca_file} cannot be used; correct it in the configuration.") from error
    return context


def next_step(*, maybe_done: bool) -> str:
    """The end of a sentence about a request that got no answer."""
    return "look there whether it arrived" if maybe_done else "Kith tries again later"


def explained(error: Exception, url: str, *, wrote: bool) -> Unreachable:
    """The failure of a connection in words for the user; it tells whether a write may have been carried out."""
    causes = frozenset(type(cause).__name__ for cause in _chain(error))
    kinds = frozenset({type(error).__name__}) if type(error).__module__.startswith("httpx") else causes
    return failed(kinds, causes, shown_host(url), wrote=wrote)


def failed(kinds: frozenset[str], causes: frozenset[str], host: str, *, wrote: bool) -> Unreachable:
    """The same by the names of what happened, and of all that led to it."""
    for kind, sentence in _BEFORE_SENDING:
        if kind in causes and (kind != "SSLError" or kinds & _NOT_SENT):
            return Unreachable(sentence.format(host=host), maybe_done=False)
    if kinds & _NOT_SENT:
        silent = "did not pick up in time" if "ConnectTimeout" in kinds else "cannot be reached"
        return Unreachable(f"{host} {silent}; check the network, Kith tries again later.", maybe_done=False)
    late = any(kind.endswith("Timeout") for kind in kinds)
    what = "took too long to answer" if late else "broke off before it answered in full"
    return Unreachable(f"{host} {what}; {next_step(maybe_done=wrote)}.", maybe_done=wrote)


def _chain(error: BaseException) -> "list[BaseException]":
    found: list[BaseException] = []
    following: BaseException | None = error
    while following is not None and following not in found:
        found.append(following)
        following = following.__cause__ or following.__context__
    return found
