"""The fediverse server, talked to the way Mastodon is talked to."""

import base64
import hashlib
import re
from typing import Any

import httpx
import pytest

from community.town import Town

OOB = "urn:ietf:wg:oauth:2.0:oob"


def status_with(client: httpx.Client, words: str) -> dict[str, Any]:
    """The status behind the mention that holds certain words."""
    notes = client.get("/api/v1/notifications", params={"types[]": "mention", "limit": "80"}).json()
    found: dict[str, Any] = next(note["status"] for note in notes if words in note["status"]["content"])
    return found


def test_a_stranger_gets_in_through_the_front_door(visitor: httpx.Client) -> None:
    doors = visitor.get("/.well-known/oauth-authorization-server").json()
    form = {"client_name": "kith", "redirect_uris": OOB, "scopes": "read write:statuses"}
    app = visitor.post(doors["app_registration_endpoint"], data=form).json()
    verifier = "v" * 50
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": OOB, "scope": "read"}
    asked |= {"code_challenge": challenge, "code_challenge_method": "S256"}
    page = visitor.get(doors["authorization_endpoint"], params=asked).text
    code = re.search(r"<code>([\w-]+)</code>", page)
    assert code
    proof = {"grant_type": "authorization_code", "code": code[1], "redirect_uri": OOB, "code_verifier": verifier}
    proof |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    token = visitor.post(doors["token_endpoint"], data=proof).json()
    assert token["scope"] == "read"
    mine = {"Authorization": f"Bearer {token['access_token']}"}
    assert visitor.get("/api/v1/accounts/verify_credentials", headers=mine).json()["acct"] == "alex"
    assert visitor.post("/api/v1/statuses", data={"status": "x"}, headers=mine).status_code == 403
    assert visitor.post(doors["token_endpoint"], data=proof).json()["error"] == "invalid_grant"
    away = {key: proof[key] for key in ("client_id", "client_secret")} | {"token": token["access_token"]}
    for _ in range(2):
        assert visitor.post(doors["revocation_endpoint"], data=away).status_code == 200
    refused = visitor.get("/api/v1/accounts/verify_credentials", headers=mine)
    assert (refused.status_code, refused.json()) == (401, {"error": "The access token is invalid"})


def test_a_code_needs_its_proof_and_its_own_redirect(visitor: httpx.Client) -> None:
    form = {"client_name": "kith", "redirect_uris": f"{OOB} http://127.0.0.1:9/back", "scopes": "read"}
    app = visitor.post("/api/v1/apps", json=form).json()
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": "http://127.0.0.1:9/back"}
    back = visitor.get("/oauth/authorize", params={**asked, "code_challenge": "no", "state": "s"})
    assert back.status_code == 302
    found = httpx.URL(back.headers["location"])
    assert found.params["state"] == "s"
    proof = {"grant_type": "authorization_code", "code": found.params["code"], "code_verifier": "x"}
    proof |= {"client_id": app["client_id"], "client_secret": app["client_secret"]}
    proof["redirect_uri"] = "http://127.0.0.1:9/back"
    assert visitor.post("/oauth/token", data=proof).json()["error"] == "invalid_grant"
    assert visitor.get("/oauth/authorize", params={**asked, "redirect_uri": "http://evil.example/"}).status_code == 400
    assert visitor.get("/oauth/authorize", params={**asked, "scope": "write"}).status_code == 400
    assert visitor.post("/api/v1/apps", data={"client_name": "", "redirect_uris": OOB}).status_code == 422
    assert visitor.post("/oauth/token", data={**proof, "client_secret": "no"}).json()["error"] == "invalid_client"


def test_people_are_found_by_handle(town: Town, visitor: httpx.Client) -> None:
    host = town.base_url.removeprefix("http://")
    card = visitor.get("/.well-known/webfinger", params={"resource": f"acct:ines@{host}"}).json()
    assert card["subject"] == f"acct:ines@{host}"
    profile = next(link["href"] for link in card["links"] if link["rel"].endswith("profile-page"))
    assert "Ines Duarte" in visitor.get(profile).text
    assert visitor.get("/.well-known/webfinger", params={"resource": f"acct:nobody@{host}"}).status_code == 404
    jon = visitor.get("/api/v1/accounts/lookup", params={"acct": "jon@workbench.example"}).json()
    assert f"{town.base_url}/jon/" in jon["fields"][0]["value"]
    assert f'<link rel="me" href="{jon["url"]}"' in visitor.get("/jon/").text
    node = visitor.get("/.well-known/nodeinfo").json()["links"][0]["href"]
    assert visitor.get(node).json()["software"]["name"] == "mastodon"


def test_notifications_come_in_pages_without_a_hole(account: httpx.Client) -> None:
    everything = account.get("/api/v1/notifications", params={"limit": "80"}).json()
    ids = [note["id"] for note in everything]
    assert ids == sorted(ids, key=int, reverse=True)
    assert len(ids) > 25
    upward: list[str] = []
    cursor = ids[-1]
    while page := account.get("/api/v1/notifications", params={"min_id": cursor, "limit": "4"}).json():
        upward += [note["id"] for note in reversed(page)]
        cursor = page[0]["id"]
    assert upward == ids[-2::-1]
    newest = account.get("/api/v1/notifications", params={"since_id": ids[-1], "limit": "4"})
    assert [note["id"] for note in newest.json()] == ids[:4]
    older = account.get(newest.links["next"]["url"]).json()
    assert older[0]["id"] == ids[4]
    assert account.get(newest.links["prev"]["url"]).json() == []
    mentions = account.get("/api/v1/notifications", params={"types[]": ["mention"], "limit": "80"}).json()
    others = account.get("/api/v1/notifications", params={"exclude_types[]": ["mention"], "limit": "80"}).json()
    assert {note["type"] for note in others} == {"favourite", "reblog", "follow"}
    assert len(mentions) + len(others) == len(ids)


def test_every_answer_says_how_much_patience_is_left(account: httpx.Client) -> None:
    first, second = (account.get("/api/v2/instance").headers for _ in range(2))
    assert int(second["x-ratelimit-remaining"]) == int(first["x-ratelimit-remaining"]) - 1
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:]+\.\d{6}Z", first["x-ratelimit-reset"])


def test_a_thread_has_siblings_on_both_sides(account: httpx.Client, visitor: httpx.Client) -> None:
    jon = status_with(account, "512 MB")
    context = account.get(f"/api/v1/statuses/{jon['id']}/context").json()
    assert [row["account"]["acct"] for row in context["ancestors"]] == ["alex"]
    assert {row["account"]["acct"] for row in context["descendants"]} == {"kemi", "noor"}
    assert {row["in_reply_to_id"] for row in context["descendants"]} == {jon["id"]}
    root = context["ancestors"][0]
    whole = account.get(f"/api/v1/statuses/{root['id']}/context").json()["descendants"]
    assert len(whole) == root["replies_count"] + 3
    assert root["content"].count("hashtag") == 2
    assert 'class="invisible">http://' in root["content"]
    several = account.get("/api/v1/statuses", params={"id[]": [jon["id"], "1", root["id"]]}).json()
    assert [row["id"] for row in several] == [jon["id"], root["id"]]
    assert "512 MB" in visitor.get(jon["url"]).text


def test_a_direct_message_is_for_two(account: httpx.Client, visitor: httpx.Client) -> None:
    direct = status_with(account, "Not for the public yet")
    assert direct["visibility"] == "direct"
    for address in (f"/api/v1/statuses/{direct['id']}", f"/api/v1/statuses/{direct['id']}/context", direct["url"]):
        assert visitor.get(address).status_code == 404
    theirs = visitor.get(f"/api/v1/accounts/{direct['account']['id']}/statuses").json()
    assert direct["id"] not in {row["id"] for row in theirs}
    assert account.get("/api/v1/conversations").json()[0]["last_status"]["id"] == direct["id"]


def test_a_status_is_posted_once_for_each_key(account: httpx.Client) -> None:
    body = {"status": "@noor one & two <3", "visibility": "unlisted", "spoiler_text": "soup"}
    first = account.post("/api/v1/statuses", json=body, headers={"Idempotency-Key": "k1"}).json()
    again = account.post("/api/v1/statuses", data={"status": "other"}, headers={"Idempotency-Key": "k1"}).json()
    other = account.post("/api/v1/statuses", data={"status": "other"}, headers={"Idempotency-Key": "k2"}).json()
    assert first["id"] == again["id"] != other["id"]
    assert (first["visibility"], first["spoiler_text"], first["sensitive"]) == ("unlisted", "soup", True)
    assert "one &amp; two &lt;3" in first["content"]
    assert first["mentions"][0]["acct"] == "noor"
    mine = account.get(f"/api/v1/accounts/{first['account']['id']}/statuses").json()
    assert [row["id"] for row in mine[:2]] == [other["id"], first["id"]]
    found = account.get("/api/v2/search", params={"q": first["url"], "resolve": "true", "type": "statuses"}).json()
    assert [row["id"] for row in found["statuses"]] == [first["id"]]


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"status": " "}, 422),
        ({"status": "x" * 501}, 422),
        ({"status": "x" * 490, "spoiler_text": "y" * 11}, 422),
        ({"status": "x", "in_reply_to_id": "1"}, 404),
        ({"status": "x", "visibility": "loud"}, 422),
        ({"status": "x" * 476 + " https://a.example/" + "y" * 90}, 200),
        ({"status": "@jon@workbench.example " + "x" * 495}, 200),
        ({"status": "👨‍👩‍👧" * 500}, 200),
    ],
)
def test_the_length_rule_is_the_servers_own(account: httpx.Client, form: dict[str, str], status: int) -> None:
    answer = account.post("/api/v1/statuses", data=form)
    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]


def test_an_edit_keeps_its_history_and_a_deletion_leaves_none(account: httpx.Client) -> None:
    made = account.post("/api/v1/statuses", data={"status": "frist"}).json()
    where = f"/api/v1/statuses/{made['id']}"
    assert account.put(where, data={"status": "first"}).json()["edited_at"]
    assert [row["content"] for row in account.get(f"{where}/history").json()] == ["<p>frist</p>", "<p>first</p>"]
    assert account.get(f"{where}/source").json()["text"] == "first"
    assert account.delete(where).json()["text"] == "first"
    assert account.get(where).json() == {"error": "Record not found"}
    theirs = status_with(account, "512 MB")
    assert account.delete(f"/api/v1/statuses/{theirs['id']}").status_code == 404


def test_touches_can_be_repeated_and_taken_back(account: httpx.Client) -> None:
    where = f"/api/v1/statuses/{status_with(account, '512 MB')['id']}"
    for _ in range(2):
        liked = account.post(f"{where}/favourite").json()
        assert (liked["favourited"], liked["favourites_count"]) == (True, 1)
        boost = account.post(f"{where}/reblog").json()
        assert (boost["reblog"]["reblogged"], boost["reblog"]["reblogs_count"]) == (True, 1)
    assert account.post(f"{where}/unfavourite").json()["favourites_count"] == 0
    assert account.post(f"{where}/unreblog").json()["reblogged"] is False
    assert account.get(f"/api/v1/statuses/{boost['id']}").status_code == 404
    assert account.post(f"{where}/bookmark").json()["bookmarked"] is True


def test_relationships_notes_and_marks_are_remembered(account: httpx.Client) -> None:
    ravi = status_with(account, "is the feed broken")["account"]["id"]
    noted = account.post(f"/api/v1/accounts/{ravi}/note", data={"comment": "packager"}).json()
    known = account.get("/api/v1/accounts/relationships", params={"id[]": [ravi]}).json()
    assert known == [noted]
    assert (noted["note"], noted["following"], noted["followed_by"]) == ("packager", True, True)
    assert account.get("/api/v1/markers").json() == {}
    assert account.get("/api/v1/notifications/unread_count").json()["count"] > 5
    newest = account.get("/api/v1/notifications").json()[0]["id"]
    account.post("/api/v1/markers", data={"notifications[last_read_id]": newest})
    marks = account.get("/api/v1/markers", params={"timeline[]": ["notifications"]}).json()
    assert marks["notifications"]["last_read_id"] == newest
    assert account.get("/api/v1/notifications/unread_count").json()["count"] == 0
