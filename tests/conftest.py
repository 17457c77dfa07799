"""Fixtures for every test."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

import community.sources
import fakes
from community.workspace import Workspace


@pytest.fixture
def anyio_backend() -> str:
    """Async tests run on asyncio."""
    return "asyncio"


@pytest.fixture
def clock() -> fakes.Clock:
    """A clock that stands still."""
    return fakes.Clock()


@pytest.fixture
async def workspace(tmp_path: Path, clock: fakes.Clock) -> AsyncIterator[Workspace]:
    """An empty workspace on a real file."""
    opened = fakes.open_workspace(tmp_path / "work", clock)
    yield opened
    await opened.close()


@pytest.fixture
def platform(monkeypatch: pytest.MonkeyPatch) -> Iterator[fakes.Platform]:
    """A kind of source called "fake" whose behaviour the test decides."""
    made = fakes.Platform()
    monkeypatch.setattr(fakes, "PLATFORM", made)
    monkeypatch.setitem(community.sources.ADAPTERS, "fake", "fakes:FakeAdapter")
    yield made
