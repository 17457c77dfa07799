"""Where people can be reached, as their handles tell."""

import json
from collections.abc import Iterable
from typing import NamedTuple

from storage.database import Reader


class _Handles(NamedTuple):
    person_id: int
    handles: str


def handles(reader: Reader, ids: Iterable[int]) -> dict[int, str]:
    """The handles of these people by person: a JSON list of [network, handle, address], as they came to be known."""
    rows = reader.all(
        _Handles,
        """
        SELECT i.person_id, json_group_array(json_array(i.network, i.handle, coalesce(i.url, ''))) AS handles
        FROM (SELECT * FROM identity WHERE person_id IN (SELECT value FROM json_each(:ids)) ORDER BY person_id, id) i
        GROUP BY i.person_id
        """,
        ids=json.dumps(list(ids)),
    )
    return {row.person_id: row.handles for row in rows}
