"""One person, many handles: which are theirs, who else they may be and why, and whom they were joined with."""

from collections.abc import Mapping, Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import NotFound, WrongUsage
from community.evidence import links_of
from community.merging import brought
from community.model import Alike, Identity, Merging
from community.reachability import brief
from community.text import clean_line
from tui.ages import ago, day
from tui.kit import Kit
from tui.screens.person_verbs import PersonVerbs, gathered
from tui.screens.split import Split
from tui.widgets.identity_list import IdentityList, Told, acts_on
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.portrait import portrait, site_of
from tui.widgets.prose import Builder, Line, paragraphs
from tui.widgets.run import Listed, Window

_MOST = 100


class Identities(PersonVerbs, Split[Told]):
    """The handles of one person, or without one every pair that may be one person."""

    tab = "People"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.IDENTITY, Scope.PERSON, Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    share: ClassVar[float] = 0.5

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        self._person_id = int(argument) if argument.isdecimal() else None
        self._name = ""

    def make_list(self) -> Lined[Told]:
        """Two lines an entry."""
        return IdentityList(now=lambda: self.kit.now)

    def load(self) -> None:
        """Whoever the person is now: they may have been joined to another."""
        self._find()
        super().load()

    def changed(self) -> None:
        """The same, without moving."""
        self._find()
        super().changed()

    def _find(self) -> None:
        if self._person_id is not None:
            try:
                self._person_id = self.workspace.identities.now(self._person_id)
                self._name = self.workspace.people.card(self._person_id).person.name
            except NotFound as error:
                raise WrongUsage("This person is not here any more.") from error

    def window(self) -> Window[Told | Heading]:
        """Handles, suggestions and joins of the person; or every suggestion."""
        return Listed[Told | Heading](self._everybody() if self._person_id is None else self._of(self._person_id))

    def _of(self, person_id: int) -> list[Told | Heading]:
        service = self.workspace.identities
        mine = self.workspace.people.card(person_id).identities
        rows: list[Told | Heading] = [Heading("Handles", str(len(mine)))]
        rows += [Told(each, each.handle or each.name, _where(each)) for each in mine]
        alike = service.suggested_for(person_id)
        if alike:
            rows.append(Heading("Perhaps the same person", str(len(alike))))
            reach = self._reach(alike)
            rows += [
                self._perhaps(each, _other(each, reach) if each.one_id == person_id else _one(each, reach))
                for each in alike
            ]
        joined = service.mergings(person_id)
        if joined:
            rows.append(Heading("Joined with", str(len(joined))))
            rows += [Told(each, each.other_name, "everything they brought goes back with them") for each in joined]
        return rows

    def _everybody(self) -> list[Told | Heading]:
        rows: list[Told | Heading] = []
        for title, is_left in (("Perhaps one person", False), ("Left open", True)):
            found = self.workspace.identities.suggested(is_left=is_left, limit=_MOST)
            if found:
                count = self.workspace.identities.count() if not is_left else len(found)
                rows.append(Heading(title, str(count)))
                reach = self._reach(found)
                rows += [self._perhaps(each, _both(each, reach)) for each in found]
        return rows

    def _reach(self, pairs: Sequence[Alike]) -> Mapping[int, str]:
        """How many ways lead to each of both."""
        ids = [each for pair in pairs for each in (pair.one_id, pair.other_id)]
        return {who: brief(ways) for who, ways in self.workspace.reach(ids).items()}

    def _perhaps(self, pair: Alike, name: str) -> Told:
        words = ", ".join(each.words for each in self.workspace.identities.reasons(pair.one_id, pair.other_id))
        return Told(pair, name, f"left open: {words}" if pair.is_left else words)

    def teach(self) -> Sequence[str]:
        """What will stand here."""
        key = self.kit.keymap.key_of("person.merge")
        return (
            "Nobody looks like somebody else.",
            "When two handles share a site, an e-mail address, a handle or a name, Kith asks here whether they are one "
            f"person, and says why. It never joins anybody by itself; {key} on a person does.",
        )

    def crumbs(self) -> Sequence[str]:
        """The way here."""
        return ("People", *((self._name, "handles") if self._person_id is not None else ("perhaps one person",)))

    def selection(self) -> Selection:
        """The person whose handles these are, else the first of the pair; and what the cursor is on."""
        row = self.list.current
        entry = row.entry if row is not None else None
        people: tuple[int, ...] = (self._person_id,) if self._person_id is not None else ()
        if isinstance(entry, Alike):
            first = self._person_id if self._person_id is not None else entry.one_id
            other = entry.other_id if entry.one_id == first else entry.one_id
            return Selection(people=(first,), pair=(first, other))
        if isinstance(entry, Identity):
            return Selection(people=people, identity=entry.id)
        if isinstance(entry, Merging):
            return Selection(people=people, merging=entry.id)
        return Selection(people=people)

    def hints(self) -> Sequence[str]:
        """What can be done about this row."""
        row = self.list.current
        return (
            *(f"{action}:{words}" for action, words in (acts_on(row.entry) if row is not None else ())),
            *("person.merge", "undo", "back", "help"),
        )

    def tell(self, row: Told | None, *, stay: bool) -> None:
        """Why two may be one and who they are; what a handle is; what was joined."""
        match row.entry if row is not None else None:
            case Alike() as pair:
                self.pane.tell(self._pair(pair), stay=stay)
            case Identity() as identity:
                self.pane.tell(_identity(identity), stay=stay)
            case Merging() as merging:
                self.pane.tell(_merging(merging, self.kit.now), stay=stay)
            case None:
                self.pane.tell(None)

    def _pair(self, pair: Alike) -> Builder:
        """The reasons, one a line, then both as they are known."""
        reasons = self.workspace.identities.reasons(pair.one_id, pair.other_id)
        warning = self.workspace.identities.warning(pair.one_id, pair.other_id)
        shown = [
            portrait(gathered(self.workspace, each, self.kit.now), self.kit.stages(), latest=3)
            for each in (pair.one_id, pair.other_id)
        ]

        def build(width: int, look: Look) -> Sequence[Line]:
            lines: list[Line] = [[], [("  Why they may be one", look.strong)]]
            for reason in reasons:
                lines += paragraphs(f"{look.marks.dot} {reason.words}", width - 1, look.text, indent=4)
            if warning:
                lines += [[], *paragraphs(warning, width - 1, look.wait, indent=2)]
            for each in shown:
                lines += each(width, look)
            return lines

        return build

    def do_open(self, argument: str) -> None:
        """The page of the other person; a handle is read."""
        row = self.list.current
        if row is not None and isinstance(row.entry, Alike) and self.is_wide:
            self.go("person", str((self.selection().pair or (0,))[-1]))
        else:
            super().do_open(argument)


def _one(pair: Alike, reach: Mapping[int, str]) -> str:
    return f"{pair.one_name} ({_at(pair.one_networks, reach[pair.one_id])})"


def _other(pair: Alike, reach: Mapping[int, str]) -> str:
    return f"{pair.other_name} ({_at(pair.other_networks, reach[pair.other_id])})"


def _both(pair: Alike, reach: Mapping[int, str]) -> str:
    """Two who may be one; a name that both go by is said once."""
    if pair.one_name != pair.other_name:
        return f"{_one(pair, reach)} · {_other(pair, reach)}"
    one, other = _at(pair.one_networks, reach[pair.one_id]), _at(pair.other_networks, reach[pair.other_id])
    return f"{pair.one_name}: {one} · {other}"


def _at(networks: str, reach: str) -> str:
    return f"{networks.replace(',', ', ')}, {reach}"


def _where(identity: Identity) -> str:
    place = identity.network.replace(":", " · ", 1)
    site = site_of(identity)
    return clean_line(f"{place} · {site}" if site else place)


def _identity(identity: Identity) -> Builder:
    def build(width: int, look: Look) -> Sequence[Line]:
        facts = [("Name there", identity.name), ("Where", identity.network.replace(":", " · ", 1))]
        facts += [("Address", identity.url)] if identity.url else []
        facts += [("E-mail", "known only as a hash")] if identity.email_hash else []
        facts += [("Links to", url + (" (proved)" if proved else "")) for url, proved in links_of(identity)]
        lines: list[Line] = [[], [("  " + clean_line(identity.handle or identity.name), look.strong)], []]
        for name, value in facts:
            lines += paragraphs(f"{name}: {clean_line(value)}", width - 1, look.text, indent=2)
        return lines

    return build


def _merging(merging: Merging, now: int) -> Builder:
    def build(width: int, look: Look) -> Sequence[Line]:
        when = f"Joined on {day(merging.at, now)}, {ago(merging.at, now)}."
        what = " and ".join(brought(merging)) or "nothing but their name"
        lines: list[Line] = [[], [("  " + clean_line(merging.other_name), look.strong)], []]
        for words in (when, f"They brought {what}.", "Taking them apart gives all of it back, whenever it is done."):
            lines += paragraphs(words, width - 1, look.text, indent=2)
        return lines

    return build
