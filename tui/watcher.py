"""Starts a sync process when nobody watches, and minds it: it ends with this one, and is restarted when it dies."""

import subprocess
import sys
import time
from pathlib import Path

from community.locks import SYNC, Lock

_LAUNCH = Path(__file__).with_name("launch.py")
_LONGEST_S = 300.0


class Watcher:
    """At most one child. Its standard input is a pipe that is never written: its end tells the child to finish."""

    def __init__(self, directory: Path, *, preferences: Path | None = None, command: list[str] | None = None) -> None:
        self._directory = directory
        chosen = ["--config", str(preferences)] if preferences is not None and preferences.exists() else []
        self._command = command or [
            sys.executable, str(_LAUNCH), "--workspace", str(directory), *chosen,
            "sync", "--watch", "--quiet", "--until-eof",
        ]  # fmt: skip
        self._child: subprocess.Popen[bytes] | None = None
        self._wait_s = 1.0
        self._not_before = 0.0
        self._began = 0.0

    @property
    def is_running(self) -> bool:
        """Whether a child of ours is at work."""
        return self._child is not None and self._child.poll() is None

    def mind(self) -> None:
        """Start the child when there should be one and is none. Takes a millisecond; call it every few seconds."""
        if self.is_running:
            if time.monotonic() - self._began > 60:
                self._wait_s = 1.0
            return
        now = time.monotonic()
        if self._child is not None:
            self._drop()
            self._not_before = now + self._wait_s
            self._wait_s = min(_LONGEST_S, self._wait_s * 2)
        if now < self._not_before or Lock(self._directory, SYNC).held_elsewhere():
            return
        try:
            self._child = subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            self._began = now
        except OSError:
            self._not_before = now + self._wait_s
            self._wait_s = min(_LONGEST_S, self._wait_s * 2)

    def stop(self) -> None:
        """Tell the child to finish what it has begun; it is not waited for."""
        self._drop()

    def _drop(self) -> None:
        child, self._child = self._child, None
        if child is not None and child.stdin is not None:
            try:
                child.stdin.close()
            except OSError:
                pass
