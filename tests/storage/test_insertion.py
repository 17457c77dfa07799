"""Rows that are inserted ten at a time are the rows that were given."""

import pytest

from community.workspace import Workspace
from storage.insertion import Insertion
from storage.rows import Named

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("count", [0, 1, 9, 10, 11, 30, 47])
async def test_every_row_is_there_and_one_that_was_there_is_left_alone(workspace: Workspace, count: int) -> None:
    insertion = Insertion("person", ("id", "name", "created_at"), "ON CONFLICT (id) DO NOTHING")
    rows = [{"created_at": 1, "name": f"Ann {at}", "id": at} for at in range(1, count + 1)]
    database = await workspace.store.database()
    async with database.transaction() as tx:
        await tx.run("INSERT INTO person (id, name, created_at) VALUES (5, 'Ben', 1)")
        await insertion.of(tx, rows)
    found = await database.all(Named, "SELECT id, name FROM person ORDER BY id")
    wanted = {row["id"]: row["name"] for row in rows} | {5: "Ben"}
    assert {each.id: each.name for each in found} == wanted
