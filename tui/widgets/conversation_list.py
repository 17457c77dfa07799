"""The inbox's list: one line a conversation on a narrow screen, two where there is room."""

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from textual.strip import Strip

from community.model import ConversationRow
from tui.widgets.canvas import strip
from tui.widgets.conversation_rows import RowPainter
from tui.widgets.rows import Rows

if TYPE_CHECKING:
    from collections.abc import Hashable


class ConversationList(Rows[ConversationRow]):
    """Conversations, with who, what, why and since when."""

    DEFAULT_CSS = "ConversationList { width: 1fr; }"

    def __init__(
        self,
        *,
        now: Callable[[], int],
        stages: Mapping[str, str],
        empty: Sequence[str] = (),
        id: str | None = None,  # noqa: A002  Textual's own name
    ) -> None:
        super().__init__(empty=empty, id=id)
        self._now = now
        self._stages = stages
        self.two_lines = True

    def in_two_lines(self, wanted: bool) -> None:
        """One line a conversation, or two."""
        if wanted != self.two_lines:
            self.two_lines = wanted
            self.fitted()

    def key(self, row: ConversationRow) -> "Hashable":
        """A conversation is itself wherever it stands."""
        return row.id

    def tall(self, row: ConversationRow) -> int:
        """One line or two, by the width of the screen."""
        return 2 if self.two_lines else 1

    def paint(self, row: ConversationRow, *, here: bool, chosen: bool) -> list[Strip]:
        """The lines of one conversation."""
        painter = RowPainter(self.look, self.cells, self._now(), self._stages)
        lines = painter.lines(row, here=here, focused=self.has_focus, chosen=chosen, two=self.two_lines)
        return [strip(line, self.cells, self.look.text) for line in lines]
