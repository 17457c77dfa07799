"""Moving and typing while five thousand feeds are read for the first time: by the program's own watcher, then by
another process. What is timed is a key until its first bytes; the program writes a frame in one go. Rounds of moving
and typing alternate with the key of a bare Textual program.
"""

import asyncio
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from generate import SMALL, cached
from pressing import HELLO, quiet_copy
from storage.database import FILE
from syncing import Kith, serving
from table import Row, middle
from terminals import Running

TITLE = "While 5,000 feeds are read for the first time"
_FEEDS, _KEYS, _ROUNDS = 5000, 40, 3
_LETTERS = b"the quick brown fox jumps over the lazy dog "
_PATIENCE_S = 60


def rows(feeds: int = _FEEDS) -> Iterator[Row]:
    """Keys without a sync, beside the watcher, and beside `kith sync`."""
    later = int(time.time()) + 3600  # what is due in years is taken for the work of a wrong clock, and read at once
    with tempfile.TemporaryDirectory() as home, serving(feeds):
        for number, (name, due_at, other) in enumerate(
            (
                ("nothing is read", later, False),
                ("its own watcher reads them", 0, False),
                ("`kith sync` reads them", later, True),
            )
        ):
            directory = Path(home) / str(number)
            directory.mkdir()
            reading = Kith(directory, feeds)
            _prepare(directory / "kith", reading, due_at)
            (directory / "hello.py").write_text(HELLO)
            with (
                Running([sys.executable, str(directory / "hello.py")]) as hello,
                Running([reading.argv[0], "--workspace", str(directory / "kith")]) as program,
            ):
                hello.until(b"hello world")
                program.until(b"wait for you")
                program.settle(1.0)
                with _syncing(reading.argv if other else None):
                    yield from _keys(program, hello, reading, name, is_read=other or not due_at)


def _prepare(directory: Path, reading: Kith, due_at: int) -> None:
    """A workspace of ten thousand items that listens to the feeds, all of them due or none."""
    quiet_copy(cached(SMALL), directory)
    asyncio.run(reading.add())
    connection = sqlite3.connect(directory / FILE, isolation_level=None)
    connection.execute("UPDATE source SET next_check_at = ? WHERE state = 'active'", (due_at,))
    connection.close()


@contextmanager
def _syncing(argv: list[str] | None) -> Iterator[None]:
    if argv is None:
        yield
        return
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        process.kill()
        process.wait()


def _keys(program: Running, hello: Running, reading: Kith, name: str, *, is_read: bool) -> Iterator[Row]:
    for key in b"gi":
        program.press(bytes([key]))
    before = _begun(reading) if is_read else 0
    bare: list[list[float]] = []
    moving: list[list[float]] = []
    typing: list[list[float]] = []
    for _ in range(_ROUNDS):
        bare.append([hello.echoed(b"j") for _ in range(_KEYS)])
        moving.append([program.echoed(b"jk"[at % 12 // 6 :][:1]) for at in range(_KEYS)])
        program.press(b"/")
        typing.append([program.echoed(bytes([_LETTERS[at % len(_LETTERS)]])) for at in range(_KEYS)])
        for _ in range(2):
            program.press(b"\x1b", 0.2)
        if is_read and reading.items() <= before:
            raise RuntimeError("nothing was read while the keys were pressed")
        before = reading.items()
    usual, late = middle(bare)
    for what, times in (("moving", moving), ("typing", typing)):
        ms, slow = middle(times)
        said = f"{ms:.1f} ms, p95 {slow:.1f}, at most {max(map(max, times)):.0f} (bare: {usual:.1f} ms, p95 {late:.1f})"
        asked = ("p95 ≤ 30 ms", "≤ 16 ms", slow <= 30) if is_read else ("", "", None)
        yield Row(f"{what} while {name}", said, *asked)


def _begun(reading: Kith) -> int:
    """How many items there are, once the first of the feeds are in."""
    few, until = reading.items(), time.monotonic() + _PATIENCE_S
    while reading.items() < few + 300:
        if time.monotonic() > until:
            raise RuntimeError("the feeds were not read")
        time.sleep(0.2)
    return reading.items()
