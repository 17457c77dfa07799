"""From what people typed to the HTML each server makes of it, and the fediverse's way of counting letters."""

import re
import unicodedata
from collections.abc import Callable
from html import escape

from community.town.records import Person

_ALLOWED = "a|abbr|b|blockquote|br|cite|code|del|em|i|li|ol|p|pre|q|s|strong|ul"
_FOREIGN_TAG = re.compile(rf"<(?!/?(?:{_ALLOWED})\b)", re.IGNORECASE)
_BLOCK = re.compile(r"^<(?:blockquote|ol|p|pre|ul)\b", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^>]*>")
_TOKEN = re.compile(
    r"(?P<url>https?://[^\s<>\"]+[^\s<>\".,:;!?)])"
    r"|(?<![\w/])@(?P<user>\w+(?:[\w.-]*\w)?)(?:@(?P<home>[\w.-]+\w(?::\d+)?))?"
    r"|(?<![\w/])#(?P<tag>\w*[^\W\d_]\w*)"
)
_SHOWN_URL_CHARS = 30
_URL_CHARS = 23

Resolve = Callable[[str, str], Person | None]
Link = Callable[[Person], str]


def paragraphs(text: str) -> str:
    """Blog text as HTML: blank lines part paragraphs, single breaks stay, unusual tags are shown as typed."""
    blocks = [block.strip() for block in re.split(r"\n\s*\n", _FOREIGN_TAG.sub("&lt;", text)) if block.strip()]
    return "".join(
        f"{block}\n" if _BLOCK.match(block) else "<p>" + block.replace("\n", "<br />\n") + "</p>\n" for block in blocks
    )


def plain(text: str) -> str:
    """Text without its tags, on one line."""
    return " ".join(_ANY_TAG.sub("", text).split())


def status_html(text: str, *, resolve: Resolve, profile: Link, tag: Callable[[str], str]) -> str:
    """Status text as HTML, with the markup the fediverse uses for mentions, hashtags and long links."""

    def token(found: re.Match[str]) -> str:
        if found["url"]:
            return _link(found["url"])
        if found["tag"]:
            address = escape(tag(found["tag"]))
            return f'<a href="{address}" class="mention hashtag" rel="tag">#<span>{found["tag"]}</span></a>'
        person = resolve(found["user"], found["home"] or "")
        if person is None:
            return escape(found[0])
        address = escape(profile(person))
        name = f"@<span>{person.username}</span>"
        return f'<span class="h-card" translate="no"><a href="{address}" class="u-url mention">{name}</a></span>'

    parts = [part for part in re.split(r"\n\s*\n", text.strip()) if part]
    return "".join("<p>" + _tokens(part, token).replace("\n", "<br />") + "</p>" for part in parts)


def mentioned(text: str, resolve: Resolve) -> list[Person]:
    """Who is named by handle in a status, in order, once each."""
    found: dict[str, Person] = {}
    for token in _TOKEN.finditer(text):
        person = resolve(token["user"], token["home"] or "") if token["user"] else None
        if person is not None:
            found.setdefault(person.key, person)
    return list(found.values())


def hashtags(text: str) -> list[str]:
    """The hashtags of a status in lower case, in order, once each."""
    return list(dict.fromkeys(token["tag"].lower() for token in _TOKEN.finditer(text) if token["tag"]))


def length(text: str) -> int:
    """How long the fediverse counts a text: visible characters, links as 23, handles without their server."""

    def counted(found: re.Match[str]) -> str:
        if found["url"]:
            return "x" * _URL_CHARS
        return f"@{found['user']}" if found["user"] else found[0]

    return _clusters(_TOKEN.sub(counted, text))


def _tokens(part: str, token: Callable[[re.Match[str]], str]) -> str:
    made: list[str] = []
    end = 0
    for found in _TOKEN.finditer(part):
        made += [escape(part[end : found.start()], quote=False), token(found)]
        end = found.end()
    return "".join([*made, escape(part[end:], quote=False)])


def _link(url: str) -> str:
    scheme, rest = re.match(r"(https?://(?:www\.)?)(.*)", url, re.DOTALL).groups()  # type: ignore[union-attr]
    shown, hidden = rest[:_SHOWN_URL_CHARS], rest[_SHOWN_URL_CHARS:]
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener" translate="no">'
        f'<span class="invisible">{scheme}</span>'
        f'<span class="{"ellipsis" if hidden else ""}">{escape(shown)}</span>'
        f'<span class="invisible">{escape(hidden)}</span></a>'
    )


def _clusters(text: str) -> int:
    count, joined, flags = 0, False, 0
    for char in unicodedata.normalize("NFC", text):
        point = ord(char)
        flags = flags + 1 if 0x1F1E6 <= point <= 0x1F1FF else 0
        extends = unicodedata.category(char) in {"Mn", "Me", "Mc"} or 0x1F3FB <= point <= 0x1F3FF or point == 0x200D
        if not (extends or joined or (flags and flags % 2 == 0)):
            count += 1
        joined = point == 0x200D
    return count
