"""One person, many identities: suggested with reasons, joined by the user alone, taken apart at any time."""

import random
import sqlite3
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

import fakes
from community.delivery import Delivery
from community.errors import WrongUsage
from community.model import Identity, Source
from community.query import parse
from community.sources.base import Author, IncomingSignal, ProfileLink, SignalKind
from community.text import clean_line
from community.workspace import Workspace
from crowded import alike, authors
from fakes import DAY, ME, NOW, add_source, arrive, comment
from full import dump
from storage import tables
from storage.database import FILE
from storage.journal import belonging

pytestmark = pytest.mark.anyio


def blogger(name: str = "Jon", url: str | None = "https://jon.example/", mail: str | None = None) -> Author:
    return Author("wordpress:blog.example", f"guest:{name}", clean_line(name), clean_line(name), url, mail)


def tooter(handle: str = "@jon@there.example", name: str = "jon", *links: ProfileLink, me: bool = False) -> Author:
    page = f"https://there.example/{handle}"
    return Author("fediverse", page, clean_line(handle), clean_line(name), page, is_me=me, links=links)


async def meet(workspace: Workspace, *met: Author, source: Source | None = None) -> None:
    """Hear from each of these for the first time."""
    source = source or await add_source(workspace)
    await arrive(workspace, source, *(comment(f"{at}-{who.key}", who, "Hello") for at, who in enumerate(met)))


def suggested(workspace: Workspace) -> list[tuple[str, str]]:
    return [(pair.one_name, pair.other_name) for pair in workspace.identities.suggested()]


def why(workspace: Workspace) -> list[str]:
    pair = workspace.identities.suggested()[0]
    return [reason.words for reason in workspace.identities.reasons(pair.one_id, pair.other_id)]


def names(workspace: Workspace) -> set[str]:
    return {person.name for person in workspace.people.page(parse("", now=NOW, target="people"))}


async def test_two_identities_with_everything_in_common_stay_two_people_until_the_user_says_so(
    workspace: Workspace,
) -> None:
    await meet(workspace, blogger("Jon Adeyemi", mail="aa"), blogger("Jon Adeyemi.", mail="aa"))
    assert len(names(workspace)) == 2
    assert len(workspace.identities.suggested()) == 1


async def test_a_profile_that_links_to_a_site_is_suggested_with_that_reason(workspace: Workspace) -> None:
    await meet(workspace, blogger(), tooter("@ada@there.example", "Ada", ProfileLink("http://www.jon.example")))
    assert why(workspace) == ["the same site: jon.example"]


async def test_a_checked_link_says_so(workspace: Workspace) -> None:
    await meet(
        workspace, blogger(), tooter("@jon@there.example", "x", ProfileLink("https://jon.example", is_proved=True))
    )
    assert why(workspace) == ["the same site: jon.example, proved for @jon@there.example (fediverse)"]


async def test_a_site_that_links_to_a_profile_is_suggested_with_that_reason(workspace: Workspace) -> None:
    await meet(workspace, tooter(), blogger("Ann", "https://there.example/@jon@there.example"))
    assert why(workspace) == ["the profile of Ann (wordpress) links to @jon@there.example (fediverse)"]


async def test_mail_handle_and_name_each_speak_and_the_strongest_first(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await meet(workspace, blogger("Night Owl42", None, "aa"), source=source)
    twin = Author("isso:b.example", "1", clean_line("nightowl42"), clean_line("Night Owl42"), None, "aa")
    other = Author("bluesky", "did:1", clean_line("@nightowl42"), clean_line("x"))
    await meet(workspace, twin, other, source=source)
    assert why(workspace) == ["the same e-mail address", "the same name: Night Owl42"]
    second = workspace.identities.suggested()[1]
    words = [reason.words for reason in workspace.identities.reasons(second.one_id, second.other_id)]
    assert words == ["the same handle: nightowl42"]


async def test_a_short_form_of_the_name_is_mentioned_beside_a_stronger_reason(workspace: Workspace) -> None:
    await meet(
        workspace, blogger("Kemi O."), tooter("@k@there.example", "Kemi Okafor", ProfileLink("https://jon.example"))
    )
    assert why(workspace)[1:] == ["similar names: Kemi O., Kemi Okafor"]


async def test_a_renamed_identity_is_compared_anew(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await meet(workspace, blogger("Jon", None), tooter("@x@there.example", "x"), source=source)
    assert suggested(workspace) == []
    linked = tooter("@x@there.example", "x", ProfileLink("https://jon.example"))
    await arrive(workspace, source, comment("9", linked, "Again"), comment("8", blogger("Jon"), "Me too"))
    assert suggested(workspace) == [("Jon", "x")]
    await arrive(workspace, source, comment("10", tooter("@x@there.example", "x"), "My profile is empty now"))
    assert suggested(workspace) == []


async def test_a_profile_that_was_not_seen_takes_nothing_back(workspace: Workspace) -> None:
    source = await add_source(workspace)
    known = tooter("@x@there.example", "x", ProfileLink("https://jon.example"))
    await meet(workspace, blogger(), known, source=source)
    unseen = Author(known.network, known.key, known.handle, clean_line("renamed"), known.url)
    await arrive(workspace, source, comment("9", unseen, "Again"))
    assert len(workspace.identities.suggested()) == 1


async def test_what_too_many_people_share_is_no_evidence(workspace: Workspace) -> None:
    source = await add_source(workspace)
    crowd = [blogger(f"Writer{letter}", "https://magazine.example") for letter in "abcdef"]
    await meet(workspace, *crowd, source=source)
    assert len(workspace.identities.suggested()) == 15
    await meet(workspace, blogger("Writerg", "https://magazine.example"), source=source)
    assert suggested(workspace) == []


async def test_i_am_never_suggested_as_somebody_else_not_even_late(workspace: Workspace) -> None:
    source = await add_source(workspace)
    mine = ProfileLink("https://jon.example")
    await meet(workspace, blogger(), tooter("@me@there.example", "me", mine), source=source)
    assert len(workspace.identities.suggested()) == 1
    await arrive(workspace, source, comment("9", tooter("@me@there.example", "me", mine, me=True), "It is me"))
    assert suggested(workspace) == []
    with pytest.raises(WrongUsage, match="That is you"):
        await workspace.identities.merge(1, 2)


async def test_a_refused_pair_is_never_suggested_again_whatever_either_is_joined_with(workspace: Workspace) -> None:
    source = await add_source(workspace)
    jon, ann, far = blogger("Jon", mail="aa"), blogger("Ann", mail="aa"), blogger("Far", "https://far.example", "aa")
    await meet(workspace, jon, ann, far, source=source)
    await workspace.identities.refuse(1, 2)
    assert suggested(workspace) == [("Jon", "Far"), ("Ann", "Far")]
    await workspace.identities.accept(1, 3)
    assert suggested(workspace) == []
    await workspace.undo.undo()
    assert suggested(workspace) == [("Jon", "Far"), ("Ann", "Far")]
    await workspace.undo.undo()
    assert len(workspace.identities.suggested()) == 3


async def test_what_is_left_open_is_asked_no_more_but_can_be_found(workspace: Workspace) -> None:
    await meet(workspace, blogger("Jon"), blogger("Ann"))
    await workspace.identities.leave(1, 2)
    assert suggested(workspace) == []
    assert [pair.is_left for pair in workspace.identities.suggested_for(1)] == [1]
    assert len(workspace.identities.suggested(is_left=True)) == 1
    await workspace.identities.refuse(1, 2)
    assert workspace.identities.suggested_for(1) == []


async def test_joining_by_hand_what_a_platform_will_not_have_matched_comes_with_a_warning(workspace: Workspace) -> None:
    redditor = Author("reddit", "t2_1", clean_line("u/nightowl42"), clean_line("Jon Adeyemi"))
    await meet(workspace, redditor, blogger("Jon Adeyemi"), tooter("@nightowl42@a.example", "Jon B. Adeyemi"))
    assert suggested(workspace) == []
    assert "Reddit asks" in workspace.identities.warning(1, 2)
    assert workspace.identities.warning(2, 3) == ""
    await workspace.identities.merge(1, 2)
    assert len(workspace.people.card(1).identities) == 2


async def test_everything_of_the_other_moves_and_comes_back_long_after_the_journal_forgot(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", blogger(), "Mine", at=NOW - 9 * DAY))
    await arrive(workspace, source, comment("2", tooter(), "Elsewhere", at=NOW - DAY))
    people = workspace.people
    await people.note(2, "Likes tea.")
    await people.promise(2, "Send the slides")
    await people.log(2, "met", "mutual", "Porto", at=NOW - 60)
    await people.tag([2], "porto")
    for _ in range(3):
        await workspace.stages.step(2, outward=False)
    before = people.card(2), people.timeline(2), people.card(1), people.timeline(1)
    await workspace.identities.merge(1, 2)
    card = people.card(1)
    assert (card.person.stage, card.tags, len(card.notes), len(card.promises)) == ("friend", ("porto",), 1, 1)
    assert len(people.timeline(1)) == 8
    assert workspace.identities.now(2) == 1
    await workspace.undo.forget()
    [merging] = workspace.identities.mergings(1)
    assert "two people again" in await workspace.identities.take_apart(merging.id)
    assert (people.card(2), people.timeline(2), people.card(1), people.timeline(1)) == before
    assert workspace.identities.mergings(1) == []
    with pytest.raises(WrongUsage, match="already"):
        await workspace.identities.take_apart(merging.id)


async def test_words_that_came_after_the_merge_go_with_their_identity(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await meet(workspace, blogger(), tooter(), source=source)
    await workspace.identities.merge(1, 2)
    await arrive(
        workspace, source, comment("9", tooter(), "New", at=NOW), comment("8", ME, "Yes", at=NOW + 5, parent="9")
    )
    await workspace.people.note(1, "Written about both.")
    await workspace.identities.take_apart(workspace.identities.mergings(1)[0].id)
    other, kept = workspace.people.card(2).person, workspace.people.card(1).person
    assert (other.last_incoming_at, other.last_outgoing_at, other.last_contact_at) == (NOW, NOW + 5, NOW + 5)
    assert (kept.last_incoming_at, kept.last_outgoing_at) == (NOW - 3600, None)
    assert [note.text for note in workspace.people.card(1).notes] == ["Written about both."]


async def test_undoing_a_merge_keeps_the_contact_that_came_meanwhile(workspace: Workspace) -> None:
    source = await add_source(workspace)
    await meet(workspace, blogger(), tooter(), source=source)
    await workspace.identities.merge(1, 2)
    await arrive(workspace, source, comment("9", blogger(), "New", at=NOW))
    await workspace.undo.undo()
    assert workspace.people.card(1).person.last_contact_at == NOW


async def test_what_the_user_decided_since_is_not_taken_back(workspace: Workspace) -> None:
    await meet(workspace, blogger(), tooter())
    await workspace.stages.step(2, outward=False)
    await workspace.identities.merge(1, 2)
    await workspace.stages.step(1, outward=False)
    await workspace.identities.take_apart(workspace.identities.mergings(1)[0].id)
    assert (workspace.people.card(1).person.stage, workspace.people.card(2).person.stage) == ("regular", "visitor")


async def test_a_tag_and_a_stage_that_two_others_brought_stay_with_the_second(workspace: Workspace) -> None:
    await meet(workspace, blogger("A", None), blogger("B", None), blogger("C", None))
    for person in (2, 3):
        await workspace.people.tag([person], "porto")
        await workspace.stages.step(person, outward=False)
        await workspace.identities.merge(1, person)
    second, first = workspace.identities.mergings(1)
    await workspace.identities.take_apart(first.id)
    assert (workspace.people.card(1).tags, workspace.people.card(1).person.stage) == (("porto",), "visitor")
    await workspace.identities.take_apart(second.id)
    assert (workspace.people.card(1).tags, workspace.people.card(1).person.stage) == ((), "stranger")


async def test_a_handle_that_went_and_came_back_goes_with_whom_it_came_last(workspace: Workspace) -> None:
    await meet(workspace, *(blogger(name, None) for name in ("X", "K", "B")))
    await workspace.identities.merge(2, 3)
    await workspace.identities.merge(1, 2)
    await workspace.identities.take_apart(workspace.identities.mergings(2)[0].id)
    await workspace.identities.merge(1, 3)
    again, first = workspace.identities.mergings(1)
    await workspace.identities.take_apart(first.id)
    await workspace.identities.take_apart(again.id)
    assert [[each.name for each in workspace.people.card(person).identities] for person in (1, 2, 3)] == [
        ["X"], ["K"], ["B"],
    ]  # fmt: skip


async def test_one_handle_is_split_off_to_where_it_came_from_or_to_a_person_of_its_own(workspace: Workspace) -> None:
    await meet(workspace, blogger("A", None), blogger("B", None), blogger("C", None), blogger("D", None))
    await workspace.people.note(2, "About B.")
    await workspace.identities.merge(3, 4)
    await workspace.identities.merge(1, 2)
    await workspace.identities.merge(1, 3)
    await workspace.identities.split_off(1, 2)
    assert [note.text for note in workspace.people.card(2).notes] == ["About B."]
    await workspace.identities.split_off(1, 4)
    assert {each.name for each in workspace.people.card(5).identities} == {"D"}
    assert len(workspace.people.card(1).identities) == 2
    await workspace.undo.undo()
    assert len(workspace.people.card(1).identities) == 3
    with pytest.raises(WrongUsage, match="no such handle"):
        await workspace.identities.split_off(1, 2)
    with pytest.raises(WrongUsage, match="only handle"):
        await workspace.identities.split_off(2, 2)


async def test_a_reply_in_progress_still_goes_where_it_was_going(
    workspace: Workspace, platform: fakes.Platform
) -> None:
    source = await add_source(workspace)
    await meet(workspace, blogger("Kept", None), blogger("Other", None), blogger("Third", None), source=source)
    kept, other = (workspace.people.timeline(person)[0].id for person in (1, 2))
    begun = await workspace.outbox.save(kept, "Still being writ")
    queued = await workspace.outbox.queue(await workspace.outbox.save(other, "To the other one"), undo_s=0)
    await workspace.identities.merge(1, 2)
    await workspace.identities.merge(3, 1)
    assert await workspace.outbox.save(kept, "Still being written") == begun
    await workspace.identities.take_apart(workspace.identities.mergings(1)[0].id)
    [sent] = await Delivery(workspace.store, workspace.connections).deliver()
    assert (sent.id, sent.state, sent.item_id, sent.account) == (queued.id, "sent", other, queued.account)
    [outgoing] = platform.sent
    assert (outgoing.target.author.key, outgoing.target.remote_id) == ("guest:Other", "1-guest:Other")
    draft = workspace.outbox.draft_for(kept)
    assert draft is not None
    assert (draft.id, draft.text, draft.item_id) == (begun, "Still being written", kept)
    assert workspace.outbox.target(kept).key == "guest:Kept"
    assert [row.what for row in workspace.people.timeline(2)] == ["outgoing", "incoming"]


@dataclass
class _Left:
    one: int
    other: int


def identities(workspace: Workspace) -> list[Identity]:
    return workspace.store.reader.all(
        Identity, "SELECT id, person_id, network, key, handle, name, url, email_hash, links, is_me FROM identity"
    )


def verdicts(workspace: Workspace, said: str) -> set[tuple[int, int]]:
    rows = workspace.store.reader.all(
        _Left, "SELECT one_id AS one, other_id AS other FROM verdict WHERE said = :said", said=said
    )
    return {(row.one, row.other) for row in rows}


def expected(workspace: Workspace) -> dict[tuple[int, int], tuple[int, bool]]:
    return alike(identities(workspace), verdicts(workspace, "refused"), verdicts(workspace, "left"))


def found(workspace: Workspace) -> dict[tuple[int, int], tuple[int, bool]]:
    listed = [pair for left in (False, True) for pair in workspace.identities.suggested(is_left=left, limit=1_000_000)]
    assert [(-pair.weight, pair.one_id) for pair in listed if not pair.is_left] == sorted(
        (-pair.weight, pair.one_id) for pair in listed if not pair.is_left
    )
    return {(pair.one_id, pair.other_id): (pair.weight, bool(pair.is_left)) for pair in listed}


async def settle(workspace: Workspace, number: int, *, seed: int) -> None:
    """A generated community, heard of page by page."""
    source = await add_source(workspace)
    crowd = authors(number, seed=seed)
    while page := list(islice(crowd, 300)):
        await arrive(
            workspace,
            source,
            signals=tuple(IncomingSignal(f"s{who.key}", SignalKind.FOLLOW, who, NOW) for who in page),
        )


async def act(workspace: Workspace, chance: random.Random, people: list[int]) -> None:
    """One thing a user may do with two people, or with the last thing done."""
    service = workspace.identities
    one, other = (service.now(each) for each in chance.sample(people, 2))
    suggestions = service.suggested(limit=20)
    if suggestions and chance.random() < 0.6:
        pair = chance.choice(suggestions)
        one, other = pair.one_id, pair.other_id
    mergings = service.mergings(one)
    mine = [each.id for each in workspace.people.card(one).identities]
    what = chance.choice(
        ("merge", "merge", "accept", "refuse", "leave", "apart", "split", "undo", "redo", "tag", "note")
    )
    try:
        match what:
            case "apart" if mergings:
                await service.take_apart(chance.choice(mergings).id)
            case "split":
                await service.split_off(one, chance.choice(mine))
            case "undo" | "redo":
                await getattr(workspace.undo, what)()
            case "tag":
                await workspace.people.tag([one], chance.choice(("porto", "book", "-book")))
            case "note":
                await workspace.people.note(one, f"Note {chance.random()}")
            case "apart":
                pass
            case _:
                await getattr(service, what)(one, other)
    except WrongUsage:
        pass


async def test_every_suggestion_is_that_of_the_obvious_rule_whatever_is_done(workspace: Workspace) -> None:
    await settle(workspace, 120, seed=3)
    assert found(workspace) == expected(workspace)
    assert len(found(workspace)) > 15
    chance = random.Random(5)
    people = [row.person_id for row in identities(workspace)]
    for step in range(40):
        await act(workspace, chance, people)
        if step % 10 == 0:
            assert found(workspace) == expected(workspace), f"after {step} steps"
    assert found(workspace) == expected(workspace)


@pytest.mark.long
@pytest.mark.timeout(900)
async def test_fifty_thousand_identities_get_the_suggestions_of_the_obvious_rule(workspace: Workspace) -> None:
    import time

    began = time.process_time()
    await settle(workspace, 50_000, seed=1)
    print(f"{time.process_time() - began:.1f} s of CPU to hear of 50 000 identities")
    assert found(workspace) == expected(workspace)
    chance = random.Random(2)
    people = [row.person_id for row in identities(workspace)]
    for _ in range(60):
        await act(workspace, chance, people)
    assert found(workspace) == expected(workspace)
    pair = workspace.identities.suggested(limit=1)[0]
    began = time.perf_counter()
    for _ in range(100):
        workspace.identities.suggested(limit=50)
        workspace.identities.suggested_for(pair.one_id)
        workspace.identities.reasons(pair.one_id, pair.other_id)
        workspace.identities.count()
    print(f"{(time.perf_counter() - began) * 10:.2f} ms for a list, a person and their reasons")


def facts(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What people are, as it stands in the file: not the journal, nor what was written down about merges."""
    return dump(path, without=("journal", "merging", "meta", "verdict", "suggestion"))


async def test_taking_everything_apart_gives_everybody_back_as_they_were(workspace: Workspace, tmp_path: Path) -> None:
    source = await add_source(workspace)
    written = []
    for number, who in enumerate(islice(authors(9, seed=9), 9)):
        written.append(comment(f"{number}", who, f"Words {number}", at=NOW - number * DAY))
        if number % 3 == 0:
            written.append(comment(f"{number}r", ME, "An answer", at=NOW - number * DAY + 60, parent=f"{number}"))
    await arrive(workspace, source, *written)
    chance = random.Random(4)
    everybody = sorted({row.person_id for row in identities(workspace) if not row.is_me})
    for person in everybody:
        await workspace.people.tag([person], chance.choice(("porto", "book", "porto book")))
        await workspace.people.note(person, f"About {person}")
        for _ in range(chance.randrange(4)):
            await workspace.stages.step(person, outward=False)
    await workspace.undo.forget()
    before = facts(workspace.directory / FILE)
    for _ in range(20):
        one, other = chance.sample(everybody, 2)
        try:
            match chance.randrange(4):
                case 0 if workspace.identities.mergings(one):
                    await workspace.identities.take_apart(chance.choice(workspace.identities.mergings(one)).id)
                case 1:
                    await workspace.undo.undo()
                case _:
                    await workspace.identities.merge(one, other)
        except WrongUsage:
            pass
        owned = {row.person_id for row in identities(workspace)}
        gone = {row["id"] for row in facts(workspace.directory / FILE)["person"] if row["merged_into"] is not None}
        assert not owned & gone
    while standing := [each for person in everybody for each in workspace.identities.mergings(person)]:
        await workspace.identities.take_apart(chance.choice(standing).id)
    after = facts(workspace.directory / FILE)
    for table, rows in before.items():
        assert after[table] == rows, table


async def test_merges_splits_and_undos_in_any_order_lose_nothing(workspace: Workspace) -> None:
    source = await add_source(workspace)
    known = list(authors(6, seed=2))
    await arrive(workspace, source, *(comment(f"{at}", who, f"Words {at}") for at, who in enumerate(known)))
    everybody = sorted({row.person_id for row in identities(workspace)})
    for person in everybody:
        await workspace.people.note(person, f"About {person}")
        await workspace.people.promise(person, f"To {person}")
        await workspace.people.log(person, "met", "mutual", f"With {person}", at=NOW - DAY)
        await workspace.people.tag([person], f"tag{person}")
    await workspace.undo.forget()

    def all_there_is() -> tuple[list[str], set[str]]:
        owners = {row.person_id for row in identities(workspace)} | set(everybody)
        whole = [each for each in sorted(owners) if workspace.identities.now(each) == each]
        texts = [row.text for each in whole for row in workspace.people.timeline(each, limit=1000)]
        return sorted(texts), {tag for each in whole for tag in workspace.people.card(each).tags}

    before = all_there_is()
    chance = random.Random(8)
    done: set[str] = set()
    for _ in range(36):
        one, other = (workspace.identities.now(each) for each in chance.sample(everybody, 2))
        joined, mine = workspace.identities.mergings(one), workspace.people.card(one).identities
        what = chance.choice(("merge", "merge", "apart", "split", "split", "undo", "redo"))
        try:
            match what:
                case "merge":
                    await workspace.identities.merge(one, other)
                case "apart" if joined:
                    await workspace.identities.take_apart(chance.choice(joined).id)
                case "split" if mine:
                    await workspace.identities.split_off(one, chance.choice(mine).id)
                case "undo" | "redo":
                    await getattr(workspace.undo, what)()
        except WrongUsage:
            continue
        done.add(what)
        assert all_there_is() == before, what
    assert done >= {"merge", "apart", "split", "undo"}


async def test_whatever_hangs_on_a_person_moves_with_them(workspace: Workspace) -> None:
    with sqlite3.connect(workspace.directory / FILE) as connection:
        hanging = {
            table.name
            for table in tables.tables(connection)
            if "person_id" in {column.name for column in table.columns}
        }
    connection.close()
    assert hanging - {"person_tag"} == set(belonging())
