"""Who waits at the server's door: replies that need my approval (GoToSocial), people whom my own policy keeps back.

API: docs.joinmastodon.org/methods/notifications (requests, 4.3), docs.gotosocial.org (interaction requests, 0.17)
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

from community.errors import Garbled, Rejected
from community.sources.base import Act, Incoming, ItemStatus, Outgoing, Sent
from community.sources.fields import Misshapen, child, identifier, optional_identifier, string
from community.sources.mastodon_http import Server, object_of
from community.sources.mastodon_parse import Here, item_of
from community.text import clean_line

ACTS: Final = frozenset({Act.APPROVE, Act.TRASH})
NOBODY: Final = "Only what waits for your approval on the server can be approved or turned away."


@dataclass(frozen=True, slots=True)
class Door:
    """Where a family of servers lists what waits, what of a row was written, and what letting in and out is called."""

    path: str
    query: tuple[tuple[str, str], ...]
    words: str
    verbs: Mapping[Act, str]


_DOORS: Final = {
    "gotosocial": Door(
        "/api/v1/interaction_requests",
        (("favourites", "false"), ("reblogs", "false"), ("limit", "40")),
        "reply",
        {Act.APPROVE: "authorize", Act.TRASH: "reject"},
    ),
    "mastodon": Door(
        "/api/v1/notifications/requests",
        (("limit", "40"),),
        "last_status",
        {Act.APPROVE: "accept", Act.TRASH: "dismiss"},
    ),
}


def door_of(options: Mapping[str, str]) -> Door | None:
    """The door of a server; None where none is known."""
    return _DOORS.get(options.get("software", ""))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits by its id, as items that wait for approval; the statuses they are, and how many cannot be read."""

    items: Mapping[str, Incoming] = field(default_factory=dict)
    statuses: Sequence[dict[str, Any]] = ()
    refused: int = 0

    def among(self, items: Iterable[Incoming], *, wanted: Callable[[str], bool] = lambda _id: True) -> list[Incoming]:
        """Items with what is `wanted` of this: it waits wherever else it shows, in the thread that is known of it."""
        known = list(items)
        threads = {item.remote_id: item.thread for item in known}
        kept = [item for item in known if item.remote_id not in self.items]
        return kept + [each._replace(thread=threads.get(key)) for key, each in self.items.items() if wanted(key)]


async def who_waits(server: Server, door: Door, here: Here) -> Waiting:
    """What waits there.

    Nothing where the server has no such list, or does not show it to this login.
    """
    try:
        answer = await server.find(door.path, door.query)
    except (Rejected, Garbled):
        return Waiting()
    found: dict[str, Incoming] = {}
    statuses: list[dict[str, Any]] = []
    refused = 0
    for row in answer if isinstance(answer, list) else []:
        status = child(row, door.words) if isinstance(row, dict) else {}
        if not status:
            continue  # they have only liked something, or what they wrote is gone
        try:
            item = item_of(status, here, thread=None, parent=child(row, "status") or None)
            extra = {**item.extra, "request": identifier(row, "id")}
        except Misshapen:
            refused += 1
            continue
        statuses.append(status)
        found[item.remote_id] = item._replace(status=ItemStatus.PENDING, to_me=True, extra=extra)
    return Waiting(found, statuses, refused)


def request_of(outgoing: Outgoing) -> dict[str, object]:
    """What is frozen of letting somebody in or turning them away. Raises `Rejected` where nobody waits."""
    request = outgoing.target.extra.get("request", "")
    if not request:
        raise Rejected(NOBODY)
    return {"request": request}


async def decide(server: Server, door: Door, outgoing: Outgoing) -> Sent:
    """Let in or turn away. Raises `Garbled` when the server does not say that it is done."""
    try:
        done = object_of(await server.post(f"{_place(door, outgoing)}/{door.verbs[outgoing.act]}", {}, is_proof=True))
    except Rejected as refusal:
        if refusal.status == 404 and door.words != "reply":  # such a server forgets a request once it is answered
            return Sent(
                outgoing.target.remote_id, outgoing.target.permalink, note=clean_line("It was answered already.")
            )
        raise
    if door.words == "reply" and not _is_decided(done, outgoing.act):
        raise Garbled("The server answered, but does not say that it is done: look whether it is.")
    return Sent(outgoing.target.remote_id, outgoing.target.permalink)


async def decided(server: Server, door: Door, outgoing: Outgoing) -> list[Sent]:
    """Whether it is done already; a request that is not there any more was answered one way or the other."""
    row = await server.find(_place(door, outgoing))
    there = isinstance(row, dict) and _is_decided(row, outgoing.act) if door.words == "reply" else row is None
    return [Sent(outgoing.target.remote_id, outgoing.target.permalink)] if there else []


def _place(door: Door, outgoing: Outgoing) -> str:
    return f"{door.path}/{quote(str(outgoing.body.get('request', '')), safe='')}"


def _is_decided(row: dict[str, Any], act: Act) -> bool:
    moment = "accepted_at" if act is Act.APPROVE else "rejected_at"
    return bool(optional_identifier(row, "id")) and bool(string(row, moment))
