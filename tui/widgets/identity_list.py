"""The handles of a person, who else they may be, and whom they were joined with: two lines each."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass

from community.model import Alike, Identity, Merging
from community.text import clean_line
from tui.ages import day
from tui.widgets.canvas import Piece, cut, fit, wide
from tui.widgets.lined import Lined

Entry = Identity | Merging | Alike


@dataclass(frozen=True, slots=True)
class Told:
    """A row of the list. `under` is its second line: where a handle is, or what speaks for a suggestion."""

    entry: Entry
    name: str
    under: str = ""


class IdentityList(Lined[Told]):
    """What a person goes by."""

    def __init__(self, *, now: Callable[[], int]) -> None:
        super().__init__(id="list")
        self._now = now

    def name_of(self, row: Told) -> Hashable:
        """A suggestion is its pair."""
        match row.entry:
            case Alike(one_id=one, other_id=other):
                return ("alike", one, other)
            case entry:
                return (type(entry).__name__, entry.id)

    def high_of(self, row: Told) -> int:  # noqa: D102  said by the base
        return 2

    def drawn(self, row: Told, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """The name, and when they were joined; under it where, or why."""
        look, dots = self.look, self.look.marks.dots
        when = f" {day(row.entry.at, self._now())}  " if isinstance(row.entry, Merging) else ""
        room = self.cells - 4
        sign = "?" if isinstance(row.entry, Alike) else look.marks.dot
        head: list[Piece] = [
            (f" {sign} ", look.wait if isinstance(row.entry, Alike) and not row.entry.is_left else look.dim),
            (fit(row.name, max(1, room - wide(when)), dots=dots), look.text),
            (when, look.dim),
        ]
        return [head, [("   ", look.text), (cut(clean_line(row.under), room, dots=dots), look.dim)]]


def acts_on(entry: Entry) -> Sequence[tuple[str, str]]:
    """What can be done about an entry: (action, in a word or two), the likeliest first. Pure."""
    match entry:
        case Alike():
            left = () if entry.is_left else (("identity.leave", "leave"),)
            return (("identity.accept", "the same"), ("identity.refuse", "not the same"), *left)
        case Merging():
            return (("identity.split", "take apart"),)
        case Identity():
            return (("identity.split", "split off"),)
