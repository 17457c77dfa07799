"""Small facts about the workspace itself, by name."""

from typing import NamedTuple

from storage.database import Database, Reader, Transaction


class _Value(NamedTuple):
    value: str


def read(reader: Reader, name: str) -> str:
    """A fact, "" when it was never written."""
    rows = reader.all(_Value, "SELECT value FROM meta WHERE name = :name", name=name)
    return rows[0].value if rows else ""


async def get(db: Database | Transaction, name: str) -> str:
    """A fact, "" when it was never written."""
    rows = await db.all(_Value, "SELECT value FROM meta WHERE name = :name", name=name)
    return rows[0].value if rows else ""


async def put(tx: Transaction, name: str, value: str) -> None:
    """Write a fact."""
    await tx.run(
        "INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        name=name,
        value=value,
    )


async def drop(tx: Transaction, name: str) -> None:
    """A fact holds no longer."""
    await tx.run("DELETE FROM meta WHERE name = :name", name=name)
