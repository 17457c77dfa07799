"""Whole threads around statuses, each read from the server once."""

import asyncio
from collections.abc import Iterable
from typing import Any

from community.sources.base import Incoming
from community.sources.fields import Misshapen, child, identifier, optional_identifier
from community.sources.mastodon_http import Server, status_path
from community.sources.mastodon_parse import Here, is_hidden, is_me, item_of

_MOST = 500


class Threads:
    """What was gathered so far. `budget` is how many threads may still be read; running out stops, it loses nothing."""

    def __init__(self, server: Server, here: Here, *, budget: int) -> None:
        self._server = server
        self._here = here
        self._budget = budget
        self._items: dict[str, Incoming] = {}
        self._thread_of: dict[str, str] = {}
        self._rows: dict[str, dict[str, Any]] = {}
        self._left_out: set[str] = set()
        self.refused = 0
        self.cut = False

    def items(self) -> tuple[Incoming, ...]:
        """Everything gathered, oldest first."""
        return tuple(
            sorted(self._items.values(), key=lambda item: (item.created_at, len(item.remote_id), item.remote_id))
        )

    async def bring(self, status: dict[str, Any]) -> bool:
        """Gather `status` with its whole thread; False, with nothing done, when the budget is spent."""
        try:
            status_id = identifier(status, "id")
        except Misshapen:
            self.refused += 1
            return True
        if status_id in self._thread_of:
            return True
        parent = optional_identifier(status, "in_reply_to_id")
        if status.get("replies_count") == 0 and (not parent or self._thread_of.get(parent)):
            await self._add([status], thread=self._thread_of[parent] if parent else status_id)
            return True
        if self._budget <= 0:
            return False
        await self._read(status_id, status)
        return True

    async def _read(self, status_id: str, status: dict[str, Any]) -> None:
        """The thread of `status`: what is around itself, then what is around its root."""
        self._budget -= 1
        around = await self._around(status_id)
        if around is None:
            await self._add([status], thread=None if optional_identifier(status, "in_reply_to_id") else status_id)
            return
        above, below = around
        root_id = (optional_identifier(above[0], "id") if above else "") or status_id
        crowd: list[dict[str, Any]] = []
        if above and root_id not in self._thread_of.values():
            self._budget -= 1
            crowd = (await self._around(root_id) or ([], []))[1]
        await self._add(self._trimmed([*above, status, *below], crowd), thread=root_id)

    async def whole(self, status_id: str, status: dict[str, Any], *, thread: str) -> bool:
        """Gather `status` and everything around it as part of `thread`; False when the server cannot show that."""
        around = await self._around(status_id)
        above, below = around or ([], [])
        await self._add(self._trimmed([status], [*above, *below]), thread=thread)
        return around is not None

    def has(self, status_id: str) -> bool:
        """Whether a status is among what was gathered, or was left out for a reason that is not its absence."""
        return status_id in self._thread_of or status_id in self._left_out

    async def _around(self, status_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]] | None:
        """What a status answers, the first of the thread first, and what answers it."""
        context = await self._server.context(f"{status_path(status_id)}/context")
        return (
            None if context is None else (self._statuses(context, "ancestors"), self._statuses(context, "descendants"))
        )

    def _statuses(self, context: dict[str, Any], side: str) -> list[dict[str, Any]]:
        found = context.get(side)
        rows = found if isinstance(found, list) else []
        good = [row for row in rows if isinstance(row, dict)]
        self.refused += len(rows) - len(good)
        return good

    def _trimmed(self, branch: list[dict[str, Any]], crowd: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Branch and crowd, each status once; of a crowd only the branch, what is mine and what is to me."""
        rows = {optional_identifier(row, "id"): row for row in [*branch, *crowd]}
        if len(rows) <= _MOST:
            return list(rows.values())
        self.cut = True
        kept = {optional_identifier(row, "id"): row for row in branch[:_MOST]}
        for key, row in rows.items():
            mine = is_me(child(row, "account"), self._here)
            if len(kept) < _MOST and (mine or row.get("in_reply_to_account_id") == self._here.account_id):
                kept.setdefault(key, row)
        self._left_out |= rows.keys() - kept.keys()
        return list(kept.values())

    async def _add(self, rows: Iterable[dict[str, Any]], *, thread: str | None) -> None:
        await asyncio.to_thread(self._map, rows, thread)  # hostile statuses take seconds

    def _map(self, rows: Iterable[dict[str, Any]], thread: str | None) -> None:
        rows = list(rows)
        self._rows |= {optional_identifier(row, "id"): row for row in rows}
        for row in rows:
            status_id = optional_identifier(row, "id")
            if status_id and status_id in self._thread_of:
                continue
            try:
                parent = self._rows.get(optional_identifier(row, "in_reply_to_id"))
                item = item_of(row, self._here, thread=thread, parent=parent)
            except Misshapen:
                self.refused += 1
                continue
            self._thread_of[item.remote_id] = thread or ""
            if not is_hidden(row) or item.author.is_me:
                self._items[item.remote_id] = item
