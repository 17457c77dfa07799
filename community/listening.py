"""Sources: find out what an address is, add it, pause and remove it."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_address
from urllib.parse import unquote

from community.connections import Connections
from community.errors import AuthExpired, SourceError, Unreachable, WrongUsage
from community.model import Source
from community.secrets import Credential, Credentials, Secret
from community.sources import ADAPTERS, adapter
from community.sources.base import Act, Capabilities, Found, Target, Tools
from community.store import Store
from community.sunset import refuse_frozen
from community.text import Clean, clean_line
from community.urls import with_keys, without_keys
from storage import items, sources


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import of addresses did."""

    added: tuple[str, ...]
    known: tuple[str, ...]
    refused: tuple[str, ...]


class Listening:
    """The places Kith listens to."""

    def __init__(self, store: Store, connections: Connections, credentials: Credentials) -> None:
        self._store = store
        self._connections = connections
        self._credentials = credentials

    def get(self, source_id: int) -> Source:
        """One source. Raises `NotFound`."""
        return sources.get(self._store.reader, source_id)

    def capabilities(self, source: Source) -> Capabilities:
        """What a source can do with what is known of it, without asking the network."""
        how = self._credentials.how(source.id)
        tools = Tools(http=None, credential=Credential(Secret(how)), parser=None, now=self._store.now())  # type: ignore[arg-type]
        return adapter(source.kind)(tools).capabilities(source)

    def can_approve(self) -> bool:
        """Whether what others wrote can be approved at any source; a feed never can, and may be one of thousands."""
        return any(Act.APPROVE in self.capabilities(each).acts for each in sources.besides(self._store.reader, "feed"))

    def opening(self, source: Source, target: Target) -> str:
        """What a reply to a target begins with."""
        tools = Tools(http=None, credential=Credential(), parser=None, now=self._store.now())  # type: ignore[arg-type]
        return adapter(source.kind)(tools).opening(source, target)

    def has_credential(self, source_id: int) -> bool:
        """Whether a credential is kept for a source."""
        return bool(self._credentials.how(source_id))

    async def probe(
        self,
        address: str,
        *,
        kind: str | None = None,
        allow_hosts: Iterable[str] = (),
        trying: Callable[[str], None] = lambda _kind: None,
    ) -> list[Found]:
        """Everything an address can be listened to as, the richest kind first; `trying` hears of each kind before.

        Raises the most telling `SourceError` when the address cannot be reached, `WrongUsage` when nothing is found.
        """
        typed: str = clean_line(address, limit=2000)
        if not typed:
            raise WrongUsage("Paste an address: a site, a feed, @me@server, or me.bsky.social.")
        typed = addressed(typed)
        found: list[Found] = []
        failure: SourceError | None = None
        async with self._connections.tools(allow_hosts, Credential()) as tools:
            for each in [kind] if kind else ADAPTERS:
                trying(each)
                try:
                    one = await adapter(each)(tools).probe(typed)
                except SourceError as error:
                    if failure is None or isinstance(failure, Unreachable):
                        failure = error
                else:
                    if one is not None:
                        found.append(one)
        if found:
            return found
        if failure is not None:
            raise failure
        raise WrongUsage(
            f"Nothing at {typed} that Kith can listen to: no feed, no WordPress, Isso, Mastodon or Bluesky. "
            "Check the address, or paste the address of the feed itself."
        )

    async def add(
        self,
        found: Found,
        *,
        name: str = "",
        allow_hosts: Iterable[str] = (),
        is_mine: bool = False,
        paused: bool = False,
    ) -> Source:
        """Begin to listen; with `paused` only once `resume` or a login says so, so that no watcher is faster.

        A password or a key in the address is kept as its credential, not in the address.
        Raises `WrongUsage` when the source is there already.
        """
        address, login = without_login(found.address)
        bare, keys = without_keys(address)
        if keys and not login and not self._has_other_keys(found.kind, bare, keys):
            address, login = bare, keys
        found = replace(found, address=address)
        async with self._store.transaction() as tx:
            for old in await sources.at(tx, kind=found.kind, address=found.address):
                unknown = not found.needs_credential and not (old.account and found.account)
                if unknown or old.account.lower() == found.account.lower():
                    raise already(old)
            source_id = await sources.add(
                tx,
                kind=found.kind,
                name=clean_line(name, limit=120) or found.name or clean_line(found.address),
                address=found.address,
                account=found.account,
                is_mine=is_mine,
                options=json.dumps(dict(found.options)),
                allow_hosts=" ".join(sorted(allow_hosts)),
                now=self._store.now(),
            )
            if paused or login:  # nobody reads it before it has its credential
                await sources.set_state(tx, source_id, "paused")
            source = await sources.find(tx, source_id)
        if login:
            self._credentials.put(source.id, login)
            if not paused:
                await self.resume(source.id)
        return self.get(source.id)

    def _has_other_keys(self, kind: str, address: str, keys: str) -> bool:
        """Whether another source is at this address with keys of its own: then the two differ by them alone."""
        listed = sources.listed(self._store.reader)
        there = [each for each in listed if (each.kind, each.address) == (kind, address)]
        return any(self._credentials.get(each.id).secret.reveal() != keys for each in there)

    async def claim(self, source_id: int) -> Source:
        """Keep that a source is the user's own, as the user says."""
        async with self._store.transaction() as tx:
            await sources.set_mine(tx, source_id)
            return await sources.find(tx, source_id)

    async def pause(self, source_id: int) -> Source:
        """Stop listening for a while; nothing is lost."""
        return await self._set_state(source_id, "paused")

    async def resume(self, source_id: int) -> Source:
        """Listen again."""
        return await self._set_state(source_id, "active")

    async def remove(self, source_id: int) -> Source:
        """Stop listening and forget the credential. What was read and sent stays readable and searchable."""
        source = await self._set_state(source_id, "removed")
        self._credentials.forget(source_id)
        return source

    async def _set_state(self, source_id: int, state: str) -> Source:
        source = self.get(source_id)
        if state != "removed":
            refuse_frozen(source)
        async with self._store.transaction() as tx:
            await sources.set_state(tx, source_id, state)
        return source if state == "removed" else self.get(source_id)

    async def ask_now(self, source_id: int | None = None) -> None:
        """Let the watcher read one source, or all of them, at once. Raises `WrongUsage` for one that is frozen."""
        if source_id is not None:
            refuse_frozen(self.get(source_id))
        async with self._store.transaction() as tx:
            await sources.ask_now(tx, source_id)

    def mark(self) -> int:
        """A moment in the order of arrival, for `arrived`."""
        return items.newest(self._store.reader)

    def arrived(self, since: int) -> dict[int, int]:
        """How many items by others each source has brought since a `mark`; sources that brought none are absent."""
        return items.arrived(self._store.reader, since=since)

    def keyed(self, source: Source) -> str:
        """The address of a source with the keys that were in it when it was added."""
        return with_keys(source.address, self._credentials.get(source.id).secret.reveal())

    async def import_feeds(self, found: Sequence[tuple[str, str]]) -> Imported:
        """Add (name, address) pairs as feeds, without asking the network; those known already are left alone."""
        added: list[str] = []
        known: list[str] = []
        refused: list[str] = []
        for name, address in found:
            if not address.lower().startswith(("http://", "https://")):
                refused.append(address)
                continue
            try:
                await self.add(Found(kind="feed", name=clean_line(name, limit=120), address=address))
            except WrongUsage:
                known.append(address)
            else:
                added.append(address)
        return Imported(tuple(added), tuple(known), tuple(refused))


def already(source: Source) -> WrongUsage:
    return WrongUsage(f"Kith listens to {source.address} already: it is source {source.id}, “{source.name}”.")


def without_login(address: str) -> tuple[str, str]:
    """(the address without what stands before its host, "user:password" or ""). Pure."""
    scheme, marks, rest = address.partition("://")
    place, slash, path = rest.partition("/")
    login, at, host = place.rpartition("@")
    if not marks or not at or not scheme.lower().startswith("http"):
        return address, ""
    return f"{scheme}{marks}{host}{slash}{path}", unquote(login) if ":" in login else ""


def addressed(typed: str) -> str:
    """An address as typed, with http:// in front of a bare loopback or private one, which has no certificate. Pure."""
    if "://" in typed or "@" in typed:
        return typed
    host = typed.partition("/")[0].rpartition(":")[0] or typed.partition("/")[0]
    try:
        private = not ip_address(host.strip("[]")).is_global
    except ValueError:
        private = host == "localhost"
    return f"http://{typed}" if private else typed


def can(capabilities: Capabilities) -> list[Clean]:
    """What a source can do, each in a few words, for the Sources screen and `kith source list`."""
    words = {
        Act.REPLY: "reply",
        Act.APPROVE: "approve",
        Act.SPAM: "mark spam",
        Act.TRASH: "trash",
        Act.LIKE: "like",
        Act.BOOST: "boost",
    }
    reads = ["read"]
    reads += ["whole threads"] if capabilities.has_threads else []
    reads += ["see edits"] if capabilities.sees_edits else []
    reads += ["see likes and follows"] if capabilities.has_signals else []
    return [clean_line(word) for word in [*reads, *(word for act, word in words.items() if act in capabilities.acts)]]


__all__ = ["AuthExpired", "Imported", "Listening", "can"]
