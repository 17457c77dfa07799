"""The port: what Kith asks of an adapter, and the values that cross it.

An adapter maps between one platform and these values. It does not store, retry, schedule or touch widgets.
Everything textual that enters is `Clean`; ids from outside are text; times are UTC epoch seconds.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple, Protocol

from community.model import Act as Act  # noqa: PLC0414  part of the port
from community.secrets import Credential
from community.text import Clean
from storage.rows import Source

if TYPE_CHECKING:
    from community.sources.http import Http
    from community.sources.parsing import Parser


class ItemKind(StrEnum):
    """What somebody wrote."""

    ARTICLE = "article"
    COMMENT = "comment"
    MENTION = "mention"
    REPLY = "reply"
    MESSAGE = "message"


class ItemStatus(StrEnum):
    """Where an item stands on its own platform."""

    PUBLISHED = "published"
    PENDING = "pending"
    SPAM = "spam"
    TRASH = "trash"
    DELETED = "deleted"


class SignalKind(StrEnum):
    """A touch without words."""

    LIKE = "like"
    BOOST = "boost"
    FOLLOW = "follow"
    QUOTE = "quote"
    OTHER = "other"


class Repeat(StrEnum):
    """What may be done when an attempt's effect is unknown and looking found nothing."""

    NEVER = "never"
    SAME_KEY = "same key"
    FREELY = "freely"


@dataclass(frozen=True, slots=True)
class LengthRule:
    """How long a reply may be. `unit` is "graphemes", "codepoints" or "bytes"; a limit of 0 means none.

    `url_cost` counts every link as that many units; `short_mentions` counts `@user@domain` as `@user`;
    `max_bytes` is a second limit in UTF-8 bytes, 0 for none; `min_length` is the shortest reply that is taken.
    """

    limit: int = 0
    unit: str = "codepoints"
    url_cost: int = 0
    short_mentions: bool = False
    max_bytes: int = 0
    min_length: int = 1


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What one source can do, honestly. Whatever is absent has its reason in `why_not` (act -> one sentence)."""

    acts: frozenset[Act] = frozenset()
    length: LengthRule = LengthRule()
    repeat: Repeat = Repeat.NEVER
    has_threads: bool = False
    has_signals: bool = False
    sees_edits: bool = False
    min_interval_s: int = 300
    why_not: Mapping[Act, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ProfileLink:
    """An address that a profile gives as its owner's; `is_proved` when the platform has checked that it links back."""

    url: str
    is_proved: bool = False


@dataclass(frozen=True, slots=True)
class Author:
    """One handle on one platform.

    `network` and `key` name the identity for good: `key` is a DID, an account URI, a WordPress user id, or for a
    commenter without an account the e-mail hash, else name and site. `network` is wide where the key is globally
    unique ("fediverse", "bluesky") and narrow where it is not ("wordpress:blog.example"). On a wide network `url` is
    the profile, on a narrow one the site that its owner gave. `links` are the addresses the profile shows, None where
    it was not seen.
    """

    network: str
    key: str
    handle: Clean
    name: Clean
    url: str | None = None
    email_hash: str | None = None
    is_me: bool = False
    links: tuple[ProfileLink, ...] | None = None


class Incoming(NamedTuple):
    """One item as a platform shows it now.

    `thread` is the remote key of the conversation, or None for "that of my parent". `subject` is the page or post
    the conversation hangs on. `extra` holds what the adapter itself will need to answer (a cid, a visibility) and
    is read by nobody else. `raw` is the original, kept and never shown.
    """

    remote_id: str
    kind: ItemKind
    author: Author
    text: Clean
    created_at: int
    thread: str | None = None
    parent_id: str | None = None
    title: Clean = Clean("")
    subject: Clean = Clean("")
    subject_url: str | None = None
    permalink: str | None = None
    edited_at: int | None = None
    status: ItemStatus = ItemStatus.PUBLISHED
    to_me: bool = False
    raw: bytes = b""
    extra: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class IncomingSignal:
    """A like, boost or follow. `item_id` is the remote id of the item it touches, None for a follow."""

    remote_id: str
    kind: SignalKind
    author: Author
    at: int
    item_id: str | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """What one call brought, oldest first.

    `cursor` is stored only after the page is. `gone` are remote ids the platform has deleted. `refused` counts
    entries that could not be read. `next_check_s` is the platform's own wish; `options`, `name` and `address`
    replace what the source row holds when given. `whole_thread` says that nothing of that thread is missing.
    """

    items: tuple[Incoming, ...] = ()
    signals: tuple[IncomingSignal, ...] = ()
    gone: tuple[str, ...] = ()
    cursor: str | None = None
    has_more: bool = False
    refused: int = 0
    next_check_s: int | None = None
    options: Mapping[str, str] | None = None
    name: Clean | None = None
    address: str | None = None
    whole_thread: bool = False


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation to re-read: its remote key and every remote id stored for it, oldest first."""

    key: str
    item_ids: tuple[str, ...]
    subject_url: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """The item an act is about, as it was stored."""

    remote_id: str
    thread: str
    parent_id: str | None
    kind: ItemKind
    author: Author
    permalink: str | None
    subject_url: str | None
    extra: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One act on its way. `body` is what `prepare` returned, frozen before the first attempt."""

    act: Act
    target: Target
    text: str
    key: str
    attempt: int
    first_tried_at: int
    body: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sent:
    """Proof of effect. `item` is the new item where the platform gave it back; `note` is a sentence for the user."""

    remote_id: str
    permalink: str | None = None
    item: Incoming | None = None
    note: Clean = Clean("")


@dataclass(frozen=True, slots=True)
class Found:
    """What an address turned out to be. `does` and `does_not` are short sentences for the user.

    `may_be_mine` says that without a login only the user can tell whether what others write there is for them.
    """

    kind: str
    name: Clean
    address: str
    account: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    does: tuple[str, ...] = ()
    does_not: tuple[str, ...] = ()
    needs_credential: bool = False
    takes_credential: bool = False
    may_be_mine: bool = False


@dataclass(frozen=True, slots=True)
class LoginStep:
    """What to ask of the user. `url` is a page to open first; `state` is given back to `finish_login`."""

    sentence: str
    url: str | None = None
    asks_account: bool = False
    optional: bool = False
    state: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Account:
    """Who I am on a source. `me` is the key of my own identity there; `options` are merged into the source's."""

    me: str
    account: str
    name: Clean
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tools:
    """What an adapter is given: the limited client, the credential of its source, the feed parser, the time."""

    http: "Http"
    credential: Credential
    parser: "Parser"
    now: int


class Adapter(Protocol):
    """One kind of source. Built for one call with the tools of one source; keeps no state of its own.

    Every method raises the `SourceError` family and nothing else that is expected.
    """

    kind: str

    def __init__(self, tools: Tools) -> None: ...

    def capabilities(self, source: Source) -> Capabilities:
        """What this source can do with what is known of its server and credential. Pure."""
        ...

    async def probe(self, address: str) -> Found | None:
        """What `address` is, if it is of this kind; None when it is something else."""
        ...

    async def begin_login(self, source: Source) -> LoginStep | None:
        """What to ask the user for; None when this kind takes no credential."""
        ...

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """The secret to keep, made from what the user typed (a code becomes a token)."""
        ...

    async def check(self, source: Source) -> Account:
        """Who the credential makes me. Raises `AuthExpired` when it is refused."""
        ...

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """What is new since `cursor`; the backlog when it is None. No holes, doubles allowed."""
        ...

    async def thread(self, source: Source, thread: Thread) -> Page:
        """The whole thread as it is now, with edits, deletions and siblings. Its cursor is ignored."""
        ...

    def opening(self, source: Source, target: Target) -> str:
        """What a reply must begin with (the people it mentions), "" for nothing. Pure."""
        ...

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """The exact request, to be frozen. Reads only: raising here proves that nothing has happened."""
        ...

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """Do it, once. `Unreachable(maybe_done=True)` and `Garbled` mean that it may have happened."""
        ...

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """Every trace of this act on the platform; an empty list is no proof that it did not happen."""
        ...
