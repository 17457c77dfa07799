"""The command line itself: quick to start, and every error is one sentence with the right exit code."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from program import LAUNCH, Program, Ran, environment

ROOT = Path(__file__).parents[2]
HEAVY = ("textual", "httpx", "feedparser", "aiosqlite", "keyring", "dateparser", "bs4", "rich", "listparser")


@pytest.fixture
def kith(tmp_path: Path) -> Program:
    return Program(tmp_path, tmp_path / "workspace")


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["status"], ["sync", "--help"]], ids=" ".join)
def test_nothing_heavy_is_imported(arguments: list[str], tmp_path: Path) -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv.pop(1)); from tui.cli import run; code = run(sys.argv[1:])\n"
        f"print('HEAVY', [name for name in {HEAVY!r} if name in sys.modules]); raise SystemExit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(ROOT), "--workspace", str(tmp_path / "work"), *arguments],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
    )
    assert "HEAVY []" in done.stdout


def test_the_help_names_every_command(kith: Program) -> None:
    shown = kith("--help").out
    for name in ("demo", "source", "sync", "list", "show", "reply", "send", "outbox", "done", "snooze", "search",
                 "person", "import", "export", "status", "doctor"):  # fmt: skip
        assert f"\n  {name} " in shown


def test_it_runs_from_any_folder_by_its_file(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(LAUNCH), "--version"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("kith ")


WRONG: list[tuple[list[str], str]] = [
    (["lsit"], "There is no command “lsit”: did you mean “list”?"),
    (
        ["list", "form:maria"],
        "The query goes wrong at character 1: “form:” is no field here; did you mean “from:”?",
    ),
    (["list", "is:waiting", '"open'], "The query goes wrong at character 12: a quote is not closed."),
    (["list", "is:wating"], "did you mean “waiting”?"),
    (["show", "9999"], "There is no conversation 9999: `kith list is:any` shows them."),
    (["show", "three"], "“three” is no id"),
    (["done"], "Missing argument 'ID...'"),
    (["done", "9999"], "There is no conversation 9999"),
    (["snooze", "1", "tomorrow"], "There is no conversation 1"),
    (["reply", "9999", "--text", "Hello"], "There is no conversation 9999"),
    (["reply", "9999", "--text", "  "], "The reply is empty"),
    (["send", "77"], "There is no entry 77 in the outbox"),
    (["outbox", "cancel", "77"], "There is no entry 77 in the outbox"),
    (["desk", "approve", "77"], "There is no comment 77"),
    (["person", "show", "nobody"], "Nobody is called “nobody”"),
    (["person", "note", "5", "text"], "There is no person 5"),
    (["source", "check", "5"], "There is no source 5"),
    (["source", "add", ""], "Paste an address"),
    (["source", "add", "x", "--credential-env", "NOT_THERE"], "The variable NOT_THERE is empty"),
    (["source", "add", "x", "--credential-command", "'open"], "a quote that is not closed"),
    (["sync", "--source", "5"], "There is no source 5"),
    (["sync", "--until-eof"], "--until-eof goes with --watch"),
    (["undo"], "There is nothing to undo."),
    (["import", "opml", "/nowhere/list.opml"], "cannot be read"),
    (["--config", "/nowhere.toml", "list"], "does not exist"),
    ([], "Kith opens on a terminal"),
    (["demo"], "the demo opens on a terminal"),
]
DRIVER = """
import contextlib, io, json, sys
sys.path.insert(0, sys.argv[1])
from tui.cli import run
for arguments in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = run(["--workspace", sys.argv[2], *arguments])
    print(json.dumps([code, out.getvalue(), err.getvalue()]))
"""


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, ...], Ran]:
    """What came of each wrong command line; one process runs them all, to save its start."""
    home = tmp_path_factory.mktemp("home")
    done = subprocess.run(
        [sys.executable, "-c", DRIVER, str(ROOT), str(home / "work")],
        input=json.dumps([arguments for arguments, _ in WRONG]),
        capture_output=True,
        text=True,
        check=True,
        env=environment(home),
    )
    answers = [Ran(*json.loads(line)) for line in done.stdout.splitlines()]
    return {tuple(arguments): ran for (arguments, _), ran in zip(WRONG, answers, strict=True)}


@pytest.mark.parametrize(("arguments", "said"), WRONG, ids=[" ".join(arguments) or "nothing" for arguments, _ in WRONG])
def test_wrong_usage_is_one_sentence_and_exit_code_2(
    wrong: dict[tuple[str, ...], Ran], arguments: list[str], said: str
) -> None:
    done = wrong[tuple(arguments)]
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith("kith: ")
    assert done.err.count("\n") == 1
    assert said in done.err


def test_an_unknown_setting_is_named_with_the_one_that_was_meant(kith: Program, tmp_path: Path) -> None:
    preferences = tmp_path / "config.toml"
    preferences.write_text("thme = 'dusk'\n")
    done = kith("--config", str(preferences), "list")
    assert done.code == 2
    assert done.err == f"kith: {preferences}: there is no setting “thme”; did you mean “theme”?\n"


def test_what_is_typed_cannot_act_on_the_terminal(kith: Program) -> None:
    for arguments in (["\x1b[31mlist"], ["list", "\x1b]0;x\x07:y"], ["show", "\x1b[2J"], ["search", "\x1b[2J"]):
        done = kith(*arguments)
        assert "\x1b" not in done.out + done.err
        assert "Traceback" not in done.err


def test_a_workspace_others_can_write_to_is_refused(kith: Program) -> None:
    kith.workspace.mkdir()
    kith.workspace.chmod(0o777)
    done = kith("list")
    assert done.code == 1
    assert "can be written by other users" in done.err


def test_a_damaged_workspace_is_one_sentence(kith: Program) -> None:
    kith.workspace.mkdir(mode=0o700)
    (kith.workspace / "kith.db").write_bytes(b"no database" * 1000)
    done = kith("list")
    assert done.code == 1
    assert done.err.startswith("kith: The database file is damaged: ")
    assert done.err.count("\n") == 1


def test_an_error_nobody_expected_goes_to_the_log_and_is_one_sentence(kith: Program, tmp_path: Path) -> None:
    kith("list")
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tui.cli import run; import tui.commands.inbox as inbox\n"
        "def broken(*_a, **_k): raise ValueError('Bearer abcdefgh12345678')\n"
        f"inbox.parse = broken; raise SystemExit(run(['--workspace', {str(kith.workspace)!r}, 'list']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "ValueError" in done.stderr
    log = (kith.workspace / "kith.log").read_text("utf-8")
    assert "Traceback" in log
    assert "abcdefgh12345678" not in log


def test_a_reader_that_leaves_early_is_no_error(kith: Program) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} {LAUNCH} --help | head -1 >/dev/null; {sys.executable} {LAUNCH} --help >&-"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr


def test_an_empty_workspace_says_what_to_do_next(kith: Program) -> None:
    assert "kith source add ADDRESS" in kith("sync").out
    assert kith("sync", "--json").one == {"sources": [], "new_items": 0, "waiting": 0}
    assert "kith source add ADDRESS" in kith("source", "list").out
    assert kith("list", "--json").out == ""
    assert kith("status").out == "0 wait\n"
    assert kith("status", "--json").one["sources"] == 0


def test_status_makes_no_workspace(kith: Program) -> None:
    assert kith("status").code == 0
    assert not kith.workspace.exists()
