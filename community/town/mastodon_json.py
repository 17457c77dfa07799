"""The fediverse server's entities as JSON, as the user sees them."""

import math
from datetime import UTC, datetime
from html import escape
from typing import Any

from community.town.markup import hashtags, mentioned, status_html
from community.town.records import Notice, Person, Status
from community.town.state import State

APPLICATION = {"name": "Web", "website": None}


def stamp(at: int) -> str:
    """A moment with milliseconds, as the API writes it."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def account(state: State, person: Person) -> dict[str, Any]:
    """Somebody's account."""
    where = state.addresses
    theirs = [status for status in state.statuses.all() if status.author.key == person.key]
    newest = max((status.at for status in theirs), default=None)
    me = person.key == state.people.me.key
    number = int(person.account_id) % 61
    return {
        "id": person.account_id,
        "username": person.username,
        "acct": person.handle,
        "display_name": person.name,
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": True,
        "group": False,
        "created_at": stamp(_midnight(state.ago(f"{400 + number * 9}d"))),
        "note": f"<p>{escape(person.about, quote=False)}</p>",
        "url": where.profile(person),
        "uri": where.actor(person),
        "avatar": where.portrait(person.key),
        "avatar_static": where.portrait(person.key),
        "header": where.portrait("town"),
        "header_static": where.portrait("town"),
        "followers_count": len(state.followers) if me else 20 + number,
        "following_count": len(state.following) if me else 30 + number,
        "statuses_count": len(theirs),
        "last_status_at": None if newest is None else stamp(newest)[:10],
        "emojis": [],
        "roles": [],
        "fields": _fields(state, person),
    }


def own_account(state: State) -> dict[str, Any]:
    """The user's account, with what only its owner is told."""
    me = state.people.me
    source = {
        "privacy": "public",
        "sensitive": False,
        "language": "en",
        "note": me.about,
        "fields": [{"name": "Blog", "value": state.addresses.blog, "verified_at": None}],
        "follow_requests_count": 0,
        "hide_collections": False,
        "discoverable": True,
        "indexable": True,
        "attribution_domains": [],
        "quote_policy": "public",
    }
    role = {"id": "-99", "name": "", "permissions": "65536", "color": "", "highlighted": False}
    return account(state, me) | {"source": source, "role": role}


def status(state: State, row: Status, *, inside: bool = True) -> dict[str, Any]:
    """A status; `inside` adds what the user did with it."""
    where, me = state.addresses, state.people.me
    resolve = state.resolver(row.author)
    parent = state.statuses.get(row.reply_to)
    original = state.statuses.get(row.reblog_of)
    whole: dict[str, Any] = {
        "id": row.id,
        "created_at": stamp(row.at),
        "in_reply_to_id": row.reply_to,
        "in_reply_to_account_id": parent.author.account_id if parent else None,
        "sensitive": row.sensitive,
        "spoiler_text": row.spoiler,
        "visibility": row.visibility,
        "language": row.language,
        "uri": where.object(row),
        "url": where.status(row),
        "replies_count": sum(other.reply_to == row.id for other in state.statuses.all()),
        "reblogs_count": len(row.reblogged_by),
        "favourites_count": len(row.favourited_by),
        "quotes_count": 0,
        "edited_at": None if row.edited_at is None else stamp(row.edited_at),
        "content": "" if original else html(state, row.author, row.text),
        "reblog": status(state, original, inside=inside) if original else None,
        "account": account(state, row.author),
        "media_attachments": [],
        "mentions": [_mention(state, person) for person in mentioned(row.text, resolve)],
        "tags": [{"name": name, "url": where.tag(name)} for name in hashtags(row.text)],
        "emojis": [],
        "card": None,
        "poll": None,
        "quote": None,
        "quote_approval": {"automatic": ["public"], "manual": [], "current_user": "automatic"},
    }
    if row.author.key == me.key:
        whole["application"] = APPLICATION
    if inside:
        whole |= {
            "favourited": me.key in row.favourited_by,
            "reblogged": me.key in row.reblogged_by,
            "bookmarked": row.bookmarked,
            "muted": False,
            "filtered": [],
        }
        if row.author.key == me.key:
            whole["pinned"] = False
    return whole


def html(state: State, author: Person, text: str) -> str:
    """A status's text as HTML."""
    return status_html(text, resolve=state.resolver(author), profile=state.addresses.profile, tag=state.addresses.tag)


def notification(state: State, notice: Notice) -> dict[str, Any]:
    """One notification."""
    whole = {
        "id": notice.id,
        "type": notice.kind,
        "created_at": stamp(notice.at),
        "group_key": f"ungrouped-{notice.id}",
        "account": account(state, notice.author),
    }
    row = state.statuses.get(notice.status_id)
    if row is not None:
        whole["status"] = status(state, row)
    return whole


def group(row: dict[str, Any]) -> dict[str, Any]:
    """A notification as a group of one."""
    whole = {
        "group_key": row["group_key"],
        "notifications_count": 1,
        "type": row["type"],
        "most_recent_notification_id": int(row["id"]),
        "page_min_id": row["id"],
        "page_max_id": row["id"],
        "latest_page_notification_at": row["created_at"],
        "sample_account_ids": [row["account"]["id"]],
    }
    return whole | ({"status_id": row["status"]["id"]} if "status" in row else {})


def conversation(state: State, newest: Status) -> dict[str, Any]:
    """A direct conversation, known by its newest status."""
    me = state.people.me
    whole = [*state.statuses.ancestors(newest), newest]
    others = {row.author.key: row.author for row in whole if row.author.key != me.key}
    return {
        "id": newest.id,
        "unread": newest.author.key != me.key,
        "accounts": [account(state, person) for person in others.values()],
        "last_status": status(state, newest),
    }


def relationship(state: State, person: Person) -> dict[str, Any]:
    """How the user and somebody stand to each other."""
    no = dict.fromkeys(
        ("muting", "muting_notifications", "blocking", "blocked_by", "domain_blocking", "requested", "requested_by"),
        False,
    )
    following = person.key in state.following
    return no | {
        "id": person.account_id,
        "following": following,
        "followed_by": person.key in state.followers,
        "showing_reblogs": following,
        "notifying": False,
        "endorsed": False,
        "languages": None,
        "note": str(state.marks.get(f"note {person.key}", "")),
    }


def source(row: Status) -> dict[str, str]:
    """What a status's author typed."""
    return {"id": row.id, "text": row.text, "spoiler_text": row.spoiler}


def versions(state: State, row: Status) -> list[dict[str, Any]]:
    """Every wording a status ever had, oldest first."""
    wordings = [*row.earlier, (row.text, row.edited_at or row.at)]
    return [
        {
            "content": html(state, row.author, text),
            "spoiler_text": row.spoiler,
            "sensitive": row.sensitive,
            "created_at": stamp(at),
            "account": account(state, row.author),
            "media_attachments": [],
            "emojis": [],
        }
        for text, at in wordings
    ]


def _mention(state: State, person: Person) -> dict[str, str]:
    return {
        "id": person.account_id,
        "username": person.username,
        "url": state.addresses.profile(person),
        "acct": person.handle,
    }


def _fields(state: State, person: Person) -> list[dict[str, Any]]:
    site = state.addresses.blog if person.key == state.people.me.key else person.site
    if not site:
        return []
    shown = site.partition("://")[2].rstrip("/")
    value = (
        f'<a href="{site}" target="_blank" rel="nofollow noopener me" translate="no">'
        f'<span class="invisible">{site.partition("://")[0]}://</span><span class="">{shown}</span></a>'
    )
    ours = site.startswith(state.addresses.base)
    return [{"name": "Blog", "value": value, "verified_at": stamp(state.ago("200d")) if ours else None}]


def _midnight(at: int) -> int:
    return math.floor(at / 86_400) * 86_400
