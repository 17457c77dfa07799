"""Fixtures for the workspace on a terminal."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from fakes import Platform
from people_and_words import Community, small_town


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
