"""Lists of feeds, in and out, as OPML.  Source: opml.org/spec2.opml

Nothing is fetched, and nothing but http(s) feeds is taken: a list can name no program, no file and no header.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from xml.sax.saxutils import escape, quoteattr

from community.errors import WrongUsage
from community.model import Source
from community.text import Clean, clean_line, safe_url
from community.urls import without_keys

LARGEST = 5_000_000
MOST = 20_000
DEEPEST = 60

_DECLARED = re.compile(rb"<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([A-Za-z0-9._-]{1,40})[\"']")
# Only these tags are handed on: the parser takes quadratic time over some of what else a file may hold.
_TAG = re.compile(
    r"</?(?:opml|body|outline)(?=[\s/>])(?:[^<>\"']{1,200}|\"[^\"]{0,4000}\"|'[^']{0,4000}'){0,200}+>", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Subscription:
    """One feed of a list: its name ("" when the list gives none), its address, and the groups it stands in."""

    name: Clean
    address: str
    groups: tuple[Clean, ...] = ()


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """What a list holds. `feeds` are in its order, each address once; `refused` are no http(s) feeds."""

    feeds: tuple[Subscription, ...]
    refused: tuple[Clean, ...]


def read(data: bytes) -> Subscriptions:
    """The feeds in an OPML file. Raises `WrongUsage` when it is none, is empty, or is too large."""
    if len(data) > LARGEST:
        raise WrongUsage(f"The list is larger than {LARGEST // 1_000_000} MB: that is no list of feeds.")
    text = _decoded(data)
    for begin, end in (("<!--", "-->"), ("<![CDATA[", "]]>")):
        text = _without(text, begin, end)
    tags = _TAG.findall(text)
    if not any(tag[1:5].lower() == "opml" for tag in tags):
        raise WrongUsage("That is no OPML file: it has no <opml> in it.")
    if _depth(tags) > DEEPEST:
        raise WrongUsage(f"The list has groups inside of groups more than {DEEPEST} deep: that is no list of feeds.")
    import listparser  # noqa: PLC0415  late: only imports need it

    # Bytes on purpose: a text that begins with http:// would be fetched.
    found = listparser.parse("".join(tags[: 2 * MOST]).encode("utf-8", "replace"))
    feeds: dict[str, Subscription] = {}
    refused: list[Clean] = []
    for entry in found["feeds"][:MOST]:
        address = safe_url(str(entry.get("url", "")))
        if address is None or "@" in str(entry.get("url", "")).partition("://")[2].partition("/")[0]:
            refused.append(clean_line(_without_userinfo(str(entry.get("url", ""))), limit=200))
            continue
        groups = tuple(
            clean_line(" / ".join(word for word in path if word), limit=120) for path in entry.get("categories", [])
        )
        name = clean_line(str(entry.get("title", "")), limit=120)
        feeds.setdefault(address, Subscription(name, address, tuple(group for group in groups if group)))
    if not feeds and not refused:
        raise WrongUsage("There is no feed in that list.")
    return Subscriptions(tuple(feeds.values()), tuple(refused))


def write(sources: Iterable[Source], *, now: int, keyed: Callable[[Source], str] | None = None) -> str:
    """The feeds among these sources as an OPML 2.0 document. Names, passwords and keys in addresses are left out.

    `keyed` gives the address of a feed with its keys, for a list that is meant to have them.
    """
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<opml version="2.0">',
        "  <head>",
        f"    <title>{escape('Kith: the feeds I listen to')}</title>",
        f"    <dateCreated>{format_datetime(datetime.fromtimestamp(now, UTC), usegmt=True)}</dateCreated>",
        "  </head>",
        "  <body>",
    ]
    for source in sources:
        address = safe_url(keyed(source) if keyed is not None else without_keys(source.address)[0])
        if source.kind == FEED and address is not None:
            name = quoteattr(clean_line(source.name) or clean_line(address))
            lines.append(f'    <outline type="rss" text={name} title={name} xmlUrl={quoteattr(address)}/>')
    return "\n".join([*lines, "  </body>", "</opml>", ""])


FEED = "feed"
"""The one kind of source that OPML knows."""


def _decoded(data: bytes) -> str:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if data.startswith(mark):
            return data.decode(name, "replace")
    declared = _DECLARED.match(data.lstrip())
    try:
        return data.decode(declared[1].decode("ascii") if declared else "utf-8", "replace")
    except LookupError:
        return data.decode("utf-8", "replace")


def _depth(tags: Iterable[str]) -> int:
    deepest, depth = 0, 0
    for tag in tags:
        if tag.startswith("</"):
            depth -= 1
        elif not tag.endswith("/>"):
            depth += 1
            deepest = max(deepest, depth)
    return deepest


def _without(text: str, begin: str, end: str) -> str:
    """`text` without what stands between these marks; one that is never closed goes on to the end."""
    kept: list[str] = []
    at = 0
    while (start := text.find(begin, at)) >= 0:
        kept.append(text[at:start])
        close = text.find(end, start + len(begin))
        at = close + len(end) if close >= 0 else len(text)
    return "".join([*kept, text[at:]])


def _without_userinfo(address: str) -> str:
    scheme, found, rest = address.partition("://")
    if not found:
        return address
    place, slash, path = rest.partition("/")
    return f"{scheme}://{place.rpartition('@')[2]}{slash}{path}"
