"""Whatever a platform does to a reply: never two of it without the user's word, and never a lost text."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

import fakes
from community.delivery import Delivery
from community.model import OutboxRow, Source
from community.watch import Watch
from community.workspace import Workspace
from fakes import Clock
from faults.bench import FULL, Writer, items, listen, outbox, settle, short_patience, table
from faults.faces import FACES
from faults.platform import FAULTS, Platform, running, words_of

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]

SEED = 20_260_301
REPLIES = 5 if FULL else 1
ROWS = 100 if FULL else 1
UNKNOWN = frozenset({"uncertain", "sent"})
STEPS = (5, 6, 31, 31, 61, 121, 601, 601, 301, 1801, 7201, 7201)
NUMBERS: dict[tuple[str, str], Counter[str]] = {}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    short_patience(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def numbers() -> Iterator[None]:
    """Print what happened to each kind in each mode."""
    yield
    if not NUMBERS:
        return
    modes = list(dict.fromkeys(mode for mode, _ in NUMBERS))
    rows = [("fault", *FACES)]
    for mode in modes:
        cells = (NUMBERS.get((mode, kind), Counter()) for kind in FACES)
        rows.append((mode, *(", ".join(f"{n} {state}" for state, n in sorted(cell.items())) for cell in cells)))
    table("What became of each reply before the user's word; “+” marks an effect on the platform", rows)
    total = sum((cell for cell in NUMBERS.values()), Counter[str]())
    twice = sum(count for state, count in total.items() if "++" in state)
    print(f"  {total.total()} replies, {twice} second effects, 0 lost texts")


@dataclass
class Ordeal:
    """Replies on one platform, each with the faults that its attempts meet."""

    platform: Platform
    workspace: Workspace
    clock: Clock
    source: Source
    writer: Writer
    texts: dict[str, str] = field(default_factory=dict)
    ids: dict[str, int] = field(default_factory=dict)

    def tick(self, seconds: int) -> None:
        self.clock.at += seconds

    @property
    def delivery(self) -> Delivery:
        return Delivery(self.workspace.store, self.workspace.connections)

    async def send(self, item_id: int, plan: list[str]) -> str:
        """Send one reply through its faults: the first attempt, then whatever time brings. The word that marks it."""
        platform, outbox_ = self.platform, self.workspace.outbox
        text = self.writer.reply()
        row = await outbox_.queue(await outbox_.save(item_id, text), undo_s=0)
        self.texts[words_of(text)], self.ids[words_of(text)] = row.text, row.id
        platform.plan = [each for each in plan if not FAULTS[each].closed]
        if FAULTS[plan[0]].closed:
            platform.close()
        await self.delivery.deliver()
        if not platform.is_open:
            platform.open()
        first = outbox_.get(row.id)
        # Where a 401 only ends a session, the next fault meets the same attempt.
        if len(plan) == 1 or plan[0] != "401":
            assert first.state in FAULTS[plan[0]].first, (plan, first.state, first.error)
        for number, seconds in enumerate(STEPS):
            self.tick(seconds)
            await self.delivery.deliver()
            await self.delivery.look()
            self.judge([words_of(text)])
            if number == 3:
                platform.catch_up()
            if outbox_.get(row.id).state in {"sent", "failed"}:
                break
        platform.catch_up()
        platform.plan.clear()
        return words_of(text)

    def judge(self, words: Iterable[str] = ()) -> dict[str, tuple[OutboxRow, list[str]]]:
        """Hold replies, or every one, against what is on the platform: whatever their states say must be so."""
        found: dict[str, tuple[OutboxRow, list[str]]] = {}
        for word in words or self.texts:
            row, effects, text = (
                self.workspace.outbox.get(self.ids[word]),
                self.platform.effects(word),
                self.texts[word],
            )
            assert len(effects) <= 1, f"a second effect: {effects}"
            assert row.text == text
            assert row.state != "cancelled", "the text was put away"
            if row.state == "sent":
                assert row.note == "you said so" or effects == [row.remote_id], (row.error, row.note)
                assert effects, "counted as sent, but it is not there"
            elif row.state in {"failed", "draft"}:
                assert not effects, "counted as not sent, but it is there"
            found[word] = row, effects
        return found

    async def ask(self) -> None:
        """The user looks at the platform, and says what to do; then everything is there."""
        for row, effects in self.judge().values():
            if row.state == "uncertain":
                await self.workspace.outbox.settle(row.id, "there" if effects else "again")
            elif row.state == "failed":
                await self.workspace.outbox.retry(row.id)
        await settle(self.workspace, self.tick, (1, 61, 301, 1801, 7201))
        assert {row.state for row, _ in self.judge().values()} <= {"sent"}


@asynccontextmanager
async def ordeal(directory: Path, kind: str, replies: int, seed: int) -> AsyncIterator[Ordeal]:
    clock = Clock()
    with running(kind, lambda: clock.at - clock.jumped, waiting=replies) as platform:
        workspace = fakes.open_workspace(directory, clock)
        try:
            source = await listen(workspace, platform)
            yield Ordeal(platform, workspace, clock, source, Writer(seed))
        finally:
            await workspace.close()


def chosen(kind: str) -> list[str]:
    """Every mode in the long form; in the short one a part of them, all of them over the kinds."""
    return list(FAULTS) if FULL else list(FAULTS)[list(FACES).index(kind) :: len(FACES)]


def count(mode: str, kind: str, row: OutboxRow, effects: list[str]) -> None:
    state = row.state + (" " + "+" * len(effects) if effects else "")
    NUMBERS.setdefault((mode, kind), Counter())[state] += 1


@pytest.mark.parametrize("kind", FACES)
async def test_every_fault_leaves_each_reply_sent_once_or_asked_about(tmp_path: Path, kind: str) -> None:
    began = time.monotonic()
    modes = [mode for mode in chosen(kind) for _ in range(REPLIES)]
    async with ordeal(tmp_path, kind, len(modes), SEED) as trial:
        for item_id, mode in zip(items(trial.workspace.store.reader, trial.source), modes, strict=True):
            word = await trial.send(item_id, [mode])
            row, effects = trial.judge()[word]
            count(mode, kind, row, effects)
            if effects:
                assert row.state == "sent", f"{mode}: it is there, but Kith did not find it: {row.error}"
            elif FAULTS[mode].first == UNKNOWN:
                assert row.state == "uncertain", f"{mode}: {row.state}"
        await trial.ask()
    print(f"\n{kind}: {len(modes)} replies in {time.monotonic() - began:.1f} s")


@pytest.mark.parametrize("kind", FACES)
async def test_one_fault_after_another_changes_nothing_of_it(tmp_path: Path, kind: str) -> None:
    chosen = random.Random(f"{SEED} {kind}")
    modes = [mode for mode, fault in FAULTS.items() if not fault.closed]
    async with ordeal(tmp_path, kind, ROWS, SEED) as trial:
        for item_id in items(trial.workspace.store.reader, trial.source):
            word = await trial.send(item_id, [chosen.choice(modes) for _ in range(chosen.randint(2, 4))])
            count("two to four in a row", kind, *trial.judge()[word])
        await trial.ask()


@pytest.mark.parametrize("fault", ["429", "503, come again", "401", "409", "dropped unread"])
async def test_a_repeat_that_meets_another_fault_is_no_reason_for_a_third_request(tmp_path: Path, fault: str) -> None:
    """The key of a first, hidden success is forgotten after an hour: what is sent then would be there twice."""
    async with ordeal(tmp_path, "mastodon", 1, SEED) as trial:
        outbox_, [item_id] = trial.workspace.outbox, items(trial.workspace.store.reader, trial.source)
        row = await outbox_.queue(await outbox_.save(item_id, "@bo@rock.example tokenx"), undo_s=0)
        trial.platform.plan = ["done, not shown for long", fault, fault]
        await trial.delivery.deliver()
        await settle(trial.workspace, trial.tick, (*STEPS, *STEPS))
        assert trial.platform.sends == 2, "the repeat with the same key was wanted, and no other"
        assert (outbox_.get(row.id).state, len(trial.platform.effects("tokenx"))) == ("uncertain", 1)


@pytest.mark.parametrize("jump", [-3600, 3600, -3650 * 86_400], ids=["-1 h", "+1 h", "-10 y"])
async def test_a_clock_that_is_set_makes_no_old_key_young(tmp_path: Path, jump: int) -> None:
    """An hour passes while the clock is set back by one: what it calls two minutes is too old for the key."""
    async with ordeal(tmp_path, "mastodon", 1, SEED) as trial:
        outbox_, [item_id] = trial.workspace.outbox, items(trial.workspace.store.reader, trial.source)
        row = await outbox_.queue(await outbox_.save(item_id, "@bo@rock.example tokenx"), undo_s=0)
        trial.platform.plan = ["done, not shown for long"]
        await trial.delivery.deliver()
        trial.clock.jump(jump)
        if jump < 0:
            trial.tick(-jump)
        await settle(trial.workspace, trial.tick, STEPS)
        assert (trial.platform.sends, len(trial.platform.effects("tokenx"))) == (1 if jump < 0 else 2, 1)
        assert outbox_.get(row.id).state in {"uncertain", "sent"}


async def test_a_machine_started_anew_repeats_nothing_by_itself(tmp_path: Path) -> None:
    async with ordeal(tmp_path, "mastodon", 1, SEED) as trial:
        outbox_, [item_id] = trial.workspace.outbox, items(trial.workspace.store.reader, trial.source)
        await outbox_.queue(await outbox_.save(item_id, "@bo@rock.example tokenx"), undo_s=0)
        trial.platform.plan = ["done, not shown for long"]
        await trial.delivery.deliver()
        trial.workspace.store.uptime = lambda: "another 60"
        await settle(trial.workspace, trial.tick, STEPS)
        assert trial.platform.sends == 1


async def test_the_same_words_twice_are_two_replies_and_neither_stands_in_for_the_other(tmp_path: Path) -> None:
    """A lost reply is not taken for found because an equal one was sent to the same person before."""
    async with ordeal(tmp_path, "mastodon", 1, SEED) as trial:
        outbox_, [item_id] = trial.workspace.outbox, items(trial.workspace.store.reader, trial.source)
        for plan, state in (([], "sent"), (["500 before"], "uncertain")):
            row = await outbox_.queue(await outbox_.save(item_id, "@bo@rock.example Thanks! tokenx"), undo_s=0)
            trial.platform.plan = list(plan)
            await trial.delivery.deliver()
            trial.tick(6)
            await trial.delivery.look()
            assert outbox_.get(row.id).state == state
        assert len(trial.platform.effects("tokenx")) == 1


async def test_a_reply_to_a_source_that_was_removed_comes_back_and_holds_up_nobody(tmp_path: Path) -> None:
    async with ordeal(tmp_path, "mastodon", 1, SEED) as trial, ordeal(tmp_path / "2", "isso", 1, SEED) as other:
        platform = other.platform
        second = await listen(trial.workspace, platform)
        [first_item], [second_item] = (items(trial.workspace.store.reader, each) for each in (trial.source, second))
        outbox_ = trial.workspace.outbox
        first = await outbox_.queue(await outbox_.save(first_item, "@bo@rock.example tokenone"), undo_s=0)
        after = await outbox_.queue(await outbox_.save(second_item, "tokentwo"), undo_s=0)
        await trial.workspace.listening.remove(trial.source.id)
        await trial.delivery.deliver()
        assert [outbox_.get(each.id).state for each in (first, after)] == ["failed", "sent"]
        assert "add it again" in outbox_.get(first.id).error


async def test_a_credential_that_cannot_be_had_fails_the_reply_once_and_is_no_uncertainty(tmp_path: Path) -> None:
    async with ordeal(tmp_path, "mastodon", 1, SEED) as trial:
        [item_id] = items(trial.workspace.store.reader, trial.source)
        (tmp_path / "credentials.json").write_text('{"1": {"how": "command", "command": ["false"]}}')
        row = await trial.workspace.outbox.queue(
            await trial.workspace.outbox.save(item_id, "@bo@rock.example tokenone"), undo_s=0
        )
        await settle(trial.workspace, trial.tick, STEPS)
        after = trial.workspace.outbox.get(row.id)
        assert (after.state, after.attempt, trial.platform.sends) == ("failed", 1, 0)
        assert "gave no credential" in after.error


async def test_a_platform_that_never_answers_keeps_no_reply_to_another_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short_patience(monkeypatch, read_s=4.0, total_s=4.0)
    clock = Clock()
    with (
        running("wordpress", clock, waiting=1, host="127.0.0.2") as slow,
        running("isso", clock, waiting=3) as quick,
    ):
        workspace = fakes.open_workspace(tmp_path, clock)
        try:
            first, second = await listen(workspace, slow), await listen(workspace, quick)
            slow.slow_s, slow.plan = 6.0, ["answer too late"]
            for item_id in items(workspace.store.reader, first) + items(workspace.store.reader, second):
                await workspace.outbox.queue(await workspace.outbox.save(item_id, f"token{item_id}"), undo_s=0)
            stop, began = asyncio.Event(), time.monotonic()
            watching = asyncio.create_task(Watch(workspace.store, workspace.connections).run(stop))
            while quick.sends < 3 and time.monotonic() - began < 20:
                await asyncio.sleep(0.02)
            took = time.monotonic() - began
            stop.set()
            await watching
            assert took < 3.0
            print(f"\nthree replies beside a platform that does not answer: {took:.2f} s")
            assert [row.state for row in outbox(workspace)][1:] == ["sent"] * 3
            assert outbox(workspace)[0].state == "uncertain"
        finally:
            await workspace.close()
