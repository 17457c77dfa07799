"""Which step is suggested for whom, against a reference that reads everything; and what is done with a suggestion."""

import itertools
import random
import sqlite3
from datetime import UTC, datetime

import pytest

from community.errors import WrongUsage
from community.relationships import Facts, Touch, suggestion
from community.workspace import Workspace
from fakes import DAY, ME, NOW, Clock, add_source, arrive, author, comment
from storage.database import FILE

pytestmark = pytest.mark.anyio


def facts(**more: object) -> Facts:
    given: dict[str, object] = {"stage": "stranger", "since": None, "last_contact_at": NOW - DAY, "pace_max_s": None,
                                "is_resting": False}  # fmt: skip
    return Facts(**(given | more))  # type: ignore[arg-type]


def days(*ago: int, network: str = "fediverse") -> tuple[tuple[int, str], ...]:
    return tuple((NOW - each * DAY, network) for each in ago)


def test_the_evidence_is_said_in_words() -> None:
    may = int(datetime(2026, 5, 9, tzinfo=UTC).timestamp())
    found = suggestion(
        facts(
            stage="regular",
            wrote=days(70, 60, 50) + days(40, 20, 10, network="wordpress"),
            answered=(NOW - 65 * DAY, NOW - 45 * DAY, NOW - 9 * DAY),
            touches=(Touch("met", "mutual", may),),
        ),
        now=NOW,
        zone=UTC,
    )
    assert found is not None
    assert (found.stage, found.is_nearer) == ("friend", True)
    assert found.evidence == "wrote to you 6 times in 2 months, on two platforms; you answered 3 times; you met in May"


@pytest.mark.parametrize(
    ("stage", "wrote", "answered", "touches", "expected"),
    [
        ("stranger", days(3), (), (), None),
        ("stranger", days(3, 5), (), (), "visitor"),
        ("stranger", days(3), (NOW - 2 * DAY,), (), "visitor"),
        ("stranger", (), (), (Touch("thanks", "given", NOW - DAY),), "visitor"),
        ("visitor", days(1, 2, 3, 4), (), (), None),
        ("visitor", days(1, 5, 9, 16), (), (), "regular"),
        ("regular", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 3, (), None),
        ("regular", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 3, (Touch("call", "mutual", NOW - DAY),), "friend"),
        ("regular", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 2, (Touch("call", "mutual", NOW - DAY),), None),
        ("friend", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 3, (Touch("gift", "received", NOW - DAY),), None),
        ("friend", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 3, (Touch("gift", "received", NOW - DAY),) * 2, "ally"),
        ("friend", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 3, (Touch("gift", "given", NOW - DAY),) * 2, None),
        ("ally", days(1, 9, 19, 29, 39, 49), (NOW - DAY,) * 9, (), None),
    ],
)
def test_a_step_nearer_wants_enough(
    stage: str, wrote: tuple[tuple[int, str], ...], answered: tuple[int, ...], touches: tuple[Touch, ...], expected: str
) -> None:
    found = suggestion(facts(stage=stage, wrote=wrote, answered=answered, touches=touches), now=NOW)
    assert (found.stage if found else None) == expected


def test_only_what_came_after_the_last_word_on_the_stage_counts() -> None:
    wrote = days(1, 5, 9, 16)
    assert suggestion(facts(stage="visitor", wrote=wrote, since=NOW - 17 * DAY), now=NOW)
    assert not suggestion(facts(stage="visitor", wrote=wrote, since=NOW - 12 * DAY), now=NOW)


def test_a_long_silence_suggests_a_step_farther_but_not_past_the_silence_i_wanted() -> None:
    quiet = facts(stage="friend", last_contact_at=NOW - 400 * DAY)
    found = suggestion(quiet, now=NOW)
    assert found is not None
    assert (found.stage, found.is_nearer, found.evidence) == ("regular", False, "no word between you for 13 months")
    assert not suggestion(facts(stage="friend", last_contact_at=NOW - 400 * DAY, pace_max_s=365 * DAY), now=NOW)
    assert not suggestion(facts(stage="friend", last_contact_at=NOW - 400 * DAY, is_resting=True), now=NOW)
    assert not suggestion(facts(stage="visitor", last_contact_at=NOW - 900 * DAY), now=NOW)


@pytest.fixture
async def busy(workspace: Workspace) -> Workspace:
    """Twelve people who wrote now and then for a year and a half, some of whom were answered, met and moved."""
    chance = random.Random(4)
    source = await add_source(workspace)
    number = itertools.count()
    items = []
    for person in range(12):
        names = [author(f"P{person}"), author(f"P{person}", network="else:where")]
        for _ in range(chance.randrange(3, 30)):
            at, who = NOW - chance.randrange(540 * DAY), chance.choice(names[: 1 + person % 2])
            items.append(comment(f"c{next(number)}", who, "Hello there.", at=at, to_me=chance.random() < 0.8))
            if chance.random() < 0.5:
                parent = items[-1].remote_id
                items.append(comment(f"c{next(number)}", ME, "Hello.", at=at + 60, parent=parent))
    await arrive(workspace, source, *sorted(items, key=lambda item: item.created_at))
    for person in range(1, 12, 2):
        ids = [each.id for each in workspace.people.find(f"P{person}") if each.name == f"P{person}"]
        for other in ids[1:]:
            await workspace.identities.merge(ids[0], other)
    for each in workspace.people.find("P"):
        for _ in range(chance.randrange(4)):
            kind, way = chance.choice(("met", "gift", "thanks")), chance.choice(("received", "mutual"))
            await workspace.people.log(each.id, kind, way, "", at=NOW - chance.randrange(500 * DAY))
        for ago in range(chance.randrange(4), 0, -1):
            await workspace.stages.step(each.id, outward=False, at=NOW - ago * 90 * DAY)
    return workspace


def reference(workspace: Workspace) -> dict[int, str]:
    """The suggested step of everybody, from every row there is, by the rules as they are written down."""
    connection = sqlite3.connect(workspace.directory / FILE)
    found = {}
    for person_id, stage, stage_at, kept_at, last in connection.execute(
        "SELECT id, stage, stage_at, stage_kept_at, last_contact_at FROM person WHERE merged_into IS NULL"
    ).fetchall():
        begin = max(stage_at or 0, kept_at or 0, NOW - 365 * DAY)
        handles = connection.execute("SELECT id, network FROM identity WHERE person_id = ? AND NOT is_me", [person_id])
        networks = {row_id: network.split(":")[0] for row_id, network in handles}
        items = connection.execute("SELECT * FROM item ORDER BY id")
        names = [column[0] for column in items.description]
        rows = {row["remote_id"]: row for row in (dict(zip(names, each, strict=True)) for each in items)}
        wrote = [(row["created_at"], networks[row["author_id"]]) for row in rows.values()
                 if row["author_id"] in networks and row["to_me"] and row["created_at"] > begin]  # fmt: skip
        answered = [row for row in rows.values() if row["mine"] and row["created_at"] > begin
                    and rows[row["parent_remote_id"]]["author_id"] in networks]  # fmt: skip
        logged = connection.execute("SELECT kind, direction, at FROM touchpoint WHERE person_id = ?", [person_id])
        touches = [row for row in logged if row[2] > begin]
        times = [at for at, _ in wrote] + [at for _, _, at in touches]
        on_days, span = len({at // DAY for at in times}), max(times, default=0) - min(times, default=0)
        deep = on_days >= 6 and span >= 30 * DAY and len(answered) >= 3
        deep = deep and (len({network for _, network in wrote}) > 1 or any(kind != "thanks" for kind, _, _ in touches))
        nearer = {
            "stranger": bool(touches or on_days > 1 or (wrote and answered)) and "visitor",
            "visitor": on_days >= 4 and span >= 14 * DAY and "regular",
            "regular": deep and "friend",
            "friend": deep and sum(row[:2] == ("gift", "received") for row in touches) >= 2 and "ally",
        }
        limits = {"regular": (182, "visitor"), "friend": (365, "regular"), "ally": (547, "friend")}
        if nearer.get(stage):
            found[person_id] = str(nearer[stage])
        elif stage in limits and last and NOW - max(last, stage_at or 0, kept_at or 0) > limits[stage][0] * DAY:
            found[person_id] = limits[stage][1]
    connection.close()
    return found


async def test_every_suggestion_is_that_of_the_reference(busy: Workspace) -> None:
    expected = reference(busy)
    assert len(expected) > 3
    assert {person.id: step.stage for person, step in busy.stages.suggestions(limit=99)} == expected
    for each in busy.people.find("P"):
        found = busy.stages.suggestion(each.id)
        assert (found.stage if found else None) == expected.get(each.id)


async def test_a_step_that_is_taken_is_logged_with_its_evidence_and_undone(busy: Workspace) -> None:
    person, step = busy.stages.suggestions()[0]
    await busy.stages.accept(person.id)
    log = busy.stages.log(person.id)[0]
    assert (log.before, log.after, log.why, log.at) == (person.stage, step.stage, step.evidence, NOW)
    assert busy.people.timeline(person.id)[0].what == "stage"
    assert person.id not in {each.id for each, _ in busy.stages.suggestions(limit=99)}
    await busy.undo.undo()
    assert busy.stages.suggestion(person.id) == step
    assert (person.id, step) in [(each.id, found) for each, found in busy.stages.suggestions(limit=99)]


async def test_a_refused_step_is_asked_again_only_with_new_evidence(workspace: Workspace, clock: Clock) -> None:
    source = await add_source(workspace)
    await arrive(workspace, source, *(comment(f"{n}", "Ines", "Hi.", at=NOW - n * 6 * DAY) for n in range(2)))
    assert workspace.stages.suggestion(1) is not None
    assert await workspace.stages.refuse(1) == "Ines stays stranger."
    assert workspace.stages.suggestions() == []
    with pytest.raises(WrongUsage, match="suggests no step"):
        await workspace.stages.accept(1)
    clock.at += 20 * DAY
    await arrive(workspace, source, comment("a", "Ines", "Hi.", at=NOW + 9 * DAY))
    assert workspace.stages.suggestions() == []
    await arrive(workspace, source, comment("b", "Ines", "Hi.", at=NOW + 11 * DAY))
    assert [person.name for person, _ in workspace.stages.suggestions()] == ["Ines"]


async def test_why_can_be_typed_later_and_is_found(workspace: Workspace) -> None:
    await arrive(workspace, await add_source(workspace), comment("1", "Ines", "Hello."))
    await workspace.stages.move(1, "friend", why="met at the fair")
    await workspace.stages.explain(1, 1, "met at the harbour fair")
    assert workspace.stages.log(1)[0].why == "met at the harbour fair"
    assert {hit.what for hit in await workspace.search("harbour")} == {"stage"}
    with pytest.raises(WrongUsage, match="no stage “frend”"):
        await workspace.stages.move(1, "frend")
