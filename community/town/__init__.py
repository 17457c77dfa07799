"""The demo town: a dozen invented people on loopback, behind the protocols real places speak."""

import time
from dataclasses import dataclass
from types import TracebackType
from typing import Self

from community.town import journals
from community.town.clock import Clock
from community.town.exchange import Request, Response
from community.town.life import Life
from community.town.mastodon import Mastodon
from community.town.server import Server
from community.town.state import State
from community.town.wordpress_comments import WordPress

__all__ = ["Site", "Town"]


@dataclass(frozen=True)
class Site:
    """One place in town that a workspace should listen to; `secret` is empty where none is needed."""

    kind: str
    name: str
    address: str
    account: str
    secret: str


class Town:
    """A town on 127.0.0.1: known by its address at once, alive between `start` and `stop`.

    `now` is the moment all history is counted back from, `pace` divides every delay, `port` 0 takes a free one.
    The same `now`, `seed` and `port` give the same town. Stop it also when it was never started.
    """

    def __init__(self, *, now: int | None = None, seed: int = 7, pace: float = 1.0, port: int = 0) -> None:
        self._clock = Clock(int(time.time()) if now is None else now, pace)
        self._server = Server(port, self._answer, self._clock.now)
        self.base_url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._state = State(self.base_url, self._clock, seed)
        self._life = Life(self._state, seed)
        self._wordpress = WordPress(self._state, self._life)
        self._mastodon = Mastodon(self._state, self._life)
        self.sites = _sites(self._state)

    def start(self) -> None:
        """Open the town and let time pass."""
        self._life.schedule()
        self._clock.start()
        self._server.start()

    def stop(self) -> None:
        """Close the town."""
        self._clock.stop()
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _answer(self, request: Request) -> Response:
        with self._state.lock:
            if request.path == "/blog" or request.path.startswith("/blog/"):
                return self._wordpress.answer(request)
            journal = journals.answer(self._state, request) if request.method in {"GET", "HEAD"} else None
            return journal or self._mastodon.answer(request)


def _sites(state: State) -> tuple[Site, ...]:
    me, where = state.people.me, state.addresses
    followed = [journal for journal in state.journals.values() if journal.followed]
    return (
        Site("wordpress", state.blog_name, where.blog, me.username, state.password),
        Site("mastodon", "The town square", where.base, me.handle, state.token),
        *(Site("feed", journal.title, where.journal_feed(journal), "", "") for journal in followed),
    )
