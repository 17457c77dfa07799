"""Full-text search over everything ever stored.

FTS5 walks rowids in order, so the newest hits of any word come at once. Which of them have it in their titles takes a
look at every hit, and a weight like bm25 at every hit of every word: the first is done where there are few, the second
never. Each search has a connection of its own, on which it can be given up.
"""

import json
from operator import attrgetter
from pathlib import Path

from storage.database import Reader
from storage.lines import SearchHit
from storage.rows import Number

_FEW = 2000
"""Of so many hits those with the words in their titles come first; of more, the newest."""

_COUNT = "SELECT count(*) AS n FROM (SELECT 1 FROM item_fts WHERE item_fts MATCH :match ORDER BY rowid DESC LIMIT :few)"
_TITLED = (
    "SELECT rowid AS n FROM item_fts WHERE item_fts MATCH 'title : (' || :match || ')' ORDER BY rowid DESC LIMIT :limit"
)
_ITEMS = """
SELECT 'item' AS what, i.id, i.conversation_id, a.person_id,
       CASE WHEN c.title <> '' THEN c.title ELSE c.subject END AS title,
       coalesce(nullif(p.name, ''), a.name) AS who, found.snippet, i.created_at AS at
FROM (SELECT rowid AS id, snippet(item_fts, 1, char(2), char(3), '…', 16) AS snippet FROM item_fts
      WHERE item_fts MATCH :match {which}) found
CROSS JOIN item i ON i.id = found.id JOIN conversation c ON c.id = i.conversation_id
JOIN identity a ON a.id = i.author_id JOIN person p ON p.id = a.person_id
"""
_NEWEST = _ITEMS.replace("{which}", "ORDER BY rowid DESC LIMIT :limit") + "ORDER BY i.id DESC"
_THESE = _ITEMS.replace("{which}", "AND +rowid IN (SELECT value FROM json_each(:ids))") + "ORDER BY i.id DESC"

CALLED = """
SELECT coalesce(x.person_id, n.rowid / 2) AS id FROM name_fts n LEFT JOIN identity x ON n.rowid % 2 AND x.id = n.rowid / 2
WHERE name_fts MATCH :match
"""
"""The people whose name, handle or site has words that match, by id, each as often as there are such words."""
CALLED_HANDLES = """
SELECT n.rowid / 2 AS id FROM name_fts n WHERE name_fts MATCH :match AND n.rowid % 2
UNION ALL SELECT i.id FROM name_fts n CROSS JOIN identity i ON i.person_id = n.rowid / 2
WHERE name_fts MATCH :match AND n.rowid % 2 = 0
"""
"""The identities with words that match, and every identity of the people whose own name has some: some of them twice."""
_NAMES = """
SELECT 'person' AS what, p.id, NULL AS conversation_id, p.id AS person_id, '' AS title, p.name AS who, n.snippet,
       coalesce(p.last_contact_at, 0) AS at
FROM (SELECT rowid / 2 AS ref, rowid % 2 AS is_handle, snippet(name_fts, 0, char(2), char(3), '…', 16) AS snippet
      FROM name_fts WHERE name_fts MATCH :match ORDER BY rowid DESC LIMIT :limit) n
LEFT JOIN identity i ON n.is_handle AND i.id = n.ref JOIN person p ON p.id = coalesce(i.person_id, n.ref)
"""
_MEMOS = """
SELECT CASE m.kind WHEN 3 THEN 'note' WHEN 4 THEN 'touchpoint'
            WHEN 5 THEN 'promise' WHEN 7 THEN 'stage' WHEN 0 THEN 'outcome' ELSE 'outbox' END AS what,
       m.ref AS id,
       CASE m.kind WHEN 6 THEN o.conversation_id WHEN 5 THEN v.conversation_id WHEN 0 THEN u.conversation_id
            ELSE NULL END AS conversation_id,
       CASE m.kind WHEN 3 THEN n.person_id WHEN 4 THEN t.person_id
            WHEN 5 THEN v.person_id WHEN 7 THEN g.person_id WHEN 0 THEN u.person_id ELSE NULL END AS person_id,
       CASE m.kind WHEN 6 THEN c.title ELSE '' END AS title,
       coalesce(p.name, '') AS who, m.snippet, coalesce(n.at, t.at, v.created_at, g.at, u.at, o.updated_at, 0) AS at
FROM (SELECT rowid / 8 AS ref, rowid % 8 AS kind, snippet(memo_fts, 0, char(2), char(3), '…', 16) AS snippet
      FROM memo_fts WHERE memo_fts MATCH :match ORDER BY rowid DESC LIMIT :limit) m
LEFT JOIN note n ON m.kind = 3 AND n.id = m.ref
LEFT JOIN touchpoint t ON m.kind = 4 AND t.id = m.ref
LEFT JOIN promise v ON m.kind = 5 AND v.id = m.ref
LEFT JOIN stage_change g ON m.kind = 7 AND g.id = m.ref
LEFT JOIN outcome u ON m.kind = 0 AND u.id = m.ref
LEFT JOIN outbox o ON m.kind = 6 AND o.id = m.ref
LEFT JOIN conversation c ON c.id = o.conversation_id
LEFT JOIN person p ON p.id = CASE m.kind WHEN 3 THEN n.person_id
                             WHEN 4 THEN t.person_id WHEN 5 THEN v.person_id WHEN 7 THEN g.person_id
                             WHEN 0 THEN u.person_id END
"""


class Search:
    """One search, for a thread of its own: `give_up` ends it from another one."""

    def __init__(self, path: Path, *, frozen: bool = False) -> None:
        self._path, self._frozen = path, frozen
        self._given_up = False
        import threading  # noqa: PLC0415  late: most who import this only quote words

        self._changing = threading.Lock()
        self._reader: Reader | None = None

    def find(self, match: str, *, limit: int = 50) -> list[SearchHit]:
        """People, notes, promises and drafts that match first, then items: of a few those with the words in their
        titles, then those that came last; either the newest first.

        `match` is an FTS5 expression made by `quoted`; no hits is an empty list. Raises `StorageError`, also when the
        search was given up.
        """
        reader = Reader(self._path, frozen=self._frozen)
        with self._changing:
            self._reader = reader
            limit = 0 if self._given_up else limit
        try:
            return [*_memos(reader, match, min(limit, 20)), *_items(reader, match, limit)]
        finally:
            with self._changing:
                self._reader = None
            reader.close()

    def give_up(self) -> None:
        """Nobody waits for the hits any more."""
        with self._changing:
            self._given_up = True
            if self._reader is not None:
                self._reader.interrupt()


def _memos(reader: Reader, match: str, limit: int) -> list[SearchHit]:
    """People, each once, and then what the user wrote; at most half of `limit` of either."""
    half = (limit + 1) // 2
    people: dict[int | None, SearchHit] = {}
    for hit in reader.all(SearchHit, _NAMES, match=match, limit=half):
        people.setdefault(hit.person_id, hit)
    return [*people.values(), *reader.all(SearchHit, _MEMOS, match=match, limit=half)]


def _items(reader: Reader, match: str, limit: int) -> list[SearchHit]:
    newest = sorted(reader.all(SearchHit, _NEWEST, match=match, limit=limit), key=attrgetter("at"), reverse=True)
    if len(newest) < 2 or reader.one(Number, _COUNT, match=match, few=_FEW + 1).n > _FEW:
        return newest
    titled = {row.n for row in reader.all(Number, _TITLED, match=match, limit=limit)}
    first = reader.all(SearchHit, _THESE, match=match, ids=json.dumps([*titled])) if titled else []
    return [*sorted(first, key=attrgetter("at"), reverse=True), *(hit for hit in newest if hit.id not in titled)][
        :limit
    ]


_LETTERS = frozenset(f'"{chr(code)}"*' for code in range(128))
"""Every second item holds a word that begins with a given letter: one letter is a word by itself."""


def quoted(words: str, *, letters: bool = False) -> str:
    """An FTS5 expression that finds `words` as a person types them: every word, the last one as a beginning.

    "exact words" in double quotes stay together, `word*` is a beginning. Nothing typed can be FTS5 syntax. Empty
    when there is nothing to look for. Where there is little to look through, `letters` lets one letter after other
    words be a beginning, too.
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
    whole = _LETTERS if not letters or len(terms) == 1 else frozenset()
    return " ".join(term.removesuffix("*") if term in whole else term for term in terms)
