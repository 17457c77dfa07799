"""Requests to a server that speaks the Mastodon API, and finding out what server it is."""

import ipaddress
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from community.errors import Garbled, Gone, Rejected, Uncertain, Unreachable
from community.secrets import Secret
from community.sources.fediverse import facts
from community.sources.fields import Misshapen, children, listing, mapping, string
from community.sources.http import Bearer, Http, raise_for

_NOT_MASTODON: Final = "The server's answer is not what the Mastodon API promises."
_GONE: Final = (404, 410)
_PLACE: Final = r"(?:[\w-]+\.)+[\w-]+(?::\d{1,5})?|localhost(?::\d{1,5})?"
_HANDLE: Final = re.compile(rf"(?:@?([\w.-]+)@)?({_PLACE})/?")
_PROFILE: Final = re.compile(rf"/(?:@|users/)([\w.-]*\w)(?:@({_PLACE}))?/?")
_PLAIN_PATHS: Final = frozenset({"", "/", "/about", "/explore", "/home", "/public", "/web"})


class Server:
    """One server, asked as one user, or as nobody when no token is given."""

    def __init__(self, http: Http, base: str, token: Secret | None = None) -> None:
        self._http = http
        self._auth = Bearer(token) if token else None
        self.base = base.rstrip("/")

    def as_user(self, token: str) -> "Server":
        """The same server, asked with another token."""
        return Server(self._http, self.base, Secret(token))

    async def get(self, path: str, query: Sequence[tuple[str, str]] = ()) -> object:
        """The JSON under `path`. Raises the `SourceError` family for anything else."""
        answer = await self._http.get(f"{self.base}{path}", params=query or None, auth=self._auth)
        raise_for(answer)
        return answer.json()

    async def find(self, path: str, query: Sequence[tuple[str, str]] = ()) -> object | None:
        """The JSON under `path`, None when the server itself says in JSON that it has no such thing."""
        answer = await self._http.get(f"{self.base}{path}", params=query or None, auth=self._auth)
        if answer.status in _GONE and answer.body.lstrip()[:1] == b"{":
            return None
        if answer.status == 410:
            raise Rejected("The server says that this is not there any more.", status=410)
        raise_for(answer, forbidden=Rejected)
        found: object = answer.json()
        return found

    async def context(self, path: str) -> dict[str, Any] | None:
        """The JSON object under `path`, None when this server cannot show it: one that it cannot must not stop all."""
        answer = await self._http.get(f"{self.base}{path}", auth=self._auth)
        try:
            raise_for(answer, forbidden=Rejected)
            return mapping(answer.json())
        except (Rejected, Gone, Garbled, Unreachable, Misshapen):
            return None

    async def describe(self, path: str) -> dict[str, Any]:
        """A document about the server, empty when it has none."""
        answer = await self._http.get(f"{self.base}{path}", auth=self._auth)
        if answer.status != 200:
            return {}
        try:
            return mapping(answer.json())
        except (Garbled, Misshapen):
            return {}

    async def post(self, path: str, body: Mapping[str, object], *, once: str = "", is_proof: bool = False) -> object:
        """Do something, and return the JSON that came back. `once` is the key that makes a repeat harmless.

        With `is_proof` the status alone must say that it is done: an answer that promises it for later is not enough.
        """
        headers = {"Accept": "application/json"} | ({"Idempotency-Key": once} if once else {})
        answer = await self._http.request(
            "POST", f"{self.base}{path}", json=dict(body), headers=headers, auth=self._auth
        )
        if once and answer.status == 400 and b"duplicate idempotency key" in answer.body.lower():
            raise Uncertain("The server has seen this reply before, but does not say whether it is there: look there.")
        if answer.status == 410:
            raise Rejected("The server says that this is not there any more.", status=410)
        raise_for(answer, wrote=True, forbidden=Rejected)
        if is_proof and answer.status != 200:
            raise Uncertain("The server has taken this, but does not say that it is done: look there.")
        return answer.json()


async def detect(server: Server) -> dict[str, str] | None:
    """What is worth keeping of what a server says of itself; None when it does not speak the Mastodon API."""
    instance = await server.describe("/api/v2/instance") or await server.describe("/api/v1/instance")
    if not string(instance, "version") or not (string(instance, "domain") or string(instance, "uri")):
        return None
    index = await server.describe("/.well-known/nodeinfo")
    host = server.base.partition("://")[2]
    nodeinfo: dict[str, Any] = {}
    for each in children(index, "links"):
        parts = urlsplit(string(each, "href"))
        if parts.netloc.lower() == host and parts.path.startswith("/"):
            nodeinfo = await server.describe(parts.path)
            break
    return facts(nodeinfo, instance, host=host)


async def home_of(server: Server, account: str) -> str | None:
    """The root of the server where an account really lives: handles may use a shorter name than their server."""
    card = await server.describe(f"/.well-known/webfinger?resource=acct:{quote(account.lstrip('@'), safe='@')}")
    for each in children(card, "links"):
        place = _HANDLE.fullmatch(urlsplit(string(each, "href")).netloc.lower())
        if string(each, "rel") == "self" and place is not None:
            return _root(place[2])
    return None


def server_of(address: str) -> tuple[str, str] | None:
    """(server's root, "@me@server" or "") of an address that could be a server, a handle or a profile; else None."""
    address = address.strip()
    if address.lower().startswith(("http://", "https://")):
        parts = urlsplit(address)
        place = _HANDLE.fullmatch(parts.netloc.lower())
        if place is None or place[1] or parts.query:
            return None
        profile = _PROFILE.fullmatch(parts.path)
        if profile is None:
            return (_root(place[2]), "") if parts.path in _PLAIN_PATHS else None
        home = (profile[2] or place[2]).lower()
        return _root(home), f"@{profile[1]}@{home}"
    handle = _HANDLE.fullmatch(address)
    if handle is None:
        return None
    home = handle[2].lower()
    return _root(home), f"@{handle[1]}@{home}" if handle[1] else ""


def status_path(status_id: str) -> str:
    """Where a status is; its id is whatever the server made up."""
    return f"/api/v1/statuses/{quote(status_id, safe='')}"


def object_of(answer: object) -> dict[str, Any]:
    """An answer that must be a JSON object. Raises `Garbled`."""
    try:
        return mapping(answer)
    except Misshapen as error:
        raise Garbled(_NOT_MASTODON) from error


def rows_of(answer: object) -> list[Any]:
    """An answer that must be a JSON list. Raises `Garbled`."""
    try:
        return listing(answer)
    except Misshapen as error:
        raise Garbled(_NOT_MASTODON) from error


def _root(place: str) -> str:
    """The address of a server by its name: https, but for a machine of one's own."""
    return f"{'http' if _is_local(place.partition(':')[0]) else 'https'}://{place}"


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost"
