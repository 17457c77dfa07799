"""Who wrote in a conversation, as far as one number tells: a bit for each person, and many people to a bit.

Where a bit is missing, none of its people wrote; where it is there, it may be for another one, and the items are asked.
So a list of where somebody wrote passes by most other conversations without a look at their items. Triggers set the
bits, also when people become one; nothing takes them away.
"""

import sqlite3
from collections.abc import Iterable
from typing import Final

from storage.reader import Reader
from storage.rows import Number

_BITS: Final = 62
"""As in the triggers: a number of SQLite has 64, one of them its sign."""
_ANYBODY: Final = -1


def bits(people: Iterable[int]) -> int:
    """The bits of these people; 0 for nobody."""
    found = 0
    for each in people:
        found |= 1 << each % _BITS
    return found


def bits_of(reader: Reader, identities: str) -> int:
    """The bits of whose identities these are, a JSON list of ids; every bit when these are very many people."""
    sql = f"""
        SELECT DISTINCT i.person_id AS n FROM json_each(:ids) e CROSS JOIN identity i ON i.id = e.value LIMIT {_BITS}
    """
    people = [row.n for row in reader.all(Number, sql, ids=identities)]
    return bits(people) if len(people) < _BITS else _ANYBODY


_MISSING = f"""
SELECT c.id FROM item i CROSS JOIN identity a ON a.id = i.author_id CROSS JOIN conversation c ON c.id = i.conversation_id
WHERE c.derived_voices & (1 << a.person_id % {_BITS}) = 0
"""


def are_missing(connection: sqlite3.Connection) -> bool:
    """Whether somebody wrote where their bit is not set. Looks at every item."""
    return connection.execute(f"{_MISSING} LIMIT 1").fetchone() is not None


def mend(connection: sqlite3.Connection) -> None:
    """Where somebody's bit is not set, anybody may have written."""
    connection.execute(f"UPDATE conversation SET derived_voices = {_ANYBODY} WHERE id IN ({_MISSING})")
