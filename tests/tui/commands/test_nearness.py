"""Stages, cadences, contacts and loops with the real program."""

from pathlib import Path

import pytest

from program import Program

CARD = "BEGIN:VCARD\nVERSION:4.0\nFN:Ann Hall\nURL:https://ann.example\nEND:VCARD\n"
LOOP = {"what", "id", "person_id", "person", "text", "since", "due_at", "conversation_id", "source", "reach"}


@pytest.fixture
def kith(tmp_path: Path) -> Program:
    """A workspace with Ann in it."""
    file = tmp_path / "cards.vcf"
    file.write_text(CARD)
    program = Program(tmp_path, tmp_path / "workspace")
    assert program("import", "vcard", str(file), "--json").code == 0
    return program


def test_a_stage_is_set_with_its_reason_and_the_log_tells_it(kith: Program) -> None:
    moved = kith("person", "stage", "ann", "friend", "--why", "met at the fair", "--json").one
    assert (moved["stage"], moved["timeline"][0]["text"]) == ("friend", "met at the fair")
    kith("person", "stage", "ann", "farther")
    shown = kith("person", "stage", "ann", "--json").one
    assert [(each["before"], each["after"], each["why"]) for each in shown["log"]] == [
        ("friend", "regular", ""),
        ("stranger", "friend", "met at the fair"),
    ]
    assert shown["suggestion"] is None
    assert "stranger → friend" in kith("person", "stage", "ann").out
    assert "no stage" in kith("person", "stage", "ann", "fiend").err
    assert kith("person", "stage", "ann", "accept").code == 2


def test_an_outcome_is_written_down_and_shown_by_itself(kith: Program) -> None:
    row = kith("person", "outcome", "ann", "invitation", "to", "speak", "--on", "3 days ago", "--json").one["timeline"][
        0
    ]
    assert (row["what"], row["kind"], row["text"]) == ("outcome", "invitation", "to speak")
    assert "to speak" in kith("person", "show", "ann", "--only", "is:outcome").out
    assert kith("person", "outcome", "ann", "fix", "--of", "99").code != 0
    assert kith("person", "outcome", "ann", "other").code == 2
    kith("undo")
    assert kith("person", "show", "ann", "--only", "is:outcome", "--json").one["timeline"] == []


def test_a_suggested_step_is_accepted_or_refused(kith: Program) -> None:
    kith("person", "log", "ann", "met", "at the fair", "--on", "3 days ago")
    shown = kith("person", "stage", "ann", "--json").one
    assert (shown["suggestion"]["stage"], shown["suggestion"]["nearer"]) == ("visitor", True)
    assert "you met in" in kith("person", "stage", "ann").out
    assert kith("person", "stage", "ann", "refuse").code == 0
    assert kith("person", "stage", "ann", "--json").one["suggestion"] is None
    kith("undo")
    assert kith("person", "stage", "ann", "accept", "--json").one["stage"] == "visitor"


def test_a_cadence_is_given_to_a_person_and_to_a_tag(kith: Program) -> None:
    own = kith("person", "cadence", "ann", "2w", "at", "most", "6w", "--json").one
    assert own["cadence"] == {"ideal_s": 1_209_600, "max_s": 3_628_800, "by_tag": False}
    kith("person", "tag", "ann", "book")
    kith("person", "cadence", "ann", "none")
    assert "every month" in kith("person", "cadence", "--tag", "book", "every", "month").out
    assert kith("person", "cadence", "ann", "--json").one["cadence"]["by_tag"] is True
    assert kith("person", "cadence", "--json").each == [
        {"tag": "book", "ideal_s": 2_592_000, "max_s": 2_592_000, "people": 1}
    ]
    assert "every month, by a tag" in kith("person", "show", "ann").out
    assert "#book  every month" in kith("person", "cadence").out
    assert "every month" in kith("person", "cadence", "ann", "now", "and", "then").err
    assert kith("person", "rest", "ann", "--json").one["resting_at"] is not None
    assert "no longer resting" in kith("person", "rest", "ann").out


def test_a_contact_is_logged_on_a_past_day(kith: Program) -> None:
    one = kith(
        "person", "log", "ann", "call", "about", "the", "book", "--direction", "given", "--on", "2 weeks ago", "--json"
    )
    assert one.one["timeline"][0]["kind"] == "call · given"
    assert one.one["timeline"][0]["at"] < one.one["timeline"][0]["at"] + 1
    assert "lies ahead" in kith("person", "log", "ann", "call", "--on", "next week").err
    assert kith("person", "show", "ann", "--only", "is:logged", "--json").one["timeline"] != []
    assert kith("person", "show", "ann", "--only", "is:note", "--json").one["timeline"] == []
    assert "is:nonsense is unknown" in kith("person", "show", "ann", "--only", "is:nonsense").err


def test_loops_are_listed(kith: Program) -> None:
    assert "Nothing is open" in kith("loops").out
    kith("person", "promise", "ann", "send the slides by in 3 days")
    kith("person", "promise", "ann", "write")
    found = kith("loops", "--json").each
    assert [set(each) for each in found] == [LOOP, LOOP]
    assert [each["text"] for each in found] == ["send the slides", "write"]
    assert kith("loops", "--kind", "waits", "--json").each == []
    assert "you promised" in kith("loops", "--limit", "1").out
