"""Whatever a platform does to a like, a boost or a moderation: what Kith says of it is so, and it is done once."""

import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

import fakes
from community.delivery import Delivery
from community.sources.base import Act, Repeat
from community.workspace import Workspace
from fakes import Clock
from faults.acting import ACTING, Acting
from faults.bench import FULL, items, listen, settle, short_patience, table
from faults.platform import FAULTS, Platform, playing

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

CASES = [
    (kind, act)
    for kind, (_, acts) in ACTING.items()
    for act in acts
    if FULL or act is acts[0] or (act is Act.TRASH and "door" not in kind)
]
MODES = [mode for mode in FAULTS if not FAULTS[mode].rewritten]
FEW = 3
STEPS = (5, 6, 31, 31, 61, 121, 601, 601, 301, 1801, 7201, 7201)
LOCALLY = {Act.APPROVE: "published", Act.HOLD: "pending", Act.SPAM: "spam", Act.TRASH: "trash"}
NUMBERS: Counter[str] = Counter()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    short_patience(monkeypatch)


@pytest.fixture(scope="module", autouse=True)
def numbers() -> Iterator[None]:
    """Print what became of the acts."""
    yield
    if NUMBERS:
        table("Likes, boosts and moderations", [(name, str(count)) for name, count in sorted(NUMBERS.items())])


def chosen(kind: str, act: Act) -> list[str]:
    """Every mode in the long form; a few in the short one, others for each kind and act."""
    return MODES if FULL else random.Random(f"{kind} {act}").sample(MODES, FEW)


@pytest.mark.parametrize(("kind", "act"), CASES)
async def test_every_fault_leaves_each_act_done_once_or_asked_about(tmp_path: Path, kind: str, act: Act) -> None:
    made, _ = ACTING[kind]
    clock, modes = Clock(), chosen(kind, act)
    face = made(clock, len(modes))
    face.wants(act)
    with playing(face) as platform:
        workspace = fakes.open_workspace(tmp_path, clock)
        try:
            source = await listen(workspace, platform)
            can = workspace.listening.capabilities(source)
            delivery = Delivery(workspace.store, workspace.connections)
            rows = {}
            for item_id, mode in zip(items(workspace.store.reader, source), modes, strict=True):
                row = await workspace.outbox.act(item_id, act, can, undo_s=0)
                rows[row.id], sends = mode, platform.sends
                prepare(platform, mode)
                await delivery.deliver()
                if not platform.is_open:
                    platform.open()
                for number, seconds in enumerate(STEPS):
                    clock.at += seconds
                    await delivery.deliver()
                    await delivery.look()
                    judge(workspace, face, row.id, act, mode)
                    if number == 3:
                        platform.catch_up()
                platform.catch_up()
                platform.plan.clear()
                after = workspace.outbox.get(row.id)
                NUMBERS[f"{after.state}{' +' if in_force(workspace, face, row.id, act) else ''}"] += 1
                if FAULTS[mode].lands != "never":
                    assert after.state == "sent", f"{mode}: it is so, but Kith did not find it: {after.error}"
                    assert platform.sends == sends + 1 or can.repeat is not Repeat.NEVER, f"{mode}: asked for twice"
            for outbox_id in rows:
                row = workspace.outbox.get(outbox_id)
                if row.state == "uncertain":
                    await workspace.outbox.settle(
                        row.id, "there" if in_force(workspace, face, row.id, act) else "again"
                    )
                elif row.state == "failed":
                    await workspace.outbox.retry(row.id)
            await settle(workspace, lambda seconds: setattr(clock, "at", clock.at + seconds), (1, 61, 301, 1801, 7201))
            for outbox_id, mode in rows.items():
                row = workspace.outbox.get(outbox_id)
                judge(workspace, face, row.id, act, mode)
                assert row.state == "sent", (mode, row.state, row.error)
                if act in LOCALLY:
                    assert workspace.outbox.target(row.item_id).status == LOCALLY[act], mode
            assert max(face.took.values()) == 1, face.took
            NUMBERS["taken effect more than once"] += 0
        finally:
            await workspace.close()


def prepare(platform: Platform, mode: str) -> None:
    """Let the next act meet a fault."""
    if FAULTS[mode].closed:
        platform.close()
    else:
        platform.plan = [mode]


def in_force(workspace: Workspace, face: Acting, outbox_id: int, act: Act) -> bool:
    return face.in_force(act, workspace.outbox.target(workspace.outbox.get(outbox_id).item_id).remote_id)


def judge(workspace: Workspace, face: Acting, outbox_id: int, act: Act, mode: str) -> None:
    """Hold an act against the platform: whatever its state says must be so."""
    row, is_so = workspace.outbox.get(outbox_id), in_force(workspace, face, outbox_id, act)
    if row.state == "sent":
        assert is_so, f"{mode}: counted as done, but it is not so: {row.note}"
    elif row.state in {"failed", "cancelled"}:
        assert not is_so, f"{mode}: counted as not done, but it is so: {row.error}"


async def test_an_act_waits_for_the_undo_window_and_can_be_taken_back(tmp_path: Path) -> None:
    clock = Clock()
    face = ACTING["wordpress"][0](clock, 1)
    with playing(face) as platform:
        workspace = fakes.open_workspace(tmp_path, clock)
        try:
            source = await listen(workspace, platform)
            [item_id] = items(workspace.store.reader, source)
            row = await workspace.outbox.act(item_id, Act.SPAM, workspace.listening.capabilities(source))
            delivery = Delivery(workspace.store, workspace.connections)
            clock.at += 9
            assert await delivery.deliver() == []
            await workspace.outbox.cancel(row.id)
            await settle(workspace, lambda seconds: setattr(clock, "at", clock.at + seconds), STEPS)
            assert (workspace.outbox.get(row.id).state, platform.sends) == ("cancelled", 0)
        finally:
            await workspace.close()
