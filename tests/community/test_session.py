"""Sessions: their count is honest, they survive being written down, and the five are the same all day."""

import json

import pytest

from community.session import CONVERSATION, LASTS_S, PERSON, Candidate, Session, Step, five, read
from community.text import clean_line

NOW = 1_750_000_000


def some(*names: str) -> list[Candidate]:
    return [Candidate(sum(map(ord, name)), name, clean_line("because")) for name in names]


def names(found: list[Candidate]) -> list[str]:
    return [each.name for each in found]


def test_an_honest_summary() -> None:
    assert Session([Step(CONVERSATION, 1)], at=1).summary(1) == (
        "You looked, and that was all.",
        "1 waits for you still.",
    )
    done = Session([Step(CONVERSATION, 1)], at=1, answered=2, logged=1)
    assert done.summary(0) == ("You answered 2 conversations and logged 1 contact.", "Nobody is waiting for you.")
    assert "2 are still to come" in Session([Step(CONVERSATION, 1), Step(PERSON, 2, "x")]).summary(3)[1]


def test_what_was_written_down_is_taken_up_until_the_next_day() -> None:
    session = Session(
        [Step(CONVERSATION, 7), Step(PERSON, 9, "you promised: slides")], "five today", NOW, 1, answered=1
    )
    assert read(session.written(), now=NOW + 3600) == session
    assert read(session.written(), now=NOW + LASTS_S) is None
    assert read(session.written(), now=NOW - 1) is None
    session.go_on()
    assert session.written() == ""


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "null", "7", '["a", 1, [], []]', "[" * 5000, json.dumps(["", NOW, [0] * 6, [["boat", 1, ""]]]),
     json.dumps(["", NOW, [0, 0, 0, 0, 0, True], [["person", 1, ""]]]),
     json.dumps(["", NOW, [0] * 6, [["person", -1, ""]]]),
     json.dumps([7, NOW, [0] * 6, [["person", 1 << 80, ""]]])],
)  # fmt: skip
def test_anything_else_is_no_session(text: str) -> None:
    assert read(text, now=NOW) is None


def test_the_five_come_by_turns_each_once_and_are_the_same_all_day() -> None:
    loops, late, quiet = some("jon", "ines"), some("ines", "kemi"), some("bao", "noor", "jon", "sefa")
    found = five(loops, late, quiet, day=4)
    assert names(found) == ["jon", "ines", "bao", "kemi", "noor"]
    assert five(loops, late, quiet, day=4) == found
    assert names(five([], [], quiet, day=1)) == ["noor", "jon", "sefa", "bao"]
    assert five([], [], [], day=1) == []
