"""Fixtures for the workspace on a terminal."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest
from rich.style import Style
from textual import _wait
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from fakes import Platform
from people_and_words import Community, small_town
from tui import first_page
from tui.widgets.canvas import style_of

# Textual's pilot sleeps 20 ms at a time until the process is idle; five keys a test would wait half a second.
_wait.SLEEP_GRANULARITY = 0.004
_wait.SLEEP_IDLE = 0.0004

# Every app of every test reads the same style sheets with the same colours: they are parsed once.
_parse_rules = Stylesheet._parse_rules
_parsed: dict[object, list[RuleSet]] = {}


def _parse_once(self: Stylesheet, css: str, *arguments: Any, **named: Any) -> list[RuleSet]:
    key = (css, arguments, *named.items(), frozenset(self._variables.items()))
    if key not in _parsed:
        _parsed[key] = _parse_rules(self, css, *arguments, **named)
    return _parsed[key]


Stylesheet._parse_rules = _parse_once  # type: ignore[method-assign]


@pytest.fixture
def fresh_colours() -> Iterator[None]:
    """What is remembered of the terminal and its colours, ours and Rich's, is asked anew, now and by the next test."""
    _forget_colours()
    yield
    _forget_colours()


def _forget_colours() -> None:
    for remembered in (first_page._code, first_page._is_colourless, style_of, Style._add, Style.parse):
        remembered.cache_clear()


@pytest.fixture
async def town(tmp_path: Path, platform: Platform) -> AsyncIterator[Community]:
    """A few people who wait, on sources that can be answered."""
    made = await small_town(tmp_path / "work")
    yield made
    await made.close()


@pytest.fixture
async def nowhere(tmp_path: Path) -> AsyncIterator[Community]:
    """A workspace without any source."""
    made = Community(tmp_path / "work")
    yield made
    await made.close()
