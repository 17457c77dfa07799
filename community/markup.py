"""Hostile HTML read as plain text (pure): never recursive, one pass, time linear in its length.

A real HTML parser is not used on purpose: trees are quadratic in depth (0.3 MB of `<div>` took 19 s), and only text
leaves here. What comes out is not cleaned yet: `community.text` does that.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from community.html_tokens import DROPPED, LONGEST, tokens
from community.urls import safe_url

_LINK = re.compile(r"a href=\"([^\"<>]*+)\"")
_PLAIN = re.compile(r"(/?)([a-zA-Z][a-zA-Z0-9]{0,30}+)((?:\s++[a-zA-Z][a-zA-Z0-9-]*+=\"[^\"<>]*+\"){0,40}+)\s*+/?")
_PAIRS = re.compile(r"([a-zA-Z][a-zA-Z0-9-]*+)=\"([^\"<>]*+)\"")
_MARKUP = re.compile(r"<[a-zA-Z!/][^<>]*+>")
_URL = re.compile(r"https?://[^\s<>\"\x00-\x1f]+", re.IGNORECASE)

_TELLING: Final = frozenset({"a", "img", "span"})
"""Elements whose attributes say something to a reader."""
_PARAGRAPHS: Final = frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "table", "figure", "dl", "hr", "article", "section", "aside"}
    | {"header", "footer", "main", "nav", "form", "details"}
)
_LINES: Final = frozenset(
    ("div", "tr", "dt", "dd", "figcaption", "summary", "address", "center", "body", "html", "head", "caption")
)
_BARE: Final[Mapping[str, tuple[bool, str, dict[str, str]]]] = {
    slash + name: (bool(slash), name, {})
    for name in (*_PARAGRAPHS, *_LINES, "a", "br", "li", "ul")
    for slash in ("", "/")
}
"""Most of the tags there are, as they are written most of the time."""
_BLANKS = re.compile(r"[ \t\n\f\r]{2,}+|[\t\n\f\r]")
"""What is not one blank already."""
_FRONT = re.compile(r"^(?:https?://)?(?:www\.)?")
_HOST_AT = len("https://")
_DEEPEST = 8
_SHORT = 100_000


def flatten(html: str, base: str = "") -> str:
    """The text a reader of `html` sees; entities are resolved, links and images are told in words. Not cleaned."""
    if "<" not in html and "&" not in html and len(html) < LONGEST:
        return _BLANKS.sub(" ", html).strip(" ").rstrip()
    page = _Page(base)
    if len(html) < _SHORT and _laid_out(page, html):
        return page.finished()
    page = _Page(base)
    for end, name, value in tokens(html):
        if isinstance(value, dict):
            page.tag(end, name, value)
        elif end:
            return f"{page.finished()}\n… {value}".lstrip("\n")
        else:
            page.write(value)
    return page.finished()


def _laid_out(page: "_Page", html: str) -> bool:
    """Whether `html` is of the plain kind that most is: then it is read at once, as `tokens` would read it."""
    from html import unescape  # noqa: PLC0415

    before, *parts = html.split("<")
    if before:
        page.write(unescape(before))
    for part in parts:
        tag, closed, text = part.partition(">")
        if not closed:
            return False
        if tag in _BARE:
            page.tag(*_BARE[tag])
        elif link := _LINK.fullmatch(tag):
            page.tag(False, "a", {"href": unescape(link[1][:4000])})
        elif not (found := _PLAIN.fullmatch(tag)) or found[2].lower() in DROPPED:
            return False
        else:
            name, told = found[2].lower(), dict[str, str]()
            if found[3] and name in _TELLING:
                for key, value in _PAIRS.findall(found[3]):
                    told.setdefault(key.lower(), unescape(value[:4000]))
            page.tag(bool(found[1]), name, told)
        if text:
            page.write(unescape(text) if "&" in text else text)
    return True


def anchors(html_or_text: str, base: str = "") -> Iterator[tuple[str, str]]:
    """(text, address) of each http(s) link, in order: those of `<a>` and those written out in the text."""
    if not _MARKUP.search(html_or_text):
        yield from _written(html_or_text)
        return
    address: str | None = None
    said: list[str] = []
    for end, name, value in tokens(html_or_text):
        if name == "a":
            if address:
                yield " ".join("".join(said).split()), address
            said = []
            address = None if end or not isinstance(value, dict) else safe_url(value.get("href", ""), base)
        elif not end and isinstance(value, str):
            if address:
                said.append(value)
            else:
                yield from _written(value)
    if address:
        yield " ".join("".join(said).split()), address


def _written(text: str) -> Iterator[tuple[str, str]]:
    for match in _URL.finditer(text, 0, LONGEST // 8):
        found = match[0][:2001].rstrip(".,;:!?'*_~…»”’")
        while found.endswith(")") and found.count(")") > found.count("("):
            found = found[:-1]
        if url := safe_url(found):
            yield found, url


class _Page:
    """Text being laid out. Depth is counted, not stacked, so that unbalanced tags cost nothing."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._lines: list[str] = []
        self._line: list[str] = []
        self._blank_due = False
        self._gap_due = False
        self._quotes = 0
        self._quoted = 0
        self._lists = 0
        self._preformatted = 0
        self._bullet = False
        self._spans: list[str] = []
        self._hidden = 0
        self._link: tuple[str, bool, int, int] | None = None
        self._link_hid = False

    def write(self, text: str) -> None:
        """Take text between tags."""
        if self._hidden:
            self._link_hid = True
        elif self._preformatted:
            first, *more = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
            self._put(first)
            for line in more:
                self._end_line(even_empty=True)
                self._put(line)
        elif text.isprintable() and "  " not in text:
            self._flow(text)
        else:
            self._flow(_BLANKS.sub(" ", text))

    def tag(self, end: bool, name: str, attributes: dict[str, str]) -> None:
        """Take a tag; those without a meaning for a reader are passed over."""
        if name in _PARAGRAPHS:
            self._paragraph()
        elif name == "a":
            self._close_link()
            if not end:
                self._open_link(attributes)
        elif name == "span":
            self._span(end, attributes)
        elif name == "br":
            self._end_line(even_empty=True)
        elif name == "img":
            self._image(attributes)
        elif name in ("td", "th"):
            self._gap_due = self._gap_due or bool(self._line)
        elif name == "blockquote":
            self._paragraph()
            self._quotes = max(0, self._quotes + (-1 if end else 1))
        elif name in ("ul", "ol", "menu"):
            self._end_line() if self._lists else self._paragraph()
            self._lists = max(0, self._lists + (-1 if end else 1))
            self._bullet = False
        elif name == "li":
            self._end_line()
            self._bullet = not end
        elif name in ("pre", "listing", "xmp"):
            self._paragraph()
            self._preformatted = max(0, self._preformatted + (-1 if end else 1))
        elif name in _LINES:
            self._end_line()

    def finished(self) -> str:
        """All that was laid out."""
        self._close_link()
        self._end_line()
        return "\n".join(self._lines).strip("\n")

    def _flow(self, text: str) -> None:
        if text[:1] == " ":
            self._gap_due = self._gap_due or bool(self._line)
        if words := text.strip(" "):
            if self._gap_due and self._line:
                self._line.append(" ")
            self._line.append(words)
            self._gap_due = text[-1] == " "

    def _put(self, text: str) -> None:
        if not text:
            return
        if self._gap_due and self._line:
            self._line.append(" ")
        self._gap_due = False
        self._line.append(text)

    def _paragraph(self) -> None:
        if self._line:
            self._end_line()
        self._gap_due = False
        self._blank_due = not self._bullet

    def _end_line(self, *, even_empty: bool = False) -> None:
        self._gap_due = False
        if not self._line and not even_empty:
            return
        if self._blank_due and self._lines and self._lines[-1].strip("> "):
            self._lines.append(("> " * min(self._quotes, self._quoted, _DEEPEST)).rstrip())
        self._blank_due = False
        text = "".join(self._line)
        self._line = []
        if not text and not self._preformatted and self._lines and not self._lines[-1].strip("> "):
            return
        margin = "> " * min(self._quotes, _DEEPEST)
        if self._lists and not self._preformatted:
            margin += "  " * (min(self._lists, _DEEPEST) - 1) + ("- " if self._bullet else "  ")
        elif self._bullet:
            margin += "- "
        self._bullet = False
        self._quoted = self._quotes
        self._lines.append((margin + text).rstrip())

    def _span(self, end: bool, attributes: dict[str, str]) -> None:
        if not end:
            kinds = attributes.get("class", "").split()
            kind = "invisible" if "invisible" in kinds else "ellipsis" if "ellipsis" in kinds else ""
            self._spans.append(kind)
            self._hidden += kind == "invisible"
        elif self._spans:
            kind = self._spans.pop()
            self._hidden -= kind == "invisible"
            if kind == "ellipsis":
                self._put("…")

    def _image(self, attributes: dict[str, str]) -> None:
        alt = " ".join(attributes.get("alt", "").split())
        kinds = attributes.get("class", "")
        if self._hidden or (not alt and ("alt" in attributes or attributes.get("width") in ("0", "1"))):
            return
        if "emoji" in kinds or "smiley" in kinds:
            self._put(alt)
        else:
            self._put(f"[image: {alt}]" if alt else "[image]")

    def _open_link(self, attributes: dict[str, str]) -> None:
        href = attributes.get("href", "")
        kinds = attributes.get("class", "").split()
        url = None if href.lstrip().startswith("#") else safe_url(href, self._base)
        self._link_hid = False
        if url:
            named = any(kind in ("mention", "u-url", "hashtag") for kind in kinds)
            self._link = (url, named, len(self._lines), len(self._line))

    def _close_link(self) -> None:
        if not self._link:
            return
        url, named, lines, pieces = self._link
        self._link = None
        here = len(self._lines) == lines
        said = "".join(self._line[pieces:] if here else [*self._lines[lines:], *self._line]).strip()
        if named or not said:
            return
        if " " in said or (said.isalnum() and not self._link_hid and "/" in url.rstrip("/")[_HOST_AT:]):
            self._gap_due = False
            self._put(f" ({url})")
            return
        told, whole = _bare(said), _bare(url)
        cut = told.rstrip("….")
        if told == whole or (cut != told and whole.startswith(cut)) or (self._link_hid and whole.startswith(told)):
            if here:
                gap = bool(self._line[pieces:]) and self._line[pieces] == " "
                self._line[pieces + gap :] = [url]
            elif told != whole:
                self._put(f" ({url})")
        else:
            self._gap_due = False
            self._put(f" ({url})")


def _bare(text: str) -> str:
    """`text` without what browsers and people leave off an address."""
    text = text.strip().casefold()
    return _FRONT.sub("", text, count=1).rstrip("/")
