"""Killed at any point of sending and at any moment: no draft is lost, nothing is sent twice, the file is whole."""

import os
import random
import re
import signal
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

import fakes
from community.delivery import Delivery
from community.model import Source
from fakes import Clock
from faults.bench import FULL, Writer, items, listen, outbox, settle, short_patience, table
from faults.faces import FACES
from faults.platform import Platform, running, words_of
from faults.typist import Typist
from faults.victim import POINTS, Victim
from storage.database import FILE

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(1200)]

SEEDS = range(4 if FULL else 1)
ROUNDS = 50 if FULL else 2
"""Of each seed: two hundred in all."""
TYPED = 2
"""In one of so many rounds somebody sits at a terminal with Kith on it."""
KINDS = {name: FACES[name] for name in ("wordpress", "isso", "mastodon", "gotosocial", "pixelfed", "bluesky")}
HOURS = (0, 6, 31, 61, 121, 601, 601, 1801, 7201)
ADAPTER = {"gotosocial": "mastodon", "pixelfed": "mastodon"}
CASES = [
    (point, kind, command)
    for number, point in enumerate(POINTS)
    for place, kind in enumerate(KINDS)
    for command in ("watch", "send")
    if command == ("watch", "send")[(number // 2 + place) % 2]
    and (FULL or (place == number % len(KINDS) and number % 5 == 0))
]
NUMBERS: Counter[str] = Counter()


@pytest.fixture(scope="module", autouse=True)
def numbers() -> Iterator[None]:
    yield
    if NUMBERS:
        table("Killed at a named point", [(name, str(count)) for name, count in sorted(NUMBERS.items())])


def integrity(directory: Path) -> str:
    """What SQLite says of a file right after a kill, read through the log that was left."""
    connection = sqlite3.connect(directory / FILE)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()


@pytest.mark.parametrize(("point", "kind", "command"), CASES)
async def test_killed_at_a_named_point_nothing_is_lost_and_nothing_leaves_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: Victim, point: str, kind: str, command: str
) -> None:
    short_patience(monkeypatch, read_s=2.0, total_s=4.0)
    clock, directory = Clock(int(time.time())), tmp_path / "work"
    with running(kind, clock, waiting=2) as platform:
        workspace = fakes.open_workspace(directory, clock)
        source = await listen(workspace, platform)
        first, second = items(workspace.store.reader, source)
        text = Writer(7).reply()
        row = await workspace.outbox.queue(await workspace.outbox.save(first, text), undo_s=0)
        kept = await workspace.outbox.save(second, "Not to be sent.")
        await workspace.close()

        platform.plan, platform.slow_s = [POINTS[point][2]], 1.0
        arguments = ["sync", "--watch"] if command == "watch" else ["send", str(row.id)]
        victim.begin(
            ["--workspace", str(directory), *arguments],
            point=point, kind=ADAPTER.get(kind, kind), out=tmp_path / "out",
        )  # fmt: skip
        if not POINTS[point][0]:
            until = time.monotonic() + 10
            while not platform.sends and time.monotonic() < until:
                time.sleep(0.005)
            victim.kill()
        ended = victim.ended(15)
        victim.kill()
        assert ended in {-9, 0} and (ended or not POINTS[point][0]), (ended, (tmp_path / "out").read_text())
        assert integrity(directory) == "ok"

        workspace = fakes.open_workspace(directory, clock)
        try:
            before = workspace.outbox.get(row.id)
            await Delivery(workspace.store, workspace.connections).recover()
            await settle(workspace, lambda seconds: setattr(clock, "at", clock.at + seconds), HOURS)
            after, effects = workspace.outbox.get(row.id), platform.effects(words_of(text))
            assert (after.text, workspace.outbox.get(kept).text) == (row.text, "Not to be sent.")
            assert len(effects) <= 1
            assert after.state == ("sent" if effects else "uncertain"), after.error
            if after.state == "uncertain":
                await workspace.outbox.settle(after.id, "again")
                await settle(workspace, lambda seconds: setattr(clock, "at", clock.at + seconds), (1, 1, 61))
            assert workspace.outbox.get(row.id).state == "sent"
            assert len(platform.effects(words_of(text))) == 1
            NUMBERS[f"left {before.state}, then {after.state}"] += 1
            NUMBERS["second effects"] += 0
            NUMBERS["drafts lost"] += 0
        finally:
            await workspace.close()


@pytest.mark.parametrize("seed", SEEDS)
async def test_killed_at_any_moment_again_and_again_nothing_is_lost_and_nothing_leaves_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, victim: Victim, other: Victim, seed: int
) -> None:
    short_patience(monkeypatch, read_s=2.0, total_s=4.0)
    daemon, writer = victim, other
    chance, directory, out = random.Random(20_260_301 + seed), tmp_path / "work", tmp_path / "said"
    clock = Clock(int(time.time()))
    out.touch()
    killed, left, safe, sent = Counter[str](), Counter[str](), list[str](), list[str]()
    kept_s: list[float] = []
    platforms: list[tuple[Platform, Source]] = []
    with ExitStack() as stack:
        workspace = fakes.open_workspace(directory, clock)
        for kind in KINDS:
            platform = stack.enter_context(running(kind, lambda: max(int(time.time()), clock.at), waiting=6))
            platforms.append((platform, await listen(workspace, platform)))
        await workspace.close()
        for number in range(ROUNDS):
            for platform, _ in platforms:
                faults = ["none", "none", "none", "answer lost", "answer cut", "502 after", "429", "500 before"]
                platform.plan = chance.choices(faults, k=3)
            daemon.begin(["--workspace", str(directory), "sync", "--watch"], out=tmp_path / "daemon")
            typist = Typist(writer, directory, number + 1) if number % TYPED == 0 else None
            if typist is not None:
                _type(typist, chance)
            else:
                writer.begin(["write", str(directory), str(number + 1)], out=out)
                time.sleep(0.2 + chance.random() * 0.8)
            for name, each in chance.sample([("daemon", daemon), ("terminal" if typist else "writer", writer)], 2):
                each.kill()
                killed[name] += 1
            assert integrity(directory) == "ok", number
            _drafts_are_there(directory, out)
            if typist is not None:
                typist.close()
                safe += typist.safe
                kept_s += typist.kept_s
                sent += typist.queued
                assert not [word for word in typist.safe if _state(directory, word) == "missing"], number
            left.update(_states(directory))
        sends = sum(platform.sends for platform, _ in platforms)
        for platform, _ in platforms:
            platform.plan.clear()
        workspace = fakes.open_workspace(directory, clock)
        try:
            await Delivery(workspace.store, workspace.connections).recover()
            await settle(workspace, lambda seconds: setattr(clock, "at", clock.at + seconds), HOURS)
            rows = outbox(workspace)
        finally:
            await workspace.close()
        queued = {*re.findall(r"^queued \d+ (token\w+)$", out.read_text(), re.MULTILINE), *sent}
        effects = {word: [id_ for platform, _ in platforms for id_ in platform.effects(f"{word} ")] for word in queued}
        states = Counter(_state(directory, word) for word in queued)
        assert not [word for word, ids in effects.items() if len(ids) > 1]
        assert states.total() == len(queued) and states["missing"] == 0
        for word, ids in effects.items():
            state = _state(directory, word)
            assert bool(ids) == (state == "sent") or state == "uncertain", (word, state, ids)
        assert rows
    table(
        f"Killed at any moment, seed {seed}",
        [
            ("rounds", str(ROUNDS)),
            ("processes killed", str(killed.total())),
            ("drafts acknowledged", str(len(re.findall(r"^draft", out.read_text(), re.MULTILINE)))),
            ("texts typed and kept", str(len(safe))),
            ("the longest until they were", f"{max(kept_s, default=0.0):.2f} s"),
            ("drafts lost", "0"),
            ("replies queued", str(len(queued))),
            ("sends begun before the last kill", str(sends)),
            ("rows found in the middle of a send", str(left["sending"])),
            *((f"of these {state}", str(count)) for state, count in states.most_common()),
            ("effects on the platforms", str(sum(map(len, effects.values())))),
            ("second effects", str(sum(len(ids) > 1 for ids in effects.values()))),
        ],
    )


@pytest.mark.parametrize("number", [signal.SIGHUP, *([signal.SIGTERM] if FULL else [])])
async def test_a_line_that_breaks_loses_nothing_of_what_is_on_the_screen(
    tmp_path: Path, victim: Victim, number: signal.Signals
) -> None:
    clock, directory = Clock(int(time.time())), tmp_path / "work"
    with running("isso", clock, waiting=2) as platform:
        workspace = fakes.open_workspace(directory, clock)
        await listen(workspace, platform)
        await workspace.close()
        typist = Typist(victim, directory, 1)
        typist.arrive()
        word = typist.write()
        os.kill(victim.pid, number)
        assert victim.ended(20) == 0
        typist.close()
    assert _state(directory, word) == "draft"


def _type(typist: Typist, chance: random.Random) -> None:
    """Write what has to be safe, and be in the middle of something when the end comes."""
    typist.arrive()
    word = typist.write()
    typist.rest(word)
    match chance.randrange(3):
        case 0:
            typist.send(word)
        case 1:
            typist.leave(word)
            typist.write()
        case _:
            typist.terminal.type("and more that nobody knows of")
    time.sleep(chance.random() * 0.3)


def _drafts_are_there(directory: Path, out: Path) -> None:
    """What was said to be safe is there, or something newer for the same item."""
    said: dict[int, int] = {}
    for item, version in re.findall(r"^draft (\d+) (\d+)$", out.read_text(), re.MULTILINE):
        said[int(item)] = max(said.get(int(item), 0), int(version))
    connection = sqlite3.connect(directory / FILE)
    try:
        for item, text in connection.execute("SELECT item_id, text FROM outbox"):
            found = re.search(r"version (\d+) of", text)
            if found and int(found[1]) >= said.get(item, 0):
                said.pop(item, None)
    finally:
        connection.close()
    assert not said, f"drafts lost: {said}"


def _states(directory: Path) -> Counter[str]:
    connection = sqlite3.connect(directory / FILE)
    try:
        return Counter(str(row[0]) for row in connection.execute("SELECT state FROM outbox"))
    finally:
        connection.close()


def _state(directory: Path, word: str) -> str:
    connection = sqlite3.connect(directory / FILE)
    try:
        rows = connection.execute("SELECT state FROM outbox WHERE text LIKE ?", (f"% of {word} %",)).fetchall()
    finally:
        connection.close()
    return str(rows[0][0]) if rows else "missing"
