"""What came of conversations and relationships."""

from typing import NamedTuple

from storage.database import Reader
from storage.rows import Number


class Outcome(NamedTuple):
    """What came of a conversation, with whom and when."""

    id: int
    person_id: int
    kind: str
    text: str
    at: int


def of_conversation(reader: Reader, conversation_id: int) -> list[Outcome]:
    """What came of one conversation, the newest first."""
    return reader.all(
        Outcome,
        """
        SELECT id, person_id, kind, text, at FROM outcome WHERE conversation_id = :id ORDER BY at DESC, id DESC LIMIT 50
        """,
        id=conversation_id,
    )


def whose(reader: Reader, outcome_id: int) -> int:
    """The id of the person an outcome is with. Raises `NotFound`."""
    return reader.one(Number, "SELECT person_id AS n FROM outcome WHERE id = :id", id=outcome_id).n
