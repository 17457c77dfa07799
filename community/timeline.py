"""What part of a timeline is wanted: `is:wrote,answered on:fediverse -is:signal`. Pure.

The terms look and join like those of the query language; lines are chosen by what they are and by where they were.
"""

import re
from collections.abc import Collection, Mapping
from typing import NamedTuple

from community.errors import WrongUsage
from community.text import clean_line
from storage.timeline import ON_NETWORKS, WHATS

KINDS: Mapping[str, frozenset[str]] = {
    "wrote": frozenset({"incoming"}),
    "answered": frozenset({"outgoing"}),
    "words": frozenset({"incoming", "outgoing"}),
    "signal": frozenset({"signal"}),
    "logged": frozenset({"touchpoint"}),
    "note": frozenset({"note"}),
    "promise": frozenset({"promise"}),
    "stage": frozenset({"stage"}),
    "outcome": frozenset({"outcome"}),
    "written": frozenset({"touchpoint", "note", "promise", "stage", "outcome"}),
}
"""What `is:` may say, and which lines it names."""

_TERM = re.compile(r"(-?)(is|on):(\S+)", re.IGNORECASE)


class Wanted(NamedTuple):
    """Which lines: of what sort and on which networks, by their first word; empty means all."""

    whats: frozenset[str] = frozenset()
    networks: frozenset[str] = frozenset()
    text: str = ""


EVERYTHING = Wanted()


def parse(text: str, networks: Collection[str]) -> Wanted:
    """The part of a timeline that `text` names, on a person's `networks`. An empty text names everything.

    Raises `WrongUsage` that says what is wrong, also when nothing can be left.
    """
    shown = clean_line(text, limit=400)
    whats, places = frozenset(WHATS), frozenset(networks)
    asked_place = False
    for term in shown.split():
        found = _TERM.fullmatch(term)
        if found is None:
            raise WrongUsage(
                f"“{term}” is nothing a timeline knows: write is:words, is:note,logged, -is:signal or on:…"
            )
        is_what = found[2].lower() == "is"
        named: set[str] = set()
        for word in found[3].lower().split(","):
            named |= KINDS.get(word, frozenset()) if is_what else {word} & set(networks)
            if word not in (KINDS if is_what else networks):
                raise WrongUsage(f"{found[2]}:{word} is unknown{_near(word, KINDS if is_what else networks)}")
        if is_what:
            whats = whats - named if found[1] else whats & named
        else:
            asked_place = True
            places = places - named if found[1] else places & named
    if not whats or (asked_place and not (places and whats & ON_NETWORKS)):
        raise WrongUsage(f"“{shown}” leaves nothing: take a term away.")
    every = whats == frozenset(WHATS)
    return Wanted(frozenset() if every else whats, places if asked_place else frozenset(), shown)


def _near(word: str, known: Collection[str]) -> str:
    import difflib  # noqa: PLC0415  late: only a slip needs it

    close = difflib.get_close_matches(word, list(known), n=1)
    return f"; did you mean “{close[0]}”?" if close else f"; choose one of {', '.join(known) or 'none'}."
