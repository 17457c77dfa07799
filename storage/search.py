"""Full-text search over everything ever stored.

Rank is computed over the newest 2,000 hits only: FTS5 walks rowids in order, so the inner query ends early, where
ranking every hit of a common word would take a second.
"""

from storage.database import Database
from storage.rows import SearchHit

_NEWEST = 2000

_ITEMS = """
SELECT 'item' AS what, i.id, i.conversation_id, a.person_id,
       CASE WHEN c.title <> '' THEN c.title ELSE c.subject END AS title,
       coalesce(nullif(p.name, ''), a.name) AS who,
       snippet(item_fts, 1, char(2), char(3), '…', 16) AS snippet, i.created_at AS at
FROM item_fts JOIN item i ON i.id = item_fts.rowid JOIN conversation c ON c.id = i.conversation_id
JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
WHERE item_fts MATCH :match AND item_fts.rowid IN (
    SELECT rowid FROM (
        SELECT rowid, bm25(item_fts, 8.0, 1.0) AS r FROM item_fts WHERE item_fts MATCH :match
        ORDER BY rowid DESC LIMIT :newest)
    ORDER BY r LIMIT :limit)
ORDER BY bm25(item_fts, 8.0, 1.0)
"""

_MEMOS = """
SELECT CASE m.kind WHEN 1 THEN 'person' WHEN 2 THEN 'person' WHEN 3 THEN 'note' WHEN 4 THEN 'touchpoint'
            WHEN 5 THEN 'promise' WHEN 7 THEN 'stage' ELSE 'outbox' END AS what,
       m.ref AS id,
       CASE m.kind WHEN 6 THEN o.conversation_id WHEN 5 THEN v.conversation_id ELSE NULL END AS conversation_id,
       CASE m.kind WHEN 1 THEN m.ref WHEN 2 THEN i.person_id WHEN 3 THEN n.person_id WHEN 4 THEN t.person_id
            WHEN 5 THEN v.person_id WHEN 7 THEN g.person_id ELSE NULL END AS person_id,
       CASE m.kind WHEN 6 THEN c.title ELSE '' END AS title,
       coalesce(p.name, '') AS who, m.snippet, coalesce(n.at, t.at, v.created_at, g.at, o.updated_at, p.last_contact_at, 0) AS at
FROM (SELECT rowid / 8 AS ref, rowid % 8 AS kind, snippet(memo_fts, 0, char(2), char(3), '…', 16) AS snippet
      FROM memo_fts WHERE memo_fts MATCH :match ORDER BY rowid DESC LIMIT :limit) m
LEFT JOIN identity i ON m.kind = 2 AND i.id = m.ref
LEFT JOIN note n ON m.kind = 3 AND n.id = m.ref
LEFT JOIN touchpoint t ON m.kind = 4 AND t.id = m.ref
LEFT JOIN promise v ON m.kind = 5 AND v.id = m.ref
LEFT JOIN stage_change g ON m.kind = 7 AND g.id = m.ref
LEFT JOIN outbox o ON m.kind = 6 AND o.id = m.ref
LEFT JOIN conversation c ON c.id = o.conversation_id
LEFT JOIN person p ON p.id = CASE m.kind WHEN 1 THEN m.ref WHEN 2 THEN i.person_id WHEN 3 THEN n.person_id
                             WHEN 4 THEN t.person_id WHEN 5 THEN v.person_id WHEN 7 THEN g.person_id END
"""


async def search(db: Database, match: str, *, limit: int = 50) -> list[SearchHit]:
    """People, notes, promises and drafts that match first, then items, the best first.

    `match` is an FTS5 expression made by `quoted`; no hits is an empty list.
    """
    memos = await db.all(SearchHit, _MEMOS, match=match, limit=min(limit, 20))
    items = await db.all(SearchHit, _ITEMS, match=match, limit=limit, newest=_NEWEST)
    people: list[SearchHit] = []
    for hit in memos:
        if hit.what != "person" or all(hit.person_id != other.person_id for other in people if other.what == "person"):
            people.append(hit)
    return people + items


def quoted(words: str) -> str:
    """An FTS5 expression that finds `words` as a person types them: every word, the last one as a beginning.

    "exact words" in double quotes stay together, `word*` is a beginning. Nothing typed can be FTS5 syntax. Empty
    when there is nothing to look for.
    """
    terms: list[str] = []
    for number, part in enumerate(words.split('"')):
        if number % 2:
            if any(character.isalnum() for character in part):
                terms.append(f'"{part}"')
            continue
        for word in part.split():
            if any(character.isalnum() for character in word):
                terms.append(f'"{word.rstrip("*")}"' + ("*" if word.endswith("*") else ""))
    if terms and not words.endswith(('"', "*", " ")):
        terms[-1] += "*"
    return " ".join(terms)
