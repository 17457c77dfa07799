"""What every place with a conversation beside its list shares: opening it, walking through it, acting on its items."""

from textual import on
from textual.widget import Widget

from community.actions import Selection
from community.errors import WrongUsage
from community.model import Item
from community.text import links
from tui.kit import Kit
from tui.screens.following import Following
from tui.widgets.panel import Choice
from tui.widgets.thread import Thread


class Reading(Following):
    """A place with a reading pane."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._looking: int | None = None
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
