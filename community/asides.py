"""Lines of a reply that are for me alone: `//promise send the slides by friday` (pure).

Such a line is taken out before anything leaves; everything that sends a text goes through `without_asides`. A line
counts by what a reader sees: blanks, marks without a width, wide letters and the people mentioned in front of it hide
nothing.
"""

import re
import unicodedata
from collections.abc import Sequence
from typing import NamedTuple

from community import when
from community.errors import WrongUsage
from community.text import Clean, clean, clean_line

_LINES = re.compile(r"\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]")
_ASIDE = re.compile(r"((?:@\S+\s+)*)//\s?promise(?!\w)[:\s]*(.*)", re.IGNORECASE | re.DOTALL)
_INSIDE = re.compile(r"(?!>).*\s//\s?promise(?!\w)", re.IGNORECASE | re.DOTALL)
_NO_WIDTH = frozenset({"Cf", "Cc", "Mn", "Me"})
_FILLERS = frozenset("\u115f\u1160\u3164\uffa0\u2800\ufffd")


IS_INSIDE = "“//promise” inside a line leaves with it: give it a line of its own."


class Promised(NamedTuple):
    """What was promised, and by when; None without a date."""

    text: Clean
    due_at: int | None


def parted(text: str) -> tuple[Clean, tuple[Clean, ...]]:
    """`text` without its asides, and what each of them says. An aside that says nothing is taken out as well."""
    if text.isascii() and "promise" not in text.casefold():
        return clean(text), ()
    kept: list[str] = []
    asides: list[Clean] = []
    for line in _LINES.split(text):
        found = _ASIDE.match(_seen(line))
        if found is None:
            kept.append(line)
            continue
        if found[1]:
            kept.append(found[1].rstrip())
        asides.append(clean_line(found[2]))
    if not asides:
        return clean(text), ()
    return clean(re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()), tuple(asides)


def without_asides(text: str) -> Clean:
    """What of `text` may leave the machine."""
    return parted(text)[0]


def is_inside(text: str) -> bool:
    """Whether `//promise` stands inside a line, where it is no aside and leaves with the rest."""
    if text.isascii() and "promise" not in text.casefold():
        return False
    return any(_INSIDE.match(_seen(line)) and not _ASIDE.match(_seen(line)) for line in _LINES.split(text))


def with_asides(body: str, asides: Sequence[str]) -> Clean:
    """The text of which these are the parts, to be written on."""
    return clean("\n".join([body.rstrip(), *written(asides)]) if asides else body)


def written(asides: Sequence[str]) -> list[str]:
    """Asides as the lines they were."""
    return [f"//promise {each}".rstrip() for each in asides]


def promised(text: str, *, now: int) -> Promised:
    """What was promised, with a date when it ends in "by …".

    Raises `WrongUsage` when nothing was, and for a date that is none or has passed.
    """
    said = clean_line(text, limit=500)
    what, _, by = said.rpartition(" by ")
    if not what:
        what, by = said, ""
    if not what:
        raise WrongUsage("Type what you promised, like “send the slides by friday”.")
    return Promised(clean_line(what), when.future(by, now=now) if by else None)


def _seen(line: str) -> str:
    """A line as a reader sees its letters: plain ones for wide ones, nothing for what has no width."""
    plain = unicodedata.normalize("NFKC", line)
    seen = "".join(
        " " if char.isspace() else char
        for char in plain
        if char not in _FILLERS and (char.isspace() or unicodedata.category(char) not in _NO_WIDTH)
    )
    return seen.strip()
