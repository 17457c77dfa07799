"""The Workspace: opens storage, makes each service when it is first asked for; the only object screens hold."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from community import clock
from community.config import Config
from community.conversations import Conversations
from community.store import Store
from storage import articles, desk, meta, search, sources, standing
from storage.database import Reader
from storage.errors import FULL, DiskFull
from storage.files import DAMAGED, FILE, is_sound

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from community.connections import Connections
    from community.forgotten import Forgetting
    from community.identities import Identities
    from community.keeping import Keeping
    from community.listening import Listening
    from community.logins import Logins
    from community.loops import Loops
    from community.model import ArticleRow, DeskRow, Heard, SearchHit, Source
    from community.outbox import Outbox
    from community.outcomes import Outcomes
    from community.people import People
    from community.query import Query
    from community.reachability import Way
    from community.readings import Readings
    from community.rel_me import Sites
    from community.secrets import Credentials
    from community.stages import Stages
    from community.sunset import Sunset
    from community.undo import Undo
    from community.visits import Visits

_READING_S = 3600
"""Nobody reads one source for longer."""


class Workspace:
    """One directory with everything in it. Opening it takes a few milliseconds and never touches the network.

    What the first screen has no use for is imported when it is first asked for.
    """

    def __init__(self, store: Store, *, secrets_in_file: bool = False) -> None:
        self.store = store
        self.directory = store.directory
        self.config = store.config
        self.conversations = Conversations(store)
        self._secrets_in_file = secrets_in_file

    @classmethod
    def open(
        cls,
        directory: Path,
        config: Config | None = None,
        *,
        now: Callable[[], int] = clock.now,
        uptime: Callable[[], str] = clock.uptime,
        secrets_in_file: bool = False,
    ) -> Workspace:
        """Open, or make, the workspace in `directory`. Raises `StorageError` with one sentence when it cannot be."""
        return cls(Store.open(directory, config or Config(), now, uptime), secrets_in_file=secrets_in_file)

    @classmethod
    def glanced_at(cls, directory: Path, config: Config, *, now: Callable[[], int] = clock.now) -> Workspace | None:
        """A workspace to be read for a moment: nothing is made, migrated or locked.

        None unless it is sound and its schema ours. Close its reader soon: as long as it is open, a restore does not
        know of it.
        """
        if not is_sound(directory):
            return None
        reader = Reader(directory / FILE)
        if not reader.is_current():
            reader.close()
            return None
        return cls(Store(directory, config, reader, now))

    @cached_property
    def people(self) -> People:
        """The people, and what is between us."""
        from community.people import People  # noqa: PLC0415

        return People(self.store)

    @cached_property
    def outbox(self) -> Outbox:
        """Drafts, and what is on its way."""
        from community.outbox import Outbox  # noqa: PLC0415

        return Outbox(self.store)

    @cached_property
    def credentials(self) -> Credentials:
        """The secrets of its sources."""
        from community.secrets import Credentials  # noqa: PLC0415

        return Credentials(self.directory, in_file=self._secrets_in_file or self.fact("throw_away") == "1")

    @cached_property
    def connections(self) -> Connections:
        """What reaches the network."""
        from community.connections import Connections  # noqa: PLC0415

        return Connections(self.store, self.credentials)

    @cached_property
    def listening(self) -> Listening:
        """What finds, adds and changes sources."""
        from community.listening import Listening  # noqa: PLC0415

        return Listening(self.store, self.connections, self.credentials)

    @cached_property
    def logins(self) -> Logins:
        """Who the user is on them."""
        from community.logins import Logins  # noqa: PLC0415

        return Logins(self.store, self.listening, self.connections, self.credentials)

    @cached_property
    def identities(self) -> Identities:
        """Who is who, and who may be the same."""
        from community.identities import Identities  # noqa: PLC0415

        return Identities(self.store)

    @cached_property
    def forgetting(self) -> Forgetting:
        """What is held on somebody, and forgetting them."""
        from community.forgotten import Forgetting  # noqa: PLC0415

        return Forgetting(self.store, self.undo)

    @cached_property
    def sites(self) -> Sites:
        """What reads people's own sites, when it is asked to."""
        from community.rel_me import Sites  # noqa: PLC0415

        return Sites(self.store, self.connections)

    @cached_property
    def stages(self) -> Stages:
        """How near people stand to me."""
        from community.stages import Stages  # noqa: PLC0415

        return Stages(self.store)

    @cached_property
    def keeping(self) -> Keeping:
        """How often I want to be in touch, and with whom it is time."""
        from community.keeping import Keeping  # noqa: PLC0415

        return Keeping(self.store)

    @cached_property
    def readings(self) -> Readings:
        """The views of the community."""
        from community.readings import Readings  # noqa: PLC0415

        return Readings(self.store)

    @cached_property
    def sunset(self) -> Sunset:
        """The end of sources."""
        from community.sunset import Sunset  # noqa: PLC0415

        return Sunset(self.store)

    @cached_property
    def visits(self) -> Visits:
        """The feeds that are people's own, and the round of visits."""
        from community.visits import Visits  # noqa: PLC0415

        return Visits(self.store, self.listening)

    @cached_property
    def loops(self) -> Loops:
        """What is open between people and me."""
        from community.loops import Loops  # noqa: PLC0415

        return Loops(self.store)

    @cached_property
    def outcomes(self) -> Outcomes:
        """What came of conversations and relationships."""
        from community.outcomes import Outcomes  # noqa: PLC0415

        return Outcomes(self.store)

    @cached_property
    def undo(self) -> Undo:
        """The journal of local actions."""
        from community.undo import Undo  # noqa: PLC0415

        return Undo(self.store)

    async def close(self) -> None:
        """Close everything that was opened."""
        if "connections" in self.__dict__:
            await self.connections.close()
        await self.store.close()

    def is_damaged(self) -> bool:
        """Whether somebody has found the database to be damaged: nothing should be trusted to it any more."""
        return (self.directory / DAMAGED).exists()

    def refuse_full_disk(self) -> None:
        """Raises `DiskFull` when the workspace can only be read for a moment: nobody should stay in it."""
        if self.store.is_frozen:
            raise DiskFull(FULL)

    def version(self) -> int:
        """A number that changes whenever anybody has stored something."""
        return self.store.reader.version()

    def heard(self) -> Heard:
        """How listening stands: what the header says of it."""
        return standing.listening(self.store.reader, since=self.store.now() - _READING_S)

    def sources(self) -> list[Source]:
        """Every source Kith listens to, by name."""
        return sources.listed(self.store.reader)

    def has_sources(self) -> bool:
        """Whether Kith listens anywhere."""
        return sources.is_any(self.store.reader)

    def source_page(self, *, beside: tuple[str, int] | None = None, forward: bool = True, limit: int) -> list[Source]:
        """Sources by name, after the one with this name and id or before it; from an end when it is None."""
        return sources.page(self.store.reader, beside=beside, forward=forward, limit=limit)

    def source_rows(self, ids: Iterable[int]) -> list[Source]:
        """Those of these sources that Kith listens to, in this order."""
        return sources.these(self.store.reader, ids)

    def waiting_at(self, source_ids: Iterable[int], *, at_most: int) -> dict[int, int]:
        """In how many conversations somebody waits at each of these sources, counted no further than `at_most`."""
        return sources.waiting_at(self.store.reader, source_ids, at_most=at_most)

    def articles(self, query: Query, *, before: tuple[int, int] | None = None, limit: int = 300) -> list[ArticleRow]:
        """What others published, the newest first."""
        return articles.listed(
            self.store.reader, where=query.where, told=query.told, values=query.values, before=before, limit=limit
        )

    def desk(self, query: Query, *, status: str = "pending", limit: int = 500) -> list[DeskRow]:
        """Items on my own sites with one moderation status: pending, spam or trash."""
        return desk.listed(self.store.reader, status=status, where=query.where, values=query.values, limit=limit)

    def reach(self, ids: Iterable[int]) -> dict[int, list[Way]]:
        """The independent ways to each of these people."""
        from community.reaching import ways_to  # noqa: PLC0415

        return ways_to(self.store.reader, ids)

    async def search(self, words: str, *, limit: int = 50) -> list[SearchHit]:
        """Everything ever stored that holds these words; empty when there is nothing to look for.

        A search whose caller is cancelled ends at once.
        """
        import asyncio  # noqa: PLC0415

        match = search.quoted(words)
        if not match:
            return []
        looking = search.Search(self.directory / FILE, frozen=self.store.is_frozen)
        try:
            return await asyncio.to_thread(looking.find, match, limit=limit)
        except asyncio.CancelledError:
            looking.give_up()
            raise

    def fact(self, name: str) -> str:
        """A small fact about the workspace, "" when it was never written."""
        return meta.read(self.store.reader, name)

    async def remember(self, name: str, value: str) -> None:
        """Keep a small fact about the workspace."""
        async with self.store.transaction() as tx:
            await meta.put(tx, name, value)
