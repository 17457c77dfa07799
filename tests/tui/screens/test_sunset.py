"""The end of a source on its screen."""

import pytest

from community.query import parse
from on_screen import lines, press, running, shown
from people_and_words import Community
from tui.screens.sunset import SunsetPage

pytestmark = pytest.mark.anyio


async def test_a_sunset_shows_whom_i_would_lose_asks_them_and_freezes(town: Community) -> None:
    workspace, source_id = town.workspace, town.ids["@me@town.example"]
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET state = 'paused' WHERE name = 'blog'")
        await tx.run(
            "UPDATE identity SET url = 'https://jon.example/', handle = '@jon@x.example' WHERE name = 'Jon Adeyemi'"
        )
    async with running(town, size=(80, 24)) as (app, pilot):
        await press(pilot, "g", "m", "Z")
        page = app.screen
        assert isinstance(page, SunsetPage)
        text = shown(app)
        assert "You would lose" in text
        assert "nowhere else" in text
        assert "Reachable elsewhere" in text
        assert any("Jon Adeyemi" in line and "jon.example" in line for line in lines(app))
        await press(pilot, "w")
        assert "1 draft prepared" in shown(app)
        await press(pilot, "k", "w")
        rows = workspace.outbox.listed(parse("", now=town.now, target="outbox"))
        assert [row.state for row in rows] == ["draft"]
        await press(pilot, "F")
        assert workspace.listening.get(source_id).state == "active"
        await press(pilot, "y")
        assert workspace.listening.get(source_id).state == "sunset"
        assert "frozen" in lines(app)[0]
        await press(pilot, "escape")
        assert "frozen: never read again" in shown(app)
        await press(pilot, "r")
        assert "is frozen: it is never read again" in shown(app)
        await press(pilot, "g", "R")
        assert workspace.listening.get(source_id).state == "sunset"
        await press(pilot, "z", "u", "y")
        assert workspace.listening.get(source_id).state == "active"


async def test_a_source_where_nobody_wrote_says_so(town: Community) -> None:
    async with town.workspace.store.transaction() as tx:
        await tx.run("DELETE FROM item WHERE source_id = :id", id=town.ids["Small tools"])
    async with running(town, size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "m", "G", "Z")
        assert "nobody is lost by its end" in " ".join(shown(app).split())
