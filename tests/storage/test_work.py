"""What a read or a write costs does not grow with what is stored: counted in work, never in time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from community.workspace import Workspace
from fakes import NOW, add_source, arrive, comment
from generate import LARGE, SMALL, cached, generate
from reads import QUERIES, Read, reads
from storage import listing, said, ways
from storage.database import FILE

pytestmark = pytest.mark.anyio

_EVERY = 100
_GROWS = {
    "sources": "one line for each source",
}
"""What does grow, and why that is so."""


def steps(workspace: Workspace, read: Read) -> int:
    """How many instructions SQLite carries out for a read."""
    ticks = 0

    def tick() -> None:
        nonlocal ticks
        ticks += 1

    connection = workspace.store.reader._connection
    connection.set_progress_handler(tick, _EVERY)
    try:
        read()
    finally:
        connection.set_progress_handler(None, _EVERY)
    return ticks * _EVERY


@pytest.fixture(scope="module")
def sizes(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, Workspace]]:
    """The same town, small and four times as large."""
    made = []
    for conversations in (100, 400):
        directory = tmp_path_factory.mktemp("work") / "work"
        directory.mkdir(mode=0o700)
        generate(directory, conversations=conversations, longest=20)
        made.append(Workspace.open(directory, secrets_in_file=True))
    yield made[0], made[1]
    for workspace in made:
        workspace.store.reader.close()


VIEWS = [
    f"{view}, {order}"
    for view in ("is:waiting", "is:reading", "is:answered", "is:done", "everything")
    for order in ("by weight", "newest", "oldest")
]
PAGES = ["people", "the numbers in the header", "open a conversation", "the last page", "a page in the middle",
         "the second page", "what has arrived", "promises", "desk pending", "articles"]  # fmt: skip


def test_a_page_costs_the_same_in_a_workspace_four_times_as_large(sizes: tuple[Workspace, Workspace]) -> None:
    small, large = sizes
    before, after = reads(small, limit=4), reads(large, limit=4)
    for name in VIEWS + PAGES:
        assert steps(large, after[name]) <= steps(small, before[name]) * 2 + 1500, name


def test_a_page_of_a_query_costs_the_same_in_a_workspace_four_times_as_large(
    sizes: tuple[Workspace, Workspace], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (ways, listing):
        monkeypatch.setattr(module, "FEW", 8)
    monkeypatch.setattr(said, "_RARE", 8)
    small, large = sizes
    before, after = reads(small, limit=4), reads(large, limit=4)
    for name in (f"{query}, {order}" for query in QUERIES if query for order in ("by weight", "newest", "oldest")):
        assert steps(large, after[name]) <= max(steps(small, before[name]) * 2, 6000), name


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_no_read_of_a_million_items_works_longer_than_a_key_press_may_wait() -> None:
    small, large = (Workspace.open(cached(size), secrets_in_file=True) for size in (SMALL, LARGE))
    try:
        after = reads(large)
        slow = {name: cost for name, read in after.items() if (cost := steps(large, read)) > 250_000}
        assert set(slow) <= set(_GROWS), slow
        plain = reads(small)
        for name in VIEWS:
            assert steps(large, after[name]) <= max(steps(small, plain[name]) * 3, 10_000), name
    finally:
        small.store.reader.close()
        large.store.reader.close()


@dataclass
class Cost:
    """What storing something took."""

    statements: int
    bytes_written: int


async def stored(directory: Path, first: int) -> Cost:
    """What ten comments in ten conversations take."""
    workspace = Workspace.open(directory, secrets_in_file=True, now=lambda: NOW)
    try:
        source = await add_source(workspace, f"Source {first}")
        database = await workspace.store.database()
        seen: list[str] = []
        await database._connection.set_trace_callback(seen.append)
        log = directory / f"{FILE}-wal"
        before = log.stat().st_size
        await arrive(workspace, source, *(comment(str(first + each), "Ann", "A word or two") for each in range(10)))
        await database._connection.set_trace_callback(None)  # type: ignore[arg-type]
        return Cost(len([each for each in seen if not each.startswith("--")]), log.stat().st_size - before)
    finally:
        await workspace.close()


async def test_storing_costs_the_same_whatever_is_there(tmp_path: Path) -> None:
    costs = []
    for conversations in (20, 400):
        directory = tmp_path / str(conversations)
        directory.mkdir(mode=0o700)
        generate(directory, conversations=conversations, longest=20)
        costs.append(await stored(directory, 1000))
    small, large = costs
    assert large.statements <= small.statements
    assert large.bytes_written <= small.bytes_written * 2
