"""What an identity has that another of the same person would have too: the keys it can be found by (pure).

An identity gives four kinds of evidence. Whoever shares a key with somebody is suggested as the same person, unless
too many people share it: a host that lends out pages, a name that everybody has.
- mail: the hash of an e-mail address;
- address: its own page, every site or profile it says is its own, and a handle that is a host name, which a network
  gives only to whoever owns the host;
- handle: the part before the server, when it is distinctive: five characters or more, and no mere first name;
- name: the whole name, when it has two words or more.
"""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from community.model import Identity
from community.terms import terms_of
from community.text import safe_url

MAIL, ADDRESS, HANDLE, NAME = "mail", "address", "handle", "name"
OWN, SAYS, PROVED = "own", "says", "proved"

WEIGHTS: Final = {MAIL: 8, ADDRESS: 6, HANDLE: 4, NAME: 3}
MOST: Final = {MAIL: 6, ADDRESS: 6, HANDLE: 4, NAME: 3}
"""What a kind of evidence weighs, and by how many people it may be shared before it says nothing."""

_ROLES = ("", SAYS, OWN, PROVED)
_SHORTEST_HANDLE = 5
_PSEUDONYM = 8
_LINKS = 20
_LONGEST = 300
_HOME = re.compile(r"/?|/(?:index\.(?:html?|php)|home|about(?:-me)?(?:\.html)?|blog|contact|now|me)/?")
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,}")
_WORD = re.compile(r"[^\W_]+")
_GENERIC = frozenset({
    "admin", "administrator", "anonymous", "author", "contact", "editor", "guest", "hello", "homepage", "moderator",
    "newsletter", "noreply", "office", "podcast", "somebody", "support", "unknown", "webmaster", "website", "writer",
})  # fmt: skip
_LENDERS = frozenset({
    "about.me", "behance.net", "blogger.com", "blogspot.com", "bsky.app", "buymeacoffee.com", "codeberg.org", "dev.to",
    "discord.com", "discord.gg", "facebook.com", "flickr.com", "github.com", "github.io", "gitlab.com", "goodreads.com",
    "google.com", "gravatar.com", "instagram.com", "ko-fi.com", "linkedin.com", "linktr.ee", "mastodon.social",
    "medium.com", "neocities.org", "patreon.com", "pinterest.com", "reddit.com", "soundcloud.com", "spotify.com",
    "stackoverflow.com", "substack.com", "t.me", "threads.net", "tiktok.com", "tumblr.com", "twitch.tv", "twitter.com",
    "vimeo.com", "wordpress.com", "x.com", "youtube.com",
})  # fmt: skip
"""Hosts whose front page is nobody's."""


@dataclass(frozen=True, slots=True)
class Key:
    """One piece of evidence: its kind, the normalised value, and for an address whose it is."""

    kind: str
    value: str
    role: str = ""


def keys_of(identity: Identity) -> tuple[Key, ...]:
    """The evidence an identity gives, each key once; nothing for me, and where the platform's terms forbid matching."""
    if identity.is_me or not terms_of(identity.network).may_match:
        return ()
    found: dict[tuple[str, str], Key] = {}
    for key in _keys(identity):
        known = found.get((key.kind, key.value))
        if known is None or _ROLES.index(key.role) > _ROLES.index(known.role):
            found[key.kind, key.value] = key
    return tuple(found.values())


def _keys(identity: Identity) -> Iterator[Key]:
    if identity.email_hash:
        yield Key(MAIL, identity.email_hash.casefold()[:_LONGEST])
    page = address(identity.url or "")
    if page:
        yield Key(ADDRESS, page, SAYS if ":" in identity.network else OWN)
    for url, is_proved in links_of(identity)[:_LINKS]:
        linked = address(url)
        if linked:
            yield Key(ADDRESS, linked, PROVED if is_proved else SAYS)
    is_wide = ":" not in identity.network
    named = identity.handle.casefold().removeprefix("@")
    if is_wide and _is_host(named):
        yield Key(ADDRESS, address(f"https://{named}/"), PROVED)
    handle = distinctive(identity.handle, identity.name) if is_wide or not _is_host(named) else ""
    if handle:
        yield Key(HANDLE, handle)
    name = whole_name(identity.name)
    if name:
        yield Key(NAME, name)


def links_of(identity: Identity) -> list[tuple[str, bool]]:
    """The addresses that an identity's profile gives, each with whether it is proved to be theirs."""
    return [(str(url), bool(is_proved)) for url, is_proved in json.loads(identity.links)]


def address(url: str) -> str:
    """An address so that its spellings are equal: host and path, the front page of a site as the host alone.

    "" for what is no http(s) address, and for the front page of a host that lends out pages.
    """
    safe = safe_url(url)
    if safe is None:
        return ""
    parts = urlsplit(safe)
    host = (parts.hostname or "").rstrip(".").removeprefix("www.")
    if parts.port is not None:
        host = f"{host}:{parts.port}"
    path = unquote(parts.path)
    if _HOME.fullmatch(path.lower()):
        return "" if host in _LENDERS else host[:_LONGEST]
    path = path.rstrip("/")
    return unicodedata.normalize("NFC", f"{host}{path}".casefold())[:_LONGEST]


def distinctive(handle: str, name: str) -> str:
    """The part of a handle before its server, without dots and dashes; "" when many could have chosen it.

    Too short, a word like "admin", or only a word of the shown name: a first name says nothing by itself.
    """
    local, at, _ = handle.strip().lstrip("@").casefold().partition("@")
    if any(char.isspace() for char in local):
        return ""
    if not at and _is_host(local):
        local = local.partition(".")[0]
    plain = "".join(char for char in local if char.isalnum())
    if len(plain) < _SHORTEST_HANDLE or plain in _GENERIC or plain.isdecimal():
        return ""
    words = _words(name)
    is_pseudonym = words == [plain] and len(plain) >= _PSEUDONYM
    if plain in words and not is_pseudonym and not any(char.isdecimal() for char in plain):
        return ""
    return plain[:_LONGEST]


def _is_host(local: str) -> bool:
    """Whether a handle is a host name, as some networks have them: its first label is the chosen part."""
    return bool(_HOST.fullmatch(local))


def whole_name(name: str) -> str:
    """A name of two words or more, so that its spellings are equal: folded, in any order; "" for less."""
    words = _words(name)
    if len(words) < 2 or sum(len(word) > 1 for word in words) < 2:
        return ""
    return " ".join(sorted(words))[:_LONGEST]


def is_short_for(one: str, other: str) -> bool:
    """Whether a name may be the short form of another: the same first word, and initials or less for the rest."""
    ones, others = _words(one), _words(other)
    if not ones or not others or ones == others or ones[0] != others[0] or len(ones[0]) < 3:
        return False
    short, long = sorted((ones, others), key=lambda words: [len(word) for word in words[1:]])
    return all(any(word.startswith(rest) for word in long[1:]) for rest in short[1:])


def _words(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(char for char in plain if not unicodedata.combining(char))
    return _WORD.findall(plain.casefold())
