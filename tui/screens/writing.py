"""Answering: the draft, its keeping, the review bar, and the way into the outbox."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual import on
from textual.app import SuspendNotSupported

from community.actions import Scope
from community.asides import IS_INSIDE, is_inside, parted, promised, without_asides
from community.errors import KithError, StorageError, WrongUsage
from community.leaving import page_of, scheduled, with_opening
from community.model import Act, Item, OutboxRow
from community.text import Clean, clean_line, shown_host
from community.threads import Opened
from tui.ages import due
from tui.kit import Kit
from tui.screens.person_verbs import PersonVerbs
from tui.screens.reading import Reading
from tui.widgets.composer import Composer

if TYPE_CHECKING:
    from community.sources.base import Capabilities

_SAVE_S = 0.4
_REMIND_S = 3 * 86_400
_REVIEW = (
    "review.send", "review.send_remind:send and remind me", "review.schedule", "review.editor",
    "review.write:write on", "review.preview", "review.park", "review.discard",
)  # fmt: skip
_BY_HAND = ("review.send:copy, and open the page", *(each for each in _REVIEW[3:]))


@dataclass(slots=True)
class Draft:
    """A reply that is being written."""

    item: Item
    source_name: str
    capabilities: "Capabilities"
    opening: str
    outbox_id: int | None
    saved: str
    page: str = ""
    """Where the user posts it by hand, "" when Kith can send it."""

    def is_begun(self, text: str) -> bool:
        """Whether the user has written anything of their own."""
        return text.strip() not in {"", self.opening.strip()}


class Writing(PersonVerbs, Reading):
    """A place where a conversation can be answered."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.draft: Draft | None = None
        self._saving = asyncio.Lock()
        self._save_is_due = False

    def scopes_now(self) -> Sequence[Scope]:
        """While a reply is reviewed, letters are the verbs of the review bar."""
        if self.composer.in_review:
            return (Scope.REVIEW,)
        if self.composer.is_open and self.is_typing:
            return (Scope.COMPOSER, Scope.EVERYWHERE)
        return self.scopes

    def hints(self) -> Sequence[str]:
        """The verbs of the review bar while it is there."""
        if self.composer.in_review:
            return _BY_HAND if self.draft is not None and self.draft.page else _REVIEW
        if self.composer.is_open and self.is_typing:
            return ("=Esc:review, then y sends", "compose.editor", "compose.preview")
        return ("reply", "item.done", "item.snooze", "item.person", "search", "help")

    def tells_outbox(self) -> bool:
        """The review bar needs the room."""
        return not self.composer.in_review

    # Beginning.

    async def do_reply(self, _argument: str) -> None:
        """Begin to answer, or go on with the draft that is there."""
        item = self.target_item()
        if item is None:
            raise WrongUsage("Choose a conversation first.")
        if self.draft is not None and self.composer.is_open:
            if self.draft.item.id == item.id or not self.draft.is_begun(self.composer.text):
                self.composer.write()
                return
            await self.keep()
        source = self.workspace.listening.get(item.source_id)
        capabilities = self.workspace.listening.capabilities(source)
        from community.proof import target_of  # noqa: PLC0415  late: needed for the first answer only

        found = self.workspace.outbox.target(item.id)
        page = "" if Act.REPLY in capabilities.acts else page_of(found)
        why = capabilities.why_not.get(Act.REPLY, f"{source.name} takes no replies.")
        if Act.REPLY not in capabilities.acts and not page:
            raise WrongUsage(why)
        opening = self.workspace.listening.opening(source, target_of(found))
        kept = self.workspace.outbox.draft_for(item.id)
        text = kept.text if kept is not None and kept.text else opening
        self.draft = Draft(item, source.name, capabilities, opening, kept.id if kept else None, text, page)
        who = clean_line(source.account or "yourself")
        name = item.name or item.handle
        self.is_reading = True
        self.fold_panes()
        self.thread.tell_card(None)
        self.thread.go_to(item.id)
        words = f"replying as {who} to {name if not item.mine else 'your own words'} on {source.name}"
        if page:
            words = f"replying by hand to {name} on {shown_host(page)}"
        await self.composer.open(words, text, capabilities.length)
        self.reread()
        self.frame()
        if page:
            self.say(f"{why} Esc, then y copies them and opens it.")

    def as_shown(self, opened: Opened) -> Opened:
        """The draft in the box is not shown in the thread as well."""
        if self.draft is None or not self.composer.is_open:
            return opened
        return opened._replace(unsent=tuple(row for row in opened.unsent if row.id != self.writing))

    @property
    def writing(self) -> int | None:
        """The outbox row of the draft in the box, once it has one."""
        return self.draft.outbox_id if self.draft is not None else None

    # Keeping.

    @on(Composer.Changed)
    def keep_soon(self) -> None:
        """A changed text is on disk within a second."""
        if not self._save_is_due:
            self._save_is_due = True
            self.set_timer(_SAVE_S, self._keep_now)

    @on(Composer.Left)
    def keep_at_once(self) -> None:
        """So is one that was left."""
        self._keep_now()

    def _keep_now(self) -> None:
        self._save_is_due = False
        self.app.run_worker(self.keep(), group="drafts")

    async def keep(self) -> bool:
        """Store what is in the box; False, and loudly, when that cannot be done."""
        async with self._saving:
            draft, text = self.draft, self.composer.text
            if draft is None or not self.composer.is_open:
                return True
            if text == draft.saved and not self.composer.bar.trouble:
                return True
            if draft.outbox_id is None and not draft.is_begun(text):
                return True
            try:
                draft.outbox_id = await self.workspace.outbox.save(draft.item.id, text)
            except (KithError, StorageError) as error:
                self.composer.warn(str(error))
                self.set_timer(2.0, self._keep_now)
                return False
            draft.saved = text
            self.composer.warn("")
            return True

    async def settle(self) -> None:
        """Kith is closing."""
        await self.keep()

    # Leaving the box.

    def leave_text(self) -> None:
        """`Esc` leads from the box to the review bar."""
        if self.composer.is_open:
            self.composer.review()
            self.frame()
            self.run_worker(self._tell_promises(), group="promises", exclusive=True)
        else:
            super().leave_text()

    async def _tell_promises(self) -> None:
        """What is promised in the reply stands in the review bar; a wrong date is said now, not when it leaves."""
        _, asides = parted(self.composer.text)
        if is_inside(self.composer.text):
            self.warn(IS_INSIDE)
        if not asides or self.draft is None:
            return
        now = self.kit.now
        try:
            found = await asyncio.to_thread(lambda: [promised(each, now=now) for each in asides])
        except WrongUsage as error:
            self.composer.promise("a promise wants mending")
            self.warn(str(error))
            return
        made = [f"{each.text}, by {due(each.due_at, now)}" if each.due_at else each.text for each in found]
        self.composer.promise(clean_line(f"you promise: {'; '.join(made)}"))

    def _close(self) -> None:
        self.draft = None
        self.composer.close()
        self.thread.focus()
        self.reread()
        self.frame()

    # The review bar.

    async def do_review_send(self, _argument: str) -> None:
        """Into the outbox, with some seconds to take it back."""
        await self._queue()

    async def do_review_send_remind(self, _argument: str) -> None:
        """The same, and the conversation comes back if nobody answers."""
        await self._queue(remind_after_s=_REMIND_S)

    async def do_review_schedule(self, argument: str) -> None:
        """Send at a time."""
        at, if_silent = await asyncio.to_thread(scheduled, argument, now=self.kit.now)
        await self._queue(at=at, if_silent=if_silent)

    async def _queue(
        self, *, at: int | None = None, remind_after_s: int | None = None, if_silent: bool = False
    ) -> None:
        draft = self.draft
        if draft is None:
            return
        text = self.composer.text
        self._check(draft, text)
        if draft.page and at is not None:
            raise WrongUsage("Kith has no way in there, so it cannot send at a time: y copies it for you to post.")
        if draft.outbox_id is None:
            draft.outbox_id = await self.workspace.outbox.save(draft.item.id, text)
        if draft.page:
            await self._hand_over(draft.outbox_id, draft.page, remind_after_s)
            return
        row = await self.workspace.outbox.queue(
            draft.outbox_id, text=text, at=at, remind_after_s=remind_after_s, only_if_silent=if_silent
        )
        self.remember_sent(row.id)
        self._close()
        self.renew()
        self.sent(row)
        self.poll()

    async def _hand_over(self, outbox_id: int, page: str, remind_after_s: int | None) -> None:
        """The words to the clipboard, the page into the browser: the rest is the user's."""
        row = await self.workspace.outbox.hand_over(outbox_id, text=self.composer.text, remind_after_s=remind_after_s)
        self._close()
        self.renew()
        self.kit.copy(row.text)
        said = "Your words are in the clipboard, the page is open: paste them."
        try:
            self.kit.open_url(page)
        except WrongUsage:
            said = f"Your words are in the clipboard: paste them at {page}"
        key, there = self.kit.keymap.key_of("go.outbox"), self.kit.keymap.key_of("outbox.posted")
        self.say(f"{said} {key}, then {there} says that you have posted it.")
        self.sent(row)
        self.poll()

    def sent(self, row: OutboxRow) -> None:
        """A reply is in the outbox."""

    def _check(self, draft: Draft, text: str) -> None:
        """Refuse what the platform would refuse."""
        body = without_asides(text)
        if not draft.is_begun(body):
            raise WrongUsage("The reply is empty: i goes back to the box.")
        left = self.composer.left()
        if left is not None and left < 0:
            raise WrongUsage(f"{-left} too long for {draft.source_name}: i goes back to the box.")
        rule = draft.capabilities.length
        if len(body.strip()) < rule.min_length:
            raise WrongUsage(f"Too short for {draft.source_name}: it takes no reply under {rule.min_length} letters.")

    def do_review_write(self, _argument: str) -> None:
        """Back into the box."""
        self.composer.write()
        self.frame()

    def do_review_preview(self, _argument: str) -> None:
        """What will be posted, or the box again."""
        if self.draft is not None:
            self.composer.toggle_preview(with_opening(without_asides(self.composer.text), self.draft.opening))
            self.frame()

    def do_compose_preview(self, argument: str) -> None:
        """The same from the box."""
        self.do_review_preview(argument)

    async def do_review_park(self, _argument: str) -> None:
        """Keep the draft and leave."""
        if not await self.keep():
            return
        if self.draft is not None and self.draft.outbox_id is not None:
            self.say("The draft is kept.")
        self._close()
        if self.list_pane() is not None:
            self.leave_conversation()

    async def do_review_discard(self, _argument: str) -> None:
        """Remove the draft."""
        if self.draft is not None:
            async with self._saving:
                if self.draft.outbox_id is not None:
                    self.say(await self.workspace.outbox.throw_away(self.draft.outbox_id))
                self._close()

    async def do_review_editor(self, _argument: str) -> None:
        """Write on in the user's own editor."""
        if self.draft is None:
            return
        await self.keep()
        from tui.outside import edit  # noqa: PLC0415

        try:
            with self.app.suspend():
                text = edit(self.composer.text, self.workspace.directory, self.workspace.config.editor)
        except SuspendNotSupported as error:
            raise WrongUsage("This terminal cannot be lent to an editor.") from error
        self.composer.replace(Clean(text))
        self.leave_text()
        await self.keep()
        self.do_redraw("")
        self.frame()

    async def do_compose_editor(self, argument: str) -> None:
        """The same from the box."""
        await self.do_review_editor(argument)
