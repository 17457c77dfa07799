"""What a line of a list or a page shows: one named tuple for each sort. Times are as in `storage.rows`."""

from typing import NamedTuple


class PersonRow(NamedTuple):
    """A line of the People list. In a view of the community `why` is the reason, and `with_id` the other of a pair."""

    id: int
    name: str
    stage: str
    stage_at: int | None
    first_contact_at: int | None
    last_contact_at: int | None
    waiting: int
    networks: str
    tags: str
    handles: str
    why: str = ""
    with_id: int = 0


class HeldRow(NamedTuple):
    """One thing that is held on a person. `kind` names what it is; `place` where it was, or how it stands."""

    kind: str
    id: int
    at: int | None
    text: str
    place: str


class ConversationRow(NamedTuple):
    """A line of the inbox: the conversation with who leads it. `reasons` is a JSON list of [code, weight]."""

    id: int
    source_id: int
    source_name: str
    source_kind: str
    title: str
    subject: str
    subject_url: str | None
    attention: str
    rank: float
    reasons: str
    lead_id: int | None
    lead_name: str | None
    person_id: int | None
    stage: str | None
    waiting_since: int | None
    last_incoming_at: int | None
    last_outgoing_at: int | None
    last_item_at: int
    items: int
    last_item_id: int
    seen_item_id: int
    snoozed_until: int | None
    starred_at: int | None
    woken_at: int | None
    remind_at: int | None
    has_draft: int


class DeskRow(NamedTuple):
    """An item waiting for (or put away by) moderation on one of my own sites."""

    id: int
    conversation_id: int
    source_id: int
    source_name: str
    status: str
    text: str
    subject: str
    author_id: int
    person_id: int
    name: str
    handle: str
    url: str | None
    created_at: int
    pending_act: str | None


class ArticleRow(NamedTuple):
    """Something one of my people published. `last_visit_at` is when I last had contact with its author."""

    id: int
    conversation_id: int
    source_name: str
    title: str
    text: str
    permalink: str | None
    created_at: int
    person_id: int
    name: str
    stage: str
    last_contact_at: int | None
    attention: str
    is_new: int


class OutboxRow(NamedTuple):
    """A reply or another act on its way, with what it is about."""

    id: int
    act: str
    source_id: int
    source_name: str
    source_kind: str
    item_id: int
    conversation_id: int
    title: str
    to_name: str
    account: str
    text: str
    body: str | None
    key: str
    state: str
    attempt: int
    owner: str | None
    first_tried_at: int | None
    first_tried_up: str | None
    started_at: int | None
    not_before: int
    looks: int
    error: str
    note: str
    remote_id: str | None
    permalink: str | None
    remind_after_s: int | None
    only_if_silent: int
    created_at: int
    updated_at: int
    settled_at: int | None


class TimelineRow(NamedTuple):
    """One line between a person and me. `what` is incoming, outgoing, signal or one of what I wrote down.

    These are touchpoint, note, promise, stage and outcome.
    """

    what: str
    id: int
    at: int
    text: str
    kind: str
    source_name: str
    conversation_id: int | None


class OverduePerson(NamedTuple):
    """Somebody I wanted to be in touch with by `overdue_at`. `topic` is what they wrote about last, "" for nothing."""

    id: int
    name: str
    stage: str
    last_contact_at: int | None
    pace_s: int
    pace_max_s: int
    overdue_at: int
    topic: str


class Loop(NamedTuple):
    """Something open between a person and me: they wait ("waits"), I wait ("asked"), or I promised ("promise").

    `id` is that of the promise, else of the conversation. `since` is when it began, `due_at` when it wants me, None
    for a promise without a date; who waits is due from the beginning. `handles` are those of the person.
    """

    what: str
    id: int
    person_id: int | None
    person_name: str
    text: str
    since: int
    due_at: int | None
    conversation_id: int | None
    source_name: str
    handles: str = "[]"


class SearchHit(NamedTuple):
    """An item or a memo that was found. `snippet` marks the words between U+0002 and U+0003."""

    what: str
    id: int
    conversation_id: int | None
    person_id: int | None
    title: str
    who: str
    snippet: str
    at: int
