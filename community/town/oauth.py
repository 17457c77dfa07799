"""The fediverse server's door: applications, codes, tokens. The town trusts everybody, so asking is enough."""

import base64
import hashlib
import secrets
from dataclasses import dataclass
from html import escape
from urllib.parse import urlencode

from community.town import pages
from community.town.exchange import Fields, Request, Response, html_answer, json_answer, moved
from community.town.mastodon_about import SCOPES
from community.town.state import State

OUT_OF_BAND = "urn:ietf:wg:oauth:2.0:oob"


@dataclass(frozen=True, slots=True)
class App:
    """A registered application."""

    id: str
    secret: str
    name: str
    website: str | None
    redirects: tuple[str, ...]
    scopes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grant:
    """A code that waits to be turned into a token."""

    app: App
    redirect: str
    scopes: tuple[str, ...]
    challenge: str


@dataclass(frozen=True, slots=True)
class Token:
    """What a bearer may do; `app_only` tokens belong to no user."""

    scopes: tuple[str, ...]
    app: App | None
    app_only: bool = False

    def allows(self, scope: str) -> bool:
        """Whether the scope is covered, as itself or by its family."""
        return scope in self.scopes or scope.partition(":")[0] in self.scopes


class OAuth:
    """Applications, codes and tokens by their secret strings."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._apps: dict[str, App] = {}
        self._grants: dict[str, Grant] = {}
        self._tokens = {state.token: Token(tuple(SCOPES), None)}

    def bearer(self, request: Request) -> Token | None:
        """The token a request carries; None when it carries none or an unknown one."""
        scheme, _, word = request.headers.get("authorization", "").partition(" ")
        return self._tokens.get(word.strip()) if scheme.lower() == "bearer" else None

    def register(self, form: Fields) -> Response:
        """Make an application known."""
        name = form.get("client_name").strip()
        redirects = tuple(part for value in form.every("redirect_uris") for part in value.split())
        scopes = tuple(form.get("scopes", "read").split())
        wrong = "" if name else "Application name can't be blank"
        wrong = wrong or ("" if redirects else "Redirect URI can't be blank")
        wrong = wrong or ("" if set(scopes) <= set(SCOPES) else "Scopes doesn't match configured on the server.")
        if wrong:
            return json_answer({"error": f"Validation failed: {wrong}"}, 422)
        app = App(
            secrets.token_urlsafe(32),
            secrets.token_urlsafe(32),
            name,
            form.get("website") or None,
            redirects,
            scopes,
        )
        self._apps[app.id] = app
        return json_answer(
            _shown(app, len(self._apps))
            | {"client_id": app.id, "client_secret": app.secret, "client_secret_expires_at": 0}
        )

    def current_app(self, token: Token | None) -> Response:
        """The application a token was made for."""
        if token is None or token.app is None:
            return json_answer({"error": "The access token is invalid"}, 401)
        return json_answer(_shown(token.app, list(self._apps).index(token.app.id) + 1))

    def authorize(self, request: Request) -> Response:
        """The page where a user says yes; the code is shown, or carried back by a redirect."""
        query = request.query
        app = self._apps.get(query.get("client_id"))
        redirect = query.get("redirect_uri")
        scopes = tuple(query.get("scope", "read").split())
        if app is None:
            return _refused("Client authentication failed due to unknown client.")
        if redirect not in app.redirects:
            return _refused("The redirect URI included is not valid.")
        if query.get("response_type") != "code" or not set(scopes) <= set(app.scopes):
            return _refused("The requested scope or response type is not known to this application.")
        if query.get("code_challenge_method", "S256") != "S256":
            return _refused("The code challenge method must be S256.")
        code = secrets.token_urlsafe(32)
        self._grants[code] = Grant(app, redirect, scopes, query.get("code_challenge"))
        if redirect != OUT_OF_BAND:
            back = {"code": code} | ({"state": query.get("state")} if "state" in query else {})
            return moved(f"{redirect}{'&' if '?' in redirect else '?'}{urlencode(back)}", 302)
        me = self._state.people.me
        body = (
            f"<h1>Authorization code</h1>\n<p><b>{escape(app.name)}</b> may now act for @{me.handle}. "
            f"Copy this code and paste it there:</p>\n<p><code>{code}</code></p>\n"
        )
        return html_answer(pages.page("Authorization code", body))

    def token(self, form: Fields) -> Response:
        """Turn a code, or an application's own secret, into a token."""
        app = self._apps.get(form.get("client_id"))
        if app is None or not secrets.compare_digest(app.secret.encode(), form.get("client_secret").encode()):
            return _error(401, "invalid_client", "Client authentication failed due to unknown client.")
        if form.get("grant_type") == "client_credentials":
            scopes = tuple(form.get("scope", "read").split())
            if not set(scopes) <= set(app.scopes):
                return _error(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed.")
            return self._issue(Token(scopes, app, app_only=True))
        if form.get("grant_type") != "authorization_code":
            return _error(400, "unsupported_grant_type", "The authorization grant type is not supported.")
        grant = self._grants.pop(form.get("code"), None)
        if (
            grant is None
            or grant.app != app
            or grant.redirect != form.get("redirect_uri")
            or not _proves(grant.challenge, form.get("code_verifier"))
        ):
            return _error(400, "invalid_grant", "The provided authorization grant is invalid, expired or revoked.")
        return self._issue(Token(grant.scopes, app))

    def revoke(self, form: Fields) -> Response:
        """Forget a token; forgetting it twice is no error."""
        token = self._tokens.get(form.get("token"))
        if token is not None and (token.app is None or token.app.id != form.get("client_id")):
            return _error(403, "unauthorized_client", "You are not authorized to revoke this token")
        self._tokens.pop(form.get("token"), None)
        return json_answer({})

    def _issue(self, token: Token) -> Response:
        word = secrets.token_urlsafe(32)
        self._tokens[word] = token
        made = {"access_token": word, "token_type": "Bearer", "scope": " ".join(token.scopes)}
        return json_answer(made | {"created_at": self._state.clock.now()})


def _shown(app: App, number: int) -> dict[str, object]:
    return {
        "id": str(number),
        "name": app.name,
        "website": app.website,
        "scopes": list(app.scopes),
        "redirect_uri": "\n".join(app.redirects),
        "redirect_uris": list(app.redirects),
        "vapid_key": "",
    }


def _proves(challenge: str, verifier: str) -> bool:
    digest = hashlib.sha256(verifier.encode()).digest()
    return not challenge or base64.urlsafe_b64encode(digest).rstrip(b"=").decode() == challenge


def _error(status: int, code: str, words: str) -> Response:
    return json_answer({"error": code, "error_description": words}, status)


def _refused(words: str) -> Response:
    return html_answer(pages.page("Error", f"<h1>An error has occurred</h1>\n<p>{words}</p>\n"), 400)
