"""Records of ours on the AT Protocol: made whole before they leave, written under names of our own, found again.

Source: com.atproto.repo.createRecord, putRecord, getRecord; a record that is there answers a second create with 500.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from community.errors import Garbled, NotSupported, Rejected, SourceError
from community.length import remaining
from community.sources.atproto import DID, Session, body_of, error_name
from community.sources.base import Act, LengthRule, Outgoing, Sent
from community.sources.bluesky_parse import POST, Here, item_of, owner, permalink, rkey
from community.sources.fields import Misshapen, child, children, iso, string
from community.sources.http import Answer, raise_for
from community.sources.richtext import MENTION, Span, facets, moment_of, record_key, spans
from community.text import clean_line

LENGTH: Final = LengthRule(limit=300, unit="graphemes", max_bytes=3000)
NO_QUEUE: Final = "Bluesky publishes replies at once: there is nothing to moderate."

_SETTLED_S: Final = 600
_TOUCHES: Final = {Act.LIKE: ("app.bsky.feed.like", "like"), Act.BOOST: ("app.bsky.feed.repost", "repost")}


async def posts(session: Session, uris: Iterable[str]) -> list[dict[str, Any]]:
    """Up to 25 posts as they are now; those that are not there, or not for me to see, are left out."""
    return children(await session.query("app.bsky.feed.getPosts", [("uris", uri) for uri in uris]), "posts")


async def is_gone(session: Session, uri: str, *, now: int) -> bool:
    """Whether a post is deleted: not only unseen by me, and not so new that it may still be on its way."""
    if (moment_of(rkey(uri)) or 0) > now - _SETTLED_S:
        return False
    params = [("repo", owner(uri)), ("collection", POST), ("rkey", rkey(uri))]
    answer = await session.ask("com.atproto.repo.getRecord", params=params)
    return error_name(answer) in ("RecordNotFound", "RepoNotFound")


async def record_of(session: Session, outgoing: Outgoing, *, now: int) -> Mapping[str, object]:
    """The record of an act with its name and collection. Raises `Rejected` for what the network would not take."""
    if outgoing.act is not Act.REPLY and outgoing.act not in _TOUCHES:
        raise NotSupported(NO_QUEUE)
    found = await posts(session, [outgoing.target.remote_id])
    parent = found[0] if found else {}
    subject = {"uri": string(parent, "uri"), "cid": string(parent, "cid")}
    if subject["uri"] != outgoing.target.remote_id or not subject["cid"]:
        raise Rejected("The post is not there any more.", status=404)
    if outgoing.act is Act.REPLY:
        record = await _reply(session, outgoing.text.strip(), parent, subject, now=now)
        return {"collection": POST, "rkey": record_key(outgoing.key, now), "record": record}
    collection, viewer_key = _TOUCHES[outgoing.act]
    touch = {"$type": collection, "subject": subject, "createdAt": iso(now)}
    body: dict[str, object] = {"collection": collection, "rkey": record_key(outgoing.key, now), "record": touch}
    already = string(child(parent, "viewer"), viewer_key)
    return body | ({"already": already} if already else {})


async def write(session: Session, here: Here, account: str, outgoing: Outgoing) -> Sent:
    """Write a frozen record; what is there already, word for word, is the proof that it was written before."""
    body = outgoing.body
    if already := body.get("already"):
        return Sent(str(already), outgoing.target.permalink, note=clean_line("You had done that before."))
    nsid = "com.atproto.repo.createRecord" if outgoing.attempt <= 1 else "com.atproto.repo.putRecord"
    request = {"repo": here.me, **{key: body[key] for key in ("collection", "rkey", "record")}}
    answer = await session.ask(nsid, body=request)
    if answer.status >= 500 or answer.status == 409 or (answer.status == 400 and outgoing.attempt > 1):
        there = await _read_back(session, here, outgoing)
        if there:
            return _sent(here, account, outgoing, there)
    raise_for(answer, wrote=True, forbidden=Rejected)
    made = body_of(answer)
    if not string(made, "uri").startswith("at://"):
        raise Garbled("The server answered, but not with the new record: look whether it is there.")
    return _sent(here, account, outgoing, made)


async def traces(session: Session, here: Here, account: str, outgoing: Outgoing) -> list[Sent]:
    """Our record by its own name, if it is there."""
    if already := outgoing.body.get("already"):
        return [Sent(str(already), outgoing.target.permalink)]
    if "rkey" not in outgoing.body:
        return []
    answer = await _record(session, here, outgoing)
    if error_name(answer) == "RecordNotFound":
        return []
    raise_for(answer, forbidden=Rejected)
    return [_sent(here, account, outgoing, body_of(answer))]


async def _reply(
    session: Session, text: str, parent: dict[str, Any], subject: dict[str, str], *, now: int
) -> dict[str, object]:
    if child(parent, "viewer").get("replyDisabled") is True:
        raise Rejected("Its author does not allow you to reply to this post.")
    if not text:
        raise Rejected("There is nothing to send yet.")
    if (remaining(LENGTH, text) or 0) < 0:
        raise Rejected(f"The reply is longer than the {LENGTH.limit} characters that Bluesky takes.")
    root = child(child(child(parent, "record"), "reply"), "root")
    first = {"uri": string(root, "uri"), "cid": string(root, "cid")}
    reply: dict[str, object] = {
        "$type": POST,
        "text": text,
        "createdAt": iso(now),
        "reply": {"root": first if all(first.values()) else subject, "parent": subject},
    }
    found = spans(text)
    if made := facets(found, await _dids(session, found)):
        reply["facets"] = made
    return reply


async def _dids(session: Session, found: Iterable[Span]) -> dict[str, str]:
    """The DIDs of the handles that a text mentions; a handle that nobody knows is left out."""
    dids: dict[str, str] = {}
    for handle in sorted({span.value for span in found if span.kind == MENTION}):
        try:
            answer = await session.query("com.atproto.identity.resolveHandle", [("handle", handle)])
        except Rejected:
            continue
        if DID.fullmatch(string(answer, "did")):
            dids[handle] = string(answer, "did")
    return dids


async def _record(session: Session, here: Here, outgoing: Outgoing) -> Answer:
    params = [("repo", here.me), *((key, str(outgoing.body[key])) for key in ("collection", "rkey"))]
    return await session.ask("com.atproto.repo.getRecord", params=params)


async def _read_back(session: Session, here: Here, outgoing: Outgoing) -> dict[str, Any]:
    """Our own record, if it is there word for word; empty when it is not, or nobody can tell."""
    try:
        answer = await _record(session, here, outgoing)
        found = body_of(answer) if answer.status == 200 else {}
    except SourceError:
        return {}
    return found if found and child(found, "value") == outgoing.body["record"] else {}


def _sent(here: Here, account: str, outgoing: Outgoing, made: dict[str, Any]) -> Sent:
    uri = string(made, "uri")
    if outgoing.act in _TOUCHES:
        return Sent(uri, outgoing.target.permalink)
    author = {"did": here.me, "handle": account.removeprefix("@")}
    view = {"uri": uri, "cid": string(made, "cid"), "author": author, "record": outgoing.body["record"]}
    try:
        item = item_of(view, here, thread=outgoing.target.thread)
    except Misshapen:
        item = None
    return Sent(uri, permalink(uri), item)
