"""A program of one's own, and one town for every test that needs neighbours."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from program import LAUNCH, Demo, Program, environment


@pytest.fixture
def kith(tmp_path: Path) -> Program:
    """A program with a workspace that is not there yet."""
    return Program(tmp_path, tmp_path / "workspace")


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """A town with its workspace, shared by all tests of a session: whoever they answer is answered for all of them."""
    yield from settled(tmp_path_factory.mktemp("home"))


@pytest.fixture
def untouched(tmp_path: Path) -> Iterator[Demo]:
    """A town in which nobody has answered anybody yet."""
    yield from settled(tmp_path)


def settled(home: Path) -> Iterator[Demo]:
    """A town with its workspace; it ends with its standard input."""
    running = subprocess.Popen(
        [sys.executable, str(LAUNCH), "demo", "--no-ui", "--until-eof", "--pace", "4"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=environment(home),
    )
    assert running.stdin is not None
    assert running.stdout is not None
    told = json.loads(running.stdout.readline())
    yield Demo(told, Program(home, Path(told["workspace"])))
    running.stdin.close()
    assert running.wait(timeout=20) == 0
    running.stdout.close()
    assert not Path(told["workspace"]).exists()


@pytest.fixture
def eventually() -> Callable[[Callable[[], object]], None]:
    """Waits until something is true, or fails after half a minute."""

    def wait(claim: Callable[[], object]) -> None:
        end = time.monotonic() + 30
        while not claim():
            assert time.monotonic() < end, "it never happened"
            time.sleep(0.3)

    return wait
