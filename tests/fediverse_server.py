"""A small server with the Mastodon API on loopback, whose history and faults a test decides."""

import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qsl, urlsplit

ME = "5"


def stamp(at: int) -> str:
    """A moment as the API writes it; counted in minutes from some morning."""
    return f"2026-03-01T{at // 60 % 24:02}:{at % 60:02}:00.000Z"


def account(name: str, id_: str, home: str = "", **more: Any) -> dict[str, Any]:
    """Somebody's account; without a `home` they live on this server."""
    place = home or "m.example"
    return {
        "id": id_,
        "username": name,
        "acct": f"{name}@{home}" if home else name,
        "display_name": name.title(),
        "url": f"https://{place}/@{name}",
        "uri": f"https://{place}/users/{name}",
        "avatar": "https://m.example/a.png",
        "avatar_static": "https://m.example/a.png",
        "header": "https://m.example/h.png",
        "header_static": "https://m.example/h.png",
        "note": "<p>hi</p>",
        "bot": False,
        "group": False,
        "locked": False,
        "indexable": True,
        "created_at": "2020-01-01T00:00:00.000Z",
        "followers_count": 1,
        "following_count": 1,
        "statuses_count": 1,
        "emojis": [],
        "fields": [],
    } | more


MY_ACCOUNT = account("me", ME)
BO = account("bo", "77", "rock.example")
ANN = account("ann", "78")


def mention(who: dict[str, Any]) -> dict[str, str]:
    """The short form of an account in a list of mentions."""
    return {key: who[key] for key in ("id", "username", "url", "acct")}


def status(id_: str, by: dict[str, Any], html: str, at: int = 1, **more: Any) -> dict[str, Any]:
    """One status; `to` is the id it answers, `names` whom it mentions."""
    to, names = more.pop("to", None), more.pop("names", [])
    return {
        "id": id_,
        "uri": f"https://rock.example/users/{by['username']}/statuses/{id_}",
        "url": f"https://rock.example/@{by['username']}/{id_}",
        "created_at": stamp(at),
        "edited_at": None,
        "in_reply_to_id": to,
        "in_reply_to_account_id": None,
        "sensitive": False,
        "spoiler_text": "",
        "visibility": "public",
        "language": "en",
        "replies_count": 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "favourited": False,
        "reblogged": False,
        "bookmarked": False,
        "muted": False,
        "content": f"<p>{html}</p>",
        "reblog": None,
        "account": by,
        "media_attachments": [],
        "mentions": [mention(who) for who in names],
        "tags": [],
        "emojis": [],
        "card": None,
        "poll": None,
        "filtered": [],
    } | more


def note(id_: str, kind: str, by: dict[str, Any], about: dict[str, Any] | None = None, at: int = 1) -> dict[str, Any]:
    """One notification."""
    whole = {"id": id_, "type": kind, "created_at": stamp(at), "group_key": f"ungrouped-{id_}", "account": by}
    return whole | ({"status": about} if about is not None else {})


INSTANCES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "mastodon": (
        {"version": "4.4.8", "api_versions": {"mastodon": 6}, "source_url": "https://github.com/mastodon/mastodon"},
        {"max_characters": 500, "characters_reserved_per_url": 23},
    ),
    "gotosocial": ({"version": "0.20.0"}, {"max_characters": 5000, "characters_reserved_per_url": 25}),
    "pixelfed": ({"version": "3.5.3 (compatible; Pixelfed 0.12.5)"}, {"max_characters": 500}),
}


@dataclass
class Asked:
    """One request that came in."""

    method: str
    path: str
    query: list[tuple[str, str]]
    body: Any
    headers: dict[str, str]


@dataclass
class Fediverse:
    """The server's memory. `page` is the most it gives at once; `traps` answer instead of it, the first that fits."""

    software: str = "mastodon"
    page: int = 40
    deaf_to: frozenset[str] = frozenset()
    statuses: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: list[dict[str, Any]] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    traps: list[tuple[str, int, bytes, dict[str, str]]] = field(default_factory=list)
    keys: dict[str, str] = field(default_factory=dict)
    door: dict[str, dict[str, Any]] = field(default_factory=dict)
    base: str = ""

    def add(self, *rows: dict[str, Any]) -> None:
        """Keep statuses, and count them as replies to their parents."""
        for row in rows:
            self.statuses[row["id"]] = row
            if row["in_reply_to_id"] in self.statuses:
                self.statuses[row["in_reply_to_id"]]["replies_count"] += 1

    def trap(self, path: str, status_: int, body: object = None, **headers: str) -> None:
        """Answer whatever matches `path` with this from now on."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.traps.append((path, status_, raw, {name.replace("_", "-"): value for name, value in headers.items()}))

    def count(self, path: str) -> int:
        """How often something matching `path` was asked for."""
        return sum(re.fullmatch(path, each.path) is not None for each in self.asked)

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        """What is sent back."""
        self.asked.append(asked)
        for path, status_, raw, headers in self.traps:
            if re.fullmatch(path, asked.path):
                return status_, raw, headers
        found = self._found(asked)
        status_, body = found if isinstance(found, tuple) else (200, found)
        return status_, json.dumps(body).encode(), {}

    def _found(self, asked: Asked) -> Any:
        parts = asked.path.strip("/").split("/")
        match (asked.method, *parts):
            case ("GET", "api", "v2", "instance"):
                about, limits = INSTANCES[self.software]
                return about | {"domain": "m.example", "configuration": {"statuses": limits}}
            case ("GET", ".well-known", "nodeinfo"):
                return {"links": [{"rel": "nodeinfo", "href": f"{self.base}/nodeinfo/2.0"}]}
            case ("GET", "nodeinfo", "2.0"):
                return {"software": {"name": self.software, "version": INSTANCES[self.software][0]["version"]}}
            case ("GET", "api", "v1", "accounts", "verify_credentials"):
                return MY_ACCOUNT
            case ("GET", "api", "v1", "notifications"):
                return self._page(asked, sorted(self.notes, key=lambda row: (len(row["id"]), row["id"]), reverse=True))
            case ("GET", "api", "v1", "accounts", _, "statuses"):
                mine = [row for row in self.statuses.values() if row["account"]["id"] == ME]
                return self._page(asked, sorted(mine, key=lambda row: (len(row["id"]), row["id"]), reverse=True))
            case (method, "api", "v1", "notifications" | "interaction_requests", *rest) if self._is_door(parts[2:4]):
                return self._at_the_door(method, [each for each in rest if each != "requests"])
            case ("POST", "api", "v1", "statuses"):
                return self._post(asked)
            case (_, "api", "v1", "statuses", id_, *rest) if id_ in self.statuses:
                return self._about(self.statuses[id_], rest[0] if rest else "")
        return 404, {"error": "Record not found"}

    def _is_door(self, parts: list[str]) -> bool:
        """Whether this is where a server of this kind keeps those who wait."""
        wanted = {"mastodon": ["notifications", "requests"], "gotosocial": ["interaction_requests"]}
        door = wanted.get(self.software, [""])
        return parts[: len(door)] == door

    def _at_the_door(self, method: str, rest: list[str]) -> Any:
        """Those who wait, one of them, or what becomes of one: Mastodon forgets a request that was answered."""
        if not rest:
            return [row for row in self.door.values() if not {"accepted_at", "rejected_at"} & row.keys()]
        if rest[0] not in self.door:
            return 404, {"error": "Record not found"}
        if method == "GET":
            return self.door[rest[0]]
        if self.software == "mastodon":
            del self.door[rest[0]]
            return {}
        self.door[rest[0]]["accepted_at" if rest[1] == "authorize" else "rejected_at"] = stamp(40)
        return self.door[rest[0]]

    def _about(self, row: dict[str, Any], what: str) -> Any:
        match what:
            case "context":
                return {"ancestors": self._above(row), "descendants": self._below(row)}
            case "favourite" | "reblog":
                row[f"{what}{'d' if what == 'favourite' else 'ged'}"] = True
                return row
        return row

    def _above(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        while (parent := self.statuses.get(row["in_reply_to_id"] or "")) is not None:
            found.insert(0, parent)
            row = parent
        return found

    def _below(self, row: dict[str, Any]) -> list[dict[str, Any]]:
        replies = [each for each in self.statuses.values() if each["in_reply_to_id"] == row["id"]]
        return [each for reply in replies for each in (reply, *self._below(reply))]

    def _page(self, asked: Asked, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        query = {name: value for name, value in asked.query if name not in self.deaf_to}

        def order(id_: str) -> tuple[int, str]:
            return len(id_), id_

        limit = min(self.page, int(query.get("limit", 40)))
        if "max_id" in query:
            rows = [row for row in rows if order(row["id"]) < order(query["max_id"])]
        if "min_id" in query:
            return [row for row in rows if order(row["id"]) > order(query["min_id"])][-limit:]
        return rows[:limit]

    def _post(self, asked: Asked) -> Any:
        key = asked.headers.get("idempotency-key", "")
        if key in self.keys and self.software == "mastodon":
            return self.statuses[self.keys[key]]
        if key in self.keys and self.software == "pixelfed":
            return 400, {"error": "Duplicate idempotency key."}
        body = asked.body
        if len(body["status"]) > INSTANCES[self.software][1]["max_characters"]:
            return 422, {"error": "Validation failed: Text character limit of 500 exceeded"}
        id_ = str(90_000 + len(self.statuses))
        shown = re.sub(r"@([\w.]+)@[\w.]+", r"<span>@<a>\1</a></span>", body["status"]).replace("\n", "<br>")
        made = status(id_, MY_ACCOUNT, shown, at=30, to=body.get("in_reply_to_id"), visibility=body["visibility"])
        self.add(made)
        self.keys[key] = id_
        return made


class Answering(Protocol):
    """Whatever can answer a request."""

    base: str

    def answer(self, asked: Asked) -> tuple[int, bytes, dict[str, str]]:
        """(status, body, headers)."""


Town = TypeVar("Town", bound=Answering)


class Running(Generic[Town]):
    """A server on a port of its own, for as long as the `with` block lasts."""

    def __init__(self, town: Town) -> None:
        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                parts = urlsplit(self.path)
                size = int(self.headers.get("Content-Length", "0"))
                raw = self.rfile.read(size)
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, parts.path, parse_qsl(parts.query), json.loads(raw or b"null"), headers)
                code, body, more = town.answer(asked)
                self.send_response(code)
                for name, value in ({"Content-Type": "application/json"} | more).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = _serve  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.town = town
        town.base = f"http://127.0.0.1:{self._server.server_address[1]}"

    def __enter__(self) -> Town:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self.town

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
