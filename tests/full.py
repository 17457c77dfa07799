"""A workspace with something of everything in it, and what a database holds as plain rows."""

import json
import sqlite3
from pathlib import Path

from community.model import Source
from community.sources.base import IncomingSignal, SignalKind
from community.workspace import Workspace
from fakes import DAY, ME, NOW, add_source, arrive, author, comment
from storage import tables

STATES = ("draft", "queued", "sending", "sent", "failed", "uncertain", "cancelled", "by hand")


async def fill(workspace: Workspace, *, conversations: int = 24, on_its_way: bool = True) -> None:
    """Two sources, people with notes, tags and promises, and an outbox with an entry in every state."""
    for name in ("Blog", "Forum"):
        source = await add_source(workspace, name)
        async with workspace.store.transaction() as tx:
            await tx.run(
                "UPDATE source SET address = :address, allow_hosts = '127.0.0.1:8080' WHERE id = :id",
                address=f"https://{name.lower()}.example",
                id=source.id,
            )
        written = []
        for number in range(conversations // 2):
            who, at = f"Person {number % 7}", NOW - 30 * DAY + number * 3600
            text = f"Question {number}: how? 🧵 “quoted”\n\tindented"
            written.append(comment(f"{number}", who, text, at=at, thread=f"{number}"))
            if number % 3 == 0:
                written.append(comment(f"{number}a", ME, "So.", at=at + 60, parent=f"{number}", thread=f"{number}"))
        await arrive(workspace, source, *written)
    people = workspace.people
    await people.note(1, "Met in Oslo; likes “tea”.")
    await people.tag([1, 2], "book oslo")
    await people.promise(2, "Send the slides", due_at=NOW + DAY)
    await people.log(1, "met", "mutual", "At the fair", at=NOW - DAY)
    await workspace.outcomes.log(1, "fix", "She mended the index.", conversation_id=1)
    await _look_alike(workspace, source)
    await workspace.conversations.snooze([3], NOW + DAY)
    await workspace.remember("theme", "dusk")
    async with workspace.store.transaction() as tx:
        await tx.run("INSERT INTO forgotten (digest, at) VALUES ('00ff', :at)", at=NOW - DAY)
        await tx.run("INSERT INTO tag_cadence (tag, cadence_s, cadence_max_s) VALUES ('book', 2592000, 2592000)")
        await tx.run(
            "INSERT INTO stage_change (person_id, before, after, at) VALUES (1, 'stranger', 'visitor', :at)",
            at=NOW - DAY,
        )
        await tx.run("INSERT INTO conversation_tag (conversation_id, tag) VALUES (1, 'later')")
        await tx.run("INSERT INTO saved_view (name, query, position) VALUES ('Questions', 'has:question', 1)")
        await tx.run("UPDATE item SET raw_html = :raw WHERE id % 2 = 0", raw=bytes(range(256)))
        await tx.run(
            "INSERT INTO signal (source_id, remote_id, identity_id, kind, at) VALUES (1, 's1', 1, 'like', :now)",
            now=NOW,
        )
        found = await tx.all(_Item, "SELECT id, source_id, conversation_id FROM item WHERE mine = 0 ORDER BY id")
        wanted = [state for state in STATES if on_its_way or state not in {"queued", "sending"}]
        for state, item in zip(wanted, found, strict=False):
            await tx.run(
                """
                INSERT INTO outbox
                    (act, source_id, item_id, conversation_id, text, body, key, state, looks, created_at, updated_at)
                VALUES ('reply', :source, :item, :conversation, :text, :body, :key, :state, 4, :now, :now)
                """,
                source=item.source_id, item=item.id, conversation=item.conversation_id, text=f"Words that are {state}",
                body=None if state in {"draft", "queued"} else json.dumps({"text": f"Words that are {state}\n“”"}),
                key=f"key-{state}", state=state, now=NOW,
            )  # fmt: skip


async def _look_alike(workspace: Workspace, source: Source) -> None:
    """Three who share a name: two are one by now, the third is left open."""
    named = [author("Jon Adeyemi", network=network) for network in ("fediverse", "bluesky", "isso:there")]
    await arrive(
        workspace, source, signals=[IncomingSignal(f"j{at}", SignalKind.LIKE, who, NOW) for at, who in enumerate(named)]
    )
    pair = workspace.identities.suggested()[0]
    await workspace.identities.accept(pair.one_id, pair.other_id)
    pair = workspace.identities.suggested()[0]
    await workspace.identities.leave(pair.one_id, pair.other_id)


class _Item:
    def __init__(self, id: int, source_id: int, conversation_id: int) -> None:  # noqa: A002
        self.id, self.source_id, self.conversation_id = id, source_id, conversation_id


def dump(path: Path, *, without: tuple[str, ...] = ()) -> dict[str, list[dict[str, object]]]:
    """Every row of every table of a database that nobody has open."""
    connection = sqlite3.connect(path)
    try:
        return {
            table.name: list(tables.rows(connection, table))
            for table in tables.tables(connection)
            if table.name not in without
        }
    finally:
        connection.close()


def outbox(path: Path) -> dict[str, tuple[str, str]]:
    """The text of each entry of the outbox, with its state and error."""
    connection = sqlite3.connect(path)
    try:
        return {
            text: (state, error) for text, state, error in connection.execute("SELECT text, state, error FROM outbox")
        }
    finally:
        connection.close()


def integrity(path: Path) -> str:
    """What SQLite says about a file."""
    connection = sqlite3.connect(path)
    try:
        return str(connection.execute("PRAGMA integrity_check").fetchone()[0])
    finally:
        connection.close()
