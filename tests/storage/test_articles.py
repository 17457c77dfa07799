"""A list of articles holds all that are meant, once and the newest first, whichever way it is reached."""

from collections.abc import Iterator

import pytest

from community.model import ArticleRow
from community.query import parse
from community.workspace import Workspace
from generate import NOW, generate
from storage import articles
from storage.rows import Number


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """Some of everything."""
    directory = tmp_path_factory.mktemp("articles") / "work"
    directory.mkdir(mode=0o700)
    generate(directory, conversations=120, people=8, longest=5)
    workspace = Workspace.open(directory, secrets_in_file=True)
    yield workspace
    workspace.store.reader.close()


def meant(workspace: Workspace, text: str) -> list[int]:
    """What a query means, asked of each article there is."""
    query = parse(text, now=NOW, target="articles")
    reader = workspace.store.reader

    def ids(select: str, **values: object) -> set[int]:
        return {row.n for row in reader.all(Number, f"SELECT id AS n FROM ({select})", **query.values, **values)}

    def holds(row: ArticleRow) -> bool:
        item = next(item for item, _ in workspace.conversations.open(row.conversation_id).items if item.id == row.id)
        return all(
            (each.leads and item.author_id in ids(each.leads))
            or (each.sources and item.source_id in ids(each.sources))
            or (each.match and item.id in ids("SELECT rowid AS id FROM item_fts WHERE item_fts MATCH :m", m=each.match))
            for each in query.told
        )

    return [row.id for row in articles.listed(reader, where=query.where, values=query.values) if holds(row)]


@pytest.mark.parametrize(("few", "streams"), [(1000, 64), (10, 64), (0, 64), (0, 0)])
def test_every_way_to_a_list_has_the_same_articles(
    filled: Workspace, monkeypatch: pytest.MonkeyPatch, few: int, streams: int
) -> None:
    monkeypatch.setattr(articles, "FEW", few)
    monkeypatch.setattr(articles, "_STREAMS", streams)
    monkeypatch.setattr(articles, "_AT_ONCE", 9)
    row = filled.articles(parse("", now=NOW, target="articles"))[3]
    common, name, place = min(row.text.lower().rstrip(".?").split(), key=len), row.name.split()[0], row.source_name
    queries = (common, f"-{common}", f"from:{name}", f"-from:{name}", f'source:"{place}"', "source:7", name,
               "zzznothing", f"{common} {name}", f"from:{name} {common}", f"is:new {common}")  # fmt: skip
    for text in queries:
        query = parse(text, now=NOW, target="articles")
        found: list[int] = []
        last = None
        while page := filled.articles(query, before=last, limit=4):
            found += [row.id for row in page]
            last = (page[-1].created_at, page[-1].id)
        assert found == meant(filled, text), text
    assert meant(filled, f"from:{name}")
    assert meant(filled, common)
