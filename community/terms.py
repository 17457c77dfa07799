"""What platforms ask of whoever keeps what was read there: one table, kind of source -> terms.

The facts and where each was read are in the fact sheets, "Terms that shape the database".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

HOUR_S: Final = 3600
DAY_S: Final = 86_400


@dataclass(frozen=True, slots=True)
class Terms:
    """What may be done with words and people from one kind of source.

    `may_match` says whether a handle there may be compared with handles elsewhere; where it may not, only the user
    joins them. `keep_text_s` and `keep_author_s` are how long somebody else's words and who they are may be kept after
    they were read, None for as long as the user likes. `forgets_gone` says whether words that were deleted there must
    go here as well.
    """

    may_match: bool = True
    keep_text_s: int | None = None
    keep_author_s: int | None = None
    forgets_gone: bool = False


PLAIN: Final = Terms()

TERMS: Final[Mapping[str, Terms]] = {
    "linkedin": Terms(may_match=False, keep_text_s=48 * HOUR_S, keep_author_s=24 * HOUR_S),
    "reddit": Terms(may_match=False, forgets_gone=True),
    "x": Terms(forgets_gone=True),
    "youtube": Terms(keep_text_s=30 * DAY_S, keep_author_s=30 * DAY_S),
}
"""Kinds with terms of their own; every other kind has the plain ones."""


def terms_of(kind: str) -> Terms:
    """The terms of a kind of source, or of a network, whose name begins with its kind ("wordpress:blog.example")."""
    return TERMS.get(kind.partition(":")[0], PLAIN)
