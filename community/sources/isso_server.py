"""Requests to an Isso server: its public API in JSON, its admin pages in HTML behind a cookie.

Source: isso-comments.de/docs/reference/server-api; isso/views/comments.py (0.14)
"""

import asyncio
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, TypeVar
from urllib.parse import quote, urlsplit

from community.errors import AuthExpired, Garbled, RateLimited, Rejected
from community.secrets import Secret
from community.sources import fields
from community.sources.answers import Answer, raise_for
from community.sources.base import Tools
from community.sources.isso_comments import Listed, admin_page, entries, moved
from community.text import clean_line, from_html

_Shape = TypeVar("_Shape")

LATEST: Final = 5000
_ADMIN_PAGE: Final = 100
_ADMIN_PAGES: Final = 20
_GUARD_S: Final = 60.0
_SESSION: Final = re.compile(r"admin-session=([\w.\-=\"]{1,2000})(?:;|$)")
_WHY = (
    (
        "direct responses",
        "Isso takes only a few comments from one address under a page: answer somebody there instead.",
    ),
    ("edit time frame", "Isso lets nobody answer an own comment while it can be edited: wait a quarter of an hour."),
    ("email address required", "This Isso wants an e-mail address: give your name as “Name <mail>” in the account."),
    ("author address required", "This Isso wants a name: give one as the account of this source."),
    ("too short", "Isso takes no comment of less than three characters."),
    ("too long", "Isso takes no comment of more than 65 535 characters."),
    ("CSRF", "This Isso refuses what does not come from its own page."),
)


class Server:
    """One Isso server; with the admin password where the source has it."""

    def __init__(self, tools: Tools, base: str, *, allow_hosts: str = "") -> None:
        self._tools = tools
        self._base = base.rstrip("/")
        self._allowed = allow_hosts.split()
        self._cookie = tools.credential.token("session")
        self.moderates = bool(tools.credential)

    async def tree(self, uri: str) -> tuple[list[dict[str, Any]], int]:
        """Every comment of a page, oldest first, and how many could not be read."""
        answer = await self._get(f"/?uri={quote(uri, safe='')}")
        raise_for(answer, forbidden=Rejected)
        return _shaped(answer, entries)

    async def latest(self) -> tuple[dict[str, str], bool] | None:
        """What was said last on each page, oldest first, and whether that is all; None where `/latest` is off."""
        answer = await self._get(f"/latest?limit={LATEST}")
        if answer.status == 404:
            return None
        raise_for(answer, forbidden=Rejected)
        rows = _shaped(answer, fields.listing)
        if len(rows) > LATEST:
            raise Garbled(f"{answer.host} sent more than was asked for; try again later.")
        return moved(rows), len(rows) < LATEST

    async def counts(self, uris: Iterable[str]) -> dict[str, str]:
        """How many published comments each page has, as text."""
        wanted = list(uris)
        if not wanted:
            return {}
        answer = await self._tools.http.request("POST", f"{self._base}/count", json=wanted)
        raise_for(answer, forbidden=Rejected)
        found = _shaped(answer, fields.listing)
        return {uri: str(count) for uri, count in zip(wanted, found, strict=False) if isinstance(count, int)}

    async def about(self) -> dict[str, Any]:
        """What the server says of itself, empty where it is too old to say it."""
        answer = await self._get("/info")
        try:
            return fields.mapping(answer.json()) if answer.status == 200 else {}
        except (Garbled, fields.Misshapen):
            return {}

    async def post(self, uri: str, body: Mapping[str, object]) -> dict[str, Any]:
        """Write a comment; what became of it. A queued one comes back with mode 2."""
        answer = await self._tools.http.request("POST", f"{self._base}/new?uri={quote(uri, safe='')}", json=dict(body))
        if answer.status in (400, 403):
            said = clean_line(from_html(answer.text()[:5000]), limit=300)
            if "ratelimit" in said:
                raise RateLimited("This Isso takes two comments a minute from one address.", _GUARD_S)
            why = next((sentence for mark, sentence in _WHY if mark in said), f"Isso refuses this: {said}")
            raise Rejected(why, status=answer.status)
        raise_for(answer, wrote=True, forbidden=Rejected)
        return _shaped(answer, fields.mapping)

    async def queue(self) -> list[Listed]:
        """Everything that waits for the moderator, newest first."""
        return await self._listed("mode=2", pages=_ADMIN_PAGES)

    async def published(self, *, everything: bool) -> list[Listed]:
        """The newest hundred published comments as the moderator sees them, or all of them."""
        return await self._listed("mode=1", pages=_ADMIN_PAGES if everything else 1)

    async def one(self, permalink: str, comment_id: int) -> Listed | None:
        """A single comment as the moderator sees it, None when there is none (any more)."""
        page = await self._admin(f"comment_search_url={quote(permalink, safe='')}")
        found, _ = await asyncio.to_thread(admin_page, page)
        return next((each for each in found if each.id == comment_id), None)

    async def moderate(self, comment_id: int, action: str, key: str) -> None:
        """Carry out `activate` or `delete`. Doing it again changes nothing."""
        answer = await self._tools.http.request("POST", f"{self._base}/id/{comment_id}/{action}/{quote(key, safe='')}")
        if answer.status == 404 and action == "delete":
            return
        raise_for(answer, wrote=True, forbidden=Rejected)

    async def log_in(self) -> None:
        """Get a session for the admin password. Raises `AuthExpired` when it is refused."""
        parts = urlsplit(self._base)
        if parts.scheme != "https" and parts.netloc not in self._allowed:
            raise AuthExpired("This Isso is not reached by https, so its admin password stays here.")
        form = {"password": self._tools.credential.secret.reveal()}
        answer = await self._tools.http.request("POST", f"{self._base}/login/", form=form, follow=False)
        found = next((match for each in answer.headers.all("set-cookie") if (match := _SESSION.match(each))), None)
        if found is None:
            raise AuthExpired("Isso refuses the admin password, or its admin page is switched off.")
        self._cookie = Secret(found[1])
        self._tools.credential.keep("session", found[1])

    async def _listed(self, query: str, *, pages: int) -> list[Listed]:
        found: list[Listed] = []
        for number in range(pages):
            page = await self._admin(f"{query}&page={number}&order_by=created&asc=0")
            some, _ = await asyncio.to_thread(admin_page, page)
            found += some
            if len(some) < _ADMIN_PAGE:
                break
        return found

    async def _admin(self, query: str) -> str:
        for attempt in range(2):
            if not self._cookie or attempt:
                await self.log_in()
            cookie = Secret(f"admin-session={self._cookie.reveal()}")
            answer = await self._tools.http.get(f"{self._base}/admin/?{query}", auth={"Cookie": cookie})
            raise_for(answer)
            page = answer.text()
            if 'id="isso-root"' in page:
                return page
        raise Garbled("Isso's admin page does not look as expected; check the version of the server.")

    async def _get(self, path: str) -> Answer:
        return await self._tools.http.get(self._base + path)


def _shaped(answer: Answer, read: Callable[[object], _Shape]) -> _Shape:
    try:
        return read(answer.json())
    except fields.Misshapen:
        raise Garbled(f"{answer.host} did not answer as Isso does; check the address.") from None
