"""The town is alive: news comes by itself, and those who are answered answer."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from community.town import Town
from community.town.life import Life

Eventually = Callable[[Callable[[], object]], None]


@pytest.fixture
def town(monkeypatch: pytest.MonkeyPatch) -> Iterator[Town]:
    """A town whose answers come at once and where no news are scripted."""
    monkeypatch.setattr(Life, "schedule", lambda _: None)
    with Town(pace=25) as open_town:
        yield open_town


def below(author: httpx.Client, parent: int) -> list[dict[str, Any]]:
    """What stands directly under a comment, oldest first."""
    query = {"parent": str(parent), "context": "edit", "status": "all", "order": "asc", "orderby": "id"}
    found: list[dict[str, Any]] = author.get("comments", params=query).json()
    return found


def comment(author: httpx.Client, words: str, status: str = "approve") -> dict[str, Any]:
    """The comment with certain words."""
    found: dict[str, Any] = author.get("comments", params={"search": words, "status": status}).json()[0]
    return found


def test_somebody_answered_on_the_blog_answers_twice_and_then_takes_leave(
    author: httpx.Client, eventually: Eventually
) -> None:
    last = comment(author, "each tmux session")
    lines = []
    for turn in range(3):
        body = {"post": last["post"], "parent": last["id"], "content": f"answer {turn}"}
        mine = author.post("comments", json=body).json()
        eventually(partial(below, author, mine["id"]))
        last = below(author, mine["id"])[0]
        assert (last["author_name"], last["status"]) == ("Maria Lindqvist", "approved")
        lines.append(last["content"]["raw"])
    assert len(set(lines)) == 3
    assert "the name is what keeps them apart" in lines[0]
    body = {"post": last["post"], "parent": last["id"], "content": "one more"}
    mine = author.post("comments", json=body).json()
    other = comment(author, "what was allowed to break")
    reply = author.post("comments", json={"post": other["post"], "parent": other["id"], "content": "no list"}).json()
    eventually(lambda: below(author, reply["id"]))
    assert below(author, mine["id"]) == []


def test_somebody_answered_on_the_square_answers_twice_and_then_only_nods(
    account: httpx.Client, eventually: Eventually
) -> None:
    def newest(kind: str) -> dict[str, Any]:
        found: dict[str, Any] = account.get("/api/v1/notifications", params={"types[]": kind}).json()[0]
        return found

    def answered(mine: str) -> bool:
        return bool(newest("mention")["status"]["in_reply_to_id"] == mine)

    last = next(
        note["status"]
        for note in account.get("/api/v1/notifications", params={"types[]": "mention"}).json()
        if "512 MB" in note["status"]["content"]
    )
    for turn in range(2):
        body = {"status": f"@jon@workbench.example answer {turn}", "in_reply_to_id": last["id"]}
        mine = account.post("/api/v1/statuses", json=body).json()
        eventually(partial(answered, mine["id"]))
        last = newest("mention")["status"]
        assert last["account"]["acct"] == "jon@workbench.example"
    body = {"status": "@jon@workbench.example good", "in_reply_to_id": last["id"]}
    mine = account.post("/api/v1/statuses", json=body).json()
    eventually(lambda: newest("favourite")["status"]["id"] == mine["id"])
    assert newest("mention")["status"]["id"] == last["id"]


def test_a_private_answer_stays_private(account: httpx.Client, eventually: Eventually) -> None:
    mine = account.post("/api/v1/statuses", json={"status": "@noor psst", "visibility": "direct"}).json()
    where = f"/api/v1/statuses/{mine['id']}/context"
    eventually(lambda: account.get(where).json()["descendants"])
    answer = account.get(where).json()["descendants"][0]
    assert (answer["account"]["acct"], answer["visibility"]) == ("noor", "direct")


def test_an_approved_newcomer_goes_on_talking(author: httpx.Client, eventually: Eventually) -> None:
    held = comment(author, "lighthouse", "hold")
    assert held["author_name"] == "Oskar Brandvold"
    author.post(f"comments/{held['id']}", json={"status": "approved"})
    eventually(lambda: below(author, held["id"]))
    assert below(author, held["id"])[0]["status"] == "approved"
    author.post(f"comments/{held['id']}", json={"status": "hold"})
    author.post(f"comments/{held['id']}", json={"status": "approved"})
    spam = comment(author, "clocks", "hold")
    author.post(f"comments/{spam['id']}", json={"status": "approved"})
    mine = author.post("comments", json={"post": spam["post"], "parent": spam["id"], "content": "no"}).json()
    assert below(author, mine["id"]) == []
    assert len(below(author, held["id"])) == 1


def test_the_news_of_the_first_hour_arrive_in_their_order(eventually: Eventually) -> None:
    with Town(pace=6000) as fast, httpx.Client(base_url=fast.base_url) as visitor:
        rest = "/blog/wp-json/wp/v2/comments"
        eventually(lambda: "Page five" in visitor.get("/bao/feed.json").text)
        bao = visitor.get(rest, params={"search": "line three"}).json()
        assert len(bao) == 1
        assert visitor.get(rest, params={"search": "marzipan"}).json()
        token = {"Authorization": f"Bearer {fast.sites[1].secret}"}
        notes = visitor.get("/api/v1/notifications", headers=token, params={"limit": "80"}).json()
        words = " ".join(note["status"]["content"] for note in notes if "status" in note)
        assert "The Arabic is done!" in words
        assert "dnoe" not in words
        assert "went to bed at ten" in words


def test_nothing_new_comes_to_a_closed_town() -> None:
    town = Town(pace=6000)
    town.start()
    town.stop()
    with pytest.raises(httpx.ConnectError):
        httpx.get(town.base_url)
