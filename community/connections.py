"""Adapters ready for use: each with a limited client of its own, its source's credential, and the shared parser."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from community.errors import KithError
from community.model import Source
from community.secrets import Credential, Credentials
from community.sources import adapter as adapter_class
from community.sources.base import Adapter, Tools
from community.store import Store

if TYPE_CHECKING:
    from community.sources.parsing import Parser


class Connections:
    """Makes adapters. `close` ends the parser's process."""

    def __init__(self, store: Store, credentials: Credentials) -> None:
        self._store = store
        self._credentials = credentials
        self._parser: Parser | None = None

    @asynccontextmanager
    async def adapter(self, source: Source, *, credential: Credential | None = None) -> AsyncIterator[Adapter]:
        """The adapter of a stored source, with its stored credential unless another is to be tried.

        What goes wrong inside is told without any secret, also where a server has said one back.
        """
        kept = credential if credential is not None else await self._credential(source.id)
        try:
            async with self.tools(source.allow_hosts.split(), kept) as tools:
                yield adapter_class(source.kind)(tools)
        except KithError as error:
            from community import logs  # noqa: PLC0415  only a failure needs it

            secrets = [kept.secret.reveal(), *(token.reveal() for token in (kept.tokens or {}).values())]
            error.args = (logs.sentence(error, [*secrets, *self._credentials.values()]),)
            raise

    async def _credential(self, source_id: int) -> Credential:
        """Most sources have none, which the file tells at once; a command or a keyring takes a thread."""
        if not self._credentials.has(source_id):
            return self._credentials.get(source_id)
        return await asyncio.to_thread(self._credentials.get, source_id)

    @asynccontextmanager
    async def tools(self, allow_hosts: Iterable[str], credential: Credential) -> AsyncIterator[Tools]:
        """What adapters are built from, for an address that is no source yet."""
        from community.sources.http import Http, Policy  # noqa: PLC0415  late: httpx costs 60 ms

        config = self._store.config
        policy = Policy(allow_hosts=frozenset(allow_hosts), ca_file=config.ca_file or None, proxy=config.proxy or None)
        async with Http(None, policy) as http:
            yield Tools(http=http, credential=credential, parser=self._shared_parser(), now=self._store.now())

    def _shared_parser(self) -> "Parser":
        if self._parser is None:
            from community.sources.parsing import Parser  # noqa: PLC0415

            self._parser = Parser()
        return self._parser

    async def close(self) -> None:
        """End the parser's process, if one was started."""
        if self._parser is not None:
            await self._parser.close()
            self._parser = None
