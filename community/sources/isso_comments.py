"""Isso's comments, its admin page and the name one signs with, read into our values (pure).

Source: isso-comments.de/docs/reference/server-api; isso/views/comments.py, isso/templates/admin.html (0.14)
"""

import hashlib
import html
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import urlsplit

from community.sources import fields
from community.sources.base import Author, Incoming, ItemKind, ItemStatus
from community.text import Clean, clean, clean_line, from_html, normalised, safe_url

if TYPE_CHECKING:
    from bs4 import Tag

_SALT = b"Eech7co8Ohloopo9Ol6baimi"  # what Isso hashes with where its owner has not changed it
_MAIL = re.compile(r"(.*?)\s*<\s*([^<>\s@]+@[^<>\s@]+)\s*>")
_KEY = re.compile(r"delete_com\(\s*\d+\s*,\s*'([\w.\-]+)'")
_CODE = re.compile(r"(```.*?```|`[^`\n]*`)", re.DOTALL)
_TAG = re.compile(r"(?<!\\)<(?=[A-Za-z/!?])(?!https?://|mailto:)")
_MARKS = re.compile(r"\W+")
PENDING, STUB = 2, 4
_MOST = 10_000
_QUARTER_S = 900


class Signature(NamedTuple):
    """How I sign: a name, and the e-mail address that Isso hashes so that one is known again."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A comment as the admin page shows it. `key` lets the moderator act on it."""

    id: int
    uri: str
    title: Clean
    author: str
    email: str
    website: str
    text: str
    at: int | None
    key: str


@dataclass(frozen=True, slots=True)
class Site:
    """Whose comments these are, and how I am known there: by the hash of my address, or by what was sent from here."""

    network: str
    origin: str
    signature: Signature
    my_hashes: frozenset[str] = frozenset()
    my_ids: frozenset[int] = frozenset()
    is_mine: bool = False
    titles: Mapping[str, str] = field(default_factory=dict)
    emails: Mapping[int, str] = field(default_factory=dict)
    usual_salt: bool = False
    times: Mapping[int, int] = field(default_factory=dict)
    zone_s: int = 0


def signature(account: str) -> Signature:
    """The name and address in `Name <mail>` or in a bare name."""
    found = _MAIL.fullmatch(account.strip())
    return Signature(found[1].strip(), found[2]) if found else Signature(account.strip(), "")


def usual_hash(email: str) -> str:
    """What Isso shows instead of `email` where its owner has left the salt as it comes."""
    return hashlib.pbkdf2_hmac("sha1", email.encode("utf-8", "replace"), _SALT, 1000, 6).hex()


def recognising(site: Site, found: Iterable[Mapping[str, Any]]) -> Site:
    """`site` with what these comments teach.

    Under which hash I go, whether the server's salt is the usual one, and how far its clock is from UTC: the admin
    page tells times to the minute in the server's own zone.
    """
    mine, usual, zone_s = set(site.my_hashes), site.usual_salt, site.zone_s
    for entry in found:
        number, hashed = int(entry["id"]), fields.string(entry, "hash")
        email = site.emails.get(number, "")
        if number in site.times:
            zone_s = round((site.times[number] - entry["created"]) / _QUARTER_S) * _QUARTER_S
        usual = usual or bool(hashed and email and usual_hash(email) == hashed)
        is_mine = number in site.my_ids or email.lower() == site.signature.email.lower()
        if hashed and site.signature.email and is_mine:
            mine.add(clean_line(hashed, limit=200))
    return replace(site, my_hashes=frozenset(mine), usual_salt=usual, zone_s=zone_s)


def entries(tree: object) -> tuple[list[dict[str, Any]], int]:
    """Every comment in the answer to `GET /?uri=`, flat and oldest first, and how many could not be read."""
    found: list[dict[str, Any]] = []
    tops = fields.listing(fields.mapping(tree).get("replies"))
    refused = len(tops[_MOST:])
    for top in tops[:_MOST]:
        replies = top.get("replies") if isinstance(top, dict) else None
        for entry in (top, *(replies[:_MOST] if isinstance(replies, list) else ())):
            if len(found) >= _MOST:
                refused += 1
                continue
            try:
                found.append(checked(entry))
            except fields.Misshapen:
                refused += 1
    return sorted(found, key=lambda entry: (entry["created"], entry["id"])), refused


def moved(latest: object) -> dict[str, str]:
    """For each page in the answer to `GET /latest` a text that differs as soon as anything on it does."""
    seen: dict[str, tuple[int, int, float]] = {}
    for entry in fields.listing(latest)[:_MOST]:
        uri = entry.get("uri") if isinstance(entry, dict) else None
        try:
            known = checked(entry)
        except fields.Misshapen:
            continue
        if isinstance(uri, str) and uri:
            count, total, at = seen.get(uri, (0, 0, 0.0))
            changed = known["modified"] or known["created"]
            seen[uri] = (count + 1, total + int(known["id"]), max(at, changed))
    in_order = sorted(seen.items(), key=lambda each: each[1][2])
    return {uri: f"{count}.{total}.{at:.6f}" for uri, (count, total, at) in in_order}


def items(found: Iterable[Mapping[str, Any]], site: Site, uri: str, now: int) -> list[Incoming]:
    """The published comments among `found` (oldest first) as items.

    Isso has two levels, so whom a reply answers is lost: it is to me when I have written in its thread before.
    """
    mine: set[str] = set()
    made: list[Incoming] = []
    for entry in found:
        if entry["mode"] == STUB:
            continue
        item = _incoming(entry, site, uri, now)
        root = item.thread or ""
        named = bool(site.signature.name) and item.text.casefold().startswith(f"@{site.signature.name}".casefold())
        to_me = not item.author.is_me and (named or root in mine or (site.is_mine and item.parent_id is None))
        if item.author.is_me:
            mine.add(root)
        made.append(item._replace(to_me=to_me))
    return made


def _incoming(entry: Mapping[str, Any], site: Site, uri: str, now: int) -> Incoming:
    number, parent = int(entry["id"]), entry["parent"]
    return Incoming(
        remote_id=str(number),
        kind=ItemKind.COMMENT,
        author=_author(entry, site, number),
        text=from_html(fields.string(entry, "text"), base=site.origin + uri),
        created_at=fields.plausible(int(entry["created"]), now),
        thread=str(parent or number),
        parent_id=str(parent) if parent else None,
        subject=clean_line(site.titles.get(uri) or uri),
        subject_url=safe_url(site.origin + uri),
        permalink=safe_url(f"{site.origin}{uri}#isso-{number}"),
        edited_at=int(entry["modified"]) if entry["modified"] else None,
        status=ItemStatus.PENDING if entry["mode"] == PENDING else ItemStatus.PUBLISHED,
        raw=fields.original({key: value for key, value in entry.items() if key != "replies"}),
        extra={"uri": uri},
    )


def waiting(listed: Listed, site: Site, now: int) -> Incoming:
    """A comment of the moderation queue as an item. The queue does not tell whom it answers."""
    hashed = usual_hash(listed.email) if listed.email and site.usual_salt else None
    entry = {"author": listed.author, "website": listed.website, "hash": hashed}
    author = _author(entry, site, listed.id, email=listed.email)
    return Incoming(
        remote_id=str(listed.id),
        kind=ItemKind.COMMENT,
        author=author,
        text=clean(listed.text),
        created_at=min(fields.plausible(None if listed.at is None else listed.at - site.zone_s, now), now),
        thread=str(listed.id),
        subject=listed.title or clean_line(listed.uri),
        subject_url=safe_url(site.origin + listed.uri),
        permalink=safe_url(f"{site.origin}{listed.uri}#isso-{listed.id}"),
        status=ItemStatus.PENDING,
        to_me=not author.is_me,
        raw=fields.original({"id": listed.id, "uri": listed.uri, "text": listed.text, "author": listed.author}),
        extra={"uri": listed.uri},
    )


def admin_page(page: str) -> tuple[list[Listed], int]:
    """The comments on the admin page, as it orders them, and how many could not be read."""
    from bs4 import BeautifulSoup  # noqa: PLC0415  slow to import, and only moderators need it

    soup = BeautifulSoup(page, "html.parser")
    found: list[Listed] = []
    refused = 0
    for box in soup.select("div.isso-comment"):
        number = str(box.get("id", "")).removeprefix("isso-")
        link = box.select_one(".isso-comment-header a[href]")
        key = _KEY.search(str(box.select_one("a.delete") or ""))
        if not number.isdecimal() or link is None:
            refused += 1
            continue

        header = link.parent.get_text() if link.parent else ""
        uri = str(link["href"])
        website = box.select_one(f"#isso-website-{number} a[href]") or box.select_one("a.website[href]")
        when = box.find("time")
        found.append(
            Listed(
                id=int(number),
                uri=uri,
                title=clean_line(header.strip().removeprefix("Thread:").removesuffix(f"({uri})")),
                author=_said(box, f"isso-author-{number}").strip(),
                email=_said(box, f"isso-email-{number}").strip(),
                website=str(website["href"]) if website else "",
                text=_said(box, f"isso-text-{number}"),
                at=_minute(when.get_text() if when else ""),
                key=key[1] if key else "",
            )
        )
    return found, refused


def endpoint(page: str) -> tuple[str, str] | None:
    """The Isso server that a web page embeds, and the page's own name for its thread ("" for its path)."""
    from bs4 import BeautifulSoup  # noqa: PLC0415

    soup = BeautifulSoup(page[:2_000_000], "html.parser")
    script = soup.select_one("script[data-isso]")
    if script is None:
        return None
    thread = soup.select_one("#isso-thread[data-isso-id]")
    return str(script["data-isso"]), str(thread["data-isso-id"]) if thread else ""


def markdown(text: str) -> str:
    """Our plain `text` for a server that reads Markdown: line ends stay, and what looks like a tag is text."""
    parts = _CODE.split(clean(text).strip())
    parts[::2] = [re.sub(r"(?<=\S)\n(?=\S)", "  \n", _TAG.sub(r"\\<", part)) for part in parts[::2]]
    return "".join(parts)


def same_text(shown: str, text: str) -> bool:
    """Whether `shown` (HTML or Markdown, flattened) says `text`, whatever became of its markup."""
    one, other = normalised(shown), normalised(text)
    return one == other or ("" != _MARKS.sub("", one) == _MARKS.sub("", other))


def origin_of(url: str) -> str:
    """Scheme and host of `url`, "" when it has none."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else ""


def checked(entry: object) -> dict[str, Any]:
    """One comment with what every comment must have. Raises `Misshapen` when it has not."""
    known = fields.mapping(entry)
    for key, least in (("id", 1), ("mode", 0)):
        value = known.get(key)
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 1 << 63:
            raise fields.Misshapen(f"{key} is no number")
    parent = known.get("parent")
    if parent is not None and (not isinstance(parent, int) or isinstance(parent, bool) or not 0 < parent < 1 << 63):
        raise fields.Misshapen("parent is no id")
    created, modified = _seconds(known.get("created")), _seconds(known.get("modified"))
    if created is None:
        raise fields.Misshapen("created is no time")
    if not isinstance(known.get("text"), str):
        raise fields.Misshapen("text is missing")
    return {**known, "parent": parent, "created": created, "modified": modified}


def _seconds(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value) if abs(value) < 1 << 53 else None


def _author(entry: Mapping[str, Any], site: Site, number: int, *, email: str = "") -> Author:
    name = clean_line(html.unescape(fields.string(entry, "author")), limit=200) or Clean("Anonymous")
    url = safe_url(html.unescape(fields.string(entry, "website")))
    hashed = clean_line(fields.string(entry, "hash"), limit=200)
    address = html.unescape(email or site.emails.get(number, "")).strip().lower()
    email_hash = hashlib.sha256(address.encode("utf-8", "replace")).hexdigest() if "@" in address else None
    guest = f"mail:{email_hash}" if email_hash else f"guest:{normalised(name).casefold()}|{url or ''}"
    return Author(
        network=site.network,
        key=hashed or guest,
        handle=name,
        name=name,
        url=url,
        email_hash=email_hash,
        is_me=number in site.my_ids or bool(hashed and hashed in site.my_hashes),
    )


def _said(box: "Tag", name: str) -> str:
    each = box.find(id=name)
    return each.get_text() if each else ""


def _minute(text: str) -> int | None:
    """`20:25 / 21-11-2026` as if it were in UTC."""
    try:
        return int(datetime.strptime(text.strip(), "%H:%M / %d-%m-%Y").replace(tzinfo=UTC).timestamp())
    except ValueError:
        return None
