"""Why two people may be one, in words (pure)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from community.evidence import HANDLE, MAIL, NAME, OWN, PROVED, WEIGHTS, is_short_for
from community.model import Person, Shared
from community.text import Clean, clean_line


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: the kind of evidence, and a few words that stand for themselves."""

    kind: str
    words: Clean


def reasons(found: Iterable[Shared], one: Person, other: Person) -> tuple[Reason, ...]:
    """What two people share, the strongest kind first; one line for each thing they share."""
    groups: dict[tuple[str, str], list[Shared]] = {}
    for each in found:
        groups.setdefault((each.kind, each.value), []).append(each)
    said: dict[Reason, None] = {}
    for (kind, value), group in sorted(groups.items(), key=lambda item: (-WEIGHTS[item[0][0]], item[0][1])):
        mine = [each for each in group if each.person_id == one.id]
        theirs = [each for each in group if each.person_id == other.id]
        if mine and theirs:
            said.setdefault(Reason(kind, clean_line(_words(kind, value, mine, theirs))))
    if said and not any(reason.kind == NAME for reason in said) and is_short_for(one.name, other.name):
        said.setdefault(Reason(NAME, clean_line(f"similar names: {one.name}, {other.name}")))
    return tuple(said)


def _words(kind: str, value: str, mine: Sequence[Shared], theirs: Sequence[Shared]) -> str:
    if kind == MAIL:
        return "the same e-mail address"
    if kind == HANDLE:
        return f"the same handle: {value}"
    if kind == NAME:
        return f"the same name: {mine[0].name}"
    for owners, tellers in ((mine, theirs), (theirs, mine)):
        own = next((each for each in owners if each.role == OWN), None)
        if own is not None:
            teller = max(tellers, key=lambda each: each.role == PROVED)
            sure = ", which is proved" if teller.role == PROVED else ""
            return f"the profile of {_called(teller)} links to {_called(own)}{sure}"
    proved = [each for each in (*mine, *theirs) if each.role == PROVED]
    if any(each in mine for each in proved) and any(each in theirs for each in proved):
        return f"the same site: {value}, proved for both"
    return f"the same site: {value}" + (f", proved for {_called(proved[0])}" if proved else "")


def _called(each: Shared) -> str:
    where = each.network.partition(":")[0]
    return f"{each.handle or each.name} ({where})"
