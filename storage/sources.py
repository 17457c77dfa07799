"""Sources: where Kith listens, how far it has read, and how each is doing."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.rows import Named, Number, Source

_COLUMNS = """
SELECT id, kind, name, address, account, me, is_mine, options, allow_hosts, cursor, state, health, health_text,
       failures, syncing_at, checked_at, succeeded_at, next_check_at, backlog_done_at, created_at, person_id
FROM source
"""
_ALL = _COLUMNS + "WHERE state <> 'removed' ORDER BY name COLLATE NOCASE, id"
_ONE = _COLUMNS + "WHERE id = :id AND state <> 'removed'"
_SAME = _COLUMNS + "WHERE kind = :kind AND address = :address AND account = :account"
_AT = _COLUMNS + "WHERE kind = :kind AND address = :address AND state <> 'removed' ORDER BY id"
_DUE = (
    _COLUMNS + "WHERE state = 'active' AND (next_check_at <= :now OR next_check_at > :far) ORDER BY next_check_at, id"
)
_FAR_S = 2 * 86_400
"""No source waits longer than a day: one that would was read while the clock ran ahead."""


def listed(reader: Reader) -> list[Source]:
    """Every source that was not removed, by name."""
    return reader.all(Source, _ALL)


def page(reader: Reader, *, beside: tuple[str, int] | None, forward: bool, limit: int) -> list[Source]:
    """Some of them by name: those after the one with this name and id, or before it; from an end when it is None."""
    beyond, order = (">", "ASC") if forward else ("<", "DESC")
    place = "" if beside is None else f"AND (name COLLATE NOCASE, id) {beyond} (:name, :id)"
    sql = f"{_COLUMNS} WHERE state <> 'removed' {place} ORDER BY name COLLATE NOCASE {order}, id {order} LIMIT :limit"
    values = {} if beside is None else {"name": beside[0], "id": beside[1]}
    found = reader.all(Source, sql, limit=limit, **values)
    return found if forward else found[::-1]


def these(reader: Reader, ids: Iterable[int]) -> list[Source]:
    """Those of these sources that were not removed, in the order given."""
    wanted = list(ids)
    sql = f"{_COLUMNS} WHERE id IN (SELECT value FROM json_each(:ids)) AND state <> 'removed'"
    found = {source.id: source for source in reader.all(Source, sql, ids=json.dumps(wanted))}
    return [found[source_id] for source_id in wanted if source_id in found]


def is_any(reader: Reader) -> bool:
    """Whether there is a source that was not removed."""
    return reader.one(Number, "SELECT EXISTS (SELECT 1 FROM source WHERE state <> 'removed') AS n").n == 1


class _At(NamedTuple):
    id: int
    n: int


def waiting_at(reader: Reader, source_ids: Iterable[int], *, at_most: int) -> dict[int, int]:
    """In how many conversations somebody waits at each of these sources, counted no further than `at_most`."""
    sql = """
    SELECT e.value AS id, (
        SELECT count(*) FROM (
            SELECT 1 FROM conversation INDEXED BY conversation_source_rank
            WHERE source_id = e.value AND attention = 'waiting' LIMIT :at_most)) AS n
    FROM json_each(:ids) e
    """
    return {row.id: row.n for row in reader.all(_At, sql, ids=json.dumps(list(source_ids)), at_most=at_most)}


def besides(reader: Reader, kind: str) -> list[Source]:
    """The sources that are of another kind, by name."""
    sql = f"{_COLUMNS} WHERE kind <> :kind AND state <> 'removed' ORDER BY name COLLATE NOCASE, id"
    return reader.all(Source, sql, kind=kind)


def get(reader: Reader, source_id: int) -> Source:
    """One source. Raises `NotFound` for an unknown or removed one."""
    return reader.one(Source, _ONE, id=source_id)


async def find(db: Database | Transaction, source_id: int) -> Source:
    """One source. Raises `NotFound` for an unknown or removed one."""
    return await db.one(Source, _ONE, id=source_id)


async def same(db: Database | Transaction, *, kind: str, address: str, account: str) -> Source | None:
    """The source with that address and account, removed ones included; None when there is none."""
    rows = await db.all(Source, _SAME, kind=kind, address=address, account=account)
    return rows[0] if rows else None


async def at(db: Database | Transaction, *, kind: str, address: str) -> list[Source]:
    """The sources at an address, whatever their account, that were not removed."""
    return await db.all(Source, _AT, kind=kind, address=address)


async def due(db: Database, *, now: int) -> list[Source]:
    """Active sources whose time has come, the longest overdue first."""
    return await db.all(Source, _DUE, now=now, far=now + _FAR_S)


async def add(
    tx: Transaction,
    *,
    kind: str,
    name: str,
    address: str,
    account: str,
    is_mine: bool,
    options: str,
    allow_hosts: str,
    now: int,
) -> int:
    """The id of a new source, or of the removed one that is taken up again with everything it held."""
    await tx.run(
        """
        INSERT INTO source (kind, name, address, account, is_mine, options, allow_hosts, created_at)
        VALUES (:kind, :name, :address, :account, :is_mine, :options, :allow_hosts, :now)
        ON CONFLICT (kind, address, account) DO UPDATE SET
            state = 'active', health = 'new', health_text = '', failures = 0, next_check_at = 0,
            name = excluded.name, options = excluded.options, allow_hosts = excluded.allow_hosts,
            is_mine = excluded.is_mine
        """,
        kind=kind,
        name=name,
        address=address,
        account=account,
        is_mine=int(is_mine),
        options=options,
        allow_hosts=allow_hosts,
        now=now,
    )
    found = await tx.one(
        Named,
        "SELECT id, name FROM source WHERE kind = :kind AND address = :address AND account = :account",
        kind=kind,
        address=address,
        account=account,
    )
    return found.id


async def take_up(tx: Transaction, source_id: int, *, instead_of: int) -> bool:
    """Let a removed source take the place of a new one that turned out to be the same; False when that has items."""
    taken = await tx.run(
        """
        UPDATE source SET (state, health, health_text, failures, next_check_at, name, options, allow_hosts, is_mine) =
            (SELECT n.state, 'new', '', 0, 0, n.name, n.options, n.allow_hosts, n.is_mine FROM source n WHERE n.id = :new)
        WHERE id = :id AND NOT EXISTS (SELECT 1 FROM item WHERE source_id = :new)
          AND NOT EXISTS (SELECT 1 FROM conversation WHERE source_id = :new)
        """,
        id=source_id,
        new=instead_of,
    )
    if taken:
        await tx.run("DELETE FROM source WHERE id = :new", new=instead_of)
    return taken == 1


def of_person(reader: Reader, person_id: int) -> list[Source]:
    """The sources that are a person's own, by name."""
    return reader.all(
        Source, _COLUMNS + "WHERE person_id = :id AND state <> 'removed' ORDER BY name COLLATE NOCASE, id", id=person_id
    )


async def set_mine(tx: Transaction, source_id: int) -> None:
    """The user says that it is their own: what others write there is addressed to them."""
    await tx.run("UPDATE source SET is_mine = 1 WHERE id = :id", id=source_id)


async def set_account(tx: Transaction, source_id: int, *, me: str, account: str, name: str, options: str) -> None:
    """Who I am there and what the server told of itself."""
    await tx.run(
        "UPDATE source SET me = :me, account = :account, name = :name, options = :options WHERE id = :id",
        id=source_id,
        me=me,
        account=account,
        name=name,
        options=options,
    )


async def set_state(tx: Transaction, source_id: int, state: str) -> None:
    """Active, paused, stopped (its credential was refused), sunset or removed. An active one is checked at once."""
    await tx.run(
        "UPDATE source SET state = :state, failures = 0, next_check_at = 0, syncing_at = NULL WHERE id = :id",
        id=source_id,
        state=state,
    )


async def ask_now(tx: Transaction, source_id: int | None = None) -> None:
    """Make one source, or every one that is not resting on the platform's own wish, due at once."""
    await tx.run(
        """
        UPDATE source SET next_check_at = 0
        WHERE state = 'active' AND health <> 'limited' AND (:id IS NULL OR id = :id)
        """,
        id=source_id,
    )


async def began(tx: Transaction, ids: Iterable[int], *, now: int) -> None:
    """A sync of these sources has started."""
    await tx.run(
        "UPDATE source SET syncing_at = :now WHERE id IN (SELECT value FROM json_each(:ids))",
        ids=json.dumps(list(ids)),
        now=now,
    )


async def nobody_syncs(tx: Transaction) -> None:
    """Clear what a killed sync left behind. Only the leader calls this."""
    await tx.run("UPDATE source SET syncing_at = NULL WHERE syncing_at IS NOT NULL")


async def advanced(tx: Transaction, row: Mapping[str, object]) -> None:
    """A page was stored: {id, cursor, name, address, options}, None where nothing is to change."""
    await tx.many(_ADVANCED, [row])


_ADVANCED = """
UPDATE source SET cursor = coalesce(:cursor, cursor), address = coalesce(:address, address),
    options = coalesce(:options, options), name = CASE WHEN name = '' THEN coalesce(:name, '') ELSE name END
WHERE id = :id
"""


async def succeeded(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Syncs that went well: each row is {id, now, next_check_at, text}, and what `advanced` takes."""
    kept = list(rows)
    await tx.many(_ADVANCED, (row for row in kept if row["advanced"]))
    await tx.many(
        """
        UPDATE source SET health = 'ok', health_text = :text, failures = 0, syncing_at = NULL, checked_at = :now,
            succeeded_at = :now, backlog_done_at = coalesce(backlog_done_at, :now), next_check_at = :next_check_at
        WHERE id = :id
        """,
        kept,
    )


async def failed(
    tx: Transaction, source_id: int, *, now: int, next_check_at: int, health: str, text: str, stop: bool = False
) -> None:
    """A sync went wrong: keep why, in words. `stop` ends the polling until the user acts."""
    await tx.run(
        """
        UPDATE source SET health = :health, health_text = :text, failures = failures + 1, syncing_at = NULL,
            checked_at = :now, next_check_at = :next_check_at, state = CASE WHEN :stop AND state <> 'sunset' THEN 'stopped' ELSE state END
        WHERE id = :id
        """,
        id=source_id,
        now=now,
        next_check_at=next_check_at,
        health=health,
        text=text,
        stop=int(stop),
    )
