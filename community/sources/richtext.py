"""What an AT Protocol post needs beside its words: its own key, and where links, mentions and tags are (pure).

Source: atproto packages/syntax/src/tid.ts, packages/api/src/rich-text; offsets count UTF-8 bytes.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

import regex

from community.length import trimmed
from community.sources.fields import child, children, string
from community.text import graphemes, safe_url

LINK: Final = "app.bsky.richtext.facet#link"
MENTION: Final = "app.bsky.richtext.facet#mention"
TAG: Final = "app.bsky.richtext.facet#tag"

_LETTERS: Final = "234567abcdefghijklmnopqrstuvwxyz"
_TID: Final = regex.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_URL: Final = regex.compile(r"(?:^|(?<=[\s(\[{<\"“«]))https?://[^\s<>\"”»]+", regex.IGNORECASE)
_MENTION: Final = regex.compile(
    r"(?:^|(?<=[\s(]))@((?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z][a-zA-Z0-9-]*)"
)
_TAG: Final = regex.compile(r"(?:^|(?<=\s))[#＃]((?!\ufe0f)[^\s\u00ad\u2060\u200a\u200b\u200c\u200d\u20e2]+)")
_PUNCTUATION: Final = regex.compile(r"\p{P}+$")
_TAG_GRAPHEMES: Final = 64
_CLOCKS: Final = 1024


@dataclass(frozen=True, slots=True)
class Span:
    """One link, mention or tag in a text: where it is in bytes, and what it names."""

    start: int
    end: int
    kind: str
    value: str


def tid(microseconds: int, clock: int) -> str:
    """The 13 letters that name a record made at that moment. `clock` is 0..1023."""
    value = (microseconds << 10) | (clock % _CLOCKS)
    return "".join(_LETTERS[(value >> shift) & 31] for shift in range(60, -1, -5))


def is_tid(text: str) -> bool:
    """Whether `text` can name a post."""
    return _TID.fullmatch(text) is not None


def moment_of(text: str) -> int | None:
    """When the record with this name was made, in epoch seconds; None when the name does not tell."""
    if not is_tid(text):
        return None
    value = 0
    for letter in text:
        value = value << 5 | _LETTERS.index(letter)
    return (value >> 10) // 1_000_000


def record_key(key: str, now: int) -> str:
    """The name of a record of ours: `key` where it is a TID, else one made of the time and the key, always the same."""
    if is_tid(key):
        return key
    noise = int.from_bytes(hashlib.blake2b(key.encode("utf-8", "replace"), digest_size=8).digest())
    return tid(now * 1_000_000 + noise % 1_000_000, noise // 1_000_000)


def spans(text: str) -> list[Span]:
    """The links, mentions and tags in `text`, in order, none over another."""
    found: list[tuple[int, int, str, str]] = []
    for match in _URL.finditer(text):
        address = trimmed(match.group())
        if safe_url(address):
            found.append((match.start(), match.start() + len(address), LINK, address))
    for match in _MENTION.finditer(text):
        found.append((match.start(), match.end(), MENTION, match[1].lower()))
    for match in _TAG.finditer(text):
        tag = _PUNCTUATION.sub("", match[1])
        if tag and not tag.isdigit() and graphemes(tag) <= _TAG_GRAPHEMES:
            found.append((match.start(), match.start(1) + len(tag), TAG, tag))
    kept: list[Span] = []
    end = 0
    for start, stop, kind, value in sorted(found):
        if start >= end:
            kept.append(Span(_bytes(text[:start]), _bytes(text[:stop]), kind, value))
            end = stop
    return kept


def facets(found: Iterable[Span], dids: Mapping[str, str]) -> list[dict[str, object]]:
    """Spans as a record holds them. A mention whose handle has no DID is left out: it would name nobody."""
    made: list[dict[str, object]] = []
    for span in found:
        match span.kind:
            case kind if kind == LINK:
                feature = {"$type": LINK, "uri": span.value}
            case kind if kind == TAG:
                feature = {"$type": TAG, "tag": span.value}
            case _:
                if span.value not in dids:
                    continue
                feature = {"$type": MENTION, "did": dids[span.value]}
        made.append({"index": {"byteStart": span.start, "byteEnd": span.end}, "features": [feature]})
    return made


def mentioned(record: Mapping[str, Any]) -> set[str]:
    """The DIDs that a post's facets mention."""
    features = (feature for facet in children(record, "facets") for feature in children(facet, "features"))
    return {string(feature, "did") for feature in features if string(feature, "$type") == MENTION}


def spelled_out(record: Mapping[str, Any]) -> str:
    """A post's text with every link whole: apps shorten what they show, and keep the address in a facet."""
    text = string(record, "text").encode("utf-8", "replace")
    parts: list[bytes] = []
    done = 0
    for start, end, address in sorted(_links(record)):
        if not done <= start < end <= len(text):
            continue
        shown = text[start:end].decode("utf-8", "replace")
        parts += [text[done:start], _told(shown, address).encode("utf-8", "replace")]
        done = end
    return b"".join([*parts, text[done:]]).decode("utf-8", "replace")


def _links(record: Mapping[str, Any]) -> Iterable[tuple[int, int, str]]:
    for facet in children(record, "facets")[:200]:
        index = child(facet, "index")
        start, end = index.get("byteStart"), index.get("byteEnd")
        for feature in children(facet, "features"):
            address = safe_url(string(feature, "uri")) if string(feature, "$type") == LINK else None
            if address and type(start) is int and type(end) is int:
                yield start, end, address


def _told(shown: str, address: str) -> str:
    bare = address.partition("://")[2].rstrip("/")
    said = shown.partition("://")[2] if "://" in shown else shown
    cut = said.rstrip("….").rstrip("/")
    if bare == said.rstrip("/") or (cut and cut != said and bare.startswith(cut)):
        return address
    return shown if shown.rstrip("/") == address.rstrip("/") else f"{shown} ({address})"


def _bytes(text: str) -> int:
    return len(text.encode("utf-8", "replace"))
