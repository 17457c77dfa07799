"""The Mastodon API's entities as the values of the port (pure).  API: docs.joinmastodon.org/entities"""

import json
from dataclasses import dataclass
from typing import Any, Final

from community.sources.base import Author, Incoming, IncomingSignal, ItemKind, ProfileLink, SignalKind
from community.sources.fields import (
    Misshapen,
    child,
    children,
    identifier,
    link,
    mapping,
    moment,
    name_of,
    optional_identifier,
    plausible,
    string,
)
from community.text import Clean, clean, clean_line, from_html, links

NETWORK: Final = "fediverse"

_FIELDS: Final = 20
_LINKS: Final = 4
_LONGEST_FIELD: Final = 10_000

_SIGNALS: Final = {
    "favourite": SignalKind.LIKE,
    "reblog": SignalKind.BOOST,
    "follow": SignalKind.FOLLOW,
    "quote": SignalKind.QUOTE,
    "pleroma:emoji_reaction": SignalKind.OTHER,
}
_WORDS: Final = frozenset({"mention", "quote"})
_NO_TOUCH: Final = frozenset(
    {"mention", "poll", "status", "update", "severed_relationships", "moderation_warning", "pleroma:chat_mention"}
)


@dataclass(frozen=True, slots=True)
class Here:
    """Where entities are read: the server, its name behind handles, who I am there, and the time."""

    base: str
    domain: str
    me: str
    account: str
    account_id: str
    now: int


def full_acct(acct: str, here: Here) -> str:
    """`acct` as "user@server", lower-case; local accounts come without their server."""
    user, _, home = acct.strip().lstrip("@").partition("@")
    return f"{user}@{home or here.domain}".lower()


def identity_key(account: dict[str, Any], here: Here) -> str:
    """The same key for one account seen from any server: its actor's address, else its page, else its handle."""
    return link(account, "uri") or link(account, "url") or full_acct(_acct(account), here)


def author_of(account: dict[str, Any], here: Here) -> Author:
    """Who an account belongs to. Raises `Misshapen` when it has no handle."""
    key = identity_key(account, here)
    return Author(
        network=NETWORK,
        key=key,
        handle=clean_line("@" + full_acct(_acct(account), here), limit=300),
        name=name_of(string(account, "display_name"), string(account, "username"), _acct(account)),
        url=link(account, "url") or link(account, "uri"),
        is_me=is_me(account, here),
        links=_profile_links(account, here),
    )


def _profile_links(account: dict[str, Any], here: Here) -> tuple[ProfileLink, ...] | None:
    """The addresses in an account's fields; checked ones link back. None for the short form, which has no fields."""
    if not isinstance(account.get("fields"), list):
        return None
    found: dict[str, bool] = {}
    for each in children(account, "fields")[:_FIELDS]:
        for _, url in links(string(each, "value")[:_LONGEST_FIELD], here.base)[:_LINKS]:
            found[url] = found.get(url, False) or moment(each.get("verified_at")) is not None
    return tuple(ProfileLink(url, is_proved) for url, is_proved in found.items())


def is_me(account: dict[str, Any], here: Here) -> bool:
    """Whether an account, or the short form of one in a list of mentions, is mine."""
    if here.account_id and optional_identifier(account, "id") == here.account_id:
        return True
    return bool(here.me) and here.me in (string(account, "uri"), string(account, "url"))


def item_of(status: dict[str, Any], here: Here, *, thread: str | None, parent: dict[str, Any] | None) -> Incoming:
    """One status as an item of `thread`; `parent` is the status it answers, where that is known.

    Raises `Misshapen` when it has no id, no author or no text at all.
    """
    author = author_of(child(status, "account"), here)
    mentioned = children(status, "mentions")
    warning = clean_line(string(status, "spoiler_text"))
    visibility = clean_line(string(status, "visibility"), limit=50) or "public"
    to_me = not author.is_me and (_answers_me(status, here, parent) or any(is_me(each, here) for each in mentioned))
    return Incoming(
        remote_id=identifier(status, "id"),
        kind=_kind(status, here, visibility=visibility),
        author=author,
        text=_text(status, here),
        created_at=plausible(moment(status.get("created_at")), here.now),
        thread=thread,
        parent_id=optional_identifier(status, "in_reply_to_id") or None,
        title=warning,
        permalink=link(status, "url") or link(status, "uri"),
        edited_at=_edited_at(status, here),
        to_me=to_me or (visibility == "direct" and not author.is_me),
        raw=string(status, "content").encode("utf-8", "replace"),
        extra={
            "visibility": visibility,
            "acct": author.handle.removeprefix("@"),
            "cw": warning,
            "mentions": json.dumps(_others(mentioned, author, here)),
            "uri": clean_line(string(status, "uri"), limit=2000),
        },
    )


def signal_of(note: dict[str, Any], here: Here) -> IncomingSignal | None:
    """The touch that a notification tells of; None when it tells of words or of the server's own business.

    An unknown type by somebody is a touch of the kind OTHER. Raises `Misshapen` when it has no id or no account.
    """
    what = string(note, "type")
    if not what or what in _NO_TOUCH or what.startswith(("admin.", "pending.")):
        return None
    touched = child(note, "status")
    if what == "quote":
        touched = child(child(touched, "quote"), "quoted_status")
    return IncomingSignal(
        remote_id=identifier(note, "id"),
        kind=_SIGNALS.get(what, SignalKind.OTHER),
        author=author_of(mapping(note.get("account")), here),
        at=plausible(moment(note.get("created_at")), here.now),
        item_id=optional_identifier(touched, "id") or None,
    )


def words_of(note: dict[str, Any]) -> dict[str, Any] | None:
    """The status that a notification brings as something to read; None when it brings none."""
    status = note.get("status")
    return status if string(note, "type") in _WORDS and isinstance(status, dict) and status else None


def is_hidden(status: dict[str, Any]) -> bool:
    """Whether a filter of the user's own says that this is not to be shown at all."""
    return any(string(child(each, "filter"), "filter_action") == "hide" for each in children(status, "filtered"))


def newest(ids: list[str]) -> str:
    """The newest of some ids that came newest first: by length and text where they are digits, else the first."""
    if ids and all(each.isascii() and each.isdigit() for each in ids):
        return max(ids, key=_by_number)
    return ids[0] if ids else ""


def is_newer(one: str, other: str) -> bool | None:
    """Whether id `one` is newer than `other`; None where their form does not tell."""
    if all(each.isascii() and each.isdigit() for each in (one, other)):
        return _by_number(one) > _by_number(other)
    return None


def _by_number(digits: str) -> tuple[int, str]:
    return len(digits), digits


def _acct(account: dict[str, Any]) -> str:
    acct = clean_line(string(account, "acct") or string(account, "username"), limit=290)
    if not acct.strip("@ "):
        raise Misshapen("an account without a handle")
    return acct


def _answers_me(status: dict[str, Any], here: Here, parent: dict[str, Any] | None) -> bool:
    if parent is not None:
        return is_me(child(parent, "account"), here)
    return bool(here.account_id) and optional_identifier(status, "in_reply_to_account_id") == here.account_id


def _kind(status: dict[str, Any], here: Here, *, visibility: str) -> ItemKind:
    if visibility == "direct":
        return ItemKind.MESSAGE
    if optional_identifier(status, "in_reply_to_id"):
        return ItemKind.REPLY
    if is_me(child(status, "account"), here):
        return ItemKind.ARTICLE
    mentions_me = any(is_me(each, here) for each in children(status, "mentions"))
    return ItemKind.MENTION if mentions_me else ItemKind.COMMENT


def _text(status: dict[str, Any], here: Here) -> Clean:
    text = from_html(string(status, "content"), base=here.base)
    pictures = [
        f"[{string(each, 'type') or 'file'}: {clean_line(string(each, 'description'), limit=1500) or 'no description'}]"
        for each in children(status, "media_attachments")[:20]
    ]
    choices = [
        f"- {clean_line(string(each, 'title'), limit=200)}" for each in children(child(status, "poll"), "options")[:20]
    ]
    text = clean("\n\n".join(part for part in (text, "\n".join(choices), "\n".join(pictures)) if part))
    if not text and not string(status, "spoiler_text") and not isinstance(status.get("content"), str):
        raise Misshapen("a status without content")
    return text


def _edited_at(status: dict[str, Any], here: Here) -> int | None:
    at = moment(status.get("edited_at"))
    return None if at is None else plausible(at, here.now)


def _others(mentioned: list[dict[str, Any]], author: Author, here: Here) -> list[str]:
    """The handles of whom a status addresses, besides me and its author."""
    found: dict[str, None] = {}
    for each in mentioned[:50]:
        acct = clean_line(string(each, "acct") or string(each, "username"), limit=290)
        handle = "@" + full_acct(acct, here)
        if acct and not is_me(each, here) and handle not in (author.handle, here.account.lower()):
            found.setdefault(handle)
    return list(found)
