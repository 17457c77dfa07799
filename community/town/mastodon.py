"""The fediverse server's face: routes, scopes, reading. Writing is in mastodon_write."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from community.town import mastodon_json as shape
from community.town.exchange import Fields, Request, Response, html_answer, json_answer
from community.town.life import Life
from community.town.mastodon_about import discovery, instance
from community.town.mastodon_write import ACTIONS, Refused, Writer
from community.town.oauth import OAuth, Token
from community.town.pages import not_found
from community.town.records import Person, Status
from community.town.square import page
from community.town.state import State

_LIMIT = 1500
_WINDOW_S = 300
_ID = r"(?P<id>[\w-]+)"
_UNAUTHORIZED = {"error": "The access token is invalid"}


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=_HasId)


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the request, the id in its path, and whether a user stands behind it."""

    request: Request
    id: str
    inside: bool


@dataclass(frozen=True, slots=True)
class _Route:
    method: str
    path: re.Pattern[str]
    scope: str
    act: Callable[[Call], Response]


class Mastodon:
    """Everything the fediverse server answers."""

    def __init__(self, state: State, life: Life) -> None:
        self._state = state
        self._oauth = OAuth(state)
        self._writer = Writer(state, life)
        self._window = (0, 0)
        self._routes = self._table()

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
        except ValueError:
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
                refusal = _refusal(route.scope, token)
                inside = token is not None and not token.app_only
                return refusal or route.act(Call(request, found.groupdict().get("id", ""), inside))
        return json_answer({"error": "Record not found"}, 404)

    def _table(self) -> list[_Route]:
        state, oauth, writer = self._state, self._oauth, self._writer

        def do(act: Callable[[Call], Any]) -> Callable[[Call], Response]:
            return lambda call: json_answer(act(call))

        rows: list[tuple[str, str, str, Callable[[Call], Response]]] = [
            ("POST", "v1/apps", "", lambda call: oauth.register(call.request.form)),
            ("GET", "v1/apps/verify_credentials", "", lambda call: oauth.current_app(oauth.bearer(call.request))),
            ("GET", "v[12]/instance", "", lambda call: instance(state, call.request)),
            ("GET", "v1/accounts/verify_credentials", "read:accounts", do(lambda _: shape.own_account(state))),
            ("GET", "v1/accounts/relationships", "read:follows", do(self._relationships)),
            ("GET", "v1/accounts/lookup", "", do(self._lookup)),
            ("GET", f"v1/accounts/{_ID}", "", do(lambda call: shape.account(state, self._person(call.id)))),
            ("GET", f"v1/accounts/{_ID}/statuses", "", self._account_statuses),
            (
                "POST",
                f"v1/accounts/{_ID}/note",
                "write:accounts",
                do(lambda call: writer.note(self._person(call.id), call.request.form)),
            ),
            (
                "POST",
                f"v1/accounts/{_ID}/follow",
                "write:follows",
                do(lambda call: writer.follow(self._person(call.id), yes=True)),
            ),
            (
                "POST",
                f"v1/accounts/{_ID}/unfollow",
                "write:follows",
                do(lambda call: writer.follow(self._person(call.id), yes=False)),
            ),
            ("GET", "v1/notifications", "read:notifications", self._notifications),
            ("GET", "v1/notifications/unread_count", "read:notifications", do(self._unread)),
            ("GET", "v1/notifications/requests", "read:notifications", do(lambda _: [])),
            ("GET", f"v1/notifications/{_ID}", "read:notifications", do(self._notification)),
            (
                "POST",
                f"v1/notifications/{_ID}/dismiss",
                "write:notifications",
                do(lambda call: writer.dismiss(call.id)),
            ),
            ("POST", "v1/notifications/clear", "write:notifications", do(lambda _: writer.dismiss(None))),
            ("GET", "v1/statuses", "", do(self._several)),
            ("POST", "v1/statuses", "write:statuses", do(lambda call: writer.post(call.request))),
            (
                "GET",
                f"v1/statuses/{_ID}",
                "",
                do(lambda call: shape.status(state, self._status(call), inside=call.inside)),
            ),
            (
                "PUT",
                f"v1/statuses/{_ID}",
                "write:statuses",
                do(lambda call: writer.edit(self._status(call), call.request.form)),
            ),
            ("DELETE", f"v1/statuses/{_ID}", "write:statuses", do(lambda call: writer.delete(self._status(call)))),
            ("GET", f"v1/statuses/{_ID}/context", "", do(self._context)),
            ("GET", f"v1/statuses/{_ID}/history", "", do(lambda call: shape.versions(state, self._status(call)))),
            ("GET", f"v1/statuses/{_ID}/source", "read:statuses", do(lambda call: _source(self._status(call)))),
            ("GET", "v1/timelines/home", "read:statuses", self._home),
            ("GET", "v2/search", "read:search", do(self._search)),
            (
                "GET",
                "v1/markers",
                "read:statuses",
                do(lambda call: writer.markers(call.request.query.every("timeline"))),
            ),
            ("POST", "v1/markers", "write:statuses", do(lambda call: writer.set_markers(call.request.form))),
        ]
        for name, scope in ACTIONS.items():
            path = f"v1/statuses/{_ID}/{name}"
            rows.append(("POST", path, scope, do(lambda call, name=name: writer.act(name, self._status(call)))))
        return [_Route(method, re.compile(f"/api/{path}"), scope, act) for method, path, scope, act in rows]

    def _person(self, account_id: str) -> Person:
        person = self._state.people.account(account_id)
        if person is None:
            raise Refused(404, "Record not found")
        return person

    def _status(self, call: Call) -> Status:
        status = self._state.statuses.get(call.id)
        if status is None or not (call.inside or _open(status)):
            raise Refused(404, "Record not found")
        return status

    def _lookup(self, call: Call) -> dict[str, Any]:
        user, _, home = call.request.query.get("acct").removeprefix("@").partition("@")
        person = self._state.people.by_handle(user, home)
        if person is None:
            raise Refused(404, "Record not found")
        return shape.account(self._state, person)

    def _relationships(self, call: Call) -> list[dict[str, Any]]:
        people = (self._state.people.account(id_) for id_ in call.request.query.every("id"))
        return [shape.relationship(self._state, person) for person in people if person is not None]

    def _account_statuses(self, call: Call) -> Response:
        person, query = self._person(call.id), call.request.query
        rows = [
            status
            for status in self._state.statuses.all()[::-1]
            if status.author.key == person.key
            and (call.inside or _open(status))
            and not (query.flag("exclude_replies") and status.reply_to)
            and not (query.flag("exclude_reblogs") and status.reblog_of)
            and not (query.flag("only_media") or query.flag("pinned"))
        ]
        return self._paged(call, rows, lambda row: shape.status(self._state, row, inside=call.inside), 20, 40)

    def _home(self, call: Call) -> Response:
        seen = {*self._state.following, self._state.people.me.key}
        rows = [
            row for row in self._state.statuses.all()[::-1] if row.author.key in seen and row.visibility != "direct"
        ]
        return self._paged(call, rows, lambda row: shape.status(self._state, row), 20, 40)

    def _several(self, call: Call) -> list[dict[str, Any]]:
        found = (self._state.statuses.get(id_) for id_ in call.request.query.every("id")[:40])
        return [
            shape.status(self._state, row, inside=call.inside) for row in found if row and (call.inside or _open(row))
        ]

    def _context(self, call: Call) -> dict[str, Any]:
        status, statuses = self._status(call), self._state.statuses
        sides = {"ancestors": statuses.ancestors(status), "descendants": statuses.descendants(status)}
        return {
            side: [shape.status(self._state, row, inside=call.inside) for row in rows if call.inside or _open(row)]
            for side, rows in sides.items()
        }

    def _notifications(self, call: Call) -> Response:
        query = call.request.query
        wanted, unwanted = query.every("types"), query.every("exclude_types")
        rows = [
            notice
            for notice in self._state.statuses.notices()
            if (not wanted or notice.kind in wanted)
            and notice.kind not in unwanted
            and query.get("account_id", notice.author.account_id) == notice.author.account_id
        ]
        return self._paged(call, rows, lambda row: shape.notification(self._state, row), 40, 80)

    def _notification(self, call: Call) -> dict[str, Any]:
        notice = next((one for one in self._state.statuses.notices() if one.id == call.id), None)
        if notice is None:
            raise Refused(404, "Record not found")
        return shape.notification(self._state, notice)

    def _unread(self, _: Call) -> dict[str, int]:
        read = self._writer.last_read("notifications")
        unread = [notice for notice in self._state.statuses.notices() if _newer(notice.id, read)]
        return {"count": min(len(unread), 100)}

    def _search(self, call: Call) -> dict[str, Any]:
        query, state = call.request.query, self._state
        text, kind = query.get("q").strip(), query.get("type")
        user, _, home = text.removeprefix("@").partition("@")
        person = state.people.by_handle(user, home)
        people = (
            [person] if person else [one for one in state.people.accounts() if state.addresses.profile(one) == text]
        )
        rows = [
            row
            for row in state.statuses.all()[::-1]
            if text in {state.addresses.status(row), shape.status(state, row)["uri"]}
            or (row.author.key == state.people.me.key and text and text.lower() in row.text.lower())
        ]
        return {
            "accounts": [shape.account(state, one) for one in people] if kind in {"", "accounts"} else [],
            "statuses": [shape.status(state, row) for row in rows[:20]] if kind in {"", "statuses"} else [],
            "hashtags": [],
        }

    def _paged(self, call: Call, rows: Sequence[Row], show: Callable[[Row], Any], usual: int, most: int) -> Response:
        query = call.request.query
        limit = max(1, min(int(query.get("limit", str(usual)) or usual), most))
        page_ = _page(rows, query, limit)
        headers = {}
        if page_:
            here = f"{self._state.addresses.base}{call.request.path}"
            kept = [(name, value) for name, value in query.pairs if name not in {"max_id", "min_id", "since_id"}]
            kept = [(f"{name}[]" if name in {"types", "exclude_types"} else name, value) for name, value in kept]
            older = urlencode([*kept, ("max_id", page_[-1].id)])
            newer = urlencode([*kept, ("min_id", page_[0].id)])
            headers["Link"] = f'<{here}?{older}>; rel="next", <{here}?{newer}>; rel="prev"'
        return json_answer([show(row) for row in page_], headers=headers)

    def _rate_headers(self) -> dict[str, str]:
        now = self._state.clock.now()
        start = now - now % _WINDOW_S
        self._window = (start, self._window[1] + 1 if self._window[0] == start else 1)
        reset = datetime.fromtimestamp(start + _WINDOW_S, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        left = max(1, _LIMIT - self._window[1])
        return {"X-RateLimit-Limit": str(_LIMIT), "X-RateLimit-Remaining": str(left), "X-RateLimit-Reset": reset}


def _page(rows: Sequence[Row], query: Fields, limit: int) -> Sequence[Row]:
    """One page, newest first, of rows that come newest first."""
    if "max_id" in query:
        rows = [row for row in rows if _newer(query.get("max_id"), row.id)]
    if "since_id" in query:
        rows = [row for row in rows if _newer(row.id, query.get("since_id"))]
    if "min_id" in query:
        rows = [row for row in rows if _newer(row.id, query.get("min_id"))]
        return rows[-limit:]
    return rows[:limit]


def _newer(one: str, other: str) -> bool:
    return (len(one), one) > (len(other), other)


def _open(status: Status) -> bool:
    return status.visibility in {"public", "unlisted"}


def _source(status: Status) -> dict[str, str]:
    return {"id": status.id, "text": status.text, "spoiler_text": status.spoiler}


def _refusal(scope: str, token: Token | None) -> Response | None:
    if not scope:
        return None
    if token is None:
        return json_answer(_UNAUTHORIZED, 401)
    if token.app_only:
        return json_answer({"error": "This method requires an authenticated user"}, 422)
    if not token.allows(scope):
        return json_answer({"error": "This action is outside the authorized scopes"}, 403)
    return None
