"""The fediverse server's face: which call goes where, and who may make it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from community.town import mastodon_json as shape
from community.town.exchange import Request, Response, html_answer, json_answer
from community.town.life import Life
from community.town.mastodon_about import discovery, instance
from community.town.mastodon_read import Call, Reader, Refused
from community.town.mastodon_write import ACTIONS, Writer
from community.town.oauth import OAuth, Token
from community.town.pages import not_found
from community.town.square import page
from community.town.state import State

_LIMIT = 1500
_WINDOW_S = 300
_ID = r"(?P<id>[\w-]+)"
_UNAUTHORIZED = {"error": "The access token is invalid"}

Act = Callable[[Call], object]


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    scope: str
    act: Act


class Mastodon:
    """Everything the fediverse server answers."""

    def __init__(self, state: State, life: Life) -> None:
        self._state = state
        self._oauth = OAuth(state)
        self._reader = Reader(state)
        self._writer = Writer(state, life)
        self._window = (0, 0)
        rows = [*self._of_accounts(), *self._of_notifications(), *self._of_statuses(), *self._of_the_server()]
        self._routes = [_Route(method, re.compile(f"/api/{path}"), scope, act) for method, path, scope, act in rows]

    def answer(self, request: Request) -> Response:
        """The server's answer, whatever was asked."""
        if not request.path.startswith("/api/"):
            return self._outside_api(request)
        headers = self._rate_headers()
        try:
            answer = self._api(request)
        except Refused as refused:
            answer = json_answer({"error": str(refused)}, refused.status)
        except (ValueError, RecursionError):
            answer = json_answer({"error": "Bad request"}, 400)
        return Response(answer.status, answer.kind, answer.body, headers | answer.headers)

    def _outside_api(self, request: Request) -> Response:
        try:
            match request.method, request.path:
                case (("GET" | "HEAD"), "/oauth/authorize"):
                    return self._oauth.authorize(request)
                case "POST", "/oauth/token":
                    return self._oauth.token(request.form)
                case "POST", "/oauth/revoke":
                    return self._oauth.revoke(request.form)
        except (ValueError, RecursionError):
            return json_answer({"error": "Bad request"}, 400)
        if request.method not in {"GET", "HEAD"}:
            return html_answer(not_found(), 404)
        return discovery(self._state, request) or page(self._state, request) or html_answer(not_found(), 404)

    def _api(self, request: Request) -> Response:
        token = self._oauth.bearer(request)
        if token is None and request.headers.get("authorization", "").lower().startswith("bearer"):
            return json_answer(_UNAUTHORIZED, 401)
        method = "GET" if request.method == "HEAD" else request.method
        for route in self._routes:
            found = route.path.fullmatch(request.path)
            if found and route.method == method:
                _check(route.scope, token)
                inside = token is not None and not token.app_only
                made = route.act(Call(request, found.groupdict().get("id", ""), inside))
                return made if isinstance(made, Response) else json_answer(made)
        raise Refused(404, "Record not found")

    def _of_accounts(self) -> list[tuple[str, str, str, Act]]:
        state, reader, writer = self._state, self._reader, self._writer
        one = f"v1/accounts/{_ID}"
        return [
            ("GET", "v1/accounts/verify_credentials", "read:accounts", lambda _: shape.own_account(state)),
            ("GET", "v1/accounts/relationships", "read:follows", reader.relationships),
            ("GET", "v1/accounts/lookup", "", reader.lookup),
            ("GET", one, "", lambda call: shape.account(state, reader.person(call))),
            ("GET", f"{one}/statuses", "", reader.account_statuses),
            ("POST", f"{one}/note", "write:accounts", lambda c: writer.note(reader.person(c), c.request.form)),
            ("POST", f"{one}/follow", "write:follows", lambda call: writer.follow(reader.person(call), yes=True)),
            ("POST", f"{one}/unfollow", "write:follows", lambda call: writer.follow(reader.person(call), yes=False)),
        ]

    def _of_notifications(self) -> list[tuple[str, str, str, Act]]:
        reader, writer = self._reader, self._writer
        all_, read, write = "v1/notifications", "read:notifications", "write:notifications"
        return [
            ("GET", all_, read, reader.notifications),
            ("GET", "v2/notifications", read, reader.groups),
            ("GET", "v1/conversations", "read:statuses", reader.conversations),
            ("GET", f"{all_}/unread_count", read, lambda _: reader.unread(writer.last_read("notifications"))),
            ("GET", f"{all_}/requests", read, lambda _: []),
            ("POST", f"{all_}/clear", write, lambda _: writer.dismiss(None)),
            ("GET", f"{all_}/{_ID}", read, reader.notification),
            ("POST", f"{all_}/{_ID}/dismiss", write, lambda call: writer.dismiss(call.id)),
        ]

    def _of_statuses(self) -> list[tuple[str, str, str, Act]]:
        state, reader, writer = self._state, self._reader, self._writer
        all_, one, write = "v1/statuses", f"v1/statuses/{_ID}", "write:statuses"
        rows: list[tuple[str, str, str, Act]] = [
            ("GET", all_, "", reader.several),
            ("POST", all_, write, lambda call: writer.post(call.request)),
            ("GET", one, "", lambda call: shape.status(state, reader.status(call), inside=call.inside)),
            ("PUT", one, write, lambda call: writer.edit(reader.status(call), call.request.form)),
            ("DELETE", one, write, lambda call: writer.delete(reader.status(call))),
            ("GET", f"{one}/context", "", reader.context),
            ("GET", f"{one}/history", "", lambda call: shape.versions(state, reader.status(call))),
            ("GET", f"{one}/source", "read:statuses", lambda call: shape.source(reader.status(call))),
        ]
        for name, scope in ACTIONS.items():
            rows.append(("POST", f"{one}/{name}", scope, self._action(name)))
        return rows

    def _of_the_server(self) -> list[tuple[str, str, str, Act]]:
        oauth, reader, writer = self._oauth, self._reader, self._writer
        marks = "v1/markers"
        return [
            ("GET", "v[12]/instance", "", lambda call: instance(self._state, call.request)),
            ("POST", "v1/apps", "", lambda call: oauth.register(call.request.form)),
            ("GET", "v1/apps/verify_credentials", "", lambda call: oauth.current_app(oauth.bearer(call.request))),
            ("GET", "v1/timelines/home", "read:statuses", reader.home),
            ("GET", "v2/search", "read:search", reader.search),
            ("GET", marks, "read:statuses", lambda call: writer.markers(call.request.query.every("timeline"))),
            ("POST", marks, "write:statuses", lambda call: writer.set_markers(call.request.form)),
        ]

    def _action(self, name: str) -> Act:
        return lambda call: self._writer.act(name, self._reader.status(call))

    def _rate_headers(self) -> dict[str, str]:
        now = self._state.clock.now()
        start = now - now % _WINDOW_S
        self._window = (start, self._window[1] + 1 if self._window[0] == start else 1)
        reset = datetime.fromtimestamp(start + _WINDOW_S, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        left = max(1, _LIMIT - self._window[1])
        return {"X-RateLimit-Limit": str(_LIMIT), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset}


def _check(scope: str, token: Token | None) -> None:
    if not scope:
        return
    if token is None:
        raise Refused(401, _UNAUTHORIZED["error"])
    if token.app_only:
        raise Refused(422, "This method requires an authenticated user")
    if not token.allows(scope):
        raise Refused(403, "This action is outside the authorized scopes")
