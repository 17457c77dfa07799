"""A watcher, two who type and a command line on one workspace: nobody is locked out, every reply leaves once."""

import json
import random
import re
import signal
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

import pytest

import fakes
from community import clock
from community.sync import PACE
from faults.bench import FULL, items, listen, table
from faults.faces import WordPress
from faults.platform import Platform, running
from faults.test_kill import integrity
from faults.victim import ROOT, Victim

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(900)]

SECONDS = 120 if FULL else 12
TYPED = 45 if FULL else 8
BY_COMMAND = 10 if FULL else 4
KINDS = ("wordpress", "isso", "mastodon", "bluesky")
READING = (["list"], ["status"], ["outbox"], ["search", "question"], ["person", "list"], ["show", "1"])


def kith(directory: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "tui" / "launch.py", "--workspace", str(directory), *arguments],
        capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip


async def test_a_watcher_two_who_type_and_a_command_line_send_each_reply_exactly_once(tmp_path: Path) -> None:
    chance, directory = random.Random(20_260_301), tmp_path / "work"
    platforms: list[Platform] = []
    said: list[str] = []
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
        writers = [stack.enter_context(Victim()) for _ in range(2)]
        try:
            for seed, writer in enumerate(writers, 1):
                writer.begin(["write", str(directory), str(seed), str(TYPED), str(SECONDS)], out=tmp_path / f"{seed}")
            words: list[str] = []
            commands = 0
            end = time.monotonic() + SECONDS
            while time.monotonic() < end:
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
            ends = [writer.ended(60) for writer in writers]
            said += [(tmp_path / f"{seed}").read_text() for seed in (1, 2)]
            assert ends == [0, 0], said[-2:]
            queued = words + re.findall(r"^queued \d+ (token\w+)$", "\n".join(said), re.MULTILINE)
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
        said.append(output)
        log = (directory / "kith.log").read_text()
        locked = sum(len(re.findall("locked|keeps the workspace busy", each)) for each in [*said, log])
        effects = {word: sum(len(each.effects(f"{word} ")) for each in platforms) for word in queued}
        table(
            "Together",
            [
                ("seconds", str(SECONDS)),
                ("commands", str(commands)),
                ("drafts saved", str(len(re.findall("^draft ", "\n".join(said), re.MULTILINE)))),
                ("replies queued", str(len(queued))),
                ("effects", str(sum(effects.values()))),
                ("second effects", str(sum(count > 1 for count in effects.values()))),
                ("lock errors", str(locked)),
            ],
        )
        assert watcher.returncode == 0, output
        assert len(queued) == 2 * TYPED + len(words)
        assert set(effects.values()) == {1}, [word for word, count in effects.items() if count != 1]
        assert not locked
        assert "Traceback" not in log and " ERROR " not in log, log[-3000:]
        assert integrity(directory) == "ok"


def _somebody_writes(platform: Platform, number: int) -> None:
    """Another comment comes in, so that there is something to read."""
    face = platform.face
    assert isinstance(face, WordPress)
    with platform.lock:
        face.rows.append(face.row(len(face.rows) + 1, 0, 0, f"Ann {number}", f"New question {number}?", clock.now()))
