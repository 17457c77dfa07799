"""For the tests of adapters: a source row, an adapter on real sockets, and what a service would hand to it."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, cast
from urllib.parse import urlsplit

from community.model import Source
from community.secrets import Credential, Secret
from community.sources import adapter
from community.sources.base import Account, Act, Adapter, Incoming, Outgoing, Page, Target, Tools
from community.sources.http import Http, Policy, client

NOW = 1_772_325_000


def source_row(kind: str, address: str, **more: Any) -> Source:
    """A stored source."""
    row: dict[str, Any] = {
        "id": 1,
        "kind": kind,
        "name": "",
        "address": address,
        "account": "",
        "me": "",
        "is_mine": 0,
        "options": "{}",
        "allow_hosts": "",
        "cursor": None,
        "state": "active",
        "health": "ok",
        "health_text": "",
        "failures": 0,
        "syncing_at": None,
        "checked_at": None,
        "succeeded_at": None,
        "next_check_at": 0,
        "backlog_done_at": None,
        "created_at": 0,
    }
    return Source(**(row | more))


@asynccontextmanager
async def connected(
    kind: str, *addresses: str, secret: str = "", tokens: dict[str, str] | None = None, now: int = NOW, http: Any = None
) -> AsyncIterator[Adapter]:
    """An adapter that may talk to `addresses` on loopback. What it keeps as tokens goes into `tokens`.

    `http` wraps the client, for watching what leaves.
    """
    kept = {} if tokens is None else tokens
    credential = Credential(Secret(secret), {name: Secret(value) for name, value in kept.items()}, kept.__setitem__)
    policy = Policy(allow_hosts=frozenset(urlsplit(each).netloc for each in addresses))
    async with Http(client(policy), policy) as plain:
        tools = Tools(http=http(plain) if http else plain, credential=credential, parser=cast(Any, None), now=now)
        yield adapter(kind)(tools)


def known_as(source: Source, account: Account) -> Source:
    """The source once `check` has told who I am there."""
    options = json.loads(source.options) | dict(account.options)
    return source_row(source.kind, source.address, me=account.me, account=account.account, options=json.dumps(options))


def target_of(item: Incoming) -> Target:
    """An item as it is handed to an adapter that is to answer it."""
    assert item.thread is not None
    return Target(
        item.remote_id, item.thread, item.parent_id, item.kind, item.author, item.permalink, None, dict(item.extra)
    )


async def outgoing(
    kind: Adapter,
    source: Source,
    item: Incoming,
    text: str = "",
    *,
    act: Act = Act.REPLY,
    key: str = "k1",
    now: int = NOW,
) -> Outgoing:
    """An act on an item as the outbox holds it, its body frozen as it comes back from the database."""
    plain = Outgoing(act, target_of(item), text, key, 1, now)
    body: Mapping[str, object] = json.loads(json.dumps(dict(await kind.prepare(source, plain))))
    return Outgoing(act, plain.target, text, key, 1, now, body)


async def everything(kind: Adapter, source: Source, cursor: str | None = None) -> tuple[list[Page], str | None]:
    """Every page there is from a cursor on, and the cursor behind them."""
    pages: list[Page] = []
    while len(pages) < 200:
        pages.append(await kind.fetch(source, cursor))
        cursor = pages[-1].cursor
        if not pages[-1].has_more:
            return pages, cursor
    raise AssertionError("the pages have no end")
