"""What an answer of a platform proves about an act, and what may be done next. Everything here is pure."""

import json
from collections.abc import Mapping

from community import clock
from community.asides import without_asides
from community.errors import (
    AuthExpired,
    Gone,
    KithError,
    NotSupported,
    RateLimited,
    Rejected,
    StorageError,
    Unreachable,
)
from community.model import OutboxRow
from community.secrets import SecretError
from community.sources.base import Act, Author, ItemKind, Outgoing, Repeat, Target
from community.text import Clean, clean_line
from storage.rows import ItemTarget

RETRY_S = (10, 60, 300, 1800, 7200)
"""When an act that surely had no effect is tried again; after the last it is given back."""
_REPEAT_WITHIN_S = 30 * 60
_SLOW_SERVER_S = 60


def proves_no_effect(error: Exception) -> bool:
    """Whether what a first attempt met proves that it had no effect."""
    if isinstance(error, Unreachable):
        return not error.maybe_done
    if isinstance(error, Rejected):
        return error.status != 409
    return isinstance(error, RateLimited | AuthExpired | Gone | NotSupported)


def may_repeat(row: OutboxRow, repeat: Repeat, uptime: str) -> bool:
    """Whether a second request may leave without the user's word, after two looks found nothing.

    Servers forget a key after an hour of their own time, so ours is not taken from a clock that can be set.
    """
    if row.looks < 1:
        return False
    if repeat is Repeat.FREELY:
        return row.attempt < len(RETRY_S)
    is_first = row.started_at == row.first_tried_at
    since = clock.between(row.first_tried_up, uptime)
    if repeat is not Repeat.SAME_KEY or not is_first or since is None:
        return False
    return _SLOW_SERVER_S < since <= _REPEAT_WITHIN_S


def sentence(error: Exception, otherwise: str) -> Clean:
    """An expected error's own words; those of others are for the log."""
    return clean_line(str(error) if isinstance(error, KithError | SecretError | StorageError) else otherwise)


def outgoing_of(row: OutboxRow, target: ItemTarget) -> Outgoing:
    """The act as the adapter sees it; what is for the user alone is in no text of it."""
    return Outgoing(
        act=Act(row.act),
        target=target_of(target),
        text=without_asides(row.text),
        key=row.key,
        attempt=row.attempt,
        first_tried_at=row.first_tried_at or row.updated_at,
        body=_body(row.body),
    )


def target_of(row: ItemTarget) -> Target:
    """An item as the adapter sees it. What was stored is clean."""
    return Target(
        remote_id=row.remote_id,
        thread=row.thread,
        parent_id=row.parent_remote_id,
        kind=ItemKind(row.kind),
        author=Author(row.network, row.key, Clean(row.handle), Clean(row.name), row.author_url, is_me=bool(row.is_me)),
        permalink=row.permalink,
        subject_url=row.subject_url,
        extra=json.loads(row.extra),
    )


def _body(text: str | None) -> Mapping[str, object]:
    found = json.loads(text) if text else {}
    return found if isinstance(found, dict) else {}
