"""The faces of a platform: enough of WordPress, Isso, the Mastodon API and AT Protocol to read, answer and look."""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html import escape
from typing import Any

from fediverse_server import BO, INSTANCES, ME, MY_ACCOUNT, Asked, Fediverse, note, status

DID_ME = "did:plc:" + "a" * 24
DID_BO = "did:plc:" + "b" * 24
POST = "app.bsky.feed.post"
KEPT_S = 3600
"""How long a key is remembered."""


@dataclass
class Call:
    """One request that came in."""

    method: str
    path: str
    query: list[tuple[str, str]]
    headers: dict[str, str]
    body: bytes

    @property
    def asked(self) -> dict[str, str]:
        """The query by name."""
        return dict(self.query)

    @property
    def json(self) -> Any:
        """The body."""
        return json.loads(self.body or b"null")


@dataclass
class Reply:
    """One answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Site:
    """How a workspace listens to a face: what `Found` and a login need."""

    kind: str
    account: str
    secret: str
    options: dict[str, str]


def said(body: object, code: int = 200, **headers: str) -> Reply:
    """An answer in JSON."""
    return Reply(code, json.dumps(body).encode(), {name.replace("_", "-"): value for name, value in headers.items()})


def iso(at: int) -> str:
    """A moment in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def prettified(text: str) -> str:
    """What blog programs make of quotes, dashes and dots."""
    text = re.sub(r'"([^"]*)"', "“\\1”", text).replace("'", "’").replace("...", "…")
    return text.replace(" -- ", " – ")


def linked(html: str, *, short: bool = False) -> str:
    """Addresses as links; `short` shows only their beginning, as the Mastodon API does."""

    def link(found: re.Match[str]) -> str:
        url = found[0]
        shown = url
        if short:
            bare = url.partition("://")[2]
            shown = (
                f'<span class="invisible">https://</span><span class="ellipsis">{bare[:12]}</span>'
                f'<span class="invisible">{bare[12:]}</span>'
            )
        return f'<a href="{url}" rel="nofollow ugc">{shown}</a>'

    return re.sub(r"https://[^\s<]+", link, html)


class Face(ABC):
    """What a platform says and does. `waiting` people wrote an hour before `now`."""

    base = ""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        self.now = now
        self.waiting = waiting

    @property
    @abstractmethod
    def site(self) -> Site:
        """How it is added."""

    @abstractmethod
    def is_send(self, call: Call) -> bool:
        """Whether a call is meant to publish something."""

    @abstractmethod
    def read(self, call: Call) -> Reply:
        """The answer to anything else."""

    @abstractmethod
    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        """Publish, as the platform does it: its own guards against doubles are at work."""

    @abstractmethod
    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        """What it answers when the same was asked for before."""

    @abstractmethod
    def as_held(self, reply: Reply) -> Reply:
        """What it answers when somebody has to approve first."""

    @abstractmethod
    def show(self) -> None:
        """Show what was hidden."""

    @abstractmethod
    def effects(self, words: str) -> list[str]:
        """The ids of everything that holds `words`."""


class WordPress(Face):
    """Comments of one site, whose owner I am."""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.rows = [
            self.row(number, 0, 0, f"Ann {number}", f"Question {number}?", now() - 3600)
            for number in range(1, waiting + 1)
        ]
        self.hidden: set[int] = set()

    @property
    def site(self) -> Site:
        return Site("wordpress", "maria", "maria:abcdefgh", {"api": f"{self.base}/wp-json/"})

    def is_send(self, call: Call) -> bool:
        return call.method == "POST" and call.path == "/wp-json/wp/v2/comments"

    def read(self, call: Call) -> Reply:
        steps = call.path.removeprefix("/wp-json").strip("/").split("/")
        shown = [row for row in self.rows if row["id"] not in self.hidden]
        match steps:
            case [""]:
                return said({"name": "Blog", "home": self.base, "namespaces": ["wp/v2"]})
            case ["wp", "v2", "users", "me"]:
                return said({"id": 1, "username": "maria", "capabilities": {"moderate_comments": True}})
            case ["wp", "v2", "comments"]:
                return self._list(call.asked, shown)
            case ["wp", "v2", "comments", number]:
                found = [row for row in shown if str(row["id"]) == number]
                return said(found[0]) if found else said({"code": "rest_comment_invalid_id"}, 404)
            case ["wp", "v2", "posts"]:
                return said([{"id": 7, "title": {"rendered": "A post"}, "link": f"{self.base}/post/"}])
        return said({"code": "rest_no_route"}, 404)

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        body = call.json
        same = [row for row in self.rows if row["author"] == 1 and row["content"]["raw"] == body["content"]]
        if any(row["parent"] == body["parent"] for row in same):
            return self.as_repeated(call, said({}))
        made = self.row(len(self.rows) + 1, body["parent"], 1, "Maria", body["content"], self.now())
        if rewritten:
            shown = linked(prettified(body["content"]))
            made["content"] = {"raw": shown, "rendered": f"<p>{shown}</p>\n"}
        if held:
            made["status"] = "hold"
        if hidden:
            self.hidden.add(made["id"])
        self.rows.append(made)
        return said(made, 201)

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return said({"code": "comment_duplicate", "message": "Duplicate comment detected"}, 409)

    def as_held(self, reply: Reply) -> Reply:
        return reply

    def show(self) -> None:
        self.hidden.clear()

    def effects(self, words: str) -> list[str]:
        return [str(row["id"]) for row in self.rows if row["author"] == 1 and words in row["content"]["raw"]]

    def _list(self, asked: dict[str, str], rows: list[dict[str, Any]]) -> Reply:
        wanted = asked.get("status", "approve")
        states = {"all": ("approved", "hold"), "any": ("approved", "hold", "spam", "trash"), "approve": ("approved",)}
        rows = [row for row in rows if row["status"] in states.get(wanted, (wanted,))]
        for key in ("post", "parent", "author"):
            rows = [row for row in rows if key not in asked or str(row[key]) in asked[key].split(",")]
        if "include" in asked:
            rows = [row for row in rows if str(row["id"]) in asked["include"].split(",")]
        rows = sorted(rows, key=lambda row: int(row["id"]), reverse=asked.get("order") == "desc")
        start, size = int(asked.get("offset", 0)), int(asked.get("per_page", 10))
        return said(rows[start : start + size], x_wp_total=str(len(rows)))

    def row(self, number: int, parent: int, author: int, name: str, text: str, at: int) -> dict[str, Any]:
        return {
            "id": number,
            "post": 7,
            "parent": parent,
            "author": author,
            "author_name": name,
            "author_url": "",
            "author_email": "",
            "author_ip": "127.0.0.1",
            "author_user_agent": "",
            "date_gmt": iso(at)[:-5],
            "content": {"raw": text, "rendered": f"<p>{text}</p>\n"},
            "link": f"{self.base}/post/#comment-{number}",
            "status": "approved",
            "type": "comment",
        }


class Isso(Face):
    """Comments under one page; anybody may sign."""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.rows = [self.row(number, None, f"Ann {number}", f"Question {number}?", now() - 3600, "ann")
                     for number in range(1, waiting + 1)]  # fmt: skip
        self.hidden: set[int] = set()

    @property
    def site(self) -> Site:
        return Site("isso", "Maria <maria@mail.example>", "", {"site": self.base, "latest": "1"})

    def is_send(self, call: Call) -> bool:
        return call.method == "POST" and call.path == "/new"

    def read(self, call: Call) -> Reply:
        shown = [row for row in self.rows if row["id"] not in self.hidden and row["mode"] == 1]
        match call.path:
            case "/info":
                return said({"version": "0.14", "origin": self.base, "moderation": False})
            case "/latest":
                return said([row | {"uri": "/page/"} for row in shown])
            case "/":
                tops = [row | {"replies": [each for each in shown if each["parent"] == row["id"]]}
                        for row in shown if row["parent"] is None]  # fmt: skip
                return said({"id": None, "total_replies": len(tops), "hidden_replies": 0, "replies": tops})
        return said({}, 404)

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        body = call.json
        made = self.row(len(self.rows) + 1, body["parent"], body["author"], body["text"], self.now(), "me")
        if rewritten:
            plain = escape(made["plain"].replace("\\<", "<"), quote=False)
            made["text"] = f"<p>{linked(prettified(plain))}</p>"
        made["mode"] = 2 if held else 1
        if hidden:
            self.hidden.add(made["id"])
        self.rows.append(made)
        return said(made, 202 if held else 201)

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return Reply(403, b"<p>/new: ratelimit exceeded (2, 60)</p>", {"Content-Type": "text/html"})

    def as_held(self, reply: Reply) -> Reply:
        return reply

    def show(self) -> None:
        self.hidden.clear()

    def effects(self, words: str) -> list[str]:
        return [str(row["id"]) for row in self.rows if row["author"] == "Maria" and words in row["plain"]]

    def row(self, number: int, parent: int | None, name: str, text: str, at: int, by: str) -> dict[str, Any]:
        return {
            "id": number,
            "parent": parent,
            "created": float(at),
            "modified": None,
            "mode": 1,
            "text": f"<p>{escape(text, quote=False)}</p>",
            "plain": text,
            "author": name,
            "website": None,
            "hash": {"ann": "0" * 11 + "1", "me": "0" * 11 + "2"}[by],
            "likes": 0,
            "dislikes": 0,
        }


class _Server(Fediverse):
    """The Mastodon API with the time of a test, and effects that can be hidden."""

    def __init__(self, software: str, now: Callable[[], int]) -> None:
        super().__init__(software=software)
        self.now = now
        self.late: dict[str, dict[str, Any]] = {}
        self.posted_at: dict[str, int] = {}
        self.rewritten = self.hides = False

    def _post(self, asked: Asked) -> Any:
        key = asked.headers.get("idempotency-key", "")
        if key in self.keys and self.now() - self.posted_at[key] > KEPT_S:
            del self.keys[key]
        if key in self.keys and self.software == "mastodon":
            return (self.statuses | self.late)[self.keys[key]]
        if key in self.keys and self.software == "pixelfed":
            return 400, {"error": "Duplicate idempotency key."}
        body = asked.body
        assert len(body["status"]) <= INSTANCES[self.software][1]["max_characters"]
        id_ = str(90_000 + len(self.statuses) + len(self.late))
        text = escape(body["status"], quote=False)
        text = linked(prettified(text), short=True) if self.rewritten else text
        shown = re.sub(r"@([\w.]+)@[\w.]+", r"<span>@<a>\1</a></span>", text).replace("\n", "<br>")
        to, more = body.get("in_reply_to_id"), {"visibility": body["visibility"], "created_at": iso(self.now())}
        made = status(id_, MY_ACCOUNT, shown, to=to, **more)
        if self.hides:
            self.late[id_] = made
        else:
            self.add(made)
        self.keys[key], self.posted_at[key] = id_, self.now()
        return made


class Fedi(Face):
    """A server that speaks the Mastodon API; subclasses say which."""

    software = "mastodon"

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.server = _Server(self.software, now)
        for number in range(1, waiting + 1):
            row = status(str(100 + number), BO, f"@me Question {number}?", names=[MY_ACCOUNT],
                         created_at=iso(now() - 3600))  # fmt: skip
            self.server.add(row)
            self.server.notes.append(note(str(number), "mention", BO, row) | {"created_at": iso(now() - 3600)})

    @property
    def site(self) -> Site:
        return Site("mastodon", "@me@m.example", "a-token", {})

    def is_send(self, call: Call) -> bool:
        return call.method == "POST" and call.path == "/api/v1/statuses"

    def read(self, call: Call) -> Reply:
        self.server.base = self.base
        code, raw, headers = self.server.answer(self._asked(call))
        return Reply(code, raw, headers)

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        self.server.rewritten, self.server.hides = rewritten, hidden
        return self.read(call)

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        if self.software == "pixelfed":
            return said({"error": "Duplicate idempotency key."}, 400)
        return reply if self.software == "mastodon" else said({"error": "Conflict"}, 409)

    def as_held(self, reply: Reply) -> Reply:
        return Reply(202, reply.body)

    def show(self) -> None:
        late, self.server.late = self.server.late, {}
        self.server.add(*late.values())

    def effects(self, words: str) -> list[str]:
        rows = self.server.statuses | self.server.late
        return [id_ for id_, row in rows.items() if row["account"]["id"] == ME and words in row["content"]]

    def _asked(self, call: Call) -> Asked:
        return Asked(call.method, call.path, call.query, call.json, call.headers)


class GoToSocial(Fedi):
    """A server that ignores the key."""

    software = "gotosocial"


class Pixelfed(Fedi):
    """A server that refuses a repeated key."""

    software = "pixelfed"


class Bluesky(Face):
    """A personal data server with one account."""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.access, self.refresh = "access", "refresh"
        self.posts: dict[str, dict[str, Any]] = {}
        self.records: dict[str, dict[str, Any]] = {}
        self.hidden: set[str] = set()
        for number in range(1, waiting + 1):
            name = f"{number:011d}".translate(str.maketrans("0123456789", "abcdefghij"))
            uri = f"at://{DID_BO}/{POST}/3k{name}"
            text, at = "Hello @me.example", iso(now() - 3600 + number)
            to_me = {"index": {"byteStart": 6, "byteEnd": 17}, "features": [
                {"$type": "app.bsky.richtext.facet#mention", "did": DID_ME}]}  # fmt: skip
            record = {"$type": POST, "text": text, "createdAt": at, "facets": [to_me]}
            self.posts[uri] = {
                "uri": uri, "cid": f"cid{number}", "record": record, "indexedAt": at, "replyCount": 0,
                "author": {"did": DID_BO, "handle": "bo.example", "displayName": "Bo"},
            }  # fmt: skip

    @property
    def site(self) -> Site:
        return Site("bluesky", "@me.example", "pass-word", {})

    def is_send(self, call: Call) -> bool:
        return call.path.endswith(("createRecord", "putRecord"))

    def read(self, call: Call) -> Reply:
        asked = call.asked
        match call.path.rpartition(".")[2]:
            case "createSession" | "refreshSession":
                return said(
                    {"did": DID_ME, "handle": "me.example", "accessJwt": self.access, "refreshJwt": self.refresh}
                )
            case "getSession" | "getProfile":
                return said({"did": DID_ME, "handle": "me.example"})
            case "listNotifications":
                rows = [{**row, "reason": "mention", "isRead": False} for row in self.posts.values()]
                return said({"notifications": rows[::-1]})
            case "getAuthorFeed":
                return said({"feed": []})
            case "getPosts":
                return said({"posts": [self.posts[each] for _, each in call.query if each in self.posts]})
            case "getPostThread" if asked["uri"] in self.posts:
                node = {"$type": "app.bsky.feed.defs#threadViewPost", "post": self.posts[asked["uri"]], "replies": []}
                return said({"thread": node})
            case "getRecord":
                name = f"at://{asked['repo']}/{asked['collection']}/{asked['rkey']}"
                if name not in self.records or name in self.hidden:
                    return said({"error": "RecordNotFound", "message": "Could not locate record"}, 400)
                return said({"uri": name, "cid": "cidmine", "value": self.records[name]})
        return said({"error": "NotFound"}, 400)

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        body = call.json
        name = f"at://{body['repo']}/{body['collection']}/{body['rkey']}"
        if name in self.records and call.path.endswith("createRecord"):
            return self.as_repeated(call, said({}))
        self.records[name] = body["record"]
        if hidden:
            self.hidden.add(name)
        return said({"uri": name, "cid": "cidmine", "validationStatus": "valid"})

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return said({"error": "InternalServerError", "message": "Internal Server Error"}, 500)

    def as_held(self, reply: Reply) -> Reply:
        return Reply(202, reply.body)

    def show(self) -> None:
        self.hidden.clear()

    def effects(self, words: str) -> list[str]:
        return [name for name, record in self.records.items() if words in record["text"]]


FACES: dict[str, Callable[[Callable[[], int], int], Face]] = {
    "wordpress": WordPress,
    "isso": Isso,
    "mastodon": Fedi,
    "gotosocial": GoToSocial,
    "pixelfed": Pixelfed,
    "bluesky": Bluesky,
}
