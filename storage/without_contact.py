"""People I know of and never was in contact with: from my address book, or with something I wrote down about them."""

from collections.abc import Mapping

from storage.database import Reader
from storage.lines import PersonRow
from storage.people import LIST

_KNOWN = """
p.id IN (
    SELECT person_id FROM identity INDEXED BY identity_taken_in
    WHERE network IN ('card', 'mail', 'phone', 'web') OR (network >= 'profile' AND network < 'profilf')
    UNION ALL SELECT person_id FROM note UNION ALL SELECT person_id FROM person_tag
    UNION ALL SELECT person_id FROM promise UNION ALL SELECT person_id FROM stage_change
    UNION ALL SELECT person_id FROM outcome)
AND p.last_contact_at IS NULL AND p.forgotten_at IS NULL
AND NOT EXISTS (SELECT 1 FROM identity m WHERE m.person_id = p.id AND m.is_me = 1)
"""
_LISTED = LIST.replace("p.last_contact_at IS NOT NULL", _KNOWN)


def listed(
    reader: Reader,
    *,
    where: str = "1",
    values: Mapping[str, object] | None = None,
    before: int | None = None,
    limit: int = 300,
) -> list[PersonRow]:
    """Those a condition names, the latest known first; `before` is the id of the last row of a page."""
    return reader.all(
        PersonRow,
        f"{_LISTED} AND {where} AND p.id < :before_id ORDER BY p.id DESC LIMIT :limit",
        before_id=before if before is not None else 1 << 62,
        limit=limit,
        **(values or {}),
    )
