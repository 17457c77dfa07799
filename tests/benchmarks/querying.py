"""Reads and searches at 10,000 and at 1,000,000 items: the CPU time of each, and SQLite's instructions."""

import time
from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from statistics import median

from community.workspace import Workspace
from generate import LARGE, SMALL, cached
from reads import VIEWS, Read, reads
from storage.database import FILE
from storage.search import Search, quoted
from table import Row, middle, p95

TITLE = "Reads and searches at a million items"
_ROUNDS, _CALLS = 5, 8
_GROUPS = {
    "attention views, any order": tuple(f"is:{view}," for view in VIEWS),
    "everything, any order": ("everything,",),
    "saved queries: open, new, starred, question, reminder, draft": (
        "is:open,", "is:new,", "is:starred,", "has:question,", "has:reminder,", "is:draft,",
    ),
    "saved queries: from, with, source, stage, tag": ("from:", "with:", "source:5,", "stage:", "tag:"),
    "saved queries: words": ("{word}", "{rare}", "zzz", "is:waiting {word}"),
    "people": ("people",),
    "a person's timeline": ("the timeline of",),
    "a person's card": ("the card of",),
    "the numbers in the header": ("the numbers",),
    "articles, desk, outbox": ("articles", "desk", "outbox"),
}  # fmt: skip


def cpu_ms(call: Callable[[], object]) -> float:
    """One call, in milliseconds of CPU."""
    started = time.thread_time()
    call()
    return (time.thread_time() - started) * 1000


def steps(workspace: Workspace, read: Read) -> int:
    """How many instructions SQLite carries out for a read."""
    ticks = [0]

    def tick() -> None:
        ticks[0] += 1

    connection = workspace.store.reader._connection
    connection.set_progress_handler(tick, 100)
    read()
    connection.set_progress_handler(None, 100)
    return ticks[0] * 100


def rows() -> Iterator[Row]:
    """Every group of reads, then the longest thread, then search."""
    small, large = (Workspace.open(cached(size), secrets_in_file=True) for size in (SMALL, LARGE))
    before, after = reads(small), reads(large)
    took: dict[str, list[list[float]]] = {name: [] for name in after if "counted" not in name}
    for _ in range(_ROUNDS):
        for name, rounds in took.items():
            rounds.append([cpu_ms(after[name]) for _ in range(_CALLS)])
    for group, beginnings in _GROUPS.items():
        names = [name for name in took if name.startswith(beginnings)]
        usual, slow = middle([[each for name in names for each in took[name][at]] for at in range(_ROUNDS)])
        most, slowest = max((median(chain(*took[name])), name) for name in names)
        work = max(steps(large, after[name]) for name in names)
        least = max(steps(small, before[name]) for name in names)
        asked = group.startswith(("attention", "saved", "a person's timeline"))
        yield Row(
            group,
            f"{usual:.1f} ms, p95 {slow:.1f} (slowest: {slowest} {most:.1f}); {work:,} steps, {least:,} at 10,000"
            " items",
            "p95 ≤ 5 ms" if asked else "",
            "≤ 1 ms" if asked else "",
            slow <= 5 if asked else None,
        )
    opened = [cpu_ms(lambda: large.conversations.open(LARGE // 2)) for _ in range(5)]
    yield Row(
        "a thread of 10,000 items out of the database", f"{median(opened):.0f} ms",
        "≤ 100 ms with the widget", "≤ 50 ms", median(opened) <= 100,
    )  # fmt: skip
    yield searches(cached(LARGE) / FILE, large)
    for workspace in (small, large):
        workspace.store.reader.close()


def searches(path: Path, workspace: Workspace) -> Row:
    """Every beginning of some words, as they would be typed."""
    text = workspace.conversations.open(LARGE - 7).items[0][0].text.lower().split()
    typed = [word[:length] for word in (*text[:6], " ".join(text[:2])) for length in range(2, len(word) + 1)]
    took = [cpu_ms(lambda words=words: Search(path).find(quoted(words), limit=50)) for words in typed]  # type: ignore[misc]
    return Row(
        f"search as one types, {len(typed)} keys",
        f"{median(took):.1f} ms, p95 {p95(took):.1f}",
        "p95 ≤ 50 ms",
        "≤ 20 ms",
        p95(took) <= 50,
    )
