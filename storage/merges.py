"""Two people who became one: what hangs on either, who somebody is now, and the merges that can be taken back."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from storage.database import Reader, Transaction
from storage.errors import StorageError
from storage.journal import belonging
from storage.rows import Number


class Merging(NamedTuple):
    """Two people became one; `moved` is a JSON object of what went from the other to the kept."""

    id: int
    kept_id: int
    other_id: int
    other_name: str
    moved: str
    at: int


_MERGING = """
SELECT m.id, m.kept_id, m.other_id, p.name AS other_name, m.moved, m.at
FROM merging m JOIN person p ON p.id = m.other_id WHERE m.taken_back_at IS NULL
"""


def mergings(reader: Reader, person_id: int) -> list[Merging]:
    """Who was merged into this person and can be taken apart again, the latest first; not those merged into these."""
    return reader.all(Merging, f"{_MERGING} AND m.kept_id = :id ORDER BY m.id DESC", id=person_id)


async def merging(tx: Transaction, merging_id: int) -> Merging:
    """One merge that stands. Raises `NotFound`."""
    return await tx.one(Merging, f"{_MERGING} AND m.id = :id", id=merging_id)


async def mergings_into(tx: Transaction, person_id: int) -> list[Merging]:
    """What `mergings` gives, as a transaction sees it, the earliest first."""
    return await tx.all(Merging, f"{_MERGING} AND m.kept_id = :id ORDER BY m.id", id=person_id)


async def merged_from(tx: Transaction, person_id: int) -> list[Merging]:
    """The merge by which this person became another, at most one."""
    return await tx.all(Merging, f"{_MERGING} AND m.other_id = :id ORDER BY m.id", id=person_id)


async def root(tx: Transaction, person_id: int) -> int:
    """Who a person is now: themselves, or whom they were merged into. Raises `NotFound`."""
    return (await tx.one(Number, _ROOT, id=person_id)).n


def root_of(reader: Reader, person_id: int) -> int:
    """The same for what must be on screen now."""
    return reader.one(Number, _ROOT, id=person_id).n


_ROOT = """
WITH RECURSIVE up (id, merged_into, depth) AS (
    SELECT id, merged_into, 0 FROM person WHERE id = :id
    UNION ALL SELECT p.id, p.merged_into, up.depth + 1 FROM up JOIN person p ON p.id = up.merged_into WHERE up.depth < 100
)
SELECT id AS n FROM up ORDER BY depth DESC LIMIT 1
"""


async def belongings(tx: Transaction, table: str, person_id: int) -> list[int]:
    """The ids of what hangs on a person in one of the tables that name one: what a merge moves."""
    if table not in belonging():
        raise StorageError(f"Nothing in {table} belongs to a person.")
    rows = await tx.all(Number, f"SELECT id AS n FROM {table} WHERE person_id = :id ORDER BY id", id=person_id)
    return [row.n for row in rows]


class _Owner(NamedTuple):
    id: int
    person_id: int


async def owners(tx: Transaction, table: str, ids: Iterable[int]) -> dict[int, int]:
    """Whom each of these rows hangs on now, by row id; rows that are gone are not in it."""
    if table not in belonging():
        raise StorageError(f"Nothing in {table} belongs to a person.")
    rows = await tx.all(
        _Owner,
        f"SELECT id, person_id FROM {table} WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id",
        ids=json.dumps(list(ids)),
    )
    return {row.id: row.person_id for row in rows}
