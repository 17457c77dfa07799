"""How long a text is to a platform, exactly as its server counts (pure).

Source: mastodon app/validators/status_length_validator.rb; atproto lexicon app.bsky.feed.post (graphemes and bytes).
"""

import regex

from community.sources.base import LengthRule
from community.text import graphemes

_URL = regex.compile(
    r"(?<![\w@＠$#＃])https?://(?:[\w-]+\.)+\p{L}[\w-]*(?::\d+)?(?:[/?#][^\s<>\"]*)?", regex.IGNORECASE
)
_MENTION = regex.compile(r"(?<![=/\w])(@[a-z0-9_]+(?:[a-z0-9_.-]+[a-z0-9_]+)?)@[\w.-]+\w+", regex.IGNORECASE)
_CLOSING = {")": "(", "]": "["}
_TRAILING = ".,;:!?'\"»”’…*~"


def measure(rule: LengthRule, text: str, *, warning: str = "") -> int:
    """The length of `text` in the unit of `rule`, links and mentions counted as it says.

    `warning` is a content warning, which servers count too, but as it stands.
    """
    if rule.url_cost:
        text = _shortened(text, rule)
    elif rule.short_mentions:
        text = _MENTION.sub(r"\1", text)
    return _units(rule.unit, warning + text)


def remaining(rule: LengthRule, text: str, *, warning: str = "") -> int | None:
    """How much may still be written; negative when it is too long already, None when there is no limit."""
    left: list[int] = []
    if rule.limit:
        left.append(rule.limit - measure(rule, text, warning=warning))
    if rule.max_bytes:
        left.append(rule.max_bytes - _units("bytes", warning + text))
    return min(left) if left else None


def _shortened(text: str, rule: LengthRule) -> str:
    """`text` with a run of `url_cost` letters for each link; a mention inside of a link is no mention."""
    parts: list[str] = []
    done = 0
    for start, end in links(text):
        parts += [_short_mentions(text[done:start], rule), "x" * rule.url_cost]
        done = end
    return "".join([*parts, _short_mentions(text[done:], rule)])


def _short_mentions(text: str, rule: LengthRule) -> str:
    return _MENTION.sub(r"\1", text) if rule.short_mentions else text


def links(text: str) -> list[tuple[int, int]]:
    """Where the http(s) links in `text` are, closing punctuation left out, in order."""
    return [(found.start(), found.start() + len(trimmed(found.group()))) for found in _URL.finditer(text)]


def trimmed(link: str) -> str:
    """A link without the punctuation of the sentence around it; a bracket it opened itself stays."""
    while link:
        last = link[-1]
        opener = _CLOSING.get(last)
        if last not in _TRAILING and (opener is None or link.count(opener) >= link.count(last)):
            break
        link = link[:-1]
    return link


def _units(unit: str, text: str) -> int:
    match unit:
        case "graphemes":
            return graphemes(text)
        case "bytes":
            return len(text.encode("utf-8", "replace"))
        case _:
            return len(text)
