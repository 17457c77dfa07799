"""What is held on one person: every row that names them, or that they wrote."""

from storage.database import Reader
from storage.lines import HeldRow
from storage.rows import Number

_MINE = "SELECT id FROM identity WHERE person_id = :id"
_KINDS: dict[str, str] = {
    "handle": """
        SELECT id, created_at AS at, handle || ' · ' || name || coalesce(' · ' || url, '')
               || CASE WHEN email_hash IS NULL THEN '' ELSE ' · e-mail hash' END AS text, network AS place
        FROM identity WHERE person_id = :id""",
    "feed": "SELECT id, created_at AS at, name || ' · ' || address AS text, state AS place FROM source"
    " WHERE person_id = :id",
    "words": f"""
        SELECT i.id, i.created_at AS at, CASE WHEN i.title <> '' THEN i.title ELSE i.text END AS text, s.name AS place
        FROM item i JOIN source s ON s.id = i.source_id WHERE i.mine = 0 AND i.author_id IN ({_MINE})""",
    "signal": f"""
        SELECT g.id, g.at, g.kind AS text, s.name AS place FROM signal g JOIN source s ON s.id = g.source_id
        WHERE g.identity_id IN ({_MINE})""",
    "answer": f"""
        SELECT i.id, i.created_at AS at, i.text, s.name AS place FROM item i JOIN source s ON s.id = i.source_id
        WHERE i.mine = 1 AND i.to_id IN ({_MINE})""",
    "unsent": f"""
        SELECT o.id, o.updated_at AS at, o.text, o.state AS place FROM item i JOIN outbox o ON o.item_id = i.id
        WHERE i.author_id IN ({_MINE}) AND o.state NOT IN ('sent', 'cancelled') AND i.mine = 0""",
    "note": "SELECT id, at, text, '' AS place FROM note WHERE person_id = :id",
    "promise": "SELECT id, created_at AS at, text, '' AS place FROM promise WHERE person_id = :id",
    "touchpoint": "SELECT id, at, kind || ' · ' || direction || ' · ' || text AS text, '' AS place FROM touchpoint"
    " WHERE person_id = :id",
    "stage": "SELECT id, at, before || ' → ' || after || ' ' || why AS text, '' AS place FROM stage_change"
    " WHERE person_id = :id",
    "outcome": "SELECT id, at, kind || ' · ' || text AS text, '' AS place FROM outcome WHERE person_id = :id",
    "tag": "SELECT 0 AS id, NULL AS at, tag AS text, '' AS place FROM person_tag WHERE person_id = :id",
    "evidence": f"""
        SELECT identity_id AS id, NULL AS at, kind || ': ' || value AS text, role AS place FROM evidence
        WHERE identity_id IN ({_MINE})""",
    "verdict": f"""
        SELECT id, at, said AS text, '' AS place FROM verdict WHERE one_id IN ({_MINE}) OR other_id IN ({_MINE})""",
    "joined": """
        SELECT m.id, m.at, p.name AS text, '' AS place FROM merging m JOIN person p ON p.id = m.other_id
        WHERE m.kept_id = :id AND m.taken_back_at IS NULL""",
}


def counts(reader: Reader, person_id: int) -> dict[str, int]:
    """How many rows of each kind there are."""
    return {
        kind: reader.one(Number, f"SELECT count(*) AS n FROM ({sql})", id=person_id).n for kind, sql in _KINDS.items()
    }


def rows(reader: Reader, person_id: int, *, limit: int) -> list[HeldRow]:
    """The rows themselves, kind by kind, in each the newest first and at most `limit`."""
    found: list[HeldRow] = []
    for kind, sql in _KINDS.items():
        found += reader.all(
            HeldRow,
            f"SELECT :kind AS kind, id, at, text, place FROM ({sql}) ORDER BY at DESC, id DESC LIMIT :limit",
            kind=kind,
            id=person_id,
            limit=limit,
        )
    return found
