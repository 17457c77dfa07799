"""What every place with a conversation beside its list shares: showing it, walking through it, acting on its items."""

import time
from collections.abc import Sequence
from functools import partial

from textual import on
from textual.containers import Vertical
from textual.widget import Widget

from community.actions import Selection
from community.conversations import Opened
from community.errors import StorageError, WrongUsage
from community.model import Item
from community.people import Card as PersonCard
from community.text import links
from tui.kit import Kit
from tui.screens.place import Place
from tui.widgets.canvas import Piece
from tui.widgets.composer import Composer
from tui.widgets.panel import Choice
from tui.widgets.person_card import card_lines
from tui.widgets.thread import Card, Thread
from tui.widgets.thread_text import brief

_FOLLOW_S = 0.08
_REST_S = 0.12
_LONG = 500


class Pane(Vertical):
    """The conversation, and under it the box for the answer."""

    DEFAULT_CSS = "Pane { width: 1fr; height: 1fr; }"


class Reading(Place):
    """A place with a reading pane. `follow` shows a conversation, at once or when keys have stopped repeating."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.thread = Thread(now=lambda: kit.now, stages=kit.stages(), id="thread")
        self.composer = Composer()
        self._wanted: int | None = None
        self._followed_at = 0.0
        self._looking: int | None = None
        self._person: int | None = None
        self.is_reading = False

    # What a place says of itself.

    def list_pane(self) -> Widget | None:
        """The list the conversation belongs to; None on a page of its own."""
        return None

    def one_pane(self) -> bool:
        """Whether only one of list and conversation is on screen."""
        return self.app.size.width < 90

    def fold_panes(self) -> None:
        """Show the panes that belong on screen at this width."""

    # Showing.

    def pane(self) -> Pane:
        """The reading pane, for `body`."""
        return Pane(self.thread, self.composer, id="pane")

    def follow(self, conversation_id: int | None, *, now: bool = False) -> None:
        """Show a conversation beside the list. While keys repeat only the last one is read."""
        if conversation_id == self._wanted and not now:
            return
        self._wanted = conversation_id
        moment = time.monotonic()
        if now or moment - self._followed_at > _FOLLOW_S:
            self._show()
        else:
            self.set_timer(_FOLLOW_S, self._show_late)
        self._followed_at = moment

    def _show_late(self) -> None:
        opened = self.thread.opened
        shown = opened.row.id if opened is not None else None
        if self._wanted != shown and time.monotonic() - self._followed_at >= _FOLLOW_S * 0.9:
            self._show()

    def _show(self) -> None:
        self.left_conversation()
        wanted = self._wanted
        if wanted is None:
            self.thread.show(None)
            return
        try:
            opened = self.workspace.conversations.open(wanted)
        except StorageError:
            self.thread.show(None)
            return
        target = opened.begins_at()
        card = self._card_soon(target, _REST_S)
        self.thread.show(opened, at=target.id if target is not None else None, card=card)

    def reread(self) -> None:
        """Bring the conversation on screen up to date; cursor and place stay."""
        opened = self.thread.opened
        if opened is None:
            return
        conversations = self.workspace.conversations
        try:
            if len(opened.items) > _LONG and conversations.row(opened.row.id) == opened.row:
                return
            self.thread.renew(self.as_shown(conversations.open(opened.row.id)))
        except StorageError:
            self.thread.show(None)
            return
        self._person = None
        self.other_person()

    def as_shown(self, opened: Opened) -> Opened:
        """A conversation without what is on screen elsewhere."""
        return opened

    def _card_soon(self, item: Item | None, wait_s: float) -> Card | None:
        """What is known of the author without reading; the rest comes when the cursor has rested."""
        if item is None or item.mine:
            self._person = None
            return None
        if item.person_id != self._person:
            self._person = item.person_id
            self.set_timer(wait_s, partial(self._card_now, item.person_id))
        stages = self.kit.stages()
        return lambda width: brief(item, self.thread.look, width, stages=stages)

    def _card_now(self, person_id: int) -> None:
        if person_id != self._person or self.composer.is_open:
            return
        try:
            card = self.workspace.people.card(person_id)
        except StorageError:
            return
        self.thread.tell_card(self._painted_card(card))

    def _painted_card(self, card: PersonCard) -> Card:
        stages = self.kit.stages()

        def paint(width: int) -> Sequence[Sequence[Piece]]:
            return card_lines(card, self.thread.look, width, now=self.kit.now, stages=stages)

        return paint

    @on(Thread.Moved)
    def other_person(self) -> None:
        """The card is that of whoever the cursor is on."""
        item = self.thread.item
        if item is not None and not item.mine and item.person_id != self._person and not self.composer.is_open:
            self._person = item.person_id
            self.set_timer(_REST_S, partial(self._card_now, item.person_id))

    @on(Thread.Pressed)
    def press_item(self) -> None:
        """A double click shows all of a long item."""
        self.thread.show_whole()

    # Looking at a conversation, and leaving it.

    def open_conversation(self) -> None:
        """Into the reading pane: from now on it counts as looked at."""
        if self.thread.opened is None:
            return
        self._looking = self.thread.opened.row.id
        self.is_reading = True
        self.fold_panes()
        self.thread.focus()
        self.frame()

    def leave_conversation(self) -> bool:
        """Back to the list; False when one is there already, or there is none."""
        target = self.list_pane()
        if target is None or (self.focused is target and not self.is_reading):
            return False
        self.left_conversation()
        self.is_reading = False
        self.fold_panes()
        target.focus()
        self.frame()
        return True

    def left_conversation(self) -> None:
        """What was on screen of an opened conversation is not new any more."""
        looked, self._looking = self._looking, None
        opened = self.thread.opened
        if looked is None or opened is None or opened.row.id != looked:
            return
        last = opened.row.last_item_id
        if opened.row.seen_item_id < last:
            self.app.run_worker(self._reported(self.workspace.conversations.looked_at(looked, last)), group="looked")

    # What an action is about.

    def target_item(self) -> Item | None:
        """The item an answer goes to: the one under the cursor of the pane, else the one that waits."""
        opened = self.thread.opened
        if opened is None or self._wanted != opened.row.id:
            self._show()
            opened = self.thread.opened
        if opened is None:
            return None
        if self.thread.has_focus and self.thread.item is not None:
            return self.thread.item
        return opened.answerable()

    def selection(self) -> Selection:
        """The conversation on screen, the item in it, and its author."""
        opened = self.thread.opened
        if opened is None:
            return Selection()
        item = self.target_item()
        people = (item.person_id,) if item is not None and not item.mine else ()
        if not people and opened.row.person_id is not None:
            people = (opened.row.person_id,)
        return Selection(
            conversations=(opened.row.id,),
            items=(item.id,) if item is not None else (),
            people=people,
            source=opened.row.source_id,
        )

    def _item(self) -> Item:
        item = self.thread.item if self.thread.has_focus else self.target_item()
        if item is None:
            raise WrongUsage("Choose a conversation first.")
        return item

    # Moves.

    def do_read_down(self, _argument: str) -> None:
        """Scroll the conversation from the list."""
        self.thread.scroll_lines(3)

    def do_read_up(self, _argument: str) -> None:
        """Scroll it back."""
        self.thread.scroll_lines(-3)

    def do_item_fold(self, _argument: str) -> None:
        """Close a branch, or open it."""
        self.thread.fold()

    def do_item_fold_all(self, _argument: str) -> None:
        """Close every branch."""
        self.thread.fold_all(closed=True)

    def do_item_unfold_all(self, _argument: str) -> None:
        """Open every branch."""
        self.thread.fold_all(closed=False)

    def do_item_browser(self, _argument: str) -> None:
        """The item on its own site."""
        permalink = self._item().permalink
        if not permalink:
            raise WrongUsage("This has no page of its own that Kith knows of.")
        self.kit.open_url(permalink)
        self.say(f"Opened {permalink}")

    def do_item_subject(self, _argument: str) -> None:
        """The post the conversation hangs on."""
        opened = self.thread.opened
        if opened is None or not opened.row.subject_url:
            raise WrongUsage("This conversation hangs on no page that Kith knows of.")
        self.kit.open_url(opened.row.subject_url)
        self.say(f"Opened {opened.row.subject_url}")

    async def do_item_links(self, _argument: str) -> None:
        """Choose a link of the item by its number, and open it."""
        found = links(self._item().text)[:35]
        if not found:
            raise WrongUsage("There is no link in it.")
        keys = "123456789abcdefghijklmnopqrstuvwxyz"
        choices = [
            Choice(key, each.text if each.text != each.url else "", each.url, each.url)
            for key, each in zip(keys, found, strict=False)
        ]
        picked = await self.ask("Open link", choices=choices)
        url = next((each.url for each in found if each.url == picked), None)
        if url is not None:
            self.kit.open_url(url)
            self.say(f"Opened {url}")

    def do_item_copy_link(self, _argument: str) -> None:
        """The address of the item to the clipboard."""
        permalink = self._item().permalink
        if not permalink:
            raise WrongUsage("This has no page of its own that Kith knows of.")
        self.kit.copy(permalink)
        self.say(f"Copied {permalink}")

    def do_item_copy_text(self, _argument: str) -> None:
        """The words of the item to the clipboard."""
        self.kit.copy(self._item().text)
        self.say("Copied what was written.")

    def ages(self) -> None:
        """Ages have changed."""
        self.thread.redraw()
