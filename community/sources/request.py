"""What a request is made of: its address and body, its header fields, and what proves who asks (pure)."""

import json as json_module
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

from community.errors import AuthExpired, Unreachable
from community.secrets import Secret
from community.sources.transport import user_agent

Params = Mapping[str, Any] | Sequence[tuple[str, str]]

# What may follow a redirect to somebody else. Everything an adapter adds is taken for a credential.
_HARMLESS = frozenset({"accept", "accept-language", "if-none-match", "if-modified-since"})
SECRET = frozenset({"authorization", "cookie", "proxy-authorization"})


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
class Request:
    """One request; what proves who asks is apart from its other header fields."""

    method: str
    url: str
    headers: dict[str, str]
    secret_headers: dict[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    wrote: bool

    def moved(self, url: str) -> "Request":
        """The same request to `url`; whatever could be a credential stays behind when that is somebody else."""
        if origin(url) == origin(self.url):
            return replace(self, url=url)
        headers = {name: value for name, value in self.headers.items() if name.lower() in _HARMLESS}
        return replace(self, url=url, headers=headers, secret_headers={})


def prelude() -> dict[str, str]:
    """The header fields of every request."""
    return {"User-Agent": user_agent(), "Accept": "*/*", "Accept-Encoding": "gzip, identity"}


def built(
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


def encoded(*layers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    """Header fields as bytes, later layers count. A validator that cannot be sent as it came is left out."""
    fields: dict[str, bytes] = {}
    for name, value in (pair for layer in layers for pair in layer.items()):
        if value.isprintable() and (value.isascii() or all(ord(char) < 256 for char in value)):
            fields[name.lower()] = value.encode("latin-1")
        elif name.lower() not in _HARMLESS:
            raise AuthExpired("The credential holds characters that cannot be sent; connect this source again.")
    return [(name.encode("ascii"), value) for name, value in fields.items()]


def origin(url: str) -> tuple[str, str, int]:
    """(scheme, host, port): a credential stays within one."""
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)


def secret_headers(auth: Auth | None) -> dict[str, str]:
    """The header fields that prove who asks."""
    if auth is None:
        return {}
    if isinstance(auth, Basic | Bearer):
        return auth.headers()
    return {name: value.reveal() for name, value in auth.items()}
