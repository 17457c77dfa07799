"""Which ways lead to people who are stored."""

from collections.abc import Iterable

from community.reachability import Way, handles, ways
from storage import reach
from storage.database import Reader


def ways_to(reader: Reader, ids: Iterable[int]) -> dict[int, list[Way]]:
    """The independent ways to each of these people; of nobody when there is nobody."""
    wanted = list(dict.fromkeys(ids))
    found = reach.handles(reader, wanted) if wanted else {}
    return {each: ways(handles(found.get(each, ""))) for each in wanted}
