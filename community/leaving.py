"""A reply on its way out: what leaves and what stays here, when, and with whom in front (pure)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from community import when
from community.asides import Promised, parted, promised
from community.errors import WrongUsage
from community.model import Act
from community.text import Clean, clean, clean_line, safe_url

if TYPE_CHECKING:
    from storage.rows import ItemTarget

_IF_SILENT = re.compile(r"[\s,]+(?:if silent|unless they write(?: first)?)\s*$", re.IGNORECASE)
_ACT_WORDS = {
    Act.REPLY: "Reply",
    Act.APPROVE: "Approval",
    Act.HOLD: "Hold",
    Act.SPAM: "Spam mark",
    Act.TRASH: "Trash",
    Act.LIKE: "Like",
    Act.BOOST: "Boost",
}


class Leaving(NamedTuple):
    """A text on its way out: what leaves, what stays here, and what was promised in it."""

    text: Clean
    asides: tuple[Clean, ...]
    promises: tuple[Promised, ...]


def as_it_leaves(text: str, *, now: int) -> Leaving:
    """A finished text as it leaves. Raises `WrongUsage` when nothing of it does, or a promise has a wrong date."""
    body, asides = parted(text)
    final = clean(body.strip())
    if not final:
        raise WrongUsage("The reply is empty: write something first.")
    return Leaving(final, asides, tuple(promised(each, now=now) for each in asides))


def scheduled(words: str, *, now: int) -> tuple[int, bool]:
    """When to send, and whether only if they stay silent until then: “tomorrow 9:00 if silent”.

    Raises `WrongUsage` for what is no time, or has passed.
    """
    if_silent = _IF_SILENT.search(words)
    return when.future(words[: if_silent.start()] if if_silent else words, now=now), if_silent is not None


def page_of(target: ItemTarget) -> str:
    """The page where an item can be answered by hand, "" when none is known. Pure."""
    return safe_url(target.permalink or "") or safe_url(target.subject_url or "") or ""


def with_opening(text: str, opening: str) -> Clean:
    """`text` with the people it must mention in front, unless they are mentioned already. Pure."""
    missing = [word for word in opening.split() if word.lower() not in text.lower()]
    return clean(" ".join([*missing, text]) if missing else text)


def act_words(act: str) -> Clean:
    """What an act is called on screen."""
    return clean_line(_ACT_WORDS[Act(act)])
