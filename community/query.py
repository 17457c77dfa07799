"""The query language: `is:waiting from:maria newer:3d has:question -is:muted "exact words" word*`.

A query becomes a fixed SQL fragment with named parameters: nothing typed is ever part of the SQL text. Each list
knows its own fields; a field that a list does not know is an error that says so, and where.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from community.conditions import LISTS, Conditions
from community.errors import WrongUsage
from community.text import clean_line
from storage.articles import Told
from storage.which import ALL, Which

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))', re.IGNORECASE)


class Query(NamedTuple):
    """What a query means for one list: an SQL condition and the values it names.

    For the list of conversations all of it is in `conversations`; `told` is for that of articles alone.
    """

    where: str = "1"
    values: Mapping[str, object] = MappingProxyType({})
    text: str = ""
    conversations: Which = ALL
    told: tuple[Told, ...] = ()


def parse(text: str, *, now: int, target: str = "conversations") -> Query:
    """What `text` means for a list ("conversations", "people", "articles", "desk", "outbox").

    An empty text names everything. Terms are joined by "and"; a minus in front means "not". Raises `WrongUsage` that
    says what is wrong and at which character.
    """
    fields = LISTS[target]
    terms = Conditions(now)
    shown = clean_line(text, limit=1000)
    at = 0
    while at < len(shown):
        if shown[at].isspace():
            at += 1
            continue
        found = _TERM.match(shown, at)
        if found is None:
            mend = "a quote is not closed" if shown[at] in '"-' or '"' in shown[at:] else "that is not a term"
            raise WrongUsage(f"The query goes wrong at character {at + 1}: {mend}.")
        name = (found["field"] or "").lower()
        value = found["quoted"] if found["quoted"] is not None else found["bare"]
        if name and name not in fields:
            known = [each for each in fields if each]
            import difflib  # noqa: PLC0415  late: only a slip needs it

            close = difflib.get_close_matches(name, known, 1)
            fields_are = f"; the fields are {', '.join(f'{each}:' for each in known)}."
            hint = f"; did you mean “{close[0]}:”?" if close else fields_are
            raise WrongUsage(f"The query goes wrong at character {at + 1}: “{name}:” is no field here{hint}")
        if not name and found["quoted"] is not None:
            value = f'"{value}"'
        if not name and not any(character.isalnum() for character in value):
            raise WrongUsage(f"The query goes wrong at character {at + 1}: “{value}” holds nothing to look for.")
        try:
            part = fields[name](terms, value)
        except WrongUsage as error:
            raise WrongUsage(f"The query goes wrong at character {at + 1}: {error}") from error
        terms.add(part, negated=bool(found["minus"]))
        at = found.end()
    leads = terms.leads()
    which = Which(
        terms.standings,
        tuple(terms.among),
        tuple(terms.during),
        tuple(terms.parts),
        terms.values,
        " ".join(terms.words),
        leads,
    )
    return Query(" AND ".join(terms.parts) or "1", terms.values, shown, which, tuple(terms.told))
