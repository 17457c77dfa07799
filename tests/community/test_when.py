"""Times as people type them."""

from datetime import UTC, datetime

import pytest

from community.errors import WrongUsage
from community.when import future, past

NOW = int(datetime(2026, 11, 19, 15, 30, tzinfo=UTC).timestamp())
"""A Thursday afternoon."""


def at(text: str) -> str:
    return datetime.fromtimestamp(future(text, now=NOW, zone=UTC), UTC).strftime("%a %d %b %Y %H:%M")


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("later", "Thu 19 Nov 2026 18:30"),
        ("tonight", "Thu 19 Nov 2026 19:00"),
        ("tomorrow", "Fri 20 Nov 2026 09:00"),
        ("weekend", "Sat 21 Nov 2026 09:00"),
        ("next week", "Mon 23 Nov 2026 09:00"),
        ("in 3 days", "Sun 22 Nov 2026 15:30"),
        ("2h", "Thu 19 Nov 2026 17:30"),
        ("3w", "Thu 10 Dec 2026 15:30"),
        ("friday", "Fri 20 Nov 2026 09:00"),
        ("friday 8pm", "Fri 20 Nov 2026 20:00"),
        ("2026-12-24", "Thu 24 Dec 2026 09:00"),
        ("24 december", "Thu 24 Dec 2026 09:00"),
    ],
)
def test_a_time_ahead(typed: str, means: str) -> None:
    assert at(typed) == means


def test_a_time_behind() -> None:
    found = past("last tuesday", now=NOW, zone=UTC)
    assert datetime.fromtimestamp(found, UTC).strftime("%a %d %b") == "Tue 17 Nov"
    assert past("2 weeks", now=NOW) == NOW - 14 * 86_400


@pytest.mark.parametrize(
    "typed", ["", "blue", "in -3 days", "99999999 days", "yesterday", "2020-01-01", "\x1bblue", "0d"]
)
def test_what_is_no_time_ahead_is_refused_in_one_sentence(typed: str) -> None:
    with pytest.raises(WrongUsage) as caught:
        future(typed, now=NOW, zone=UTC)
    assert "\x1b" not in str(caught.value)
