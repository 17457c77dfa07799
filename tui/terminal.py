"""The terminal Kith paints on, which may go away under it: a closed window, a lost line."""

import os
import select
import signal
import sys
import threading
from pathlib import Path
from typing import TextIO


class Terminal:
    """A stream to a terminal. When the terminal has gone, what is written is dropped and Kith is told to leave.

    Textual hands its output to a thread, and waits for that thread for ever when an error has ended it.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._is_gone = False

    def write(self, text: str) -> int:
        """Write, while there is somebody to read."""
        if not self._is_gone:
            try:
                return self._stream.write(text)
            except OSError:
                self._gone()
        return len(text)

    def flush(self) -> None:
        """The same for what is still on its way."""
        if not self._is_gone:
            try:
                self._stream.flush()
            except OSError:
                self._gone()

    def fileno(self) -> int:
        """The number of the terminal's file."""
        return self._stream.fileno()

    def isatty(self) -> bool:
        """Whether it is a terminal."""
        return self._stream.isatty()

    @property
    def encoding(self) -> str:
        """How text is written on it."""
        return self._stream.encoding

    def _gone(self) -> None:
        self._is_gone = True
        os.kill(os.getpid(), signal.SIGHUP)


def survive() -> None:
    """Let Textual, which paints on the standard error stream, outlive the terminal; and notice when that has gone.

    Where that stream goes elsewhere, as with `kith 2>errors`, the terminal itself is painted on.
    """
    stream = sys.__stderr__
    if stream is None or not stream.isatty():
        stream = Path(os.ctermid()).open("w", encoding="utf-8")  # noqa: SIM115  open for as long as Kith is
    threading.Thread(target=_wait_for_the_end, args=(stream.fileno(),), daemon=True, name="terminal").start()
    sys.__stderr__ = Terminal(stream)  # type: ignore[misc, assignment]


def is_there() -> bool:
    """Whether there is a terminal to paint on and to read keys from."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    try:
        with Path(os.ctermid()).open("w"):
            return True
    except OSError:
        return sys.stderr.isatty()


def _wait_for_the_end(number: int) -> None:
    """A program that leads no session is not told that its terminal has gone."""
    line = select.poll()
    line.register(number, 0)
    line.poll()
    os.kill(os.getpid(), signal.SIGHUP)
