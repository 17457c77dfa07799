"""Logging in to a server that speaks the Mastodon API.  API: docs.joinmastodon.org/methods/oauth"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from community.errors import AuthExpired, Garbled, Rejected, SourceError
from community.sources.base import LoginStep
from community.sources.fediverse import family
from community.sources.fields import string
from community.sources.mastodon_http import Server, object_of

_OUT_OF_BAND: Final = "urn:ietf:wg:oauth:2.0:oob"


async def begin(server: Server, options: Mapping[str, str]) -> LoginStep:
    """Registers Kith with the server, and names the page where the user allows it to act."""
    scopes = family(options).scopes
    described = await server.describe("/.well-known/oauth-authorization-server")
    takes_list = bool(described) and options.get("software") == "mastodon"  # from 4.3 on; older ones drop a list
    made = await server.post(
        "/api/v1/apps",
        {
            "client_name": "Kith",
            "redirect_uris": [_OUT_OF_BAND] if takes_list else _OUT_OF_BAND,
            "scopes": scopes,
        }
        | ({"scope": scopes} if options.get("software") == "snac" else {}),
    )
    app = object_of(made)
    state = {"client_id": string(app, "client_id"), "client_secret": string(app, "client_secret")}
    if not all(state.values()):
        raise Garbled("The server registered Kith, but gave it no id: try again later.")
    query = {
        "response_type": "code",
        "client_id": state["client_id"],
        "redirect_uri": _OUT_OF_BAND,
        "scope": scopes,
    }
    methods = described.get("code_challenge_methods_supported")
    if isinstance(methods, list) and "S256" in methods:
        state["verifier"] = secrets.token_urlsafe(48)
        query |= {"code_challenge": _challenge(state["verifier"]), "code_challenge_method": "S256"}
    return LoginStep(
        sentence="Open this page, allow Kith to act for you, and paste the code it shows.",
        url=f"{server.base}/oauth/authorize?{urlencode(query)}",
        state=state,
    )


async def finish(server: Server, step: LoginStep, typed: str) -> str:
    """The access token for a code; a token from the server's own settings is recognised, and kept as it is."""
    body = {
        "grant_type": "authorization_code",
        "code": typed,
        "client_id": step.state.get("client_id", ""),
        "client_secret": step.state.get("client_secret", ""),
        "redirect_uri": _OUT_OF_BAND,
    }
    if verifier := step.state.get("verifier"):
        body["code_verifier"] = verifier
    try:
        token = string(object_of(await server.post("/oauth/token", body)), "access_token")
    except (AuthExpired, Rejected) as refusal:
        try:
            await server.as_user(typed).get("/api/v1/accounts/verify_credentials")
        except SourceError:
            raise AuthExpired("The server did not take this code: open the page again for a new one.") from refusal
        return typed
    if not token:
        raise Garbled("The server took the code, but gave no access token: try again later.")
    return token


def _challenge(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
