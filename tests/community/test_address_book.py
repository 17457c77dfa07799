"""Contacts come in as people, and people go out as contacts."""

import csv
import io

import pytest

from community.address_book import AddressBook, TakenIn, offered
from community.errors import WrongUsage
from community.query import parse
from community.sources.base import Author, ItemKind, ProfileLink
from community.text import clean_line
from community.vcard import read
from community.workspace import Workspace
from fakes import DAY, ME, NOW, add_source, arrive, comment
from full import dump
from storage.files import FILE

pytestmark = pytest.mark.anyio

JON = Author(
    "fediverse", "https://there.example/users/jon", clean_line("@jon@there.example"), clean_line("Jon Adeyemi"),
    "https://there.example/@jon", links=(ProfileLink("https://jon.example"),),
)  # fmt: skip
ANN = Author("wordpress:blog", "guest:=ann", clean_line("=cmd()"), clean_line("=cmd()"), "https://ann.example/")
CARD = """BEGIN:VCARD
VERSION:4.0
UID:urn:uuid:1
FN:Jon Adeyemi
EMAIL:Jon@Jon.example
SOCIALPROFILE;SERVICE-TYPE=Mastodon:https://there.example/@jon
CATEGORIES:old friend,porto
NOTE:Allergic to nuts
END:VCARD
"""


@pytest.fixture
async def met(workspace: Workspace) -> Workspace:
    """Jon and Ann, who wrote; a note on Jon."""
    source = await add_source(workspace)
    await arrive(
        workspace, source, comment("1", JON, "# Hello *there* <script>", at=NOW - DAY), comment("2", ANN, "Hi")
    )
    await arrive(workspace, source, comment("3", ME, "Yes", at=NOW, parent="1"))
    await workspace.people.note(1, "Secretly likes tea")
    await workspace.people.tag([1], "porto")
    await workspace.people.promise(1, "Send the slides", due_at=NOW + DAY)
    return workspace


def book(workspace: Workspace) -> AddressBook:
    return AddressBook(workspace.store, workspace.people)


async def take_in(workspace: Workspace, card: str = CARD) -> TakenIn:
    return await book(workspace).take_in(offered(card.encode()))


async def test_a_contact_becomes_a_person_with_ways_tags_and_notes(workspace: Workspace) -> None:
    taken = await take_in(workspace)
    card = workspace.people.card(taken.added[0])
    assert [each.handle for each in card.identities] == ["Jon@Jon.example", "there.example/@jon"]
    assert card.tags == ("old-friend", "porto")
    assert [note.text for note in card.notes] == ["Allergic to nuts"]
    assert workspace.people.find("jon")[0].name == "Jon Adeyemi"


async def test_the_same_contact_twice_is_one_person_and_nothing_is_there_twice(workspace: Workspace) -> None:
    first = await take_in(workspace)
    again = await take_in(workspace, CARD.replace("SOCIALPROFILE", "URL:https://new.example\nSOCIALPROFILE"))
    assert (again.added, again.known) == ((), first.added)
    card = workspace.people.card(first.added[0])
    assert (len(card.notes), len(card.identities)) == (1, 3)


async def test_a_contact_who_may_be_somebody_known_is_suggested_and_not_joined(met: Workspace) -> None:
    taken = await take_in(met)
    [pair] = met.identities.suggested()
    assert (pair.one_id, pair.other_id) == (1, taken.added[0])
    words = [reason.words for reason in met.identities.reasons(pair.one_id, pair.other_id)]
    assert words[0] == "the profile of there.example/@jon (profile) links to @jon@there.example (fediverse)"


async def test_people_go_out_as_cards_without_notes_and_come_in_elsewhere(met: Workspace, workspace: Workspace) -> None:
    quiet = "".join(book(met).cards([1, 2], notes=False))
    told = "".join(book(met).cards([1, 2], notes=True))
    assert "tea" not in quiet
    assert "NOTE:Secretly likes tea" in told
    assert "SOCIALPROFILE;SERVICE-TYPE=Mastodon;USERNAME=jon@there.example:" in quiet.replace("\r\n ", "")
    offer = offered(told.encode())
    assert [(each.name, [way.url for way in each.ways]) for each in offer.contacts] == [
        ("Jon Adeyemi", ["https://there.example/@jon", "https://jon.example"]),
        ("=cmd()", ["https://ann.example/"]),
    ]
    assert read(told.encode()).refused == 0


async def test_a_table_of_people_holds_no_formula_and_no_note(met: Workspace) -> None:
    text = "".join(book(met).table(parse("", now=NOW, target="people")))
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["name"] for row in rows] == ["Jon Adeyemi", "'=cmd()"]
    assert (rows[0]["tags"], rows[0]["handles"]) == ("porto", "'@jon@there.example")
    assert "tea" not in text


async def test_a_page_tells_everything_between_us_and_notes_only_when_asked(met: Workspace) -> None:
    page = "".join(book(met).page(1, notes=False))
    assert page.startswith("# Jon Adeyemi\n")
    assert "tea" not in page
    assert "> \\# Hello \\*there\\* \\<script\\>" in page
    assert page.index("Yes") < page.index("Hello")
    assert "Secretly likes tea" in "".join(book(met).page(1, notes=True))


async def test_what_i_wrote_about_somebody_leaves_only_when_asked_and_the_facts_always(met: Workspace) -> None:
    await met.people.log(1, "met", "mutual", "by the harbour")
    await met.stages.move(1, "friend", why="since the harbour")
    await met.outcomes.log(1, "fix", "the harbour lights")
    quiet, told = ("".join(book(met).page(1, notes=notes)) for notes in (False, True))
    assert "harbour" not in quiet
    assert "slides" not in quiet
    for fact in ("met · mutual", "stranger → friend", "fix"):
        assert fact in quiet
    assert told.count("harbour") == 3
    assert "- Send the slides, by " in told


def listed(workspace: Workspace, query: str = "") -> list[str]:
    """The names in People, read by pages of two."""
    found: list[str] = []
    before: tuple[int, int] | None = None
    while rows := workspace.people.page(parse(query, now=NOW, target="people"), before=before, limit=2):
        found += [row.name for row in rows]
        before = (rows[-1].last_contact_at or 0, rows[-1].id)
    return found


NEW = [CARD.replace("Jon", name).replace("/@jon", f"/@{name}") for name in ("Una", "Vic", "Wim")]


async def test_whom_i_know_of_and_never_was_in_contact_with_is_listed_after_the_others(met: Workspace) -> None:
    await take_in(met, "".join(NEW))
    assert listed(met) == ["Jon Adeyemi", "=cmd()", "Wim Adeyemi", "Vic Adeyemi", "Una Adeyemi"]
    assert listed(met, "has:contact") == ["Jon Adeyemi", "=cmd()"]
    assert listed(met, "-has:contact tag:porto") == ["Wim Adeyemi", "Vic Adeyemi", "Una Adeyemi"]
    rows = list(csv.DictReader(io.StringIO("".join(book(met).table(parse("", now=NOW, target="people"))))))
    assert [row["name"] for row in rows][2:] == ["Wim Adeyemi", "Vic Adeyemi", "Una Adeyemi"]
    vic = next(found.id for found in met.people.find("Vic"))
    await met.people.log(vic, "met", "mutual", "at last", at=NOW)
    assert listed(met)[:2] == ["Vic Adeyemi", "Jon Adeyemi"]
    await met.forgetting.hide(next(found.id for found in met.people.find("Una")))
    assert listed(met) == ["Vic Adeyemi", "Jon Adeyemi", "=cmd()", "Wim Adeyemi"]


async def test_who_is_only_read_is_not_listed_until_something_is_noted(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", JON, "An article", kind=ItemKind.ARTICLE))
    assert listed(workspace) == []
    await workspace.people.note(1, "writes well")
    assert listed(workspace) == ["Jon Adeyemi"]


async def test_contacts_without_any_contact_go_out_and_come_back_as_they_were(workspace: Workspace) -> None:
    bare = "BEGIN:VCARD\nVERSION:4.0\nUID:urn:uuid:77\nFN:Only A. Name\nEND:VCARD\n"
    await take_in(workspace, "".join(NEW) + bare)
    everybody = book(workspace).everybody(parse("", now=NOW, target="people"))
    out = "".join(book(workspace).cards([row.id for row in everybody], notes=True))
    again = await book(workspace).take_in(offered(out.encode()))
    assert (again.added, len(again.known)) == ((), 4)
    assert len(listed(workspace)) == 4


async def test_one_undo_takes_an_import_back_and_redo_brings_it_again(met: Workspace) -> None:
    before = dump(met.directory / FILE, without=("journal",))
    taken = await take_in(met, "".join([*NEW, CARD]))
    shown = dump(met.directory / FILE, without=("journal",))
    assert "Took in 4 contacts." in await met.undo.undo()
    assert dump(met.directory / FILE, without=("journal",)) == before
    await met.undo.redo()
    assert dump(met.directory / FILE, without=("journal",)) == shown
    assert len(taken.added) == 4


async def test_an_import_stays_when_somebody_of_it_has_spoken_since(met: Workspace) -> None:
    taken = await take_in(met)
    way = met.people.card(taken.added[0]).identities[0]
    spoke = Author(way.network, way.key, clean_line(way.handle), clean_line(way.name))
    await arrive(met, met.sources()[0], comment("9", spoke, "Here I am"))
    with pytest.raises(WrongUsage, match="cannot be taken back"):
        await met.undo.undo()
    assert met.people.card(taken.added[0]).person.name == "Jon Adeyemi"


async def test_a_thousand_contacts_come_in_in_a_moment(workspace: Workspace) -> None:
    cards = "".join(CARD.replace("Jon", f"Jon{at}").replace("/@jon", f"/@jon{at}") for at in range(300))
    taken = await take_in(workspace, cards)
    assert len(taken.added) == 300
    assert workspace.identities.suggested() == []
