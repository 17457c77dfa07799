"""Syncing a thousand feeds, beside newsboat: CPU and wall time of whole processes, in turns on one machine.

newsboat gets planner statistics, without which it scans its whole table once for each feed; it stores validators only
at its second pass, so both make two before anything is compared.
"""

import asyncio
import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import feedserver
from community.workspace import Workspace
from storage import sources
from table import Row

TITLE = "Syncing, beside newsboat with planner statistics: medians of three rounds"
PORT = 18_870
PASSES = {"cold": "changed=0", "again": "changed=0", "unchanged": "changed=0", "5 % changed": "changed=5"}
_STATISTICS = [
    ("rss_item", "idx_deleted", "30000 30000"), ("rss_item", "idx_feedurl", "30000 30"),
    ("rss_item", "idx_guid", "30000 1"), ("rss_feed", "idx_lastmodified", "1000 500"),
    ("rss_feed", "idx_rssurl", "1000 1"), ("rss_feed", "sqlite_autoindex_rss_feed_1", "1000 1"),
]  # fmt: skip


_AS_INSTALLED = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


@dataclass(frozen=True)
class Cost:
    """What a process and its children took."""

    wall_s: float
    cpu_s: float
    mb: float


def measured(argv: list[str]) -> Cost:
    """Run a program to its end. Raises `RuntimeError` with its last words when it fails."""
    with tempfile.TemporaryFile() as said:
        started = time.perf_counter()
        process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=said, stderr=said, env=_AS_INSTALLED)
        _, status, used = os.wait4(process.pid, 0)
        wall = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            said.seek(0)
            raise RuntimeError(
                f"{argv[0]} ended with {process.returncode}: {said.read()[-1000:].decode(errors='replace')}"
            )
        return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024)


class Kith:
    """Ours: a workspace with a source for each feed."""

    name = "kith"

    def __init__(self, home: Path, feeds: int) -> None:
        self._directory, self._feeds = home / "kith", feeds
        self.argv = [
            str(Path(sys.executable).with_name("kith")),
            "--workspace",
            str(self._directory),
            "sync",
            "--quiet",
        ]

    def empty(self) -> None:
        """Begin anew."""
        shutil.rmtree(self._directory, ignore_errors=True)
        self._directory.mkdir(mode=0o700)
        asyncio.run(self.add())

    async def add(self) -> None:
        """Listen to the feeds."""
        workspace = Workspace.open(self._directory, secrets_in_file=True)
        async with workspace.store.transaction() as tx:
            for number in range(self._feeds):
                await sources.add(
                    tx, kind="feed", name=f"Feed {number}", address=feedserver.address(number, PORT), account="",
                    is_mine=False, options="{}", allow_hosts=f"{feedserver.host(number)}:{PORT}", now=0,
                )  # fmt: skip
        await workspace.close()

    def items(self) -> int:
        """How many items are stored."""
        with sqlite3.connect(self._directory / "kith.db") as connection:
            return int(connection.execute("SELECT count(*) FROM item").fetchone()[0])


class Newsboat:
    """The other: a cache whose planner knows how large its tables become."""

    name = "newsboat"

    def __init__(self, home: Path, feeds: int) -> None:
        self._directory = home / "newsboat"
        self._directory.mkdir()
        addresses = "".join(f"{feedserver.address(number, PORT)}\n" for number in range(feeds))
        for name, text in (
            ("urls", addresses),
            ("none", "http://127.0.0.1:9/none\n"),
            ("config", "reload-threads 4\nauto-reload no\nmax-items 0\n"),
        ):
            (self._directory / name).write_text(text)
        self.argv = [*self._with("urls"), "-x", "reload"]

    def _with(self, urls: str) -> list[str]:
        here = self._directory
        return ["newsboat", "-q", "-u", str(here / urls), "-c", str(here / "cache.db"), "-C", str(here / "config")]

    def empty(self) -> None:
        """Begin anew: let it make its tables, then say how large they will be."""
        for each in self._directory.glob("cache.db*"):
            each.unlink()
        subprocess.run(
            [*self._with("none"), "-x", "print-unread"], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        with sqlite3.connect(self._directory / "cache.db") as connection:
            connection.execute("ANALYZE")
            connection.execute("DELETE FROM sqlite_stat1")
            connection.executemany("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", _STATISTICS)

    def items(self) -> int:
        """How many items are stored."""
        with sqlite3.connect(self._directory / "cache.db") as connection:
            return int(connection.execute("SELECT count(*) FROM rss_item").fetchone()[0])


@contextmanager
def serving(feeds: int) -> Iterator[None]:
    """The feeds are served meanwhile."""
    argv = [sys.executable, feedserver.__file__, str(PORT), str(feeds)]
    server = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        if server.stdout.readline().strip() != "ready":
            raise RuntimeError("the feeds could not be served")
        yield
    finally:
        server.communicate("")


def told(path: str) -> str:
    """What the server says."""
    with urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=10) as answer:
        return str(answer.read().decode())


def rows(feeds: int = 1000, rounds: int = 3) -> Iterator[Row]:
    """Each pass of ours against newsboat's, when it is installed: in turns, the medians of so many rounds."""
    with tempfile.TemporaryDirectory() as home, serving(feeds):
        rivals: list[Kith | Newsboat] = [Kith(Path(home), feeds)]
        if shutil.which("newsboat"):
            rivals.append(Newsboat(Path(home), feeds))
        found: dict[tuple[str, str], list[Cost]] = {}
        for name, setting in PASSES.items():
            for turn in range(1, (1 if name == "again" else rounds) + 1):
                for rival in random.sample(rivals, len(rivals)):
                    if name == "cold":
                        rival.empty()
                    told(f"/set?generation={turn if setting != 'changed=0' else 0}&{setting}")
                    found.setdefault((name, rival.name), []).append(measured(rival.argv))
        for name in PASSES:
            yield _row(name, feeds, {rival.name: found[name, rival.name] for rival in rivals})


_ASKED = {
    "cold": ("wall ≤ 1×, CPU ≤ 1.5×", "CPU ≥ 1.7× less"),
    "unchanged": ("CPU ≥ 3× less", "≥ 15× less"),
    "5 % changed": ("CPU ≥ 3× less", "≥ 8× less"),
}


def _row(name: str, feeds: int, costs: dict[str, list[Cost]]) -> Row:
    median = {
        who: Cost(*(statistics.median(getattr(each, part) for each in took) for part in ("wall_s", "cpu_s", "mb")))
        for who, took in costs.items()
    }
    said = "; ".join(
        f"{who} {cost.cpu_s:.1f} s CPU, {cost.wall_s:.1f} s wall, {cost.mb:.0f} MB" for who, cost in median.items()
    )
    must, aim = _ASKED.get(name, ("", ""))
    holds = None
    if "newsboat" in median:
        ours, theirs = median["kith"], median["newsboat"]
        said += f"; CPU {theirs.cpu_s / ours.cpu_s:.2f}×, wall {theirs.wall_s / ours.wall_s:.2f}× less"
        if name == "cold":
            holds = ours.wall_s <= theirs.wall_s and ours.cpu_s <= theirs.cpu_s * 1.5
        elif must:
            holds = ours.cpu_s * 3 <= theirs.cpu_s
    return Row(f"{feeds:,} feeds, {name}", said, must, aim, holds)


if __name__ == "__main__":
    for line in rows(*map(int, sys.argv[1:])):
        print(line.line())
