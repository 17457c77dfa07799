"""Sunset: the end of a source. Whom I would lose, who is reachable elsewhere, and where."""

from collections.abc import Hashable, Mapping, Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import NotFound, WrongUsage
from community.sunset import STATE, Leaving, Report
from tui.ages import age
from tui.kit import Kit
from tui.screens.person_verbs import gathered
from tui.screens.split import Split
from tui.widgets.canvas import Piece, fit
from tui.widgets.lined import Heading, Lined
from tui.widgets.portrait import portrait
from tui.widgets.run import Listed, Window
from tui.words import many


class SunsetList(Lined[Leaving]):
    """One line a person: who, how near, and where else they are."""

    def __init__(self, *, now: int, stages: Mapping[str, str]) -> None:
        super().__init__(id="list")
        self._now = now
        self._stages = stages

    def name_of(self, row: Leaving) -> Hashable:
        """A person is their id."""
        return row.id

    def drawn(self, row: Leaving, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Mark, name, stage, the ways that stay."""
        look, dots = self.look, self.look.marks.dots
        room = max(12, self.cells - 14)
        name = min(24, room * 2 // 5)
        where = ", ".join(way.shown for way in row.elsewhere) or "nowhere else"
        return [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (look.marks.draft if row.draft_id is not None else " ", look.wait),
                (" ", look.text),
                (fit(row.name, name - 1, dots=dots) + " ", look.text),
                (fit(self._stages.get(row.stage, row.stage), 10) + " ", look.dim),
                (fit(where, max(0, room - name - 11), dots=dots), look.dim),
                (fit(age(row.last_contact_at, self._now), 8, right=True) + "  ", look.dim),
            ]
        ]


class SunsetPage(Split[Leaving]):
    """What the end of one source means; `argument` is its id."""

    tab = "Sources"
    scopes: ClassVar[tuple[Scope, ...]] = (Scope.SOURCE, Scope.LIST, Scope.EVERYWHERE, Scope.GO)
    share: ClassVar[float] = 0.55

    def __init__(self, kit: Kit, argument: str) -> None:
        super().__init__(kit)
        self._source_id = int(argument.partition(" ")[0] or 0)
        self._report: Report | None = None

    def make_list(self) -> Lined[Leaving]:
        """Everybody from there."""
        return SunsetList(now=self.kit.now, stages=self.kit.stages())

    def window(self) -> Window[Leaving | Heading]:
        """Those I would lose first."""
        if self._report is None:
            return Listed[Leaving | Heading](())
        lost = self._report.lost
        rest = [each for each in self._report.people if not each.is_lost]
        rows: list[Leaving | Heading] = []
        if lost:
            rows += [Heading("You would lose", str(len(lost))), *lost]
        if rest:
            rows += [Heading("Reachable elsewhere", str(len(rest))), *rest]
        return Listed(rows)

    def load(self) -> None:
        """Show what is known, and count anew."""
        super().load()
        self._count()

    def changed(self) -> None:
        """Count anew."""
        super().changed()
        self._count()

    def _count(self) -> None:
        self.run_worker(self._latest(self._counted), group="sunset", exclusive=True)

    async def _counted(self) -> None:
        try:
            found = await self.workspace.sunset.report(self._source_id)
        except NotFound as error:
            raise WrongUsage("There is no such source any more.") from error
        is_first, self._report = self._report is None, found
        self.list.empty = tuple(self.teach())
        (self.list.show if is_first else self.list.renew)(self.window())
        self._tell(stay=not is_first)
        self.frame()

    def teach(self) -> Sequence[str]:
        """What stands here."""
        if self._report is None:
            return ("Counting who is from there …",)
        return ("Nobody has written there: nobody is lost by its end.",)

    def crumbs(self) -> Sequence[str]:
        """The way here, and whether it is over."""
        if self._report is None:
            return ("Sources", "sunset")
        return ("Sources", self._report.source.name, "frozen" if self._is_frozen else "sunset")

    @property
    def _is_frozen(self) -> bool:
        return self._report is not None and self._report.source.state == STATE

    def tell(self, row: Leaving | None, *, stay: bool) -> None:
        """Who this is."""
        if row is None:
            self.pane.tell(None)
            return
        known = gathered(self.workspace, row.id, self.kit.now)
        self.pane.tell(portrait(known, self.kit.stages(), latest=12), stay=stay)

    def selection(self) -> Selection:
        """The source; the people chosen, or the one under the cursor."""
        return Selection(source=self._source_id, people=tuple(row.id for row in self.list.chosen_rows()))

    def hints(self) -> Sequence[str]:
        """What is done most."""
        end = "source.revive" if self._is_frozen else "source.freeze"
        return ("source.ask", "item.select", "item.person", end, "open:read", "back", "help")

    async def do_source_ask(self, _argument: str) -> None:
        """Drafts for those chosen; they wait in the outbox, and nothing is sent."""
        report = self._report
        if report is None:
            raise WrongUsage("Kith still counts who is from there: ask again in a moment.")
        people = self.selection().people
        if not people:
            raise WrongUsage("Nobody has written there: there is nobody to ask.")
        can = self.workspace.listening.capabilities(report.source)
        made = await self.workspace.sunset.ask(report, people, can)
        self.list.chosen.clear()
        key = self.kit.keymap.key_of("go.drafts")
        self.say(
            f"{many(len(made), 'draft')} prepared: {key} shows them. Nothing is sent."
            if made
            else "There is a draft already."
        )
        self.acted("source.ask", self.selection())
