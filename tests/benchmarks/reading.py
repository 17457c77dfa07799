"""Reading a thread of ten thousand items, and all of Kith over a line of 56 kbit/s, on real terminals."""

import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from generate import LARGE
from pressing import Bench, Cost, Rounds, pressed, quiet_copy, slowest
from storage.database import FILE
from table import Row
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
        with Running(bench.hello) as hello, Running(bench.on(directory)) as program:
            hello.until(b"hello world")
            program.until(b"wait for you")
            inbox(program)
            yield from long_thread(program, hello)
        yield from slow(bench)


def inbox(program: Running) -> None:
    """To the list of those who wait."""
    program.settle(2.5)
    for key in b"gi":
        program.press(bytes([key]))
    program.settle(1.0)


def long_thread(program: Running, hello: Running) -> Iterator[Row]:
    """The thread is the first of the list: coming to it from the second opens it."""
    opened = Cost()
    for _ in range(6):
        program.press(b"j", 1.0)
        opened.press(program, [b"k"], quiet_s=1.0)
    yield Row("opening a thread of 10,000 items", str(opened), "≤ 100 ms", "≤ 50 ms", opened.ms[0] <= 100)
    program.press(b"\r")
    program.settle(1.0)
    bare, down, page, ends = (Cost() for _ in range(4))
    rounds = Rounds((bare,), (down, page, ends))
    for _ in rounds:
        bare.press(hello, [b"j"] * _KEYS)
        down.press(program, [b"j"] * _KEYS)
        page.press(program, [b"\x1b[6~"] * _KEYS)
        ends.press(program, [b"G", b"\x1b[H"] * (_KEYS // 4))
    for what, cost in (("j in it", down), ("page down in it", page), ("to its last item and back", ends)):
        yield slowest(what, cost, bare, 16, "")
    yield rounds.row()


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
