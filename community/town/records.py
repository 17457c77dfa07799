"""What the town remembers: its people and everything they wrote, each a frozen row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in town. `handle` is empty for people who keep away from the fediverse, `site` for those without one."""

    key: str
    name: str
    mail: str
    about: str
    site: str
    handle: str
    answers: tuple[str, ...]
    thanks: tuple[str, ...]
    account_id: str

    @property
    def username(self) -> str:
        """The handle without its server."""
        return self.handle.partition("@")[0]

    @property
    def home(self) -> str:
        """The server the handle belongs to; empty for the town's own."""
        return self.handle.partition("@")[2]


@dataclass(frozen=True, slots=True)
class Post:
    """One article on the user's own blog."""

    id: int
    slug: str
    title: str
    text: str
    at: int
    closed: bool


@dataclass(frozen=True, slots=True)
class Comment:
    """One comment under a post. Its author answers with `hopes`; out of the trash it returns to `before_trash`."""

    id: int
    post_id: int
    parent_id: int
    author: Person
    text: str
    at: int
    status: str = "approved"
    kind: str = "comment"
    hopes: tuple[str, ...] = ()
    before_trash: str = "approved"


@dataclass(frozen=True, slots=True)
class Status:
    """One status on the fediverse server. `earlier` holds older wordings with their times, oldest first."""

    id: str
    author: Person
    text: str
    at: int
    reply_to: str | None = None
    visibility: str = "public"
    spoiler: str = ""
    sensitive: bool = False
    language: str = "en"
    edited_at: int | None = None
    earlier: tuple[tuple[str, int], ...] = ()
    favourited_by: frozenset[str] = frozenset()
    reblogged_by: frozenset[str] = frozenset()
    bookmarked: bool = False
    reblog_of: str | None = None
    hopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification for the user: a mention, favourite, reblog or follow."""

    id: str
    kind: str
    author: Person
    at: int
    status_id: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One article on a regular's own blog."""

    slug: str
    title: str
    text: str
    at: int


@dataclass(frozen=True, slots=True)
class Journal:
    """A regular's own blog and the kind of feed it publishes."""

    author: Person
    title: str
    tagline: str
    form: str
    followed: bool
    entries: tuple[Entry, ...]
