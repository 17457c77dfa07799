"""Many rows inserted by few statements.

A statement costs more than the row it inserts; and where a trigger tells the search of a row, each statement makes a
segment of its own there. So rows go in ten at a time.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from operator import itemgetter
from typing import Final

from storage.database import Transaction

_AT_ONCE: Final = 10


class Insertion:
    """What inserts rows into these columns of a table; `otherwise` says what becomes of a row that is there already."""

    def __init__(self, table: str, columns: Sequence[str], otherwise: str = "") -> None:
        row = f"({', '.join('?' * len(columns))})"
        self._by_count = {
            count: f"INSERT INTO {table} ({', '.join(columns)}) VALUES {', '.join(count * [row])} {otherwise}"
            for count in range(1, _AT_ONCE + 1)
        }
        self._values = itemgetter(*columns)

    async def of(self, tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
        """Insert rows, in their order; each has every column."""
        values = [self._values(row) for row in rows]
        whole = len(values) - len(values) % _AT_ONCE
        tens = (values[at : at + _AT_ONCE] for at in range(0, whole, _AT_ONCE))
        await tx.many(self._by_count[_AT_ONCE], [tuple(chain.from_iterable(ten)) for ten in tens])
        if rest := values[whole:]:
            await tx.many(self._by_count[len(rest)], [tuple(chain.from_iterable(rest))])
