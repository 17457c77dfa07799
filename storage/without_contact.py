"""People I know of and never was in contact with: from my address book, or with something I wrote down about them."""

from collections.abc import Mapping

from storage.database import Reader
from storage.lines import PersonRow
from storage.people import LIST

_TAKEN_IN = "network IN ('card', 'mail', 'phone', 'web') OR (network >= 'profile' AND network < 'profilf')"
_WRITTEN = ("note", "person_tag", "promise", "stage_change", "outcome")
_NEVER = """
p.last_contact_at IS NULL AND p.forgotten_at IS NULL
AND NOT EXISTS (SELECT 1 FROM identity m WHERE m.person_id = p.id AND m.is_me = 1)
"""
_KNOWN = f"""
p.id IN (
    SELECT person_id FROM identity INDEXED BY identity_taken_in WHERE {_TAKEN_IN}
    {" ".join(f"UNION ALL SELECT person_id FROM {table}" for table in _WRITTEN)})
"""
_IS_KNOWN = f"""
(EXISTS (SELECT 1 FROM identity k INDEXED BY identity_taken_in WHERE k.person_id = p.id AND ({_TAKEN_IN}))
{" ".join(f"OR EXISTS (SELECT 1 FROM {table} k WHERE k.person_id = p.id)" for table in _WRITTEN)})
"""
_LISTED = LIST.replace("p.last_contact_at IS NOT NULL", f"{_KNOWN} AND {_NEVER}")
_NARROWED = LIST.replace("FROM person p\n", "FROM person p INDEXED BY person_stage\n").replace(
    "p.last_contact_at IS NOT NULL",
    f"p.stage >= '' AND p.last_contact_at IS NULL AND {{where}} AND {_IS_KNOWN} AND {_NEVER}",
)
"""From everybody there was no contact with, where a condition leaves few of them."""


def listed(
    reader: Reader,
    *,
    where: str = "1",
    values: Mapping[str, object] | None = None,
    before: int | None = None,
    limit: int = 300,
) -> list[PersonRow]:
    """Those a condition names, the latest known first; `before` is the id of the last row of a page."""
    begin = _LISTED if where == "1" else _NARROWED.replace("{where}", where)
    return reader.all(
        PersonRow,
        f"{begin} AND p.id < :before_id ORDER BY p.id DESC LIMIT :limit",
        before_id=before if before is not None else 1 << 62,
        limit=limit,
        **(values or {}),
    )
