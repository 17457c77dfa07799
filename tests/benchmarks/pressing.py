"""What a person feels: starting, moving, opening, resting, all on real terminals, beside a bare Textual program.

Each program runs in a pseudo-terminal; what is compared was measured in turns, what has a p95 in rounds with the bare
program's key in each. The workspaces are copies whose sources
are paused, so that no sync runs while a key is timed.
"""

import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from generate import LARGE, SMALL, cached
from rivals import LINES, neomutt, newsboat
from storage.database import FILE
from table import Row, middle, p95
from terminals import QUIET_S, Answer, Running

TITLE = "On a terminal of 120×40"
HELLO = """
from textual.app import App
from textual.widgets import Static
class Hello(App):
    BINDINGS = [("j", "count", "j")]
    number = 0
    def compose(self):
        yield Static("hello world")
    def action_count(self):
        self.number += 1
        self.query_one(Static).update(f"hello {self.number}")
Hello().run()
"""
_STARTS, _KEYS, _IDLE_S = 7, 60, 30
_ROUNDS, _OFTEN, _SELDOM = 5, 40, 20
_CALM_S = 0.15
"""So long after an answer the next key is pressed where the conversation follows: it waits while keys repeat."""
_LIMIT_MS = 16
_DOWN, _PAGE_DOWN, _HOME = b"\x1bOB", b"\x1b[6~", b"\x1b[H"
_NEWSBOAT_BYTES = 250
"""What newsboat writes for a j, where it is not installed."""

median = statistics.median


class Cost:
    """What a key cost, pressed a number of times in each of some rounds."""

    def __init__(self) -> None:
        self.rounds: list[list[Answer]] = []
        self._cpu_ms: list[float] = []

    def press(self, program: Running, keys: Sequence[bytes], *, gap_s: float = 0.0, quiet_s: float = QUIET_S) -> None:
        """One more round of these keys; each is answered when nothing has come for so long."""
        before = program.cpu_ms()
        answers: list[Answer] = []
        for key in keys:
            answers.append(program.press(key, quiet_s))
            time.sleep(gap_s)
        self.rounds.append(answers)
        self._cpu_ms.append((program.cpu_ms() - before) / len(keys))

    def forget(self) -> None:
        """The last round says nothing."""
        del self.rounds[-1], self._cpu_ms[-1]

    @property
    def ms(self) -> tuple[float, float]:
        """Milliseconds, and the p95 of them; see `middle`."""
        return middle([[each.ms for each in answers] for answers in self.rounds])

    @property
    def cpu_ms(self) -> float:
        """Processor time of one key."""
        return median(self._cpu_ms)

    @property
    def bytes(self) -> float:
        """The usual number of bytes."""
        return median(each.bytes for answers in self.rounds for each in answers)

    def __str__(self) -> str:
        usual, slow = self.ms
        return f"{usual:.1f} ms, p95 {slow:.1f}; {self.bytes:.0f} bytes, {self.cpu_ms:.1f} ms CPU"

    def beside(self, bare: "Cost") -> str:
        """The same, with what the bare program's key took in the same rounds."""
        usual, slow = bare.ms
        return f"{self} (bare: {usual:.1f} ms, p95 {slow:.1f})"


class Rounds:
    """Rounds in which keys are pressed, the bare program's beside the others.

    One in which the bare program itself misses the limit belonged to a neighbour of this machine: it is forgotten,
    and measured again, at most as often as there are rounds.
    """

    def __init__(self, bare: Sequence[Cost], others: Sequence[Cost]) -> None:
        self.again = 0
        self._bare = bare
        self._all = (*bare, *others)

    def __iter__(self) -> Iterator[int]:
        """The number of each, from 0; every cost is given one more round in each."""
        at = 0
        while at - self.again < _ROUNDS:
            yield at
            at += 1
            if self.again < _ROUNDS and any(
                p95([each.ms for each in cost.rounds[-1]]) > _LIMIT_MS for cost in self._bare
            ):
                self.again += 1
                for cost in self._all:
                    cost.forget()

    def row(self) -> Row:
        """How many were measured again."""
        return Row(f"rounds measured again: the bare program's own p95 was above {_LIMIT_MS} ms", str(self.again))


class Bench:
    """The programs that are compared."""

    def __init__(self, home: Path) -> None:
        self.kith = str(Path(sys.executable).with_name("kith"))
        self.large = quiet_copy(cached(LARGE), home / "large")
        self.small = quiet_copy(cached(SMALL), home / "small")
        (home / "hello.py").write_text(HELLO)
        self.hello = [sys.executable, str(home / "hello.py")]

    def on(self, directory: Path) -> list[str]:
        """Kith on a workspace."""
        return [self.kith, "--workspace", str(directory)]


def quiet_copy(original: Path, directory: Path) -> Path:
    """A workspace to write into, whose sources nobody syncs while it is measured."""
    directory.mkdir(mode=0o700)
    shutil.copy(original / FILE, directory / FILE)
    connection = sqlite3.connect(directory / FILE, isolation_level=None)
    connection.execute("UPDATE source SET state = 'paused'")
    connection.close()
    return directory


def rows() -> Iterator[Row]:
    """Starting, keys, memory, resting; newsboat and neomutt; then the commands a status bar calls."""
    with tempfile.TemporaryDirectory() as here:
        home = Path(here)
        bench = Bench(home)
        yield from starts(bench)
        with newsboat(home) as other:
            yield from keys(bench, pressed(other, _DOWN, _KEYS) if other is not None else None)
        with neomutt(home) as mutt:
            told = str(pressed(mutt, b"j", _KEYS)) if mutt is not None else "not installed"
            yield Row(f"j in neomutt, {LINES:,} messages", told)
        yield from commands(bench)


def starts(bench: Bench) -> Iterator[Row]:
    """From the command to the first rows, and to the first key that is answered."""
    paint: dict[str, list[float]] = {"hello": [], "large": [], "small": []}
    moved: list[float] = []
    opened: list[float] = []
    memory: list[float] = []
    for _ in range(_STARTS):
        for name, command, words in (
            ("hello", bench.hello, b"hello world"),
            ("large", bench.on(bench.large), b"wait for you"),
            ("small", bench.on(bench.small), b"wait for you"),
        ):
            with Running(command) as program:
                paint[name].append(program.until(words))
                if name == "large":
                    program.settle(0.03)  # what was painted is all there; the next cell that changes is the answer
                    moved.append(program.answered(b"j"))
                    program.settle(2.0)
                    memory.append(program.memory_mb())
        with Running(bench.on(bench.large)) as program:
            program.until(b"wait for you")
            program.settle(0.03)
            opened.append(program.answered(b"\r"))
    hello, large, small, key, other = (median(each) for each in (*paint.values(), moved, opened))
    yield Row("first paint of a bare Textual program", f"{hello:.0f} ms")
    yield ratio("first paint", large, hello, 1.25, "≤ 0.3×")
    yield ratio("first paint, against 10,000 items", large, small, 1.1, "1.0×")
    yield ratio("first key answered, against the paint of the bare program", key, hello, 1.3, "1.1×")
    yield Row("a key that opens something, pressed as early", f"{other / hello:.2f}× ({other:.0f} ms)")
    most = median(memory)
    yield Row("memory after the first paint", f"{most:.0f} MB", "≤ 70 MB", "≤ 45 MB", most <= 70)


def ratio(what: str, value: float, beside: float, most: float, aim: str) -> Row:
    """A duration as a multiple of another."""
    times = value / beside
    return Row(what, f"{times:.2f}× ({value:.0f} ms)", f"≤ {most}×", aim, times <= most)


def pressed(program: Running, key: bytes, times: int, *, gap_s: float = 0.0) -> Cost:
    """What a key costs in one round."""
    cost = Cost()
    cost.press(program, [key] * times, gap_s=gap_s)
    return cost


def keys(bench: Bench, other: Cost | None) -> Iterator[Row]:
    """Moving about; `other` is what newsboat's key costs."""
    with (
        Running(bench.hello) as hello,
        Running(bench.on(bench.large)) as wide,
        Running(bench.on(bench.large), (80, 24)) as narrow,
    ):
        hello.until(b"hello world")
        for program in (wide, narrow):
            program.until(b"wait for you")
            program.settle(2.5)
            for key in b"gi":
                program.press(bytes([key]))
            program.settle()
        bare, calm, down, up, both, page, ends = (Cost() for _ in range(7))
        rounds = Rounds((bare, calm), (down, up, both, page, ends))
        for at in rounds:
            if at == _ROUNDS // 2:
                yield resting(wide)
            bare.press(hello, [b"j"] * _OFTEN)
            down.press(narrow, [b"j"] * _OFTEN)
            up.press(narrow, [b"k"] * _OFTEN)
            calm.press(hello, [b"j"] * _OFTEN, gap_s=_CALM_S)
            both.press(wide, [b"j"] * _OFTEN, gap_s=_CALM_S)
            page.press(wide, [_PAGE_DOWN] * _SELDOM)
            _everything(narrow)
            ends.press(narrow, [b"G", _HOME] * (_SELDOM // 2))
            _everything(narrow, back=True)
        yield rounds.row()
        yield Row("a key of the bare program", str(bare))
        yield Row(f"the same, {_CALM_S * 1000:.0f} ms after the last was answered", str(calm))
        yield moved("j in the list alone, 80×24", down, bare, 1.3, "≤ 0.9×")
        yield moved("k in the list alone, 80×24", up, bare, 1.3, "≤ 0.9×")
        yield moved("j with the conversation following, at that pace", both, calm, 2.0, "≤ 1.1×")
        yield from beside(down, both, other)
        yield slowest("page down", page, bare)
        yield slowest("to the last of all conversations and back", ends, bare)
        most = max(wide.memory_mb(), narrow.memory_mb())
        yield Row("memory after browsing", f"{most:.0f} MB", "≤ 100 MB", "≤ 64 MB", most <= 100)


def _everything(program: Running, *, back: bool = False) -> None:
    """To the list of all conversations, or back to those who wait."""
    for key in b"gi" if back else b"ga":
        program.press(bytes([key]))
    program.settle()


def moved(what: str, cost: Cost, bare: Cost, most: float, aim: str) -> Row:
    """A key against that of the bare program."""
    (usual, slow), (other, other_slow) = cost.ms, bare.ms
    times = usual / other
    measured = f"{times:.2f}×: {cost} (bare: p95 {other_slow:.1f})"
    return Row(what, measured, f"≤ {most}×, p95 ≤ {_LIMIT_MS} ms", aim, times <= most and slow <= _LIMIT_MS)


def beside(alone: Cost, both: Cost, other: Cost | None) -> Iterator[Row]:
    """Bytes and work against newsboat."""
    usual = other.bytes if other is not None and other.bytes > 100 else _NEWSBOAT_BYTES
    times = alone.bytes / usual
    yield Row("bytes of j, list alone", f"{alone.bytes:.0f} ({times:.2f}×)", "≤ 2×", "≤ 1.05×", times <= 2)
    size = both.bytes
    yield Row("bytes of j with the conversation", f"{size:.0f}", "≤ 2,500", "≤ 1,200", size <= 2500)
    if other is None:
        yield Row("newsboat", "not installed")
        return
    share = alone.cpu_ms / other.cpu_ms
    yield Row(f"j in newsboat, {LINES:,} articles", str(other))
    yield Row("CPU of j against newsboat's", f"1/{1 / share:.1f}", "≤ 1/5", "≤ 1/25", share <= 1 / 5)


def slowest(what: str, cost: Cost, bare: Cost, most: int = 30, aim: str = "≤ 16 ms") -> Row:
    """A key that shows other rows."""
    return Row(what, cost.beside(bare), f"p95 ≤ {most} ms", aim, cost.ms[1] <= most)


def resting(program: Running) -> Row:
    """What it costs to do nothing."""
    program.settle(2.0)
    before, came, began = program.cpu_ms(), program.received, time.perf_counter()
    while time.perf_counter() - began < _IDLE_S:
        program.settle(1.0)
    share, sent = (program.cpu_ms() - before) / ((time.perf_counter() - began) * 10), program.received - came
    measured = f"{sent} bytes, {share:.2f} % CPU"
    return Row(f"resting for {_IDLE_S} s", measured, "0 bytes, ≤ 0.3 %", "≤ 0.1 %", sent == 0 and share <= 0.3)


def commands(bench: Bench) -> Iterator[Row]:
    """What a status bar pays."""
    called = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "`kith --help`": [bench.kith, "--help"],
        "`kith status`": [*bench.on(bench.large), "status"],
    }
    took: dict[str, list[float]] = {name: [] for name in called}
    for _ in range(_STARTS * 2):
        for name, command in called.items():
            began = time.perf_counter()
            subprocess.run(command, stdout=subprocess.DEVNULL, check=False)
            took[name].append((time.perf_counter() - began) * 1000)
    least, *others = ((name, median(times)) for name, times in took.items())
    for name, usual in others:
        yield ratio(f"{name} against {least[0]}", usual, least[1], 2.5, "≤ 1.5×")
