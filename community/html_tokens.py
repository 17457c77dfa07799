"""Hostile HTML as tags and the text between them (pure): every position is looked at a bounded number of times."""

import re
from collections.abc import Iterator
from typing import Final

_TAG = re.compile(r"<(?:(!--)|(/?)([a-zA-Z][^\s/>]{0,99})(>?)|[!?/])")
_ATTRIBUTE = re.compile(
    r"[\s/]*+(?:(>)|([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|(?![\"'])([^\s>]*+)))?+|=)"
)
_ONLY_ATTRIBUTE = re.compile(r"\s+([a-zA-Z][a-zA-Z0-9-]*+)=\"([^\"]*+)\"\s*+>")
_COMMENT_END = re.compile(r"--!?>")

DROPPED: Final = frozenset(
    {"script", "style", "template", "iframe", "noembed", "noframes", "textarea", "title", "svg", "math"}
    | {"select", "object", "canvas", "audio", "video"}
)
"""Elements whose content nobody reads."""
_RAW: Final = frozenset({"script", "style"})
_MOST_TAGS = 50_000  # some 0.2 s of work, and more than the longest honest post has
LONGEST = 4_000_000
"""So many letters are read."""


def tokens(html: str) -> Iterator[tuple[bool, str, str | dict[str, str]]]:
    """(is an end tag, lower-case name, attributes) for tags, (False, "", text) for text between them.

    Elements whose content nobody reads are left out whole. Every position is looked at a bounded number of times;
    what is too much is not read at all: the last token is then (True, "", how much).
    """
    from html import unescape  # noqa: PLC0415

    at, seen, size = 0, 0, min(len(html), LONGEST)
    endless: set[str] = set()
    while at < size or len(html) > size:
        seen += 1
        if seen > _MOST_TAGS or at >= size:
            yield True, "", f"{(len(html) - at) / 1_000_000:.1f} MB of HTML more"
            return
        opened = _TAG.search(html, at, size)
        start = opened.start() if opened else size
        if start > at:
            yield False, "", unescape(html[at:start])
        if not opened:
            at = size
            continue
        comment, slash, name, bare = opened.groups()
        at = opened.end()
        if comment:
            closed = _COMMENT_END.search(html, max(start + 2, at - 2))
            at = closed.end() if closed else size
        elif not name:
            closing = html.find(">", at - 1)
            at = closing + 1 if closing >= 0 else size
        else:
            name = name.lower()
            attributes: dict[str, str] = {}
            if not bare:
                read = _attributes(html, at)
                if read is None:
                    return
                attributes, at = read
            if slash or name not in DROPPED:
                yield (
                    bool(slash),
                    name,
                    {key: unescape(value) for key, value in attributes.items()} if attributes else {},
                )
            else:
                at = _end_of(name, html, at, endless)


def _end_of(name: str, html: str, at: int, endless: set[str]) -> int:
    """Where the end tag of `name` starts; without one a script takes all that follows, anything else nothing."""
    if name in endless:
        return at
    if ending := re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, at):
        return ending.start()
    endless.add(name)
    return len(html) if name in _RAW else at


def _attributes(html: str, at: int) -> tuple[dict[str, str], int] | None:
    """The attributes from `at` on and the place behind the tag; None when the tag never ends. First spelling wins."""
    if only := _ONLY_ATTRIBUTE.match(html, at):
        return {only[1].lower(): only[2][:4000]}, only.end()
    found: dict[str, str] = {}
    for _ in range(_MOST_TAGS):
        match = _ATTRIBUTE.match(html, at)
        if not match:
            break
        at = match.end()
        closed, name, double, single, bare = match.groups()
        if closed:
            return found, at
        if name and len(found) < 50:
            value = next((value for value in (double, single, bare) if value is not None), "")
            found.setdefault(name.lower(), value[:4000])
    return None
