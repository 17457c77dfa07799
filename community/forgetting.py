"""Forgetting somebody: first hidden, which can be taken back; then, by a second act of the user, for good.

Hidden means: their names, handles, words and signals, and what was noted about them, are out of every row and of the
search; the journal alone still has them. For good means: out of the journal, and of every page of the file. What I
wrote myself stays. A keyed hash of each identity stays as well, so that no later sync brings anybody back.
"""

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from community.config import STAGES
from community.errors import WrongUsage
from community.model import JournalEntry
from storage import forgetting, journal, merges, meta, people
from storage.database import Transaction
from storage.forgetting import Theirs
from storage.journal import FORGET, Changes, belonging

if TYPE_CHECKING:
    from community.sources.base import Page

FORGOTTEN = "(forgotten)"
SOMEBODY = "somebody"
SALT = "forget_key"
_STAY = frozenset({"identity", "source"})
"""What hangs on a person and stays until they are forgotten for good, without a name of theirs or unread."""
Author = tuple[str, str]


async def hide(changes: Changes, found: Theirs, *, now: int) -> None:
    """Take a person out of every row; the journal keeps what was there."""
    tx = changes.tx
    for person_id in found.people:
        for table in sorted(set(belonging()) - _STAY):
            for row_id in await merges.belongings(tx, table, person_id):
                await changes.remove(table, row_id)
        for tag in await people.tags_of(tx, person_id):
            await changes.remove_tag("person_tag", person_id=person_id, tag=tag)
        await changes.update(
            "person", person_id, name=SOMEBODY, stage=STAGES[0], stage_at=None, stage_kept_at=None, cadence_s=None,
            cadence_max_s=None, resting_at=None, first_contact_at=None, last_incoming_at=None, last_outgoing_at=None,
            last_contact_at=None, forgotten_at=now,
        )  # fmt: skip
    for identity_id in found.identities:
        await changes.update("identity", identity_id, handle="", name=SOMEBODY, url=None, email_hash=None, links="[]")
    for signal_id in found.signals:
        await changes.remove("signal", signal_id)
    await hide_words(changes, found.items, found.begun)


async def hide_words(changes: Changes, items: Collection[int], begun: Collection[int]) -> None:
    """Take words out of items, and out of the names of the conversations that begin with them."""
    for item_id in items:
        await changes.update("item", item_id, title="", text=FORGOTTEN, status="deleted")
    for conversation_id in begun:
        await changes.update("conversation", conversation_id, title=FORGOTTEN)


async def screened(tx: Transaction, page: "Page") -> "tuple[Page, Mapping[Author, int]]":
    """A page without what people wrote who are forgotten for good; and whoever on it is hidden, with their person."""
    if not await forgetting.anybody(tx):
        return page, {}
    everybody = [*(each.author for each in page.items), *(each.author for each in page.signals)]
    authors = {(each.network, each.key) for each in everybody}
    digests = {digest(await _salt(tx), *author): author for author in authors}
    gone = {digests[each] for each in await forgetting.known(tx, digests)}
    hidden = await forgetting.hidden_among(tx, authors)
    items = tuple(each for each in page.items if (each.author.network, each.author.key) not in gone)
    signals = tuple(each for each in page.signals if (each.author.network, each.author.key) not in gone | hidden.keys())
    return replace(page, items=items, signals=signals), hidden


async def hide_new(tx: Transaction, person_id: int, items: Collection[int], rooms: Collection[int]) -> None:
    """Words by somebody who is hidden have just come in: hide them as well, so that they come back with the rest."""
    entry = await entry_of(tx, person_id)
    found = await forgetting.theirs(tx, person_id)
    changes = Changes(tx)
    await hide_words(changes, items, await forgetting.begun(tx, rooms, found.identities))
    if entry is not None:
        await journal.extend(tx, entry, changes.made)


async def entry_of(tx: Transaction, person_id: int) -> JournalEntry | None:
    """What hid this person; None when it was taken back."""
    for entry in await journal.of_action(tx, FORGET):
        if person_id in journal.ids(entry, "person"):
            return entry
    return None


async def erase(tx: Transaction, person_id: int, *, now: int) -> None:
    """Forget a hidden person for good. Raises `WrongUsage` for one who is not hidden, or is being answered."""
    if not (await people.find(tx, person_id)).forgotten_at:
        raise WrongUsage("Hide this person first: nobody is forgotten for good in one step.")
    entry = await entry_of(tx, person_id)
    found = await forgetting.theirs(tx, person_id)
    if await forgetting.on_their_way(tx, found.items):
        raise WrongUsage("Something to this person is on its way: settle it in the outbox first.")
    salt = await _salt(tx)
    tombs = [digest(salt, each.network, each.key) for each in await forgetting.authors(tx, found.identities)]
    await forgetting.entomb(tx, tombs, now=now)
    await forgetting.erase(tx, found, now=now)
    if entry is not None:
        await journal.forget(tx, entry.id)
    await journal.clear(tx)


def digest(salt: str, network: str, key: str) -> str:
    """What an identity is recognised by after it was forgotten, without saying who it was."""
    import hashlib  # noqa: PLC0415
    import hmac  # noqa: PLC0415

    return hmac.new(salt.encode(), f"{network}\0{key}".encode("utf-8", "replace"), hashlib.sha256).hexdigest()


async def _salt(tx: Transaction) -> str:
    found = await meta.get(tx, SALT)
    if not found:
        import secrets  # noqa: PLC0415

        found = secrets.token_hex(32)
        await meta.put(tx, SALT, found)
    return found
