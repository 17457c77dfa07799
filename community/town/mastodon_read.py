"""What the fediverse server shows: accounts, statuses, threads, notifications, search, each in pages."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar
from urllib.parse import urlencode

from community.town import mastodon_json as shape
from community.town.exchange import Fields, Request, Response, json_answer
from community.town.records import Person, Status
from community.town.state import State

_LISTS = {"types", "exclude_types"}


class Refused(Exception):
    """A call the server turns down."""

    def __init__(self, status: int, words: str) -> None:
        super().__init__(words)
        self.status = status


@dataclass(frozen=True, slots=True)
class Call:
    """One call: the request, the id in its path, and whether a user stands behind it."""

    request: Request
    id: str
    inside: bool


class _HasId(Protocol):
    @property
    def id(self) -> str: ...


Row = TypeVar("Row", bound=_HasId)


class Reader:
    """The user's eyes; a call without a user sees what is public."""

    def __init__(self, state: State) -> None:
        self._state = state

    def person(self, call: Call) -> Person:
        """Whose account the call names."""
        return _found(self._state.people.account(call.id))

    def status(self, call: Call) -> Status:
        """Which status the call names."""
        status = _found(self._state.statuses.get(call.id))
        if not _seen(status, call):
            raise Refused(404, "Record not found")
        return status

    def lookup(self, call: Call) -> dict[str, Any]:
        """The account with a handle."""
        user, _, home = call.request.query.get("acct").removeprefix("@").partition("@")
        return shape.account(self._state, _found(self._state.people.by_handle(user, home)))

    def relationships(self, call: Call) -> list[dict[str, Any]]:
        """How the user stands to several people."""
        people = (self._state.people.account(id_) for id_ in call.request.query.every("id"))
        return [shape.relationship(self._state, person) for person in people if person is not None]

    def account_statuses(self, call: Call) -> Response:
        """What somebody wrote, newest first."""
        person, query = self.person(call), call.request.query
        rows = [
            status
            for status in self._state.statuses.all()[::-1]
            if status.author.key == person.key
            and _seen(status, call)
            and not (query.flag("exclude_replies") and status.reply_to)
            and not (query.flag("exclude_reblogs") and status.reblog_of)
            and not (query.flag("only_media") or query.flag("pinned"))
        ]
        return self._paged(call, rows, self._shown(call), 20, 40)

    def home(self, call: Call) -> Response:
        """What the user and those they follow wrote, newest first."""
        near = {*self._state.following, self._state.people.me.key}
        rows = [
            row for row in self._state.statuses.all()[::-1] if row.author.key in near and row.visibility != "direct"
        ]
        return self._paged(call, rows, self._shown(call), 20, 40)

    def several(self, call: Call) -> list[dict[str, Any]]:
        """Statuses by id; missing ones are left out."""
        rows = (self._state.statuses.get(id_) for id_ in call.request.query.every("id")[:40])
        return [self._shown(call)(row) for row in rows if row is not None and _seen(row, call)]

    def context(self, call: Call) -> dict[str, Any]:
        """The thread around a status."""
        status, statuses = self.status(call), self._state.statuses
        sides = {"ancestors": statuses.ancestors(status), "descendants": statuses.descendants(status)}
        return {side: [self._shown(call)(row) for row in rows if _seen(row, call)] for side, rows in sides.items()}

    def notifications(self, call: Call) -> Response:
        """The user's notifications, newest first."""
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

    def groups(self, call: Call) -> Response:
        """The same notifications in the newer form, each a group of its own."""
        plain = self.notifications(call)
        rows = json.loads(plain.body)
        grouped = {
            "accounts": list({row["account"]["id"]: row["account"] for row in rows}.values()),
            "statuses": list({row["status"]["id"]: row["status"] for row in rows if "status" in row}.values()),
            "notification_groups": [shape.group(row) for row in rows],
        }
        return json_answer(grouped, headers=plain.headers)

    def conversations(self, call: Call) -> Response:
        """The user's direct conversations, newest first."""
        statuses = self._state.statuses
        newest: dict[str, Status] = {}
        for row in statuses.all():
            if row.visibility == "direct":
                newest[(statuses.ancestors(row) or [row])[0].id] = row
        rows = sorted(newest.values(), key=lambda row: row.id, reverse=True)
        return self._paged(call, rows, lambda row: shape.conversation(self._state, row), 20, 40)

    def notification(self, call: Call) -> dict[str, Any]:
        """One notification."""
        found = next((notice for notice in self._state.statuses.notices() if notice.id == call.id), None)
        return shape.notification(self._state, _found(found))

    def unread(self, last_read: str) -> dict[str, int]:
        """How many notifications are newer than the read mark."""
        unread = [notice for notice in self._state.statuses.notices() if _newer(notice.id, last_read)]
        return {"count": min(len(unread), 100)}

    def search(self, call: Call) -> dict[str, Any]:
        """People by handle or address, statuses by address, the user's own also by their words."""
        query, state = call.request.query, self._state
        text, kind = query.get("q").strip(), query.get("type")
        user, _, home = text.removeprefix("@").partition("@")
        named = state.people.by_handle(user, home)
        people = [one for one in state.people.accounts() if one is named or state.addresses.profile(one) == text]
        mine = state.people.me.key
        rows = [
            row
            for row in state.statuses.all()[::-1]
            if text in {state.addresses.status(row), state.addresses.object(row)}
            or (row.author.key == mine and text and text.lower() in row.text.lower())
        ]
        return {
            "accounts": [shape.account(state, one) for one in people] if kind in {"", "accounts"} else [],
            "statuses": [shape.status(state, row) for row in rows[:20]] if kind in {"", "statuses"} else [],
            "hashtags": [],
        }

    def _shown(self, call: Call) -> Callable[[Status], dict[str, Any]]:
        return lambda row: shape.status(self._state, row, inside=call.inside)

    def _paged(
        self, call: Call, rows: Sequence[Row], show: Callable[[Row], dict[str, Any]], usual: int, most: int
    ) -> Response:
        query = call.request.query
        page = _page(rows, query, max(1, min(int(query.get("limit", str(usual))), most)))
        headers = {}
        if page:
            here = f"{self._state.addresses.base}{call.request.path}"
            kept = [
                (f"{name}[]" if name in _LISTS else name, value)
                for name, value in query.pairs
                if name not in {"max_id", "min_id", "since_id"}
            ]
            older, newer = urlencode([*kept, ("max_id", page[-1].id)]), urlencode([*kept, ("min_id", page[0].id)])
            headers["Link"] = f'<{here}?{older}>; rel="next", <{here}?{newer}>; rel="prev"'
        return json_answer([show(row) for row in page], headers=headers)


Found = TypeVar("Found")


def _found(row: Found | None) -> Found:
    if row is None:
        raise Refused(404, "Record not found")
    return row


def _seen(status: Status, call: Call) -> bool:
    return call.inside or status.visibility in {"public", "unlisted"}


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
