"""What came of conversations and relationships."""

from storage.database import Reader
from storage.rows import Number


def whose(reader: Reader, outcome_id: int) -> int:
    """The id of the person an outcome is with. Raises `NotFound`."""
    return reader.one(Number, "SELECT person_id AS n FROM outcome WHERE id = :id", id=outcome_id).n
