"""Views of the inbox, one conversation, and what can be done with it here: all of it local and undoable."""

from collections.abc import Sequence
from typing import Protocol

from community.errors import WrongUsage
from community.model import ConversationRow, Counts, Item, Looked, Order, SavedView, Voice
from community.query import Query, parse
from community.store import Store
from community.text import clean_line
from community.threads import Opened, answerable, thread
from storage import conversations, items, listing, outbox, outcomes, people, sources, standing
from storage.journal import Changes
from storage.rows import ConversationState
from storage.which import RANK

FOREVER = 1 << 40
"""A snooze without an end: until they write."""


class Conversations:
    """The inbox."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def page(
        self,
        query: Query,
        *,
        order: Order = RANK,
        beside: ConversationRow | None = None,
        forward: bool = True,
        limit: int = 100,
        looked: Looked | None = None,
    ) -> list[ConversationRow]:
        """A page in list order; see `storage.listing.page`. Fit for a key press."""
        return listing.page(
            self._store.reader,
            query.conversations,
            order=order,
            beside=beside,
            forward=forward,
            limit=limit,
            looked=looked,
        )

    def is_by_hits(self, query: Query, *, order: Order = RANK) -> bool:
        """Whether a list of words that are said very often has where they were said last first, in any order."""
        return listing.is_by_hits(self._store.reader, query.conversations, order=order)

    def count(self, query: Query, *, at_most: int = -1) -> int:
        """How many conversations a query names."""
        return listing.count(self._store.reader, query.conversations, at_most=at_most)

    def row(self, conversation_id: int) -> ConversationRow:
        """One line of the list. Raises `NotFound`."""
        return conversations.row(self._store.reader, conversation_id)

    def rows(self, ids: Sequence[int]) -> list[ConversationRow]:
        """Those of these conversations that exist, in this order."""
        return conversations.rows(self._store.reader, ids)

    def counts(self, *, at_most: int = -1) -> Counts:
        """The numbers every screen shows, each counted no further than `at_most` when that is not negative."""
        return standing.counts(self._store.reader, at_most=at_most)

    def open(self, conversation_id: int) -> Opened:
        """The whole conversation. Fit for a key press; raises `NotFound`."""
        reader = self._store.reader
        row = conversations.row(reader, conversation_id)
        return Opened(
            row=row,
            source=sources.get(reader, row.source_id),
            items=thread(reader, conversation_id, size=row.items),
            unsent=tuple(outbox.of_conversation(reader, conversation_id)),
            tags=tuple(conversations.tags(reader, conversation_id)),
            outcomes=tuple(outcomes.of_conversation(reader, conversation_id)),
        )

    def item(self, item_id: int) -> Item:
        """One item, without the conversation around it. Raises `NotFound`."""
        return items.get(self._store.reader, item_id)

    def answerable(self, conversation_id: int) -> Item | None:
        """The item a reply should answer: the oldest that waits for me, else the last one by somebody else."""
        reader = self._store.reader
        row = conversations.row(reader, conversation_id)
        return answerable(row, thread(reader, conversation_id, size=row.items))

    def voices(self, ids: Sequence[int]) -> dict[int, list[Voice]]:
        """Who else wrote in these conversations, in the order of their first words there; nobody is an empty list."""
        found: dict[int, list[Voice]] = {each: [] for each in ids}
        for voice in people.voices(self._store.reader, ids):
            found[voice.conversation_id].append(voice)
        return found

    async def done(self, ids: Sequence[int]) -> str:
        """Put conversations away until somebody writes again."""

        async def change(changes: Changes, state: ConversationState, now: int) -> None:
            await changes.update("conversation", state.id, done_at=now, done_item_id=state.last_item_id)

        return await self._each(ids, "item.done", "Done", change)

    async def reopen(self, ids: Sequence[int]) -> str:
        """Take conversations out of done, snooze and rest: they stand where the facts say."""

        async def change(changes: Changes, state: ConversationState, _now: int) -> None:
            await changes.update(
                "conversation",
                state.id,
                done_at=None,
                done_item_id=None,
                snoozed_until=None,
                resting_at=None,
                resting_item_id=None,
                muted_at=None,
            )

        return await self._each(ids, "item.reopen", "Reopened", change)

    async def snooze(self, ids: Sequence[int], until: int) -> str:
        """Hide conversations until a time, or until somebody writes. `until` lies in the future."""
        if until <= self._store.now():
            raise WrongUsage("That time has passed: give a later one, like “tomorrow” or “in 3 days”.")

        async def change(changes: Changes, state: ConversationState, _now: int) -> None:
            await changes.update(
                "conversation", state.id, snoozed_until=until, snoozed_item_id=state.last_item_id, woken_at=None
            )

        return await self._each(ids, "item.snooze", "Snoozed", change)

    async def rest(self, ids: Sequence[int]) -> str:
        """Let conversations rest: no nagging, everything kept, until somebody writes to me again."""

        async def change(changes: Changes, state: ConversationState, now: int) -> None:
            await changes.update("conversation", state.id, resting_at=now, resting_item_id=state.last_item_id)

        return await self._each(ids, "item.rest", "Resting", change)

    async def mute(self, ids: Sequence[int]) -> str:
        """Mute conversations for good, or unmute those that are."""

        async def change(changes: Changes, state: ConversationState, now: int) -> None:
            await changes.update("conversation", state.id, muted_at=None if state.muted_at else now)

        return await self._each(ids, "item.mute", "Mute changed", change)

    async def star(self, ids: Sequence[int]) -> str:
        """Star conversations, or take the star away."""

        async def change(changes: Changes, state: ConversationState, now: int) -> None:
            await changes.update("conversation", state.id, starred_at=None if state.starred_at else now)

        return await self._each(ids, "item.star", "Star changed", change)

    async def seen(self, ids: Sequence[int]) -> str:
        """Mark everything in conversations as seen, or as new again."""

        async def change(changes: Changes, state: ConversationState, _now: int) -> None:
            is_seen = state.seen_item_id >= state.last_item_id
            await changes.update("conversation", state.id, seen_item_id=0 if is_seen else state.last_item_id)

        return await self._each(ids, "item.seen", "Seen changed", change)

    async def looked_at(self, conversation_id: int, last_item_id: int) -> None:
        """The user has left a conversation that was open: what was on screen is not new any more."""
        async with self._store.transaction() as tx:
            await conversations.look_at(tx, conversation_id, last_item_id)

    async def remind(self, ids: Sequence[int], at: int | None) -> str:
        """Bring conversations back if nobody has answered by then; None takes the reminder away."""

        async def change(changes: Changes, state: ConversationState, _now: int) -> None:
            await changes.update("conversation", state.id, remind_at=at)

        return await self._each(ids, "item.remind", "Reminder set" if at else "Reminder removed", change)

    async def tag(self, ids: Sequence[int], tags: str) -> str:
        """Add tags, or with a leading minus remove them: "book -old". Raises `WrongUsage` when there are none."""
        words = [clean_line(word, limit=60).strip("#") for word in tags.split()]
        if not any(word.strip("-") for word in words):
            raise WrongUsage("Type one or more tags, like “book” or “-book” to remove it.")

        async def change(changes: Changes, state: ConversationState, _now: int) -> None:
            for word in words:
                if word.startswith("-"):
                    await changes.remove_tag("conversation_tag", conversation_id=state.id, tag=word[1:])
                elif word:
                    await changes.insert("conversation_tag", conversation_id=state.id, tag=word)

        return await self._each(ids, "item.tag", "Tagged", change)

    async def wake(self) -> int:
        """Let the clock act: end snoozes and raise reminders. How many conversations changed; none on a full disk."""
        if self._store.is_frozen:
            return 0
        database = await self._store.database()
        now = self._store.now()
        ids = await conversations.over_time(database, now=now)
        if ids:
            async with self._store.transaction() as tx:
                from community.weighing import weigh  # noqa: PLC0415  late: only what changes something weighs

                await weigh(tx, ids, config=self._store.config, now=now)
        return len(ids)

    def saved_views(self) -> list[SavedView]:
        """The user's own views, in their order."""
        return conversations.saved_views(self._store.reader)

    async def save_view(self, name: str, query: str) -> None:
        """Keep a query under a name. Raises `WrongUsage` when the query or the name is no good."""
        parse(query, now=self._store.now())
        title = clean_line(name, limit=40)
        if not title:
            raise WrongUsage("Give the view a name.")
        async with self._store.transaction() as tx:
            await conversations.save_view(tx, name=title, query=query)

    async def forget_view(self, name: str) -> None:
        """Remove a saved view."""
        async with self._store.transaction() as tx:
            await conversations.forget_view(tx, name)

    async def _each(
        self,
        ids: Sequence[int],
        action: str,
        label: str,
        change: "_Change",
    ) -> str:
        """One journal entry for one action on any number of conversations; the sentence for the status line."""
        from community.weighing import weigh  # noqa: PLC0415

        now = self._store.now()
        async with self._store.transaction() as tx:
            found = await conversations.states(tx, ids)
            if not found:
                raise WrongUsage("There is no such conversation.")
            changes = Changes(tx)
            for state in found:
                await change(changes, state, now)
            what = f"“{found[0].title}”" if len(found) == 1 else f"{len(found)} conversations"
            sentence = clean_line(f"{label}: {what}.")
            await changes.record(action=action, label=sentence, now=now)
            await weigh(tx, [state.id for state in found], config=self._store.config, now=now)
        return sentence


class _Change(Protocol):
    async def __call__(self, changes: Changes, state: ConversationState, now: int, /) -> None: ...
