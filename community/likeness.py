"""Keeping up who may be one person, whenever identities, people or what the user said about them has changed."""

from collections.abc import Iterable, Sequence

from community.evidence import MOST, WEIGHTS, keys_of
from storage import contacts, likeness
from storage.database import Transaction
from storage.journal import Change
from storage.rows import Identity


async def witness(tx: Transaction, identity_ids: Iterable[int], added: Sequence[Identity] = ()) -> None:
    """Identities are not what they were: write down their evidence, and suggest anew whoever shares it.

    Those that were `added` just now have none yet.
    """
    ids = sorted(set(identity_ids))
    if not ids and not added:
        return
    before = await likeness.keys_of(tx, ids) if ids else set()
    found = [*(await likeness.identities(tx, ids) if ids else ()), *added]
    keys_by_id = {each.id: keys_of(each) for each in found}
    await likeness.put(
        tx,
        [
            {"identity_id": identity_id, "kind": key.kind, "value": key.value, "role": key.role}
            for identity_id, keys in keys_by_id.items()
            for key in keys
        ],
        of=ids,
    )
    keys = before | {(key.kind, key.value) for each in keys_by_id.values() for key in each}
    if mine := {each.person_id for each in found if each.is_me}:
        keys |= await likeness.keys_of_people(tx, mine)
    await likeness.refresh(tx, keys, most=MOST, weights=WEIGHTS)


async def compare(tx: Transaction, person_ids: Iterable[int]) -> None:
    """Identities have moved between these people, or the user has said something about them: suggest anew."""
    ids = sorted(set(person_ids))
    pairs = await likeness.pairs_of(tx, ids)
    await likeness.refresh(tx, await likeness.keys_of_people(tx, ids), most=MOST, weights=WEIGHTS)
    await likeness.weigh(tx, pairs, weights=WEIGHTS)


async def follow(tx: Transaction, changes: Sequence[Change]) -> set[int]:
    """Changes were taken back or made again: bring whatever follows from them up to date; the people they moved.

    A sync may have brought words meanwhile, so when there was contact is read from the words themselves.
    """
    identities: set[int] = set()
    moved: set[int] = set()
    for change in changes:
        images = [image for image in (change.before, change.after) if image is not None]
        if change.table == "identity":
            identities.add(change.id)
            moved |= {image["person_id"] for image in images if "person_id" in image}
        elif change.table == "verdict":
            identities |= {image[name] for image in images for name in ("one_id", "other_id") if name in image}
    await witness(
        tx, (change.id for change in changes if change.table == "identity" and "name" in (change.after or {}))
    )
    judged = {each.person_id for each in await likeness.identities(tx, identities)}
    for person_id in sorted(moved):
        await contacts.recount(tx, person_id)
    await compare(tx, moved | judged)
    return moved
