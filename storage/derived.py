"""What follows from the rows a transaction wrote, made at its end: what the search finds, and the bonds.

Triggers write down what is due, so that nothing that writes needs to know of it; `bonds` tells about people. What is
out of step with the rows it follows from can be made anew.
"""

import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from storage import bonds, voices
from storage.errors import translated
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


_SEARCHED = ("item_fts", "memo_fts", "name_fts")


def out_of_step(path: Path) -> list[str]:
    """The search indexes and tables that are; SQLite's own check does not look into them."""
    wrong = []
    with translated():
        connection = sqlite3.connect(path, isolation_level=None)
        try:
            connection.execute("PRAGMA busy_timeout = 5000")
            for table in _SEARCHED:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    settle_now(connection)  # a reading that goes on leaves some for later
                    connection.execute(f"INSERT INTO {table} ({table}) VALUES ('integrity-check')")
                except sqlite3.DatabaseError:
                    wrong.append(table)
                finally:
                    connection.execute("ROLLBACK")
            try:
                if voices.are_missing(connection):
                    wrong.append("conversation")
            except sqlite3.DatabaseError:  # it cannot even be asked
                wrong.append("conversation")
        finally:
            connection.close()
    return wrong


def mend(connection: sqlite3.Connection) -> None:
    """Make what is out of step anew from the rows."""
    for table in _SEARCHED:
        connection.execute(f"INSERT INTO {table} ({table}) VALUES ('rebuild')")
    connection.execute("DELETE FROM derived_unfound")
    voices.mend(connection)
