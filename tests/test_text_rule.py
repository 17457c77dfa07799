"""What others wrote reaches no screen but as clean text, and nothing of it is ever read as markup.

The guarantee has four parts. `Clean` is made by `community.text` alone, so that mypy refuses a plain `str` wherever an
item, a person or a sentence is told (`Incoming.text` and the like). Nothing else calls `Clean(...)` but for constants
and what comes back from a column that holds clean text. And the screens are drawn from segments: nothing in `tui` that
would read a string as markup is used at all. What leaves by other ways, on standard output, in a file given out or in
the log, goes through the few doors named here, each of which cleans or writes what was clean when it was stored.
"""

import ast
import logging
from pathlib import Path
from typing import get_type_hints

import pytest

from community import logs
from community.sources.base import Account, Author, Found, Incoming, Page, Sent
from community.text import Clean

ROOT = Path(__file__).parents[1]
SCREENS = sorted((ROOT / "tui").rglob("*.py"))
OURS = sorted(path for package in ("community", "tui", "storage") for path in (ROOT / package).rglob("*.py"))
READS_MARKUP = {
    "Button", "Checkbox", "Collapsible", "Digits", "Footer", "Header", "Label", "Link", "Log",
    "Markdown", "MarkdownViewer", "OptionList", "Placeholder", "Pretty", "RadioButton", "RadioSet", "RichLog", "Rule",
    "Select", "SelectionList", "Static", "Switch", "Tab", "TabPane", "TabbedContent", "Tabs",
    "Toast", "Tooltip", "Tree", "DataTable", "DirectoryTree", "ListItem", "from_markup", "notify", "render_markup",
    "to_content", "markup",
}  # fmt: skip
READ_AS_MARKUP = {"border_title", "border_subtitle", "tooltip", "markup"}
MARKUP_MODULES = ("rich.markup", "rich.console", "rich.prompt", "rich.panel", "textual.markup")
MAKERS = {"community/text.py"}
FROM_THE_DATABASE = {"community/proof.py": {"row.handle", "row.name"}, "tui/screens/writing.py": {"text"}}
DOORS = {
    "tui/commands/console.py": "every line is cleaned and fitted",
    "tui/cli.py": "one sentence, cleaned",
    "tui/commands/jsonl.py": "JSON of clean columns",
    "tui/commands/exchange.py": "OPML of clean columns",
    "tui/commands/contacts.py": "vCard, CSV and Markdown of clean columns, escaped by their writers",
    "tui/commands/demo.py": "the name of a directory that Kith made",
    "tui/display.py": "frames made of cells",
    "tui/driver.py": "frames on their way",
    "tui/first_page.py": "frames made of cells",
    "tui/quick.py": "the help, in which nothing comes from outside",
    "tui/terminal.py": "frames on their way to the terminal",
}
WRITES = {"click.echo", "click.secho", "sys.stdout.write", "sys.stderr.write", "os.write", "super().write"}
TEXT_FIELDS = {
    Incoming: ("text", "title", "subject"),
    Author: ("handle", "name"),
    Sent: ("note",),
    Found: ("name",),
    Account: ("name",),
}


def place(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", SCREENS, ids=place)
def test_no_screen_uses_anything_that_reads_markup(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    theirs = [node for node in imports if (node.module or "").partition(".")[0] in {"textual", "rich"}]
    assert not {alias.name for node in theirs for alias in node.names} & READS_MARKUP
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            assert node.func.attr not in READS_MARKUP, (node.lineno, node.func.attr)
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = {each.attr for each in targets if isinstance(each, ast.Attribute)}
            names |= {each.id for each in targets if isinstance(each, ast.Name)} - {"markup"}
            assert not names & {name.upper() for name in READ_AS_MARKUP} | names & READ_AS_MARKUP, node.lineno
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith(MARKUP_MODULES) for alias in node.names), node.lineno
        if isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith(MARKUP_MODULES), node.lineno


@pytest.mark.parametrize("path", OURS, ids=place)
def test_clean_text_is_made_in_one_module(path: Path) -> None:
    if place(path) in MAKERS:
        return
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"Clean", "text.Clean"}:
            [given] = node.args
            told = ast.unparse(given)
            constant = isinstance(given, ast.Constant) and isinstance(given.value, str) and given.value.isprintable()
            assert constant or told in FROM_THE_DATABASE.get(place(path), ()), f"line {node.lineno}: Clean({told})"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "cast":
            assert "Clean" not in ast.unparse(node.args[0]), f"line {node.lineno}: a cast to Clean"


@pytest.mark.parametrize(("value", "names"), TEXT_FIELDS.items(), ids=lambda each: getattr(each, "__name__", ""))
def test_what_adapters_hand_over_is_clean_by_its_type(value: type, names: tuple[str, ...]) -> None:
    from community.secrets import Credential
    from storage.rows import Source

    hints = get_type_hints(value, {"Credential": Credential, "Source": Source})
    assert [name for name in names if hints[name] is not Clean] == []
    assert get_type_hints(Page)["name"] == Clean | None


@pytest.mark.parametrize("path", SCREENS, ids=place)
def test_words_leave_by_few_doors(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Call) and ast.unparse(node.func) in WRITES and place(path) not in DOORS:
            constant = bool(node.args) and isinstance(node.args[0], ast.Constant)
            assert constant, f"line {node.lineno}: {ast.unparse(node)} belongs into the console"


@pytest.mark.parametrize("path", OURS, ids=place)
def test_the_log_has_one_writer_which_cleans_each_line(path: Path) -> None:
    if place(path) == "community/logs.py":
        return
    tree = ast.parse(path.read_text("utf-8"))
    told = {ast.unparse(node.func).rpartition(".")[2] for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert not told & {
        "basicConfig",
        "StreamHandler",
        "FileHandler",
        "RotatingFileHandler",
        "addHandler",
        "setFormatter",
    }


def test_what_is_logged_is_one_clean_line_without_credentials(tmp_path: Path) -> None:
    logs.start(tmp_path, lambda: ["a-secret-word"])
    logging.getLogger("community.test").warning("one \x1b[2J\u202e two\nthree a-secret-word %s", "\x9b31m")
    logging.shutdown()
    [line] = (tmp_path / "kith.log").read_text("utf-8").splitlines()
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 or char == "\u202e" for char in line)
    assert "a-secret-word" not in line
