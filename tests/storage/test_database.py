"""The file: modes, migrations, transactions, and what happens when it is not as it should be."""

import asyncio
import os
import sqlite3
import stat
from pathlib import Path

import pytest

from storage.database import Database, Reader
from storage.errors import Corrupt, DiskFull, NewerSchema, NotFound, StorageError
from storage.opening import prepare
from storage.rows import Named, Number
from storage.schema import schema_version

pytestmark = pytest.mark.anyio


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "work" / "kith.db"


async def test_files_are_the_users_alone(path: Path) -> None:
    os.umask(0o022)
    database = await Database.open(path)
    async with database.transaction() as tx:
        await tx.run("INSERT INTO meta (name, value) VALUES ('a', 'b')")
    for file in path.parent.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    await database.close()


def test_a_directory_that_others_can_write_is_refused_with_the_way_to_mend_it(path: Path) -> None:
    path.parent.mkdir(mode=0o777)
    path.parent.chmod(0o777)
    with pytest.raises(StorageError, match="chmod 700"):
        prepare(path)
    assert list(path.parent.iterdir()) == []


def test_a_link_in_place_of_the_file_is_not_followed(path: Path, tmp_path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError):
        prepare(path)
    assert not (tmp_path / "elsewhere").exists()


def test_a_new_file_gets_every_migration_and_a_second_start_none(path: Path) -> None:
    prepare(path)
    before = path.read_bytes()
    prepare(path)
    assert sqlite3.connect(path).execute("PRAGMA user_version").fetchone() == (schema_version(),)
    assert path.read_bytes() == before


def test_a_file_of_a_newer_kith_is_refused_and_left_alone(path: Path) -> None:
    prepare(path)
    connection = sqlite3.connect(path)
    connection.execute(f"PRAGMA user_version = {schema_version() + 1}")
    connection.close()
    with pytest.raises(NewerSchema, match="newer Kith"):
        prepare(path)


def test_a_damaged_file_says_so(path: Path) -> None:
    path.parent.mkdir(mode=0o700)
    path.write_bytes(b"This is no database. " * 500)
    with pytest.raises(Corrupt, match="kith doctor"):
        prepare(path)
    assert path.read_bytes().startswith(b"This is no database.")


async def test_two_processes_that_start_at_once_migrate_once(path: Path) -> None:
    await asyncio.gather(*(asyncio.to_thread(prepare, path) for _ in range(8)))
    assert sqlite3.connect(path).execute("SELECT count(*) FROM meta").fetchone() == (0,)


async def test_a_transaction_is_stored_whole_or_not_at_all(path: Path) -> None:
    database = await Database.open(path)
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            await tx.run("INSERT INTO meta (name, value) VALUES ('a', 'b')")
            raise RuntimeError
    assert (await database.one(Number, "SELECT count(*) AS n FROM meta")).n == 0
    await database.close()


async def test_tasks_take_turns_to_write(path: Path) -> None:
    database = await Database.open(path)

    async def add(name: str) -> None:
        async with database.transaction() as tx:
            found = (await tx.one(Number, "SELECT count(*) AS n FROM meta")).n
            await asyncio.sleep(0)
            await tx.run("INSERT INTO meta (name, value) VALUES (:name, :n)", name=name, n=str(found))

    await asyncio.gather(*(add(str(number)) for number in range(20)))
    rows = await database.all(Named, "SELECT CAST(value AS INTEGER) AS id, name FROM meta")
    assert sorted(row.id for row in rows) == list(range(20))
    await database.close()


async def test_whoever_is_cancelled_at_any_moment_leaves_no_transaction_behind(path: Path) -> None:
    database = await Database.open(path)

    async def write(number: int) -> None:
        async with database.transaction() as tx:
            await tx.run("INSERT INTO meta (name, value) VALUES (:name, '')", name=f"n{number}")

    for turns in range(60):
        task = asyncio.create_task(write(turns))
        for _ in range(turns % 12):
            await asyncio.sleep(0)
        if turns >= 30:
            await asyncio.sleep(0.0002 * (turns - 30))
        task.cancel()
        if turns % 3 == 0:
            await asyncio.sleep(0)
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await write(1000 + turns)
    async with database.transaction() as tx:
        found = await tx.one(Number, "SELECT count(*) AS n FROM meta WHERE name LIKE 'n1___'")
    assert found.n == 60
    await database.close()


async def test_the_reader_sees_what_another_connection_has_stored_and_cannot_write(path: Path) -> None:
    database = await Database.open(path)
    reader = Reader(path)
    before = reader.version()
    async with database.transaction() as tx:
        await tx.run("INSERT INTO meta (name, value) VALUES ('a', 'b')")
    assert reader.version() != before
    assert reader.one(Number, "SELECT count(*) AS n FROM meta").n == 1
    with pytest.raises(StorageError):
        reader.all(Number, "INSERT INTO meta (name, value) VALUES ('c', 'd') RETURNING 1 AS n")
    with pytest.raises(NotFound):
        reader.one(Number, "SELECT 1 AS n WHERE 0")
    reader.close()
    await database.close()


def test_a_column_without_a_field_is_loud(path: Path) -> None:
    prepare(path)
    with pytest.raises(TypeError):
        Reader(path).all(Number, "SELECT 1 AS n, 2 AS more")


async def test_a_full_disk_is_one_sentence_and_changes_nothing(path: Path) -> None:
    database = await Database.open(path)
    pages = (await database.one(Number, "SELECT page_count AS n FROM pragma_page_count")).n
    await database._connection.execute(f"PRAGMA max_page_count = {pages + 2}")
    try:
        with pytest.raises(DiskFull, match="disk is full"):
            async with database.transaction() as tx:
                await tx.run("INSERT INTO meta (name, value) VALUES ('big', :value)", value="x" * 100_000)
        assert (await database.one(Number, "SELECT count(*) AS n FROM meta")).n == 0
    finally:
        await database.close()
