"""A watcher, two who type and a command line on one workspace: nobody is locked out, every reply leaves once."""

import json
import random
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import fakes
from community import clock
from community.locks import SYNC, Lock
from community.sync import PACE
from faults.bench import FULL, items, listen, table
from faults.faces import WordPress
from faults.platform import Platform, running
from faults.test_kill import integrity
from faults.typist import Typist
from faults.victim import ROOT, Victim

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]

SECONDS = 150 if FULL else 0
LEAST = 45 if FULL else 1
"""What each of the two at a terminal sends at the least."""
BY_COMMAND = 10 if FULL else 1
KINDS = ("wordpress", "isso", "mastodon", "bluesky")
READING = (["list"], ["status"], ["outbox"], ["search", "question"], ["person", "list"], ["show", "1"])


def kith(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tui" / "launch.py", "--workspace", str(directory), *arguments],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


async def test_a_watcher_two_who_type_and_a_command_line_send_each_reply_exactly_once(
    tmp_path: Path, victim: Victim, other: Victim
) -> None:
    chance, directory = random.Random(20_260_301), tmp_path / "work"
    platforms: list[Platform] = []
    said, wrong = list[str](), list[str]()
    with ExitStack() as stack:
        workspace = fakes.open_workspace(directory, clock.now)
        waiting: list[int] = []
        for kind in KINDS:
            platform = stack.enter_context(running(kind, clock.now, waiting=10))
            platforms.append(platform)
            waiting += items(workspace.store.reader, await listen(workspace, platform))
        await workspace.remember(PACE, "1")
        assert len(set(waiting)) == 10 * len(KINDS)
        await workspace.close()

        watcher = subprocess.Popen(
            [sys.executable, ROOT / "tui" / "launch.py", "--workspace", str(directory), "sync", "--watch", "--quiet"],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip
        led = Lock(directory, SYNC)
        until = time.monotonic() + 60
        while not led.held_elsewhere():  # else one that a terminal starts leads, and leaves with it
            assert time.monotonic() < until
            time.sleep(0.05)
        config = tmp_path / "config.toml"
        config.write_text("undo_s = 1\n")
        typists = [Typist(each, directory, seed, config=config) for seed, each in enumerate((victim, other))]
        at_work = [
            threading.Thread(target=_work, args=(typist, kind, wrong), daemon=True)
            for typist, kind in zip(typists, KINDS[1:], strict=False)
        ]
        try:
            for thread in at_work:
                thread.start()
            words: list[str] = []
            commands = 0
            end = time.monotonic() + SECONDS
            while time.monotonic() < end or len(words) < BY_COMMAND:
                if len(words) < BY_COMMAND and chance.random() < 0.5:
                    words.append(f"tokencli{len(words)}x")
                    done = kith(directory, "reply", "1", "--text", f"from the shell {words[-1]} .", "--send", "--json")
                    assert done.returncode == 0, done.stdout + done.stderr
                    assert json.loads(done.stdout)["state"] == "sent", done.stdout
                else:
                    done = kith(directory, *chance.choice(READING))
                    assert done.returncode == 0, done.stdout + done.stderr
                said.append(done.stdout + done.stderr)
                commands += 1
                _somebody_writes(platforms[0], commands)
            for thread in at_work:
                thread.join(120)
                assert not thread.is_alive()
            assert not wrong, "\n".join(wrong)
            queued = [*words, *(word for typist in typists for word in typist.queued)]
            until = time.monotonic() + 60
            while time.monotonic() < until:
                effects = {word: sum(len(each.effects(f"{word} ")) for each in platforms) for word in queued}
                if all(effects.values()):
                    break
                time.sleep(0.1)
            time.sleep(1.0)
            watcher.send_signal(signal.SIGTERM)
            output, _ = watcher.communicate(timeout=30)
        finally:
            watcher.kill()
            watcher.wait()
            for typist in typists:
                typist.close()
        said.append(output)
        log = (directory / "kith.log").read_text()
        locked = sum(len(re.findall("locked|keeps the workspace busy", each)) for each in [*said, log])
        effects = {word: sum(len(each.effects(f"{word} ")) for each in platforms) for word in queued}
        table(
            "Together",
            [
                ("seconds", str(SECONDS)),
                ("commands", str(commands)),
                ("texts written at the terminals", str(sum(len(typist.safe) for typist in typists))),
                ("replies queued", str(len(queued))),
                ("effects", str(sum(effects.values()))),
                ("second effects", str(sum(count > 1 for count in effects.values()))),
                ("lock errors", str(locked)),
            ],
        )
        assert watcher.returncode == 0, output
        assert len(words) == BY_COMMAND
        assert all(len(typist.queued) >= LEAST for typist in typists), [len(typist.queued) for typist in typists]
        assert set(effects.values()) == {1}, [word for word, count in effects.items() if count != 1]
        assert not locked
        assert "Traceback" not in log and " ERROR " not in log, log[-3000:]
        assert integrity(directory) == "ok"


@pytest.mark.long
async def test_who_leaves_right_after_sending_has_sent(tmp_path: Path, victim: Victim) -> None:
    config = tmp_path / "config.toml"
    config.write_text("undo_s = 4\n")
    with running("isso", clock.now, waiting=1) as platform:
        workspace = fakes.open_workspace(tmp_path / "work", clock.now)
        await listen(workspace, platform)
        await workspace.close()
        typist = Typist(victim, tmp_path / "work", 1, config=config)
        typist.arrive()
        led = Lock(tmp_path / "work", SYNC)
        while not led.held_elsewhere():
            time.sleep(0.05)
        word = typist.write()
        typist.send(word)
        typist.terminal.type("Q")
        assert victim.ended(20) == 0
        typist.close()
        assert not platform.effects(f"{word} ")
        until = time.monotonic() + 30
        while led.held_elsewhere() and time.monotonic() < until:
            time.sleep(0.1)
        assert len(platform.effects(f"{word} ")) == 1


def _work(typist: Typist, kind: str, wrong: list[str]) -> None:
    """Write and send at one source until the time is over and enough is sent; what went wrong is said."""
    try:
        typist.arrive()
        typist.narrow(f"source:{kind}")
        end = time.monotonic() + SECONDS
        while time.monotonic() < end or len(typist.queued) < LEAST:
            typist.work(0.01, sends=0.8)
        typist.terminal.type("Q")
        assert typist.victim.ended(20) == 0, "it did not leave in peace"
    except AssertionError as error:
        wrong.append(str(error))


def _somebody_writes(platform: Platform, number: int) -> None:
    """Another comment comes in, so that there is something to read."""
    face = platform.face
    assert isinstance(face, WordPress)
    with platform.lock:
        face.rows.append(face.row(len(face.rows) + 1, 0, 0, f"Ann {number}", f"New question {number}?", clock.now()))
