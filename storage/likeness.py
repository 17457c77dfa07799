"""Which people may be one: the evidence of identities, the pairs of people who share some, and what the user said.

`likeness` and `suggestion` follow from the rest. They are made anew only where something changed: for the keys of the
identities that were touched. So a list of suggestions is a walk along an index, however many people there are.
"""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.rows import Identity, Number

Keys = set[tuple[str, str]]
Pairs = set[tuple[int, int]]


class Alike(NamedTuple):
    """Two people who may be one, the older first; their kinds of network joined by commas. `is_left` when the user has put the question off."""

    one_id: int
    one_name: str
    one_networks: str
    other_id: int
    other_name: str
    other_networks: str
    weight: int
    is_left: int


class Shared(NamedTuple):
    """One piece of evidence at one identity of one of two people."""

    kind: str
    value: str
    role: str
    person_id: int
    identity_id: int
    handle: str
    name: str
    network: str


_ALIKE = """
SELECT s.one_id, p.name AS one_name, s.other_id, q.name AS other_name, s.weight, s.is_left,
       (SELECT coalesce(group_concat(DISTINCT substr(i.network, 1, instr(i.network || ':', ':') - 1)), '')
         FROM identity i WHERE i.person_id = s.one_id) AS one_networks,
       (SELECT coalesce(group_concat(DISTINCT substr(i.network, 1, instr(i.network || ':', ':') - 1)), '')
         FROM identity i WHERE i.person_id = s.other_id) AS other_networks
FROM suggestion s JOIN person p ON p.id = s.one_id JOIN person q ON q.id = s.other_id
"""


def listed(reader: Reader, *, is_left: bool = False, limit: int = 200, offset: int = 0) -> list[Alike]:
    """Pairs who may be one person, the strongest evidence first."""
    return reader.all(
        Alike,
        f"""{_ALIKE} WHERE s.is_left = :is_left ORDER BY s.weight DESC, s.one_id, s.other_id
        LIMIT :limit OFFSET :offset""",
        is_left=int(is_left),
        limit=limit,
        offset=offset,
    )


def count(reader: Reader, *, most: int = 1000) -> int:
    """How many pairs wait for an answer, counted up to `most`."""
    sql = "SELECT count(*) AS n FROM (SELECT 1 FROM suggestion WHERE is_left = 0 LIMIT :most)"
    return reader.one(Number, sql, most=most).n


def of_person(reader: Reader, person_id: int) -> list[Alike]:
    """Who else one person may be, the strongest evidence first; those put off last."""
    found = reader.all(Alike, f"{_ALIKE} WHERE s.one_id = :id UNION ALL {_ALIKE} WHERE s.other_id = :id", id=person_id)
    return sorted(found, key=lambda pair: (pair.is_left, -pair.weight, pair.one_id, pair.other_id))


def shared(reader: Reader, one_id: int, other_id: int) -> list[Shared]:
    """What two people share, with the identities that have it, in the order these came to be known."""
    return reader.all(
        Shared,
        """
        SELECT e.kind, e.value, e.role, i.person_id, i.id AS identity_id, i.handle, i.name, i.network
        FROM likeness l JOIN evidence e ON e.kind = l.kind AND e.value = l.value JOIN identity i ON i.id = e.identity_id
        WHERE l.one_id = :one AND l.other_id = :other AND i.person_id IN (:one, :other)
        ORDER BY e.kind, e.value, i.id
        """,
        one=min(one_id, other_id),
        other=max(one_id, other_id),
    )


async def identities(tx: Transaction, ids: Iterable[int]) -> list[Identity]:
    """These identities, as a transaction sees them."""
    return await tx.all(
        Identity,
        """
        SELECT id, person_id, network, key, handle, name, url, email_hash, links, is_me FROM identity
        WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY id
        """,
        ids=json.dumps(list(ids)),
    )


class _Key(NamedTuple):
    kind: str
    value: str


async def keys_of(tx: Transaction, identity_ids: Iterable[int]) -> Keys:
    """The evidence stored for these identities."""
    rows = await tx.all(
        _Key,
        "SELECT DISTINCT kind, value FROM evidence WHERE identity_id IN (SELECT value FROM json_each(:ids))",
        ids=json.dumps(list(identity_ids)),
    )
    return {(row.kind, row.value) for row in rows}


async def keys_of_people(tx: Transaction, person_ids: Iterable[int]) -> Keys:
    """The evidence stored for the identities of these people."""
    rows = await tx.all(
        _Key,
        """
        SELECT DISTINCT e.kind, e.value FROM identity i JOIN evidence e ON e.identity_id = i.id
        WHERE i.person_id IN (SELECT value FROM json_each(:ids))
        """,
        ids=json.dumps(list(person_ids)),
    )
    return {(row.kind, row.value) for row in rows}


async def put(tx: Transaction, rows: Iterable[Mapping[str, object]], *, of: Iterable[int]) -> None:
    """Replace the evidence of the identities `of` by `rows` of {identity_id, kind, value, role}."""
    ids = list(of)
    if ids:
        await tx.run(
            "DELETE FROM evidence WHERE identity_id IN (SELECT value FROM json_each(:ids))", ids=json.dumps(ids)
        )
    await tx.many(
        "INSERT INTO evidence (identity_id, kind, value, role) VALUES (:identity_id, :kind, :value, :role)", rows
    )


class _Pair(NamedTuple):
    one_id: int
    other_id: int


async def refresh(tx: Transaction, keys: Keys, *, most: Mapping[str, int], weights: Mapping[str, int]) -> None:
    """Make the pairs anew that these keys speak for. Kinds of evidence shared by more people than `most` say nothing.

    Never me, nor anybody who was merged into another.
    """
    if not keys:
        return
    wanted = json.dumps([[kind, value] for kind, value in sorted(keys)])
    before = await tx.all(
        _Pair,
        """
        SELECT DISTINCT l.one_id, l.other_id FROM json_each(:keys) k
        JOIN likeness l ON l.kind = json_extract(k.value, '$[0]') AND l.value = json_extract(k.value, '$[1]')
        """,
        keys=wanted,
    )
    if before:
        await tx.run(
            """
            DELETE FROM likeness WHERE (kind, value) IN (SELECT json_extract(k.value, '$[0]'), json_extract(k.value, '$[1]') FROM json_each(:keys) k)
            """,
            keys=wanted,
        )
    groups = await tx.all(_Group, _GROUPS, keys=wanted, limit=max(most.values()) + 1)
    rows: list[dict[str, object]] = []
    for group in groups:
        people = sorted(json.loads(group.people))
        if 2 <= len(people) <= most[group.kind]:
            rows += [
                {"one": one, "other": other, "kind": group.kind, "value": group.key}
                for at, one in enumerate(people)
                for other in people[at + 1 :]
            ]
    await tx.many("INSERT INTO likeness (one_id, other_id, kind, value) VALUES (:one, :other, :kind, :value)", rows)
    pairs = {(row.one_id, row.other_id) for row in before} | {(int(str(r["one"])), int(str(r["other"]))) for r in rows}
    await weigh(tx, pairs, weights=weights)


class _Group(NamedTuple):
    kind: str
    key: str
    people: str


_GROUPS = """
SELECT json_extract(k.value, '$[0]') AS kind, json_extract(k.value, '$[1]') AS key, (
    SELECT json_group_array(person_id) FROM (
        SELECT DISTINCT i.person_id FROM evidence e JOIN identity i ON i.id = e.identity_id
        WHERE e.kind = json_extract(k.value, '$[0]') AND e.value = json_extract(k.value, '$[1]')
          AND NOT EXISTS (SELECT 1 FROM identity m WHERE m.person_id = i.person_id AND m.is_me = 1)
        LIMIT :limit
    )
) AS people
FROM json_each(:keys) k
"""


async def weigh(tx: Transaction, pairs: Pairs, *, weights: Mapping[str, int]) -> None:
    """Make the suggestions for these pairs anew, out of what they share and what the user said about them."""
    if not pairs:
        return
    wanted = json.dumps([[min(pair), max(pair)] for pair in sorted(pairs)])
    await tx.run(
        """
        DELETE FROM suggestion
        WHERE (one_id, other_id) IN (SELECT json_extract(k.value, '$[0]'), json_extract(k.value, '$[1]') FROM json_each(:pairs) k)
        """,
        pairs=wanted,
    )
    await tx.run(_WEIGH, pairs=wanted, **dict(weights))


_SAID = """
EXISTS (SELECT 1 FROM identity a JOIN verdict v ON {a} = a.id JOIN identity b ON b.id = {b}
        WHERE a.person_id = found.one_id AND b.person_id = found.other_id AND v.said = '{said}')
"""


def _was(said: str) -> str:
    one = _SAID.format(a="v.one_id", b="v.other_id", said=said)
    return f"({one} OR {_SAID.format(a='v.other_id', b='v.one_id', said=said)})"


_WEIGH = f"""
INSERT INTO suggestion (one_id, other_id, weight, is_left)
SELECT one_id, other_id, weight, {_was("left")} FROM (
    SELECT l.one_id, l.other_id, sum(DISTINCT CASE l.kind WHEN 'mail' THEN :mail WHEN 'address' THEN :address
           WHEN 'handle' THEN :handle ELSE :name END) AS weight
    FROM json_each(:pairs) k JOIN likeness l ON l.one_id = json_extract(k.value, '$[0]') AND l.other_id = json_extract(k.value, '$[1]')
    GROUP BY l.one_id, l.other_id
) found
WHERE NOT {_was("refused")}
"""
"""The weights differ, so that each kind counts once however often it is shared."""


async def pairs_of(tx: Transaction, person_ids: Iterable[int]) -> Pairs:
    """Every pair that shares something with one of these people."""
    ids = json.dumps(list(person_ids))
    rows = await tx.all(
        _Pair,
        """
        SELECT one_id, other_id FROM likeness WHERE one_id IN (SELECT value FROM json_each(:ids))
        UNION SELECT one_id, other_id FROM likeness WHERE other_id IN (SELECT value FROM json_each(:ids))
        """,
        ids=ids,
    )
    return {(row.one_id, row.other_id) for row in rows}


async def said(db: Database | Transaction, one_id: int, other_id: int) -> list[int]:
    """The ids of what the user has said about the identities of two people."""
    rows = await db.all(
        Number,
        """
        SELECT v.id AS n FROM identity a JOIN verdict v ON v.one_id = a.id JOIN identity b ON b.id = v.other_id
        WHERE (a.person_id = :one AND b.person_id = :other) OR (a.person_id = :other AND b.person_id = :one)
        """,
        one=one_id,
        other=other_id,
    )
    return [row.n for row in rows]


async def links_back(tx: Transaction, *, page: str, site: str) -> bool:
    """Whether the identity whose own page this address is says that the site is its own."""
    found = await tx.one(
        Number,
        """
        SELECT EXISTS (SELECT 1 FROM evidence own JOIN evidence says ON says.identity_id = own.identity_id
                       WHERE own.kind = 'address' AND own.value = :page AND own.role = 'own'
                         AND says.kind = 'address' AND says.value = :site) AS n
        """,
        page=page,
        site=site,
    )
    return bool(found.n)
