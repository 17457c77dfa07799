"""Reading a thread of ten thousand items, and all of Kith over a line of 56 kbit/s, on real terminals."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from generate import LARGE
from pressing import Bench, Cost, pressed, quiet_copy
from storage.database import FILE
from table import Row, p95
from terminals import Running

TITLE = "A long thread, and a slow line"
_LONGEST = LARGE // 2
_LINE = 56_000 // 8
_KEYS = 40


def rows() -> Iterator[Row]:
    """Opening and moving; then what a key takes on a slow line, by the way Kith was started."""
    with tempfile.TemporaryDirectory() as here:
        bench = Bench(Path(here))
        directory = quiet_copy(bench.large, Path(here) / "long")
        connection = sqlite3.connect(directory / FILE, isolation_level=None)
        connection.execute("UPDATE conversation SET attention = 'waiting', rank = 1e9 WHERE id = ?", (_LONGEST,))
        connection.close()
        with Running(bench.on(directory)) as program:
            program.until(b"wait for you")
            inbox(program)
            yield from long_thread(program)
        yield from slow(bench)


def inbox(program: Running) -> None:
    """To the list of those who wait."""
    program.settle(2.5)
    for key in b"gi":
        program.press(bytes([key]))
    program.settle(1.0)


def long_thread(program: Running) -> Iterator[Row]:
    """The thread is the first of the list: coming to it from the second opens it."""
    opened = Cost([], 0.0)
    for _ in range(6):
        program.press(b"j", 1.0)
        before = program.cpu_ms()
        answer = program.press(b"k", 1.0)
        opened = Cost([*opened.answers, answer], max(opened.cpu_ms, program.cpu_ms() - before))
    usual = sorted(opened.ms)[len(opened.ms) // 2]
    yield Row("opening a thread of 10,000 items", str(opened), "≤ 100 ms", "≤ 50 ms", usual <= 100)
    program.press(b"\r")
    program.settle(1.0)
    for what, key in (("j in it", b"j"), ("page down in it", b"\x1b[6~")):
        cost = pressed(program, key, _KEYS)
        yield Row(what, str(cost), "p95 ≤ 16 ms", "", p95(cost.ms) <= 16)
    ends = Cost(
        [answer for _ in range(5) for key in (b"G", b"\x1b[H") for answer in pressed(program, key, 1).answers], 0.0
    )
    yield Row("to its last item and back", str(ends), "p95 ≤ 16 ms", "", p95(ends.ms) <= 16)


def slow(bench: Bench) -> Iterator[Row]:
    """From a key to the last cell it changes, over a line of 56 kbit/s."""
    command = bench.on(bench.large)
    ways: tuple[tuple[str, list[str], dict[str, str]], ...] = (
        ("as it is", [], {}),
        ("over SSH, which Kith finds slow", [], {"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"}),
        ("--light", ["--light"], {}),
        ("16 colours", [], {"TERM": "xterm", "COLORTERM": ""}),
        ("TERM=screen", [], {"TERM": "screen", "COLORTERM": ""}),
    )
    for name, more, environment in ways:
        with Running([*command[:1], *more, *command[1:]], size=(120, 40), line=_LINE, **environment) as program:
            began = time.perf_counter()
            program.until(b"wait for you")
            first = (time.perf_counter() - began) * 1000
            inbox(program)
            cost = pressed(program, b"j", 12, gap_s=0.1)
            program.settle(1.0)
            page = pressed(program, b"\x1b[6~", 6, gap_s=0.8)
        yield Row(
            f"56 kbit/s, {name}: first words; j; page down",
            f"{first:.0f} ms; {cost}; {page}",
        )
