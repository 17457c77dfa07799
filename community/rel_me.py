"""What somebody's own site says of where else they are: links with rel="me", read when the user asks for it.

Source: microformats.org/wiki/rel-me, html.spec.whatwg.org/multipage/links.html
"""

import asyncio
import json
from collections.abc import Iterable
from urllib.parse import urljoin

from community.connections import Connections
from community.errors import SourceError, WrongUsage
from community.evidence import address, links_of
from community.likeness import witness
from community.model import Identity
from community.secrets import Credential
from community.store import Store
from community.text import clean_line, safe_url, shown_host
from storage import likeness, merges, people, sources
from storage.database import Transaction

_SITES = 3
_MOST = 20
_LARGEST = 200_000


def rel_me(html: str, base: str) -> list[str]:
    """The addresses a page gives as its owner's own, in its order, each once. Pure."""
    from bs4 import BeautifulSoup  # noqa: PLC0415  late: only this needs it

    page = BeautifulSoup(html[:_LARGEST], "html.parser")
    base_tag = page.find("base", href=True)
    here = urljoin(base, str(base_tag["href"])) if base_tag else base
    found: dict[str, None] = {}
    for tag in page.find_all(["a", "link"], href=True):
        relations = " ".join(tag.get_attribute_list("rel") or []).lower().split()
        url = safe_url(str(tag["href"]), here) if "me" in relations else None
        if url is not None and address(url) not in {"", address(base)}:
            found.setdefault(url)
    return list(found)[:_MOST]


def sites(identities: Iterable[Identity]) -> list[str]:
    """The sites somebody says are their own, each once: a commenter's first, then what profiles link to. Pure."""
    everybody = list(identities)
    named = [each.url for each in everybody if each.url and (":" in each.network or each.network == "web")]
    wide = [each for each in everybody if ":" not in each.network and each.network != "web"]
    found: dict[str, str] = {}
    for url in (*named, *(url for each in wide for url, _ in links_of(each))):
        if address(url):
            found.setdefault(address(url), url)
    return list(found.values())[:_SITES]


class Sites:
    """Reads the sites of people, when the user asks for it."""

    def __init__(self, store: Store, connections: Connections) -> None:
        self._store = store
        self._connections = connections

    async def read(self, person_id: int) -> str:
        """Read a person's own sites, and keep where else these say they are; the sentence for the status line.

        Raises `WrongUsage` without a site, `SourceError` when none of them can be read.
        """
        reader = self._store.reader
        wanted = sites(people.identities(reader, person_id))
        if not wanted:
            raise WrongUsage("No site of this person is known.")
        allowed = {host for source in sources.listed(reader) for host in source.allow_hosts.split()}
        said: dict[str, list[str]] = {}
        trouble: SourceError | None = None
        async with self._connections.tools(allowed, Credential()) as tools:
            for url in wanted:
                try:
                    answer = await tools.http.get(url, accept="text/html")
                except SourceError as error:
                    trouble = error
                    continue
                if answer.status < 400:
                    said[url] = await asyncio.to_thread(rel_me, answer.text(), answer.url)
        if trouble is not None and not said:
            raise trouble
        async with self._store.transaction() as tx:
            for url, links in said.items():
                await _keep(tx, person_id, url, links, now=self._store.now())
        hosts = dict.fromkeys(shown_host(link) for links in said.values() for link in links)
        if not hosts:
            return clean_line(f"{', '.join(shown_host(url) for url in wanted)} names no other place of theirs.")
        return clean_line(f"Their site names {', '.join(hosts)} as theirs.")


async def _keep(tx: Transaction, person_id: int, url: str, links: list[str], *, now: int) -> None:
    """A site is a way to reach somebody: it is theirs, with what it links to; proved where that links back."""
    proved = [[link, await likeness.links_back(tx, page=address(link), site=address(url))] for link in links]
    known = await people.known(tx, [("web", url)])
    if ("web", url) in known:
        identity_id = known["web", url].id
        await people.keep_links(tx, identity_id, json.dumps(proved))
    else:
        name = (await people.find(tx, person_id)).name
        identity_id = await people.add_identity(
            tx, person_id=await merges.root(tx, person_id), network="web", key=url,
            handle=clean_line(url.partition("://")[2].rstrip("/"), limit=300), name=name, url=url, email_hash=None,
            links=json.dumps(proved), is_me=False, now=now,
        )  # fmt: skip
    await witness(tx, [identity_id])
