"""Keys that are pressed while Textual is still being imported: the page that is painted already answers the moves.

Every import asks a finder on `sys.meta_path`, some hundred times on the way; this one looks for keys and finds nothing.
With the first key that is no move on that page it stops for good: that key and all after it are the app's, in order.
"""

import os
import re
import select
import sys
from collections.abc import Callable

_NAMED = {
    "A": "Up", "B": "Down", "H": "Home", "F": "End", "1~": "Home", "7~": "Home", "4~": "End", "8~": "End",
    "5~": "PgUp", "6~": "PgDn",
}  # fmt: skip
_NAMED_KEY = re.compile(r"\x1b(?:\[([ABHF]|[145678]~)|O([ABHF]))")
_CUT_SHORT = re.compile(rb"\x1b(?:[\[O][0-?]*)?\Z|[\xc0-\xff][\x80-\xbf]{0,2}\Z")
_REST_S = 0.05
"""So long the rest of a key that was cut in two is waited for."""


class EarlyKeys:
    """Listens on the terminal. `move` carries out a key, named as in the key table, or says that it is for the app."""

    def __init__(self, terminal: int, move: Callable[[str], bool], show: Callable[[], None]) -> None:
        self._terminal = terminal
        self._move = move
        self._show = show
        self._typed = b""
        self._is_listening = True
        sys.meta_path.insert(0, self)

    def find_spec(self, _name: str, _path: object = None, _target: object = None) -> None:
        """Somebody imports something: time to look for keys."""
        if self._is_listening:
            self.look()

    def look(self) -> None:
        """Answer what has been pressed."""
        self._is_listening = False  # also for what is imported on the way
        if not self._ready(0):
            self._is_listening = True
            return
        try:
            self._typed += os.read(self._terminal, 1024)
            rest, moved = self._typed.decode("latin-1"), False
            while rest and (key := _first(rest)) is not None and self._move(key[0]):
                rest, moved = rest[key[1] :], True
                self._typed = rest.encode("latin-1")
            if moved:
                self._show()
        except Exception:  # whatever it was, the app meets it too, and says so
            return
        self._is_listening = not rest

    def stop(self) -> str:
        """Listen no more; what was typed and not answered. Whatever comes after it waits in the terminal's queue."""
        self._is_listening = False
        if self in sys.meta_path:
            sys.meta_path.remove(self)
        while _CUT_SHORT.search(self._typed) and self._ready(_REST_S):
            self._typed += os.read(self._terminal, 1024)
        typed, self._typed = self._typed.decode("utf-8", "replace"), b""
        return typed

    def _ready(self, wait_s: float) -> bool:
        return bool(select.select([self._terminal], [], [], wait_s)[0])


def _first(typed: str) -> tuple[str, int] | None:
    """The first key of what was typed, as the key table calls it, and its length; None for any other."""
    if typed[0].isascii() and typed[0].isprintable():
        return typed[0], 1
    named = _NAMED_KEY.match(typed)
    if named is not None:
        return _NAMED[named[1] or named[2]], named.end()
    if "\x01" <= typed[0] <= "\x1a" and typed[0] not in "\t\r":
        return f"^{chr(ord(typed[0]) + 96)}", 1
    return None
