"""A terminal of one's own: Kith runs on it, keys are typed into it, and whatever was painted is kept."""

import fcntl
import os
import select
import struct
import sys
import termios
import threading
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

import pyte


class Terminal:
    """`name` is what a program opens; `painted` is every byte it ever received."""

    def __init__(self, columns: int = 120, lines: int = 40) -> None:
        self._ours, self._theirs = os.openpty()
        fcntl.ioctl(self._theirs, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.name = os.ttyname(self._theirs)
        self.painted = bytearray()
        self.asked: Callable[[], str] = str
        """What the program on it says of itself when it has not done what was waited for."""
        self._screen = pyte.Screen(columns, lines)
        self._stream = pyte.ByteStream(self._screen)
        self._lock = threading.Lock()
        self._told_to_end, self._end = os.pipe()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The next terminal gets the same numbers: a reader that lived on would take what is painted there.
        os.close(self._end)
        self._reader.join()
        for descriptor in (self._theirs, self._ours, self._told_to_end):
            os.close(descriptor)

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._ours, keys.encode())

    def shows(self, words: str) -> bool:
        """Whether these words are on the screen now."""
        with self._lock:
            return any(words in line for line in self._screen.display)

    def text(self) -> str:
        """What is on the screen now."""
        with self._lock:
            return "\n".join(line.rstrip() for line in self._screen.display)

    def wait_for(self, words: str, *, within_s: float = 30.0) -> None:
        """Until these words are on the screen."""
        self._wait(words, within_s, there=True)

    def wait_gone(self, words: str, *, within_s: float = 30.0) -> None:
        """Until they are not any more."""
        self._wait(words, within_s, there=False)

    def _wait(self, words: str, within_s: float, *, there: bool) -> None:
        end = time.monotonic() + within_s
        while self.shows(words) is not there:
            if time.monotonic() > end:
                seen = self.text()
                with self._lock:
                    last = f"{len(self.painted)} bytes came, the last of them {bytes(self.painted[-200:])!r}"
                at_it = f"{last}; read by a living thread: {self._reader.is_alive()}\n{self.asked()}"
                raise AssertionError(f"“{words}” is{' not' if there else ''} on the screen:\n{seen}\n{at_it}")
            time.sleep(0.03)

    def _read(self) -> None:
        while self._told_to_end not in select.select((self._ours, self._told_to_end), (), ())[0]:
            try:
                data = os.read(self._ours, 65_536)
            except OSError:
                return
            with self._lock:
                self.painted += data
                self._stream.feed(data)


def sit_down(name: str) -> None:
    """Make a terminal this process's own: its input, its output, and where its signals come from."""
    os.setsid()
    descriptor = os.open(name, os.O_RDWR)
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    for standard in (0, 1, 2):
        os.dup2(descriptor, standard)
    sys.stdin = sys.__stdin__ = os.fdopen(0, closefd=False)  # type: ignore[misc]
    sys.stdout = sys.__stdout__ = os.fdopen(1, "w", closefd=False)  # type: ignore[misc]
    sys.stderr = sys.__stderr__ = os.fdopen(2, "w", closefd=False)  # type: ignore[misc]
    os.environ |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
    for size in ("COLUMNS", "LINES"):  # what the tests were started on is not this terminal
        os.environ.pop(size, None)
