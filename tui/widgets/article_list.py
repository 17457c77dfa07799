"""What others published: who, what, and when; new ones stand out."""

from collections.abc import Callable, Hashable, Sequence

from community.model import ArticleRow
from tui.ages import age
from tui.widgets.canvas import Piece, fit
from tui.widgets.lined import Lined


class ArticleList(Lined[ArticleRow]):
    """One line an article."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now
        self.by_silence = False

    def name_of(self, row: ArticleRow) -> Hashable:
        """An article is its item."""
        return row.id

    def drawn(self, row: ArticleRow, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Mark, author, title; at the right when it came, or how long its author has been neglected."""
        look, dots = self.look, self.look.marks.dots
        is_new = bool(row.is_new) and row.attention != "done"
        ink = look.strong if is_new else look.text
        sign = look.marks.reading if is_new or row.attention not in {"done", "muted"} else " "
        at = row.last_contact_at if self.by_silence else row.created_at
        when = fit(age(at, self._now()) if at or not self.by_silence else "never", 8, right=True)
        room = max(1, self.cells - 4 - 9)
        name = min(22, max(8, room * 2 // 5))
        return [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (sign + " ", look.text if is_new else look.dim),
                (fit(row.name, name - 1, dots=dots) + " ", ink if is_new else look.dim),
                (fit(row.title or row.text.split("\n")[0], room - name, dots=dots), ink),
                (when + "  ", look.dim),
            ]
        ]
