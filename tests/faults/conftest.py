"""Processes that can be killed, started once: loading Kith takes a second."""

from collections.abc import Iterator

import pytest

from faults.victim import Victim


@pytest.fixture(scope="session")
def victim() -> Iterator[Victim]:
    """One that lives as often as it is told to."""
    with Victim() as one:
        yield one


@pytest.fixture(scope="session")
def other() -> Iterator[Victim]:
    """Another, to live at the same time."""
    with Victim() as one:
        yield one
