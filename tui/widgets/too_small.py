"""What a terminal shows that has no room for anything else."""

from textual.strip import Strip

from tui.widgets.canvas import Canvas, strip

SMALLEST = (30, 8)
"""Columns and lines."""


class TooSmall(Canvas):
    """Says how much room is needed, in place of everything."""

    DEFAULT_CSS = "TooSmall { layer: above; dock: top; width: 100%; height: 100%; display: none; }"

    def line(self, y: int) -> Strip:
        """One sentence, on as many lines as it needs."""
        words = ("Too small.", f"Kith needs {SMALLEST[0]} × {SMALLEST[1]}.", "Q quits.")
        return strip([(words[y] if y < len(words) else "", self.look.text)], self.cells, self.look.text)
