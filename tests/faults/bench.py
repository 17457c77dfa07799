"""What the fault tests share: workspaces that listen to breaking platforms, replies like no other, numbers."""

import os
import random
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial

import pytest

import community.sources.http
from community.delivery import Delivery
from community.model import OutboxRow, Source
from community.query import parse
from community.sources.base import Found
from community.sources.transport import Policy
from community.sync import Syncer
from community.text import clean_line
from community.workspace import Workspace
from faults.platform import Platform
from storage.database import Reader
from storage.rows import Number

FULL = os.environ.get("KITH_FAULTS") == "full"
"""Whether the long form was asked for, as `make faults` does."""

_ITEMS = "SELECT id AS n FROM item WHERE source_id = :source AND mine = 0 ORDER BY id"


def short_patience(monkeypatch: pytest.MonkeyPatch, *, read_s: float = 0.3, total_s: float = 2.0) -> None:
    """Let every request give up soon."""
    monkeypatch.setattr(
        community.sources.http, "Policy", partial(Policy, connect_s=2.0, read_s=read_s, total_s=total_s)
    )


async def listen(workspace: Workspace, platform: Platform, *, read: bool = True, secret: str = "") -> Source:
    """Add a platform as a source, log in, and read what waits there."""
    site = platform.face.site
    found = Found(site.kind, clean_line(f"{site.kind} {platform.port}"), platform.base, site.account, site.options)
    source = await workspace.listening.add(found, allow_hosts=[platform.place], is_mine=True, paused=True)
    if site.secret:
        await workspace.logins.with_secret(source.id, secret or site.secret)
    else:
        await workspace.logins.check(source.id)
        await workspace.listening.resume(source.id)
    source = workspace.listening.get(source.id)
    if read:
        [result] = await Syncer(workspace.store, workspace.connections).sync([source])
        assert result.ok, result.error
    return workspace.listening.get(source.id)


def items(reader: Reader, source: Source) -> list[int]:
    """The ids of what others wrote there, in the order it came."""
    return [row.n for row in reader.all(Number, _ITEMS, source=source.id)]


class Writer:
    """Makes replies that hold quotes, dashes and an address, and a word that no other reply holds."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._count = 0

    def reply(self) -> str:
        """The next one."""
        self._count += 1
        word = f"token{self._count:04d}{self._random.randrange(16**6):06x}x"
        text = self._random.choice(
            [
                f"It's “fine” -- really... {word}",
                f'I said "yes", see https://maria.example/{word[5:9]} {word}',
                f"Grüße & <thanks>, {word} 🙂",
                f"One line.\nAnother -- don't ask: {word}",
                f"{word}",
            ]
        )
        return f"@bo@rock.example {text}"


async def settle(
    workspace: Workspace,
    clock: Callable[[int], None],
    steps: Iterable[int],
    *,
    between: Callable[[int], None] = lambda _step: None,
) -> None:
    """Let time pass in steps, and do at each what a watcher would."""
    delivery = Delivery(workspace.store, workspace.connections)
    for number, seconds in enumerate(steps):
        clock(seconds)
        between(number)
        await delivery.deliver()
        await delivery.look()


def outbox(workspace: Workspace) -> list[OutboxRow]:
    """Everything in the outbox, in the order it was made."""
    rows = workspace.outbox.listed(parse("", now=workspace.store.now(), target="outbox"))
    return sorted(rows, key=lambda row: row.id)


def table(title: str, rows: list[tuple[str, ...]]) -> None:
    """Print numbers under each other."""
    widths = [max(len(row[place]) for row in rows) for place in range(len(rows[0]))]
    print(f"\n{title}")
    for row in rows:
        print("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


@contextmanager
def timed(name: str) -> Iterator[None]:
    """Print how long a block took."""
    import time

    began = time.monotonic()
    yield
    print(f"  {name}: {time.monotonic() - began:.1f} s")
