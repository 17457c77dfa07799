"""Damage done to the data: torn files, full disks, strange directories, clocks that jump. No text is lost by it."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

import fakes
from community.backups import Backups
from fakes import Clock, Platform, arrive, comment
from faults.bench import FULL
from full import fill, integrity, outbox
from storage.files import FILE

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(600)]

SEEDS = range(4 if FULL else 1)
ROUNDS = 50 if FULL else 5
READING = (
    ["list", "is:any", "--json"],
    ["show", "1", "--json"],
    ["search", "question", "--json"],
    ["outbox", "--json"],
)


@dataclass
class Runner:
    """Command lines, one after the other, in a process of their own."""

    process: subprocess.Popen[str]

    def __call__(self, workspace: Path, *arguments: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(["--workspace", str(workspace), *arguments]) + "\n")
        self.process.stdin.flush()
        return dict(json.loads(self.process.stdout.readline()))


def running(*arguments: str) -> Iterator[Runner]:
    command = [sys.executable, "-m", "faults.ruined", *arguments]
    tests = Path(__file__).parents[1]
    home = {"HOME": tempfile.gettempdir(), "XDG_CONFIG_HOME": "/nowhere", "PYTHONPATH": f"{tests.parent}:{tests}"}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, **home}
    ) as process:
        yield Runner(process)
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def kith() -> Iterator[Runner]:
    yield from running()


@pytest.fixture
async def base(tmp_path: Path, platform: Platform) -> Path:
    """A workspace that nobody has open: a backup, and what was written since, partly still in the log."""
    directory, clock = tmp_path / "base", Clock()
    opened = fakes.open_workspace(directory, clock)
    await fill(opened)
    Backups(directory, clock).make()
    source = opened.sources()[0]
    for number in range(12):
        await arrive(opened, source, comment(f"new-{number}", f"New {number}", "Since then", thread=f"new-{number}"))
    found = [hit.id for hit in await opened.search("since then", limit=50) if hit.what == "item"]
    for number, item_id in enumerate(found):
        made = await opened.outbox.save(item_id, f"Written since, number {number}")
        if number % 3 == 0:
            await opened.outbox.queue(made, undo_s=0)
    held = (directory / f"{FILE}-wal").read_bytes()
    await opened.close()
    if not (directory / f"{FILE}-wal").exists():
        (directory / f"{FILE}-wal").write_bytes(held)
    return directory


def copied(base: Path, target: Path) -> Path:
    shutil.copytree(base, target)
    return target


def ruin(path: Path, chance: random.Random) -> str:
    """Do one kind of damage to a file; what it was."""
    data = bytearray(path.read_bytes())
    size, page = len(data), 4096
    kind = chance.choice(("bits", "page", "zeroes", "cut", "head", "swap", "more", "log", "first page"))
    at = chance.randrange(size)
    match kind:
        case "bits":
            for _ in range(chance.randint(1, 64)):
                data[chance.randrange(size)] ^= 1 << chance.randrange(8)
        case "page":
            start = at // page * page
            data[start : start + page] = chance.randbytes(page)
        case "zeroes":
            end = min(size, at + chance.randint(1, 40_000))
            data[at:end] = bytes(end - at)
        case "cut":
            del data[at:]
        case "head":
            length = chance.choice((1, 16, 100))
            data[:length] = chance.randbytes(length)
        case "first page":
            data[:page] = chance.randbytes(page)
        case "swap":
            one, other = (chance.randrange(size // page) * page for _ in range(2))
            data[one : one + page], data[other : other + page] = data[other : other + page], data[one : one + page]
        case "more":
            data.extend(chance.randbytes(chance.randint(1, 9000)))
        case "log":
            log = path.with_name(f"{FILE}-wal")
            data, path = bytearray(log.read_bytes()), log
            if data:
                del data[chance.randrange(len(data)) :]
                data.extend(chance.randbytes(500))
    path.write_bytes(data)
    return kind


def readable(path: Path) -> set[str]:
    """The texts of the outbox that a plain reading of a copy still gives."""
    found: set[str] = set()
    with tempfile.TemporaryDirectory() as place, closing(sqlite3.connect(Path(place) / "copy.db")) as connection:
        for end in ("", "-wal"):
            if path.with_name(path.name + end).exists():
                shutil.copyfile(path.with_name(path.name + end), Path(place) / f"copy.db{end}")
        connection.text_factory = lambda data: data.decode("utf-8", "replace")
        try:
            for text, item_id in connection.execute("SELECT text, item_id FROM outbox"):
                if isinstance(text, str) and isinstance(item_id, int):
                    found.add(text)
        except (sqlite3.Error, UnicodeDecodeError):
            pass
    return {text for text in found if text.isprintable() and "\ufffd" not in text}


def said_once(done: dict[str, Any]) -> bool:
    """Whether a command that failed said why in one sentence, and nothing escaped."""
    lines = done["err"].splitlines()
    fails_well = done["code"] in (0, 3) or (len(lines) == 1 and lines[0].startswith("kith: "))
    return not done["escaped"] and "Traceback" not in done["err"] and done["code"] in (0, 1, 2, 3) and fails_well


@pytest.mark.parametrize("seed", SEEDS)
async def test_a_torn_database_is_never_a_traceback_and_a_restore_saves_what_can_be_read(
    base: Path, tmp_path: Path, kith: Runner, seed: int
) -> None:
    chance, strange = random.Random(20_260_704 + seed), 0
    kinds, saved, lost, sentences = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    since = {text for text in outbox_of(base) if text.startswith("Written since")}
    assert len(since) == 12
    for number in range(ROUNDS):
        directory = copied(base, tmp_path / f"round-{number}")
        path = directory / FILE
        kind = ruin(path, chance)
        kinds[kind] += 1
        before, known = path.read_bytes(), readable(path)
        is_read_first = chance.random() < 0.7
        for command in READING if is_read_first else ():
            done = kith(directory, *command)
            assert said_once(done), (number, kind, command, done)
            strange += "unexpected" in done["err"]
            sentences[done["err"].strip()[:70]] += done["code"] == 1
        if is_read_first:
            assert kith(directory, "doctor")["code"] in (0, 1)
        done = kith(directory, "restore", "--yes", "--json")
        assert done["code"] == 0, (number, kind, done)
        told = json.loads(done["out"])
        aside = Path(told["aside"]) if told["aside"] else None
        assert (aside is not None and aside.exists()) or not before, (number, kind)
        if aside is not None and not is_read_first:
            assert aside.read_bytes() == before
        assert integrity(path) == "ok"
        after = outbox(path)
        assert not [text for text, (state, _) in after.items() if state in ("queued", "sending")]
        texts = Path(told["texts"]).read_text("utf-8") if told["texts"] else ""
        unsettled = {text for text in known if not text.endswith(("sent", "cancelled"))}
        assert not [text for text in unsettled if text not in after and text not in texts], (number, kind)
        for text in ("draft", "queued", "sending", "failed", "uncertain", "by hand"):
            assert any(each.startswith("Words that are") for each in after), text
        here = len([text for text in since if text in after or text in texts])
        saved[kind] += here
        lost[kind] += len(since) - here
        assert kith(directory, "list", "--json")["code"] == 0
        shutil.rmtree(directory)
    print(
        f"{ROUNDS} rounds ({dict(kinds)}): 0 tracebacks, 0 files deleted, {ROUNDS} restores, "
        f"{saved.total()} of {saved.total() + lost.total()} texts written since the backup saved {dict(saved)}, "
        f"{strange} unexpected errors; {dict(sentences)}"
    )


def outbox_of(directory: Path) -> set[str]:
    return readable(directory / FILE)
