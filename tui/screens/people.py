"""People: everybody there was ever a word with, the latest first, and who they are beside the list."""

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.model import PersonRow
from community.query import Query
from community.readings import BY_NAME, Key, View
from tui.kit import Kit
from tui.screens.person_verbs import PersonVerbs, gathered
from tui.screens.split import Split
from tui.whys import why
from tui.widgets.chunks import Chunks
from tui.widgets.lined import Heading, Lined
from tui.widgets.person_list import PersonList
from tui.widgets.portrait import portrait
from tui.widgets.run import Window

_PAGE = 40
_NOBODY = {
    "overdue": "You are late for nobody.",
    "quiet": "Nobody has gone quiet.",
    "first": "Nobody spoke for the first time lately.",
    "missing": "All your regulars are around.",
    "gave": "You owe nobody thanks.",
    "unmet": "You know no two people who should meet.",
}


class People(PersonVerbs, Split[PersonRow]):
    """The list of people."""

    tab = "People"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.PERSON, Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    views: ClassVar[tuple[str, ...]] = (
        "everybody", "waiting", "overdue", "quiet", "first", "missing", "gave", "unmet", "noted",
    )  # fmt: skip
    target: ClassVar[str] = "people"
    fields: ClassVar[str] = "words, stage:friend tag:book older:30d is:waiting"
    share: ClassVar[float] = 0.5

    _terms: ClassVar[Mapping[str, str]] = {"waiting": "is:waiting", "noted": "has:note"}

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._pages: dict[Hashable, Key] = {}

    def make_list(self) -> Lined[PersonRow]:
        """One line a person."""
        return PersonList(now=lambda: self.kit.now, stages=self.kit.stages())

    @property
    def reading(self) -> View | None:
        """The view of the community that is shown; None for a plain list."""
        return BY_NAME.get(self.views[self.view])

    def window(self) -> Window[PersonRow | Heading]:
        """Everybody the view and the filter name."""
        reading = self.reading
        query = self.query_of(self._terms.get(self.views[self.view], ""))

        def more(last: PersonRow | Heading | None, limit: int) -> list[PersonRow | Heading]:
            if reading is not None:
                return [*self._read(reading.name, query, last, limit)]
            before = (last.last_contact_at or 0, last.id) if isinstance(last, PersonRow) else None
            found: list[PersonRow | Heading] = [*self.workspace.people.page(query, before=before, limit=limit)]
            if before is None or before[0]:
                at = next((at for at, row in enumerate(found) if not _was_met(row)), len(found))
                found[at:at] = [Heading("No contact yet")] if at < len(found) else []
            return found

        return Chunks(more, self.list.key, again=self._again, chunk=_PAGE if reading else 256)

    def _read(self, view: str, query: Query, last: PersonRow | Heading | None, limit: int) -> list[PersonRow]:
        """A page of a view of the community, with the reasons."""
        if last is None:
            self._pages.clear()
        before = self._pages.get(self.list.key(last)) if last is not None else None
        rows: list[PersonRow] = []
        while len(rows) < limit:
            found = self.workspace.readings.page(view, query, before=before, limit=limit)
            for each in found:
                row = each.person._replace(why=why(each, self.kit.now), with_id=each.bond.other_id or 0)
                before = self._pages[self.list.key(row)] = each.key
                rows.append(row)
            if not found:
                break
        return rows

    def _again(self, rows: Sequence[PersonRow | Heading]) -> list[PersonRow | Heading]:
        """Whoever was here stays until one leaves, as they are now; but two who were joined are one."""
        here = [row for row in rows if isinstance(row, PersonRow)]
        now = self.workspace.people.rows(row.id for row in here)
        return [now[row.id]._replace(why=row.why, with_id=row.with_id) for row in here if row.id in now]

    def teach(self) -> Sequence[str]:
        """How people come to be here: the rule of a view of the community."""
        name = self.views[self.view]
        if self.reading is not None:
            return (_NOBODY[name], self.reading.rule, self.reading.order)
        if name == "waiting":
            return ("Nobody is waiting for you.",)
        if name == "noted":
            return ("You have written nothing down yet.", f"{self._key('person.note')} on a person keeps a note.")
        return (
            "There are no people here yet.",
            "Whoever writes to you comes to be here by that alone, and so does everybody you answer: on your blog, "
            "on a platform, anywhere Kith listens. What you note about them stays yours.",
            f"{self._key('go.sources')} shows where Kith listens, and adds a place.",
        )

    def _key(self, action: str) -> str:
        return self.kit.keymap.key_of(action)

    def tell(self, row: PersonRow | None, *, stay: bool) -> None:
        """Who this is."""
        if row is None:
            self.pane.tell(None)
            return
        known = gathered(self.workspace, row.id, self.kit.now)
        self.pane.tell(portrait(known, self.kit.stages(), latest=12), stay=stay)

    def selection(self) -> Selection:
        """The people chosen, or the one under the cursor."""
        return Selection(people=tuple(row.id for row in self.list.chosen_rows()))

    def hints(self) -> Sequence[str]:
        """What is done most."""
        return (
            "open:open",
            "person.write",
            "person.note",
            "person.promise",
            "person.tag:tag",
            "filter",
            "search",
            "help",
        )

    def do_open(self, _argument: str) -> None:
        """The page of this person."""
        row = self.list.current
        if row is not None:
            self.go("person", str(row.id))

    def do_next_waiting(self, _argument: str) -> None:
        """To the next person who waits."""
        self._seek(1)

    def do_previous_waiting(self, _argument: str) -> None:
        """To the one before who waits."""
        self._seek(-1)

    def _seek(self, step: int) -> None:
        rows = [row.id for row in self.list.all_rows() if row.waiting or row == self.list.current]
        here = self.list.current
        at = rows.index(here.id) + step if here is not None and here.id in rows else 0
        if 0 <= at < len(rows) and (here is None or rows[at] != here.id):
            self.list.go_to(rows[at])
        else:
            self.say("Nobody else in this list waits for you.")


def _was_met(row: PersonRow | Heading) -> bool:
    return isinstance(row, PersonRow) and row.last_contact_at is not None
