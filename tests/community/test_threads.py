"""A conversation read by pages is the same as one read whole."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community import threads
from community.model import Item, Node
from community.query import parse
from community.threads import Opened, Pages, in_thread_order
from people_and_words import DAY, HOUR, ME, NOW, Community, author, said
from storage import items


@pytest.fixture
async def town(tmp_path: Path) -> AsyncIterator[Community]:
    """A workspace with one source."""
    made = Community(tmp_path / "work")
    await made.source()
    yield made
    await made.close()


@pytest.fixture
async def long(town: Community, monkeypatch: pytest.MonkeyPatch) -> Opened:
    """A conversation of some hundred items, opened by pages of eight."""
    people = [author(f"Reader {n}") for n in range(7)]
    words = [said(people[0], "The beginning.", id="l0", ago=9 * DAY)]
    for n in range(1, 120):
        who = ME if n % 11 == 0 else people[n % 7]
        words.append(said(who, f"Words {n}.", id=f"l{n}", ago=9 * DAY - n * HOUR, under=f"l{n * 2 // 3}"))
    await town.hear(town.ids["@me@town.example"], words)
    monkeypatch.setattr(threads, "_LONG", 50)
    monkeypatch.setattr(threads, "_PAGE", 8)
    rows = town.workspace.conversations.page(parse("is:any", now=NOW))
    return town.workspace.conversations.open(max(rows, key=lambda row: row.items).id)


pytestmark = pytest.mark.anyio


def whole(town: Community, opened: Opened) -> list[tuple[Item, int]]:
    return in_thread_order(items.of_conversation(town.workspace.store.reader, opened.row.id))


async def test_the_items_are_the_same_from_any_end(town: Community, long: Opened) -> None:
    expected = whole(town, long)
    assert isinstance(long.items, Pages)
    assert len(long.items) == len(expected) == 120
    assert long.items[-1] == expected[-1]
    assert long.items[57] == expected[57]
    assert list(long.items[10:13]) == expected[10:13]
    assert list(long.items) == expected
    assert long.item(expected[33][0].id) == expected[33][0]
    assert long.item(999_999) is None


async def test_opening_reads_the_words_of_one_page(town: Community, long: Opened) -> None:
    assert isinstance(long.items, Pages)
    assert not long.items._read
    begins = long.begins_at()
    assert begins is not None
    assert 0 < len(long.items._read) <= 8


async def test_what_to_answer_and_where_to_begin_is_the_same(town: Community, long: Opened) -> None:

    eager = long._replace(items=tuple(whole(town, long)))
    assert long.answerable() == eager.answerable()
    assert long.begins_at() == eager.begins_at()
    seen = long.row._replace(attention="reading", seen_item_id=eager.items[60][0].id)
    assert long._replace(row=seen).begins_at() == eager._replace(row=seen).begins_at()


async def test_an_item_that_was_removed_meanwhile_says_so(town: Community, long: Opened) -> None:
    assert isinstance(long.items, Pages)
    gone = long.items.nodes[70][0]._replace(id=987_654)
    pages = Pages(town.workspace.store.reader, [gone])
    assert pages[0][0].status == "deleted"
    assert pages[0][0].text == ""


async def test_a_circle_of_answers_is_walked_once(town: Community, long: Opened) -> None:
    one, two, three = (each for each, _ in whole(town, long)[:3])
    circle = [one._replace(parent_remote_id=two.remote_id), two._replace(parent_remote_id=one.remote_id), three]
    assert sorted(each.id for each, _ in in_thread_order(circle)) == sorted(each.id for each in circle)


@given(st.lists(st.integers(-3, 40), max_size=40))
def test_one_pass_puts_a_thread_in_the_same_order_as_the_long_way(back: list[int]) -> None:
    """Of each item how far back the one stands that it answers; below 1 it answers none, or a later one."""
    found = [
        Node(at, f"r{at}", f"r{at - by}" if by else None, at, mine=0, to_me=0, status="published")
        for at, by in enumerate(back)
    ]
    parents = [at - by if by and 0 <= at - by < len(found) else -1 for at, by in enumerate(back)]
    assert in_thread_order(found) == threads._wherever(found, parents)
