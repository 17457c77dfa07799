"""No read that a screen or a command waits for scans a large table, or sorts more than it shows."""

import re
from collections.abc import Iterator

import pytest

from community.workspace import Workspace
from generate import generate
from reads import Read, reads
from storage import search

_SMALL = frozenset({"source", "saved_view", "meta", "tag_cadence", "conversation_tag", "json_each"})
"""As many rows as places, views, tags or facts the user has set up by hand."""

_SORTS = {
    r"FROM \(SELECT DISTINCT id FROM": "at most 2,000 conversations that a term names, or 500 hits",
    r"ORDER BY c.attention = 'waiting'": "the same by weight",
    r"FROM outcome WHERE conversation_id": "what came of one conversation",
    r"FROM likeness l JOIN evidence": "what two people share",
    r"FROM outbox o .*'uncertain', 'failed'": "what is unsettled in the outbox: the user's own few",
    r"FROM source\b": "sources by name: as many as the user has added",
    r"FROM saved_view": "the user's own views",
    r"FROM \(SELECT 1 FROM": "counted up to a limit",
    r"GROUP BY \+source_id": "what has come since the last look",
    r"GROUP BY i.conversation_id, a.id": "who wrote in the conversations on screen",
    r"\bp.id IN \( ?SELECT coalesce": "people whose name begins so",
    r"AND p.id IN \(SELECT person_id FROM (promise|outcome|person_tag)\b": "few people",
    r"WHERE v.kept_at IS NULL": "open promises",
    r"\) found CROSS JOIN item i": "at most fifty hits",
    r"json_each": "rows on screen",
    r"FROM identity\b|FROM \w+ x WHERE x.person_id|FROM person_tag": "what hangs on one person",
    r"SELECT \w+(\.\w+)? AS at": "a page of one person's timeline, gathered from each of their handles",
    r"SELECT tag AS name": "the tags of one conversation",
    r"c.remind_at IS NOT NULL .* i.person_id = ": "what I asked one person",
}
"""What may be sorted without an index: a pattern of the statement, and why that is not much."""

_SCAN = re.compile(r"^SCAN (\w+)(?: USING (?:COVERING )?INDEX)?")
_TABLE = re.compile(r"\b(?:FROM|JOIN)\s+(\w+)(?:\s+(?:AS\s+)?(?!ON\b|WHERE\b|JOIN\b|CROSS\b|LEFT\b|INDEXED\b)(\w+))?")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Some of everything."""
    directory = tmp_path_factory.mktemp("plans") / "work"
    directory.mkdir(mode=0o700)
    generate(directory, conversations=60)
    workspace = Workspace.open(directory, secrets_in_file=True)
    yield workspace
    workspace.store.reader.close()


def statements(workspace: Workspace, read: Read) -> list[str]:
    """What a read asks of SQLite."""
    seen: list[str] = []
    connection = workspace.store.reader._connection
    connection.set_trace_callback(seen.append)
    try:
        read()
    finally:
        connection.set_trace_callback(None)
    return [" ".join(each.split()) for each in seen if each.lstrip().startswith("SELECT") and "'main'.'" not in each]


def faults(workspace: Workspace, statement: str) -> list[str]:
    """What is wrong with the plan of a statement."""
    found: list[str] = []
    tables = {alias or table: table for table, alias in _TABLE.findall(statement)}
    plan = [row[3] for row in workspace.store.reader._connection.execute(f"EXPLAIN QUERY PLAN {statement}")]
    for step in plan:
        scanned = _SCAN.match(step)
        if scanned and "VIRTUAL TABLE" not in step:
            table = tables.get(scanned[1], scanned[1])
            is_table = table in tables.values() and f"({table}" not in statement
            in_order = "INDEX" in step or "NOT INDEXED" in statement
            if is_table and table not in _SMALL and not (in_order and "LIMIT" in statement):
                found.append(step)
        if "TEMP B-TREE FOR ORDER BY" in step and not any(re.search(each, statement) for each in _SORTS):
            found.append(step)
    return found


def test_no_read_scans_a_large_table_or_sorts_without_an_index(filled: Workspace) -> None:
    reader = filled.store.reader
    searches: dict[str, Read] = {
        "search of items": lambda: search._items(reader, '"a"*', 10),
        "search of people and memos": lambda: search._memos(reader, '"a"*', 10),
    }
    wrong = {
        f"{name}: {statement[:400]}": steps
        for name, read in {**reads(filled, limit=10), **searches}.items()
        for statement in statements(filled, read)
        if (steps := faults(filled, statement))
    }
    assert not wrong


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT * FROM item WHERE text LIKE '%x%'",
        "SELECT c.id FROM conversation c ORDER BY c.title LIMIT 5",
        "SELECT p.id FROM person p WHERE p.name = 'x'",
    ],
)
def test_a_read_without_an_index_would_be_found(filled: Workspace, statement: str) -> None:
    assert faults(filled, statement)
