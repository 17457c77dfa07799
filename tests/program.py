"""The real program, run as a user runs it."""

import json
import os
import select
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LAUNCH = HERE.parent / "tui" / "launch.py"


@dataclass(frozen=True)
class Ran:
    """What came of one command."""

    code: int
    out: str
    err: str

    @property
    def one(self) -> Any:
        """The one JSON object it printed."""
        lines = self.out.splitlines()
        assert len(lines) == 1, (self.out, self.err)
        return json.loads(lines[0])

    @property
    def each(self) -> list[Any]:
        """Every JSON object it printed."""
        return [json.loads(line) for line in self.out.splitlines()]


def environment(home: Path, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("KITH_", "XDG_"))}
    return kept | {"HOME": str(home), "PYTHONIOENCODING": "utf-8"} | more


@dataclass(frozen=True)
class Program:
    """`kith` with a home and a workspace of its own."""

    home: Path
    workspace: Path

    def begin(self, *arguments: str) -> subprocess.Popen[bytes]:
        """Start a command that goes on until its standard input ends."""
        return subprocess.Popen(
            [sys.executable, str(LAUNCH), "--workspace", str(self.workspace), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(self.home),
        )

    def __call__(self, *arguments: str, typed: str = "", **more: str) -> Ran:
        with tempfile.TemporaryDirectory() as place:
            paths = {name: str(Path(place, name)) for name in ("input", "output", "error")}
            for name, path in paths.items():
                Path(path).write_text(typed if name == "input" else "", "utf-8")
            wanted = {"argv": ["--workspace", str(self.workspace), *arguments], "env": environment(self.home, **more)}
            code = _forked({**wanted, **paths})
            return Ran(code, Path(paths["output"]).read_text("utf-8"), Path(paths["error"]).read_text("utf-8"))


@cache
def _forks() -> subprocess.Popen[str]:
    """The process that forks commands, one for all tests of a worker; it ends with its standard input."""
    path = f"{HERE.parent}:{HERE}"
    return subprocess.Popen(
        [sys.executable, str(HERE / "forking.py")],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": path},
    )


def _forked(wanted: dict[str, Any]) -> int:
    forks = _forks()
    assert forks.stdin is not None
    assert forks.stdout is not None
    forks.stdin.write(json.dumps(wanted) + "\n")
    forks.stdin.flush()
    if not select.select([forks.stdout], [], [], 90)[0]:
        forks.kill()
        raise TimeoutError(f"kith {' '.join(wanted['argv'])} did not end.")
    return int(forks.stdout.readline())


@dataclass(frozen=True)
class Demo:
    """A running `kith demo --no-ui`: what it printed, and the program on its workspace."""

    told: dict[str, Any]
    kith: Program

    @property
    def place(self) -> str:
        return str(self.told["base_url"]).partition("://")[2]

    def secret(self, kind: str) -> str:
        source = next(each for each in self.told["sources"] if each["kind"] == kind)
        found = json.loads((Path(self.told["workspace"]) / "credentials.json").read_text())
        return str(found[str(source["id"])]["secret"])

    @property
    def login(self) -> str:
        """What logs in to the blog, as `--credential-env` takes it."""
        blog = next(each for each in self.told["sources"] if each["kind"] == "wordpress")
        return f"{blog['account']}:{self.secret('wordpress')}"
