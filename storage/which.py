"""Which conversations a list has, and in which order: the words its query is made of, before any way is chosen."""

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from storage.lines import ConversationRow

STANDINGS: Final = frozenset({"waiting", "reading", "answered", "snoozed", "done", "resting", "muted"})


class Order(NamedTuple):
    """By weight, what waits comes first, the heaviest before the others, and then the rest with the newest first."""

    by_weight: bool = False
    ascending: bool = False


RANK = Order(by_weight=True)
NEWEST = Order()
OLDEST = Order(ascending=True)


class Among(NamedTuple):
    """The conversations that one term names, and how to find them.

    `where` is a condition on one conversation. `ids` is a sub-select of all that can meet it. One of these may say
    how they come in order: `kept`, a partial index of just these by time; `leads`, a sub-select of the identities
    that lead them; `sources`, a sub-select of the sources they are in. `authors` is a sub-select of the identities
    that wrote in them, in no order. `given` is the name of a value that has the leads as a JSON list already.
    """

    where: str
    ids: str
    kept: str = ""
    leads: str = ""
    sources: str = ""
    authors: str = ""
    given: str = ""


class Bound(NamedTuple):
    """A bound of the time of the last item: from the value of this name on, or before it."""

    name: str
    is_newer: bool

    @property
    def where(self) -> str:
        """As a condition."""
        return f"c.last_item_at {'>=' if self.is_newer else '<'} {self.name}"


class Which(NamedTuple):
    """Which conversations are meant: where they stand, what each term names, and the values the conditions speak of.

    `where` are conditions for which there is no index. `match` is an FTS5 expression of what must be said in them, and
    `leads` the identities that may lead them instead; both are "" when no words are asked for.
    """

    standings: frozenset[str] = STANDINGS
    among: tuple[Among, ...] = ()
    during: tuple[Bound, ...] = ()
    where: tuple[str, ...] = ()
    values: Mapping[str, object] = {}
    match: str = ""
    leads: str = ""


ALL = Which()


def place(row: ConversationRow, order: Order) -> tuple[int, float, int]:
    """Where a row stands in a list: which stretch, the column there, the id."""
    waits = order.by_weight and row.attention == "waiting"
    return int(waits), row.rank if waits else row.last_item_at, row.id


_JOINS = {
    "s.": "CROSS JOIN source s ON s.id = c.source_id",
    "i.": "LEFT JOIN identity i ON i.id = c.lead_id",
    "p.": "LEFT JOIN person p ON p.id = i.person_id",
}
_ALIAS = re.compile(r"\b[sip]\.")


def joined(where: str) -> str:
    """What to join to `conversation c` for a condition."""
    used = set(_ALIAS.findall(where))
    used |= {"i."} if "p." in used else set()
    return " ".join(join for alias, join in _JOINS.items() if alias in used)


def standing(standings: frozenset[str]) -> str:
    """The condition that a conversation stands so."""
    if standings == STANDINGS:
        return "1"
    named = ", ".join(f"'{each}'" for each in sorted(standings))
    return f"c.attention IN ({named})"


def wrote_in(authors: str) -> str:
    """The condition that one of these identities wrote in a conversation."""
    return (
        "EXISTS (SELECT 1 FROM item w INDEXED BY item_conversation"
        f" WHERE w.conversation_id = c.id AND +w.author_id IN ({authors}))"
    )
