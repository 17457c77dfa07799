"""Kith leaves when its terminal does."""

import fcntl
import os
import pty
import select
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from program import LAUNCH, environment


def painted(master: int) -> bytes:
    """What arrives on the terminal until it is quiet for a second, at most half a minute."""
    found, end = b"", time.monotonic() + 30
    while time.monotonic() < end and select.select([master], [], [], 1.0 if b"Kith listens" in found else 20)[0]:
        found += os.read(master, 65536)
    return found


@pytest.mark.parametrize("leads", [True, False], ids=["told by the system", "told by the line alone"])
def test_a_terminal_that_goes_away_ends_it(tmp_path: Path, leads: bool) -> None:
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    running = subprocess.Popen(
        [sys.executable, str(LAUNCH), "--workspace", str(tmp_path / "work")],
        stdin=slave, stdout=slave, stderr=slave, start_new_session=True,
        preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if leads else None,  # noqa: PLW1509
        env=environment(tmp_path, TERM="xterm-256color"),
    )  # fmt: skip
    os.close(slave)
    try:
        assert b"Kith listens" in painted(master)
        os.write(master, b"gmgigpgf" * 4)
        os.close(master)
        assert running.wait(timeout=30) is not None
    finally:
        running.kill()
        running.wait()
