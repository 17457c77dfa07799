"""The outbox as the user meets it: drafts, queueing with time to change one's mind, and settling what is uncertain.

The sending itself is in `community.delivery`. Every step is a conditional update: whoever comes second changes nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from community.asides import written
from community.errors import NotFound, NotSupported, WrongUsage
from community.leaving import Leaving, act_words, as_it_leaves
from community.model import Act, OutboxRow
from community.query import Query
from community.store import Store
from community.text import clean
from storage import items, loops, outbox, sending, sources
from storage.journal import Changes

if TYPE_CHECKING:
    from community.sources.base import Capabilities
    from storage.database import Transaction
    from storage.rows import ItemTarget


def new_key() -> str:
    """A random key that names one act for good, whatever happens to the request."""
    import secrets as randomness  # noqa: PLC0415  late: it brings all of hashlib

    return randomness.token_urlsafe(24)


class Outbox:
    """Drafts and acts on their way."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def listed(self, query: Query, *, limit: int = 500) -> list[OutboxRow]:
        """What needs the user first, then what is on its way, drafts, and the latest settled."""
        return outbox.listed(self._store.reader, where=query.where, values=query.values, limit=limit)

    def get(self, outbox_id: int) -> OutboxRow:
        """One row. Raises `NotFound`."""
        return outbox.get(self._store.reader, outbox_id)

    def draft_for(self, item_id: int) -> OutboxRow | None:
        """The draft that answers an item, None when there is none."""
        return outbox.draft_for(self._store.reader, item_id)

    def by_hand(self, conversation_id: int) -> list[OutboxRow]:
        """The replies in a conversation that the user has been asked to post, oldest first."""
        return [row for row in outbox.of_conversation(self._store.reader, conversation_id) if row.state == "by hand"]

    def target(self, item_id: int) -> ItemTarget:
        """What a reply to this item would be bound to. Raises `NotFound`."""
        return items.target(self._store.reader, item_id)

    async def save(self, item_id: int, text: str) -> int:
        """Keep what is being written in answer to an item; the id of its draft. An empty text keeps nothing new."""
        now = self._store.now()
        async with self._store.transaction() as tx:
            target = await items.find_target(tx, item_id)
            return await sending.save_draft(
                tx,
                source_id=target.source_id,
                item_id=item_id,
                conversation_id=target.conversation_id,
                account=await _account(tx, target.source_id),
                text=clean(text),
                key=new_key(),
                now=now,
            )

    async def draft(self, item_id: int, text: str) -> OutboxRow:
        """A draft with this text. Another text that was there is put away as cancelled, not written over."""
        now = self._store.now()
        wanted = clean(text)
        async with self._store.transaction() as tx:
            target = await items.find_target(tx, item_id)
            old = await outbox.find_draft(tx, item_id)
            if old is not None and old.text.strip() and old.text != wanted:
                note = "Another draft took its place."
                await sending.move(tx, old.id, came_from=("draft",), state="cancelled", now=now, note=note)
            made = await sending.save_draft(
                tx,
                source_id=target.source_id,
                item_id=item_id,
                conversation_id=target.conversation_id,
                account=await _account(tx, target.source_id),
                text=wanted,
                key=new_key(),
                now=now,
            )
            return await outbox.find(tx, made)

    async def answer(self, item_id: int, text: str) -> OutboxRow:
        """Queue a reply that is finished, with no time to take it back; a draft that is there is left alone."""
        now = self._store.now()
        leaving = as_it_leaves(text, now=now)
        async with self._store.transaction() as tx:
            target = await items.find_target(tx, item_id)
            made = await sending.add(
                tx,
                act=Act.REPLY.value,
                source_id=target.source_id,
                item_id=item_id,
                conversation_id=target.conversation_id,
                account=await _account(tx, target.source_id),
                text=leaving.text,
                key=new_key(),
                state="queued",
                not_before=now,
                now=now,
            )
            await _promise(Changes(tx), await outbox.find(tx, made), leaving, now=now)
            return await outbox.find(tx, made)

    async def hurry(self, outbox_id: int) -> OutboxRow:
        """Let a queued row leave at once. Raises `WrongUsage` when it is not queued."""
        now = self._store.now()
        async with self._store.transaction() as tx:
            if not await sending.move(tx, outbox_id, came_from=("queued",), state="queued", not_before=now, now=now):
                row = await outbox.find(tx, outbox_id)
                raise WrongUsage(f"Entry {outbox_id} of the outbox is {row.state}: there is nothing to send.")
            return await outbox.find(tx, outbox_id)

    async def throw_away(self, outbox_id: int) -> str:
        """Remove a draft for good. Raises `WrongUsage` when it is already on its way."""
        async with self._store.transaction() as tx:
            if not await sending.remove_draft(tx, outbox_id):
                raise WrongUsage("That is no draft any more.")
        return "Draft thrown away."

    async def queue(
        self,
        outbox_id: int,
        *,
        text: str | None = None,
        at: int | None = None,
        undo_s: int | None = None,
        remind_after_s: int | None = None,
        only_if_silent: bool = False,
    ) -> OutboxRow:
        """Freeze a draft and put it on its way, now or `at` a time.

        It leaves after `undo_s` seconds (default: the user's setting), until when it can be taken back. With
        `only_if_silent` it is not sent if they write first. Raises `WrongUsage` for an empty or sent draft.
        """
        now = self._store.now()
        wait = self._store.config.undo_s if undo_s is None else undo_s
        async with self._store.transaction() as tx:
            row = await outbox.find(tx, outbox_id)
            leaving = as_it_leaves(text if text is not None else row.text, now=now)
            if not await sending.queue(
                tx,
                outbox_id,
                text=leaving.text,
                key=new_key(),
                not_before=max(at or 0, now + wait),
                remind_after_s=remind_after_s,
                only_if_silent=only_if_silent,
                now=now,
            ):
                raise WrongUsage(f"That reply is already {row.state}.")
            await _promise(Changes(tx), row, leaving, now=now)
            return await outbox.find(tx, outbox_id)

    async def act(self, item_id: int, act: Act, capabilities: Capabilities, *, undo_s: int | None = None) -> OutboxRow:
        """Queue a moderation act, a like or a boost. Raises `NotSupported` with the reason when the source cannot."""
        if act not in capabilities.acts:
            raise NotSupported(capabilities.why_not.get(act, f"This source cannot do that ({act.value})."))
        now = self._store.now()
        wait = self._store.config.undo_s if undo_s is None else undo_s
        async with self._store.transaction() as tx:
            target = await items.find_target(tx, item_id)
            outbox_id = await sending.add(
                tx,
                act=act.value,
                source_id=target.source_id,
                item_id=item_id,
                conversation_id=target.conversation_id,
                account=await _account(tx, target.source_id),
                text="",
                key=new_key(),
                state="queued",
                not_before=now + wait,
                now=now,
            )
            return await outbox.find(tx, outbox_id)

    async def cancel(self, outbox_id: int) -> str:
        """Take back what has not left: a reply is a draft again, another act is dropped.

        Raises `WrongUsage` when it is too late.
        """
        async with self._store.transaction() as tx:
            row = await outbox.find(tx, outbox_id)
            came_from = ("queued",)
            if not await sending.back_to_draft(
                tx, outbox_id, came_from=came_from, key=new_key(), now=self._store.now()
            ):
                raise WrongUsage(f"Too late to take that back: it is {row.state}.")
        return f"{act_words(row.act)} taken back." if row.act != "reply" else "Reply taken back: it is a draft."

    async def retry(self, outbox_id: int) -> str:
        """Send a failed row again. Raises `WrongUsage` when it has not failed."""
        now = self._store.now()
        async with self._store.transaction() as tx:
            if not await sending.anew(tx, outbox_id, came_from=("failed", "failed"), now=now):
                raise WrongUsage("Only what has failed can be sent again.")
        return "On its way again."

    async def edit(self, outbox_id: int) -> str:
        """Make a failed reply a draft again. Raises `WrongUsage` when it has not failed."""
        async with self._store.transaction() as tx:
            if not await sending.back_to_draft(
                tx, outbox_id, came_from=("failed", "by hand"), key=new_key(), now=self._store.now()
            ):
                raise WrongUsage("Only what has failed, or is to be posted by hand, can become a draft again.")
        return "It is a draft again."

    async def hand_over(
        self, outbox_id: int, *, text: str | None = None, remind_after_s: int | None = None
    ) -> OutboxRow:
        """Let the user post a draft by hand, where Kith has no way in. Undoable.

        Raises `WrongUsage` for an empty draft, or what is none any more.
        """
        now = self._store.now()
        async with self._store.transaction() as tx:
            row = await outbox.find(tx, outbox_id)
            leaving = as_it_leaves(text if text is not None else row.text, now=now)
            if row.state != "draft":
                raise WrongUsage(f"That reply is already {row.state}.")
            changes = Changes(tx)
            await changes.update("outbox", row.id, state="by hand", text=leaving.text, remind_after_s=remind_after_s)
            await _promise(changes, row, leaving, now=now)
            await sending.touch(tx, row.id, now=now)
            await changes.record(action="outbox.by_hand", label=f"To post by hand: to {row.to_name}.", now=now)
            return await outbox.find(tx, outbox_id)

    async def posted(self, outbox_id: int) -> str:
        """The user has posted it by hand, or saw it there: it counts as sent, and the conversation knows. Undoable.

        Raises `WrongUsage` unless it was to be posted by hand, or is uncertain.
        """
        async with self._store.transaction() as tx:
            row = await outbox.find(tx, outbox_id)
            if row.state not in {"by hand", "uncertain"}:
                raise WrongUsage(f"Nothing is to be said about that one: it is {row.state}.")
            try:
                source = await sources.find(tx, row.source_id)
            except NotFound as error:
                raise WrongUsage("Its source was removed: add it again first.") from error
            from community import effects  # noqa: PLC0415  late: the first screen needs none of it

            target = await items.find_target(tx, row.item_id)
            await effects.posted(tx, row, source, target, config=self._store.config, now=self._store.now())
        return "Counted as posted." if row.state == "by hand" else "Counted as sent."

    async def settle(self, outbox_id: int, verdict: str) -> str:
        """The user's word on an uncertain row: "there", "again" or "draft". Raises `WrongUsage` for anything else."""
        if verdict == "there":
            return await self.posted(outbox_id)
        now = self._store.now()
        async with self._store.transaction() as tx:
            row = await outbox.find(tx, outbox_id)
            if row.state != "uncertain":
                raise WrongUsage("Nothing is uncertain about that one.")
            came_from = ("uncertain", "uncertain")
            if verdict == "again":
                await sending.anew(tx, outbox_id, came_from=came_from, now=now)
                return "On its way again."
            if verdict == "draft":
                await sending.back_to_draft(tx, outbox_id, came_from=came_from, key=new_key(), now=now)
                return "It is a draft again."
        raise WrongUsage("Say “there”, “again” or “draft”.")


async def _promise(changes: Changes, row: OutboxRow, leaving: Leaving, *, now: int) -> None:
    """Keep what was promised in a reply, bound to it: when it is taken back, so is the promise."""
    if not leaving.promises:
        return
    person_id = await loops.answered(changes.tx, row.item_id)
    if person_id is None:
        raise WrongUsage("There is nobody here to promise anything to: take the //promise line out.")
    await changes.update("outbox", row.id, asides="\n".join(written(leaving.asides)))
    for each in leaving.promises:
        await changes.insert(
            "promise",
            person_id=person_id,
            conversation_id=row.conversation_id,
            text=each.text,
            due_at=each.due_at,
            created_at=now,
            kept_at=None,
            outbox_id=row.id,
        )


async def _account(tx: Transaction, source_id: int) -> str:
    """Who one is on a source now: as whom an act leaves."""
    try:
        return (await sources.find(tx, source_id)).account
    except NotFound:
        return ""
