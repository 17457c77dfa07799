"""What the fediverse server says about itself, and how its people are found by handle."""

from typing import Any

from community.town.exchange import Request, Response, json_answer
from community.town.mastodon_json import account
from community.town.state import State

VERSION = "4.4.8"
MAX_CHARS = 500
_FAMILIES = {
    "read": "accounts blocks bookmarks favourites filters follows lists mutes notifications search statuses",
    "write": "accounts blocks bookmarks conversations favourites filters follows lists media mutes notifications "
    "reports statuses",
}
SCOPES = [
    *(
        scope
        for family, parts in _FAMILIES.items()
        for scope in (family, *(f"{family}:{part}" for part in parts.split()))
    ),
    "follow",
    "push",
    "profile",
]
_TITLE = "The town square"
_ABOUT = "A very small server for the people of a very small town."
_MEDIA: dict[str, Any] = {
    "supported_mime_types": ["image/png", "image/jpeg"],
    "image_size_limit": 16_777_216,
    "image_matrix_limit": 33_177_600,
    "video_size_limit": 103_809_024,
    "video_frame_rate_limit": 120,
    "video_matrix_limit": 8_294_400,
    "description_limit": 1500,
}
_POLLS = {"max_options": 4, "max_characters_per_option": 50, "min_expiration": 300, "max_expiration": 2_629_746}


def instance(state: State, request: Request) -> Response:
    """The server, in the newer form or the older one."""
    return json_answer(_newer(state) if request.path.startswith("/api/v2") else _older(state))


def discovery(state: State, request: Request) -> Response | None:
    """Answers under `/.well-known/` and `/nodeinfo/`; None for what the server does not know."""
    base = state.addresses.base
    if request.path == "/.well-known/webfinger":
        return _webfinger(state, request)
    if request.path == "/.well-known/host-meta":
        link = f'<Link rel="lrdd" template="{base}/.well-known/webfinger?resource={{uri}}"/>'
        xrd = f'<XRD xmlns="http://docs.oasis-open.org/ns/xri/xrd-1.0">{link}</XRD>'
        return Response(200, "application/xrd+xml; charset=utf-8", xrd.encode())
    known = {
        "/.well-known/oauth-authorization-server": _oauth,
        "/.well-known/nodeinfo": _nodeinfo_links,
        "/nodeinfo/2.0": _nodeinfo,
    }
    return json_answer(known[request.path](state)) if request.path in known else None


def _webfinger(state: State, request: Request) -> Response:
    resource = request.query.get("resource")
    if resource.startswith("acct:"):
        user, _, home = resource.removeprefix("acct:").removeprefix("@").partition("@")
        person = state.people.by_handle(user, home)
    else:
        person = next((one for one in state.people.accounts() if state.addresses.profile(one) == resource), None)
    if person is None or person.home:
        return Response(404 if resource else 400, "text/plain; charset=utf-8", b"")
    where = state.addresses
    links = [
        {"rel": "http://webfinger.net/rel/profile-page", "type": "text/html", "href": where.profile(person)},
        {"rel": "self", "type": "application/activity+json", "href": where.actor(person)},
        {
            "rel": "http://ostatus.org/schema/1.0/subscribe",
            "template": f"{where.base}/authorize_interaction?uri={{uri}}",
        },
    ]
    card = {
        "subject": f"acct:{person.username}@{where.host}",
        "aliases": [where.profile(person), where.actor(person)],
        "links": links,
    }
    answer = json_answer(card)
    return Response(200, "application/jrd+json; charset=utf-8", answer.body)


def _configuration(state: State) -> dict[str, Any]:
    return {
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {"max_characters": MAX_CHARS, "max_media_attachments": 4, "characters_reserved_per_url": 23},
        "media_attachments": _MEDIA,
        "polls": _POLLS,
        "translation": {"enabled": False},
        "urls": {"streaming": _streaming(state), "status": None, "about": state.addresses.base},
        "vapid": {"public_key": ""},
    }


def _newer(state: State) -> dict[str, Any]:
    picture = state.addresses.portrait("town")
    return {
        "domain": state.addresses.host,
        "title": _TITLE,
        "version": VERSION,
        "source_url": "https://github.com/mastodon/mastodon",
        "description": _ABOUT,
        "usage": {"users": {"active_month": len(state.people.accounts())}},
        "thumbnail": {"url": picture},
        "icon": [{"src": picture, "size": "48x48"}],
        "languages": ["en"],
        "configuration": _configuration(state),
        "registrations": {"enabled": False, "approval_required": False, "message": None, "url": None},
        "api_versions": {"mastodon": 6},
        "contact": {"email": state.people.me.mail, "account": account(state, state.people.me)},
        "rules": [{"id": "1", "text": "Be a neighbour.", "hint": ""}],
    }


def _older(state: State) -> dict[str, Any]:
    counts = {"user_count": len(state.people.accounts()), "status_count": len(state.statuses.all()), "domain_count": 3}
    return {
        "uri": state.addresses.host,
        "title": _TITLE,
        "short_description": _ABOUT,
        "description": _ABOUT,
        "email": state.people.me.mail,
        "version": VERSION,
        "urls": {"streaming_api": _streaming(state)},
        "stats": counts,
        "thumbnail": state.addresses.portrait("town"),
        "languages": ["en"],
        "registrations": False,
        "approval_required": False,
        "invites_enabled": False,
        "configuration": _configuration(state),
        "contact_account": account(state, state.people.me),
        "rules": [{"id": "1", "text": "Be a neighbour.", "hint": ""}],
    }


def _oauth(state: State) -> dict[str, Any]:
    base = state.addresses.base
    return {
        "issuer": f"{base}/",
        "service_documentation": "https://docs.joinmastodon.org/",
        "authorization_endpoint": f"{base}/oauth/authorize",
        "token_endpoint": f"{base}/oauth/token",
        "app_registration_endpoint": f"{base}/api/v1/apps",
        "revocation_endpoint": f"{base}/oauth/revoke",
        "userinfo_endpoint": f"{base}/oauth/userinfo",
        "scopes_supported": SCOPES,
        "response_types_supported": ["code"],
        "response_modes_supported": ["query", "fragment", "form_post"],
        "grant_types_supported": ["authorization_code", "client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "code_challenge_methods_supported": ["S256"],
    }


def _nodeinfo_links(state: State) -> dict[str, Any]:
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return {"links": [{"rel": rel, "href": f"{state.addresses.base}/nodeinfo/2.0"}]}


def _nodeinfo(state: State) -> dict[str, Any]:
    count = len(state.people.accounts())
    users = {"total": count, "activeMonth": count, "activeHalfyear": count}
    return {
        "version": "2.0",
        "software": {"name": "mastodon", "version": VERSION},
        "protocols": ["activitypub"],
        "services": {"outbound": [], "inbound": []},
        "usage": {"users": users, "localPosts": len(state.statuses.all())},
        "openRegistrations": False,
        "metadata": {"nodeName": _TITLE, "nodeDescription": _ABOUT},
    }


def _streaming(state: State) -> str:
    return f"ws://{state.addresses.host}"
