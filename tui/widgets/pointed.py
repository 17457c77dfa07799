"""What a canvas with a cursor does with the mouse and the focus."""

from textual import events

from tui.widgets.canvas import Canvas


class Pointed(Canvas, can_focus=True):
    """A subclass gives `wheel`, `pointed` and `lighten`."""

    def wheel(self, by: int) -> None:
        """The wheel turned by some lines."""
        raise NotImplementedError

    def pointed(self, y: int, *, twice: bool) -> None:
        """A line was clicked."""
        raise NotImplementedError

    def lighten(self) -> None:
        """The focus came or went: the cursor looks different."""
        self.repaint()

    def on_click(self, event: events.Click) -> None:
        """The cursor goes where the mouse points."""
        self.pointed(event.y, twice=event.chain > 1)
        self.focus()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Three lines down."""
        event.stop()
        self.wheel(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Three lines up."""
        event.stop()
        self.wheel(-3)

    def on_focus(self) -> None:
        """The cursor is here now."""
        self.lighten()

    def on_blur(self) -> None:
        """The cursor is elsewhere."""
        self.lighten()
