"""What leaves for a server that speaks the Mastodon API, and how its traces are known again (pure)."""

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from community.errors import Garbled
from community.sources.base import Act, Outgoing, Sent, Target
from community.sources.fields import Misshapen, child, identifier, link, moment, optional_identifier, string
from community.sources.mastodon_parse import Here, is_me, item_of
from community.text import clean_line, from_html, normalised

VERBS: Final[Mapping[Act, tuple[str, str]]] = {
    Act.LIKE: ("favourite", "favourited"),
    Act.BOOST: ("reblog", "reblogged"),
}
"""Act -> the last part of its path, and the field of a status that says it is done."""

_CLOCK_SKEW_S: Final = 120
_HOME: Final = re.compile(r"(@[\w.-]+)@[\w-]+(?:\.[\w-]+)*(?::\d+)?")


def others(target: Target) -> list[str]:
    """The handles of whom a status addresses besides me and its author, as they were stored."""
    try:
        found = json.loads(target.extra.get("mentions", "[]"))
    except ValueError:
        return []
    return [clean_line(each, limit=300) for each in found if isinstance(each, str)] if isinstance(found, list) else []


def written(handle: str, here: Here) -> str:
    """A handle as it is written in a text: a server whose name has a port understands its own people without it."""
    user, _, home = handle.lstrip("@").partition("@")
    return f"@{user}" if ":" in home and home == here.domain else f"@{user}@{home}"


def sent(status: dict[str, Any], outgoing: Outgoing, here: Here) -> Sent:
    """Proof of a reply: the status it became, in the thread of what it answers."""
    parent = {"account": {"id": here.account_id}} if outgoing.target.author.is_me else {}
    try:
        item = item_of(status, here, thread=outgoing.target.thread, parent=parent)
    except Misshapen:
        item = None
    return Sent(identifier(status, "id"), link(status, "url") or link(status, "uri"), item)


def touched(outgoing: Outgoing, status: Mapping[str, Any]) -> Sent:
    """A favourite has no id of its own: it is named after its status."""
    if not optional_identifier(status, "id"):
        raise Garbled("The server answered, but not with the status: look whether it took.")
    return Sent(f"{outgoing.target.remote_id}/{VERBS[outgoing.act][0]}", outgoing.target.permalink)


def is_trace(row: dict[str, Any], outgoing: Outgoing, here: Here) -> bool:
    """Whether a status is the reply we tried to send."""
    if not optional_identifier(row, "id") or not is_me(child(row, "account"), here):
        return False
    at = moment(row.get("created_at"))
    return (
        optional_identifier(row, "in_reply_to_id") == outgoing.target.remote_id
        and (at is None or at >= outgoing.first_tried_at - _CLOCK_SKEW_S)
        and _words(from_html(string(row, "content"), base=here.base)) == _words(str(outgoing.body.get("status", "")))
    )


def _words(text: str) -> str:
    """A text for comparison: servers shorten mentions, drop blanks and change quotes."""
    return "".join(_HOME.sub(r"\1", normalised(text)).split()).casefold()
