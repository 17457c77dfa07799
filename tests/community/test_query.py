"""The query language names conversations, and says where it goes wrong."""

import sqlite3

import pytest

from community.errors import WrongUsage
from community.query import parse
from community.workspace import Workspace
from fakes import DAY, NOW, add_source, arrive, comment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def filled(workspace: Workspace) -> Workspace:
    """Three conversations by two people on two sources."""
    blog, other = await add_source(workspace, "Blog"), await add_source(workspace, "Mastodon")
    await arrive(workspace, blog, comment("1", "Maria", "How do you keep notes?", at=NOW - 3 * DAY))
    await arrive(workspace, blog, comment("2", "Jon", "A fine post", at=NOW - 10 * DAY))
    await arrive(workspace, other, comment("3", "Maria", "Ping from here", at=NOW - 60))
    await workspace.conversations.tag([2], "book")
    await workspace.people.tag([1], "porto")
    await workspace.conversations.done([3])
    return workspace


def found(workspace: Workspace, query: str) -> list[str]:
    return sorted(row.title for row in workspace.conversations.page(parse(query, now=NOW)))


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("", ["A fine post", "How do you keep notes?", "Ping from here"]),
        ("is:waiting", ["A fine post", "How do you keep notes?"]),
        ("is:waiting from:maria", ["How do you keep notes?"]),
        ("source:blog -from:jon", ["How do you keep notes?"]),
        ("newer:4d", ["How do you keep notes?", "Ping from here"]),
        ("older:1w", ["A fine post"]),
        ("has:question", ["How do you keep notes?"]),
        ("tag:book", ["A fine post"]),
        ("tag:porto is:done", ["Ping from here"]),
        ('"keep notes"', ["How do you keep notes?"]),
        ("note*", ["How do you keep notes?"]),
        ("-is:waiting", ["Ping from here"]),
        ("stage:stranger from:jon", ["A fine post"]),
        ("IS:WAITING FROM:Maria", ["How do you keep notes?"]),
    ],
)
async def test_a_query_names_conversations(filled: Workspace, query: str, titles: list[str]) -> None:
    assert found(filled, query) == titles


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("is:wating", "did you mean “waiting”"),
        ("form:maria", "did you mean “from:”"),
        ("is:waiting newer:soon", "character 12"),
        ('"never closed', "a quote is not closed"),
        ("stage:best", "is unknown"),
        ("!!!", "nothing to look for"),
    ],
)
def test_a_wrong_query_says_what_is_wrong_and_where(query: str, sentence: str) -> None:
    with pytest.raises(WrongUsage, match="character") as caught:
        parse(query, now=NOW)
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    "query",
    [
        "'; DROP TABLE item; --",
        "from:') OR 1=1 --",
        "tag:%27",
        '"a"b',
        "NEAR(a b)",
        "a^b",
        "col:x",
        "* *",
        "AND OR NOT",
    ],
)
async def test_nothing_typed_is_ever_sql_or_search_syntax(filled: Workspace, query: str) -> None:
    try:
        found(filled, query)
    except WrongUsage:
        return
    except sqlite3.Error as error:  # pragma: no cover
        pytest.fail(f"{query!r} reached SQLite: {error}")


@pytest.mark.parametrize("target", ["people", "articles", "desk", "outbox"])
async def test_every_list_takes_the_same_language(filled: Workspace, target: str) -> None:
    query = (
        parse("from:maria source:blog newer:9d", now=NOW, target=target)
        if target != "people"
        else parse("from:maria stage:stranger newer:9d", now=NOW, target=target)
    )
    match target:
        case "people":
            assert [person.name for person in filled.people.page(query)] == ["Maria"]
        case "articles":
            assert filled.articles(query) == []
        case "desk":
            assert filled.desk(query) == []
        case _:
            assert filled.outbox.listed(query) == []
