"""What the benchmarks measure on is what a sync would have left."""

from pathlib import Path

import pytest

from community.query import parse
from community.weighing import weigh
from community.workspace import Workspace
from generate import NOW, generate
from storage.copies import problems
from storage.database import FILE
from storage.rows import Number

pytestmark = pytest.mark.anyio

STANDS = "SELECT group_concat(id || attention || coalesce(lead_id, 0) || items || last_item_at) FROM conversation"
SAID = "SELECT group_concat(id || ':' || to_id) FROM item WHERE mine = 1"


async def test_a_generated_workspace_is_what_a_sync_would_have_left(tmp_path: Path) -> None:
    directory = tmp_path / "work"
    directory.mkdir(mode=0o700)
    generate(directory, conversations=60)
    assert not problems(directory / FILE)
    workspace = Workspace.open(directory, secrets_in_file=True)
    try:
        reader = workspace.store.reader
        assert not reader._connection.execute("PRAGMA foreign_key_check").fetchall()
        before, said = (reader._connection.execute(sql).fetchone() for sql in (STANDS, SAID))
        async with workspace.store.transaction() as tx:
            ids = [row.n for row in await tx.all(Number, "SELECT id AS n FROM conversation")]
            await weigh(tx, ids, config=workspace.store.config, now=NOW)
        assert reader._connection.execute(STANDS).fetchone() == before
        assert reader._connection.execute(SAID).fetchone() == said
        counts = workspace.conversations.counts()
        assert counts.waiting > 0
        assert counts.reading > 0
        for text in ("is:waiting", "is:answered", "is:done", "has:question"):
            assert workspace.conversations.page(parse(text, now=NOW)), text
        opened = workspace.conversations.open(30)
        assert len(opened.items) >= 3
        assert workspace.people.timeline(1)
        assert workspace.people.page(parse("", now=NOW, target="people"))
    finally:
        await workspace.close()
