"""People I know of and never was in contact with: from my address book, or with something I wrote down about them."""

from collections.abc import Mapping

from storage import people
from storage.database import Reader
from storage.rows import Number, PersonRow

_IDS = """
SELECT p.id AS n FROM (
    SELECT person_id FROM identity INDEXED BY identity_taken_in
    WHERE network IN ('card', 'mail', 'phone', 'web') OR (network >= 'profile' AND network < 'profilf')
    UNION SELECT person_id FROM note UNION SELECT person_id FROM person_tag UNION SELECT person_id FROM promise
    UNION SELECT person_id FROM stage_change UNION SELECT person_id FROM outcome
) k CROSS JOIN person p ON p.id = k.person_id
WHERE p.last_contact_at IS NULL AND p.merged_into IS NULL AND p.forgotten_at IS NULL AND p.id < :before
  AND NOT EXISTS (SELECT 1 FROM identity m WHERE m.person_id = p.id AND m.is_me = 1)
ORDER BY p.id DESC LIMIT :limit
"""
_PAGE = 500


def listed(
    reader: Reader,
    *,
    where: str = "1",
    values: Mapping[str, object] | None = None,
    before: int | None = None,
    limit: int = 300,
) -> list[PersonRow]:
    """Those a condition names, the latest known first; `before` is the id of the last row of a page."""
    found: list[PersonRow] = []
    last = before if before is not None else 1 << 62
    while len(found) < limit:
        ids = [row.n for row in reader.all(Number, _IDS, before=last, limit=_PAGE)]
        if not ids:
            break
        rows = people.rows(reader, ids, where=where, values=values)
        found += sorted(rows, key=lambda row: -row.id)
        last = ids[-1]
    return found[:limit]
