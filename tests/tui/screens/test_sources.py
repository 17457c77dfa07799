"""Sources, and the way from an address to a new one."""

from collections.abc import Callable

import pytest
from textual.pilot import Pilot

import fakes
from community.errors import AuthExpired, Unreachable
from community.model import Source
from community.sources.base import Found, LoginStep
from community.text import clean_line
from on_screen import place, press, running, settled, shown
from people_and_words import Community
from tui.app import KithApp
from tui.screens.adding import Adding
from tui.screens.sources import Sources

pytestmark = pytest.mark.anyio

BLOG = Found(
    "fake",
    clean_line("Small hours"),
    "fake://blog",
    does=("brings comments",),
    does_not=("likes nothing",),
    may_be_mine=True,
)


def finds(monkeypatch: pytest.MonkeyPatch, *found: Found, fault: Exception | None = None) -> None:
    """Let every address be these; the other kinds of source find nothing."""
    import community.listening
    import community.sources

    monkeypatch.setattr(community.listening, "ADAPTERS", {"fake": "fakes:FakeAdapter"})

    async def probe(_self: object, _address: str) -> Found | None:
        if fault is not None:
            raise fault
        return found[0] if found else None

    monkeypatch.setattr(fakes.FakeAdapter, "probe", probe)
    if len(found) > 1:

        async def several(_self: object, _address: str, **_more: object) -> list[Found]:
            return list(found)

        monkeypatch.setattr(community.listening.Listening, "probe", several)


def logs_in(monkeypatch: pytest.MonkeyPatch, accepts: Callable[[str], bool], step: LoginStep) -> None:
    """Let the login of the fake source be this."""

    async def begin(_self: object, _source: Source) -> LoginStep:
        return step

    async def finish(_self: object, _source: Source, _step: LoginStep, typed: str) -> str:
        if not accepts(typed):
            raise AuthExpired("The site refused that word.")
        return typed

    monkeypatch.setattr(fakes.FakeAdapter, "begin_login", begin)
    monkeypatch.setattr(fakes.FakeAdapter, "finish_login", finish)


async def mark(town: Community, name: str, **values: object) -> None:
    async with town.workspace.store.transaction() as tx:
        for column, value in values.items():
            await tx.run(f"UPDATE source SET {column} = :v WHERE id = :id", v=value, id=town.ids[name])


async def test_each_source_says_how_it_is_doing_and_which_key_mends_it(town: Community) -> None:
    await mark(town, "blog", health="refused", health_text="The password was refused.", state="stopped")
    await mark(town, "Small tools", state="paused")
    async with running(town, first="people", size=(160, 40)) as (app, pilot):
        await press(pilot, "g", "m")
        text = shown(app)
        assert "stopped: The password was refused. · L gives a new credential" in text
        assert "paused · r resumes" in text
        assert "read 2 minutes ago" in text


async def test_the_pane_says_what_a_source_can_and_cannot_do(town: Community) -> None:
    async with running(town, first="people", size=(160, 40)) as (app, pilot):
        await press(pilot, "g", "m", "j", "j")
        text = shown(app)
        assert "It can" in text
        assert "It cannot" in text
        assert "read but not answered" in " ".join(text.split())


async def test_pausing_resuming_and_removing(town: Community) -> None:
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "m", "s")
        assert "Paused: " in shown(app)
        await press(pilot, "r")
        assert "Listening: " in shown(app)
        await press(pilot, "D")
        assert "Stop listening there?" in shown(app)
        await press(pilot, "y")
        assert len(town.workspace.sources()) == 2
        sources = app.screen
        assert isinstance(sources, Sources)
        assert len(sources.list.all_rows()) == 2


async def test_no_source_at_all_teaches_how_to_add_one(nowhere: Community) -> None:
    async with running(nowhere, first="people", size=(80, 24)) as (app, pilot):
        await press(pilot, "g", "m")
        assert "Kith listens to nothing yet." in shown(app)
        await press(pilot, "a")
        assert isinstance(app.screen, Adding)
        assert "Paste the address of any place" in shown(app)


async def begin(pilot: Pilot[None], address: str) -> None:
    app = pilot.app
    assert isinstance(app, KithApp)
    place(app).perform("source.add")
    await settled(pilot)
    place(app).prompt.write(address)
    await press(pilot, "enter")


async def test_an_address_is_looked_at_shown_and_added(nowhere: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("community.sources").sources.ADAPTERS, "fake", "fakes:FakeAdapter")
    finds(monkeypatch, BLOG)
    async with running(nowhere, first="people", size=(80, 24)) as (app, pilot):
        await begin(pilot, "fake.example")
        text = shown(app)
        assert "Small hours · fake" in text
        assert "+ brings comments" in text
        assert "– likes nothing" in text
        await press(pilot, "y")
        assert "Is it your own" in shown(app)
        await pilot.press("y")
        for _ in range(20):
            await pilot.pause(0.02)
            if "Listening to Small hours" in shown(app):
                break
        assert "Listening to Small hours" in shown(app)
        assert "Reading what is there" in shown(app)
        [source] = nowhere.workspace.sources()
        assert (source.name, source.is_mine, source.state) == ("Small hours", 1, "active")


async def test_of_several_things_an_address_is_one_is_chosen(
    nowhere: Community, monkeypatch: pytest.MonkeyPatch, platform: fakes.Platform
) -> None:
    other = Found("fake", clean_line("Its feed"), "fake://feed")
    finds(monkeypatch, BLOG, other)
    async with running(nowhere, first="people", size=(80, 24)) as (app, pilot):
        await begin(pilot, "fake.example")
        assert "1  Small hours" in shown(app)
        assert "2  Its feed" in shown(app)
        await press(pilot, "2")
        await pilot.press("n")
        for _ in range(20):
            await pilot.pause(0.02)
        assert [each.name for each in nowhere.workspace.sources()] == ["Its feed"]


async def test_a_wrong_address_says_why_and_is_asked_again(
    nowhere: Community, monkeypatch: pytest.MonkeyPatch, platform: fakes.Platform
) -> None:
    finds(monkeypatch, fault=Unreachable("No server answers at nowhere.example.", maybe_done=False))
    async with running(nowhere, first="people", size=(80, 24)) as (app, pilot):
        await begin(pilot, "nowhere.example")
        assert "No server answers at nowhere.example." in shown(app)
        assert place(app).prompt.text == "nowhere.example"


async def test_a_private_address_is_refused_in_one_sentence(nowhere: Community) -> None:
    async with running(nowhere, first="people", size=(80, 24)) as (app, pilot):
        await begin(pilot, "127.0.0.1:9")
        for _ in range(200):
            await pilot.pause(0.02)
            if "private network" in shown(app):
                break
        assert "private network" in shown(app)
        assert nowhere.workspace.sources() == []


async def test_a_credential_is_hidden_tried_and_asked_again_when_refused(
    nowhere: Community, monkeypatch: pytest.MonkeyPatch, platform: fakes.Platform
) -> None:
    finds(monkeypatch, Found("fake", clean_line("Town"), "fake://town", needs_credential=True, takes_credential=True))
    step = LoginStep("Open this page and paste the code.", url="https://town.example/authorize?x=1")
    logs_in(monkeypatch, lambda typed: typed == "sesame", step)
    async with running(nowhere, first="people", size=(100, 30)) as (app, pilot):
        opened: list[str] = []
        await begin(pilot, "@me@town.example")
        await press(pilot, "y")
        assert "https://town.example/authorize?x=1" in shown(app)
        place(app).kit.open_url = opened.append
        await press(pilot, "o")
        assert opened == ["https://town.example/authorize?x=1"]
        await press(pilot, "enter")
        place(app).prompt.write("wrong")
        assert "wrong" not in shown(app)
        await press(pilot, "enter")
        assert "The site refused that word." in shown(app)
        place(app).prompt.write("sesame")
        await pilot.press("enter")
        for _ in range(40):
            await pilot.pause(0.02)
        assert "sesame" not in shown(app)
        [source] = nowhere.workspace.sources()
        assert source.state == "active"
        assert nowhere.workspace.listening.has_credential(source.id)


async def test_leaving_a_login_leaves_nothing_behind(
    nowhere: Community, monkeypatch: pytest.MonkeyPatch, platform: fakes.Platform
) -> None:
    finds(monkeypatch, Found("fake", clean_line("Town"), "fake://town", needs_credential=True, takes_credential=True))
    logs_in(monkeypatch, lambda _typed: False, LoginStep("The word?"))
    async with running(nowhere, first="people", size=(100, 30)) as (app, pilot):
        await begin(pilot, "@me@town.example")
        await press(pilot, "y", "escape")
        assert "Nothing was added." in shown(app)
        assert nowhere.workspace.sources() == []


async def test_a_refused_source_is_given_a_new_credential_with_enter(
    town: Community, monkeypatch: pytest.MonkeyPatch
) -> None:
    logs_in(monkeypatch, lambda typed: typed == "sesame", LoginStep("The word?"))
    await mark(town, "@me@town.example", health="refused", health_text="No.", state="stopped")
    async with running(town, first="people", size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "m", "enter")
        assert "The word?" in shown(app)
        place(app).prompt.write("sesame")
        await press(pilot, "enter")
        assert "works as me." in shown(app)
        assert town.workspace.listening.get(town.ids["@me@town.example"]).state == "active"


async def test_a_wrong_place_to_allow_is_said(nowhere: Community) -> None:
    async with running(nowhere, first="people", size=(80, 24)) as (app, pilot):
        await begin(pilot, "127.0.0.1 --allow-host nonsense")
        assert "is no HOST:PORT" in shown(app)
