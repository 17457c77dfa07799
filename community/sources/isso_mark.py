"""How far an Isso server was read: what each page looked like, and who waits for approval."""

import json
from typing import Any

from community.sources.base import Thread


class Mark:
    """A cursor that was read: by page what it looked like, its published ids and its title; and who waits where."""

    def __init__(self, cursor: str | None) -> None:
        known: dict[str, Any] = json.loads(cursor) if cursor else {}
        self.signs: dict[str, str] = known.get("signs", {})
        self.ids: dict[str, list[int]] = known.get("ids", {})
        self.titles: dict[str, str] = known.get("titles", {})
        self.waiting: dict[int, str] = {int(each): uri for each, uri in known.get("waiting", {}).items()}

    def read(self, uri: str, sign: str | None, alive: list[int]) -> None:
        """Note a page that was read; one without a sign has lost its last comment."""
        if sign is None:
            self.signs.pop(uri, None)
            self.ids.pop(uri, None)
        else:
            self.signs[uri], self.ids[uri] = sign, alive

    def uri_of(self, thread: Thread) -> str:
        """The page that a thread stands under, "" when it was never seen."""
        wanted = {int(each) for each in (thread.key, *thread.item_ids) if each.isdecimal()}
        published = (uri for uri, ids in self.ids.items() if wanted & set(ids))
        return next(published, "") or next((uri for each, uri in self.waiting.items() if each in wanted), "")

    def text(self) -> str:
        """The cursor to store."""
        return json.dumps({"signs": self.signs, "ids": self.ids, "titles": self.titles, "waiting": self.waiting})
