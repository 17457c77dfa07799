"""When there was contact with a person: kept with them as it happens, and read anew from what is stored."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from storage.database import Transaction


async def happened(tx: Transaction, rows: Iterable[Mapping[str, object]]) -> None:
    """Contacts that happened: each row is {id, incoming_at, outgoing_at}, None for the other direction."""
    await tx.many(
        """
        UPDATE person SET
            last_incoming_at = max(coalesce(last_incoming_at, :incoming_at), coalesce(:incoming_at, last_incoming_at)),
            last_outgoing_at = max(coalesce(last_outgoing_at, :outgoing_at), coalesce(:outgoing_at, last_outgoing_at)),
            first_contact_at = min(coalesce(first_contact_at, :incoming_at, :outgoing_at),
                                   coalesce(:incoming_at, :outgoing_at)),
            last_contact_at = max(coalesce(last_contact_at, 0), coalesce(:incoming_at, 0), coalesce(:outgoing_at, 0))
        WHERE id = :id
        """,
        rows,
    )


_CONTACTS = """
SELECT min(first) AS first, max(incoming) AS incoming, max(outgoing) AS outgoing FROM (
    SELECT min(i.created_at) AS first, max(i.created_at) AS incoming, NULL AS outgoing
    FROM identity a JOIN item i ON i.author_id = a.id
    WHERE a.person_id = :id AND i.mine = 0 AND i.kind <> 'article' AND i.status IN ('published', 'deleted')
    UNION ALL
    SELECT min(m.created_at), NULL, max(m.created_at)
    FROM identity a JOIN item m ON m.to_id = a.id
    WHERE a.person_id = :id AND m.mine = 1 AND m.kind <> 'article' AND m.status IN ('published', 'deleted')
    UNION ALL
    SELECT min(t.at), NULL, max(t.at) FROM touchpoint t WHERE t.person_id = :id
)
"""


class Contacts(NamedTuple):
    """When there was contact first, and when each of two last wrote to the other."""

    first: int | None
    incoming: int | None
    outgoing: int | None


async def between(tx: Transaction, person_id: int) -> Contacts:
    """When there was contact with a person, read from what is stored and not from their own row."""
    return await tx.one(Contacts, _CONTACTS, id=person_id)


async def recount(tx: Transaction, person_id: int) -> None:
    """Write down anew when there was contact with a person: after identities went from one to another."""
    found = await between(tx, person_id)
    await tx.run(
        """
        UPDATE person SET first_contact_at = :first, last_incoming_at = :incoming, last_outgoing_at = :outgoing,
            last_contact_at = max(coalesce(:incoming, :outgoing), coalesce(:outgoing, :incoming))
        WHERE id = :id
        """,
        id=person_id,
        first=found.first,
        incoming=found.incoming,
        outgoing=found.outgoing,
    )
