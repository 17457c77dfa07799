"""What was found: whose it is, where, and the words around it with those that were looked for marked."""

from collections.abc import Callable, Hashable, Sequence

from community.model import SearchHit
from community.text import display
from tui.ages import age
from tui.widgets.canvas import Piece, fit, wide
from tui.widgets.ink import Ink
from tui.widgets.lined import Lined

_WHAT = {
    "person": "person",
    "note": "your note",
    "touchpoint": "logged",
    "promise": "your promise",
    "stage": "why a stage",
    "outcome": "outcome",
    "outbox": "you wrote",
}


class HitList(Lined[SearchHit]):
    """Two lines a hit."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now

    def name_of(self, row: SearchHit) -> Hashable:
        """What it is, and its id there."""
        return (row.what, row.id)

    def high_of(self, row: SearchHit) -> int:  # noqa: D102  said by the base
        return 2

    def drawn(self, row: SearchHit, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Who, where and when; under it the words."""
        look, dots = self.look, self.look.marks.dots
        what = _WHAT.get(row.what, "")
        when = age(row.at or None, self._now())
        right = f" {what} {fit(when, 8, right=True)}  "
        room = max(1, self.cells - 3 - wide(right))
        name = min(24, max(8, room * 2 // 5)) if row.title else room
        return [
            [
                ("   ", look.text),
                (fit(row.who or "You", name - 1, dots=dots) + " ", look.strong),
                (fit(row.title, room - name, dots=dots), look.text),
                (right, look.dim),
            ],
            [("   ", look.text), *marked(row.snippet, self.cells - 4, look.dim, look.wait, dots)],
        ]


def marked(snippet: str, width: int, ink: Ink, hit: Ink, dots: str) -> list[Piece]:
    """A snippet in at most `width` cells, what stands between U+0002 and U+0003 in the second style. Pure."""
    pieces: list[Piece] = []
    left = width
    for at, part in enumerate(snippet.replace("\x03", "\x02").split("\x02")):
        words = display(" ".join(part.split(" ")))
        size = wide(words)
        if size > left:
            words, size = fit(words, left, dots=dots), left
        if words:
            pieces.append((words, hit if at % 2 else ink))
        left -= size
        if left <= 0:
            break
    return pieces
