"""A conversation on a page of its own, opened from a place without one."""

from collections.abc import Sequence

from textual.app import ComposeResult

from community.actions import Selection
from tui.kit import Kit
from tui.screens.beside import LEAVES
from tui.screens.writing import Writing


class ConversationPage(Writing):
    """`argument` is the id of the conversation, and may name the item to stand on: "12" or "12 345".

    With a third word, "12 345 reply", the answer is begun at once; 0 for the item leaves the choice to Kith.
    """

    def __init__(self, kit: Kit, argument: str = "") -> None:
        super().__init__(kit)
        conversation_id, item_id, wish = (*argument.split(" "), "", "")[:3]
        self._conversation_id = int(conversation_id) if conversation_id.isdecimal() else 0
        self._item_id = int(item_id) if item_id.isdecimal() and item_id != "0" else None
        self._begins = wish == "reply"

    def body(self) -> ComposeResult:
        """The pane alone."""
        yield self.pane()

    def load(self) -> None:
        """Open it."""
        self.follow(self._conversation_id, now=True)
        if self._item_id is not None:
            self.thread.go_to(self._item_id)
        self.open_conversation()
        if self._begins:
            self._begins = False
            self.call_after_refresh(self.perform, "reply")

    def changed(self) -> None:
        """What is on screen stays where it is."""
        self.reread()

    def crumbs(self) -> Sequence[str]:
        """Its title."""
        opened = self.thread.opened
        return ("Conversation", opened.row.title if opened is not None else "gone")

    def step_back(self) -> bool:
        """Leaving counts as having looked."""
        self.left_conversation()
        return False

    def acted(self, action: str, chosen: Selection) -> None:
        """What is put away closes its page."""
        super().acted(action, chosen)
        if action in LEAVES and len(self.app.screen_stack) > 1:
            self.dismiss()
