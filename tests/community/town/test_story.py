"""The story holds together: who is waiting, who is known twice, and that it is always told the same way."""

from collections import defaultdict
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from community.town import Town
from community.town.state import seconds

DAY = 86_400
NOW = 1_772_000_000


def rows(author: httpx.Client, **query: str) -> list[dict[str, Any]]:
    """Comments, oldest first."""
    asked = {"order": "asc", "orderby": "id", "per_page": "100", **query}
    found: list[dict[str, Any]] = author.get("comments", params=asked).json()
    return found


def test_each_conversation_on_the_blog_ends_with_the_user_or_waits_for_them(author: httpx.Client) -> None:
    last: dict[int, dict[str, Any]] = {}
    everything = {row["id"]: row for row in rows(author)}
    for row in everything.values():
        root = row
        while root["parent"]:
            root = everything[root["parent"]]
        last[root["id"]] = row
    waiting = [(row["author_name"], (NOW - _at(row)) / DAY) for row in last.values() if row["author"] != 1]
    assert [(name, round(days)) for name, days in waiting] == [
        ("Tomás Rey", 9),
        ("Maria Lindqvist", 3),
        ("Greta Hollund", 2),
    ]


def test_each_conversation_on_the_square_ends_with_the_user_or_waits_for_them(account: httpx.Client) -> None:
    notes = account.get("/api/v1/notifications", params={"types[]": "mention", "limit": "80"}).json()
    waiting = set()
    for note in notes:
        context = account.get(f"/api/v1/statuses/{note['status']['id']}/context").json()
        below = [row["account"]["acct"] for row in context["descendants"]]
        if "alex" not in below and NOW - _time(note["created_at"]) < 3 * DAY:
            waiting.add(note["account"]["acct"])
    assert waiting == {"jon@workbench.example", "kemi", "ravi@foss.example"}
    for note in notes:
        if NOW - _time(note["created_at"]) >= 3 * DAY:
            context = account.get(f"/api/v1/statuses/{note['status']['id']}/context").json()
            assert any(row["account"]["acct"] == "alex" for row in context["descendants"])


def test_the_town_has_months_behind_it(author: httpx.Client, account: httpx.Client) -> None:
    comments = rows(author)
    months = {row["date_gmt"][:7] for row in comments}
    assert len(months) >= 7
    assert len({row["author_name"] for row in comments}) >= 10
    statuses = account.get("/api/v1/timelines/home", params={"limit": "40"}).json()
    assert len(statuses) >= 30
    assert sum(row["edited_at"] is not None for row in statuses) == 1
    assert all(_time(row["created_at"]) <= NOW for row in statuses)
    ids = [row["id"] for row in rows(author, status="all")]
    trashed = [row["id"] for row in rows(author, status="trash") + rows(author, status="spam")]
    pingbacks = [row["id"] for row in rows(author, type="pingback")]
    everything = sorted(ids + trashed + pingbacks)
    assert len(everything) == everything[-1] - everything[0], "one number is missing: that comment was deleted"


def test_one_person_is_known_by_the_same_site_in_two_places(author: httpx.Client, account: httpx.Client) -> None:
    sites = {row["author_name"]: row["author_url"] for row in rows(author)}
    jon = account.get("/api/v1/accounts/lookup", params={"acct": "jon@workbench.example"}).json()
    assert sites["Jon Adeyemi"]
    assert f'href="{sites["Jon Adeyemi"]}"' in jon["fields"][0]["value"]


def test_the_same_beginning_tells_the_same_story() -> None:
    with Town(now=NOW, seed=3) as first:
        told = _everything(first)
        port = int(first.base_url.rpartition(":")[2])
        sites = first.sites
    with Town(now=NOW, seed=3, port=port) as second:
        assert second.sites == sites
        assert _everything(second) == told
    with Town(now=NOW, seed=4, port=port) as other:
        assert other.sites != sites


def test_ids_rise_with_time(author: httpx.Client) -> None:
    times = [_at(row) for row in rows(author, status="all")]
    assert times == sorted(times)


@pytest.mark.parametrize(("span", "expected"), [("3d", 259_200), ("5h 20m", 19_200), ("40m", 2_400), ("28s", 28)])
def test_spans_are_read_as_written(span: str, expected: int) -> None:
    assert seconds(span) == expected


def test_a_span_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="not a span"):
        seconds("soon")


def _everything(town: Town) -> dict[str, str]:
    token = {"Authorization": f"Bearer {next(site.secret for site in town.sites if site.kind == 'mastodon')}"}
    paths = defaultdict[str, dict[str, str]](dict)
    paths["/api/v1/notifications?limit=80"] = token
    paths["/blog/wp-json/wp/v2/comments?per_page=100"] = {}
    paths["/ines/feed.xml"] = {}
    return {path: httpx.get(town.base_url + path, headers=headers).text for path, headers in paths.items()}


def _at(row: dict[str, Any]) -> int:
    return int(datetime.fromisoformat(row["date_gmt"]).replace(tzinfo=UTC).timestamp())


def _time(text: str) -> int:
    return int(datetime.fromisoformat(text).timestamp())
