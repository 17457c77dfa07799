"""Works that share a transaction do not share their failures."""

import asyncio

import pytest

from community.workspace import Workspace
from storage.database import Transaction
from storage.errors import NotFound
from storage.opening import connected
from storage.rows import Number
from storage.straight import Straight, Work, carried_out

pytestmark = pytest.mark.anyio


async def test_one_work_that_fails_takes_no_other_with_it(workspace: Workspace) -> None:
    async def good(tx: Transaction) -> int:
        return await tx.insert("INSERT INTO person (name, created_at) VALUES ('Ann', 1)")

    async def bad(tx: Transaction) -> int:
        await tx.insert("INSERT INTO person (name, created_at) VALUES ('Ben', 1)")
        raise NotFound("There is no such entry any more.")

    database = await workspace.store.database()
    results = await asyncio.gather(*(database.at_once(each) for each in (good, bad, good)), return_exceptions=True)
    assert isinstance(results[1], NotFound)
    assert [row.n for row in await database.all(Number, "SELECT id AS n FROM person WHERE name = 'Ann'")] == [
        results[0],
        results[2],
    ]
    assert not await database.all(Number, "SELECT id AS n FROM person WHERE name = 'Ben'")


async def test_a_work_that_waits_for_something_else_is_refused(workspace: Workspace) -> None:
    async def waits(_tx: Transaction) -> None:
        await asyncio.sleep(0)

    database = await workspace.store.database()
    with pytest.raises(RuntimeError, match="nothing but the database"):
        await database.at_once(waits)


async def test_what_a_cancelled_caller_began_is_stored(workspace: Workspace) -> None:
    async def add(tx: Transaction) -> int:
        return await tx.insert("INSERT INTO person (name, created_at) VALUES ('Cy', 1)")

    database = await workspace.store.database()
    task = asyncio.create_task(database.at_once(add))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await workspace.close()
    assert workspace.directory.exists()


async def test_a_transaction_begins_though_a_read_is_half_done_and_somebody_else_has_written(
    workspace: Workspace,
) -> None:
    async def add(tx: Transaction) -> int:
        return await tx.insert("INSERT INTO person (name, created_at) VALUES ('Di', 1)")

    database = await workspace.store.database()
    for _ in range(3):
        await database.at_once(add)
    half_done = await database._connection.execute("SELECT id FROM person")
    await half_done.fetchone()
    await database.at_once(add)

    async def finish() -> None:
        await asyncio.sleep(0.05)
        await half_done.fetchall()

    async def write() -> None:
        async with database.transaction() as tx:
            await add(tx)

    await asyncio.gather(finish(), write())
    assert len(await database.all(Number, "SELECT id AS n FROM person")) == 5


async def test_a_turn_that_has_taken_its_time_leaves_the_rest_to_the_next(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.database._TURN_S", 0.0)
    database, there = await workspace.store.database(), list[int]()

    async def add(tx: Transaction) -> int:
        await tx.insert("INSERT INTO person (name, created_at) VALUES ('Ev', 1)")
        there.append(workspace.store.reader.one(Number, "SELECT count(*) AS n FROM person WHERE name = 'Ev'").n)
        return there[-1]

    stored = await asyncio.gather(*(database.at_once(add) for _ in range(5)))
    assert stored == [0, 1, 2, 3, 4]


async def test_who_comes_while_others_have_their_turn_has_a_part_in_it(workspace: Workspace) -> None:
    prepared = await workspace.store.database()
    connection, works, seen = connected(prepared.path), list[Work](), list[bool]()

    async def late(tx: Straight) -> None:
        seen.append(connection.in_transaction)

    async def early(tx: Straight) -> None:
        works.append(late)

    works.append(early)
    try:
        assert carried_out(connection, works) == [None, None]
    finally:
        connection.close()
    assert seen == [True]
