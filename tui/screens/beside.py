"""A list with the conversation beside it: the cursor, opening and leaving, and what actions do to the list."""

from collections.abc import Hashable, Sequence
from typing import Any

from textual import events, on
from textual.widget import Widget

from community.actions import Selection
from community.model import ConversationRow, Item
from tui.kit import Kit
from tui.screens.writing import Writing
from tui.widgets.frame import Divider
from tui.widgets.rows import Rows

LEAVES = {"item.done": "done", "item.snooze": "snoozed", "item.rest": "resting", "item.mute": "muted"}
"""Actions that put a conversation away, and where to."""
TWO, THREE = 90, 140
"""From how many columns on there are two panes, and three."""


class Beside(Writing):
    """A list, and the conversation under its cursor. A place with a list gives `listing`, `about` and `leaves`."""

    listing: Rows[Any]

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self.split = Divider(id="split")

    # What a place says of itself.

    def about(self, row: Any) -> ConversationRow | None:  # noqa: ANN401  each list has rows of its own
        """The conversation a row stands for, None for another kind of row."""
        return row if isinstance(row, ConversationRow) else None

    def leaves(self, action: str) -> bool:
        """Whether a conversation is surely gone from this list after an action."""
        return action in LEAVES

    def list_pane(self) -> Widget:
        """The list."""
        return self.listing

    # The panes.

    def one_pane(self) -> bool:
        """Whether list and conversation take turns."""
        return self.app.size.width < TWO

    def fold_panes(self) -> None:
        """One pane, or two; set directly, so that what is shown can have the focus at once."""
        one = self.one_pane()
        self.listing.leaps = not one
        self.listing.display = not (one and self.is_reading)
        self.query_one("#pane").display = self.is_reading or not one
        self.split.display = not one
        self.set_class(one, "-one")

    def joints(self) -> Sequence[int]:
        """Where the lines between panes are."""
        return tuple(each.region.x for each in self.query(Divider) if each.display and each.region.width)

    def on_resize(self, event: events.Resize) -> None:
        """Panes by the width."""
        super().on_resize(event)
        self.fold_panes()
        self.composer.fit()
        self.call_after_refresh(self.widened)

    def widened(self) -> None:
        """The panes have their new sizes."""
        self.follow_list(now=self.thread.opened is None)
        self.frame()

    # The cursor.

    @property
    def conversation(self) -> ConversationRow | None:
        """The conversation under the cursor of the list."""
        row = self.listing.row
        return self.about(row) if row is not None else None

    def comes_next(self) -> Sequence[ConversationRow]:
        """The conversations below and above the cursor."""
        if self.one_pane() and not self.is_reading:
            return ()
        return [row for row in map(self.about, self.listing.nearest()) if row is not None]

    def press(self, event: events.Key) -> bool:
        """A key that came to a conversation which is ready shows it in the same frame as the cursor."""
        pressed = super().press(event)
        row = self.conversation
        if row is not None and row.id != self._wanted and self._ahead.has(row.id):
            self.follow_list()
        return pressed

    @on(Rows.Moved, "#list")
    def moved(self) -> None:
        """The conversation follows the cursor."""
        self.follow_list()

    def follow_list(self, *, now: bool = False) -> None:
        """Show the conversation under the cursor, unless only the list is on screen."""
        if self.one_pane() and not self.is_reading:
            return
        row = self.conversation
        if self.composer.is_open and (row is None or self._wanted != row.id):
            self.app.run_worker(self._park_then_follow(row.id if row is not None else None), group="drafts")
        else:
            self.follow(row.id if row is not None else None, now=now)

    async def _park_then_follow(self, conversation_id: int | None) -> None:
        if await self.keep():
            self.composer.close()
            self.draft = None
            self.follow(conversation_id, now=True)
            self.frame()

    @on(Rows.Opened, "#list")
    def clicked(self) -> None:
        """A second click opens."""
        self.do_open("")

    def do_open(self, _argument: str) -> None:
        """Into the conversation; in it, all of a long item."""
        if self.thread.has_focus:
            self.thread.show_whole()
        elif self.conversation is not None:
            self._bring(self.conversation.id)
            self.open_conversation()

    def do_move_pane_right(self, argument: str) -> None:
        """From the list into the conversation."""
        if self.listing.has_focus:
            self.do_open(argument)

    def do_move_pane_left(self, _argument: str) -> None:
        """From the conversation to the list."""
        self.leave_conversation()

    def step_back(self) -> bool:
        """From the conversation to the list, from a choice to none."""
        if self.leave_conversation():
            return True
        if self.listing.chosen:
            self.listing.chosen.clear()
            self.listing.redraw()
            return True
        return False

    def do_item_select(self, _argument: str) -> None:
        """Choose this line for one action with others."""
        self.listing.choose()
        if self.listing.chosen:
            self.say(f"{len(self.listing.chosen)} chosen: the next action is for all of them; Esc lets go.")

    # What an action is about, and what it does to the list.

    def selection(self) -> Selection:
        """The conversations that are chosen; else the one under the cursor, with its item and its author."""
        if self.listing.chosen:
            rows = [row for row in map(self.about, self.listing.picked()) if row is not None]
            people = tuple(dict.fromkeys(row.person_id for row in rows if row.person_id is not None))
            return Selection(conversations=tuple(row.id for row in rows), people=people)
        if not self.is_reading and self.conversation is None:
            return Selection()
        self._catch_up()
        return super().selection()

    def target_item(self) -> Item | None:
        """The item an answer goes to, in the conversation under the cursor."""
        self._catch_up()
        return super().target_item()

    def _catch_up(self) -> None:
        """The conversation of the cursor, should the pane not show it yet."""
        row = self.conversation
        if not self.is_reading and row is not None:
            self._bring(row.id)

    def _bring(self, conversation_id: int) -> None:
        """Have a conversation in the pane at once, where it would come in a moment."""
        opened = self.thread.opened
        self.follow(conversation_id, now=opened is None or opened.row.id != conversation_id)

    def keys_of(self, ids: Sequence[int]) -> list[Hashable]:
        """The keys of the rows that stand for these conversations."""
        wanted = set(ids)
        found = ((self.about(row), self.listing.key(row)) for row in self.listing.loaded)
        return [key for row, key in found if row is not None and row.id in wanted]

    def acting(self, action: str, chosen: Selection) -> None:
        """What is put away leaves the list at once, and the cursor goes to the next line."""
        if self.leaves(action):
            self.listing.hide(self.keys_of(chosen.conversations))

    def balked(self, action: str, chosen: Selection) -> None:
        """It came to nothing: it is there again."""
        super().balked(action, chosen)
        self.listing.unhide_all()
        self.renew()

    def acted(self, action: str, chosen: Selection) -> None:
        """Storage has caught up with what was hidden; what was taken back gets the cursor."""
        self.listing.unhide_all()
        if action in LEAVES or action == "item.reopen":
            self.leaving = self.keys_of(chosen.conversations)
            self.listing.chosen.clear()
            if self.is_reading:
                self.put_away()
        before = {self.listing.key(row) for row in self.listing.loaded}
        super().acted(action, chosen)
        self.leaving = []
        came = [self.listing.key(row) for row in self.listing.loaded if self.listing.key(row) not in before]
        if action == "undo" and came:
            self.listing.go_to(came[0])

    def put_away(self) -> None:
        """The conversation in the pane was put away: back to the list."""
        self.leave_conversation()

    leaving: Sequence[Hashable] = ()
    """The rows that the next `changed` may take away."""

    # From one that waits to the next.

    def do_next_waiting(self, _argument: str) -> None:
        """The next one down that waits for me, from the top again after the last."""
        self._to_waiting(1)

    def do_previous_waiting(self, _argument: str) -> None:
        """The one before."""
        self._to_waiting(-1)

    def _to_waiting(self, step: int) -> None:
        rows = list(self.listing.loaded)
        here = self.listing.key(self.listing.row) if self.listing.row is not None else None
        at = next((place for place, row in enumerate(rows) if self.listing.key(row) == here), 0)
        order = [*range(at + step, len(rows) if step > 0 else -1, step)]
        order += [*range(0 if step > 0 else len(rows) - 1, at, step)]
        for place in order:
            row = self.about(rows[place])
            if row is not None and row.attention == "waiting":
                self.listing.go_to(self.listing.key(rows[place]))
                return
        self.say("Nobody else is waiting for you here.")

    def ages(self) -> None:
        """Ages have changed."""
        super().ages()
        self.listing.redraw()
