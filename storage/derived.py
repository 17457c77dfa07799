"""What follows from the rows a transaction wrote, made at its end: what the search finds, and the bonds.

Triggers write down what is due, so that nothing that writes needs to know of it; `bonds` tells about people.
"""

import sqlite3
from typing import TYPE_CHECKING

from storage import bonds
from storage.rows import Due

if TYPE_CHECKING:
    from storage.database import Transaction

_DUE = "SELECT EXISTS (SELECT 1 FROM derived_due) AS people, (SELECT count(*) FROM derived_unfound) AS items"
_FOUND = (
    """
    INSERT INTO item_fts (rowid, title, text)
    SELECT i.id, i.title, i.text FROM derived_unfound u CROSS JOIN item i ON i.id = u.item_id ORDER BY u.item_id
    """,
    "DELETE FROM derived_unfound",
)


async def settle(tx: "Transaction") -> None:
    """Make what is due, inside of the transaction that made it due."""
    due = await tx.one(Due, _DUE)
    for step in (*(_FOUND if due.items else ()), *(bonds.STEPS if due.people else ())):
        await tx.run(step)


def settle_now(connection: sqlite3.Connection, *, lot: int = 1) -> None:
    """The same for a connection of one's own, whose transaction is open.

    Fewer new items than `lot` are left to the next transaction: in large lots they cost the search half.
    """
    people, items = connection.execute(_DUE).fetchone()
    for step in (*(_FOUND if items >= lot else ()), *(bonds.STEPS if people else ())):
        connection.execute(step)
