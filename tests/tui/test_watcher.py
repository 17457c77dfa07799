"""The sync process: started when nobody watches, ended by the end of its input, restarted with patience."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from community.locks import SYNC, Lock
from tui.commands import sync
from tui.watcher import Watcher

_UNTIL_EOF = """
import pathlib, sys
told = pathlib.Path(sys.argv[1])
told.write_text("began")
sys.stdin.read()
told.write_text("ended")
"""


_STEPS_BACK = """
import os, pathlib
from tui.commands import sync
def said():
    words = sync._AUTOGROUP.read_text().split() if sync._AUTOGROUP.exists() else []
    return words[-1] if words else "none"
before = said()
sync._step_back()
print(os.nice(0), before, said())
"""
"""Linux says nothing of a session where it does not group by session, and of the one it was started with."""


def wait_for(path: Path, words: str) -> None:
    for _ in range(200):
        if path.exists() and path.read_text() == words:
            return
        time.sleep(0.05)
    raise AssertionError(words)


def test_the_child_ends_when_its_input_does(tmp_path: Path) -> None:
    told = tmp_path / "told"
    watcher = Watcher(tmp_path, command=[sys.executable, "-c", _UNTIL_EOF, str(told)])
    watcher.mind()
    wait_for(told, "began")
    assert watcher.is_running
    watcher.mind()
    watcher.stop()
    wait_for(told, "ended")
    assert not watcher.is_running


def test_no_child_is_started_while_another_watches(tmp_path: Path) -> None:
    ready, go = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            held = Lock(tmp_path, SYNC)
            held.take()
            os.write(go, b"x")
            time.sleep(30)
        finally:
            os._exit(0)
    try:
        os.read(ready, 1)
        watcher = Watcher(tmp_path, command=[sys.executable, "-c", "raise SystemExit"])
        watcher.mind()
        assert not watcher.is_running
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)


def test_a_child_that_dies_is_not_restarted_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told = tmp_path / "told"
    script = f"open({str(told)!r}, 'a').write('x')"
    watcher = Watcher(tmp_path, command=[sys.executable, "-c", script])
    watcher.mind()
    for _ in range(100):
        if not watcher.is_running:
            break
        time.sleep(0.05)
    for _ in range(5):
        watcher.mind()
    assert told.read_text() == "x"
    later = time.monotonic() + 5
    monkeypatch.setattr(time, "monotonic", lambda: later)
    watcher.mind()
    wait_for(told, "xx")


def test_a_program_that_is_not_there_harms_nothing(tmp_path: Path) -> None:
    watcher = Watcher(tmp_path, command=["/no/such/program"])
    watcher.mind()
    watcher.mind()
    watcher.stop()
    assert not watcher.is_running


@pytest.mark.parametrize("alone", [True, False])
def test_a_watcher_steps_back_for_other_sessions_too(alone: bool) -> None:
    """What it says to its own session it must not say to that of a shell it was started from."""
    command = [sys.executable, "-c", _STEPS_BACK]
    said = subprocess.run(command, start_new_session=alone, capture_output=True, text=True, check=True).stdout.split()
    polite, before, after = said
    assert int(polite) >= sync._POLITE
    assert after == (str(sync._POLITE) if alone and before != "none" else before)
