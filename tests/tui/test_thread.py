"""The reading pane: the tree, its guides, folding, length, and a thread of ten thousand."""

import pytest
from textual.app import App, ComposeResult

from community.model import Item
from community.threads import in_thread_order
from on_screen import place, press, running, settled, shown
from people_and_words import DAY, HOUR, Community, author, said
from tui.screens.inbox import Inbox
from tui.widgets.thread import Thread
from tui.widgets.thread_layout import DEEPEST, Entries, with_branches

pytestmark = pytest.mark.anyio


def item(number: int, under: int | None = None, **more: object) -> Item:
    values: dict[str, object] = {
        "id": number, "source_id": 1, "conversation_id": 1, "remote_id": str(number),
        "parent_remote_id": None if under is None else str(under), "kind": "comment", "status": "published", "to_me": 0,
        "mine": 0, "title": "", "text": f"words {number}", "permalink": None, "created_at": number, "edited_at": None,
        "author_id": 1, "person_id": 1, "handle": "h", "name": "Name", "url": None, "stage": "stranger",
    }  # fmt: skip
    return Item(**(values | more))  # type: ignore[arg-type]


def drawn(*items: Item) -> list[str]:
    """The tree in two letters an entry: a corner or a branch, with the lines that pass."""
    found = Entries(in_thread_order(items))
    return [
        "".join("|" if entry.guides & (1 << deep) else "." for deep in range(1, entry.depth))
        + ("" if entry.depth == 0 else "L" if entry.last else "+")
        for entry in found
    ]


def test_guides_run_past_what_hangs_between_siblings() -> None:
    assert drawn(item(1), item(2, 1), item(3, 2), item(4, 1), item(5, 4), item(6, 5)) == [
        "",
        "+",
        "|L",
        "L",
        ".L",
        "..L",
    ]


def test_items_without_a_parent_stand_at_the_edge() -> None:
    assert drawn(item(1), item(2), item(3)) == ["", "", ""]


def test_a_deep_chain_is_drawn_no_deeper_than_fits() -> None:
    chain = [item(1), *(item(n, n - 1) for n in range(2, 3000))]
    found = Entries(in_thread_order(chain))
    assert max(entry.depth for entry in found) == DEEPEST
    assert len(found) == 2999


def test_folding_hides_what_hangs_below_and_counts_it() -> None:
    order = in_thread_order([item(1), item(2, 1), item(3, 2), item(4, 1)])
    assert with_branches(order) == {1, 2}
    found = Entries(order, folded={2})
    assert [(found.key(at)[1], entry.folded) for at, entry in enumerate(found)] == [(1, 0), (2, 1), (4, 0)]
    found = Entries(order, folded={1})
    assert [(found.key(at)[1], entry.folded) for at, entry in enumerate(found)] == [(1, 3)]


async def test_mine_new_and_states_are_said_in_words(town: Community) -> None:
    fedi = town.ids["@me@town.example"]
    await town.hear(fedi, [said(author("Gone"), "secret words", id="g1", ago=HOUR, under="r2")])
    await town.hear(fedi, [], gone=["g1"])
    async with running(town, size=(120, 40)) as (app, pilot):
        await press(pilot, "j")
        await pilot.pause(0.2)
        text = shown(app)
        assert "▌You" in text
        assert "● new" in text
        assert "deleted there" in text
        assert "└ Jon Adeyemi" in text


async def test_the_cursor_walks_the_items_and_a_reply_goes_to_the_one_under_it(town: Community) -> None:
    async with running(town, size=(120, 40)) as (app, pilot):
        await press(pilot, "j")
        await pilot.pause(0.2)
        await press(pilot, "l", "j", "r", "x")
        assert "replying as @me to Kemi O." in shown(app)


async def test_folding_by_key(town: Community) -> None:
    async with running(town, size=(120, 40)) as (app, pilot):
        await press(pilot, "j")
        await pilot.pause(0.2)
        await press(pilot, "l", "g", "g", "z", "a")
        assert "2 replies folded" in shown(app)
        await press(pilot, "z", "R")
        assert "Same question here." in shown(app)
        await press(pilot, "z", "M")
        assert "Same question here." not in shown(app)


async def test_a_long_item_is_cut_and_shown_whole_on_request(town: Community) -> None:
    fedi = town.ids["@me@town.example"]
    await town.hear(fedi, [said(author("Long"), "@me " + "word " * 8000, id="long", ago=20 * DAY)])
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "enter")
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        inbox.thread.last()
        inbox.thread.page(1000)
        await pilot.pause()
        assert "kB more: Enter shows all of it." in shown(app)
        await press(pilot, "enter")
        inbox.thread.page(10_000)
        await pilot.pause()
        assert "kB more" not in shown(app)


async def test_what_comes_in_while_reading_moves_nothing(town: Community) -> None:
    async with running(town, size=(120, 40)) as (app, pilot):
        await press(pilot, "j")
        await pilot.pause(0.2)
        await press(pilot, "l", "j")
        before = [line[50:] for line in shown(app).split("\n")[2:11]]
        await town.hear(town.ids["@me@town.example"], [said(author("Late"), "Me too.", id="late", ago=5, under="r3")])
        place(app).poll()
        await settled(pilot)
        after = [line[50:] for line in shown(app).split("\n")[2:11]]
        assert before[3:] == after[3:]
        inbox = app.screen
        assert isinstance(inbox, Inbox)
        assert inbox.thread.item is not None
        assert inbox.thread.item.name == "Kemi O."


class _Alone(App[None]):
    def __init__(self) -> None:
        super().__init__()
        self.thread = Thread(now=lambda: 10_000, stages={})

    def compose(self) -> ComposeResult:
        yield self.thread


async def test_ten_thousand_items_are_laid_out_only_where_one_looks(town: Community) -> None:

    opened = town.workspace.conversations.open(1)
    many = in_thread_order([item(1), *(item(n, n // 2, text="several words " * 20) for n in range(2, 10_001))])
    app = _Alone()
    async with app.run_test(size=(100, 30)) as pilot:
        await pilot.pause()
        app.thread.show(opened._replace(items=tuple(many)))
        await pilot.pause()
        assert len(app.thread.text._laid) < 60
        app.thread.last()
        app.thread.move(-5)
        assert len(app.thread.text._laid) < 120
        assert app.thread.item is not None
