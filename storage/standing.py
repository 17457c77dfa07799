"""How everything stands, in a few numbers: what the frame of every screen says, and a status bar."""

from typing import NamedTuple

from storage.reader import Reader


class Counts(NamedTuple):
    """The numbers every screen shows."""

    waiting: int
    reading: int
    snoozed: int
    drafts: int
    queued: int
    by_hand: int
    failed: int
    uncertain: int
    pending: int


class Ill(NamedTuple):
    """A source that should be read and cannot be."""

    id: int
    kind: str
    name: str
    health: str
    health_text: str


class Heard(NamedTuple):
    """How listening stands: when a source was last read, how many are in use, how many are being read."""

    succeeded_at: int
    active: int
    syncing: int


class _Number(NamedTuple):
    n: int


_COUNTS = f"""
SELECT {
    ", ".join(
        f"(SELECT count(*) FROM (SELECT 1 FROM {what} LIMIT :at_most)) AS {name}"
        for name, what in (
            ("waiting", "conversation WHERE attention = 'waiting'"),
            ("reading", "conversation WHERE attention = 'reading'"),
            ("snoozed", "conversation WHERE attention = 'snoozed'"),
            ("drafts", "outbox WHERE state = 'draft'"),
            ("queued", "outbox WHERE state IN ('queued', 'sending')"),
            ("by_hand", "outbox WHERE state = 'by hand'"),
            ("failed", "outbox WHERE state = 'failed'"),
            ("uncertain", "outbox WHERE state = 'uncertain'"),
            (
                "pending",
                "item INDEXED BY item_desk WHERE status IN ('pending', 'spam', 'trash') AND status = 'pending'"
                " AND source_id NOT IN (SELECT id FROM source WHERE state = 'removed')",
            ),
        )
    )
}
"""


def counts(reader: Reader, *, at_most: int = -1) -> Counts:
    """The numbers every screen shows, each counted no further than `at_most` when that is not negative."""
    return reader.one(Counts, _COUNTS, at_most=at_most)


def unread(reader: Reader) -> int:
    """How many conversations that are not addressed to me hold something new: `is:reading is:new`."""
    sql = """
    SELECT count(*) AS n FROM conversation INDEXED BY conversation_new
    WHERE last_item_id > seen_item_id AND attention = 'reading'
    """
    return reader.one(_Number, sql).n


def sources(reader: Reader) -> int:
    """How many sources there are, without those that were removed."""
    return reader.one(_Number, "SELECT count(*) AS n FROM source WHERE state <> 'removed'").n


def listening(reader: Reader, *, since: int) -> Heard:
    """How listening stands; whoever began to read a source before `since` is not at it any more."""
    return reader.one(
        Heard,
        """
        SELECT coalesce(max(succeeded_at), 0) AS succeeded_at, count(*) FILTER (WHERE state = 'active') AS active,
               count(*) FILTER (WHERE state = 'active' AND syncing_at > :since) AS syncing
        FROM source WHERE state <> 'removed'
        """,
        since=since,
    )


def ill(reader: Reader) -> list[Ill]:
    """The sources in use that fail, refuse or are gone, by name."""
    return reader.all(
        Ill,
        """
        SELECT id, kind, name, health, health_text FROM source
        WHERE state NOT IN ('removed', 'paused', 'sunset') AND health IN ('failing', 'refused', 'gone')
        ORDER BY name COLLATE NOCASE, id
        """,
    )
