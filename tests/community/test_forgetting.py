"""What is held on somebody; hidden so that it can be taken back; forgotten so that nothing is left."""

import asyncio
from pathlib import Path
from typing import Any

import pytest

import fakes
from community.errors import WrongUsage
from community.query import parse
from community.sources.base import Author, Incoming, IncomingSignal, ItemKind, ProfileLink, SignalKind
from community.text import clean_line
from community.upkeep import Upkeep
from community.workspace import Workspace
from fakes import DAY, ME, NOW, add_source, arrive, comment
from full import dump
from storage.database import FILE, Database
from storage.errors import StorageError
from storage.rows import Number

pytestmark = pytest.mark.anyio

TRACES = ("Xerxes", "zanzibar", "xerxes.example", "quince", "did:plc:xerxes", "tangerine", "papaya", "durian")
XERXES = Author(
    "bluesky", "did:plc:xerxes", clean_line("@xerxes.example"), clean_line("Xerxes Quill"),
    "https://bsky.app/profile/did:plc:xerxes", "aa", links=(ProfileLink("https://xerxes.example"),),
)  # fmt: skip
BLOGGER = Author("wordpress:b.example", "guest:xerxes", clean_line("Xerxes Quill"), clean_line("Xerxes Quill"),
                 "https://xerxes.example/")  # fmt: skip
ANN = fakes.author("Ann")


def words(remote_id: str = "at://did:plc:xerxes/1", text: str = "Is zanzibar a good name?", **more: object) -> Incoming:
    return comment(remote_id, XERXES, text, **more)  # type: ignore[arg-type]


@pytest.fixture
async def known(workspace: Workspace) -> Workspace:
    """Xerxes, person 1, under two handles, with words, an answer of mine, notes, a promise, tags; and Ann."""
    source = await add_source(workspace)
    await arrive(
        workspace, source, words(at=NOW - 9 * DAY),
        comment("2", BLOGGER, "More zanzibar", thread="2", at=NOW - 5 * DAY),
        comment("3", ME, "My own answer", parent="at://did:plc:xerxes/1", at=NOW - 8 * DAY),
        comment("4", ANN, "Ann in the same thread", parent="at://did:plc:xerxes/1", at=NOW - 7 * DAY),
        signals=(IncomingSignal("like:did:plc:xerxes", SignalKind.LIKE, XERXES, NOW),),
    )  # fmt: skip
    await workspace.identities.merge(1, 2)
    await workspace.people.note(1, "Likes quince jam")
    await workspace.people.promise(1, "Bring tangerine seeds")
    await workspace.people.log(1, "met", "mutual", "Ate papaya")
    await workspace.outcomes.log(1, "invitation", "to the durian feast", conversation_id=1)
    await workspace.people.tag([1], "papaya")
    await workspace.stages.step(1, outward=False)
    await workspace.conversations.done([1])
    await workspace.outbox.save(1, "A draft of mine")
    return workspace


def everything(workspace: Workspace) -> dict[str, list[dict[str, object]]]:
    return dump(workspace.directory / FILE, without=("journal", "meta"))


def visible(workspace: Workspace) -> str:
    """Every row but those of the journal, as text."""
    return str(everything(workspace))


def ann(workspace: Workspace) -> int:
    return workspace.people.find("Ann")[0].id


async def bytes_of(workspace: Workspace) -> bytes:
    directory = workspace.directory
    await workspace.close()
    return b"".join(path.read_bytes() for path in sorted(Path(directory).glob("kith.db*")))


async def test_what_is_held_is_counted_and_listed(known: Workspace) -> None:
    counts = known.forgetting.counts(1)
    assert counts == {
        "handle": 2, "feed": 0, "words": 2, "signal": 1, "answer": 1, "unsent": 1, "note": 1, "promise": 1,
        "touchpoint": 1, "stage": 1, "outcome": 1, "tag": 1, "evidence": counts["evidence"], "verdict": 0, "joined": 1,
    }  # fmt: skip
    rows = known.forgetting.rows(1)
    assert {kind: sum(row.kind == kind for row in rows) for kind in counts} == counts
    told = str(rows)
    assert all(trace in told for trace in TRACES if trace != "did:plc:xerxes")


async def test_hidden_means_out_of_every_row_and_of_the_search(known: Workspace) -> None:
    await known.forgetting.hide(1)
    shown = visible(known)
    assert not [trace for trace in ("Xerxes", "zanzibar", "quince", "tangerine", "papaya", "durian") if trace in shown]
    assert await known.search("zanzibar") == []
    assert await known.search("quince") == []
    assert known.people.find("xerxes") == []
    assert "somebody" not in {row.name for row in known.people.page(parse("", now=NOW, target="people"))}
    assert known.people.promises() == []
    assert [each.id for each in known.forgetting.hidden()] == [1]
    assert "My own answer" in shown
    assert "Ann in the same thread" in shown


async def test_it_can_be_taken_back_after_anything_else(known: Workspace) -> None:
    before = everything(known)
    await known.forgetting.hide(1)
    await known.people.note(ann(known), "Something else")
    await known.undo.undo()
    await known.forgetting.take_back(1)
    after = everything(known)
    for table, rows in before.items():
        assert after[table] == rows, table
    assert {hit.what for hit in await known.search("quince")} == {"note"}
    with pytest.raises(WrongUsage, match="not hidden"):
        await known.forgetting.take_back(1)


async def test_undo_takes_it_back_as_well(known: Workspace) -> None:
    before = everything(known)
    await known.forgetting.hide(1)
    assert "Undone: Hid Xerxes" in await known.undo.undo()
    assert everything(known) == before


async def test_what_comes_while_they_are_hidden_is_hidden_and_comes_back_with_the_rest(known: Workspace) -> None:
    source = known.sources()[0]
    await known.forgetting.hide(1)
    await arrive(
        known,
        source,
        words(text="Zanzibar, edited", at=NOW - 9 * DAY),
        words("5", "New zanzibar"),
        comment("6", ANN, "Hi"),
    )
    assert "anzibar" not in visible(known)
    assert "Xerxes" not in visible(known)
    assert known.people.card(1).person.last_contact_at is None
    await known.forgetting.take_back(1)
    assert "New zanzibar" in visible(known)
    assert known.people.card(1).person.name == "Xerxes Quill"


async def test_for_good_leaves_nothing_of_theirs_in_the_file(known: Workspace) -> None:
    with pytest.raises(WrongUsage, match="Hide this person first"):
        await known.forgetting.for_good(1)
    await known.forgetting.hide(1)
    await known.forgetting.for_good(1)
    assert known.forgetting.hidden() == []
    assert [each.text for each in known.people.timeline(ann(known))] == ["Ann in the same thread"]
    assert "My own answer" in visible(known)
    assert "A draft of mine" in visible(known)
    assert known.undo.history() == []
    left = await bytes_of(known)
    assert [trace for trace in TRACES if trace.encode() in left] == []


async def test_a_later_sync_does_not_bring_them_back(known: Workspace) -> None:
    source = known.sources()[0]
    await known.forgetting.hide(1)
    await known.forgetting.for_good(1)
    await arrive(
        known, source, words(), words("7", "Zanzibar again"), comment("8", ANN, "Still here"),
        comment("9", BLOGGER, "zanzibar"), signals=(IncomingSignal("s9", SignalKind.LIKE, XERXES, NOW),),
    )  # fmt: skip
    assert "Still here" in visible(known)
    left = await bytes_of(known)
    assert [trace for trace in TRACES if trace.encode() in left] == []


async def test_their_feed_goes_with_them_and_others_stay(known: Workspace) -> None:
    feed = await add_source(known, "xerxes.example feed", "feed")
    both = await add_source(known, "Planet", "feed")
    own = await add_source(known, "xerxes.example other feed", "feed")
    async with known.store.transaction() as tx:
        await tx.run("UPDATE source SET person_id = 1 WHERE id = :id", id=own.id)
        await tx.run("UPDATE source SET is_mine = 0, account = '' WHERE kind = 'feed'")
    article: dict[str, Any] = {"kind": ItemKind.ARTICLE, "to_me": False}
    await arrive(known, feed, words("a1", "An article on zanzibar", thread="a1", **article))
    await arrive(known, both, words("a2", "zanzibar", thread="a2", **article), comment("a3", ANN, "Hers", **article))
    await known.forgetting.hide(1)
    await known.forgetting.for_good(1)
    assert {source.name for source in known.sources()} == {"Blog", "Planet"}
    left = await bytes_of(known)
    assert [trace for trace in TRACES if trace.encode() in left] == []


async def test_another_who_is_hidden_can_still_be_taken_back(known: Workspace) -> None:
    other = ann(known)
    await known.forgetting.hide(other)
    await known.forgetting.hide(1)
    await known.forgetting.for_good(1)
    await known.forgetting.take_back(other)
    assert known.people.card(other).person.name == "Ann"


async def test_nobody_is_forgotten_while_something_to_them_is_on_its_way(known: Workspace) -> None:
    draft = known.outbox.draft_for(1)
    assert draft is not None
    await known.outbox.queue(draft.id)
    await known.forgetting.hide(1)
    with pytest.raises(WrongUsage, match="on its way"):
        await known.forgetting.for_good(1)
    await known.outbox.cancel(draft.id)
    await known.forgetting.for_good(1)


async def test_i_am_not_forgotten(known: Workspace) -> None:
    me = known.store.reader.one(Number, "SELECT person_id AS n FROM identity WHERE is_me = 1").n
    with pytest.raises(WrongUsage, match="That is you"):
        await known.forgetting.hide(me)


async def test_a_file_that_could_not_be_swept_at_once_is_swept_by_the_watcher(
    known: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def busy(_database: Database) -> None:
        raise StorageError("Somebody else is writing: try again in a moment.")

    await known.forgetting.hide(1)
    with monkeypatch.context() as patch:
        patch.setattr(Database, "compact", busy)
        with pytest.raises(StorageError):
            await known.forgetting.for_good(1)
    await Upkeep(known.store).turn(asyncio.Event())
    left = await bytes_of(known)
    assert [trace for trace in TRACES if trace.encode() in left] == []
