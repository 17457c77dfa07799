"""`make bench`: every table in one go, printed as it grows and kept in RESULTS.md.

A part is a module beside this one with `TITLE` and `rows()`. Name parts to run only these.
"""

import compileall
import importlib
import os
import platform
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import generate
from generate import LARGE, SMALL
from table import p95

PARTS = ("querying", "syncing", "pressing", "reading", "meanwhile")
_PACKAGES = ("tui", "community", "storage", "themes")
RESULTS = Path(__file__).with_name("RESULTS.md")


def busy() -> str:
    """How many processors are busy with other work."""
    return ", ".join(f"{load:.1f}" for load in os.getloadavg())


def steadiness() -> str:
    """What this machine makes of the same arithmetic, begun now and then as the work for a key is."""
    took: list[float] = []
    for _ in range(100):
        time.sleep(0.05)
        began = time.perf_counter()
        sum(number * number for number in range(50_000))
        took.append((time.perf_counter() - began) * 1000)
    return f"{median(took):.1f} ms, p95 {p95(took):.1f}, at most {max(took):.1f}"


def main(wanted: list[str]) -> None:
    """Print and keep everything."""
    before, steady = busy(), steadiness()
    told: list[str] = []
    here = Path(__file__).parent
    for each in _PACKAGES:  # as an installer does
        compileall.compile_dir(here.parents[1] / each, quiet=1)
    for size in (SMALL, LARGE):  # in a process of its own: what is measured is begun from a small one
        subprocess.run([sys.executable, generate.__file__, str(size)], stdout=subprocess.DEVNULL, check=True)
    for part in wanted or [each for each in PARTS if (here / f"{each}.py").exists()]:
        module = importlib.import_module(part)
        told += [f"## {module.TITLE}", "", "| what | measured | must | aim | |", "|---|---|---|---|---|"]
        print(*told[-4:], sep="\n", flush=True)
        for row in module.rows():
            told.append(row.line())
            print(told[-1], flush=True)
        told.append("")
    head = [
        "# What was measured",
        "",
        f"{datetime.now(UTC):%Y-%m-%d}, {os.cpu_count()} processors ({platform.machine()}), Python"
        f" {platform.python_version()}, SQLite {sqlite3.sqlite_version}.",
        f"Load of the machine before: {before}; after: {busy()}. Above the number of processors, trust only ratios and"
        f" counted work. A few milliseconds of arithmetic, begun a hundred times before: {steady}.",
        "Reads, and keys whose p95 is told, came in three to five rounds spread over their part, in turns with what"
        " they are compared with, and with the key of a bare Textual program: what is told is the median over rounds of"
        " each round's median and p95. Where the bare p95 is far from the bare median, a neighbour had the processor.",
        "`make bench` writes this file; docs/speed.md says what stands in the way of the rest.",
        "",
    ]
    RESULTS.write_text("\n".join(head + told))


if __name__ == "__main__":
    main(sys.argv[1:])
