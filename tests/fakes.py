"""Stand-ins for the edges: items without a platform, and a platform whose behaviour a test decides."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from community import clock as real
from community.errors import SourceError
from community.model import Source
from community.sources.base import (
    Account,
    Act,
    Author,
    Capabilities,
    Found,
    Incoming,
    ItemKind,
    LoginStep,
    Outgoing,
    Page,
    Repeat,
    Sent,
    Target,
    Thread,
    Tools,
)
from community.text import clean, clean_line
from community.workspace import Workspace
from storage import sources

NOW = 1_790_000_000
DAY = 86_400


@dataclass
class Clock:
    """A clock that stands still until it is moved; `jumped` says how much of that was somebody setting it."""

    at: int = NOW
    jumped: int = 0

    def __call__(self) -> int:
        return self.at

    def jump(self, seconds: int) -> None:
        """Set the clock, while no time goes by."""
        self.at += seconds
        self.jumped += seconds

    def uptime(self) -> str:
        """How long the machine is on."""
        return f"boot {self.at - self.jumped}"


def author(name: str, *, is_me: bool = False, network: str = "fake:here", url: str | None = None) -> Author:
    """Somebody, by name."""
    return Author(network, f"user:{name.lower()}", clean_line(name.lower()), clean_line(name), url, is_me=is_me)


ME = author("Me", is_me=True)


def comment(
    remote_id: str,
    by: str | Author,
    text: str,
    *,
    at: int = NOW - 3600,
    parent: str | None = None,
    thread: str | None = None,
    to_me: bool = True,
    kind: ItemKind = ItemKind.COMMENT,
    **more: object,
) -> Incoming:
    """Something somebody wrote."""
    who = by if isinstance(by, Author) else author(by)
    made = Incoming(
        remote_id=remote_id,
        kind=kind,
        author=who,
        text=clean(text),
        created_at=at,
        parent_id=parent,
        thread=thread,
        to_me=to_me and not who.is_me,
        permalink=f"https://blog.example/{remote_id}",
    )
    return made._replace(**more)  # type: ignore[arg-type]


@dataclass
class Platform:
    """What a `FakeAdapter` talks to: pages to give, acts received, and faults to make."""

    pages: list[Page] = field(default_factory=list)
    threads: dict[str, Page] = field(default_factory=dict)
    sent: list[Outgoing] = field(default_factory=list)
    landed: dict[str, Sent] = field(default_factory=dict)
    fetch_fault: SourceError | None = None
    prepare_fault: SourceError | None = None
    send_fault: SourceError | None = None
    lands_all_the_same: bool = False
    look_finds: bool = True
    repeat: Repeat = Repeat.NEVER
    acts: frozenset[Act] = frozenset(Act)
    on_send: Callable[[Outgoing], None] = lambda _outgoing: None


PLATFORM = Platform()


class FakeAdapter:
    """A kind of source whose platform is `PLATFORM`; register it with the `platform` fixture."""

    kind = "fake"

    def __init__(self, tools: Tools) -> None:
        self._now = tools.now

    def capabilities(self, source: Source) -> Capabilities:
        """Everything, unless the platform says otherwise."""
        return Capabilities(acts=PLATFORM.acts, repeat=PLATFORM.repeat, has_threads=True, why_not={})

    async def probe(self, address: str) -> Found | None:
        """Knows addresses that begin with "fake"."""
        return Found("fake", clean_line("Fake"), address) if address.startswith("fake") else None

    async def begin_login(self, source: Source) -> LoginStep | None:
        """Asks for a word."""
        return LoginStep("The word?")

    async def finish_login(self, source: Source, step: LoginStep, typed: str) -> str:
        """Keeps it."""
        return typed

    async def check(self, source: Source) -> Account:
        """Always me."""
        return Account("user:me", "me", clean_line("Fake"))

    async def fetch(self, source: Source, cursor: str | None) -> Page:
        """The pages in turn; the cursor is the number of the next."""
        if PLATFORM.fetch_fault is not None:
            raise PLATFORM.fetch_fault
        place = int(cursor or 0)
        if place >= len(PLATFORM.pages):
            return Page(cursor=cursor)
        more = place + 1 < len(PLATFORM.pages)
        return replace(PLATFORM.pages[place], cursor=str(place + 1), has_more=more)

    async def thread(self, source: Source, thread: Thread) -> Page:
        """The thread as the platform has it, else nothing."""
        return PLATFORM.threads.get(thread.key, Page())

    def opening(self, source: Source, target: Target) -> str:
        """The name of whom we answer."""
        return f"@{target.author.handle} "

    async def prepare(self, source: Source, outgoing: Outgoing) -> Mapping[str, object]:
        """The text and nothing else."""
        if PLATFORM.prepare_fault is not None:
            raise PLATFORM.prepare_fault
        return {"text": outgoing.text, "key": outgoing.key}

    async def send(self, source: Source, outgoing: Outgoing) -> Sent:
        """Receive an act; what it has an effect on depends on the fault."""
        PLATFORM.sent.append(outgoing)
        PLATFORM.on_send(outgoing)
        number = len(PLATFORM.sent)
        sent = Sent(
            f"mine-{number}",
            f"https://blog.example/mine-{number}",
            comment(f"mine-{number}", ME, outgoing.text, at=self._now, parent=outgoing.target.remote_id)
            if outgoing.act is Act.REPLY
            else None,
        )
        if PLATFORM.send_fault is None or PLATFORM.lands_all_the_same:
            PLATFORM.landed.setdefault(outgoing.key, sent)
        if PLATFORM.send_fault is not None:
            raise PLATFORM.send_fault
        return sent

    async def look(self, source: Source, outgoing: Outgoing) -> list[Sent]:
        """What has landed, when the platform shows it."""
        found = PLATFORM.landed.get(outgoing.key)
        return [found] if found is not None and PLATFORM.look_finds else []


async def add_source(workspace: Workspace, name: str = "Blog", kind: str = "fake") -> Source:
    """A source whose backlog is in already."""
    async with workspace.store.transaction() as tx:
        source_id = await sources.add(
            tx,
            kind=kind,
            name=name,
            address=f"fake://{name}",
            account="me",
            is_mine=True,
            options="{}",
            allow_hosts="",
            now=workspace.store.now(),
        )
        await tx.run("UPDATE source SET backlog_done_at = 1 WHERE id = :id", id=source_id)
        return await sources.find(tx, source_id)


async def arrive(workspace: Workspace, source: Source, *incoming: Incoming, **page: object) -> None:
    """Store items as a sync would."""
    from community.ingest import store

    async with workspace.store.transaction() as tx:
        await store(
            tx,
            source,
            Page(items=incoming, **page),  # type: ignore[arg-type]
            config=workspace.config,
            now=workspace.store.now(),
        )


def clock_of_the_wall() -> Callable[[], int]:
    """The real time."""
    return real.now


def open_workspace(directory: Path, clock: Callable[[], int] | None = None) -> Workspace:
    """A workspace in `directory` that keeps its secrets in a file."""
    stands = clock or Clock()
    uptime = stands.uptime if isinstance(stands, Clock) else real.uptime
    return Workspace.open(directory, now=stands, uptime=uptime, secrets_in_file=True)
