"""Reading the community: views of the people that need no scores. Each has a rule, and each row says why it is in."""

from collections.abc import Callable
from dataclasses import dataclass

from community.errors import WrongUsage
from community.model import Bond, PersonRow
from community.query import Query
from community.store import Store
from storage import bonds, people, readings
from storage.readings import Key

__all__ = ["BY_NAME", "VIEWS", "Key", "Reading", "Readings", "View"]


@dataclass(frozen=True, slots=True)
class View:
    """One way to read the community. `rule` says in a sentence who is in it, `order` of what comes first."""

    name: str
    label: str
    rule: str
    order: str


VIEWS: tuple[View, ...] = (
    View(
        "overdue",
        "overdue",
        "They or a tag of theirs have a cadence, and the longest you meant to let pass is over since your last "
        "contact. Who rests is left out.",
        "The longest overdue first.",
    ),
    View(
        "quiet",
        "gone quiet",
        f"They asked you something, you never answered, and that is {bonds.ASKED_DAYS} days ago; or they wrote on "
        f"{bonds.HABIT_DAYS} days or more and have been away for three times their usual gap, at least "
        f"{bonds.QUIET_DAYS} days; or they wrote on two days and nothing more came for {bonds.ENDED_DAYS} days. "
        "Who rests is left out.",
        "Questions you left open first, then broken habits, then natural ends; the latest first.",
    ),
    View(
        "first",
        "first voices",
        f"Their first words ever, on any platform, came in the last {readings.FIRST_DAYS} days. Who wrote on another "
        "day since came back.",
        "The latest first.",
    ),
    View(
        "missing",
        "missing regulars",
        f"Regulars, friends and allies, and whoever wrote on {readings.REGULAR_DAYS} days or more, of whom there was "
        f"no word, no like and no meeting for twice their usual gap, at least {bonds.MISSING_DAYS} days.",
        "The latest to go first.",
    ),
    View(
        "gave",
        "only gave",
        "They gave you a favour, a gift, an introduction or a letter, and nothing that you gave is logged since; or "
        f"they wrote to you, liked or gave {bonds.GAVE} times or more, and you neither answered nor gave anything.",
        "Gifts without thanks first, then who only ever gave; the latest first.",
    ),
    View(
        "unmet",
        "never met",
        "Two allies, friends or regulars share a topic (a tag of theirs, or of a conversation they wrote in), never "
        "wrote in the same conversation, and no logged introduction of one names the other. Looked at are the "
        f"{readings.NEAREST} nearest who have a topic.",
        "The nearest pairs first.",
    ),
)
"""The views that come from bonds, in the order of the People screen."""
BY_NAME = {view.name: view for view in VIEWS}
_EVERYBODY = Query()


@dataclass(frozen=True, slots=True)
class Reading:
    """A person in a view, and why."""

    view: str
    person: PersonRow
    bond: Bond

    @property
    def key(self) -> Key:
        """Where the next page begins."""
        return self.bond.code, self.bond.at, self.bond.person_id


class Readings:
    """The views, page by page."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self, view: str, query: Query = _EVERYBODY, *, before: Key | None = None, limit: int = 100
    ) -> list[Reading]:
        """People in a view that `query` names too, in the view's order; empty only at its end.

        Raises `WrongUsage` for a view that is none.
        """
        read = _READ.get(view)
        if read is None:
            raise WrongUsage(f"There is no view “{view}”: choose one of {', '.join(_READ)}.")
        reader = self._store.reader
        while found := read(reader, now=self._store.now(), before=before, limit=limit):
            ids = {bond.person_id for bond in found}
            rows = {row.id: row for row in people.rows(reader, ids, where=query.where, values=query.values)}
            if rows:
                return [Reading(view, rows[bond.person_id], bond) for bond in found if bond.person_id in rows]
            before = found[-1].code, found[-1].at, found[-1].person_id
        return []


_READ: dict[str, Callable[..., list[Bond]]] = {
    "overdue": readings.overdue,
    "quiet": readings.quiet,
    "first": readings.first,
    "missing": readings.missing,
    "gave": readings.gave,
    "unmet": readings.unmet,
}
