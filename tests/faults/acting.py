"""The faces of platforms where one can act: moderate, like, boost. Each counts what truly took effect."""

import re
from collections import Counter
from collections.abc import Callable
from html import escape
from typing import Any
from urllib.parse import unquote

from community.sources.base import Act
from faults.faces import Bluesky, Call, Face, Fedi, GoToSocial, Isso, Pixelfed, Reply, Site, WordPress, said

Effect = tuple[Act, str]


class Acting(Face):
    """A face that knows acts besides replies."""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.took: Counter[Effect] = Counter()

    def wants(self, act: Act) -> None:
        """Get ready for acts of this kind."""

    def in_force(self, act: Act, remote_id: str) -> bool:
        """Whether this is so on the platform now, shown or not."""
        return self.took[act, remote_id] > 0


class ActingWordPress(Acting, WordPress):
    """Comments that can be moderated."""

    _ACTS = {"approved": Act.APPROVE, "hold": Act.HOLD, "spam": Act.SPAM, "trash": Act.TRASH}  # noqa: RUF012

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.late: dict[int, str] = {}

    def wants(self, act: Act) -> None:
        for row in self.rows:
            row["status"] = "hold" if act is Act.APPROVE else "approved"

    def is_send(self, call: Call) -> bool:
        return call.method in {"POST", "DELETE"} and call.path.startswith("/wp-json/wp/v2/comments/")

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        row = next(each for each in self.rows if each["id"] == int(call.path.rpartition("/")[2]))
        wanted = "trash" if call.method == "DELETE" else call.json["status"]
        if self.late.get(row["id"], row["status"]) == wanted == "trash":
            return said({"code": "rest_already_trashed"}, 410)
        if self.late.get(row["id"], row["status"]) != wanted:
            self.took[self._ACTS[wanted], str(row["id"])] += 1
        if hidden:
            self.late[row["id"]] = wanted
        else:
            row["status"] = wanted
        return said(row | {"status": wanted})

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return said({"code": "rest_already_trashed"}, 410) if call.method == "DELETE" else reply

    def show(self) -> None:
        for row in self.rows:
            row["status"] = self.late.pop(row["id"], row["status"])


class ActingIsso(Acting, Isso):
    """Comments with the moderator's pages."""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.late: dict[int, str] = {}

    @property
    def site(self) -> Site:
        return Site("isso", "Maria <maria@mail.example>", "open sesame", {"site": self.base, "latest": "1"})

    def wants(self, act: Act) -> None:
        for row in self.rows:
            row["mode"] = 2 if act is Act.APPROVE else 1

    def is_send(self, call: Call) -> bool:
        return call.method == "POST" and call.path.startswith("/id/")

    def read(self, call: Call) -> Reply:
        if call.path == "/login/":
            return Reply(200, b"", {"Set-Cookie": "admin-session=abc; Path=/"})
        if call.path == "/admin/":
            asked = call.asked
            number = unquote(asked.get("comment_search_url", "")).rpartition("#isso-")[2]
            rows = [row for row in self.rows if (str(row["id"]) == number if number else
                    str(row["mode"]) == asked.get("mode") and asked.get("page") == "0")]  # fmt: skip
            page = '<html><body id="isso-root">' + "".join(map(self._box, rows)) + "</body></html>"
            return Reply(200, page.encode(), {"Content-Type": "text/html"})
        return super().read(call)

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        _, _, number, action, _ = call.path.split("/")
        row = next((each for each in self.rows if str(each["id"]) == number), None)
        if row is None or row["id"] in self.late:
            return Reply(404, b"<p>gone</p>")
        act = Act.APPROVE if action == "activate" else Act.TRASH
        if act is Act.TRASH or row["mode"] != 1:
            self.took[act, number] += 1
        if hidden:
            self.late[int(number)] = action
        else:
            self._do(row, action)
        return Reply(200, b"Yo")

    def _do(self, row: dict[str, Any], action: str) -> None:
        if action == "activate":
            row["mode"] = 1
        else:
            self.rows.remove(row)

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return Reply(404, b"<p>gone</p>") if "/delete/" in call.path else reply

    def show(self) -> None:
        for row in [each for each in self.rows if each["id"] in self.late]:
            self._do(row, self.late.pop(row["id"]))

    def in_force(self, act: Act, remote_id: str) -> bool:
        return super().in_force(Act.TRASH if act is Act.SPAM else act, remote_id)

    def _box(self, row: dict[str, Any]) -> str:
        number = row["id"]
        return (
            f'<div class="isso-comment" id="isso-{number}"><div class="isso-comment-header">'
            f'Thread: A page (<a href="/page/">/page/</a>)</div><div id="isso-author-{number}">{row["author"]}</div>'
            f'<div id="isso-text-{number}">{escape(row["plain"])}</div>'
            f"<a class=\"delete\" onClick=\"javascript:moderate({number}, 'KEY{number}', 'delete')\">Delete</a></div>"
        )


class _Touching(Acting, Fedi):
    """Statuses that can be liked and boosted."""

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.unseen: dict[str, set[str]] = {}

    def is_send(self, call: Call) -> bool:
        return call.method == "POST" and bool(re.search(r"/(favourite|reblog)$", call.path))

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        id_, verb = call.path.split("/")[-2:]
        act, field = (Act.LIKE, "favourited") if verb == "favourite" else (Act.BOOST, "reblogged")
        if not self.in_force(act, id_):
            self.took[act, id_] += 1
        reply = super().act(call)
        if hidden:
            self.server.statuses[id_][field] = False
            self.unseen.setdefault(id_, set()).add(field)
        return reply

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return reply

    def show(self) -> None:
        for id_, fields in self.unseen.items():
            for field in fields:
                self.server.statuses[id_][field] = True


class ActingMastodon(_Touching):
    """Mastodon."""


class ActingGoToSocial(_Touching, GoToSocial):
    """GoToSocial."""


class ActingPixelfed(_Touching, Pixelfed):
    """Pixelfed."""


class _AtTheDoor(Acting, Fedi):
    """People who wait at the door of a server: let in or turned away, once."""

    _ACTS = {  # noqa: RUF012
        "accept": Act.APPROVE, "authorize": Act.APPROVE, "dismiss": Act.TRASH, "reject": Act.TRASH
    }  # fmt: skip

    def __init__(self, now: Callable[[], int], waiting: int) -> None:
        super().__init__(now, waiting)
        self.late: list[Call] = []
        self.server.notes.clear()
        for id_, row in self.server.statuses.items():
            words = {"reply": row, "status": None} if self.software == "gotosocial" else {"last_status": row}
            self.server.door[id_] = {"id": id_, "account": row["account"], **words}

    def is_send(self, call: Call) -> bool:
        return call.method == "POST" and call.path.rpartition("/")[2] in self._ACTS

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        id_, verb = call.path.split("/")[-2:]
        if not any(self.in_force(act, id_) for act in (Act.APPROVE, Act.TRASH)):
            self.took[self._ACTS[verb], id_] += 1
        if not hidden:
            return super().act(call)
        self.late.append(call)
        return said({})

    def show(self) -> None:
        late, self.late = self.late, []
        for call in late:
            super().act(call)

    def as_repeated(self, call: Call, reply: Reply) -> Reply:
        return said({"error": "Record not found"}, 404) if self.software == "mastodon" else reply


class DoorOfMastodon(_AtTheDoor):
    """Mastodon, which forgets a request once it is answered."""


class DoorOfGoToSocial(_AtTheDoor, GoToSocial):
    """GoToSocial, which keeps requests with what became of them."""


class ActingBluesky(Acting, Bluesky):
    """Posts that can be liked and reposted; every record counts."""

    def act(self, call: Call, *, rewritten: bool = False, hidden: bool = False, held: bool = False) -> Reply:
        body = call.json
        known = set(self.records)
        reply = super().act(call, hidden=hidden)
        if set(self.records) - known:
            act = Act.LIKE if body["collection"].endswith(".like") else Act.BOOST
            self.took[act, body["record"]["subject"]["uri"]] += 1
        return reply


ACTING: dict[str, tuple[Callable[[Callable[[], int], int], Acting], tuple[Act, ...]]] = {
    "wordpress": (ActingWordPress, (Act.APPROVE, Act.HOLD, Act.SPAM, Act.TRASH)),
    "isso": (ActingIsso, (Act.APPROVE, Act.TRASH)),
    "mastodon": (ActingMastodon, (Act.LIKE, Act.BOOST)),
    "gotosocial": (ActingGoToSocial, (Act.LIKE, Act.BOOST)),
    "pixelfed": (ActingPixelfed, (Act.LIKE, Act.BOOST)),
    "door of mastodon": (DoorOfMastodon, (Act.APPROVE, Act.TRASH)),
    "door of gotosocial": (DoorOfGoToSocial, (Act.APPROVE, Act.TRASH)),
    "bluesky": (ActingBluesky, (Act.LIKE, Act.BOOST)),
}
"""How each kind of source is acted on."""
