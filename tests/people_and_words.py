"""A small community for tests: people who say things, in a workspace in a temporary directory."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from community.config import Config
from community.ingest import store
from community.sources.base import Author, Incoming, ItemKind, ItemStatus, Page
from community.text import Clean, clean, clean_line
from community.workspace import Workspace
from storage import sources

NOW = 1_750_000_000
HOUR, DAY = 3600, 86_400


def author(name: str, *, network: str = "fediverse", me: bool = False) -> Author:
    """A person on a network, known by a key made of the name."""
    key = clean_line(name).lower().replace(" ", ".")
    return Author(network, f"{network}/{key}", clean_line(f"@{key}"), clean_line(name), is_me=me)


ME = author("me", me=True)


def said(
    who: Author,
    text: str,
    *,
    id: str,  # noqa: A002
    ago: int = HOUR,
    under: str | None = None,
    thread: str | None = None,
    to_me: bool = True,
    title: str = "",
    kind: ItemKind = ItemKind.MENTION,
    status: ItemStatus = ItemStatus.PUBLISHED,
    subject: str = "",
) -> Incoming:
    """Something somebody said some seconds ago."""
    return Incoming(
        remote_id=id,
        kind=kind,
        author=who,
        text=Clean(clean(text)),
        created_at=NOW - ago,
        thread=thread or (None if under else id),
        parent_id=under,
        title=clean_line(title),
        subject=clean_line(subject),
        status=status,
        to_me=to_me and not who.is_me,
        permalink=f"https://town.example/{id}",
    )


@dataclass
class Community:
    """A workspace with sources in it. `now` stands still unless a test moves it."""

    directory: Path
    config: Config = field(default_factory=Config)
    now: int = NOW
    workspace: Workspace = field(init=False)
    ids: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Open the workspace."""
        self.workspace = Workspace.open(self.directory, self.config, now=lambda: self.now, secrets_in_file=True)

    async def source(self, name: str = "@me@town.example", *, kind: str = "fake", is_mine: bool = False) -> int:
        """Add a source whose backlog is done: what comes next is new."""
        async with self.workspace.store.transaction() as tx:
            source_id = await sources.add(
                tx, kind=kind, name=name, address=f"https://{len(self.ids)}.example", account="@me",
                is_mine=is_mine, options="{}", allow_hosts="", now=self.now - 90 * DAY,
            )  # fmt: skip
            await tx.run(
                "UPDATE source SET backlog_done_at = :at, succeeded_at = :at WHERE id = :id",
                at=self.now - 120,
                id=source_id,
            )
        self.ids[name] = source_id
        return source_id

    async def hear(self, source_id: int, items: Sequence[Incoming], *, gone: Sequence[str] = ()) -> None:
        """Store what a source brought."""
        async with self.workspace.store.transaction() as tx:
            source = await sources.find(tx, source_id)
            await store(tx, source, Page(items=tuple(items), gone=tuple(gone)), config=self.config, now=self.now)

    async def close(self) -> None:
        """Close the workspace."""
        await self.workspace.close()


async def small_town(directory: Path, config: Config | None = None) -> Community:
    """Three people who wait, one thread with depth, one I answered, an article, a pending comment."""
    town = Community(directory, config or Config())
    fedi = await town.source()
    blog = await town.source("blog", is_mine=True)
    feed = await town.source("Small tools", kind="feed")
    maria = author("Maria Lindqvist", network="wordpress:blog")
    jon, ravi, kemi, ines = (author(name) for name in ("Jon Adeyemi", "ravi", "Kemi O.", "Ines Duarte"))
    await town.hear(
        blog,
        [
            said(maria, "I read this twice. How do you keep the notes of each tmux session apart?",
                 id="m1", ago=3 * DAY, kind=ItemKind.COMMENT, thread="post-1", title="How do you keep notes in tmux?",
                 subject="Notes I never lose"),
            said(author("Buy Pills", network="wordpress:blog"), "cheap pills at my site", id="p1", ago=HOUR,
                 kind=ItemKind.COMMENT, thread="post-2", status=ItemStatus.PENDING, subject="Notes I never lose"),
        ],
    )  # fmt: skip
    await town.hear(
        fedi,
        [
            said(ME, "2.0 is out. It reads ten feeds or ten thousand.", id="r1", ago=2 * DAY),
            said(jon, "@me Congratulations! Does it still run on the old box?", id="r2", ago=DAY, under="r1"),
            said(kemi, "Same question here.", id="r3", ago=20 * HOUR, under="r2", to_me=False),
            said(ravi, "@me is the feed broken? I get nothing since monday.", id="q1", ago=40 * 60),
            said(author("Tomás Rey"), "@me thanks for the talk", id="t1", ago=4 * DAY),
            said(ME, "It was a pleasure.", id="t2", ago=3 * DAY, under="t1"),
        ],
    )
    await town.hear(
        feed,
        [said(ines, "A drawer full of small tools.", id="a1", ago=5 * HOUR, to_me=False, kind=ItemKind.ARTICLE,
              title="Small tools, big drawer")],
    )  # fmt: skip
    return town


async def crowd(directory: Path, size: int) -> Community:
    """`size` people who wait, the first for the longest."""
    town = Community(directory)
    fedi = await town.source()
    for start in range(0, size, 500):
        await town.hear(
            fedi,
            [
                said(author(f"Person {n:06}"), f"@me word number {n}", id=f"w{n}", ago=10 * DAY - n)
                for n in range(start, min(size, start + 500))
            ],
        )
        await asyncio.sleep(0)
    return town


__all__ = ["DAY", "HOUR", "ME", "NOW", "Community", "author", "crowd", "replace", "said", "small_town"]
