"""What others wrote reaches no screen but as clean text, and nothing of it is ever read as markup.

The guarantee has three parts. `Clean` is made by `community.text` alone, so that mypy refuses a plain `str` wherever an
item, a person or a sentence is told (`Incoming.text` and the like). Nothing else calls `Clean(...)` but for constants
and what comes back from a column that holds clean text. And the screens are drawn from segments: nothing in `tui` that
would read a string as markup is used at all.
"""

import ast
from pathlib import Path
from typing import get_type_hints

import pytest

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
