"""A window on a list that storage reads in one direction only."""

from collections.abc import Callable, Hashable, Sequence
from typing import TypeVar

from tui.widgets.run import Window

Row = TypeVar("Row")

_CHUNK = 256


class Chunks(Window[Row]):
    """Rows by pages, kept as they come: a `Window` for a list that grows at its end.

    `more(last, limit)` gives what follows a row, or the beginning for None; `key` names a row; `again` gives rows that
    may have left the list as they are now, without those that do not exist any more.
    """

    def __init__(
        self,
        more: Callable[[Row | None, int], list[Row]],
        key: Callable[[Row], Hashable],
        *,
        again: Callable[[Sequence[Row]], list[Row]] | None = None,
        chunk: int = _CHUNK,
    ) -> None:
        self._more = more
        self._key = key
        self._again = again
        self._chunk = chunk
        self._rows: list[Row] = []
        self._places: dict[Hashable, int] = {}
        self._whole = False

    def page(self, beside: Row | None, *, forward: bool, limit: int) -> list[Row]:
        """Rows after `beside`, or before it; from the list's own end when it is None."""
        if not forward and beside is None:
            while self._grow():
                pass
            return self._rows[-limit:]
        at = self._place(beside)
        if not forward:
            return self._rows[max(0, at - limit) : at]
        while len(self._rows) <= at + limit and self._grow():
            pass
        return self._rows[at + 1 : at + 1 + limit]

    def again(self, rows: Sequence[Row]) -> list[Row]:
        """These rows as they are now; without a way to ask, those that are still in the list."""
        if self._again is not None:
            return self._again(rows)
        return [self._rows[self._places[key]] for key in map(self._key, rows) if key in self._places]

    def _place(self, beside: Row | None) -> int:
        """Where a row stands; -1 for before the first."""
        if beside is None:
            return -1
        while self._key(beside) not in self._places and self._grow():
            pass
        return self._places.get(self._key(beside), len(self._rows) - 1)

    def _grow(self) -> bool:
        if self._whole:
            return False
        found = self._more(self._rows[-1] if self._rows else None, self._chunk)
        fresh = [row for row in found if self._key(row) not in self._places]
        self._whole = len(found) < self._chunk or not fresh
        for row in fresh:
            self._places[self._key(row)] = len(self._rows)
            self._rows.append(row)
        return bool(fresh)
