"""What holds in every one of these places: any size, any words, the mouse, and plain terminals."""

import pytest

from community.query import Query
from community.sources.base import ItemKind, ItemStatus
from on_screen import lines, place, press, running, settled, shown
from people_and_words import DAY, HOUR, Community, author, said
from tui.screens.people import People
from tui.screens.person import PersonPage

pytestmark = pytest.mark.anyio

EVIL = "[/b] [@click=app.quit]x[/] \x1b[31m\x1b]52;c;aGk=\x07 \x9b2J \u202eabc \ud800 👨‍👩‍👧 e" + "\u0301" * 30
WAYS = {
    "people": ("g", "p"),
    "feeds": ("g", "f"),
    "desk": ("g", "c"),
    "outbox": ("g", "x"),
    "sources": ("g", "m"),
    "history": ("U",),
    "search": ("slash",),
    "help": ("question_mark",),
}


async def poison(town: Community) -> int:
    """Hostile words in every field; the id of the person who says them."""
    evil = author(EVIL, network="wordpress:evil")
    await town.hear(
        town.ids["blog"],
        [
            said(evil, EVIL, id="e1", ago=HOUR, kind=ItemKind.COMMENT, thread="e", title=EVIL, subject=EVIL),
            said(
                evil,
                EVIL,
                id="e2",
                ago=HOUR,
                kind=ItemKind.COMMENT,
                thread="f",
                status=ItemStatus.PENDING,
                subject=EVIL,
            ),
            said(evil, EVIL * 40, id="e3", ago=DAY, kind=ItemKind.ARTICLE, thread="g", title=EVIL, to_me=False),
        ],
    )
    row = next(row for row in town.workspace.people.page(_everybody()) if row.name.startswith("[/b]"))
    await town.workspace.people.note(row.id, EVIL)
    await town.workspace.people.promise(row.id, EVIL)
    await town.workspace.outbox.save(town.workspace.desk(_everybody(), status="pending")[0].id, EVIL)
    return row.id


def _everybody() -> Query:
    return Query()


def clean_screen(text: list[str], width: int) -> None:
    from rich.cells import cell_len

    for line in text:
        assert cell_len(line) == width, line
        assert not any(ord(each) < 32 or 127 <= ord(each) < 160 or each in "\u202e\ud800" for each in line), line


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("size", [(120, 40), (40, 12), (20, 5)])
async def test_hostile_words_and_any_size_leave_whole_lines(
    town: Community, way: tuple[str, ...], size: tuple[int, int]
) -> None:
    await poison(town)
    async with running(town, first="inbox", size=size) as (app, pilot):
        await press(pilot, *way)
        clean_screen(lines(app), size[0])
        if not place(app).is_typing:
            await press(pilot, "j", "j", "l", "J", "K", "G", "g", "g", "h")
            clean_screen(lines(app), size[0])


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (40, 12)])
async def test_the_page_of_a_hostile_person_is_only_text(town: Community, size: tuple[int, int]) -> None:
    number = await poison(town)
    async with running(town, first="people", size=size) as (app, pilot):
        place(app).post_message(People.Go("person", str(number)))
        await settled(pilot)
        assert isinstance(app.screen, PersonPage)
        clean_screen(lines(app), size[0])
        await press(pilot, "tab", "j", "G")
        clean_screen(lines(app), size[0])


async def test_a_row_is_chosen_and_opened_with_the_mouse(town: Community) -> None:
    async with running(town, first="people", size=(100, 24)) as (app, pilot):
        people = app.screen
        assert isinstance(people, People)
        await pilot.click(people.list, offset=(5, 2))
        await settled(pilot)
        assert people.list.current is not None
        assert people.list.current.name == "Jon Adeyemi"
        await pilot.click(people.list, offset=(5, 2))
        await settled(pilot)
        assert isinstance(app.screen, PersonPage)


async def test_a_view_is_chosen_with_the_mouse(town: Community) -> None:
    async with running(town, first="people", size=(100, 24)) as (app, pilot):
        people = app.screen
        assert isinstance(people, People)
        await pilot.click(people.tabs, offset=(20, 0))
        await settled(pilot)
        assert people.view == 1


async def test_what_arrives_while_one_looks_does_not_move_the_cursor(town: Community) -> None:
    async with running(town, first="people", size=(100, 24)) as (app, pilot):
        people = app.screen
        assert isinstance(people, People)
        await press(pilot, "j")
        await town.hear(town.ids["@me@town.example"], [said(author("Newcomer"), "@me hello", id="n1", ago=1)])
        people.poll()
        await settled(pilot)
        assert people.list.current is not None
        assert people.list.current.name == "Kemi O."
        assert "Newcomer" in shown(app)


async def test_a_terminal_without_unicode_shows_plain_marks(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_ASCII", "1")
    async with running(town, first="people", size=(100, 24)) as (app, _):
        assert "* ravi" in shown(app)
        assert "●" not in shown(app)
