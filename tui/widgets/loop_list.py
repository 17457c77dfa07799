"""What is open between people and me: who, what about, and when it wants me."""

from collections.abc import Callable, Hashable, Sequence

from community.model import Loop
from community.reachability import mark_of
from tui.ages import age, due
from tui.between import within
from tui.widgets.canvas import Piece, fit, wide
from tui.widgets.lined import Lined


class LoopList(Lined[Loop]):
    """One line a loop."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now

    def name_of(self, row: Loop) -> Hashable:
        """What it is, and its id there."""
        return (row.what, row.id)

    def drawn(self, row: Loop, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """What is late, and who waits, stands out."""
        look, dots, now = self.look, self.look.marks.dots, self._now()
        is_late = row.what == "waits" or (row.due_at is not None and row.due_at <= now)
        sign = {"waits": look.marks.waiting, "asked": look.marks.snoozed}.get(row.what, look.marks.dot)
        when = age(row.since, now) if row.what == "waits" else due(row.due_at, now) if row.due_at else ""
        when = f"{fit(when, 8, right=True)} "
        reach = within(mark_of(row.handles), self.cells)
        reach = f"  {reach}" if reach else ""
        name = min(24, max(8, self.cells // 3))
        return [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (f"{sign} ", look.wait if is_late else look.dim),
                (
                    fit(row.person_name or row.source_name, name - 1, dots=dots) + " ",
                    look.strong if is_late else look.text,
                ),
                (fit(row.text, max(0, self.cells - 3 - name - wide(when) - wide(reach)), dots=dots), look.text),
                (reach, look.dim),
                (when, look.wait if is_late and row.what != "waits" else look.dim),
            ]
        ]
