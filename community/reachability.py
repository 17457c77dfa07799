"""Where else a person can be reached: their own site, mail, accounts. Pure.

A way is independent of another when it does not go through the same host. A comment on a site of mine is no way: it
says who they are, not where they live; the address they left with it is.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from community.text import clean_line, shown_host

SITE, MAIL, ACCOUNT = "site", "mail", "account"
_FEED, _WEB, _PROFILE, _CARD = "feed", "web", "profile", "card"
"""Networks that are none: the last three are what a contact of an address book has besides mail and numbers."""


class Handle(NamedTuple):
    """What a way is read from: one identity."""

    network: str
    handle: str
    url: str


class Way(NamedTuple):
    """One way to reach somebody: its kind, what is shown of it, the host it goes through, and its network."""

    kind: str
    shown: str
    host: str
    network: str


def handles(text: str) -> list[Handle]:
    """The handles in a column of storage: a JSON list of [network, handle, address]."""
    return [Handle(*each) for each in json.loads(text or "[]")]


def ways(found: Iterable[Handle]) -> list[Way]:
    """The independent ways to a person, in the order their handles came to be known."""
    by_host: dict[str, Way] = {}
    for each in found:
        for key, way in _ways_of(each):
            by_host.setdefault(key, way)
    return list(by_host.values())


def _ways_of(each: Handle) -> Iterator[tuple[str, Way]]:
    """The ways one handle opens, each with what makes it independent of others."""
    host, shown, kind = place(each.url), clean_line(each.handle), each.network.partition(":")[0]
    if kind == MAIL:
        address = f"{MAIL}:{each.handle.lower()}"
        yield address, Way(MAIL, shown, address, MAIL)
    elif kind == _PROFILE:
        yield host or f"{each.network} {shown}", Way(ACCOUNT, shown, host, each.network)
    elif kind in {_FEED, _WEB}:
        named = clean_line(each.network.partition(":")[2]) or shown
        yield host or each.network, Way(SITE, host or named, host, each.network)
    elif ":" in each.network:
        if host:
            yield host, Way(SITE, host, host, "")
    elif kind != _CARD:
        home = each.handle.rpartition("@")[2].lower() if each.handle.count("@") > 1 else host
        if each.handle:
            yield home or each.network, Way(ACCOUNT, shown, home, each.network)
        if host and host != home and _is_own(each.url):
            yield host, Way(SITE, host, host, "")


def without(found: Iterable[Way], *, networks: Collection[str], host: str) -> list[Way]:
    """The ways that stay when these networks, and a host, are gone."""
    return [way for way in found if way.network not in networks and (not host or way.host != host)]


def mark(found: Collection[Way]) -> str:
    """How reachable somebody is, in two or three words: "no way", "1 way", "3 ways, own site, mail"."""
    if not found:
        return "no way"
    words = [f"{len(found)} way" + ("s" if len(found) > 1 else "")]
    words += ["own site"] if any(way.kind == SITE for way in found) else []
    words += ["mail"] if any(way.kind == MAIL for way in found) else []
    return ", ".join(words)


@lru_cache(maxsize=2000)
def mark_of(text: str) -> str:
    """The same for handles as a column of storage has them; "" where there is nobody."""
    found = handles(text)
    return mark(ways(found)) if found else ""


def brief(found: Collection[Way]) -> str:
    """How many ways lead to somebody: “no way”, “1 way”, “3 ways”."""
    return mark(found).partition(",")[0]


def place(url: str) -> str:
    """The host of an address; with its first folder where people share a host: at a bare number, or under a ~name."""
    host = shown_host(url)
    folder = urlsplit(url).path.strip("/").partition("/")[0] if host else ""
    shares = folder.startswith("~") or (folder and host.strip("[]").replace(".", "").replace(":", "").isdecimal())
    return clean_line(f"{host}/{folder}") if shares else host


def _is_own(url: str) -> bool:
    """Whether an address may be a site of one's own: nothing but a host, or one short path without an @."""
    path = urlsplit(url).path.strip("/")
    return "@" not in path and path.count("/") < 2
