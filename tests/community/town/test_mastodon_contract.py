"""What the fediverse server answers, held against the published contract."""

import json
import os
from functools import cache
from pathlib import Path
from typing import Any

import httpx
import pytest
from openapi_schema_validator import OAS31Validator

CONTRACT = Path(os.environ.get("KITH_CONTRACTS", Path(__file__).parents[4] / "shared" / "contracts"))
CONTRACT = CONTRACT / "mastodon" / "openapi.json"

pytestmark = pytest.mark.skipif(not CONTRACT.exists(), reason="the shared contracts are not here")


@cache
def _contract() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(CONTRACT.read_text(encoding="utf-8"))
    return whole


def assert_is(name: str, answer: httpx.Response, *, many: bool = False) -> Any:
    """Fail unless the answer is an entity of that name, or a list of them."""
    assert answer.status_code == 200, answer.text
    entity = {"$ref": f"#/components/schemas/{name}"}
    schema = {"type": "array", "minItems": 1, "items": entity} if many else entity
    checker = OAS31Validator.FORMAT_CHECKER
    found = OAS31Validator({**schema, "components": _contract()["components"]}, format_checker=checker)
    wrong = [f"{'/'.join(map(str, error.path))}: {error.message}" for error in found.iter_errors(answer.json())]
    assert not wrong, wrong[:5]
    return answer.json()


def test_what_is_read_has_the_published_shape(account: httpx.Client) -> None:
    get = account.get
    me = assert_is("CredentialAccount", get("/api/v1/accounts/verify_credentials"))
    assert_is("Instance", get("/api/v2/instance"))
    assert_is("V1Instance", get("/api/v1/instance"))
    assert_is("DiscoverOauthServerConfigurationResponse", get("/.well-known/oauth-authorization-server"))
    notes = assert_is("Notification", get("/api/v1/notifications", params={"limit": "80"}), many=True)
    assert_is("Notification", get(f"/api/v1/notifications/{notes[0]['id']}"))
    assert_is("GroupedNotificationsResults", get("/api/v2/notifications"))
    assert_is("Account", get("/api/v1/accounts/lookup", params={"acct": "ravi@foss.example"}))
    assert_is("Account", get(f"/api/v1/accounts/{me['id']}"))
    mine = assert_is("Status", get(f"/api/v1/accounts/{me['id']}/statuses"), many=True)
    assert_is("Status", get("/api/v1/timelines/home", params={"limit": "40"}), many=True)
    assert_is("Status", get("/api/v1/statuses", params={"id[]": [row["id"] for row in mine]}), many=True)
    assert_is("Context", get(f"/api/v1/statuses/{mine[-1]['id']}/context"))
    assert_is("StatusEdit", get(f"/api/v1/statuses/{mine[0]['id']}/history"), many=True)
    assert_is("StatusSource", get(f"/api/v1/statuses/{mine[0]['id']}/source"))
    people = [note["account"]["id"] for note in notes[:5]]
    assert_is("Relationship", get("/api/v1/accounts/relationships", params={"id[]": people}), many=True)
    assert_is("Search", get("/api/v2/search", params={"q": mine[0]["url"], "resolve": "true"}))
    assert_is("Conversation", get("/api/v1/conversations"), many=True)


def test_what_is_written_has_the_published_shape(account: httpx.Client) -> None:
    made = assert_is("Status", account.post("/api/v1/statuses", data={"status": "good night #rss"}))
    where = f"/api/v1/statuses/{made['id']}"
    for name in ("favourite", "unfavourite", "bookmark", "unbookmark", "reblog", "unreblog"):
        assert_is("Status", account.post(f"{where}/{name}"))
    assert_is("Status", account.put(where, json={"status": "good morning"}))
    assert_is("Status", account.delete(where))
    marks = account.post("/api/v1/markers", json={"notifications": {"last_read_id": "520"}})
    assert_is("Marker", httpx.Response(200, json=marks.json()["notifications"]))
    form = {"client_name": "kith", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob", "scopes": "read"}
    app = assert_is("CredentialApplication", account.post("/api/v1/apps", data=form))
    form = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    assert_is("Token", account.post("/oauth/token", data=form))
    assert_is("Error", httpx.Response(200, json=account.get(where).json()))
