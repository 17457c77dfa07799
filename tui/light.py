"""Few bytes for a slow line: what was asked for on the command line, and what the terminal's answers tell."""

import os

_NAME = "KITH_LIGHT"
_SLOWEST = 10_000
"""A line that carries fewer bytes a second is slow."""
_ENOUGH, _TIMES = 1500, 3
"""Frames of so many bytes tell how fast the line is; so many of them are asked about."""
_WHERE_IS_THE_CURSOR = "\x1b[6n"


def want_light() -> None:
    """From now on few bytes are wanted."""
    os.environ[_NAME] = "1"


def is_light() -> bool:
    """Whether few bytes are wanted: then colours are the terminal's own, and a conversation waits for the cursor."""
    return os.environ.get(_NAME, "") not in {"", "0"}


class Line:
    """The way to the terminal, when it leads over SSH.

    A question before a frame is answered when the frame begins to arrive, one after it when it is there: what lies
    between the two answers is the time that the frame took, however far the terminal is.
    """

    def __init__(self) -> None:
        self._left = _TIMES
        self._size = 0
        self._begins_at: float | None = None

    def around(self, frame: str) -> str:
        """A frame, with a question on either side as long as it is not known how fast the line is."""
        if not self._left or self._size or len(frame) < _ENOUGH or not os.environ.get("SSH_CONNECTION"):
            return frame
        self._left -= 1
        self._size = len(frame)
        return f"{_WHERE_IS_THE_CURSOR}{frame}{_WHERE_IS_THE_CURSOR}"

    def is_slow(self, answered_at: float) -> bool:
        """What an answer tells; true once, when the line turns out to be slow."""
        if not self._size:
            return False
        if self._begins_at is None:
            self._begins_at = answered_at
            return False
        took_s, size = answered_at - self._begins_at, self._size
        self._begins_at, self._size = None, 0
        if size < took_s * _SLOWEST:
            self._left = 0
            return True
        return False
