"""Handles of one person, and who else they may be: seen, answered, joined and taken apart with keys."""

import pytest

from community.ingest import store
from community.sources.base import Author, IncomingSignal, Page, ProfileLink, SignalKind
from community.text import clean_line
from on_screen import place, press, running, shown
from people_and_words import NOW, Community
from storage import sources

pytestmark = pytest.mark.anyio

JON = Author("wordpress:blog", "guest:jon", clean_line("Jon A."), clean_line("Jon A."), "https://jon.example/")


async def meet(town: Community, *authors: Author) -> None:
    async with town.workspace.store.transaction() as tx:
        source = await sources.find(tx, 1)
        page = Page(signals=tuple(IncomingSignal(f"like-{who.key}", SignalKind.LIKE, who, NOW) for who in authors))
        await store(tx, source, page, config=town.config, now=town.now)


@pytest.fixture
async def alike(town: Community) -> Community:
    """The town, and a commenter with the site that a profile links to."""
    known = town.workspace.people.find("Jon Adeyemi")[0]
    handle = town.workspace.people.card(known.id).identities[0]
    linked = Author(
        handle.network, handle.key, clean_line(handle.handle), clean_line(handle.name),
        links=(ProfileLink("https://jon.example", is_proved=True),),
    )  # fmt: skip
    await meet(town, linked, JON)
    return town


def jon(town: Community) -> int:
    return next(each.id for each in town.workspace.people.find("Jon Adeyemi") if each.name == "Jon Adeyemi")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_suggestion_is_seen_on_today_on_the_person_and_with_its_reasons(
    alike: Community, size: tuple[int, int]
) -> None:
    async with running(alike, first="today", size=size) as (app, pilot):
        assert "Perhaps one person" in shown(app)
        await press(pilot, "g", "P")
        assert "Jon Adeyemi (fediverse, 1 way) · Jon A." in shown(app)
        assert "the same site: jon.example" in shown(app)
    async with running(alike, first="people", size=size) as (app, pilot):
        app.screen.list.go_to(jon(alike))  # type: ignore[attr-defined]
        await press(pilot, "enter")
        assert "perhaps one person with Jon A." in shown(app)
        await press(pilot, "P")
        assert "Perhaps the same person" in shown(app)
        assert "Jon A. (wordpress, " in shown(app), shown(app)


async def test_yes_makes_one_person_of_two_and_undo_two_again(alike: Community) -> None:
    async with running(alike, first="today", size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "P", "y")
        assert len(alike.workspace.people.card(jon(alike)).identities) == 2
        assert "one person now" in shown(app)
        assert "Nobody looks like somebody else." in shown(app)
        await press(pilot, "u")
        assert len(alike.workspace.people.card(jon(alike)).identities) == 1
        assert "the same site" in shown(app)


async def test_no_is_for_good_and_leaving_it_open_only_stops_the_asking(alike: Community) -> None:
    async with running(alike, first="today", size=(120, 30)) as (app, pilot):
        await press(pilot, "g", "P", "b")
        assert "Left open" in shown(app)
        assert alike.workspace.identities.count() == 0
        await press(pilot, "n")
        assert "not the same person" in shown(app)
        assert "Left open" not in shown(app)
        await press(pilot, "q")
        assert "Perhaps one person" not in shown(app)


async def test_joined_people_are_taken_apart_from_the_list_of_their_handles(alike: Community) -> None:
    other = alike.workspace.people.find("Jon A.")
    await alike.workspace.people.note(next(each.id for each in other if each.name == "Jon A."), "Likes tea")
    [pair] = alike.workspace.identities.suggested()
    await alike.workspace.identities.accept(pair.one_id, pair.other_id)
    async with running(alike, first="people", size=(120, 30)) as (app, pilot):
        app.screen.list.go_to(jon(alike))  # type: ignore[attr-defined]
        await press(pilot, "enter", "P")
        text = shown(app)
        assert "Handles" in text
        assert "Joined with" in text
        await press(pilot, "G")
        assert "They brought 1 handle and 1 note." in shown(app)
        await press(pilot, "x")
        assert "two people again" in shown(app)
        assert len(alike.workspace.people.card(jon(alike)).identities) == 1
        await press(pilot, "g", "g", "x")
        assert "the only handle" in " ".join(shown(app).split())


async def test_merging_offers_who_looks_alike_first_and_says_that_it_can_be_taken_apart(alike: Community) -> None:
    async with running(alike, first="people", size=(120, 30)) as (app, pilot):
        app.screen.list.go_to(jon(alike))  # type: ignore[attr-defined]
        await press(pilot, "enter", "M")
        assert "the same site: jon.example" in shown(app)
        await press(pilot, "enter")
        assert "You can part them again.  y yes · n no" in shown(app)
        await press(pilot, "y")
        assert len(alike.workspace.people.card(jon(alike)).identities) == 2


async def test_joining_what_a_platform_will_not_have_matched_says_so_before(alike: Community) -> None:
    await meet(alike, Author("reddit", "t2_1", clean_line("u/zed"), clean_line("Zed Zebra")))
    async with running(alike, first="people", size=(80, 24)) as (app, pilot):
        app.screen.list.go_to(jon(alike))  # type: ignore[attr-defined]
        await press(pilot, "enter", "M")
        place(app).prompt.write("zed")
        await press(pilot, "enter")
        assert "Reddit asks that its handles are not matched" in " ".join(shown(app).split())
        assert "y yes · n no" in shown(app)
        await press(pilot, "n")
        assert len(alike.workspace.people.card(jon(alike)).identities) == 1
        assert "Reddit" not in shown(app)


async def test_nobody_alike_says_what_the_place_is_for(nowhere: Community) -> None:
    async with running(nowhere, first="today", size=(80, 24)) as (app, pilot):
        await press(pilot, "g", "P")
        assert "Nobody looks like somebody else." in shown(app)
        await press(pilot, "y")
        assert "Choose two people" in shown(app)
        await press(pilot, "x", "enter", "l", "h")


async def test_hostile_names_and_sites_are_only_words(town: Community) -> None:
    names = [clean_line(each) for each in ("[bold]Ann[/] Bo", "[/][red]Ann Bo[bold]", "\x1b[31mEvil Twin")]
    await meet(town, *(Author("isso:x", f"{at}{each}", each, each, "https://[bad") for at in "ab" for each in names))
    async with running(town, first="today", size=(80, 24)) as (app, pilot):
        await press(pilot, "g", "P", "j", "enter", "q", "y")
        assert "\x1b" not in shown(app)


async def test_what_is_held_can_be_seen_hidden_and_forgotten_for_good(town: Community) -> None:
    who = jon(town)
    await town.workspace.people.note(who, "Likes quince")
    async with running(town, first="people", size=(80, 24)) as (app, pilot):
        app.screen.list.go_to(who)  # type: ignore[attr-defined]
        await press(pilot, "enter", "z", "h")
        assert "What they wrote" in shown(app)
        assert "Likes quince" in shown(app)
        await press(pilot, "z", "D", "n")
        assert "Likes quince" in shown(app)
        await press(pilot, "z", "D", "y")
        assert "quince" not in shown(app)
        assert "Congratulations" not in shown(app)
        await press(pilot, "g", "t")
        assert "Hidden, not forgotten yet" in shown(app)
        await press(pilot, "G", "enter", "z", "U")
        assert "Likes quince" in shown(app)
        await press(pilot, "z", "D", "y", "z", "F", "y")
        assert "Forgotten" in shown(app)
    assert town.workspace.forgetting.hidden() == []
    assert town.workspace.people.find("Jon") == []
