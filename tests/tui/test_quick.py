"""What is answered without click is what click would answer, and next to nothing is imported for it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from community import standing
from community.query import parse
from people_and_words import Community
from program import LAUNCH, Program, environment
from tui import quick

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]
OURS = ("tui", "community", "storage", "themes")
EVERY = {"tui", "tui.quick"}
FOR_HELP = EVERY | {"tui.overview", "tui.columns"}
FOR_STATUS = EVERY | {
    "tui.arguments", "tui.columns", "tui.commands", "tui.commands.console", "tui.status_line",
    "community", "community.standing", "community.text",
    "storage", "storage.errors", "storage.files", "storage.reader", "storage.schema", "storage.standing",
}  # fmt: skip
WEIGHTY = {"click", "dataclasses", "inspect", "json", "asyncio", "logging", "shutil", "subprocess", "textual", "rich"}


def imported(*typed: str) -> tuple[set[str], set[str]]:
    """What a command line imports: modules of ours, and weighty ones of others."""
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from tui import quick\n"
        "assert quick.answer(sys.argv[1:]) is not None\n"
        "print('', *sys.modules, sep='\\n')"
    )
    done = subprocess.run([sys.executable, "-c", code, str(ROOT), *typed], capture_output=True, text=True, check=True)
    found = set(done.stdout.split("\n\n")[-1].split())
    return {name for name in found if name.partition(".")[0] in OURS}, found & WEIGHTY


def launched(*typed: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(LAUNCH), *typed],
        capture_output=True, text=True, encoding="utf-8", check=False, env=environment(Path("/nowhere"), **more),
    )  # fmt: skip


def test_the_help_imports_no_more_than_it_says() -> None:
    assert imported("--help") == (FOR_HELP, set())


async def test_the_status_line_imports_no_more_than_it_says(town: Community) -> None:
    assert imported("--workspace", str(town.workspace.directory), "status") == (FOR_STATUS, set())


@pytest.mark.parametrize("columns", ["40", "77", "200"])
def test_the_help_is_the_same_either_way(tmp_path: Path, columns: str) -> None:
    by_click = Program(tmp_path, tmp_path / "work")("--help", COLUMNS=columns)
    assert launched("-h", COLUMNS=columns).stdout == by_click.out
    assert max(map(len, by_click.out.splitlines())) <= max(50, min(98, int(columns)))


@pytest.mark.parametrize("more", [[], ["--json"]])
async def test_the_status_line_is_the_same_either_way(town: Community, tmp_path: Path, more: list[str]) -> None:
    directory = town.workspace.directory
    by_click = Program(tmp_path, directory)("status", *more)
    quickly = launched("--workspace", str(directory), "status", *more)
    assert (quickly.stdout, quickly.returncode) == (by_click.out, by_click.code)
    assert quickly.stdout == launched("status", *more, KITH_WORKSPACE=str(directory)).stdout


async def test_what_is_new_to_read_is_what_the_query_names(town: Community) -> None:
    workspace = town.workspace
    found = standing.read(workspace.store.reader)
    assert found.new == workspace.conversations.count(parse("is:reading is:new", now=town.now))
    assert found.sources == len(workspace.sources())
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET health = 'failing' WHERE id = 1")
    assert [each.id for each in standing.read(workspace.store.reader).ill] == [1]
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET state = 'paused' WHERE id = 1")
    assert standing.read(workspace.store.reader).ill == []


async def test_whatever_is_unusual_is_left_to_the_ordinary_way(
    town: Community, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = ["--workspace", str(town.workspace.directory)]
    for typed in (
        [], ["list"], ["--version"], ["status", "--help"], [*here, "--help"], [*here, "status", "--jso"],
        ["--workspace=", "status"], ["--workspace", str(tmp_path / "nowhere"), "status"],
        [*here, "--config", str(tmp_path / "nowhere.toml"), "status"],
    ):  # fmt: skip
        assert quick.answer(typed) is None, typed
    (town.workspace.directory / "kith.damaged").touch()
    assert quick.answer([*here, "status"]) is None
    (town.workspace.directory / "kith.damaged").unlink()
    town.workspace.directory.chmod(0o770)
    assert quick.answer([*here, "status"]) is None
    town.workspace.directory.chmod(0o700)
    async with town.workspace.store.transaction() as tx:
        await tx.run("PRAGMA user_version = 999")
    assert quick.answer([*here, "status"]) is None
    assert "newer" in launched(*here, "status").stderr
    assert capsys.readouterr().out == ""


async def test_nobody_reads_to_the_end_and_few_letters_can_be_written(town: Community) -> None:
    command = [sys.executable, str(LAUNCH), "--help"]
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(command, stdout=closed, stderr=subprocess.PIPE, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    plain = subprocess.run(
        [sys.executable, str(LAUNCH), "--workspace", str(town.workspace.directory), "status"],
        capture_output=True, check=True, env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert plain.stdout.isascii()
    assert b" wait - " in plain.stdout
