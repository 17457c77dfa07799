"""A slow line: what `--light` spares, and how Kith finds out by itself."""

import pytest
from textual import events

from on_screen import press, running, shown
from people_and_words import Community
from tui import arguments, first_page, light
from tui.kit import theme_name
from tui.screens import following

pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def undone(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test asks for is asked for in that test only."""
    monkeypatch.setenv("KITH_LIGHT", "0")
    monkeypatch.delenv("NO_COLOR", raising=False)


async def test_light_is_plain_colours_from_the_first_page_on(town: Community) -> None:
    assert theme_name(town.workspace) != "terminal"
    found = arguments.read(["--light", "--workspace", "here"])
    assert found is not None
    assert (found.light, found.workspace, found.rest) == (True, "here", [])
    assert arguments.read(["--light=yes"]) is None
    first_page.plain_start(["--light", "--workspace", "here"])
    assert theme_name(town.workspace) == "terminal"


async def test_a_conversation_waits_until_the_cursor_rests(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_LIGHT_S", 0.3)
    light.want_light()
    async with running(town) as (app, pilot):
        await press(pilot, "j")
        assert "Does it still run on the old box?" not in shown(app)
        await pilot.pause(0.5)
        assert "Does it still run on the old box?" in shown(app)


async def test_an_action_does_not_wait_for_what_is_shown(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "_LIGHT_S", 60.0)
    light.want_light()
    async with running(town) as (app, pilot):
        await press(pilot, "j", "r")
        assert "to Jon Adeyemi" in shown(app)


async def test_over_ssh_a_slow_line_is_noticed_and_said(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    frame = "x" * 2000
    monkeypatch.delenv("SSH_CONNECTION", raising=False)
    async with running(town) as (app, pilot):
        assert app._line.around(frame) == frame
        monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
        assert app._line.around("a key") == "a key"
        assert app._line.around(frame) == f"\x1b[6n{frame}\x1b[6n"
        begins, ends = events.CursorPosition(0, 0), events.CursorPosition(0, 0)
        ends.time = begins.time + 0.3
        app.post_message(begins)
        app.post_message(ends)
        await pilot.pause()
        assert "The line is slow" in shown(app)
        assert app._kit.light
        assert app._line.around(frame) == frame


def test_a_far_terminal_on_a_fast_line_is_not_slow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    line = light.Line()
    for _ in range(3):
        assert line.around("x" * 2000) != "x" * 2000
        assert not line.is_slow(1000.0)
        assert not line.is_slow(1000.01)
    assert line.around("x" * 2000) == "x" * 2000
    assert not line.is_slow(9000.0)


def test_a_terminal_that_never_answers_is_asked_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "192.0.2.1 1 192.0.2.2 22")
    line = light.Line()
    assert line.around("x" * 2000) != "x" * 2000
    assert line.around("x" * 2000) == "x" * 2000
