"""Listening first: the feeds that are a person's own, and the round of visits."""

from urllib.parse import urlsplit

from community.changing import change_people, contact
from community.errors import KithError, WrongUsage
from community.listening import Listening
from community.model import ArticleRow, Person, Source
from community.query import Query
from community.reachability import SITE, Handle, place, ways
from community.store import Store
from community.text import Clean, clean_line, safe_url, shown_host
from storage import articles, items, people, sources
from storage.errors import NotFound
from storage.journal import Changes

_ROUND_S = 90 * 86_400
_LOOKED_AT = 1000


class Visits:
    """What people publish where they are at home, and when I was last there."""

    def __init__(self, store: Store, listening: Listening) -> None:
        self._store = store
        self._listening = listening

    async def find_feeds(self, person_id: int) -> Clean:
        """Look for a feed at each site of a person, and listen to it as theirs; what came of it in one sentence.

        Undo takes the link to the person away; the feed stays a source. Raises `WrongUsage` when no site is known,
        or none has a feed.
        """
        person = people.get(self._store.reader, person_id)
        pages = self._sites(person_id)
        if not pages:
            raise WrongUsage(f"No site of {person.name} is known: nothing to look for a feed at.")
        found: list[Source] = []
        trouble: KithError | None = None
        for page in pages:
            try:
                found.append(await self._listen(page))
            except KithError as error:
                trouble = error
        if not found:
            raise WrongUsage(f"No feed was found at {', '.join(map(shown_host, pages))}. {trouble}") from trouble

        async def change(changes: Changes, _person: Person, _now: int) -> None:
            for source in found:
                await changes.update("source", source.id, person_id=person_id)

        names = " and ".join(source.name for source in found)
        label = f"Listening to {{name}}: {names}."
        return await change_people(self._store, [person_id], action="person.feeds", label=label, change=change)

    def round(self, query: Query) -> list[ArticleRow]:
        """The newest thing each of my people published since our last contact, who was neglected longest first.

        My people are visitors and nearer ones, and whoever has a feed of their own here. Three months back.
        """
        reader, since = self._store.reader, self._store.now() - _ROUND_S
        owned = {source.person_id for source in sources.listed(reader) if source.person_id is not None}
        newest: dict[int, ArticleRow] = {}
        for row in articles.listed(reader, where=query.where, told=query.told, values=query.values, limit=_LOOKED_AT):
            mine = row.stage != "stranger" or row.person_id in owned
            if mine and row.created_at >= since and row.created_at > (row.last_contact_at or 0):
                newest.setdefault(row.person_id, row)
        return sorted(newest.values(), key=lambda row: (row.last_contact_at or 0, row.created_at, row.id))

    def _sites(self, person_id: int) -> list[str]:
        """The addresses of a person's own sites."""
        found = people.identities(self._store.reader, person_id)
        hosts = {way.host for way in ways(Handle(each.network, each.handle, each.url or "") for each in found)
                 if way.kind == SITE}  # fmt: skip
        pages = {place(each.url or ""): safe_url(each.url or "") for each in found}
        return [url for host, url in pages.items() if host in hosts and url]

    async def _listen(self, page: str) -> Source:
        """The feed of a page as a source, one that is listened to already as it is."""
        here = urlsplit(page).netloc
        listed = sources.listed(self._store.reader)
        allowed = [here] if any(here in source.allow_hosts.split() for source in listed) else []
        found = (await self._listening.probe(page, kind="feed", allow_hosts=allowed))[0]
        same = next((each for each in listed if (each.kind, each.address) == (found.kind, found.address)), None)
        return same or await self._listening.add(found, allow_hosts=allowed)

    async def visited(self, person_id: int, item_id: int | None) -> Clean:
        """Log that I was where a person is at home, with what I read there. Raises `NotFound`."""
        text, conversation_id = "", None
        if item_id is not None:
            try:
                item = items.get(self._store.reader, item_id)
                text, conversation_id = item.title, item.conversation_id
            except NotFound:
                text = ""
        now = self._store.now()

        async def change(changes: Changes, person: Person, _now: int) -> None:
            await changes.insert(
                "touchpoint",
                person_id=person.id,
                kind="visit",
                direction="given",
                text=clean_line(text, limit=300),
                at=now,
                conversation_id=conversation_id,
            )
            await contact(changes, person, at=now)

        return await change_people(
            self._store, [person_id], action="person.visit", label="Visited {name}.", change=change
        )
