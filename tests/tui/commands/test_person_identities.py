"""Merging, splitting, suggestions and contacts with the real program."""

import csv
import io
from pathlib import Path

import pytest

from program import Demo, Program

CARDS = """BEGIN:VCARD
VERSION:4.0
FN:Ann Hall
URL:https://ann.example
EMAIL:ann@ann.example
CATEGORIES:porto
NOTE:Likes tea
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Ann Hall
SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://there.example/@ann
END:VCARD
BEGIN:VCARD
VERSION:4.0
FN:Bo
EMAIL:bo@bo.example
END:VCARD
"""


@pytest.fixture
def kith(tmp_path: Path) -> Program:
    """A workspace with three contacts in it: Ann 1 and Ann 2, who may be one, and Bo 3."""
    file = tmp_path / "cards.vcf"
    file.write_text(CARDS)
    program = Program(tmp_path, tmp_path / "workspace")
    done = program("import", "vcard", str(file), "--json")
    assert (done.code, done.one) == (0, {"added": [1, 2, 3], "known": [], "refused": 0})
    return program


def test_a_suggestion_is_listed_with_its_reasons_and_accepted(kith: Program) -> None:
    [found] = kith("person", "suggestions", "list", "--json").each
    assert set(found) == {"one", "other", "weight", "left", "reasons"}
    assert [reason["words"] for reason in found["reasons"]] == ["the same name: Ann Hall"]
    assert "the same name: Ann Hall" in kith("person", "suggestions").out
    done = kith("person", "suggestions", "accept", "1", "2", "--json")
    assert (done.code, len(done.one["identities"])) == (0, 3)
    assert kith("person", "suggestions", "list", "--json").each == []
    assert kith("person", "show", "2", "--json").one["id"] == 1


def test_suggestions_are_json_with_or_without_the_word_list(kith: Program) -> None:
    assert kith("person", "suggestions", "--json").each == kith("person", "suggestions", "list", "--json").each != []


def test_a_term_that_is_denied_is_no_option(kith: Program) -> None:
    everybody = kith("person", "list", "--json").each
    assert kith("person", "list", "-has:contact", "--json").each == everybody != []
    assert kith("list", "-has:tag", "--json").code == 0
    assert "Usage" not in kith("list", "-has:tag").out


def test_refused_is_for_good_and_left_can_be_found(kith: Program) -> None:
    assert kith("person", "suggestions", "leave", "1", "2").code == 0
    assert kith("person", "suggestions", "list", "--json").each == []
    assert len(kith("person", "suggestions", "list", "--left", "--json").each) == 1
    assert "not the same person" in kith("person", "suggestions", "refuse", "1", "2").out
    assert kith("person", "suggestions", "list", "--left", "--json").each == []


def test_merge_and_split_take_people_together_and_apart(kith: Program) -> None:
    done = kith("person", "merge", "1", "Bo", "--json")
    assert {each["handle"] for each in done.one["identities"]} == {"ann.example", "ann@ann.example", "bo@bo.example"}
    done = kith("person", "split", "1", "ann@ann.example", "--json")
    assert {each["handle"] for each in done.one["identities"]} == {"ann.example", "bo@bo.example"}
    done = kith("person", "split", "1", "--json")
    assert {each["handle"] for each in done.one["identities"]} == {"ann.example"}
    wrong = kith("person", "split", "1")
    assert (wrong.code, "Nobody was joined" in wrong.err) == (2, True)
    assert kith("person", "split", "3", "nobody").code == 2
    assert kith("person", "merge", "1", "1").code == 2


def test_one_person_goes_out_as_a_page_a_card_and_json_without_notes(kith: Program, tmp_path: Path) -> None:
    assert "tea" not in kith("person", "export", "1").out
    assert "tea" in kith("person", "export", "1", "--notes").out
    assert "EMAIL:ann@ann.example" in kith("person", "export", "1", "--vcard").out
    assert "NOTE:Likes tea" in kith("person", "export", "1", "--vcard", "--notes").out
    assert kith("person", "export", "1", "--json").one["notes"] == []
    assert len(kith("person", "export", "1", "--json", "--notes").one["notes"]) == 1
    file = tmp_path / "ann.vcf"
    assert kith("person", "export", "1", "--vcard", "-o", str(file)).code == 0
    assert kith("import", "vcard", str(file), "--json").one == {"added": [], "known": [1], "refused": 0}
    assert kith("person", "export", "1", "-o", str(file)).code == 2


def test_what_is_held_is_told_and_forgotten_in_two_steps(kith: Program) -> None:
    told = kith("person", "held", "1", "--json").one
    assert (told["counts"]["handle"], told["counts"]["note"]) == (2, 1)
    assert {"kind", "id", "at", "text", "place"} == set(told["rows"][0])
    assert "Likes tea" in kith("person", "held", "1").out
    assert kith("person", "forget", "1", "--for-good").code == 2
    assert kith("person", "forget", "1", "--json").one == {"id": 1, "state": "hidden"}
    assert [row["id"] for row in kith("person", "forget", "--json").each] == [1]
    assert kith("person", "forget", "1", "--take-back", "--json").one["state"] == "kept"
    assert "Likes tea" in kith("person", "held", "1").out
    assert kith("person", "forget", "1").code == 0
    assert kith("person", "forget", "1", "--for-good", "--json").one == {"id": 1, "state": "forgotten"}
    assert kith("person", "forget", "1", "--take-back").code == 2
    left = b"".join(path.read_bytes() for path in kith.workspace.glob("kith.db*"))
    assert b"Likes tea" not in left
    assert b"ann.example" not in left
    assert kith("undo").code == 2


def test_what_is_no_vcard_is_refused(kith: Program, tmp_path: Path) -> None:
    file = tmp_path / "x.vcf"
    file.write_text("hello")
    assert kith("import", "vcard", str(file)).code == 2
    assert kith("import", "vcard", str(tmp_path / "missing.vcf")).code == 2


def test_in_town_the_person_on_two_platforms_is_suggested_as_one(demo: Demo, tmp_path: Path) -> None:
    pairs = demo.kith("person", "suggestions", "list", "--json").each
    noor = [pair for pair in pairs if pair["one"]["name"] == pair["other"]["name"] == "Noor Haddad"]
    places = [{*pair["one"]["networks"], *pair["other"]["networks"]} for pair in noor]
    assert {"wordpress", "fediverse"} in places
    assert "proved" in noor[0]["reasons"][0]["words"]
    rows = list(csv.DictReader(io.StringIO(demo.kith("export", "csv", "stage:friend").out)))
    assert {row["name"] for row in rows} == {"Jon Adeyemi", "Tomás Rey"}
    cards = demo.kith("export", "vcard", "stage:friend").out.replace("\r\n ", "")
    assert "SOCIALPROFILE;SERVICE-TYPE=Mastodon;USERNAME=jon@workbench.example" in cards
    assert "ThinkPad" not in cards
    there = tmp_path / "pages"
    assert demo.kith("export", "markdown", str(there), "stage:friend").code == 0
    assert sorted(path.name.rpartition("-")[0] for path in there.iterdir()) == ["Jon-Adeyemi", "Tomás-Rey"]


def test_a_site_in_town_says_where_else_its_owner_is(demo: Demo) -> None:
    pairs = demo.kith("person", "suggestions", "list", "--json").each
    sefa = next(
        each["id"] for pair in pairs for each in (pair["one"], pair["other"])
        if each["name"] == "Sefa Lotu" and each["networks"] == ["wordpress"]
    )  # fmt: skip
    done = demo.kith("person", "read-site", str(sefa), "--json")
    assert done.code == 0, done
    assert "web" in {each["network"] for each in done.one["identities"]}
    reasons = [
        pair["reasons"][0]["words"] for pair in demo.kith("person", "suggestions", "list", str(sefa), "--json").each
    ]
    assert any("profile" in words or "proved" in words for words in reasons)
    assert demo.kith("person", "read-site", "Kemi").code == 2
