"""Reading on from a cursor: what one call of Mastodon's `fetch` takes in."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from community.errors import Garbled
from community.sources.base import IncomingSignal
from community.sources.fields import Misshapen, optional_identifier, options_of
from community.sources.mastodon_http import Server, rows_of
from community.sources.mastodon_parse import Here, is_newer, newest, signal_of, words_of
from community.sources.mastodon_threads import Threads

_PAGE: Final = 40
_FAR_TOO_MANY: Final = 2_000
_THREADS: Final = 40


@dataclass(slots=True)
class Cursor:
    """How far was read: the newest notification, the oldest one of an unfinished backlog, my newest status."""

    note: str = ""
    back: str = ""
    status: str = ""

    @classmethod
    def read(cls, text: str | None) -> "Cursor":
        """The cursor that was stored; a fresh one when there is none that can be read."""
        found = options_of(text or "")
        return cls(found.get("note", ""), found.get("back", ""), found.get("status", ""))

    def written(self) -> str:
        """The cursor as it is stored."""
        return json.dumps(asdict(self))


class Walk:
    """One call of `fetch`: reads on from a cursor, and moves it only over what was taken."""

    def __init__(self, server: Server, here: Here, cursor: Cursor) -> None:
        self._server = server
        self._here = here
        self.cursor = cursor
        self.threads = Threads(server, here, budget=_THREADS)
        self.signals: list[IncomingSignal] = []
        self.refused = 0
        self.has_more = False
        self.moved = False

    async def notifications(self) -> None:
        """The page of notifications right above the cursor; without a cursor the newest page, and a backlog below."""
        if not self.cursor.note:
            rows = await self._page("/api/v1/notifications")
            ids = _ids(rows)
            if ids:
                await self._downwards(rows)
                if self.cursor.back:
                    self.cursor.note = newest(ids)
            return
        rows = await self._page("/api/v1/notifications", ("min_id", self.cursor.note))
        for row in reversed(_above(rows, self.cursor.note)):
            if not await self._take(row):
                self.has_more = True
                return
            self.has_more = self.moved = True
            self.cursor.note = _id(row) or self.cursor.note

    async def backlog(self) -> None:
        """The page of notifications right below those read so far, until there are none."""
        if not self.cursor.back or self.moved:
            self.has_more = self.has_more or bool(self.cursor.back)
            return
        rows = await self._page("/api/v1/notifications", ("max_id", self.cursor.back))
        below = [row for row in rows if _is_below(_id(row), self.cursor.back)]
        if not _ids(below) or _ids(rows)[-1] == self.cursor.back:
            self.cursor.back = ""
            self.moved = True
            return
        await self._downwards(below)

    async def own_statuses(self) -> None:
        """What I wrote since the last time, with its threads: what I answered elsewhere, and who answered silently."""
        path = f"/api/v1/accounts/{self._here.account_id}/statuses"
        since = [("min_id", self.cursor.status)] if self.cursor.status else []
        rows = _above(await self._page(path, ("exclude_reblogs", "true"), *since), self.cursor.status)
        for row in reversed(rows):
            if not isinstance(row.get("reblog"), dict) and not await self.threads.bring(row):
                self.has_more = True
                return
            self.moved = True
            self.has_more = self.has_more or bool(since)
            self.cursor.status = _id(row) or self.cursor.status

    async def _downwards(self, rows: Sequence[dict[str, Any]]) -> None:
        self.has_more = True
        for row in rows:
            if not await self._take(row):
                return
            self.moved = True
            self.cursor.back = _id(row) or self.cursor.back

    async def _take(self, note: dict[str, Any]) -> bool:
        """Take one notification in; False, with nothing done, when its thread does not fit any more."""
        words = words_of(note)
        if words is not None and not await self.threads.bring(words):
            return False
        try:
            signal = signal_of(note, self._here)
        except Misshapen:
            self.refused += 1
        else:
            if signal is not None:
                self.signals.append(signal)
        return True

    async def _page(self, path: str, *query: tuple[str, str]) -> list[dict[str, Any]]:
        found = rows_of(await self._server.get(path, [("limit", str(_PAGE)), *query]))
        if len(found) > _FAR_TOO_MANY:
            raise Garbled("The server sent far more than was asked for; try again later.")
        rows = [row for row in found if isinstance(row, dict) and _id(row)]
        self.refused += len(found) - len(rows)
        return rows


def _id(row: dict[str, Any]) -> str:
    return optional_identifier(row, "id")


def _ids(rows: Sequence[dict[str, Any]]) -> list[str]:
    return [_id(row) for row in rows]


def _above(rows: Sequence[dict[str, Any]], cursor: str) -> list[dict[str, Any]]:
    """Those rows, newest first, that are newer than the cursor: not every server understands `min_id`."""
    above: list[dict[str, Any]] = []
    for row in rows:
        if cursor and (_id(row) == cursor or is_newer(_id(row), cursor) is False):
            break
        above.append(row)
    return above


def _is_below(one: str, other: str) -> bool:
    return one != other and is_newer(one, other) is not True
