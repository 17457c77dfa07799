"""Twenty secrets are given to Kith, and servers that say them back: they are found nowhere but where they are kept."""

import base64
import json
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest

import fakes
from community import clock
from community.sources.base import Found
from community.text import clean_line
from faults.acting import ActingIsso
from faults.bench import FULL, items, listen, table
from faults.faces import FACES, Bluesky, Face, Reply
from faults.platform import Platform, playing
from faults.terminal import Terminal
from faults.test_hostile import item, rss, serving
from faults.victim import ROOT, Victim
from storage.database import FILE

pytestmark = [pytest.mark.anyio, pytest.mark.timeout(300)]

LAUNCH = [sys.executable, str(ROOT / "tui" / "launch.py")]
KINDS = ("wordpress", "isso", "bluesky", *(("mastodon", "gotosocial", "pixelfed") if FULL else ()))
WAITING = 6 if FULL else 3


def spellings(secret: str) -> list[bytes]:
    """A secret as it may be found: as it is, quoted, and in base64 wherever it begins there."""
    found = {secret.encode(), quote(secret, safe="").encode()}
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + secret.encode()).decode().rstrip("=")
        found.add(coded[(shift * 8 + 5) // 6 : (shift + len(secret)) * 8 // 6].encode())
    return sorted(found)


class Planted:
    """The secrets by what they are."""

    def __init__(self) -> None:
        self.all: dict[str, str] = {}

    def new(self, what: str) -> str:
        secret = f"sEcr3t+{len(self.all):02d}/{abs(hash(what)) % 10**8:08d}Zq"
        self.all[what] = secret
        return secret

    def found_in(self, data: bytes) -> list[str]:
        return [what for what, secret in self.all.items() if any(each in data for each in spellings(secret))]


def echoing(secrets: list[str]) -> list[Reply]:
    """Answers that say secrets back: in words, in headers, in addresses."""
    said = " ".join(secrets)
    coded = base64.b64encode(said.encode()).decode()
    body = json.dumps({"error": f"bad token {said} ({coded})", "message": f"login {said} is wrong", "code": said})
    headers = {"WWW-Authenticate": f'Basic realm="{said}"', "X-Echo": said, "Set-Cookie": f"a={quote(said)}"}
    away = {"Location": f"http://127.0.0.1:9/{quote(said)}?token={quote(said)}"}
    return [
        Reply(422, body.encode(), headers),
        Reply(302, body.encode(), headers | away),
        Reply(500, body.encode(), headers),
        Reply(200, body.encode(), headers),
        Reply(401, body.encode(), headers),
    ]


def children_of(pid: int) -> Iterator[int]:
    """A process and everything below it."""
    yield pid
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in tasks.read_text().split():
            yield from children_of(int(child))


class Watching:
    """Looks at the arguments and the environment of every process that Kith starts."""

    def __init__(self, victim: Victim, out: Path) -> None:
        self.seen: set[bytes] = set()
        self.pids: set[int] = set()
        self._victim = victim
        self._out = out

    def run(self, *arguments: str, seconds: float = 60) -> bytes:
        """What a command prints; in the short form it runs in a process that has loaded everything before."""
        return self._started(arguments, seconds) if FULL else self._forked(arguments, seconds)

    def paint(self, directory: Path, *keys: str) -> bytes:
        """Everything a terminal is painted with while these keys are pressed in Kith."""
        with Terminal() as terminal:
            self._victim.begin(["--workspace", str(directory)], out=self._out, tty=terminal.name)
            with self._looking(self._victim.pid):
                terminal.wait_for("Today")
                for key in keys:
                    time.sleep(0.3)
                    terminal.type(key)
                self._leave(terminal)
            return bytes(terminal.painted)

    def _leave(self, terminal: Terminal) -> None:
        """Close what is open and leave, until it has: where the machine is slow, keys come before what they are for."""
        for _ in range(10):
            terminal.type("\x1b")
            time.sleep(0.3)
            terminal.type("Q")
            code = self._victim.ended(5)
            if code is not None:
                assert code == 0
                return
        raise AssertionError("it does not leave")

    def _forked(self, arguments: tuple[str, ...], seconds: float) -> bytes:
        self._out.unlink(missing_ok=True)
        self._victim.begin(arguments, out=self._out)
        with self._looking(self._victim.pid):
            if self._victim.ended(seconds) is None:
                self._victim.kill(signal.SIGTERM)
        return self._out.read_bytes()

    @contextmanager
    def _looking(self, pid: int) -> Iterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=self._look, args=(pid, stop))
        thread.start()
        yield
        stop.set()
        thread.join()

    def _started(self, arguments: tuple[str, ...], seconds: float) -> bytes:
        process = subprocess.Popen([*LAUNCH, *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        with process, self._looking(process.pid):
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                process.terminate()
                output, _ = process.communicate(timeout=30)
        return output

    def _look(self, pid: int, stop: threading.Event) -> None:
        while not stop.is_set():
            try:
                for each in children_of(pid):
                    self.pids.add(each)
                    for name in ("cmdline", "environ"):
                        self.seen.add(Path(f"/proc/{each}/{name}").read_bytes())
            except OSError:
                pass
            time.sleep(0.02)


async def test_a_secret_is_nowhere_but_where_it_is_kept(tmp_path: Path, victim: Victim) -> None:
    planted, directory = Planted(), tmp_path / "work"
    outputs: list[bytes] = []
    platforms: list[tuple[Platform, list[str]]] = []
    with ExitStack() as stack:
        watching = Watching(victim, tmp_path / "said")
        workspace = fakes.open_workspace(directory, clock.now)
        for number, kind in enumerate((*KINDS, *KINDS) if FULL else KINDS):
            platform = stack.enter_context(playing(_face(kind)))
            secret = planted.new(f"{kind} credential {number}")
            secrets = [secret]
            if isinstance(platform.face, Bluesky):
                platform.face.access = planted.new(f"access token {number}")
                platform.face.refresh = planted.new(f"refresh token {number}")
                secrets += [platform.face.access, platform.face.refresh]
            source = await listen(workspace, platform, secret=f"maria:{secret}" if kind == "wordpress" else secret)
            if number >= len(KINDS) or not FULL:
                platforms.append((platform, secrets))
            for item_id in items(workspace.store.reader, source):
                await workspace.outbox.queue(
                    await workspace.outbox.save(item_id, f"@bo@rock.example token{item_id}"), undo_s=3600
                )
        private = [planted.new(f"feed password {n}") for n in range(2)]
        named = [planted.new(f"user-info of an address {n}") for n in range(2)]
        by_command = [planted.new(f"printed by a command {n}") for n in range(2)]
        in_query = [planted.new(f"key in the address of a feed {n}") for n in range(2)]
        feeds = [stack.enter_context(serving(rss(item(n)), {})) for n in range(8)]
        for address, secret in zip(feeds, private + named + by_command + in_query, strict=True):
            host = address.split("/")[2]
            full = address.replace("://", f"://maria:{quote(secret, safe='')}@") if secret in named else address
            if secret in in_query:
                full = f"{address}?page=2&key={quote(secret, safe='')}"
            source = await workspace.listening.add(Found("feed", clean_line(""), full), allow_hosts=[host])
            if secret in private:
                await workspace.logins.with_secret(source.id, f"maria:{secret}")
            if secret in by_command:
                script = tmp_path / f"print-{source.id}"
                script.write_text(f"#!/bin/sh\necho 'maria:{secret}'\n")
                script.chmod(0o700)
                await workspace.logins.with_command(source.id, [str(script)])
        await workspace.close()
        assert len(planted.all) >= (20 if FULL else 12)

        here = ("--workspace", str(directory))
        outputs.append(watching.run(*here, "sync"))
        for number in range(5) if FULL else (0,):
            for platform, secrets in platforms:
                answer = echoing(secrets)[number]
                platform.echo = answer
                platform.reads_fail = answer if number % 2 else None
            ids = _queued(directory)[number::5]
            outputs.append(watching.run(*here, "send", *ids[:12], seconds=20))
            outputs.append(watching.run(*here, "sync"))
        screen = watching.paint(directory, "gi", "j", "gx", "j", "gm", "j", "j", "j", "?")
        outputs.append(screen)
        outputs.append(watching.run(*here, "sync", "--watch", seconds=3 if FULL else 0.5))
        asked = [["doctor", "--json"], ["source", "list", "--json"], ["export", str(tmp_path / "feeds.opml")],
                 ["export", "jsonl", str(tmp_path / "all.jsonl")], ["backup"]]  # fmt: skip
        asked += [["doctor"], ["outbox", "--json"], ["list", "--json"]] if FULL else []
        for command in asked:
            outputs.append(watching.run(*here, *command))
        kept = (directory / "credentials.json").read_bytes()
    files = [path for path in [*directory.rglob("*"), *tmp_path.glob("*.opml"), *tmp_path.glob("*.jsonl")]
             if path.is_file() and not path.name.startswith("credentials.json")]  # fmt: skip
    found = {str(path.relative_to(tmp_path)): planted.found_in(path.read_bytes()) for path in files}
    found |= {f"output {n}": planted.found_in(output) for n, output in enumerate(outputs)}
    found["arguments and environment"] = planted.found_in(b"\n".join(watching.seen))
    found = {where: what for where, what in found.items() if what}
    table(
        "Secrets",
        [
            ("planted", str(len(planted.all))),
            ("found where they are kept", str(len(planted.found_in(kept)))),
            ("files looked through", str(len(files))),
            ("outputs looked through", str(len(outputs))),
            ("processes looked at", str(len(watching.pids))),
            ("found elsewhere", str(sum(map(len, found.values())))),
        ],
    )
    assert len(planted.found_in(kept)) >= (16 if FULL else 9)
    assert b"Sources" in screen and b"Outbox" in screen
    assert (directory / "credentials.json").stat().st_mode & 0o777 == 0o600
    assert not found


def _face(kind: str) -> Face:
    """A platform with six who wait; Isso is one that is moderated, so that there is a password to plant."""
    return ActingIsso(clock.now, WAITING) if kind == "isso" else FACES[kind](clock.now, WAITING)


def _queued(directory: Path) -> list[str]:
    connection = sqlite3.connect(directory / FILE)
    try:
        return [str(row[0]) for row in connection.execute("SELECT id FROM outbox WHERE state = 'queued' ORDER BY id")]
    finally:
        connection.close()
