"""The blog, talked to the way WordPress is talked to."""

import re
from collections import Counter
from typing import Any

import httpx

from community.town import Town


def comments(client: httpx.Client, **query: str) -> list[dict[str, Any]]:
    """All comments of a query, page after page."""
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        answer = client.get("comments", params={"per_page": "20", **query, "page": str(page)})
        assert answer.status_code == 200, answer.text
        found += answer.json()
        if page >= int(answer.headers["x-wp-totalpages"]):
            return found
        page += 1


def post_id(client: httpx.Client, slug: str) -> int:
    """The number of a post."""
    return int(client.get("posts", params={"slug": slug}).json()[0]["id"])


def test_the_interface_is_found_from_any_page(town: Town, visitor: httpx.Client) -> None:
    for path in ("/blog/", "/blog/hush-2/"):
        page = visitor.get(path)
        root = re.search(r'<(.+)>; rel="https://api.w.org/"', page.headers["link"])
        assert root
        assert f'<link rel="https://api.w.org/" href="{root[1]}"' in page.text
        about = visitor.get(root[1]).json()
        assert "wp/v2" in about["namespaces"]
        assert about["name"] == "Small hours"
    door = about["authentication"]["application-passwords"]["endpoints"]["authorization"]
    assert town.sites[0].secret in visitor.get(door, params={"app_name": "kith"}).text
    assert visitor.get("/blog/", params={"rest_route": "/wp/v2/posts"}).json()[0]["slug"] == "hush-2"


def test_the_password_is_needed_and_its_blanks_are_not(town: Town, author: httpx.Client) -> None:
    site = town.sites[0]
    me = author.get("users/me", params={"context": "edit"})
    assert me.status_code == 200
    assert me.json()["capabilities"]["moderate_comments"] is True
    tight = author.get("users/me", auth=(site.account, site.secret.replace(" ", "")))
    assert tight.json()["slug"] == "alex"
    wrong = author.get("comments", auth=(site.account, "no"))
    assert (wrong.status_code, wrong.json()["code"]) == (401, "incorrect_password")
    assert author.get("users/me", auth=("nobody", site.secret)).json()["code"] == "invalid_username"


def test_a_visitor_sees_only_what_is_approved(town: Town) -> None:
    with httpx.Client(base_url=f"{town.base_url}/blog/wp-json/wp/v2/") as visitor:
        seen = comments(visitor)
        assert {comment["status"] for comment in seen} == {"approved"}
        assert not any("author_email" in comment or "raw" in comment["content"] for comment in seen)
        for query in ({"status": "all"}, {"type": "pingback"}, {"author_email": "a@b.example"}):
            refused = visitor.get("comments", params=query)
            assert (refused.status_code, refused.json()["code"]) == (401, "rest_forbidden_param")
        assert visitor.get("comments", params={"context": "edit"}).json()["code"] == "rest_forbidden_context"
        assert visitor.get("users/me").json()["code"] == "rest_not_logged_in"
        refused = visitor.post("comments", json={"post": seen[0]["post"], "content": "hi"})
        assert (refused.status_code, refused.json()["code"]) == (401, "rest_comment_login_required")


def test_the_author_sees_the_desk_and_pages_through_everything(author: httpx.Client) -> None:
    everything = comments(author, context="edit", status="all", orderby="id", order="asc")
    ids = [comment["id"] for comment in everything]
    assert ids == sorted(set(ids))
    assert 40 <= len(ids) <= 70
    assert Counter(comment["status"] for comment in everything)["hold"] == 3
    assert all(comment["author_email"] and comment["content"]["raw"] for comment in everything)
    assert len(comments(author, status="spam")) == 2
    assert len(comments(author, status="trash")) == 1
    assert len(comments(author, status="any")) == len(ids) + 3
    assert [row["type"] for row in comments(author, type="pingback")] == ["pingback"]
    first = author.get("comments", params={"per_page": "5", "status": "all"})
    assert first.headers["x-wp-total"] == str(len(ids))
    assert first.links["next"]["url"].endswith("page=2")
    assert "prev" not in first.links


def test_questions_are_answered_narrowly(author: httpx.Client) -> None:
    everything = comments(author, status="all", orderby="id", order="asc")
    middle = everything[20]
    newer = comments(author, status="all", after=middle["date_gmt"])
    assert {row["id"] for row in newer} == {row["id"] for row in everything if row["date_gmt"] > middle["date_gmt"]}
    older = comments(author, status="all", before=middle["date_gmt"] + "Z")
    assert len(newer) + len(older) + 1 == len(everything)
    few = comments(author, include=f"{everything[0]['id']},{everything[3]['id']}", _fields="id,content.rendered")
    assert [set(row) for row in few] == [{"id", "content"}, {"id", "content"}]
    assert {row["post"] for row in comments(author, post=str(middle["post"]))} == {middle["post"]}
    child = next(row for row in everything if row["parent"])
    assert child["id"] in {row["id"] for row in comments(author, parent=str(child["parent"]))}
    assert all("violin" in row["content"]["rendered"] for row in comments(author, search="violin"))
    assert {row["author_name"] for row in comments(author, author="1")} == {"Alex Moran"}
    assert author.get("comments", params={"page": "99"}).json() == []
    assert author.get("posts", params={"page": "99"}).json()["code"] == "rest_post_invalid_page_number"
    for wrong in ({"per_page": "101"}, {"per_page": "x"}, {"orderby": "luck"}, {"after": "soon"}):
        assert author.get("comments", params=wrong).json()["code"] == "rest_invalid_param"
    assert author.get("nothing").json()["code"] == "rest_no_route"


def test_threads_go_five_deep_and_lead_to_their_post(author: httpx.Client, visitor: httpx.Client) -> None:
    rows = {row["id"]: row for row in comments(author, post=str(post_id(author, "enough")))}

    def depth(row: dict[str, Any]) -> int:
        return 1 + (depth(rows[row["parent"]]) if row["parent"] else 0)

    deepest = max(rows.values(), key=depth)
    assert depth(deepest) == 5
    up = visitor.get(deepest["_links"]["up"][0]["href"]).json()
    assert up["title"]["rendered"] == "A timer that only says enough"
    page, _, anchor = deepest["link"].partition("#")
    assert f'id="{anchor}"' in visitor.get(page).text


def test_a_reply_is_kept_once(author: httpx.Client, visitor: httpx.Client) -> None:
    question = comments(author, search="each tmux session")[0]
    reply = {"post": question["post"], "parent": question["id"], "content": "One file <b>each</b>.\n\nBy <script>name."}
    made = author.post("comments", json=reply)
    assert made.status_code == 201
    assert visitor.get(made.headers["location"]).json()["id"] == made.json()["id"]
    assert made.json()["parent"] == question["id"]
    assert made.json()["author"] == 1
    assert made.json()["content"]["rendered"] == "<p>One file <b>each</b>.</p>\n<p>By &lt;script>name.</p>\n"
    again = author.post("comments", json=reply)
    assert (again.status_code, again.json()["code"]) == (409, "comment_duplicate")
    assert author.post("comments", data={k: str(v) for k, v in reply.items()}).status_code == 409


def test_a_comment_that_cannot_be_is_refused(author: httpx.Client) -> None:
    open_, closed = post_id(author, "hush-2"), post_id(author, "why-small-tools")
    cases: list[tuple[dict[str, object], int, str]] = [
        ({"post": closed, "content": "hi"}, 403, "rest_comment_closed"),
        ({"post": 1, "content": "hi"}, 403, "rest_comment_invalid_post_id"),
        ({"post": open_, "content": "  "}, 400, "rest_comment_content_invalid"),
        ({"post": open_, "content": "x" * 70_000}, 400, "comment_content_column_length"),
    ]
    for body, status, code in cases:
        answer = author.post("comments", json=body)
        assert (answer.status_code, answer.json()["code"], answer.json()["data"]["status"]) == (status, code, status)
    broken = author.post("comments", content=b"{", headers={"Content-Type": "application/json"})
    assert broken.json()["code"] == "rest_invalid_json"


def test_moderation_moves_a_comment_where_it_belongs(author: httpx.Client, visitor: httpx.Client) -> None:
    spam = next(row for row in comments(author, status="hold") if "Clocks" in row["author_name"])
    where = f"comments/{spam['id']}"
    assert visitor.get(f"/blog/wp-json/wp/v2/{where}").status_code == 401
    assert author.post(where, json={"status": "spam"}).json()["status"] == "spam"
    assert author.post(where, json={"status": "unspam"}).json()["status"] == "hold"
    assert author.post(where, json={"status": "approve"}).json()["status"] == "approved"
    assert visitor.get(f"/blog/wp-json/wp/v2/{where}").status_code == 200
    assert author.delete(where).json()["status"] == "trash"
    assert (author.delete(where).status_code, author.delete(where).json()["code"]) == (410, "rest_already_trashed")
    assert author.post(where, json={"status": "untrash"}).json()["status"] == "approved"
    assert author.post(where, json={"content": "edited"}).json()["content"]["raw"] == "edited"
    gone = author.delete(where, params={"force": "true"}).json()
    assert gone["deleted"] is True
    assert gone["previous"]["id"] == spam["id"]
    assert author.get(where).json()["code"] == "rest_comment_invalid_id"
