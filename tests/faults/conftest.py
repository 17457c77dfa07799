"""Processes that can be killed, started once: loading Kith takes a second. No test leaves one alive for the next."""

from collections.abc import Iterator

import pytest

from faults.victim import Victim


@pytest.fixture(scope="session")
def nurseries() -> Iterator[tuple[Victim, Victim]]:
    """Two that live as often as they are told to."""
    with Victim() as one, Victim() as another:
        yield one, another


@pytest.fixture
def victim(nurseries: tuple[Victim, Victim]) -> Iterator[Victim]:
    """One for this test; whatever becomes of the test, it is dead afterwards."""
    yield nurseries[0]
    nurseries[0].kill()


@pytest.fixture
def other(nurseries: tuple[Victim, Victim]) -> Iterator[Victim]:
    """Another, to live at the same time."""
    yield nurseries[1]
    nurseries[1].kill()
