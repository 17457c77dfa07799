"""A program on a terminal of its own: how long it takes to answer a key, in how many bytes and with how much work."""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Sequence
from typing import NamedTuple, Self

QUIET_S = 0.04
_SILENT_S = 0.4
_SEQUENCES = re.compile(rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-~]")
_CELLS = re.compile(rb"\x1b\[\d+(?:;\d+)?H")
_ANSWERS = {b"\x1b[6n": b"\x1b[1;1R", b"\x1b[c": b"\x1b[?62;22c", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}


class Answer(NamedTuple):
    """What one key cost: milliseconds to the last byte of the frame, and bytes."""

    ms: float
    bytes: int


class Running:
    """A program that was started in a pseudo-terminal; `with` ends it."""

    def __init__(
        self, command: Sequence[str], size: tuple[int, int] = (120, 40), *, line: int = 0, **environment: str
    ) -> None:
        """`line` is how many bytes a second the line to the terminal carries, 0 for any number."""
        self._line = line
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("TEXTUAL", "NO_COLOR"))}
        clean |= {"TERM": "xterm-256color", "COLORTERM": "truecolor"} | environment
        self.began = time.perf_counter()
        self.pid = os.fork()
        if self.pid == 0:
            _take_over(slave, master)
            os.execvpe(command[0], list(command), clean)
        os.close(slave)
        os.set_blocking(master, False)
        self._master = master
        self.received = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for number in (signal.SIGHUP, signal.SIGKILL):
            patience = time.perf_counter() + 2
            try:
                os.kill(self.pid, number)
                while time.perf_counter() < patience:
                    self._read(0.05)
                    if os.waitpid(self.pid, os.WNOHANG)[0]:
                        os.close(self._master)
                        return
            except (ProcessLookupError, ChildProcessError):
                break
        os.close(self._master)

    def _read(self, patience_s: float) -> bytes:
        if not select.select([self._master], [], [], max(0.0, patience_s))[0]:
            return b""
        try:
            data = os.read(self._master, self._line // 50 or 1 << 16)
        except OSError:
            time.sleep(0.01)
            return b""
        for question, answer in _ANSWERS.items():
            if question in data:
                os.write(self._master, answer)
        self.received += len(data)
        if self._line:
            time.sleep(len(data) / self._line)
        return data

    def until(self, words: bytes, patience_s: float = 60) -> float:
        """Milliseconds from the start until these words were on the terminal. Raises `TimeoutError`."""
        told = b""
        while time.perf_counter() - self.began < patience_s:
            data = self._read(0.2)
            told += data
            if data and words in _SEQUENCES.sub(b"", told):
                return (time.perf_counter() - self.began) * 1000
        raise TimeoutError(f"{words!r} was never shown")

    def answered(self, key: bytes, patience_s: float = 60) -> float:
        """Press a key at once; milliseconds from the start until it has changed a cell. Raises `TimeoutError`."""
        os.write(self._master, key)
        while time.perf_counter() - self.began < patience_s:
            if _CELLS.search(self._read(0.2)):
                return (time.perf_counter() - self.began) * 1000
        raise TimeoutError(f"{key!r} changed nothing")

    def settle(self, quiet_s: float = 0.5) -> None:
        """Wait until nothing has come for a while."""
        while self._read(quiet_s):
            pass

    def press(self, key: bytes, quiet_s: float = QUIET_S) -> Answer:
        """Press a key and take in what it changes, until nothing has come for a while."""
        pressed = last = time.perf_counter()
        came = 0
        os.write(self._master, key)
        while True:
            data = self._read(quiet_s if came else _SILENT_S)
            if not data:
                return Answer((last - pressed) * 1000, came)
            last, came = time.perf_counter(), came + len(data)

    def echoed(self, key: bytes, gap_s: float = 0.05) -> float:
        """Press a key as a person would, a while after the last one; milliseconds until something is painted."""
        until = time.perf_counter() + gap_s
        while (left := until - time.perf_counter()) > 0:
            self._read(left)
        pressed = time.perf_counter()
        os.write(self._master, key)
        self._read(1.0)
        return (time.perf_counter() - pressed) * 1000

    def cpu_ms(self) -> float:
        """The processor time of the program itself, without its children."""
        return time.clock_gettime_ns((~self.pid << 3) | 2) / 1e6

    def memory_mb(self) -> float:
        """The most memory it ever had."""
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:  # noqa: PTH123
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def _take_over(slave: int, master: int) -> None:
    os.close(master)
    os.setsid()
    fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
    for descriptor in range(3):
        os.dup2(slave, descriptor)
