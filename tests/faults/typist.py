"""Somebody at a terminal with Kith on it: opens conversations, types replies, sends some, knows what was on screen."""

import random
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from faults.terminal import Terminal
from faults.victim import Victim
from storage.files import FILE, uri

_PATIENCE_S = 30.0


class Typist:
    """One session of typing, in a process that can be killed. `safe` are words that were on disk, or left as a draft.

    `kept_s` is how long after they were on screen they were on disk: within a second where the machine has time.
    """

    def __init__(self, victim: Victim, directory: Path, seed: int, *, config: Path | None = None) -> None:
        self.terminal = Terminal()
        self.safe: list[str] = []
        self.queued: list[str] = []
        self.kept_s: list[float] = []
        self.victim = victim
        self._chance = random.Random(seed)
        self._seed = seed
        self._count = 0
        self._file = directory / FILE
        chosen = ["--config", str(config)] if config is not None else []
        arguments = ["--workspace", str(directory), *chosen]
        victim.begin(arguments, out=directory.parent / "typist", tty=self.terminal.name)
        self.terminal.asked = victim.stack

    def close(self) -> None:
        """Take the terminal away."""
        self.terminal.__exit__(None, None, None)

    def arrive(self) -> None:
        """To the list of those who wait for an answer; to all when nobody does any more."""
        self.terminal.wait_for("outbox:")
        self.terminal.type("gi")
        self.terminal.wait_for("Inbox ›")
        if self.terminal.shows("Nobody is waiting"):
            self.narrow("is:any")

    def narrow(self, query: str) -> None:
        """Show only what a query names."""
        self.terminal.type("f")
        self.terminal.wait_for("Enter accept")
        self.terminal.type(f"{query}\r")
        self.terminal.wait_gone("Enter accept")
        self.terminal.wait_for(query)

    def write(self) -> str:
        """Begin a reply, or go on with one: the word in it that is like no other. It is on screen then."""
        self._count += 1
        word = f"token{self._seed:04d}t{self._count}x"
        keys = "j" * self._chance.randrange(6)
        if keys:
            self.terminal.type(keys)
            time.sleep(0.15)
        self.terminal.type("r")
        self.terminal.wait_for("replying as")
        self.terminal.type(f" Words of {word} .")
        self.terminal.wait_for(word)
        return word

    def rest(self, word: str) -> None:
        """Wait until what is on screen is on disk, with no other key."""
        began = time.monotonic()
        with closing(sqlite3.connect(uri(self._file, "mode=ro"), uri=True)) as connection:
            while not connection.execute("SELECT 1 FROM outbox WHERE text LIKE ?", (f"% of {word} %",)).fetchone():
                assert time.monotonic() - began < _PATIENCE_S, f"{word} was not kept:\n{self.terminal.text()}"
                time.sleep(0.02)
        self.kept_s.append(time.monotonic() - began)
        self.safe.append(word)

    def send(self, word: str) -> None:
        """Review it and send it."""
        self.terminal.type("\x1b")
        self.terminal.wait_for("throw away")
        self.terminal.type("y")
        self.terminal.wait_gone("replying as")
        self.queued.append(word)
        self.safe.append(word)
        self.terminal.type("q")

    def leave(self, word: str) -> None:
        """Put a reply away as a draft."""
        self.terminal.type("\x1b")
        self.terminal.wait_for("throw away")
        self.terminal.type("p")
        self.terminal.wait_gone("replying as")
        self.safe.append(word)

    def work(self, seconds: float, *, sends: float = 0.6, stop: Callable[[], bool] = lambda: False) -> None:
        """Write and send for a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end and not stop():
            word = self.write()
            if self._chance.random() < sends:
                self.send(word)
            else:
                self.rest(word)
                self.leave(word)
