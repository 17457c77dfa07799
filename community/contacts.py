"""People as contacts: what a card says of somebody, and a person as a card, a line of a table or a page (pure)."""

import csv
import hashlib
import io
import re
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from community.evidence import links_of
from community.model import Identity, PersonRow, TimelineRow
from community.people import Card
from community.text import Clean, clean, clean_line, safe_url
from community.vcard import Property, text

_SPACE = uuid.UUID("6f0c3f2e-6a1e-5d0b-9d0a-5b0e5c7b7f10")
_MOST = 100
_SERVICES = {"fediverse": "Mastodon", "bluesky": "Bluesky"}
_ADDRESS = re.compile(r"[^\s@]{1,200}@[^\s@]{1,250}")
_FORMULA = frozenset("=+-@＝＋－＠")
_TAG = re.compile(r"[\s#]+")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to reach somebody, as a card gives it: the network and key of an identity, and what it shows."""

    network: str
    key: str
    handle: Clean
    url: str | None = None
    email_hash: str | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """What a card says that Kith has a place for."""

    name: Clean
    ways: tuple[Way, ...]
    tags: tuple[Clean, ...] = ()
    notes: tuple[Clean, ...] = ()


def contact(card: Sequence[Property]) -> Contact | None:
    """What a card says; None for one without a name, and for a group or an organisation."""
    kind = next((each.text().strip().lower() for each in card if each.name == "KIND"), "individual")
    if kind not in {"individual", ""}:
        return None
    name = _name(card)
    if not name:
        return None
    ways = {(way.network, way.key): way for each in card if (way := _way(each)) is not None}
    if not ways:
        uid = next((each.text() for each in card if each.name == "UID"), clean_line(""))
        ways = {("card", uid or name): Way("card", clean_line(uid or name, limit=500), name)}
    tags = {clean_line(_TAG.sub("-", part.strip()), limit=60): None for each in card if each.name == "CATEGORIES"
            for part in each.texts()}  # fmt: skip
    notes = [note for each in card if each.name == "NOTE" and (note := clean(each.text().strip(), limit=20_000))]
    return Contact(name, tuple(ways.values())[:_MOST], tuple(tag for tag in tags if tag.strip("-")), tuple(notes[:20]))


def _name(card: Sequence[Property]) -> Clean:
    for wanted in ("FN", "N", "NICKNAME", "ORG"):
        for each in card:
            if each.name == wanted:
                words = each.text()
                if wanted == "N":
                    parts = [*each.fields(), *[clean_line("")] * 5]
                    words = clean_line(
                        " ".join(part for part in (parts[3], parts[1], parts[2], parts[0], parts[4]) if part)
                    )
                if found := clean_line(words, limit=120):
                    return found
    return clean_line("")


def _way(each: Property) -> Way | None:
    match each.name:
        case "EMAIL":
            return mail(each.text())
        case "URL":
            return _site(each.text())
        case "SOCIALPROFILE" | "X-SOCIALPROFILE" | "IMPP":
            return _profile(each)
        case "TEL":
            number = clean_line(each.text().removeprefix("tel:"), limit=60)
            return Way("phone", re.sub(r"[^\d+]", "", number), number) if re.search(r"\d{3}", number) else None
    return None


def mail(typed: str) -> Way | None:
    """An e-mail address as a way to reach somebody; None when it is none."""
    address = clean_line(typed.strip().removeprefix("mailto:"), limit=400)
    if not _ADDRESS.fullmatch(address):
        return None
    lower = address.lower()
    return Way("mail", lower, address, email_hash=hashlib.sha256(lower.encode("utf-8", "replace")).hexdigest())


def _site(typed: str) -> Way | None:
    url = safe_url(typed.strip())
    return Way("web", url, clean_line(url.partition("://")[2].rstrip("/"), limit=300), url) if url else None


def _profile(each: Property) -> Way | None:
    named = [*each.parameters.get("SERVICE-TYPE", ()), *each.parameters.get("TYPE", ())]
    service = re.sub(r"[^a-z0-9.-]", "", clean_line(named[0] if named else "", limit=60).lower())
    user = clean_line(next(iter(each.parameters.get("USERNAME", each.parameters.get("X-USER", ()))), ""), limit=300)
    url = safe_url(each.text().strip())
    if url is None:
        scheme, _, rest = each.text().strip().partition(":")
        handle = user or clean_line(rest or scheme, limit=300)
        service = service or (re.sub(r"[^a-z0-9.-]", "", scheme.lower()) if rest else "")
        return Way(f"profile:{service}" if service else "profile", handle, handle) if handle else None
    host = urlsplit(url).netloc
    return Way(f"profile:{service or host}", url, user or clean_line(url.partition("://")[2], limit=300), url)


def card(found: Card, *, notes: bool) -> list[Property]:
    """A person as a card; what was noted about them only with `notes`."""
    who = found.person
    first = found.identities[0] if found.identities else None
    name = f"{first.network} {first.key}" if first is not None else f"{who.id} {who.created_at}"
    own = next((each.key for each in found.identities if each.network == "card"), "")
    lines = [
        Property("KIND", "individual"),
        text("UID", own) if own else Property("UID", f"urn:uuid:{uuid.uuid5(_SPACE, name)}"),
        text("FN", who.name or "?"),
    ]
    for each in found.identities:
        lines += _ways(each)
    if found.tags:
        lines.append(Property("CATEGORIES", ",".join(text("", tag).value for tag in found.tags)))
    if notes:
        lines += [text("NOTE", note.text) for note in found.notes]
    return list({(line.name, line.value): line for line in lines}.values())


def _ways(each: Identity) -> Iterator[Property]:
    kind = each.network.partition(":")[0]
    url = safe_url(each.url or "")
    if kind == "mail":
        yield text("EMAIL", each.handle)
    elif kind == "phone":
        yield text("TEL", each.handle, value="text")
    elif kind == "web" or (":" in each.network and kind != "profile"):
        if url:
            yield Property("URL", url)
    elif kind != "card":
        service = each.network.partition(":")[2] if kind == "profile" else _SERVICES.get(kind, kind.title())
        user = each.handle.removeprefix("@")
        yield Property("SOCIALPROFILE", url or text("", each.handle).value, {
            **({"SERVICE-TYPE": (service,)} if service else {}), "USERNAME": (user,),
            **({} if url else {"VALUE": ("text",)}),
        })  # fmt: skip
    for linked, _ in links_of(each):
        yield Property("URL", linked)


def table(rows: Iterable[tuple[PersonRow, Sequence[Identity]]]) -> Iterator[str]:
    """People as lines of CSV, the first with the names of the columns. No cell begins like a formula."""
    yield _csv(["id", "name", "stage", "tags", "first_contact", "last_contact", "handles", "sites"])
    for row, identities in rows:
        sites = dict.fromkeys(each.url for each in identities if each.url)
        yield _csv([
            str(row.id), row.name, row.stage, row.tags, _date(row.first_contact_at), _date(row.last_contact_at),
            " ".join(dict.fromkeys(each.handle for each in identities)), " ".join(sites),
        ])  # fmt: skip


def _csv(cells: Sequence[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow([harmless(cell) for cell in cells])
    return out.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.lstrip()[:1] in _FORMULA or cell[:1] in {"\t", "\r"} else cell


def _date(at: int | None) -> str:
    return "" if at is None else datetime.fromtimestamp(max(0, min(at, 253_402_300_799)), UTC).strftime("%Y-%m-%d")


def page(found: Card, timeline: Iterable[TimelineRow], *, stage: str) -> Iterator[str]:
    """A person as Markdown: who they are, what is open, and everything between you, the newest first."""
    who = found.person
    yield f"# {_plain(who.name)}\n\n"
    facts = [stage, f"first contact {_date(who.first_contact_at)}" if who.first_contact_at else "no contact yet"]
    yield " · ".join([*facts, *(f"#{_plain(tag)}" for tag in found.tags)]) + "\n"
    if found.identities:
        yield "\n## Ways to reach them\n\n"
        for each in found.identities:
            where = each.network.partition(":")[2] or each.network
            yield (
                f"- {_plain(each.handle or each.name)} ({_plain(where)})"
                + (f" <{each.url}>" if each.url else "")
                + "\n"
            )
    if found.promises:
        yield "\n## You promised\n\n"
        for promise in found.promises:
            yield f"- {_plain(promise.text)}" + (f", by {_date(promise.due_at)}" if promise.due_at else "") + "\n"
    if found.notes:
        yield "\n## Notes\n\n"
        for note in found.notes:
            yield f"{_quoted(note.text)}\n\n*{_date(note.at)}*\n\n"
    yield "\n## Between you\n\n"
    for row in timeline:
        if row.what == "note":
            continue
        where = f", {_plain(row.source_name)}" if row.source_name else ""
        mine = "you" if row.what == "outgoing" else _plain(row.kind)
        yield f"**{_date(row.at)}** {mine}{where}\n\n" + (f"{_quoted(row.text)}\n\n" if row.text else "")


def _plain(words: str) -> str:
    r"""Words that Markdown shows as they are."""
    return re.sub(r"([\\`*_{}\[\]<>()#|!~])", r"\\\1", clean_line(words))


def _quoted(words: str) -> str:
    """Somebody's text as a quotation; what would be HTML or a heading in it stays text."""
    return "\n".join("> " + re.sub(r"([\\`*_\[\]<>#|])", r"\\\1", line) for line in clean(words).splitlines() or [""])
