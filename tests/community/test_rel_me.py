"""Where else a site says its owner is."""

import time

import pytest

from community.model import Identity
from community.rel_me import rel_me, sites


def test_only_links_with_rel_me_count_and_each_once() -> None:
    page = """<base href="https://jon.example/blog/"><link rel="me" href="https://there.example/@jon">
    <a rel="nofollow ME" href="../about-me-too">x</a> <a href="https://other.example">no</a>
    <a rel="me" href="https://there.example/@jon">again</a> <a rel="me" href="javascript:alert(1)">bad</a>
    <a rel="me" href="mailto:jon@jon.example">mail</a> <a rel="me" href="https://jon.example/">home</a>"""
    assert rel_me(page, "https://jon.example/") == ["https://there.example/@jon", "https://jon.example/about-me-too"]


@pytest.mark.parametrize(
    "page", ["", "<", "<a rel=me>", "<a rel=me href>", "\x00" * 1000, "<a rel=me href='" + "x" * 100_000]
)
def test_pages_that_are_none_give_nothing(page: str) -> None:
    assert rel_me(page, "https://jon.example/") == []


def test_a_hostile_page_costs_little() -> None:
    began = time.process_time()
    rel_me("<a rel=me href=https://x.example/>" * 100_000, "https://jon.example/")
    rel_me("<div>" * 1_000_000, "https://jon.example/")
    assert time.process_time() - began < 5


def test_a_persons_sites_are_those_they_gave_and_those_their_profiles_name() -> None:
    def one(network: str, url: str | None, links: str = "[]") -> Identity:
        return Identity(1, 1, network, "k", "h", "n", url, None, links, 0)

    found = sites(
        [
            one("fediverse", "https://there.example/@jon", '[["https://www.jon.example", true]]'),
            one("wordpress:b.example", "http://jon.example/"),
            one("web", "https://shop.example/", '[["https://there.example/@jon", false]]'),
            one("isso:c.example", None),
        ]
    )
    assert found == ["http://jon.example/", "https://shop.example/"]
