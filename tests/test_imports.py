"""The house stands as drawn: direction of imports, lazy imports, the list of packages, no markup, no long files."""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("tui", "community", "storage", "themes")
ALLOWED = {
    "tui": {"tui", "community", "themes"},
    "community": {"community", "storage"},
    "storage": {"storage"},
    "themes": {"themes"},
}
FILES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module)
    return names


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_run_downward_only(path: Path) -> None:
    home = path.relative_to(ROOT).parts[0]
    ours = {name.partition(".")[0] for name in imported(path)} & set(PACKAGES)
    assert ours <= ALLOWED[home]


def test_the_town_stands_alone() -> None:
    for path in (ROOT / "community" / "town").glob("*.py"):
        ours = {name for name in imported(path) if name.partition(".")[0] in PACKAGES}
        assert all(name.startswith("community.town") for name in ours), path


def test_nothing_but_the_adapters_knows_a_platform_by_name() -> None:
    kinds = {"wordpress", "mastodon", "bluesky", "isso"}
    for package in ("storage", "community", "tui"):
        for path in (ROOT / package).rglob("*.py"):
            if "sources" in path.parts or "town" in path.parts:
                continue
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                compared = isinstance(node, ast.Compare) and [
                    each.value for each in ast.walk(node) if isinstance(each, ast.Constant)
                ]
                assert not compared or not kinds & {str(value) for value in compared}, path


def test_no_sql_is_written_outside_storage() -> None:
    """Only conditions.py makes some: it is the compiler of the query language."""
    statement = re.compile(r"\b(SELECT\s.+\sFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\s", re.DOTALL)
    for path in FILES:
        if path.relative_to(ROOT).parts[0] == "storage" or path.name == "conditions.py":
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                assert not statement.search(node.value), f"{path.name}:{node.lineno}"


def test_every_package_is_in_the_wheel() -> None:
    listed = set(tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]["packages"])
    found = {
        "kith." + ".".join(path.parent.relative_to(ROOT).parts)
        for package in PACKAGES
        for path in (ROOT / package).rglob("__init__.py")
    }
    assert listed == found


@pytest.mark.parametrize("module", ["community.workspace", "community.actions"])
def test_opening_a_workspace_loads_nothing_heavy(module: str) -> None:
    heavy = ["httpx", "feedparser", "aiosqlite", "keyring", "dateparser", "bs4", "textual", "nh3", "regex", "click"]
    code = f"import sys, {module}; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_no_test_folder_is_a_package() -> None:
    assert list((ROOT / "tests").rglob("__init__.py")) == []
