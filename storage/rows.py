"""One named tuple per table, and what is read for a decision. Times are UTC epoch seconds, None where it never was.

They are tuples because SQLite gives tuples: a row costs nothing to make, and a class a fifth of what a dataclass does.
"""

from typing import NamedTuple


class Source(NamedTuple):
    """One place Kith listens to. `options` is a JSON object only its adapter reads; `allow_hosts` is space-separated.

    `person_id` is the person whose own it is, as the user says.
    """

    id: int
    kind: str
    name: str
    address: str
    account: str
    me: str
    is_mine: int
    options: str
    allow_hosts: str
    cursor: str | None
    state: str
    health: str
    health_text: str
    failures: int
    syncing_at: int | None
    checked_at: int | None
    succeeded_at: int | None
    next_check_at: int
    backlog_done_at: int | None
    created_at: int
    person_id: int | None = None


class Person(NamedTuple):
    """A human with one or more identities.

    `cadence_s` (the ideal) and `cadence_max_s` are their own, `pace_s` and `pace_max_s` what holds: their own, else the
    strictest of their tags. `suggested` is a stage nearer to me that was earned since the last word on it, which is
    `stage_at` when it was changed, and `stage_kept_at` when a suggestion was refused.
    """

    id: int
    name: str
    stage: str
    stage_at: int | None
    created_at: int
    first_contact_at: int | None
    last_incoming_at: int | None
    last_outgoing_at: int | None
    last_contact_at: int | None
    cadence_s: int | None
    cadence_max_s: int | None
    pace_s: int | None
    pace_max_s: int | None
    resting_at: int | None
    suggested: str | None
    stage_kept_at: int | None
    forgotten_at: int | None


class Identity(NamedTuple):
    """One handle on one platform. `links` is a JSON list of [address, whether it is proved to be theirs]."""

    id: int
    person_id: int
    network: str
    key: str
    handle: str
    name: str
    url: str | None
    email_hash: str | None
    links: str
    is_me: int


class ConversationState(NamedTuple):
    """The stored facts of a conversation that attention is derived from, and what a local action may change."""

    id: int
    source_id: int
    title: str
    attention: str
    last_item_id: int
    seen_item_id: int
    done_at: int | None
    done_item_id: int | None
    snoozed_until: int | None
    snoozed_item_id: int | None
    woken_at: int | None
    resting_at: int | None
    resting_item_id: int | None
    muted_at: int | None
    starred_at: int | None
    remind_at: int | None


class Fact(NamedTuple):
    """What attention needs to know of one item. `id` is the order of arrival here."""

    id: int
    remote_id: str
    parent_remote_id: str | None
    author_id: int
    person_id: int
    mine: int
    to_me: int
    status: str
    kind: str
    created_at: int
    fetched_at: int
    answers_item_id: int | None
    text: str
    to_id: int | None = None


class Item(NamedTuple):
    """One thing somebody wrote, with its author."""

    id: int
    source_id: int
    conversation_id: int
    remote_id: str
    parent_remote_id: str | None
    kind: str
    status: str
    to_me: int
    mine: int
    title: str
    text: str
    permalink: str | None
    created_at: int
    edited_at: int | None
    author_id: int
    person_id: int
    handle: str
    name: str
    url: str | None
    stage: str


class Node(NamedTuple):
    """What of an item decides where it stands in its thread, and whether it waits for an answer."""

    id: int
    remote_id: str
    parent_remote_id: str | None
    created_at: int
    mine: int
    to_me: int
    status: str


class FreshItem(NamedTuple):
    """An item that has just come in, with everything a hook is told of it."""

    id: int
    conversation_id: int
    source_id: int
    source_kind: str
    source_name: str
    kind: str
    status: str
    to_me: int
    title: str
    text: str
    permalink: str | None
    conversation_title: str
    subject: str
    subject_url: str | None
    attention: str
    person_id: int
    handle: str
    name: str
    url: str | None
    stage: str
    created_at: int


class ItemTarget(NamedTuple):
    """What an adapter needs to know of an item to act on it. `extra` is the adapter's own JSON object."""

    id: int
    source_id: int
    conversation_id: int
    remote_id: str
    thread: str
    parent_remote_id: str | None
    kind: str
    permalink: str | None
    subject_url: str | None
    extra: str
    network: str
    key: str
    handle: str
    name: str
    author_url: str | None
    is_me: int
    mine: int
    status: str


class Note(NamedTuple):
    """What I wrote down about a person."""

    id: int
    person_id: int
    text: str
    at: int


class StageChange(NamedTuple):
    """A step of a person, nearer or farther, and why it was taken."""

    id: int
    person_id: int
    before: str
    after: str
    why: str
    at: int


class Evidence(NamedTuple):
    """One thing between a person and me: "wrote" on a network, "answered", or what was logged, with its direction."""

    person_id: int
    what: str
    detail: str
    at: int


class TagCadence(NamedTuple):
    """How often I want to be in touch with everybody of a tag."""

    tag: str
    cadence_s: int
    cadence_max_s: int
    people: int


class Promise(NamedTuple):
    """Something I said I would do."""

    id: int
    person_id: int
    person_name: str
    conversation_id: int | None
    text: str
    due_at: int | None
    created_at: int
    kept_at: int | None


class SavedView(NamedTuple):
    """A query with a name, a view of the inbox."""

    name: str
    query: str
    position: int


class JournalEntry(NamedTuple):
    """One undoable local action. `changes` is a JSON list of before and after images."""

    id: int
    action: str
    label: str
    changes: str
    at: int
    undone_at: int | None


class Named(NamedTuple):
    """An id and what it is called."""

    id: int
    name: str


class Due(NamedTuple):
    """Whether something is due for people, and for items; see `storage.derived`."""

    people: int
    items: int


class Number(NamedTuple):
    """A single count."""

    n: int
