"""What a transaction brings is found when it ends, or when no other waits; whatever else happened to it before."""

import asyncio
import sqlite3
from collections.abc import Callable, Coroutine

import pytest

from community.workspace import Workspace
from fakes import add_source, arrive, comment
from storage import derived
from storage.database import FILE, Transaction
from storage.errors import NotFound

pytestmark = pytest.mark.anyio
Work = Callable[[Transaction], Coroutine[None, None, None]]


async def found(workspace: Workspace, words: str) -> list[int]:
    return sorted(hit.id for hit in await workspace.search(words) if hit.what == "item")


async def change(workspace: Workspace, *statements: str) -> None:
    async with workspace.store.transaction() as tx:
        for each in statements:
            await tx.run(each)


_COPY = """
INSERT INTO item (id, source_id, conversation_id, remote_id, author_id, kind, text, created_at, fetched_at)
SELECT {id}, source_id, conversation_id, 'copy {id}', author_id, kind, '{text}', created_at, fetched_at
FROM item WHERE id = 1
"""


async def test_words_edited_or_deleted_where_they_came_in_are_indexed_as_they_ended(workspace: Workspace) -> None:
    await arrive(workspace, await add_source(workspace), comment("1", "Ann", "Nothing much"))
    await change(
        workspace,
        _COPY.format(id=2, text="a tulip"),
        _COPY.format(id=3, text="a tulip"),
        "UPDATE item SET text = 'a rose' WHERE id = 2",
        "DELETE FROM item WHERE id = 3",
    )
    assert (await found(workspace, "tulip"), await found(workspace, "rose")) == ([], [2])
    await change(workspace, "UPDATE item SET text = 'a daisy' WHERE id = 2")
    assert (await found(workspace, "rose"), await found(workspace, "daisy")) == ([], [2])
    await change(workspace, "DELETE FROM item WHERE id = 2")
    assert await found(workspace, "daisy") == []
    assert derived.out_of_step(workspace.directory / FILE) == []


async def test_works_that_share_a_transaction_are_found_when_it_ends(workspace: Workspace) -> None:
    await arrive(workspace, await add_source(workspace), comment("1", "Ann", "Nothing much"))

    async def add(tx: Transaction) -> None:
        await tx.run(_COPY.format(id=7, text="a tulip"))

    await (await workspace.store.database()).at_once(add)
    assert await found(workspace, "tulip") == [7]


async def test_whatever_many_works_bring_is_found_when_none_waits_any_more(workspace: Workspace) -> None:
    await arrive(workspace, await add_source(workspace), comment("1", "Ann", "Nothing much"))

    def adding(number: int) -> Work:
        async def add(tx: Transaction) -> None:
            await tx.run(_COPY.format(id=number, text="a tulip"))
            if number == 26:
                raise NotFound("There is no such entry any more.")

        return add

    database = await workspace.store.database()
    told = await asyncio.gather(*(database.at_once(adding(each)) for each in range(10, 27)), return_exceptions=True)
    assert [each for each in told if each is not None] == [told[-1]]
    assert await found(workspace, "tulip") == list(range(10, 26))


async def test_what_a_lot_that_is_too_small_left_is_found_after_the_next_transaction(workspace: Workspace) -> None:
    await arrive(workspace, await add_source(workspace), comment("1", "Ann", "Nothing much"))
    with sqlite3.connect(workspace.directory / FILE) as connection:
        connection.execute(_COPY.format(id=2, text="a tulip"))
        derived.settle_now(connection, lot=2)
    assert await found(workspace, "tulip") == []
    assert derived.out_of_step(workspace.directory / FILE) == []
    await change(workspace, "UPDATE item SET text = 'a rose' WHERE id = 2")
    assert (await found(workspace, "tulip"), await found(workspace, "rose")) == ([], [2])
