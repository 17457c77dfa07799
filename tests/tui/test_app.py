"""The frame around everything: start, leaving, themes, the `:` line, which-key, undo, narrow terminals."""

import subprocess
import sys
from pathlib import Path
from weakref import ref

import pytest
from textual import events

from community.config import Config
from community.errors import Corrupt, WrongUsage
from community.model import Counts
from on_screen import appears, lines, place, press, running, settled, shown
from people_and_words import Community, author, said, small_town
from tui.app import KithApp

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


def test_starting_loads_nothing_heavy() -> None:
    heavy = ["httpx", "feedparser", "aiosqlite", "markdown_it", "dateparser", "keyring", "bs4", "nh3"]
    heavy += ["textual.widgets._text_area", "tui.screens.inbox"]
    code = f"import sys, tui.app; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


async def test_q_goes_back_step_by_step_and_asks_at_the_end(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "enter", "q", "q")
        assert app.current_mode == "today"
        await press(pilot, "q")
        assert "Leave Kith?" in shown(app)
        await press(pilot, "n")
        assert app.is_running
        await pilot.press("q", "y")
        await pilot.pause(0.2)
        assert not app.is_running


async def test_capital_q_leaves_at_once(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.press("Q")
        await pilot.pause(0.2)
        assert not app.is_running


@pytest.mark.parametrize("key", ["ctrl+q", "ctrl+c"])
async def test_the_chords_that_kill_are_guarded(town: Community, key: str) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, key)
        assert "Leave Kith?" in shown(app)
        await press(pilot, "x")
        assert app.is_running


async def test_which_key_shows_after_a_while_what_may_follow(town: Community) -> None:
    async with running(town) as (app, pilot):
        await pilot.press("g")
        assert "comment desk" not in shown(app)
        await pilot.pause(0.6)
        assert "comment desk" in shown(app)
        await press(pilot, "escape")
        assert "comment desk" not in shown(app)


async def test_the_command_line_completes_and_runs(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, ":", *"archiv")
        assert "item.done" in shown(app)
        await press(pilot, "enter")
        assert "Done:" in shown(app)


async def test_the_command_line_takes_arguments(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, ":")
        place(app).prompt.write("item.snooze tomorrow")
        await press(pilot, "enter")
        assert "Snoozed:" in shown(app)


async def test_the_palette_is_a_list_of_everything(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "ctrl+p", "down", "escape")
        assert "Choose an action" not in shown(app)
        await press(pilot, "ctrl+p", *"reply", "enter", "h")
        assert "replying as" in shown(app)


async def test_an_unknown_command_is_said(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, ":", *"qqqq", "enter")
        assert app.is_running


async def test_every_theme_can_be_shown_and_is_remembered(town: Community) -> None:
    async with running(town) as (app, pilot):
        seen = {app.theme}
        for _ in range(3):
            await press(pilot, "z", "t")
            seen.add(app.theme)
            assert "Maria" in shown(app)
        assert seen >= {"dusk", "chalk", "terminal"}
        last = app.theme
    assert KithApp(town.workspace).theme == last


async def test_without_colour_nothing_is_said_by_colour_alone(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with running(town) as (app, pilot):
        await press(pilot, "d")
        for strip in app.screen._compositor.render_strips():
            for segment in strip:
                if segment.style is not None:
                    assert segment.style.color is None or segment.style.color.is_default
                    assert segment.style.bgcolor is None or segment.style.bgcolor.is_default
        reversed_lines = [
            strip for strip in app.screen._compositor.render_strips() if any(s.style and s.style.reverse for s in strip)
        ]
        assert reversed_lines, "the cursor can be seen"


async def test_plain_marks_where_the_encoding_wants_them(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KITH_ASCII", "1")
    async with running(town, first="today") as (app, _):
        text = shown(app).replace("“", "").replace("”", "").replace("·", "").replace("á", "")
        assert text.isascii()
        assert "* Maria" in text


async def test_an_unknown_theme_or_preset_is_one_sentence(tmp_path: Path) -> None:
    town = await small_town(tmp_path / "work", Config(theme="neon"))
    with pytest.raises(WrongUsage, match="no theme called “neon”"):
        KithApp(town.workspace)
    await town.close()


async def test_the_users_own_theme_is_found(town: Community, tmp_path: Path) -> None:
    directory = tmp_path / "themes"
    directory.mkdir()
    source = (ROOT / "themes" / "chalk.toml").read_text()
    (directory / "mine.toml").write_text(source.replace("#faf8f3", "#ffffff"))
    app = KithApp(town.workspace, theme_directory=directory)
    async with app.run_test() as pilot:
        place(app).do_theme("mine")
        await pilot.pause()
        assert app.theme == "mine"


async def test_what_another_process_stores_is_seen_without_a_key(town: Community) -> None:
    async with running(town, first="today") as (app, pilot):
        await town.hear(
            town.ids["blog"], [said(author("Zoe"), "And me?", id="z1", ago=30, thread="post-9", title="A late one")]
        )
        await appears(pilot, "4 wait for you")
        assert "Zoe" in shown(app)


async def test_a_place_that_is_not_there_is_one_sentence(town: Community) -> None:
    async with running(town) as (app, pilot):
        await press(pilot, "U")
        assert app.is_running


async def test_nothing_is_written_while_nothing_happens(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(town) as (app, pilot):
        await pilot.pause(0.3)
        painted: list[object] = []
        monkeypatch.setattr(app, "_display", lambda *update: painted.append(update))
        await pilot.pause(1.2)
        assert painted == []


async def test_the_footer_never_shows_more_than_eight(town: Community) -> None:
    async with running(town, size=(200, 30)) as (app, pilot):
        for keys in ((), ("r",), ("escape",)):
            await press(pilot, *keys)
            assert len(place(app)._footer.keys) <= 8
        assert "outbox" not in lines(app)[-1]


async def test_a_failure_of_kith_shows_no_local_variables(town: Community) -> None:
    app = KithApp(town.workspace)

    def fail() -> None:
        hidden = "a draft that nobody should see"
        raise RuntimeError("token=abcdef123456 broke" + hidden[:0])

    with pytest.raises(RuntimeError):
        async with app.run_test() as pilot:
            app.call_later(fail)
            await pilot.pause()
            told = "".join(str(each) for each in app._exit_renderables)
            assert "Kith met an error of its own" in told
            assert "RuntimeError" in told
            assert "nobody should see" not in told.replace('hidden = "a draft that nobody should see"', "")
            assert "abcdef123456" not in told
    assert app.return_code == 1


async def test_a_poll_after_the_last_screen_is_gone_is_no_failure(town: Community) -> None:
    async with running(town) as (app, _):
        pass
    app._poll()


async def test_what_nobody_can_reach_goes_once_keys_rest_and_not_before(town: Community) -> None:
    class Link:
        def __init__(self) -> None:
            self.itself = self

    async with running(town) as (app, pilot):
        await pilot.pause(0.5)
        old = [Link()]
        gone, gone_later = ref(Link()), ref(old[0])
        kept: list[list[int]] = [[] for _ in range(20_000)]
        await press(pilot, "j")
        app._poll()
        assert gone() is not None
        app._pressed_at -= 2
        app._poll()
        assert gone() is None
        old.clear()
        app._poll()
        assert gone_later() is not None
        app._pressed_at -= 60
        app._poll()
        assert gone_later() is None
        assert len(kept) == 20_000


@pytest.mark.parametrize("size", [(80, 24), (120, 30)])
async def test_a_database_that_somebody_finds_damaged_is_told_with_what_mends_it(
    town: Community, size: tuple[int, int]
) -> None:
    async with running(town, size=size) as (app, pilot):
        assert "damaged" not in shown(app)
        (town.directory / "kith.damaged").write_text("a page is torn\n")
        place(app).poll()
        await pilot.pause()
        assert "database damaged" in shown(app)
        assert "then run kith restore" in shown(app)
        await press(pilot, "j", "g", "x")
        place(app).poll()
        await pilot.pause()
        assert "then run kith restore" in shown(app)
        await press(pilot, "Q")
    assert app.return_code == 0


async def test_a_read_that_meets_the_damage_is_no_end_of_kith(town: Community, monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(town) as (app, pilot):

        def torn(**_more: object) -> Counts:
            raise Corrupt("The database file is damaged.")

        monkeypatch.setattr(town.workspace.conversations, "counts", torn)
        await press(pilot, "j", "g", "p", "g", "i")
        assert "database damaged" in shown(app)
        assert "then run kith restore" in shown(app)


@pytest.mark.parametrize("keys", ["gif", "gpf", "gpC", "gtgigpf", "goC"])
async def test_keys_typed_in_one_breath_reach_the_place_they_lead_to(town: Community, keys: str) -> None:
    async with running(town, first="today", size=(80, 24)) as (app, pilot):
        for key in keys:
            app.post_message(events.Key(key, key))
        await settled(pilot)
        await settled(pilot)
        assert place(app).is_asking
        assert place(app).prompt.text == ""
