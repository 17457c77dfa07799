"""What follows from an act that is there: the row is settled, my words are an item like any other.

A reply that the user posted by hand, or says is there, has no item of the platform's yet. A stand-in is stored in its
place, mine and bound to what it answers; when the platform shows the real one, the stand-in becomes that one.
"""

import difflib
import logging
from collections.abc import Sequence
from dataclasses import replace

from community.config import Config
from community.ingest import store
from community.model import OutboxRow, Source
from community.sources.base import Act, Author, Incoming, ItemKind, Page, Sent
from community.store import Store
from community.text import clean, clean_line, normalised
from community.weighing import weigh
from storage import conversations, items, journal, outbox, sending
from storage.database import Transaction
from storage.errors import StorageError
from storage.journal import Changes
from storage.rows import ItemTarget

log = logging.getLogger(__name__)

MODERATION = {Act.APPROVE: "published", Act.HOLD: "pending", Act.SPAM: "spam", Act.TRASH: "trash"}
POSTED = "outbox.posted"
"""The action in the journal that says that something is there by the user's word."""
_STAND_IN = "by hand:"
_EARLIER_S = 3600
_LIKE = 0.85
_LONGEST = 4000


async def sent(kept: Store, row: OutboxRow, source: Source, target: ItemTarget, proof: Sent) -> None:
    """Write down that it is there, and what follows from it; the former also where the latter goes wrong."""
    try:
        async with kept.transaction() as tx:
            await settle(tx, row, proof, now=kept.now())
            await follow(tx, row, source, target, proof, config=kept.config, now=kept.now())
    except StorageError:
        raise
    except Exception:
        log.exception("row %d was sent, but its reply could not be stored", row.id)
        async with kept.transaction() as tx:
            await settle(tx, row, proof, now=kept.now())


async def settle(tx: Transaction, row: OutboxRow, proof: Sent, *, now: int) -> None:
    """The row is sent, under this id."""
    await sending.move(
        tx,
        row.id,
        came_from=("sending", "uncertain"),
        state="sent",
        now=now,
        remote_id=proof.remote_id,
        permalink=proof.permalink,
        note=proof.note,
    )


async def follow(
    tx: Transaction, row: OutboxRow, source: Source, target: ItemTarget, proof: Sent, *, config: Config, now: int
) -> None:
    """What an act that is there changes here."""
    if row.act == Act.REPLY:
        made = proof.item or my_words(row, source, target, proof.remote_id, proof.permalink, now=now)
        made = made._replace(thread=target.thread, author=replace(made.author, is_me=True))
        await keep_reply(tx, row, source, made, config=config, now=now)
        await _remind(tx, row, now=now)
    elif Act(row.act) in MODERATION:
        await items.set_status(tx, row.item_id, MODERATION[Act(row.act)])
    await weigh(tx, [row.conversation_id], config=config, now=now)


async def keep_reply(
    tx: Transaction, row: OutboxRow, source: Source, made: Incoming, *, config: Config, now: int
) -> None:
    """My words are stored like any other item, bound to the item they answer."""
    await store(tx, source, Page(items=(made,)), config=config, now=now)
    await items.answers(tx, source_id=source.id, remote_id=made.remote_id, item_id=row.item_id)


def my_words(
    row: OutboxRow, source: Source, target: ItemTarget, remote_id: str, permalink: str | None, *, now: int
) -> Incoming:
    """A reply of mine as an item, made from the row that sent it."""
    me = Author(
        target.network, source.me or f"me@{source.id}", clean_line(source.account), clean_line("You"), is_me=True
    )
    return Incoming(
        remote_id=remote_id,
        kind=ItemKind.REPLY,
        author=me,
        text=clean(row.text),
        created_at=now,
        thread=target.thread,
        parent_id=target.remote_id,
        permalink=permalink,
    )


async def _remind(tx: Transaction, row: OutboxRow, *, now: int) -> None:
    if row.remind_after_s:
        await conversations.remind(tx, row.conversation_id, now + row.remind_after_s)


async def posted(
    tx: Transaction, row: OutboxRow, source: Source, target: ItemTarget, *, config: Config, now: int
) -> None:
    """By the user's word it is there, a reply as a stand-in. All of it can be undone."""
    changes = Changes(tx)
    await changes.update("outbox", row.id, state="sent", error="", note="you said so", settled_at=now)
    if row.act == Act.REPLY:
        made = my_words(row, source, target, _STAND_IN + row.key, None, now=now)
        before = await changes.image("person", await items.author_of(tx, row.item_id))
        await keep_reply(tx, row, source, made, config=config, now=now)
        await changes.made_since(before)
        await changes.inserted("item", await items.id_of(tx, source.id, made.remote_id))
        if row.remind_after_s:
            await changes.update("conversation", row.conversation_id, remind_at=now + row.remind_after_s)
    elif Act(row.act) in MODERATION:
        await changes.update("item", row.item_id, status=MODERATION[Act(row.act)])
    await changes.record(action=POSTED, label=clean_line(f"Counted as posted: to {row.to_name}."), now=now)
    await weigh(tx, [row.conversation_id], config=config, now=now)


async def recognise(tx: Transaction, source: Source, found: Sequence[Incoming], *, config: Config, now: int) -> None:
    """What comes in and says what I posted by hand is that: it is not stored twice. Call it before `store`.

    A reply that waits for the user's word is there by this proof, too.
    """
    if all(each.kind is ItemKind.ARTICLE for each in found):
        return
    stand_ins = await items.beginning(tx, source.id, _STAND_IN)
    waiting = await outbox.by_hand(tx, source.id)
    if not stand_ins and not waiting:
        return
    known = await items.known(tx, source.id, [each.remote_id for each in found])
    new = [each for each in found if each.remote_id not in known and each.kind is not ItemKind.ARTICLE]
    for item in new:
        like = next((each for each in stand_ins if _is_it(item, each.text, each.created_at)), None)
        if like is not None:
            key = like.remote_id.removeprefix(_STAND_IN)
            stand_ins.remove(like)
            await items.rename(tx, like.id, remote_id=item.remote_id, permalink=item.permalink)
            await sending.found(tx, key, remote_id=item.remote_id, permalink=item.permalink, now=now)
            await journal.drop(tx, POSTED, _STAND_IN + key)
            continue
        row = next((each for each in waiting if _is_it(item, each.text, each.updated_at)), None)
        if row is not None:
            waiting.remove(row)
            target = await items.find_target(tx, row.item_id)
            made = my_words(row, source, target, item.remote_id, item.permalink, now=now)
            await keep_reply(tx, row, source, made, config=config, now=now)
            await _remind(tx, row, now=now)
            await sending.found(tx, row.key, remote_id=item.remote_id, permalink=item.permalink, now=now)
            await weigh(tx, [row.conversation_id], config=config, now=now)


def _is_it(item: Incoming, text: str, since: int) -> bool:
    """Whether an item says what I wrote, give or take what a platform makes of quotes, links and blanks. Pure."""
    if item.created_at < since - _EARLIER_S:
        return False
    one, other = (_words(each[:_LONGEST]) for each in (item.text, text))
    if one == other:
        return bool(one)
    if not one or not other or min(len(one), len(other)) < _LIKE * max(len(one), len(other)):
        return False
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio() >= _LIKE


def _words(text: str) -> list[str]:
    return "".join(each if each.isalnum() else " " for each in normalised(text).casefold()).split()
