"""How text becomes HTML, and how long it counts."""

import json
import os
from pathlib import Path

import pytest

from community.town.markup import hashtags, length, paragraphs, plain

VECTORS = Path(os.environ.get("KITH_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts")) / "vectors"


def test_blank_lines_part_paragraphs_and_blocks_stay_blocks() -> None:
    assert paragraphs("a\nb\n\n<blockquote>q</blockquote>\n\nc") == (
        "<p>a<br />\nb</p>\n<blockquote>q</blockquote>\n<p>c</p>\n"
    )


def test_unusual_tags_are_shown_as_typed() -> None:
    assert paragraphs("<script>x</script> <em>y</em> 1 < 2") == (
        "<p>&lt;script>x&lt;/script> <em>y</em> 1 &lt; 2</p>\n"
    )
    assert plain("<p>a <em>b</em></p>\n<p>c</p>") == "a b c"


def test_hashtags_need_a_letter() -> None:
    assert hashtags("#Rss is #1, a#b is none, #rss again, #ünder_7") == ["rss", "ünder_7"]


@pytest.mark.skipif(not VECTORS.exists(), reason="the shared vectors are not here")
def test_length_is_counted_as_the_vectors_say() -> None:
    for case in json.loads((VECTORS / "mastodon-length.json").read_text(encoding="utf-8"))["cases"]:
        assert length(case["spoiler_text"]) + length(case["status"]) == case["countable_length"], case
