"""The servers that speak the Mastodon API, and what each does with a length, a key and a visibility (pure).

What a server is comes from its nodeinfo and its instance document; whatever is unknown is taken to do the least.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlsplit

from community.sources.base import LengthRule, Repeat
from community.sources.fields import child, string
from community.text import clean_line

FULL_SCOPES: Final = (
    "read:accounts read:notifications read:statuses read:search read:follows write:statuses write:favourites "
    "write:notifications"
)
COARSE_SCOPES: Final = "read write follow push"

_LEAST_CHARS: Final = 500
_URL_COST: Final = 23


@dataclass(frozen=True, slots=True)
class Family:
    """How one family of servers behaves.

    `idempotency` is "replay" where a repeated key gives the same status back, "reject" where it is an error, "none"
    where it means nothing. `visibilities` are those a reply may have, the widest first.
    """

    idempotency: str = "none"
    length: str = "codepoints"
    scopes: str = FULL_SCOPES
    visibilities: tuple[str, ...] = ("public", "unlisted", "private", "direct")


_MASTODON = Family(idempotency="replay", length="graphemes")
_PLEROMA = Family(idempotency="replay", visibilities=("public", "unlisted", "local", "private", "direct"))

FAMILIES: Final[Mapping[str, Family]] = {
    "mastodon": _MASTODON,
    "hometown": _MASTODON,
    "fedibird": _MASTODON,
    "kmyblue": _MASTODON,
    "gotosocial": Family(visibilities=("public", "unlisted", "private", "mutuals_only", "direct")),
    "pleroma": _PLEROMA,
    "akkoma": _PLEROMA,
    "snac": Family(visibilities=("public", "unlisted", "private", "direct"), scopes=COARSE_SCOPES),
    "pixelfed": Family(idempotency="reject", scopes=COARSE_SCOPES, visibilities=("public", "unlisted", "private")),
}
"""Software name -> family. A server that is not here is treated as the plain `Family()`."""


def family(options: Mapping[str, str]) -> Family:
    """The family of a server by the options that `facts` gave."""
    return FAMILIES.get(options.get("software", ""), Family())


def facts(nodeinfo: Mapping[str, Any], instance: Mapping[str, Any], *, host: str) -> dict[str, str]:
    """What is worth keeping of a server's two self-descriptions (either may be empty), as a source's options."""
    software = _software(nodeinfo, instance)
    kind = FAMILIES.get(software, Family())
    statuses = child(child(instance, "configuration"), "statuses")
    found = {
        "software": software,
        "version": clean_line(_version(nodeinfo, instance), limit=100),
        "domain": _domain(instance) or host,
        "max_chars": str(_count(statuses, "max_characters") or _count(instance, "max_toot_chars") or _LEAST_CHARS),
        "url_cost": "0",
        "idempotency": kind.idempotency,
        "length": kind.length,
    }
    if kind.length == "graphemes":
        found["url_cost"] = str(_count(statuses, "characters_reserved_per_url") or _URL_COST)
    return found


def length_rule(options: Mapping[str, str]) -> LengthRule:
    """How long a reply may be; without knowledge, 500 code points with everything counted in full."""
    exact = options.get("length") == "graphemes"
    return LengthRule(
        limit=_number(options.get("max_chars")) or _LEAST_CHARS,
        unit="graphemes" if exact else "codepoints",
        url_cost=_number(options.get("url_cost")) if exact else 0,
        short_mentions=exact,
    )


def repeat(options: Mapping[str, str]) -> Repeat:
    """What may be done after an attempt with unknown effect: the key counts only where it is known to be honoured."""
    return Repeat.SAME_KEY if options.get("idempotency") == "replay" else Repeat.NEVER


def reply_visibility(parent: str, options: Mapping[str, str]) -> str:
    """The parent's own visibility where this server can post with it, else the narrowest there is."""
    known = family(options).visibilities
    return parent if parent in known else known[-1]


def _software(nodeinfo: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    name = string(child(nodeinfo, "software"), "name").strip().lower()
    if name:
        name = clean_line(name, limit=50)
        return "snac" if name.startswith("snac") else name
    said = f"{string(instance, 'version')} {string(instance, 'source_url')}".lower()
    for known in ("akkoma", "pleroma", "gotosocial", "pixelfed", "snac", "hometown"):
        if known in said:
            return known
    plain = re.match(r"\d+\.\d+\.\d+", string(instance, "version")) and "compatible" not in said
    return "mastodon" if plain and "mastodon" in child(instance, "api_versions") else ""


def _version(nodeinfo: Mapping[str, Any], instance: Mapping[str, Any]) -> str:
    return string(child(nodeinfo, "software"), "version") or string(instance, "version")


def _domain(instance: Mapping[str, Any]) -> str:
    """The name behind the @ of the server's own people: `domain` in the newer document, `uri` in the older."""
    said = (string(instance, "domain") or string(instance, "uri")).strip().lower()
    if "://" in said:
        said = urlsplit(said).netloc
    said = clean_line(said, limit=255)
    return said if re.fullmatch(r"[\w.-]+(?::\d{1,5})?", said) else ""


def _count(entry: Mapping[str, Any], key: str) -> int:
    value = entry.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value <= 10_000_000 else 0


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 9 else 0
