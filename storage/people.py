"""People and their identities, notes, promises, touchpoints and tags, and the timeline made of all of it."""

import json
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from storage.database import Database, Reader, Transaction
from storage.insertion import Insertion
from storage.lines import PersonRow
from storage.rows import Identity, Named, Note, Number, Person, Promise
from storage.search import CALLED, quoted

PERSON = """
SELECT id, name, stage, stage_at, created_at, first_contact_at, last_incoming_at, last_outgoing_at, last_contact_at,
       cadence_s, cadence_max_s, pace_s, pace_max_s, resting_at, suggested, stage_kept_at,
       forgotten_at
FROM person p
"""
LIST = """
SELECT p.id, p.name, p.stage, p.stage_at, p.first_contact_at, p.last_contact_at,
       (SELECT count(*) FROM identity i CROSS JOIN conversation c INDEXED BY conversation_lead_rank ON c.lead_id = i.id
         WHERE i.person_id = p.id AND c.attention = 'waiting') AS waiting,
       (SELECT coalesce(group_concat(DISTINCT substr(i.network, 1, instr(i.network || ':', ':') - 1)), '')
         FROM identity i WHERE i.person_id = p.id) AS networks,
       (SELECT coalesce(group_concat(t.tag, ' '), '') FROM person_tag t WHERE t.person_id = p.id) AS tags,
       (SELECT json_group_array(json_array(i.network, i.handle, coalesce(i.url, '')))
         FROM identity i WHERE i.person_id = p.id) AS handles
FROM person p
WHERE p.last_contact_at IS NOT NULL AND p.merged_into IS NULL
"""
_ROWS = LIST.replace("p.last_contact_at IS NOT NULL", "p.id IN (SELECT value FROM json_each(:ids))")
_MET = "SELECT p.id AS n FROM person p WHERE p.last_contact_at IS NOT NULL AND p.merged_into IS NULL"


def rows(
    reader: Reader, ids: Iterable[int], *, where: str = "1", values: Mapping[str, object] | None = None
) -> list[PersonRow]:
    """Those of these people that a condition names, in no order; who was merged into another is none of them."""
    return reader.all(PersonRow, f"{_ROWS} AND {where}", ids=json.dumps(list(ids)), **(values or {}))


def listed(
    reader: Reader,
    *,
    where: str = "1",
    values: Mapping[str, object] | None = None,
    before: tuple[int, int] | None = None,
    limit: int = 300,
) -> list[PersonRow]:
    """People I was ever in contact with, the latest contact first; `before` is the (last_contact_at, id) of a row."""
    key = " AND (p.last_contact_at, p.id) < (:at, :at_id)" if before else ""
    at, at_id = before or (0, 0)
    found = reader.all(
        Number,
        f"{_MET} AND {where}{key} ORDER BY p.last_contact_at DESC, p.id DESC LIMIT :limit",
        limit=limit,
        **({"at": at, "at_id": at_id} if before else {}),
        **(values or {}),
    )
    lines = {row.id: row for row in rows(reader, (each.n for each in found))}
    return [lines[each.n] for each in found if each.n in lines]


def get(reader: Reader, person_id: int) -> Person:
    """One person. Raises `NotFound`."""
    return reader.one(Person, f"{PERSON} WHERE id = :id", id=person_id)


async def find(db: Database | Transaction, person_id: int) -> Person:
    """One person. Raises `NotFound`."""
    return await db.one(Person, f"{PERSON} WHERE id = :id", id=person_id)


def identities(reader: Reader, person_id: int) -> list[Identity]:
    """A person's handles, in the order they came to be known."""
    return reader.all(
        Identity,
        """
        SELECT id, person_id, network, key, handle, name, url, email_hash, links, is_me FROM identity
        WHERE person_id = :id ORDER BY id
        """,
        id=person_id,
    )


class Voice(NamedTuple):
    """Somebody else who wrote in a conversation."""

    conversation_id: int
    identity_id: int
    person_id: int
    handle: str
    name: str


def voices(reader: Reader, conversation_ids: Iterable[int]) -> list[Voice]:
    """Who else wrote in these conversations, each once, in the order of their first words there."""
    return reader.all(
        Voice,
        """
        SELECT i.conversation_id, a.id AS identity_id, a.person_id, a.handle, coalesce(nullif(p.name, ''), a.name) AS name
        FROM item i JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
        WHERE i.conversation_id IN (SELECT value FROM json_each(:ids)) AND i.mine = 0
          AND i.status IN ('published', 'pending')
        GROUP BY i.conversation_id, a.id ORDER BY min(i.created_at), min(i.id)
        """,
        ids=json.dumps(list(conversation_ids)),
    )


def tags(reader: Reader, person_id: int) -> list[str]:
    """A person's tags, in alphabetical order."""
    rows = reader.all(_Tag, "SELECT tag FROM person_tag WHERE person_id = :id ORDER BY tag", id=person_id)
    return [row.tag for row in rows]


class _Tag(NamedTuple):
    tag: str


def notes(reader: Reader, person_id: int) -> list[Note]:
    """What I wrote down about a person, the newest first."""
    return reader.all(
        Note, "SELECT id, person_id, text, at FROM note WHERE person_id = :id ORDER BY at DESC, id DESC", id=person_id
    )


class _Text(NamedTuple):
    text: str


async def notes_of(tx: Transaction, person_id: int) -> list[str]:
    """What I wrote down about a person, as a transaction sees it, in any order."""
    return [row.text for row in await tx.all(_Text, "SELECT text FROM note WHERE person_id = :id", id=person_id)]


_PROMISES = """
SELECT v.id, v.person_id, p.name AS person_name, v.conversation_id, v.text, v.due_at, v.created_at, v.kept_at
FROM promise v JOIN person p ON p.id = v.person_id
"""


def promises(reader: Reader, person_id: int | None = None, *, limit: int = 200) -> list[Promise]:
    """Open promises, to one person or to all; those due first, then those without a date."""
    return reader.all(
        Promise,
        f"""{_PROMISES} WHERE v.kept_at IS NULL AND (:id IS NULL OR v.person_id = :id)
        ORDER BY v.due_at IS NULL, v.due_at, v.id LIMIT :limit""",
        id=person_id,
        limit=limit,
    )


def search(reader: Reader, words: str, *, limit: int = 20) -> list[Named]:
    """People with `words` at the beginning of words of a name or a handle; the latest contact first, then the others."""
    match = quoted(words, letters=True)
    if not match:
        return []
    return reader.all(
        Named,
        f"""
        SELECT p.id, p.name FROM person p
        WHERE p.id IN ({CALLED}
        ) AND p.merged_into IS NULL AND p.forgotten_at IS NULL AND NOT EXISTS (
            SELECT 1 FROM identity m WHERE m.person_id = p.id AND m.is_me = 1)
        ORDER BY p.last_contact_at DESC, p.id DESC LIMIT :limit
        """,
        match=match,
        limit=limit,
    )


class Standing(NamedTuple):
    """What attention weighs about the person who waits."""

    id: int
    stage: str
    first_contact_at: int | None
    networks: int
    first_item_id: int


async def standings(db: Database | Transaction, ids: Iterable[int]) -> dict[int, Standing]:
    """Stage, first contact, number of platforms and first item of these people."""
    rows = await db.all(
        Standing,
        """
        SELECT p.id, p.stage, p.first_contact_at,
               (SELECT count(DISTINCT substr(i.network, 1, instr(i.network || ':', ':') - 1)) FROM identity i
                 WHERE i.person_id = p.id
                   AND EXISTS (SELECT 1 FROM item t WHERE t.author_id = i.id AND t.kind <> 'article')) AS networks,
               (SELECT coalesce(min(t.id), 0) FROM identity i JOIN item t ON t.author_id = i.id
                 WHERE i.person_id = p.id) AS first_item_id
        FROM person p WHERE p.id IN (SELECT value FROM json_each(:ids))
        """,
        ids=json.dumps(list(ids)),
    )
    return {row.id: row for row in rows}


async def known(tx: Transaction, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Identity]:
    """Which of these (network, key) identities are stored."""
    rows = await tx.all(
        Identity,
        """
        SELECT i.id, i.person_id, i.network, i.key, i.handle, i.name, i.url, i.email_hash, i.links, i.is_me
        FROM json_each(:keys) k
        JOIN identity i ON i.network = json_extract(k.value, '$[0]') AND i.key = json_extract(k.value, '$[1]')
        """,
        keys=json.dumps(list(keys)),
    )
    return {(row.network, row.key): row for row in rows}


async def add_person(tx: Transaction, *, name: str, now: int) -> int:
    """The id of a new person."""
    return await tx.insert("INSERT INTO person (name, created_at) VALUES (:name, :now)", name=name, now=now)


class Highest(NamedTuple):
    """The ids of the newest person and identity, 0 where there is none."""

    person: int
    identity: int


async def highest(tx: Transaction) -> Highest:
    """Where the ids of whoever comes next begin."""
    sql = "SELECT coalesce((SELECT max(id) FROM person), 0) AS person, coalesce((SELECT max(id) FROM identity), 0) AS identity"
    return await tx.one(Highest, sql)


_PEOPLE = Insertion("person", ("id", "name", "created_at"))
_IDENTITIES = Insertion(
    "identity",
    ("id", "person_id", "network", "key", "handle", "name", "url", "email_hash", "links", "is_me", "created_at"),
)


async def add_people(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """New people: each row is {id, name, created_at}."""
    await _PEOPLE.of(tx, rows)


async def add_identities(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """New identities: each row is an `Identity` and {created_at}."""
    await _IDENTITIES.of(tx, rows)


async def add_identity(
    tx: Transaction,
    *,
    person_id: int,
    network: str,
    key: str,
    handle: str,
    name: str,
    url: str | None,
    email_hash: str | None,
    links: str = "[]",
    is_me: bool,
    now: int,
) -> int:
    """The id of a new identity of a person."""
    return await tx.insert(
        """
        INSERT INTO identity (person_id, network, key, handle, name, url, email_hash, links, is_me, created_at)
        VALUES (:person_id, :network, :key, :handle, :name, :url, :email_hash, :links, :is_me, :now)
        """,
        person_id=person_id,
        network=network,
        key=key,
        handle=handle,
        name=name,
        url=url,
        email_hash=email_hash,
        links=links,
        is_me=int(is_me),
        now=now,
    )


async def me(tx: Transaction) -> int | None:
    """The person that is the user; None before any source knew who that is."""
    rows = await tx.all(Number, "SELECT person_id AS n FROM identity WHERE is_me = 1 ORDER BY id LIMIT 1")
    return rows[0].n if rows else None


async def recognise_me(tx: Transaction, identity_id: int) -> None:
    """An identity turns out to be the user's own: what it wrote is mine and waits for nobody."""
    await tx.run("UPDATE identity SET is_me = 1 WHERE id = :id", id=identity_id)
    await tx.run(
        """
        UPDATE item SET mine = 1, to_me = 0, to_id = (
            SELECT above.author_id FROM item above
            WHERE above.source_id = item.source_id AND above.remote_id = item.parent_remote_id AND above.mine = 0
              AND above.author_id <> :id)
        WHERE author_id = :id
        """,
        id=identity_id,
    )


async def tags_of(tx: Transaction, person_id: int) -> list[str]:
    """A person's tags, as a transaction sees them."""
    return [row.tag for row in await tx.all(_Tag, "SELECT tag FROM person_tag WHERE person_id = :id", id=person_id)]


async def keep_links(tx: Transaction, identity_id: int, links: str) -> None:
    """What a profile links to, as `Identity.links` has it."""
    await tx.run("UPDATE identity SET links = :links WHERE id = :id", id=identity_id, links=links)


async def rename_identity(
    tx: Transaction, identity_id: int, *, handle: str, name: str, url: str | None, links: str | None
) -> None:
    """A handle, a name, a site or a profile has changed on the platform; the person keeps the name the user knows.

    An address or links that were not seen stay as they are.
    """
    await tx.run(
        """
        UPDATE identity SET handle = :handle, name = :name, url = coalesce(:url, url), links = coalesce(:links, links)
        WHERE id = :id
        """,
        id=identity_id,
        handle=handle,
        name=name,
        url=url,
        links=links,
    )


async def is_me(tx: Transaction, person_id: int) -> bool:
    """Whether this person is the user."""
    found = await tx.one(Number, "SELECT count(*) AS n FROM identity WHERE person_id = :id AND is_me = 1", id=person_id)
    return found.n > 0
