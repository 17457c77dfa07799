"""Hostile text is cleaned once, at the edge, before it is shown or stored (pure).

`Clean` is what widgets, exports and the database take; `clean`, `clean_line` and what is built on them are the
only places that make it. Cleaning goes character by character and reaches a fixed point: clean(clean(x)) == clean(x).
"""

import re
from collections.abc import Callable
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, NewType

if TYPE_CHECKING:
    import regex

__all__ = [
    "Clean",
    "Link",
    "clean",
    "clean_line",
    "display",
    "from_html",
    "grapheme_prefix",
    "graphemes",
    "links",
    "normalised",
    "safe_url",
    "shown_host",
    "to_html",
]

Clean = NewType("Clean", str)

_MARKS = 4  # a letter that carries more is not writing in any script
_LINES = 20_000
_SHOWN = "\ufffd"
_SIMPLE = (
    "\u0370-\u0482\u048a-\u0590\u1e00-\u1fff\u2010-\u2027\u202f-\u205e\u2070-\u20cf\u2100-\u2cee\u3000-\u3029"
    "\u3030-\u3098\u309b-\ua000\uac00-\ud7a3\uff01-\uffef\ufffd\U0001f000-\U0001faff\U00020000-\U0002fffd"
    "\U00030000-\U0003134f"
)  # fmt: skip
"""Letters and signs beyond Latin that need no second look, for a character class."""

_TYPOGRAPHY = str.maketrans({"‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "–": "-", "—": "-", "\xa0": " "})


class Link(NamedTuple):
    """One http(s) link out of somebody's text: what it said, and where it goes."""

    text: Clean
    url: str


def clean(text: str | bytes | None, *, limit: int = 1_000_000) -> Clean:
    """`text` of any length and origin, safe for a terminal: lines and tabs stay, controls show as U+FFFD.

    None is "". Past `limit` characters or 20 000 lines it is cut, and the last line says how much more there was.
    """
    if type(text) is not str:
        text = _decoded(text)
    if len(text) <= limit and _is_plain(text) and text.count("\n") < _LINES:
        return Clean(text)
    head, rest = text[: limit * 8], text[limit * 8 :]
    scrubbed = _scrub(re.sub("\r\n?|[\u2028\u2029]", "\n", head))
    if len(scrubbed) > limit or rest or scrubbed.count("\n") >= _LINES:
        return Clean(_cut(scrubbed, rest, limit, "\n… ", _scrub))
    return Clean(scrubbed)


def clean_line(text: str | bytes | None, *, limit: int = 500) -> Clean:
    """`text` as one line without blanks at its ends or twice in a row; cut as in `clean`."""
    if type(text) is not str:
        text = _decoded(text)
    is_line = len(text) <= limit and text.isprintable() and "  " not in text and text == text.strip()
    if is_line and (text.isascii() or _is_plain(text)):
        return Clean(text)
    head, rest = text[: limit * 8], text[limit * 8 :]
    scrubbed = _scrub_line(head)
    if len(scrubbed) > limit or rest.strip():
        return Clean(_cut(scrubbed, rest, limit, "… ", _scrub_line))
    return Clean(scrubbed)


def from_html(html: str, *, base: str = "") -> Clean:
    """What a reader of `html` would read, as plain text. Relative links are resolved against `base`.

    A blank line parts paragraphs, "> " marks quotes, "- " list items; a link's address follows its text where
    the two differ.
    """
    return clean(_flatten()(html, base))


@cache
def _flatten() -> Callable[[str, str], str]:
    from community.markup import flatten  # noqa: PLC0415  late: what is stored is plain text already

    return flatten


def links(html_or_text: str, base: str = "") -> list[Link]:
    """The http(s) links in some HTML or plain text, in order, each address once."""
    from community.markup import anchors  # noqa: PLC0415

    found: dict[str, Link] = {}
    for text, url in anchors(html_or_text, base):
        found.setdefault(url, Link(clean_line(text) or clean_line(url), url))
    return list(found.values())


def shown_host(url: str) -> Clean:
    """The true host of `url`, in punycode when its letters come from several scripts; "" without one."""
    from community.urls import honest_host  # noqa: PLC0415

    return clean_line(honest_host(url))


def safe_url(url: str, base: str = "") -> str | None:
    """The absolute http or https address that `url` means, seen from `base`; see `community.urls.safe_url`."""
    from community import urls  # noqa: PLC0415

    return urls.safe_url(url, base)


def display(text: str) -> str:
    """`text` for one row of a terminal, without anything whose width terminals disagree on. Never stored or sent."""
    if text.isascii() and text.isprintable():
        return text
    return _capped(text.translate(_widths()))


def graphemes(text: str) -> int:
    """How many characters a person sees in `text`."""
    if text.isascii():
        return len(text) - text.count("\r\n")
    return sum(1 for _ in _clusters().finditer(text))


def grapheme_prefix(text: str, n: int) -> str:
    """The first `n` characters of `text` as a person counts them."""
    if n <= 0:
        return ""
    if len(text) <= n:
        return text
    for seen, match in enumerate(_clusters().finditer(text), 1):
        if seen == n:
            return text[: match.end()]
    return text


def to_html(text: str) -> str:
    """Our own plain `text` as HTML paragraphs: blank lines part them, line ends become <br>."""
    import html  # noqa: PLC0415

    escaped = html.escape(clean(text).strip(), quote=False)
    paragraphs = re.split(r"\n[ \t]*\n\s*", escaped) if escaped else []
    return "\n".join("<p>" + paragraph.replace("\n", "<br>\n") + "</p>" for paragraph in paragraphs)


def normalised(text: str) -> str:
    """`text` as servers may give it back: for comparing whether a reply of ours has landed, never for showing.

    Entities are resolved, blanks collapsed, and the quotes and dashes that blog programs prettify made plain.
    """
    import html  # noqa: PLC0415
    import unicodedata  # noqa: PLC0415

    composed = unicodedata.normalize("NFC", clean_line(html.unescape(text), limit=1_000_000))
    plain = _scrub_line(composed).translate(_TYPOGRAPHY)
    return " ".join(re.sub("-{2,}", "-", plain).split())


def _decoded(text: str | bytes | None) -> str:
    if text is None:
        return ""
    return text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)


def _is_plain(text: str) -> bool:
    """Whether there is nothing in `text` that any rule would change: letters, signs, blanks, tabs and line ends."""
    if text.isascii():
        return text.isprintable() or text.replace("\n", "").replace("\t", "").isprintable()
    return not _unusual().search(text)


def _scrub(text: str) -> str:
    """Every rule that looks at characters. Each step leaves nothing that an earlier one would change."""
    text = _silent().sub("", _controls().sub(_SHOWN, text))
    if text.isascii() or not _intricate().search(text):
        return text
    text = _capped(_tags().sub(lambda match: match[1] or _SHOWN, text))
    doubled, stray = _joiners()
    return str(stray.sub("", doubled.sub(r"\1", text)))


def _scrub_line(text: str) -> str:
    return " ".join(_scrub(" ".join(text.split())).split())


def _capped(text: str) -> str:
    """`text` with at most four marks on a letter; what is invisible between marks does not start a new letter."""
    return text if text.isascii() or not _intricate().search(text) else str(_heaped().sub(r"\1", text))


def _cut(scrubbed: str, rest: str, limit: int, lead: str, scrub: Callable[[str], str]) -> str:
    """The start of `scrubbed` and a word on what is missing, together at most `limit` characters and stable."""
    roomy = limit >= 100
    end = max(0, limit - (len(lead) + 16 if roomy else 1))
    if scrubbed.count("\n", 0, end) >= _LINES - 1:
        end = _nth_newline(scrubbed, _LINES - 1)
    end = min(end, len(scrubbed))
    for _ in range(64):
        if not 0 < end < len(scrubbed) or not _clings(scrubbed[end]):
            break
        end -= 1
    kept = scrub(scrubbed[:end]).rstrip()
    if not roomy:
        return kept + "…"[:limit]
    missing = len(scrubbed[end:].encode()) + len(rest.encode("utf-8", "replace"))
    return f"{kept}{lead if kept else lead.lstrip()}{_size(missing)} more"


def _clings(char: str) -> bool:
    import unicodedata  # noqa: PLC0415

    return unicodedata.category(char) in ("Mn", "Me", "Mc", "Cf", "Sk")


def _nth_newline(text: str, n: int) -> int:
    at = -1
    for _ in range(n):
        at = text.index("\n", at + 1)
    return at


def _size(count: int) -> str:
    """`count` bytes as a person says it."""
    if count < 1000:
        return f"{count} B"
    if count < 1_000_000:
        return f"{count // 1000} kB"
    return f"{count / 1_000_000:.1f} MB"


# Patterns and tables are made when the first text needs them: most of what is shown at a start is plain.


@cache
def _controls() -> re.Pattern[str]:
    planes = (f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0, 0x110000, 0x10000))
    unassigned = "\ufdd0-\ufdef" + "".join(planes)
    return re.compile(f"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u206a-\u206f\ufff9-\ufffb\ud800-\udfff{unassigned}]")


@cache
def _silent() -> re.Pattern[str]:
    """Layout hints that honest writers use as well: they go without a trace, what is around them stays as it was."""
    return re.compile("[\u061c\u200e\u200f\u2066-\u2069\ufeff]")


@cache
def _tags() -> re.Pattern[str]:
    return re.compile(
        "(\U0001f3f4[\U000e0061-\U000e007a]{2}[\U000e0030-\U000e0039\U000e0061-\U000e007a]{1,4}\U000e007f)"
        "|[\U000e0000-\U000e007f]+"
    )


@cache
def _unusual() -> re.Pattern[str]:
    """What some rule may change: whatever is `_intricate`, and the controls that are not."""
    return re.compile(f"[^\t\n -~\xa0-\u02ff{_SIMPLE}]")


@cache
def _intricate() -> re.Pattern[str]:
    """No marks, no joiners, no tags outside of it: most of what people write needs no second look."""
    return re.compile(f"[^\x00-\u02ff{_SIMPLE}]")


@cache
def _widths() -> dict[int, int | str | None]:
    return {
        **dict.fromkeys((*range(0x20), *range(0x7F, 0xA0), *range(0xD800, 0xE000), *range(0xFDD0, 0xFDF0)), _SHOWN),
        **dict.fromkeys((plane + last for plane in range(0, 0x110000, 0x10000) for last in (0xFFFE, 0xFFFF)), _SHOWN),
        **dict.fromkeys(
            (
                *(0xAD, 0x34F, 0x61C, 0x180B, 0x180C, 0x180D, 0x180E, 0x180F, 0x20E3, 0xFEFF, 0xFFF9, 0xFFFA, 0xFFFB),
                *range(0x200B, 0x2010),
                *range(0x202A, 0x202F),
                *range(0x2060, 0x2070),
                *range(0xFE00, 0xFE10),
                *range(0x1F3FB, 0x1F400),
                *range(0xE0000, 0xE0200),
            )
        ),
        **{0x1F1E6 + at: 0x41 + at for at in range(26)},
        **dict.fromkeys((0x09, 0x0A, 0x0D, 0x2028, 0x2029), " "),
    }


@cache
def _heaped() -> "regex.Pattern[str]":
    import regex  # noqa: PLC0415

    mark = r"[\p{Mn}\p{Me}]"
    return regex.compile(rf"((?:{mark}\p{{Cf}}*+){{{_MARKS - 1}}}{mark})\p{{Cf}}*+{mark}[\p{{Mn}}\p{{Me}}\p{{Cf}}]*+")


@cache
def _joiners() -> "tuple[regex.Pattern[str], regex.Pattern[str]]":
    """Runs of joiners, and joiners that join nothing. After a virama they shape a letter wherever they stand."""
    import regex  # noqa: PLC0415

    joiner, joined = "[\u200c\u200d]", r"[\p{L}\p{M}\p{Nd}\p{ExtPict}\p{EMod}\U000e007f]"
    return (
        regex.compile(f"({joiner}){joiner}+"),
        regex.compile(rf"(?<!{joined}){joiner}|(?<!\p{{ccc=9}}){joiner}(?!{joined})"),
    )


@cache
def _clusters() -> "regex.Pattern[str]":
    r"""What a person sees as one character. Flags are paired by hand: a long run of them takes `\X` quadratic time."""
    import regex  # noqa: PLC0415

    return regex.compile("[\U0001f1e6-\U0001f1ff]{2}[\\p{M}\u200d]*+|\\X")
