"""The vocabulary: storage rows under one roof, and the words that have no table."""

from enum import StrEnum

from storage.forgetting import Hidden as HiddenPerson
from storage.likeness import Alike, Shared
from storage.lines import (
    ArticleRow,
    ConversationRow,
    DeskRow,
    HeldRow,
    Loop,
    OutboxRow,
    OverduePerson,
    PersonRow,
    SearchHit,
    TimelineRow,
)
from storage.merges import Merging
from storage.outcomes import Outcome
from storage.people import Voice
from storage.readings import Bond
from storage.rows import (
    ConversationState,
    Evidence,
    Fact,
    Identity,
    Item,
    JournalEntry,
    Named,
    Node,
    Note,
    Person,
    Promise,
    SavedView,
    Source,
    StageChange,
    TagCadence,
)
from storage.said import Looked
from storage.standing import Counts, Heard
from storage.which import NEWEST, OLDEST, RANK, Order

__all__ = [
    "NEWEST",
    "OLDEST",
    "RANK",
    "Act",
    "Alike",
    "ArticleRow",
    "Attention",
    "Bond",
    "ConversationRow",
    "ConversationState",
    "Counts",
    "DeskRow",
    "Evidence",
    "Fact",
    "Heard",
    "HeldRow",
    "HiddenPerson",
    "Identity",
    "Item",
    "JournalEntry",
    "Looked",
    "Loop",
    "Merging",
    "Named",
    "Node",
    "Note",
    "Order",
    "OutboxRow",
    "OutboxState",
    "Outcome",
    "OverduePerson",
    "Person",
    "PersonRow",
    "Promise",
    "SavedView",
    "SearchHit",
    "Shared",
    "Source",
    "StageChange",
    "TagCadence",
    "TimelineRow",
    "Voice",
]


class Attention(StrEnum):
    """Where a conversation stands."""

    WAITING = "waiting"
    READING = "reading"
    ANSWERED = "answered"
    SNOOZED = "snoozed"
    DONE = "done"
    RESTING = "resting"
    MUTED = "muted"


class Act(StrEnum):
    """What Kith can do on a platform. Every act goes through the outbox."""

    REPLY = "reply"
    APPROVE = "approve"
    HOLD = "hold"
    SPAM = "spam"
    TRASH = "trash"
    LIKE = "like"
    BOOST = "boost"


class OutboxState(StrEnum):
    """Where an act stands on its way out."""

    DRAFT = "draft"
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    CANCELLED = "cancelled"
    BY_HAND = "by hand"
