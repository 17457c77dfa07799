"""Where Kith listens: each source with how it is doing, in words."""

from collections.abc import Callable, Hashable, Sequence

from community.model import Source
from tui.ages import ago, due
from tui.widgets.canvas import Piece, fit, wide
from tui.widgets.ink import Look
from tui.widgets.lined import Lined

_SYNCING_S = 3600


class SourceList(Lined[Source]):
    """Two lines a source."""

    def __init__(self, *, now: Callable[[], int], key_of: Callable[[str], str]) -> None:
        super().__init__(id="list")
        self._now = now
        self._key_of = key_of

    def name_of(self, row: Source) -> Hashable:
        """A source is its id."""
        return row.id

    def high_of(self, row: Source) -> int:  # noqa: D102  said by the base
        return 2

    def drawn(self, row: Source, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Name, kind and account; under it how it is doing, with the key that mends it."""
        look, dots = self.look, self.look.marks.dots
        words, kind = standing(row, self._now())
        ink = {"bad": look.bad, "wait": look.wait}.get(kind, look.dim)
        right = f" {row.kind}  "
        account = f"  {row.account}" if row.account else ""
        room = max(1, self.cells - 3 - wide(right))
        name = min(room, max(12, room * 3 // 5)) if account else room
        mend = mending(row)
        under = f"{words} {look.marks.dot} {self._key_of(mend[0])} {mend[1]}" if mend else words
        return [
            [
                (look.marks.chosen if chosen else " ", look.here),
                (_mark(row, look, self._now()) + " ", ink),
                (fit(row.name, name, dots=dots), look.text if row.state == "active" else look.dim),
                (fit(account, room - name, dots=dots), look.dim),
                (right, look.dim),
            ],
            [("   ", look.text), (fit(under, self.cells - 4, dots=dots), ink)],
        ]


def standing(row: Source, now: int) -> tuple[str, str]:
    """How a source is doing, in words, and as "bad", "wait" or "". Pure."""
    if row.state == "paused":
        return "paused", ""
    if row.state == "sunset":
        return "frozen: never read again, everything is kept", ""
    if row.state == "stopped" or row.health in {"refused", "gone"}:
        return f"stopped: {row.health_text or row.health}", "bad"
    if row.syncing_at is not None and now - row.syncing_at < _SYNCING_S:
        return "reading now", "wait"
    if row.health in {"failing", "limited"}:
        why = row.health_text or ("it does not answer" if row.health == "failing" else "it asks for patience")
        return f"{why}{_again(row, now)}", "bad" if row.health == "failing" else "wait"
    return (f"read {ago(row.succeeded_at, now)}", "") if row.succeeded_at is not None else ("not read yet", "wait")


def mending(row: Source) -> tuple[str, str] | None:
    """The action that mends a source, and what it does there; None when nothing is wrong. Pure."""
    if row.state == "paused":
        return "source.resume", "resumes"
    if row.state == "sunset":
        return None
    if row.health == "refused":
        return "source.login", "gives a new credential"
    if row.health == "gone":
        return "source.remove", "removes it; what was read stays"
    if row.health == "failing":
        return "sync.source", "tries again"
    return None


def _again(row: Source, now: int) -> str:
    return f" Again {due(row.next_check_at, now)}." if row.next_check_at > now else ""


def _mark(row: Source, look: Look, now: int) -> str:
    _, kind = standing(row, now)
    if kind == "bad":
        return look.marks.failed
    if row.state in {"paused", "sunset"}:
        return look.marks.resting
    return look.marks.sending if kind == "wait" else " "
