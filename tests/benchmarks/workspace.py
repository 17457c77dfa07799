"""What a key press costs in a small and in a large workspace, side by side: `make bench` prints the table.

Times are medians of interleaved rounds in one process; the ratio is what counts, not the milliseconds.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from community.model import NEWEST
from community.query import parse
from community.workspace import Workspace
from generate import NOW, generate

SMALL, LARGE = 2_000, 50_000
ROUNDS = 30


def measures(workspace: Workspace, size: int) -> dict[str, Callable[[], object]]:
    """What is measured, by name."""
    waiting, everything = parse("is:waiting", now=NOW), parse("", now=NOW)
    people = parse("", now=NOW, target="people")
    return {
        "open the workspace": lambda: opened_and_closed(workspace.directory),
        "first page of who waits": lambda: workspace.conversations.page(waiting),
        "last page of everything": lambda: workspace.conversations.page(everything, order=NEWEST, forward=False),
        "open a conversation": lambda: workspace.conversations.open(size // 2),
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
    """Generate both workspaces, measure them in turns, print the table."""
    with tempfile.TemporaryDirectory() as here:
        opened = {}
        for size in (SMALL, LARGE):
            directory = Path(here) / str(size)
            generate(directory, conversations=size)
            workspace = Workspace.open(directory, secrets_in_file=True)
            opened[size] = measures(workspace, size)
        print(f"{'':28}{SMALL:>10,}{LARGE:>10,}     ratio   (ms, median of {ROUNDS})")
        for name in opened[SMALL]:
            rounds = [(elapsed_ms(opened[SMALL][name]), elapsed_ms(opened[LARGE][name])) for _ in range(ROUNDS)]
            small, large = (statistics.median(column) for column in zip(*rounds, strict=True))
            print(f"{name:28}{small:10.2f}{large:10.2f}{large / small:10.2f}")
            sys.stdout.flush()


if __name__ == "__main__":
    main()
