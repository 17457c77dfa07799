"""The part of a long list that is loaded: one run of rows around the cursor, grown at either end by keyset pages.

No row is ever looked up by its number, so nothing here costs more in a list of a million than in one of a hundred.
"""

from collections.abc import Callable, Collection, Hashable, Sequence
from typing import Generic, Protocol, TypeVar

Row = TypeVar("Row")

PAGE = 64
_KEPT = 4096


class Window(Protocol[Row]):
    """Where rows come from."""

    def page(self, beside: Row | None, *, forward: bool, limit: int) -> list[Row]:
        """Rows that follow `beside`, or stand before it, in list order; from the list's own end when it is None.

        A page may be short; only an empty one is the end, and not even that when the window `goes_on`: the same page
        again looks further.
        """
        ...

    def again(self, rows: Sequence[Row]) -> list[Row]:
        """These rows as they are now, without those that are gone."""
        ...

    @property
    def goes_on(self) -> bool:
        """Whether the last page was empty without being the end."""
        return False


class Listed(Window[Row]):
    """A window on a list that is in memory as a whole."""

    def __init__(self, rows: Sequence[Row]) -> None:
        self._rows = list(rows)

    def page(self, beside: Row | None, *, forward: bool, limit: int) -> list[Row]:
        """Everything at once; nothing follows it."""
        return [] if beside is not None else self._rows

    def again(self, rows: Sequence[Row]) -> list[Row]:
        """What the list holds."""
        return self._rows


class Run(Generic[Row]):
    """Loaded rows, in list order. `at_start` and `at_end` say that there is nothing more on that side."""

    def __init__(self, window: Window[Row], key: Callable[[Row], Hashable]) -> None:
        self.window = window
        self.rows: list[Row] = []
        self.hidden: set[Hashable] = set()
        self.at_start = True
        self.at_end = True
        self.key = key

    @property
    def goes_on(self) -> bool:
        """Whether the window came to no end with its last page, which was empty."""
        return self.window.goes_on

    def first(self) -> None:
        """Load the first page."""
        found = self.window.page(None, forward=True, limit=PAGE)
        self.at_start, self.at_end = True, self._ends(found, forward=True)
        self.rows = self._shown(found)

    def last(self) -> None:
        """Load the last page, when it can be found."""
        if self.at_end:
            return
        found = self.window.page(None, forward=False, limit=PAGE)
        if not found and self.goes_on:
            return
        self.at_start, self.at_end = self._ends(found, forward=False), True
        self.rows = self._shown(found)

    def after(self) -> int:
        """Load what follows; how many rows were dropped in front to keep the run short."""
        if self.at_end:
            return 0
        found = self.window.page(self.rows[-1] if self.rows else None, forward=True, limit=PAGE)
        self.at_end = self._ends(found, forward=True)
        self.rows += self._shown(found)
        surplus = max(0, len(self.rows) - _KEPT)
        if surplus:
            del self.rows[:surplus]
            self.at_start = False
        return surplus

    def before(self) -> int:
        """Load what stands before; how many rows came in front."""
        if self.at_start or not self.rows:
            return 0
        found = self.window.page(self.rows[0], forward=False, limit=PAGE)
        self.at_start = self._ends(found, forward=False)
        shown = self._shown(found)
        self.rows = shown + self.rows
        if len(self.rows) > _KEPT:
            del self.rows[_KEPT:]
            self.at_end = False
        return len(shown)

    def _ends(self, found: Sequence[Row], *, forward: bool, wanted: int = PAGE) -> bool:
        """Whether nothing is beyond a page of so many rows."""
        if len(found) == wanted:
            return False
        if not found or len(found) > wanted:
            return not self.goes_on
        return not self.window.page(found[-1 if forward else 0], forward=forward, limit=1) and not self.goes_on

    def renew(self, leaving: Collection[Hashable] = ()) -> list[Hashable]:
        """Bring the run up to date in place; the keys of rows that are new in it.

        Nothing that is loaded moves or vanishes, whatever became of it, but for the `leaving` and for what does not
        exist any more.
        """
        size = max(PAGE, len(self.rows))
        if self.at_start or not self.rows:
            fresh = self.window.page(None, forward=True, limit=size)
            if self._ends(fresh, forward=True, wanted=size):
                self.at_end = True
        else:
            first = self.rows[0]
            fresh = [first, *self.window.page(first, forward=True, limit=size)]
        return self._take(fresh, leaving)

    def _take(self, fresh: Sequence[Row], leaving: Collection[Hashable]) -> list[Hashable]:
        old = {self.key(row) for row in self.rows}
        current = {self.key(row): row for row in fresh}
        missing = [row for row in self.rows if self.key(row) not in current]
        stayed = [row for row in missing if self.key(row) not in leaving]
        current |= {self.key(row): row for row in self.window.again(stayed)} if stayed else {}
        kept = [current[self.key(row)] for row in self.rows if self.key(row) in current]
        gone = {self.key(row) for row in missing} - {self.key(row) for row in stayed}
        kept = [row for row in kept if self.key(row) not in gone]
        self.rows = merged(kept, self._inside(fresh, old), self.key)
        self.rows = self._shown(self.rows)
        return [self.key(row) for row in self.rows if self.key(row) not in old]

    def _inside(self, fresh: Sequence[Row], old: Collection[Hashable]) -> Sequence[Row]:
        """`fresh` up to its last row that is loaded, unless the run reaches the end: no hole may come to be."""
        if self.at_end:
            return fresh
        last = max((at for at, row in enumerate(fresh) if self.key(row) in old), default=len(fresh) - 1)
        return fresh[: last + 1]

    def hide(self, keys: Collection[Hashable]) -> None:
        """Take rows out at once, before storage knows."""
        self.hidden |= set(keys)
        self.rows = self._shown(self.rows)

    def _shown(self, rows: Sequence[Row]) -> list[Row]:
        if not self.hidden:
            return list(rows)
        return [row for row in rows if self.key(row) not in self.hidden]


def merged(kept: Sequence[Row], fresh: Sequence[Row], key: Callable[[Row], Hashable]) -> list[Row]:
    """`kept` in its own order, with each row of `fresh` that it lacks after the row it follows there. Pure."""
    have = {key(row) for row in kept}
    follows: dict[Hashable | None, list[Row]] = {}
    anchor: Hashable | None = None
    for row in fresh:
        if key(row) in have:
            anchor = key(row)
        else:
            follows.setdefault(anchor, []).append(row)
    result = list(follows.get(None, ()))
    for row in kept:
        result.append(row)
        result += follows.get(key(row), ())
    return result
