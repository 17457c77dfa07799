"""Moves within a pane: whatever has the focus and a cursor is walked through with the same keys."""

from typing import Protocol, runtime_checkable

from tui.screens.acting import Acting


@runtime_checkable
class Mover(Protocol):
    """A pane with a cursor."""

    def move(self, by: int) -> None:
        """Some lines down, or up."""
        ...

    def page(self, by: float) -> None:
        """Some pages down, or up."""
        ...

    def first(self) -> None:
        """To the beginning."""
        ...

    def last(self) -> None:
        """To the end."""
        ...


class Moving(Acting):
    """A screen whose panes have cursors."""

    def mover(self) -> Mover | None:
        """What `j` and `k` move in: the pane that has the focus, when it is a list or a text."""
        return self.focused if isinstance(self.focused, Mover) else None

    def do_move_down(self, _argument: str) -> None:
        """The next line."""
        if (pane := self.mover()) is not None:
            pane.move(1)

    def do_move_up(self, _argument: str) -> None:
        """The line before."""
        if (pane := self.mover()) is not None:
            pane.move(-1)

    def do_move_first(self, _argument: str) -> None:
        """The first line."""
        if (pane := self.mover()) is not None:
            pane.first()

    def do_move_last(self, _argument: str) -> None:
        """The last line."""
        if (pane := self.mover()) is not None:
            pane.last()

    def do_move_page_down(self, _argument: str) -> None:
        """Half a page down."""
        if (pane := self.mover()) is not None:
            pane.page(0.5)

    def do_move_page_up(self, _argument: str) -> None:
        """Half a page up."""
        if (pane := self.mover()) is not None:
            pane.page(-0.5)
