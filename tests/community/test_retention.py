"""What a platform allows to be kept only for a while goes in time; what is mine stays."""

import asyncio

import pytest

from community import terms
from community.query import parse
from community.retention import gone, keep_terms
from community.terms import Terms
from community.upkeep import Upkeep
from community.workspace import Workspace
from fakes import DAY, ME, NOW, Clock, add_source, arrive, author, comment

pytestmark = pytest.mark.anyio

HOUR = 3600


@pytest.fixture
async def held(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A source that allows words for two days and names for one, with words, an answer and a note."""
    monkeypatch.setitem(terms.TERMS, "fake", Terms(keep_text_s=48 * HOUR, keep_author_s=24 * HOUR))
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Zoe", "Is quince a question?", at=NOW))
    await arrive(workspace, source, comment("2", ME, "My answer", at=NOW + 60, parent="1"))
    await workspace.people.note(1, "Somebody worth answering")
    return workspace


async def test_words_and_names_go_each_in_its_time(held: Workspace, clock: Clock) -> None:
    clock.at = NOW + 23 * HOUR
    assert await keep_terms(held.store) == 0
    clock.at = NOW + 25 * HOUR
    assert await keep_terms(held.store) == 1
    assert held.people.card(1).person.name == "somebody"
    assert [each.handle for each in held.people.card(1).identities] == [""]
    assert await held.search("quince")
    clock.at = NOW + 49 * HOUR
    assert await keep_terms(held.store) == 1
    assert await held.search("quince") == []
    assert await held.search("zoe") == []
    assert await keep_terms(held.store) == 0


async def test_what_was_deleted_there_goes_here_where_the_platform_asks_for_it(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Zoe", "Is quince a question?"), comment("2", "Zoe", "It stays"))
    await arrive(workspace, source, gone=("1",))
    assert await keep_terms(workspace.store) == 0
    monkeypatch.setitem(terms.TERMS, "fake", Terms(forgets_gone=True))
    assert await keep_terms(workspace.store) == 1
    assert await workspace.search("quince") == []
    assert await workspace.search("stays")
    assert await keep_terms(workspace.store) == 0


async def test_what_is_mine_stays_with_its_place(held: Workspace, clock: Clock) -> None:
    clock.at = NOW + 3 * DAY
    await keep_terms(held.store)
    rows = {row.what: row.text for row in held.people.timeline(1)}
    assert rows == {"note": "Somebody worth answering", "outgoing": "My answer", "incoming": gone(48 * HOUR)}
    opened = held.conversations.open(1)
    assert [item.permalink for item, _ in opened.items] == ["https://blog.example/1", "https://blog.example/2"]
    [row] = held.conversations.page(parse("is:any", now=NOW))
    assert "quince" not in row.title


async def test_what_is_read_again_may_be_kept_again(held: Workspace, clock: Clock) -> None:
    source = held.sources()[0]
    clock.at = NOW + 40 * HOUR
    await arrive(held, source, comment("1", "Zoe", "Is quince a question?", at=NOW))
    clock.at = NOW + 50 * HOUR
    assert await keep_terms(held.store) == 0
    clock.at = NOW + 90 * HOUR
    assert await keep_terms(held.store) == 2
    await arrive(held, source, comment("1", "Zoe", "Is quince a question?", at=NOW))
    assert await held.search("quince")
    assert held.people.card(1).identities[0].name == "Zoe"


async def test_a_name_the_user_gave_and_one_from_elsewhere_stay(held: Workspace, clock: Clock) -> None:
    source = await add_source(held, "There", kind="free")
    await arrive(held, source, comment("9", author("Zed", network="free:there"), "Hi", at=NOW))
    other = held.people.find("Zed")[0].id
    await held.identities.merge(1, other)
    clock.at = NOW + 3 * DAY
    await keep_terms(held.store)
    assert held.people.card(1).person.name == "Zed"
    assert {each.name for each in held.people.card(1).identities} == {"somebody", "Zed"}


async def test_the_watcher_keeps_the_terms_once_an_hour(held: Workspace, clock: Clock) -> None:
    upkeep = Upkeep(held.store)
    await upkeep.turn(asyncio.Event())
    clock.at = NOW + 3 * DAY
    await upkeep.turn(asyncio.Event())
    assert await held.search("quince") == []


async def test_sources_without_terms_keep_everything(workspace: Workspace, clock: Clock) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Zoe", "Is quince a question?", at=NOW))
    clock.at = NOW + 3000 * DAY
    assert await keep_terms(workspace.store) == 0
    assert await workspace.search("quince")
