"""The page that is painted before Textual is imported is the first page of Textual; and nothing stands in its way."""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from community.workspace import Workspace
from on_screen import settled
from people_and_words import Community
from terminal import Terminal
from tui import first_page
from tui.app import KithApp
from tui.glass import Glass
from tui.screens import following
from tui.screens.today_page import TodayPage, look_for, panes

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("fresh_colours")]
ROOT = Path(__file__).parents[2]


def painted(workspace: Workspace, size: tuple[int, int]) -> Terminal:
    """A terminal with the early page on it."""
    look = look_for(workspace, Path("nowhere"))
    terminal = Terminal(*size)
    found = TodayPage(workspace, look, *size)
    terminal.feed(Glass(*size).frame(first_page.changes(found.rows(workspace))))
    return terminal


@pytest.mark.parametrize(
    ("size", "theme", "environment"),
    [
        ((120, 40), "dusk", {"COLORTERM": "truecolor"}),
        ((80, 24), "chalk", {"COLORTERM": "truecolor"}),
        ((30, 8), "dusk", {"COLORTERM": "truecolor"}),
        ((90, 12), "terminal", {"TERM": "screen"}),
        ((161, 50), "dusk", {"TERM": "xterm-256color"}),
        ((200, 20), "dusk", {"TERM": "linux"}),
        ((121, 30), "chalk", {"NO_COLOR": "1", "COLORTERM": "truecolor"}),
    ],
)
async def test_the_early_page_is_the_first_page(
    town: Community,
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
    theme: str,
    environment: dict[str, str],
) -> None:
    for name in ("COLORTERM", "NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(following, "_REST_S", 60.0)
    await town.workspace.remember("theme", theme)
    early = painted(town.workspace, size)
    app = KithApp(town.workspace)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        real = Terminal(*size)
        real.feed(app.screen._compositor.render_full_update().render_segments(app.console))
        assert early.text() == real.text()
        assert early.cells() == real.cells()


async def test_the_panes_are_as_wide_as_the_style_sheets_make_them(town: Community) -> None:
    app = KithApp(town.workspace)
    async with app.run_test(size=(90, 20)) as pilot:
        for width in (89, 90, 91, 120, 152, 153, 154, 155, 240):
            await pilot.resize_terminal(width, 20)
            await settled(pilot)
            await settled(pilot)
            right = app.screen.query_one("#pane")
            found = (app.screen.query_one("#list").size.width, right.size.width if right.display else 0)
            assert panes(width) == found, width


def test_a_plain_start_is_known_by_its_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KITH_WORKSPACE", raising=False)
    found = first_page.plain_start(["--workspace", "/a", "--config=/b.toml"])
    assert found == (Path("/a"), Path("/b.toml"))
    assert first_page.plain_start([]) is not None
    for others in (["status"], ["--help"], ["--workspace"], ["--workspace", "/a", "list"], ["--version"]):
        assert first_page.plain_start(others) is None


async def test_nothing_is_painted_where_something_is_unusual(town: Community, tmp_path: Path) -> None:
    directory = town.workspace.directory
    config = tmp_path / "config.toml"
    assert first_page.page(directory, config, 80, 24) is not None
    assert first_page.page(tmp_path / "nowhere", config, 80, 24) is None
    (directory / "kith.damaged").touch()
    assert first_page.page(directory, config, 80, 24) is None
    (directory / "kith.damaged").unlink()
    directory.chmod(0o777)
    assert first_page.page(directory, config, 80, 24) is None
    directory.chmod(0o700)
    await town.workspace.remember("throw_away", "1")
    assert first_page.page(directory, config, 80, 24) is None


async def test_a_newer_workspace_is_left_to_the_ordinary_start(town: Community, tmp_path: Path) -> None:
    async with town.workspace.store.transaction() as tx:
        await tx.run("PRAGMA user_version = 999")
    assert first_page.page(town.workspace.directory, tmp_path / "config.toml", 80, 24) is None


async def test_an_empty_today_is_left_to_the_ordinary_start(nowhere: Community, tmp_path: Path) -> None:
    assert first_page.page(nowhere.workspace.directory, tmp_path / "config.toml", 80, 24) is None


NOT_FOR_THE_FIRST_PAGE = {
    "textual", "asyncio", "click", "httpx", "feedparser", "aiosqlite", "keyring", "regex", "logging", "subprocess",
    "dataclasses", "inspect",
    "hashlib", "threading", "tempfile", "shutil", "difflib", "rich.style", "rich.console", "rich.color",
    "community.ingest", "community.sources", "community.secrets", "community.session", "community.readings",
    "community.identities", "tui.cli", "tui.dispatch", "tui.overview", "tui.screens.planning", "tui.widgets.canvas",
}  # fmt: skip


async def test_the_early_page_needs_nothing_heavy(town: Community, tmp_path: Path) -> None:
    code = (
        "import sys; before = set(sys.modules); sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path; from tui import first_page\n"
        "assert first_page.page(Path(sys.argv[2]), Path(sys.argv[3]), 80, 12) is not None\n"
        "print(*(set(sys.modules) - before))"
    )
    where = [str(ROOT), str(town.workspace.directory), str(tmp_path / "config.toml")]
    done = subprocess.run([sys.executable, "-c", code, *where], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & NOT_FOR_THE_FIRST_PAGE == set()


def test_the_first_screen_of_textual_needs_no_more_than_it_shows() -> None:
    unwanted = {
        "httpx", "feedparser", "aiosqlite", "keyring", "regex", "bs4", "dateparser", "markdown_it",
        "community.sources.base", "community.ingest", "tui.screens.inbox", "tui.screens.help",
    }  # fmt: skip
    code = "import sys, tui.app, tui.screens.today; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & unwanted == set()


async def test_on_a_terminal_the_page_stays_and_the_terminal_comes_back(town: Community) -> None:
    directory = town.workspace.directory
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(slave)
    os.set_blocking(master, False)
    command = [sys.executable, str(ROOT / "tui" / "launch.py"), "--workspace", str(directory)]
    environment = {**os.environ, "TERM": "xterm-256color", "XDG_CONFIG_HOME": str(directory)}
    told, asked = "", False
    with subprocess.Popen(
        command, stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
    ) as kith:
        deadline = time.monotonic() + 60
        while kith.poll() is None and time.monotonic() < deadline:
            told += _read(master)
            if not asked and "They wait for you" in told:
                os.write(master, b"jQ")  # one for the early page, one for the app
                asked = True
            time.sleep(0.02)
        kith.kill()
    assert kith.returncode == 0
    page, _, rest = told.partition("\x1b[?25l")[2].partition("\x1b[?")
    assert "They wait for you" in page
    assert "wait for you" not in rest
    assert told.count("\x1b[?1049h") == told.count("\x1b[?1049l") == 1
    assert termios.tcgetattr(slave) == before
    os.close(master)
    os.close(slave)


def _read(master: int) -> str:
    try:
        return os.read(master, 1 << 16).decode("utf-8", "replace")
    except (BlockingIOError, OSError):
        return ""
