"""Bluesky's posts and notifications as the values of the port (pure).

Lexicons: app.bsky.feed.defs, app.bsky.notification.listNotifications
"""

from dataclasses import dataclass
from typing import Any, Final

from community.sources.base import Author, Incoming, IncomingSignal, ItemKind, ProfileLink, SignalKind
from community.sources.fields import (
    Misshapen,
    child,
    children,
    identifier,
    mapping,
    moment,
    name_of,
    original,
    plausible,
    string,
)
from community.sources.richtext import mentioned, spelled_out
from community.text import Clean, clean, clean_line, links, safe_url

NETWORK: Final = "bluesky"
POST: Final = "app.bsky.feed.post"
REASONS: Final = (
    "reply",
    "mention",
    "quote",
    "like",
    "repost",
    "follow",
    "like-via-repost",
    "repost-via-repost",
    "starterpack-joined",
)
WORDS: Final = frozenset({"reply", "mention", "quote"})

_LINKS: Final = 8
_LONGEST_DESCRIPTION: Final = 10_000

_SIGNALS: Final = {
    "like": SignalKind.LIKE,
    "repost": SignalKind.BOOST,
    "follow": SignalKind.FOLLOW,
    "quote": SignalKind.QUOTE,
    "like-via-repost": SignalKind.LIKE,
    "repost-via-repost": SignalKind.BOOST,
}
_NO_TOUCH: Final = frozenset({"reply", "mention", "subscribed-post", "verified", "unverified", "contact-match"})


@dataclass(frozen=True, slots=True)
class Here:
    """Who I am on this network, and the time."""

    me: str
    now: int


def author_of(profile: dict[str, Any], here: Here) -> Author:
    """Who a profile belongs to: the DID stays, handles come and go. Raises `Misshapen` without a DID."""
    did = identifier(profile, "did")
    if not did.startswith("did:"):
        raise Misshapen("an author without a DID")
    handle = clean_line(string(profile, "handle"), limit=260)
    shown = handle if handle and handle != "handle.invalid" else did
    return Author(
        network=NETWORK,
        key=did,
        handle=clean_line(f"@{shown}", limit=300),
        name=name_of(string(profile, "displayName"), shown),
        url=safe_url(f"https://bsky.app/profile/{did}"),
        is_me=did == here.me,
        links=_profile_links(profile),
    )


def _profile_links(profile: dict[str, Any]) -> tuple[ProfileLink, ...] | None:
    """The addresses in a profile's description; None for the short forms, which have none."""
    if not isinstance(profile.get("description"), str):
        return None
    found = links(string(profile, "description")[:_LONGEST_DESCRIPTION])[:_LINKS]
    return tuple(ProfileLink(each.url) for each in found)


def item_of(view: dict[str, Any], here: Here, *, thread: str) -> Incoming:
    """One post, as a feed, a thread or a notification shows it. Raises `Misshapen` when it is not one."""
    uri = post_uri(view)
    author = author_of(mapping(view.get("author")), here)
    record = mapping(view.get("record"))
    if not isinstance(record.get("text"), str):
        raise Misshapen("a post without text")
    parent = string(child(child(record, "reply"), "parent"), "uri")
    root = child(child(record, "reply"), "root")
    mentions_me = here.me in mentioned(record)
    return Incoming(
        remote_id=uri,
        kind=_kind(author, parent=parent, mentions_me=mentions_me),
        author=author,
        text=_text(record),
        created_at=written_at(view, here.now),
        thread=thread,
        parent_id=clean_line(parent, limit=2000) or None,
        permalink=permalink(uri),
        to_me=not author.is_me and bool(here.me) and (mentions_me or owner(parent) == here.me),
        raw=original(record),
        extra={
            "cid": clean_line(string(view, "cid"), limit=200),
            "root_uri": clean_line(string(root, "uri"), limit=2000) or uri,
            "root_cid": clean_line(string(root, "cid") or string(view, "cid"), limit=200),
            "reply_disabled": "1" if child(view, "viewer").get("replyDisabled") is True else "",
        },
    )


def signal_of(note: dict[str, Any], here: Here) -> IncomingSignal | None:
    """The touch that a notification tells of; None when it tells of words, or of nothing anybody did to me.

    A reason nobody knows yet is a touch of the kind OTHER. Raises `Misshapen` when it has no address or no author.
    """
    reason = string(note, "reason")
    if not reason or reason in _NO_TOUCH:
        return None
    subject = clean_line(string(note, "reasonSubject"), limit=2000)
    if owner(subject) != here.me or f"/{POST}/" not in subject:
        subject = clean_line(string(child(child(note, "record"), "subject"), "uri"), limit=2000)
    return IncomingSignal(
        remote_id=clean_line(identifier(note, "uri"), limit=2000),
        kind=_SIGNALS.get(reason, SignalKind.OTHER),
        author=author_of(mapping(note.get("author")), here),
        at=written_at(note, here.now),
        item_id=subject if f"/{POST}/" in subject else None,
    )


def post_uri(view: dict[str, Any]) -> str:
    """The address of the post that a view shows. Raises `Misshapen` when it shows no post."""
    uri = identifier(view, "uri")
    if not uri.startswith("at://did:") or f"/{POST}/" not in uri:
        raise Misshapen("an address that is no post's")
    return uri


def root_of(view: dict[str, Any]) -> str:
    """The address of the post its thread begins with: its own when it answers nothing."""
    root = clean_line(string(child(child(child(view, "record"), "reply"), "root"), "uri"), limit=2000)
    return root if root.startswith("at://") else post_uri(view)


def owner(uri: str) -> str:
    """The DID that an at:// address begins with, "" when there is none."""
    return uri.removeprefix("at://").partition("/")[0] if uri.startswith("at://did:") else ""


def rkey(uri: str) -> str:
    """The last part of an at:// address."""
    return uri.rpartition("/")[2]


def permalink(uri: str) -> str | None:
    """Where people read a post."""
    return safe_url(f"https://bsky.app/profile/{owner(uri)}/post/{rkey(uri)}")


def written_at(view: dict[str, Any], now: int) -> int:
    """When something was written: what its author claims, but never later than it was seen."""
    claimed = moment(child(view, "record").get("createdAt"))
    seen = moment(view.get("indexedAt"))
    times = [plausible(each, now) for each in (claimed, seen) if each is not None]
    return min(times, default=now)


def _kind(author: Author, *, parent: str, mentions_me: bool) -> ItemKind:
    if parent:
        return ItemKind.REPLY
    if author.is_me:
        return ItemKind.ARTICLE
    return ItemKind.MENTION if mentions_me else ItemKind.COMMENT


def _text(record: dict[str, Any]) -> Clean:
    """The words of a post, then in words what hangs on it."""
    text = spelled_out(record)
    embed = child(record, "embed")
    media = child(embed, "media") or embed
    card = child(media, "external")
    parts = [text]
    address = safe_url(string(card, "uri"))
    if address and address not in text:
        parts.append(f"{clean_line(string(card, 'title'), limit=300)} {address}".strip())
    quoted = child(embed, "record")
    quoted_uri = string(quoted, "uri") or string(child(quoted, "record"), "uri")
    if f"/{POST}/" in quoted_uri and (address := permalink(quoted_uri)):
        parts.append(f"[quotes {address}]")
    images = children(media, "images")[:20]
    parts.append(
        "\n".join(f"[image: {clean_line(string(each, 'alt'), limit=1500) or 'no description'}]" for each in images)
    )
    return clean("\n\n".join(part for part in parts if part))
