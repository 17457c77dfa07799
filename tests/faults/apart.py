"""A server in a process of its own: what its answers cost is not taken for what Kith waits for."""

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from faults.victim import die_with_parent


class Apart:
    """`port` is where it listens."""

    def __init__(self, opened: Callable[[], int], turned: Callable[[], None]) -> None:
        self._line, theirs = socket.socketpair()
        self._pid = os.fork()
        if not self._pid:
            try:
                _serve(theirs, opened, turned)
            finally:
                os._exit(0)
        theirs.close()
        self.port = int(self._line.recv(16))

    def turn(self) -> None:
        """Let it be its other self from now on."""
        self._line.sendall(b"!")
        assert self._line.recv(1) == b"."

    def end(self) -> None:
        """No more answers."""
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        self._line.close()


def _serve(line: socket.socket, opened: Callable[[], int], turned: Callable[[], None]) -> None:
    die_with_parent()
    line.sendall(str(opened()).encode())
    while line.recv(1):
        turned()
        line.sendall(b".")


@contextmanager
def apart(opened: Callable[[], int], turned: Callable[[], None] = lambda: None) -> Iterator[Apart]:
    """A server that `opened` starts, which gives its port; `turned` changes it when the test says so."""
    server = Apart(opened, turned)
    try:
        yield server
    finally:
        server.end()
