"""Kith in a process that can be killed: by itself at a named point of the send path, or by a test at any moment.

Run as `python -m faults.victim`: it loads everything once, reads one life as JSON from each line of its input, forks
for it, and says its number. A life is a command line of Kith, or "write" for somebody who types replies.
"""

import asyncio
import contextlib
import ctypes
import faulthandler
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from functools import partial
from importlib import import_module
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from faults.terminal import sit_down

ROOT = Path(__file__).parents[2]

POINTS: dict[str, tuple[str, str, str]] = {
    "recovering": ("community.delivery:Delivery.recover", "before", "none"),
    "before the claim": ("storage.sending:claim", "before", "none"),
    "claim not committed": ("storage.sending:claim", "after", "none"),
    "claimed": ("community.delivery:Delivery._prepared", "before", "none"),
    "prepared": ("storage.sending:freeze", "before", "none"),
    "frozen, not committed": ("storage.sending:freeze", "after", "none"),
    "frozen": ("adapter:send", "before", "none"),
    "answer awaited": ("", "", "answer too late"),
    "answered": ("adapter:send", "after", "none"),
    "sent, not committed": ("community.effects:settle", "after", "none"),
    "reply stored, not committed": ("community.effects:keep_reply", "after", "none"),
    "sent": ("community.effects:sent", "after", "none"),
    "in doubt, not written": ("storage.sending:doubtful", "before", "answer lost"),
    "in doubt, not committed": ("storage.sending:doubtful", "after", "answer lost"),
    "in doubt": ("community.delivery:Delivery._uncertain", "after", "answer lost"),
    "before looking": ("community.delivery:Delivery._look", "before", "answer cut"),
    "found, not written": ("adapter:look", "after", "answer lost"),
    "not found, not written": ("adapter:look", "after", "500 before"),
    "no effect, not written": ("storage.sending:untouched", "before", "429"),
    "no effect, not committed": ("storage.sending:untouched", "after", "429"),
}
"""Point -> what is stopped there, before or after it, and the fault that leads to it."""


class Victim:
    """A process that lives as often as it is told to, one life at a time."""

    def __init__(self) -> None:
        environment = os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
        # Unbuffered: the end of a short life, read along with its beginning, would be waited for in vain.
        self._nursery = subprocess.Popen(
            [sys.executable, "-m", "faults.victim"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0, cwd=ROOT, env=environment,
        )  # fmt: skip
        self.pid = 0
        self._out = Path()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()
        assert self._nursery.stdin is not None and self._nursery.stdout is not None
        self._nursery.stdin.close()
        self._nursery.wait(10)
        self._nursery.stdout.close()

    def begin(self, arguments: Sequence[str], *, point: str = "", kind: str = "", out: Path, tty: str = "") -> None:
        """Begin a life, on a terminal with `tty`; it ends by itself at `point`."""
        assert self._nursery.stdin is not None and self._nursery.stdout is not None and not self.pid
        life = {"arguments": list(arguments), "point": point, "kind": kind, "out": str(out), "tty": tty}
        self._nursery.stdin.write(json.dumps(life).encode() + b"\n")
        self.pid = int(self._nursery.stdout.readline())
        self._out = out

    def stack(self) -> str:
        """Where each thread of a life is now."""
        if not self.pid:
            return "It has ended."
        os.kill(self.pid, signal.SIGUSR1)
        time.sleep(1.0)
        return self._out.with_suffix(f".{self.pid}").read_text()

    def ended(self, within_s: float) -> int | None:
        """How a life has ended, the number of a signal as a negative; None when it has not ended in time."""
        assert self._nursery.stdout is not None
        if not self.pid:
            return 0
        if not select.select([self._nursery.stdout], [], [], within_s)[0]:
            return None
        self.pid = 0
        return int(self._nursery.stdout.readline())

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End a life from outside."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)
            assert self.ended(20) is not None


def die_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _nursery() -> None:
    die_with_parent()
    for module in (
        "tui.commands.sync",
        "tui.commands.sending",
        "tui.cli",
        "tui.app",
        "tui.commands.opening",
        "tui.screens.today",
        "tui.screens.inbox",
        "community.sources.http",
        "httpx",
        "aiosqlite",
    ):
        import_module(module)
    for line in sys.stdin:
        life = json.loads(line)
        child = os.fork()
        if child == 0:
            _live(life)
        print(child, flush=True)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)


def _live(life: dict[str, Any]) -> None:
    die_with_parent()
    os.umask(0o077)
    if life["tty"]:
        sit_down(life["tty"])
    else:
        os.dup2(os.open(life["out"], os.O_CREAT | os.O_WRONLY | os.O_APPEND, 0o600), 1)
        os.dup2(1, 2)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    stack = Path(life["out"]).with_suffix(f".{os.getpid()}").open("w")
    faulthandler.register(signal.SIGUSR1, stack)
    _hurry()
    if life["point"] and POINTS[life["point"]][0]:
        _kill_at(*POINTS[life["point"]][:2], life["kind"])
    if life["arguments"][0] == "write":
        directory, *numbers = life["arguments"][1:]
        code = asyncio.run(_write(Path(directory), *map(int, numbers)))
    else:
        from tui.cli import run

        code = run(life["arguments"])
    sys.stdout.flush()
    os._exit(code)


def _hurry() -> None:
    """Look at once for what is uncertain, and give up soon."""
    import community.delivery
    import community.sources.http
    from community.sources.transport import Policy

    community.delivery.LOOKS_S = (0, 0, 0, 0)
    http: Any = community.sources.http
    http.Policy = partial(Policy, connect_s=2.0, read_s=2.0, total_s=4.0)


def _kill_at(place: str, when: str, kind: str) -> None:
    """End this process, as a power cut would, before or after a call."""
    module, _, path = place.partition(":")
    if module == "adapter":
        from community.sources import ADAPTERS

        module, _, owner = ADAPTERS[kind].partition(":")
        path = f"{owner}.{path}"
    holder: Any = import_module(module)
    *owners, name = path.split(".")
    for each in owners:
        holder = getattr(holder, each)
    whole = getattr(holder, name)

    async def stopped(*given: Any, **named: Any) -> Any:
        if when == "after":
            await whole(*given, **named)
        os.kill(os.getpid(), signal.SIGKILL)

    setattr(holder, name, stopped)


async def _write(directory: Path, seed: int, replies: int = 1_000_000, seconds: int = 3600) -> int:
    """Type replies as the composer stores them, send some, and say of each what is safe now; look around meanwhile."""
    from community.query import parse
    from community.workspace import Workspace
    from storage.rows import Number

    chance = random.Random(seed)
    workspace = Workspace.open(directory)
    found = workspace.store.reader.all(Number, "SELECT id AS n FROM item WHERE mine = 0 ORDER BY id")
    mine = [row.n for row in found if row.n % 2 == seed % 2]
    count, seen, end = 0, 0, time.monotonic() + seconds
    while time.monotonic() < end:
        item, word = chance.choice(mine), f"token{seed:04d}n{count}x"
        for version in range(chance.randint(1, 4)):
            count += 1
            text = f"@bo@rock.example version {seed * 10_000 + count} of {word} {version}"
            draft = await workspace.outbox.save(item, text)
            print(f"draft {item} {seed * 10_000 + count}", flush=True)
            await asyncio.sleep(chance.random() * 0.02)
            if workspace.version() != seen:
                seen = workspace.version()
                workspace.conversations.counts()
                workspace.outbox.listed(parse("", now=int(time.time()), target="outbox"))
        if replies and chance.random() < 0.5:
            replies -= 1
            await workspace.outbox.queue(draft, undo_s=0)
            print(f"queued {item} {word}", flush=True)
    await workspace.close()
    return 0 if not replies or replies > 1000 else 1


if __name__ == "__main__":
    _nursery()
