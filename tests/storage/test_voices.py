"""No list of where somebody wrote passes by a conversation they wrote in, whatever became of them or of it."""

import io
import json
import sqlite3
from pathlib import Path

import pytest

from community import exchange
from community.query import parse
from community.workspace import Workspace
from fakes import ME, NOW, add_source, arrive, author, comment
from storage import derived, voices
from storage.database import FILE

pytestmark = pytest.mark.anyio

_EVERY = "SELECT id, derived_voices FROM conversation ORDER BY id"


@pytest.fixture
async def talk(workspace: Workspace) -> Workspace:
    """Ann and Ben, each in a conversation of their own, and both in a third."""
    source = await add_source(workspace, kind="feed")
    await arrive(workspace, source, comment("1", "Ann", "Alone"), comment("2", "Ben", "Alone, too"))
    await arrive(workspace, source, comment("3", "Ann", "A question?"), comment("4", "Ben", "An answer", parent="3"))
    return workspace


def sound(directory: Path) -> bool:
    return derived.out_of_step(directory / FILE) == []


def bits(directory: Path) -> dict[int, int]:
    connection = sqlite3.connect(directory / FILE)
    try:
        return dict(connection.execute(_EVERY).fetchall())
    finally:
        connection.close()


def rooms(workspace: Workspace, words: str) -> set[int]:
    return {row.id for row in workspace.conversations.page(parse(words, now=NOW))}


async def test_each_conversation_has_the_bits_of_those_who_wrote_in_it(talk: Workspace) -> None:
    assert bits(talk.directory) == {1: voices.bits([1]), 2: voices.bits([2]), 3: voices.bits([1, 2])}
    await arrive(
        talk, await add_source(talk, "Other"), comment("5", ME, "Hello"), comment("6", "Cy", "Yes", parent="5")
    )
    assert bits(talk.directory)[4] == voices.bits([3, 4])
    assert sound(talk.directory)


async def test_who_becomes_somebody_else_is_found_as_both_until_undo_and_after(talk: Workspace) -> None:
    await arrive(talk, await add_source(talk, "Other"), comment("5", author("Annie", network="fediverse"), "It is me"))
    await talk.identities.merge(1, 3)
    assert sound(talk.directory)
    assert rooms(talk, "with:annie") == rooms(talk, "with:ann") == {1, 3, 4}
    await talk.undo.undo()
    assert sound(talk.directory)
    assert rooms(talk, "with:annie") == {4}


async def test_an_item_that_moves_takes_its_bit_along(talk: Workspace) -> None:
    async with talk.store.transaction() as tx:
        await tx.run("UPDATE item SET conversation_id = 2 WHERE id = 1")
    assert sound(talk.directory)
    assert bits(talk.directory)[2] == voices.bits([1, 2])


async def test_an_export_says_nothing_of_it_and_an_import_has_it_in_whatever_order_rows_come(
    talk: Workspace, tmp_path: Path
) -> None:
    async with talk.store.transaction() as tx:
        await tx.run("UPDATE source SET address = 'https://blog.example/'")
    lines: list[str] = []
    exchange.write(talk.directory, "1", lines.append, notes=True)
    assert "derived" not in "".join(lines)
    orders = {"as written": lines, "backwards": [lines[0], *lines[:0:-1]]}
    for name, each in orders.items():
        directory = tmp_path / name
        await new(directory)
        exchange.read(directory, io.BytesIO("".join(each).encode()))
        assert sound(directory), name
    assert bits(tmp_path / "as written") == bits(talk.directory)


async def new(directory: Path) -> None:
    """An empty workspace."""
    directory.mkdir(mode=0o700)
    await Workspace.open(directory, secrets_in_file=True).close()


async def test_a_lost_bit_is_found_and_mended(talk: Workspace) -> None:
    await talk.close()
    connection = sqlite3.connect(talk.directory / FILE, isolation_level=None)
    try:
        connection.execute("UPDATE conversation SET derived_voices = 0 WHERE id = 3")
        assert derived.out_of_step(talk.directory / FILE) == ["conversation"]
        derived.mend(connection)
    finally:
        connection.close()
    assert sound(talk.directory)
    assert bits(talk.directory)[3] == -1


async def test_of_very_many_people_every_bit_is_asked_for(talk: Workspace) -> None:
    async with talk.store.transaction() as tx:
        for each in range(10, 100):
            await tx.run("INSERT INTO person (id, name, created_at) VALUES (:id, 'One of many', 0)", id=each)
            await tx.run(
                "INSERT INTO identity (id, person_id, network, key, handle, name, created_at)"
                " VALUES (:id, :id, 'many', :id, '@many', 'One of many', 0)",
                id=each,
            )
    reader = talk.store.reader
    assert voices.bits_of(reader, json.dumps([])) == 0
    assert voices.bits_of(reader, json.dumps([10, 11])) == voices.bits([10, 11])
    assert voices.bits_of(reader, json.dumps(list(range(10, 100)))) == -1
