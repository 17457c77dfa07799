"""What a key press costs in a small and in a large workspace, side by side: `make bench` prints the table.

Times are medians of interleaved rounds in one process; the ratio is what counts, not the milliseconds.
"""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from community.model import NEWEST
from community.query import parse
from community.workspace import Workspace
from generate import LARGE, NOW, SMALL, cached

ROUNDS = 30


def measures(workspace: Workspace, size: int) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    waiting, everything = parse("is:waiting", now=NOW), parse("", now=NOW)
    people = parse("", now=NOW, target="people")
    return {
        "open the workspace": lambda: opened_and_closed(workspace.directory),
        "first page of who waits": lambda: workspace.conversations.page(waiting),
        "last page of everything": lambda: workspace.conversations.page(everything, order=NEWEST, forward=False),
        "open a conversation": lambda: workspace.conversations.open(size // 2 + 1),
        "open the longest conversation": lambda: workspace.conversations.open(size // 2),
        "the numbers in the header": workspace.conversations.counts,
        "first page of people": lambda: workspace.people.page(people, limit=100),
        "a person's card": lambda: workspace.people.card(5),
    }


def opened_and_closed(directory: Path) -> None:
    """Open a workspace as a start does."""
    Workspace.open(directory, secrets_in_file=True).store.reader.close()


def elapsed_ms(call: Callable[[], object]) -> float:
    """One timed call, in milliseconds."""
    started = time.perf_counter()
    call()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Measure both workspaces in turns, print the table."""
    opened = {size: measures(Workspace.open(cached(size), secrets_in_file=True), size) for size in (SMALL, LARGE)}
    print(f"{'':32}{SMALL:>10,}{LARGE:>10,}     ratio   (ms, median of {ROUNDS})")
    for name in opened[SMALL]:
        rounds = [(elapsed_ms(opened[SMALL][name]), elapsed_ms(opened[LARGE][name])) for _ in range(ROUNDS)]
        small, large = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"{name:32}{small:10.2f}{large:10.2f}{large / small:10.2f}")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
