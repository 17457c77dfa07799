"""Real servers on loopback for the adapters. A peer is started once per run and left running for the next one."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

_PEERS = Path(os.environ.get("KITH_PEER_SCRIPTS", Path(__file__).parents[4] / "shared" / "peers"))
_START_S = 300


def peer(name: str) -> dict[str, Any]:
    """What the peer called `name` says of itself once it is up; skips the test when it cannot be started here."""
    script = _PEERS / name / "up"
    if not script.is_file():
        pytest.skip(f"no peer “{name}”: {script} is missing")
    try:
        done = subprocess.run([str(script)], capture_output=True, timeout=_START_S, check=True, text=True)
    except subprocess.TimeoutExpired:
        pytest.skip(f"the peer “{name}” did not start within {_START_S} s")
    except (OSError, subprocess.CalledProcessError) as error:
        said = getattr(error, "stderr", "") or str(error)
        pytest.skip(f"the peer “{name}” did not start: {said.strip().splitlines()[-1:]}")
    info: dict[str, Any] = json.loads(done.stdout)
    return info


@pytest.fixture(scope="session")
def wordpress_peer() -> dict[str, Any]:
    """WordPress with four roles, a threaded post, a 200-comment thread, pending, spam and trash."""
    return peer("wordpress")


@pytest.fixture(scope="session")
def isso_peer() -> dict[str, Any]:
    """Isso with moderation, an admin password and two threads."""
    return peer("isso")


@pytest.fixture(scope="session")
def bluesky_peer() -> dict[str, Any]:
    """A Bluesky network of its own."""
    return peer("bluesky")


@pytest.fixture(scope="session")
def feeds_peer() -> dict[str, Any]:
    """A web server with thousands of feeds and every fault a feed can have."""
    return peer("feeds")
