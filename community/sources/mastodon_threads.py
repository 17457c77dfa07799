"""Whole threads around statuses, each read from the server once."""

from collections.abc import Iterable
from typing import Any

from community.errors import Rejected
from community.sources.base import Incoming
from community.sources.fields import Misshapen, child, identifier, optional_identifier
from community.sources.mastodon_http import Server, status_path
from community.sources.mastodon_parse import Here, is_hidden, is_me, item_of

_MOST = 500
_ALONE = 0


class Threads:
    """What was gathered so far. `budget` is how many threads may still be read; running out stops, it loses nothing."""

    def __init__(self, server: Server, here: Here, *, budget: int) -> None:
        self._server = server
        self._here = here
        self._budget = budget
        self._items: dict[str, Incoming] = {}
        self._thread_of: dict[str, str] = {}
        self._rows: dict[str, dict[str, Any]] = {}
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
        if not parent and status.get("replies_count") == _ALONE:
            self._add([status], thread=status_id)
            return True
        if parent in self._thread_of and status.get("replies_count") == _ALONE:
            self._add([status], thread=self._thread_of[parent])
            return True
        if self._budget <= 0:
            return False
        self._budget -= 1
        above, below = await self.around(status_id)
        root = above[0] if above else status
        root_id = optional_identifier(root, "id") or status_id
        branch = [*above, status, *below]
        around: list[dict[str, Any]] = []
        if above and root_id not in self._thread_of.values():
            self._budget -= 1
            _, around = await self.around(root_id)
        self._add(self._trimmed(branch, around), thread=root_id)
        return True

    async def whole(self, status_id: str, status: dict[str, Any], *, thread: str) -> None:
        """Gather `status` and everything under it as part of `thread`, whatever that means for the budget."""
        above, below = await self.around(status_id)
        self._add(self._trimmed([status], [*above, *below]), thread=thread)

    def has(self, status_id: str) -> bool:
        """Whether a status is among what was gathered, or was left out for a reason that is not its absence."""
        return status_id in self._thread_of

    async def around(self, status_id: str) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """What a status answers, the first of the thread first, and what answers it; nothing when it has vanished."""
        try:
            context = await self._server.find(f"{status_path(status_id)}/context")
        except Rejected:
            context = None
        return self._statuses(context, "ancestors"), self._statuses(context, "descendants")

    def _statuses(self, context: object, side: str) -> list[dict[str, Any]]:
        found = context.get(side) if isinstance(context, dict) else None
        rows = found if isinstance(found, list) else []
        good = [row for row in rows if isinstance(row, dict)]
        self.refused += len(rows) - len(good)
        return good

    def _trimmed(self, branch: list[dict[str, Any]], around: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Branch and surroundings, each status once; of a crowd only the branch, what is mine and what is to me."""
        rows = {optional_identifier(row, "id"): row for row in [*branch, *around]}
        if len(rows) <= _MOST:
            return list(rows.values())
        self.cut = True
        kept = {optional_identifier(row, "id"): row for row in branch[:_MOST]}
        for key, row in rows.items():
            mine = is_me(child(row, "account"), self._here)
            if len(kept) < _MOST and (mine or row.get("in_reply_to_account_id") == self._here.account_id):
                kept.setdefault(key, row)
        return list(kept.values())

    def _add(self, rows: Iterable[dict[str, Any]], *, thread: str) -> None:
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
            self._thread_of[item.remote_id] = thread
            if not is_hidden(row) or item.author.is_me:
                self._items[item.remote_id] = item


def _age(item: Incoming) -> tuple[int, int, str]:
    return item.created_at, len(item.remote_id), item.remote_id
