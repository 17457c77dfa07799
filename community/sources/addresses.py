"""A connection back end for httpx that dials only addresses it has checked."""

import asyncio
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

from community.sources.places import place, refused


class AddressRefused(httpcore.ConnectError):
    """The name leads to addresses that Kith dials only with the user's word."""


class NameUnknown(httpcore.ConnectError):
    """The name leads nowhere."""


async def dialable(host: str, port: int, *, trusted: bool) -> list[str]:
    """The addresses of `host` that may be dialled; all of them when it is `trusted`.

    Raises `NameUnknown` when there are none, `AddressRefused` when none is left.
    """
    loop = asyncio.get_running_loop()
    try:
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
    except (OSError, UnicodeError) as error:
        raise NameUnknown(host) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    kept = addresses if trusted else [address for address in addresses if not refused(address)]
    if not kept:
        raise AddressRefused(host) if addresses else NameUnknown(host)
    return kept


class Backend(httpcore.AsyncNetworkBackend):
    """Resolves, checks, then dials exactly what was checked. TLS is done above it, with the name as it was given."""

    def __init__(self, trusted: Iterable[str]) -> None:
        self._trusted = frozenset(trusted)
        self._inner = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to the first of the host's allowed addresses that answers, all within `timeout`."""
        try:
            async with asyncio.timeout(timeout):
                return await self._dial(host, port, timeout, local_address, socket_options)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(host) from error

    async def _dial(
        self,
        host: str,
        port: int,
        limit_s: float | None,
        local_address: str | None,
        socket_options: Iterable[Any] | None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await dialable(host, port, trusted=place(host, port) in self._trusted)
        share = limit_s / min(len(addresses), 3) if limit_s else None
        last: Exception = httpcore.ConnectError(host)
        for address in addresses:
            try:
                return await self._inner.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)
