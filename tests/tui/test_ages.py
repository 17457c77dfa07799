"""Times in a few letters."""

from datetime import UTC

import pytest

from tui.ages import age, ago, day, due, moment, since

NOW = 1_750_000_000  # Sunday, 15 June 2025, 15:06:40 UTC
MIN, HOUR, DAY = 60, 3600, 86_400


@pytest.mark.parametrize(
    ("passed", "words"),
    [(0, "now"), (-50, "now"), (40 * MIN, "40 min"), (5 * HOUR, "5 h"), (3 * DAY, "3 d"), (49 * DAY, "7 weeks"),
     (100 * DAY, "7 Mar"), (800 * DAY, "Apr 2023")],
)  # fmt: skip
def test_ages_are_short(passed: int, words: str) -> None:
    assert age(NOW - passed, NOW, zone=UTC) == words
    assert len(words) <= 8


def test_nothing_has_no_age() -> None:
    assert age(None, NOW) == ago(None, NOW) == since(None, NOW) == ""


def test_half_sentences() -> None:
    assert ago(NOW - 10, NOW) == "just now"
    assert ago(NOW - DAY, NOW) == "1 day ago"
    assert ago(NOW - 21 * DAY, NOW) == "3 weeks ago"
    assert ago(NOW - 800 * DAY, NOW, zone=UTC) == "on 7 Apr 2023"
    assert since(NOW + DAY, NOW, zone=UTC) == since(NOW - HOUR, NOW, zone=UTC) == "today"
    assert since(NOW - DAY, NOW, zone=UTC) == "yesterday"
    assert since(NOW - 3 * DAY, NOW, zone=UTC) == "Thursday"
    assert since(NOW - 10 * DAY, NOW, zone=UTC) == "5 Jun"
    assert since(NOW - 40 * DAY, NOW, zone=UTC) == "May"


def test_what_lies_ahead() -> None:
    assert due(NOW + 40 * MIN, NOW, zone=UTC) == "in 40 min"
    assert due(NOW + 4 * HOUR, NOW, zone=UTC) == "at 19:06"
    assert due(NOW + DAY, NOW, zone=UTC) == "tomorrow"
    assert due(NOW + 5 * DAY, NOW, zone=UTC) == "fri"
    assert due(NOW + 30 * DAY, NOW, zone=UTC) == "15 Jul"
    assert due(NOW - HOUR, NOW, zone=UTC) == "today"
    assert due(NOW - 3 * DAY, NOW, zone=UTC) == "3 d late"


def test_absurd_times_crash_nothing() -> None:
    for at in (-(1 << 60), 1 << 60):
        assert isinstance(day(at, NOW), str)
        assert isinstance(moment(at), str)
