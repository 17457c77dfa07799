"""Search takes titles first of a few hits, the newest of many, and ends when nobody waits for it."""

import asyncio
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from community.workspace import Workspace
from fakes import add_source, arrive, comment
from generate import LARGE, cached
from storage.database import FILE
from storage.errors import StorageError
from storage.search import Search, quoted

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("typed", "match"),
    [
        ("a", '"a"'),
        ("ab", '"ab"*'),
        ("one b", '"one" "b"'),
        ("one tw", '"one" "tw"*'),
        ('"one two"', '"one two"'),
        ("字", '"字"*'),
        ("!", ""),
    ],
)
def test_the_last_word_is_a_beginning_unless_it_is_one_letter(typed: str, match: str) -> None:
    assert quoted(typed) == match


async def test_of_a_few_hits_those_in_titles_come_first_then_the_newest(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "Something about tulips"))
    await arrive(workspace, source, comment("2", "Ben", "Nothing of the kind", title="Tulips, tulips"))
    await arrive(workspace, source, comment("3", "Cy", "Long words on many other things, and one on tulips at the end"))
    hits = await workspace.search("tulips")
    assert [hit.who for hit in hits] == ["Ben", "Cy", "Ann"]
    assert hits[0].snippet == "Nothing of the kind"
    assert "\2tulips\3" in hits[1].snippet
    assert [hit.who for hit in await workspace.search("tulips kind")] == ["Ben"]
    assert [hit.who for hit in await workspace.search("tulips", limit=2)] == ["Ben", "Cy"]


async def test_hits_stand_in_the_order_they_were_written_whenever_they_came(workspace: Workspace) -> None:
    source = await add_source(workspace)
    for name, at in (("Ann", 300), ("Ben", 100), ("Cy", 200)):
        await arrive(workspace, source, comment(name, name, "Much the same", at=at))
    assert [hit.who for hit in await workspace.search("same")] == ["Ann", "Cy", "Ben"]


async def test_of_many_hits_the_newest_come_first(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.search._FEW", 3)
    source = await add_source(workspace)
    await arrive(workspace, source, *(comment(str(each), f"P{each}", "Much the same") for each in range(6)))
    assert [hit.who for hit in await workspace.search("same", limit=2)] == ["P5", "P4"]


async def test_a_search_that_was_given_up_finds_nothing(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "Words"))
    looking = Search(workspace.directory / FILE)
    looking.give_up()
    assert looking.find(quoted("words")) == []


async def test_a_search_nobody_waits_for_ends(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    began, ended = threading.Event(), threading.Event()

    def find(self: Search, match: str, *, limit: int) -> None:
        began.set()
        while not self._given_up:
            time.sleep(0.001)
        ended.set()

    monkeypatch.setattr(Search, "find", find)
    task = asyncio.create_task(workspace.search("words"))
    await asyncio.to_thread(began.wait, 5)
    task.cancel()
    assert await asyncio.to_thread(ended.wait, 5)


@pytest.fixture
def million() -> Iterator[Path]:
    """The large workspace."""
    yield cached(LARGE) / FILE


@pytest.mark.long
@pytest.mark.timeout(1200)
def test_a_running_search_is_interrupted_within_a_moment(million: Path) -> None:
    looking = Search(million)
    threading.Timer(0.05, looking.give_up).start()
    started = time.monotonic()
    with pytest.raises(StorageError):
        looking.find('"a"* OR "b"* OR "c"* OR "d"*')
    assert time.monotonic() - started < 2
