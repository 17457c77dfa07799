"""The timeline of a person by pages: nothing twice, nothing left out, from either end, however it is narrowed."""

import itertools
import random

import pytest

from community.attention import addressed
from community.errors import WrongUsage
from community.model import Fact, TimelineRow
from community.sources.base import IncomingSignal, SignalKind
from community.timeline import Wanted, parse
from community.workspace import Workspace
from fakes import DAY, ME, NOW, add_source, arrive, author, comment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def long(workspace: Workspace) -> Workspace:
    """Jon on two networks, and Ines; of everything much happened in the same few seconds."""
    chance = random.Random(3)
    source = await add_source(workspace)
    jons, ines = [author("Jon"), author("Jon", network="else:where")], author("Ines")
    number = itertools.count()
    items, signals = [], []
    for _ in range(120):
        who = chance.choice([*jons, ines])
        items.append(comment(f"c{next(number)}", who, "Hello.", at=NOW - chance.randrange(12) * DAY))
        if chance.random() < 0.4:
            parent = chance.choice(items).remote_id
            items.append(comment(f"c{next(number)}", ME, "Yes.", at=NOW - chance.randrange(12) * DAY, parent=parent))
        if chance.random() < 0.3:
            at = NOW - chance.randrange(12) * DAY
            signals.append(IncomingSignal(f"s{next(number)}", SignalKind.LIKE, who, at, items[-1].remote_id))
    await arrive(workspace, source, *items, signals=tuple(signals))
    one, other = (each.id for each in workspace.people.find("Jon"))
    await workspace.identities.merge(min(one, other), max(one, other))
    for _ in range(15):
        at = NOW - chance.randrange(12) * DAY
        await workspace.people.note(1, "A note.", at=at)
        await workspace.people.log(1, "met", "mutual", "", at=at)
        await workspace.outcomes.log(1, "fix", "", at=at)
    for stage in ("friend", "ally", "friend"):
        await workspace.stages.move(1, stage, at=NOW - 3 * DAY)
    await workspace.people.promise(1, "the slides")
    return workspace


def walked(workspace: Workspace, size: int, *, older: bool, wanted: Wanted) -> list[TimelineRow]:
    """The whole timeline, page by page."""
    found: list[TimelineRow] = []
    beside: TimelineRow | None = None
    while True:
        rows = workspace.people.timeline(1, beside=beside, older=older, limit=size, wanted=wanted)
        if not rows:
            return found
        found = [*found, *rows] if older else [*rows, *found]
        beside = rows[-1] if older else rows[0]


def reference(workspace: Workspace) -> dict[tuple[str, int], tuple[int, str]]:
    """Everything between Jon and me from every row there is: (what, id) -> (time, network)."""
    read = workspace.store.reader._connection.execute
    handles = dict(read("SELECT id, network FROM identity WHERE person_id = 1").fetchall())
    found: dict[tuple[str, int], tuple[int, str]] = {}
    items = {
        row[1]: row for row in read("SELECT id, remote_id, parent_remote_id, author_id, mine, created_at FROM item")
    }
    for row_id, _, parent, author_id, mine, at in items.values():
        owner, above = author_id, items.get(parent)
        while mine and above is not None and owner not in handles:
            owner, above = above[3], items.get(above[2]) if above[4] else None
        if owner in handles:
            found["outgoing" if mine else "incoming", row_id] = (at, handles[owner].partition(":")[0])
    for row_id, owner, at in read("SELECT id, identity_id, at FROM signal").fetchall():
        if owner in handles:
            found["signal", row_id] = (at, handles[owner].partition(":")[0])
    for what, table in (
        ("note", "note"),
        ("touchpoint", "touchpoint"),
        ("stage", "stage_change"),
        ("outcome", "outcome"),
    ):
        found |= {(what, row_id): (at, "") for row_id, at in read(f"SELECT id, at FROM {table} WHERE person_id = 1")}
    return found | {("promise", 1): (NOW, "")}


async def test_pages_from_either_end_are_the_same_timeline_and_hold_everything(long: Workspace) -> None:
    every = reference(long)
    assert len(every) > 100
    for text in (
        "",
        "is:words",
        "is:note,logged",
        "-is:signal",
        "on:fake",
        "on:else is:wrote",
        "-on:fake",
        "is:stage",
        "is:outcome",
        "is:written",
    ):
        wanted = parse(text, ["fake", "else"])
        expected = {
            (what, row_id): at
            for (what, row_id), (at, network) in every.items()
            if (not wanted.whats or what in wanted.whats) and (not wanted.networks or network in wanted.networks)
        }
        whole = long.people.timeline(1, limit=10_000, wanted=wanted)
        assert {(row.what, row.id): row.at for row in whole} == expected, text
        assert len(whole) == len(expected)
        assert [row.at for row in whole] == sorted((row.at for row in whole), reverse=True)
        for size in (1, 7, 1000):
            assert walked(long, size, older=True, wanted=wanted) == whole, (text, size)
            assert walked(long, size, older=False, wanted=wanted) == whole, (text, size)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("is:nonsense", "is:nonsense is unknown"),
        ("on:myspace", "on:myspace is unknown"),
        ("words", "nothing a timeline knows"),
        ("is:note is:stage", "leaves nothing"),
        ("is:note on:fake", "leaves nothing"),
        ("-on:fake -on:else", "leaves nothing"),
    ],
)
def test_a_wrong_part_says_what_is_wrong(text: str, sentence: str) -> None:
    with pytest.raises(WrongUsage, match=sentence):
        parse(text, ["fake", "else"])


def test_a_person_without_handles_has_a_timeline_too() -> None:
    assert parse("is:words", []).whats == {"incoming", "outgoing"}


def fact(number: int, author_id: int, *, parent: int | None = None, mine: int = 0, answers: int | None = None) -> Fact:
    return Fact(
        number, f"r{number}", f"r{parent}" if parent else None, author_id, author_id, mine, 0, "published", "comment",
        NOW, NOW, answers, "",
    )  # fmt: skip


def test_my_words_go_to_the_nearest_above_them_who_is_not_me() -> None:
    facts = [
        fact(1, 5),
        fact(2, 9, parent=1, mine=1),
        fact(3, 9, parent=2, mine=1),
        fact(4, 9, mine=1),
        fact(5, 6, parent=3),
        fact(6, 9, parent=1, mine=1, answers=5),
        fact(7, 9, parent=8, mine=1),
        fact(8, 9, parent=7, mine=1),
    ]
    assert addressed(facts) == {2: 5, 3: 5, 4: None, 6: 6, 7: None, 8: None}
