"""Who the user is on a source: credentials are tried before they are kept, and the platform says whose they are."""

import json
from collections.abc import Sequence

from community.connections import Connections
from community.errors import KithError, WrongUsage
from community.listening import Listening, already
from community.model import Source
from community.secrets import Credential, Credentials, Secret, SecretError
from community.sources.base import LoginStep
from community.store import Store
from community.sunset import refuse_frozen
from community.text import clean_line
from storage import sources


class Logins:
    """The user's accounts on the sources."""

    def __init__(self, store: Store, listening: Listening, connections: Connections, credentials: Credentials) -> None:
        self._store = store
        self._listening = listening
        self._connections = connections
        self._credentials = credentials

    async def begin(self, source_id: int) -> LoginStep | None:
        """What to ask the user for; None when this kind of source takes no credential."""
        source = self._listening.get(source_id)
        refuse_frozen(source)
        async with self._connections.adapter(source, credential=Credential()) as kind:
            return await kind.begin_login(source)

    async def finish(self, source_id: int, step: LoginStep, typed: str) -> Source:
        """Try what the user typed and keep it when it works. Raises `AuthExpired` when it does not."""
        source = self._listening.get(source_id)
        if not typed.strip():
            raise WrongUsage("Nothing was typed: paste the credential, or leave.")
        async with self._connections.adapter(source, credential=Credential()) as kind:
            secret = await kind.finish_login(source, step, typed.strip())
        return await self.with_secret(source_id, secret)

    async def sign_as(self, source_id: int, account: str) -> Source:
        """Keep who the user says to be on a source, for a login that does not tell."""
        source = self._listening.get(source_id)
        named = clean_line(account, limit=200)
        async with self._store.transaction() as tx:
            await sources.set_account(
                tx, source.id, me=source.me, account=named, name=source.name, options=source.options
            )
            return await sources.find(tx, source.id)

    async def with_secret(self, source_id: int, secret: str) -> Source:
        """Check a secret against its source, keep it, and let the source work. Raises `AuthExpired` when refused."""
        source = self._listening.get(source_id)
        refuse_frozen(source)
        tokens: dict[str, str] = {}
        tried = Credential(Secret(secret), {}, tokens.__setitem__)
        source = await self._checked(source, tried)
        self._credentials.put(source.id, secret)
        for name, value in tokens.items():
            self._credentials.get(source.id).keep(name, value)
        await self._listening.resume(source.id)
        return self._listening.get(source.id)

    async def with_command(self, source_id: int, argv: Sequence[str]) -> Source:
        """Use a command that prints the secret. Raises `SecretError` or `AuthExpired`; then nothing is kept."""
        source = self._listening.get(source_id)
        refuse_frozen(source)
        self._credentials.put_command(source.id, argv)
        try:
            checked = await self._checked(source, self._credentials.get(source.id))
        except (KithError, SecretError):
            self._credentials.forget(source.id)
            raise
        if checked.id != source.id:
            self._credentials.forget(source.id)
            self._credentials.put_command(checked.id, argv)
        await self._listening.resume(checked.id)
        return self._listening.get(checked.id)

    async def check(self, source_id: int) -> Source:
        """Ask a source who I am there, and keep what it tells. Raises `SourceError`, `WrongUsage` for a frozen one."""
        source = self._listening.get(source_id)
        refuse_frozen(source)
        return await self._checked(source, self._credentials.get(source.id))

    async def _checked(self, source: Source, credential: Credential) -> Source:
        """The source with what the platform told of it. A new one that turns out to be a removed one is that again.

        Raises `WrongUsage` when it turns out to be another that is listened to already.
        """
        async with self._connections.adapter(source, credential=credential) as kind:
            account = await kind.check(source)
        options = json.loads(source.options) | dict(account.options)
        named = account.account or source.account
        async with self._store.transaction() as tx:
            old = await sources.same(tx, kind=source.kind, address=source.address, account=named)
            if old is not None and old.id != source.id:
                if old.state != "removed" or not await sources.take_up(tx, old.id, instead_of=source.id):
                    raise already(old)
                source = await sources.find(tx, old.id)
            await sources.set_account(
                tx,
                source.id,
                me=account.me,
                account=named,
                name=source.name or account.name,
                options=json.dumps(options),
            )
            return await sources.find(tx, source.id)
