"""Who wrote what has come in: whoever is known is brought up to date, everybody else is added at once."""

import json
from collections.abc import Collection, Iterable, Sequence

from community.likeness import witness
from community.sources.base import Author
from community.text import clean_line
from storage import people
from storage.database import Transaction
from storage.rows import Identity

Key = tuple[str, str]
"""Network and key, which name an identity for good."""
Known = dict[Key, tuple[int, int, bool]]
"""(identity id, person id, is me) by the key."""


async def authors_of(
    tx: Transaction, authors: Iterable[Author], hidden: Collection[Key], now: int, *, owner: int | None
) -> Known:
    """Every author as they are stored; the unknown are added, each as a person of their own.

    The only author of a source that is `owner`'s own is the owner.
    """
    wanted = {(author.network, author.key): author for author in authors}
    known = await people.known(tx, wanted)
    found: Known = {}
    fresh: list[int] = []
    for key, old in known.items():
        author, links = wanted[key], _links(wanted[key])
        if key not in hidden and (
            (old.handle, old.name) != (author.handle, author.name)
            or (author.url and author.url != old.url)
            or (links is not None and links != old.links)
        ):
            await people.rename_identity(
                tx, old.id, handle=author.handle, name=author.name, url=author.url, links=links
            )
            fresh.append(old.id)
        if author.is_me and not old.is_me:
            await people.recognise_me(tx, old.id)
            fresh.append(old.id)
        found[key] = (old.id, old.person_id, bool(old.is_me) or author.is_me)
    unknown = [author for key, author in wanted.items() if key not in known]
    added = await _added(tx, unknown, now, owner=owner if len(wanted) == 1 else None) if unknown else []
    found |= {(each.network, each.key): (each.id, each.person_id, bool(each.is_me)) for each in added}
    await witness(tx, fresh, added)
    return found


async def _added(tx: Transaction, unknown: Sequence[Author], now: int, *, owner: int | None) -> list[Identity]:
    person_id, identity_id = await people.highest(tx)
    me = await people.me(tx) if any(author.is_me for author in unknown) else None
    newcomers: list[dict[str, object]] = []
    added: list[Identity] = []
    for author in unknown:
        name = author.name or author.handle or clean_line("somebody")
        theirs = me if author.is_me else owner
        if theirs is None:
            theirs = person_id = person_id + 1
            newcomers.append({"id": theirs, "name": name, "created_at": now})
        me = theirs if author.is_me else me
        identity_id += 1
        added.append(
            Identity(
                identity_id, theirs, author.network, author.key, author.handle, name, author.url, author.email_hash,
                _links(author) or "[]", int(author.is_me),
            )
        )  # fmt: skip
    await people.add_people(tx, newcomers)
    await people.add_identities(tx, (each._asdict() | {"created_at": now} for each in added))
    return added


def _links(author: Author) -> str | None:
    """The links of a profile as they are stored; None where it was not seen."""
    return None if author.links is None else json.dumps([[each.url, each.is_proved] for each in author.links])
