"""The Workspace: opens storage, builds each service once; the only object screens and commands hold."""

from collections.abc import Callable
from pathlib import Path

from community import clock
from community.config import Config
from community.connections import Connections
from community.conversations import Conversations
from community.identities import Identities
from community.keeping import Keeping
from community.listening import Listening
from community.loops import Loops
from community.model import ArticleRow, DeskRow, SearchHit
from community.outbox import Outbox
from community.people import People
from community.query import Query
from community.secrets import Credentials
from community.stages import Stages
from community.store import Store
from community.undo import Undo
from storage import items, meta, search
from storage.errors import FULL, DiskFull


class Workspace:
    """One directory with everything in it. Opening it takes a few milliseconds and never touches the network."""

    def __init__(self, store: Store, credentials: Credentials) -> None:
        self.store = store
        self.directory = store.directory
        self.config = store.config
        self.credentials = credentials
        self.connections = Connections(store, credentials)
        self.conversations = Conversations(store)
        self.people = People(store)
        self.identities = Identities(store)
        self.stages = Stages(store)
        self.keeping = Keeping(store)
        self.loops = Loops(store)
        self.outbox = Outbox(store)
        self.listening = Listening(store, self.connections, credentials)
        self.undo = Undo(store)

    @classmethod
    def open(
        cls,
        directory: Path,
        config: Config | None = None,
        *,
        now: Callable[[], int] = clock.now,
        secrets_in_file: bool = False,
    ) -> "Workspace":
        """Open, or make, the workspace in `directory`. Raises `StorageError` with one sentence when it cannot be."""
        store = Store.open(directory, config or Config(), now)
        in_file = secrets_in_file or meta.read(store.reader, "throw_away") == "1"
        return cls(store, Credentials(directory, in_file=in_file))

    async def close(self) -> None:
        """Close everything that was opened."""
        await self.connections.close()
        await self.store.close()

    def refuse_full_disk(self) -> None:
        """Raises `DiskFull` when the workspace can only be read for a moment: nobody should stay in it."""
        if self.store.is_frozen:
            raise DiskFull(FULL)

    def version(self) -> int:
        """A number that changes whenever anybody has stored something."""
        return self.store.reader.version()

    def articles(self, query: Query, *, before: tuple[int, int] | None = None, limit: int = 300) -> list[ArticleRow]:
        """What others published, the newest first."""
        return items.articles(self.store.reader, where=query.where, values=query.values, before=before, limit=limit)

    def desk(self, query: Query, *, status: str = "pending", limit: int = 500) -> list[DeskRow]:
        """Items on my own sites with one moderation status: pending, spam or trash."""
        return items.desk(self.store.reader, status=status, where=query.where, values=query.values, limit=limit)

    async def search(self, words: str, *, limit: int = 50) -> list[SearchHit]:
        """Everything ever stored that holds these words; empty when there is nothing to look for."""
        match = search.quoted(words)
        return await search.search(await self.store.database(), match, limit=limit) if match else []

    def fact(self, name: str) -> str:
        """A small fact about the workspace, "" when it was never written."""
        return meta.read(self.store.reader, name)

    async def remember(self, name: str, value: str) -> None:
        """Keep a small fact about the workspace."""
        async with self.store.transaction() as tx:
            await meta.put(tx, name, value)
