"""Real servers on loopback for the adapters. A peer is started once per run and left running for the next one."""

import json
import os
import subprocess
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlsplit

import pytest

from community.secrets import Credential, Secret
from community.sources.base import Tools
from community.sources.http import Http, Policy, client
from community.sources.parsing import Parser
from storage.rows import Source

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


@pytest.fixture
def row() -> Callable[..., Source]:
    """Makes source rows: `row("isso", "https://…", me="…", options={…})`."""

    def make(kind: str, address: str, *, options: dict[str, str] | None = None, **other: Any) -> Source:
        columns: dict[str, Any] = dict.fromkeys(Source._fields)
        columns |= {"id": 1, "kind": kind, "name": "A source", "address": address, "account": "", "me": ""}
        columns |= {"is_mine": 1, "options": json.dumps(options or {}), "allow_hosts": urlsplit(address).netloc}
        return Source(**columns | other)

    return make


@pytest.fixture
def tools() -> Callable[..., AbstractAsyncContextManager[Tools]]:
    """Opens the tools of one source: `async with tools("127.0.0.1:80", "secret") as opened`, without a parser."""

    @asynccontextmanager
    async def open_tools(host: str, secret: str = "", tokens: dict[str, Secret] | None = None) -> AsyncIterator[Tools]:
        policy = Policy(allow_hosts=frozenset(host.split()))
        kept = {} if tokens is None else tokens
        credential = Credential(Secret(secret), kept, lambda name, value: kept.__setitem__(name, Secret(value)))
        async with Http(client(policy), policy) as http:
            yield Tools(http=http, credential=credential, parser=cast(Parser, None), now=int(time.time()))

    return open_tools
