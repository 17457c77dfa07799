"""The list of people: who, how near, where, and when there last was a word."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from community.model import PersonRow
from community.reachability import mark_of
from tui.ages import age
from tui.between import within
from tui.widgets.canvas import Piece, fit
from tui.widgets.lined import Lined


class PersonList(Lined[PersonRow]):
    """One line a person."""

    def __init__(self, *, now: Callable[[], int], stages: Mapping[str, str]) -> None:
        super().__init__(id="list")
        self._now = now
        self._stages = stages

    def name_of(self, row: PersonRow) -> Hashable:
        """A person is their id; a pair is two."""
        return (row.id, row.with_id) if row.with_id else row.id

    def high_of(self, row: PersonRow) -> int:
        """In a view of the community the reason takes a second line."""
        return 2 if row.why else 1

    def drawn(self, row: PersonRow, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Mark, name, stage, and as much of networks and tags as there is room for; then why they are here."""
        look, width, dots = self.look, self.cells, self.look.marks.dots
        when = fit(age(row.last_contact_at, self._now()), 8, right=True)
        room = width - 4 - 9
        name = min(28, max(12, room * 3 // 5 if width < 60 else room * 2 // 5))
        stage = min(11, max(0, room - name))
        rest = max(0, room - name - stage)
        where = within(mark_of(row.handles), width)
        where += ("  " if where else "") + row.networks.replace(",", f" {look.marks.dot} ")
        tags = "  #" + " #".join(row.tags.split()) if row.tags else ""
        lines = [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (look.marks.waiting if row.waiting else " ", look.wait),
                (" ", look.text),
                (fit(row.name, name - 1, dots=dots) + " ", look.strong if row.waiting else look.text),
                (fit(self._stages.get(row.stage, row.stage), stage), look.dim),
                (fit(where + tags, rest, dots=dots) if rest > 6 else " " * rest, look.dim),
                (when + "  ", look.dim),
            ]
        ]
        if row.why:
            lines.append([("     ", look.text), (fit(row.why, max(0, width - 7), dots=dots), look.dim)])
        return lines
