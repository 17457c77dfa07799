"""The town's feeds, read the way a feed reader reads them."""

import re
from collections.abc import Callable

import feedparser
import httpx
import pytest

from community.town import Town


def test_every_followed_feed_parses_in_its_own_form(town: Town, visitor: httpx.Client) -> None:
    kinds = set()
    for site in town.sites:
        if site.kind != "feed":
            continue
        answer = visitor.get(site.address)
        assert answer.status_code == 200
        kinds.add(answer.headers["content-type"].partition(";")[0])
        if site.address.endswith(".json"):
            feed = answer.json()
            assert feed["version"] == "https://jsonfeed.org/version/1.1"
            assert feed["feed_url"] == site.address
            assert len({item["id"] for item in feed["items"]}) == len(feed["items"]) >= 4
            continue
        parsed = feedparser.parse(answer.content)
        assert not parsed.bozo
        assert parsed.version in {"rss20", "atom10"}
        assert len(parsed.entries) >= 4
        assert all(entry.id and entry.link and entry.published_parsed and entry.content for entry in parsed.entries)
    assert kinds == {"application/rss+xml", "application/atom+xml", "application/feed+json"}


@pytest.mark.parametrize("path", ["/ines/feed.xml", "/jon/atom.xml", "/bao/feed.json", "/blog/feed/"])
def test_a_known_feed_is_not_sent_again(visitor: httpx.Client, path: str) -> None:
    first = visitor.get(path)
    etag, changed = first.headers["etag"], first.headers["last-modified"]
    assert re.fullmatch(r'"\w+"', etag)
    assert "max-age" in first.headers["cache-control"]
    for headers in ({"If-None-Match": etag}, {"If-Modified-Since": changed}, {"If-None-Match": f'"other", W/{etag}'}):
        again = visitor.get(path, headers=headers)
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert visitor.get(path, headers={"If-None-Match": '"other"', "If-Modified-Since": changed}).status_code == 200
    assert visitor.get(path, headers={"If-Modified-Since": "yesterday"}).status_code == 200


def test_each_blog_leads_to_its_feed_and_its_articles(visitor: httpx.Client) -> None:
    for name in ("ines", "jon", "tomas", "greta", "bao", "sefa", "noor", "maria"):
        page = visitor.get(f"/{name}/").text
        found = re.search(r'<link rel="alternate" type="([^"]+)" title="[^"]+" href="([^"]+)"', page)
        assert found
        feed = visitor.get(found[2])
        assert feed.headers["content-type"].startswith(found[1])
        for address in re.findall(r'<h2><a href="([^"]+)"', page):
            assert "<article>" in visitor.get(address).text
    assert visitor.get("/ines").headers["location"].endswith("/ines/")
    assert visitor.get("/ines/no-such-article/").status_code == 404


def test_the_comment_feed_says_what_a_comment_answers(visitor: httpx.Client) -> None:
    rss = feedparser.parse(visitor.get("/blog/comments/feed/").content)
    assert len(rss.entries) == 10
    assert any("In reply to" in entry.content[0].value for entry in rss.entries)
    atom = feedparser.parse(visitor.get("/blog/enough/feed/atom/").content)
    assert sum("thr_in-reply-to" in entry for entry in atom.entries) >= 5
    posts = feedparser.parse(visitor.get("/blog/feed/").content)
    assert posts.entries[0].title == "hush 2.0 is out"
    assert int(posts.entries[0].slash_comments) >= 7
    assert feedparser.parse(visitor.get(posts.entries[0].wfw_commentrss).content).version == "rss20"


def test_a_new_article_changes_the_feed(eventually: Callable[[Callable[[], object]], None]) -> None:
    with Town(pace=300) as town, httpx.Client(base_url=town.base_url) as client:
        etag = client.get("/ines/feed.xml").headers["etag"]
        eventually(lambda: "A barometer after all" in client.get("/ines/feed.xml").text)
        assert client.get("/ines/feed.xml", headers={"If-None-Match": etag}).status_code == 200
