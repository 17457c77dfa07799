"""Kith leaves when its terminal does."""

import contextlib
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

from fakes import Platform
from people_and_words import Community, small_town
from program import LAUNCH, environment


def started(
    workspace: Path, home: Path, *, leads: bool = True, errors: Path | None = None
) -> tuple[subprocess.Popen[bytes], int]:
    """Kith on a terminal of its own, and the other end of that terminal; its errors may go to a file."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    running = subprocess.Popen(
        [sys.executable, str(LAUNCH), "--workspace", str(workspace)],
        stdin=slave, stdout=slave, stderr=slave if errors is None else errors.open("w"), start_new_session=True,
        preexec_fn=(lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0)) if leads else None,  # noqa: PLW1509
        env=environment(home, TERM="xterm-256color"),
    )  # fmt: skip
    os.close(slave)
    return running, master


def painted(master: int, words: bytes) -> bytes:
    """What arrives on the terminal until it has said something and is quiet for a second, at most half a minute."""
    found, end = b"", time.monotonic() + 30
    while time.monotonic() < end and select.select([master], [], [], 1.0 if words in found else 20)[0]:
        found += os.read(master, 65536)
    return found


@pytest.mark.parametrize("leads", [True, False], ids=["told by the system", "told by the line alone"])
def test_a_terminal_that_goes_away_ends_it(tmp_path: Path, leads: bool) -> None:
    errors = tmp_path / "errors" if leads else None  # as with `kith 2>errors`: it is painted all the same
    running, master = started(tmp_path / "work", tmp_path, leads=leads, errors=errors)
    try:
        assert b"Kith listens" in painted(master, b"Kith listens")
        assert errors is None or not errors.read_text()
        os.write(master, b"gmgigpgf" * 4)
        os.close(master)
        assert running.wait(timeout=30) is not None
    finally:
        running.kill()
        running.wait()


@pytest.mark.anyio
async def test_who_has_changed_something_can_leave(tmp_path: Path, platform: Platform) -> None:
    town = await small_town(tmp_path / "work")
    waits = town.workspace.conversations.counts().waiting
    await town.close()
    running, master = started(tmp_path / "work", tmp_path)
    try:
        assert b"They wait for you" in painted(master, b"They wait for you")
        os.write(master, b"jd")
        painted(master, b"")
        os.write(master, b"Q")
        with contextlib.suppress(OSError):  # the end of a terminal that nobody has open any more
            painted(master, b"")
        assert running.wait(timeout=30) == 0
    finally:
        running.kill()
        running.wait()
        os.close(master)
    again = Community(tmp_path / "work")
    assert again.workspace.conversations.counts().waiting == waits - 1
    await again.close()
