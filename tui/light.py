"""Few bytes for a slow line: what was asked for on the command line, and what the terminal's answer tells."""

import os
import time
from collections.abc import Callable

_NAME = "KITH_LIGHT"
_SLOW_S = 0.35
"""A terminal that takes longer to answer has a slow line between us, or a far one."""
_WHERE_IS_THE_CURSOR = "\x1b[6n"


def want_light() -> None:
    """From now on few bytes are wanted."""
    os.environ[_NAME] = "1"


def is_light() -> bool:
    """Whether few bytes are wanted: then colours are the terminal's own, and a conversation waits for the cursor."""
    return os.environ.get(_NAME, "") not in {"", "0"}


class Line:
    """The way to the terminal, when it leads over SSH: what is asked after the first page is answered after it, too."""

    def __init__(self) -> None:
        self._asked_at: float | None = None

    def ask(self, write: Callable[[str], None]) -> None:
        """Ask the terminal something that every one answers."""
        if self._asked_at is None and os.environ.get("SSH_CONNECTION"):
            self._asked_at = time.monotonic()
            write(_WHERE_IS_THE_CURSOR)

    def is_slow(self, answered_at: float) -> bool:
        """What its answer tells; only the first one counts."""
        asked_at, self._asked_at = self._asked_at, float("inf")
        return asked_at is not None and answered_at - asked_at > _SLOW_S
