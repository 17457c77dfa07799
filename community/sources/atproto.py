"""The AT Protocol's calls: sessions that last, handles and DIDs, and where an account's server is.

Source: atproto packages/pds (access tokens live two hours, an expired one answers 400 ExpiredToken).
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote, urlsplit

from community.errors import AuthExpired, Garbled, Rejected, SourceError
from community.secrets import Credential, Secret
from community.sources.fields import Misshapen, children, mapping, string
from community.sources.http import Answer, Auth, Bearer, Http, raise_for
from community.text import safe_url

HANDLE: Final = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?", re.IGNORECASE
)
DID: Final = re.compile(r"did:(?:plc:[a-z2-7]{24}|web:[\w.%-]+)")
ENTRYWAY: Final = "https://bsky.social"
DIRECTORY: Final = "https://plc.directory"
PUBLIC: Final = "https://public.api.bsky.app"

_STALE: Final = frozenset({"ExpiredToken"})
_USELESS: Final = frozenset({"InvalidToken", "AuthMissing", "AuthenticationRequired", "AccountNotFound"})
_PARAMS = Sequence[tuple[str, str]]


class Session:
    """One account on its server. A session is made only when the kept one is of no use any more."""

    def __init__(self, http: Http, base: str, credential: Credential, account: str) -> None:
        self._http = http
        self._base = base.rstrip("/")
        self._credential = credential
        self._account = account
        self._access = credential.token("access")
        self._refresh = credential.token("refresh")

    async def query(self, nsid: str, params: _PARAMS = ()) -> dict[str, Any]:
        """What a query answers. Raises the `SourceError` family."""
        answer = await self.ask(nsid, params=params)
        raise_for(answer, forbidden=Rejected)
        return body_of(answer)

    async def ask(self, nsid: str, *, params: _PARAMS = (), body: Mapping[str, object] | None = None) -> Answer:
        """The answer to a query, or to a procedure when there is a `body`, whatever its status.

        A session that has run out is renewed once, and made anew once; neither attempt has had an effect.
        """
        if not self._access:
            await self._log_in()
        answer = await self._send(nsid, Bearer(self._access), params, body)
        if error_name(answer) in _STALE and self._refresh:
            await self._renew()
            answer = await self._send(nsid, Bearer(self._access), params, body)
        elif answer.status == 401 or error_name(answer) in _STALE | _USELESS:
            await self._log_in()
            answer = await self._send(nsid, Bearer(self._access), params, body)
        return answer

    async def _send(self, nsid: str, auth: Auth | None, params: _PARAMS, body: Mapping[str, object] | None) -> Answer:
        url = f"{self._base}/xrpc/{nsid}"
        if body is None:
            return await self._http.get(url, params=params or None, auth=auth)
        return await self._http.request("POST", url, json=dict(body), auth=auth)

    async def _renew(self) -> None:
        """Trade the refresh token for a new pair, or log in when the server does not take it any more."""
        url = f"{self._base}/xrpc/com.atproto.server.refreshSession"
        answer = await self._http.request("POST", url, auth=Bearer(self._refresh))
        if answer.status in (400, 401):
            await self._log_in()
            return
        raise_for(answer)
        self._keep(body_of(answer))

    async def _log_in(self) -> None:
        identifier, password = login_of(self._credential.secret, self._account)
        answer = await self._send(
            "com.atproto.server.createSession", None, (), {"identifier": identifier, "password": password}
        )
        if error_name(answer) == "AuthFactorTokenRequired":
            raise AuthExpired("This is the account's own password: make an app password, and give that instead.")
        if answer.status in (400, 401):
            raise AuthExpired("The server refused this app password: make a new one, and connect this source again.")
        raise_for(answer)
        self._keep(body_of(answer))

    def _keep(self, made: dict[str, Any]) -> None:
        access, refresh = string(made, "accessJwt"), string(made, "refreshJwt")
        if not access:
            raise Garbled("The server accepted the app password, but gave no session: try again later.")
        self._access, self._refresh = Secret(access), Secret(refresh)
        self._credential.keep("access", access)
        self._credential.keep("refresh", refresh)


def login_of(secret: Secret, account: str) -> tuple[str, str]:
    """(identifier, password) out of "password" or "handle:password". Raises `AuthExpired` when either is missing."""
    text = secret.reveal().strip()
    name, _, password = text.rpartition(":")
    name = name.strip().removeprefix("@")
    if not (HANDLE.fullmatch(name) or DID.fullmatch(name)):
        name, password = account.removeprefix("@"), text
    if not password:
        raise AuthExpired("Kith has no app password for this account: log in first.")
    if not name:
        raise AuthExpired("Kith does not know whose app password this is: give it as handle:app-password.")
    return name, password


def error_name(answer: Answer) -> str:
    """The name of the error an answer reports, "" when it reports none."""
    if 200 <= answer.status < 300:
        return ""
    try:
        return string(mapping(answer.json()), "error")
    except (Garbled, Misshapen):
        return ""


def body_of(answer: Answer) -> dict[str, Any]:
    """The object an answer holds. Raises `Garbled`."""
    try:
        return mapping(answer.json())
    except Misshapen as error:
        raise Garbled("The server's answer is not what the AT Protocol promises.") from error


def place_of(address: str) -> tuple[str, str] | None:
    """(handle or DID or "", server's root or "") of an address that could be an account or a server; else None."""
    address = address.strip()
    at_server = re.fullmatch(r"@?([^@/\s]+)@(https?://[^/\s]+)/?", address)
    name, base = (at_server[1], at_server[2]) if at_server else (address.removeprefix("@"), "")
    if not at_server and "://" in address:
        parts = urlsplit(address)
        profile = re.fullmatch(r"/profile/([^/]+)(?:/.*)?", parts.path)
        if parts.netloc.lower() in ("bsky.app", "www.bsky.app"):
            name = profile[1] if profile else ""
        elif parts.path in ("", "/") and not parts.query and safe_url(address):
            return "", f"{parts.scheme.lower()}://{parts.netloc.lower()}"
        else:
            return None
    if HANDLE.fullmatch(name) or DID.fullmatch(name):
        return (name if name.startswith("did:") else name.lower()), base
    return None


async def is_server(http: Http, base: str) -> bool:
    """Whether a personal data server answers at `base`."""
    answer = await http.get(f"{base}/xrpc/com.atproto.server.describeServer")
    try:
        said = mapping(answer.json()) if answer.status == 200 else {}
    except (Garbled, Misshapen):
        return False
    return isinstance(said.get("availableUserDomains"), list)


async def did_of(http: Http, name: str, base: str = "") -> str | None:
    """The DID behind a handle, asked of `base` or else of the public servers; None when nobody knows one."""
    if DID.fullmatch(name):
        return name
    failure: SourceError | None = None
    for root in [base] if base else [PUBLIC, ENTRYWAY]:
        try:
            answer = await http.get(f"{root}/xrpc/com.atproto.identity.resolveHandle", params=[("handle", name)])
            found = string(mapping(answer.json()), "did") if answer.status == 200 else ""
        except (SourceError, Misshapen) as error:
            failure = error if isinstance(error, SourceError) else failure
            continue
        if DID.fullmatch(found):
            return found
        if answer.status == 400:
            return None
    if failure is not None:
        raise failure
    return None


async def server_of(http: Http, did: str) -> str:
    """The root of the server that keeps an account, as its DID document says; the entryway where that does not tell."""
    kind, _, rest = did.removeprefix("did:").partition(":")
    url = f"{DIRECTORY}/{quote(did, safe=':')}" if kind == "plc" else f"https://{rest}/.well-known/did.json"
    try:
        answer = await http.get(url)
        document = mapping(answer.json()) if answer.status == 200 else {}
    except (SourceError, Misshapen):
        return ENTRYWAY
    for service in children(document, "service"):
        root = safe_url(string(service, "serviceEndpoint"))
        if root and root.startswith("https://") and string(service, "id").endswith("#atproto_pds"):
            return root.rstrip("/")
    return ENTRYWAY
