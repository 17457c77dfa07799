"""A list of conversations holds all that are meant, once and in its order, whichever way it is reached."""

from collections.abc import Iterator

import pytest

from community.model import NEWEST, OLDEST, RANK, ConversationRow, Looked, Order
from community.query import Query, parse
from community.workspace import Workspace
from generate import NOW, generate
from reads import QUERIES, VIEWS
from storage import listing, said, ways
from storage.rows import Number
from storage.which import Which, joined, place, standing

ORDERS = (RANK, NEWEST, OLDEST)
PAGE = 7
MORE = (
    "is:new is:done", "-is:done", "-is:waiting is:open", "newer:9y older:1y", "stage:stranger -from:{name}",
    "is:new stage:visitor", "source:5 is:reading newer:5y", "-{word} is:open", "source:5 {word}", "has:note {word}",
    "is:waiting source:feed", "with:{name} is:open",
)  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Some of everything."""
    directory = tmp_path_factory.mktemp("lists") / "work"
    directory.mkdir(mode=0o700)
    generate(directory, conversations=60, people=12, longest=20)
    workspace = Workspace.open(directory, secrets_in_file=True)
    yield workspace
    workspace.store.reader.close()


def asked(workspace: Workspace) -> list[tuple[str, Query]]:
    """Every query, with words and a name that are there."""
    text = " ".join(item.text for item, _ in workspace.conversations.open(60).items).lower().rstrip(".?")
    by_length = sorted(text.split(), key=len)
    words = {
        "word": by_length[0],
        "rare": by_length[-1],
        "name": workspace.people.card(5).person.name.split()[0].lower(),
    }
    wanted = (*(f"is:{view}" for view in VIEWS), *QUERIES, *MORE)
    return [(text, parse(text.format(**words), now=NOW)) for text in wanted]


def meant(workspace: Workspace, which: Which) -> list[ConversationRow]:
    """What a query means, asked of each conversation there is: no index, no page, no order."""
    reader = workspace.store.reader
    terms = [*(each.where for each in which.during), *(each.where for each in which.among)]
    conditions = [standing(which.standings), *which.where, *terms]
    where = " AND ".join(conditions)
    found = reader.all(Number, f"SELECT c.id AS n FROM conversation c {joined(where)} WHERE {where}", **which.values)
    ids = {row.n for row in found}
    if which.match:
        hits = "SELECT rowid FROM item_fts WHERE item_fts MATCH :m"
        sql = f"""
            SELECT c.id AS n FROM conversation c WHERE c.lead_id IN ({which.leads})
            UNION SELECT conversation_id FROM item WHERE id IN ({hits})
        """
        said_in = reader.all(Number, sql, **which.values, m=which.match)
        ids &= {row.n for row in said_in}
    return workspace.conversations.rows(sorted(ids))


def through(workspace: Workspace, query: Query, order: Order, *, forward: bool) -> list[int]:
    """The ids of a whole list, page by page, in the direction it is read."""
    found: list[int] = []
    last = None
    while page := workspace.conversations.page(query, order=order, beside=last, forward=forward, limit=PAGE):
        found += [row.id for row in (page if forward else page[::-1])]
        last = page[-1] if forward else page[0]
        assert len(found) < 1000
    return found


@pytest.mark.parametrize(
    ("few", "streams", "named"),
    [(1000, 64, 3000), (0, 64, 3000), (0, 0, 3000), (0, 0, 0), (20, 8, 10)],
    ids=["sorted", "merged", "walked with sets", "walked", "mixed"],
)
def test_every_way_to_a_list_has_the_same_conversations(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, few: int, streams: int, named: int
) -> None:
    monkeypatch.setattr(ways, "FEW", few)
    monkeypatch.setattr(listing, "FEW", few)
    monkeypatch.setattr(ways, "_STREAMS", streams)
    monkeypatch.setattr(ways, "_NAMED", named)
    monkeypatch.setattr(ways, "_GATHERED", 1000 if streams else 0)
    for text, query in asked(filled):
        wanted = meant(filled, query.conversations)
        for order in ORDERS:
            in_order = sorted(wanted, key=lambda row: place(row, order), reverse=not order.ascending)
            ids = [row.id for row in in_order]
            assert through(filled, query, order, forward=True) == ids, (text, order)
            assert through(filled, query, order, forward=False) == ids[::-1], (text, order)
        assert filled.conversations.count(query) == len(wanted), text
        assert filled.conversations.count(query, at_most=3) == min(3, len(wanted)), text


@pytest.mark.parametrize("few", [0, 12])
def test_of_words_that_are_said_often_every_conversation_is_listed_once(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(ways, "FEW", few)
    monkeypatch.setattr(said, "_RARE", 2)
    monkeypatch.setattr(listing, "FEW", few)
    for text, query in asked(filled):
        if not query.conversations.match:
            continue
        ids = sorted(row.id for row in meant(filled, query.conversations))
        for order in ORDERS:
            down = through(filled, query, order, forward=True)
            assert sorted(down) == ids, (text, order)
            assert through(filled, query, order, forward=False) == down[::-1], (text, order)
        assert filled.conversations.count(query) == len(ids), text


def test_a_page_that_was_given_up_goes_on_where_it_stopped_until_all_is_found(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module, name, value in (
        (ways, "FEW", 0), (listing, "FEW", 0), (said, "_RARE", 2), (said, "_CHUNK", 2), (said, "_LOOKED_AT", 4),
    ):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    empty = 0
    for text, query in asked(filled):
        if not query.conversations.match:
            continue
        ids = sorted(row.id for row in meant(filled, query.conversations))
        for order, forward in ((RANK, True), (OLDEST, True), (RANK, False)):
            found: list[int] = []
            last, looked = None, Looked()
            while True:
                page = filled.conversations.page(
                    query, order=order, beside=last, forward=forward, limit=1, looked=looked
                )
                found += [row.id for row in page]
                last = page[0] if page else last
                empty += not page and looked.hit is not None
                if not page and looked.hit is None:
                    break
            assert sorted(found) == ids, (text, order, forward)
    assert empty
