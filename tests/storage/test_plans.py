"""No list that a key press waits for scans a table or sorts without an index."""

import pytest

from community.query import parse
from community.workspace import Workspace
from fakes import NOW
from storage import conversations
from storage.conversations import NEWEST, OLDEST, RANK, Order
from storage.rows import ConversationRow

pytestmark = pytest.mark.anyio


class Plan(Exception):
    """Carries a query plan out of a reader."""


def plan(workspace: Workspace, where: str, values: dict[str, object], order: Order, forward: bool) -> list[str]:
    reader = workspace.store.reader
    seen: list[str] = []

    class Explaining:
        def all(self, _row: type[ConversationRow], sql: str, **parameters: object) -> list[ConversationRow]:
            found = reader._connection.execute(f"EXPLAIN QUERY PLAN {sql}", parameters).fetchall()
            seen.extend(step[3] for step in found)
            return []

    conversations.page(
        Explaining(),  # type: ignore[arg-type]
        where=where,
        values=values,
        order=order,
        key=(0.0, 0),
        forward=forward,
    )
    return seen


@pytest.mark.parametrize("forward", [True, False])
@pytest.mark.parametrize(
    ("text", "order"),
    [
        (f"is:{view}", order)
        for view in ("waiting", "reading", "answered", "snoozed", "done", "resting")
        for order in (RANK, NEWEST, OLDEST)
    ]
    + [("", NEWEST), ("", OLDEST)],
)
async def test_a_page_of_a_view_is_a_walk_along_an_index(
    workspace: Workspace, text: str, order: Order, forward: bool
) -> None:
    query = parse(text, now=NOW)
    steps = plan(workspace, query.where, dict(query.values), order, forward)
    assert not [step for step in steps if "TEMP B-TREE" in step or step.startswith("SCAN")], steps
