"""A town of our own for each test, a visitor who keeps the line open, and a way to wait for the neighbours."""

import time
from collections.abc import Callable, Iterator

import httpx
import pytest

from community.town import Site, Town

NOW = 1_772_000_000


@pytest.fixture
def town() -> Iterator[Town]:
    """A town where nothing happens for a long while, unless it is asked."""
    with Town(now=NOW, pace=0.001) as open_town:
        yield open_town


@pytest.fixture
def visitor(town: Town) -> Iterator[httpx.Client]:
    """Somebody without any credential."""
    with httpx.Client(base_url=town.base_url, timeout=5, verify=False) as client:
        yield client


@pytest.fixture
def author(town: Town) -> Iterator[httpx.Client]:
    """The user, at the REST root of the blog."""
    site = site_of(town, "wordpress")
    with httpx.Client(
        base_url=f"{site.address}wp-json/wp/v2/", auth=(site.account, site.secret), timeout=5, verify=False
    ) as client:
        yield client


@pytest.fixture
def account(town: Town) -> Iterator[httpx.Client]:
    """The user, at the fediverse server."""
    site = site_of(town, "mastodon")
    with httpx.Client(
        base_url=site.address, headers={"Authorization": f"Bearer {site.secret}"}, timeout=5, verify=False
    ) as client:
        yield client


def site_of(town: Town, kind: str) -> Site:
    """The first site of a kind."""
    return next(site for site in town.sites if site.kind == kind)


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something is true, or fails after a few seconds."""

    def wait(claim: Callable[[], object]) -> None:
        end = time.monotonic() + 5
        while not claim():
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.02)

    return wait
