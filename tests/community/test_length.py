"""Lengths, against the shared vectors and by hand."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from community.length import links, measure, remaining
from community.sources.base import LengthRule

VECTORS = Path(os.environ.get("KITH_CONTRACTS", Path(__file__).parents[3] / "shared" / "contracts")) / "vectors"
MASTODON = LengthRule(limit=500, unit="graphemes", url_cost=23, short_mentions=True)
BLUESKY = LengthRule(limit=300, unit="graphemes", max_bytes=3000)


def vectors(name: str) -> Any:
    path = VECTORS / name
    if not path.is_file():
        pytest.skip(f"{path} is missing")
    return json.loads(path.read_text("utf-8"))


def test_mastodon_lengths_are_those_of_the_vectors() -> None:
    for case in vectors("mastodon-length.json")["cases"]:
        counted = measure(MASTODON, case["status"], warning=case["spoiler_text"])
        assert counted == case["countable_length"], case


def test_graphemes_code_points_and_bytes_are_those_of_the_vectors() -> None:
    for case in vectors("atproto.json")["graphemes"]:
        assert measure(LengthRule(unit="graphemes"), case["text"]) == case["graphemes"], case
        assert measure(LengthRule(unit="codepoints"), case["text"]) == case["code_points"], case
        assert measure(LengthRule(unit="bytes"), case["text"]) == case["utf8_bytes"], case


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("", 0),
        ("https://a.io", 23),
        ("(https://a.io/b).", 26),
        ("https://a.io/wiki/A_(b)", 23),
        ("x@ann@b.example", 15),
        ("https://a.io/@ann@b.example", 23),
        ("mail me@b.example", 17),
        ("http://a.io/1 http://a.io/2", 47),
        ("@ann@b.example. ok", 8),
        ("no scheme: a.io/b", 17),
        ("https://", 8),
    ],
)
def test_links_cost_the_same_and_mentions_lose_their_server(text: str, counted: int) -> None:
    assert measure(MASTODON, text) == counted


def test_a_link_ends_before_the_punctuation_around_it() -> None:
    text = "see (https://a.io/b_(c)), or https://a.io/d."
    assert [text[start:end] for start, end in links(text)] == ["https://a.io/b_(c)", "https://a.io/d"]


def test_what_remains_is_the_tighter_of_both_limits() -> None:
    assert remaining(BLUESKY, "hello") == 295
    assert remaining(BLUESKY, "👨‍👩‍👧‍👦" * 121) == 3000 - 121 * 25
    assert remaining(MASTODON, "x" * 499, warning="cw") == -1


def test_without_a_limit_nothing_is_said_to_remain() -> None:
    assert remaining(LengthRule(), "x" * 100_000) is None


def test_long_hostile_text_is_measured_quickly() -> None:
    for text in (
        "@" * 20_000,
        "https://a.io/" + ")" * 20_000,
        "@a" + "." * 20_000,
        "@a@" + "b." * 10_000,
        "a-" * 20_000,
    ):
        assert measure(MASTODON, text) >= 0
