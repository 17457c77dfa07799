"""The terms of the query language: what each field means for each list, as fixed SQL fragments.

A term is a condition on one row. A term that may name few conversations says as well how to find them by an index, so
that a list can start from those instead of walking past everything else: `Narrow`.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from community.config import STAGES
from community.errors import WrongUsage
from community.model import Attention
from storage.search import quoted

_SPAN = re.compile(r"^(\d{1,5})(h|d|w|m|y)$")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800, "m": 2_592_000, "y": 31_536_000}


class Narrow(NamedTuple):
    """A condition, and the sub-select of the conversation ids that can meet it."""

    where: str
    few: str


class Words(NamedTuple):
    """Words to be found in one item, or in a name; `where` is for those that must not be there."""

    match: str
    where: str


@dataclass(slots=True)
class Conditions:
    """Conditions being collected; `value` names one parameter."""

    now: int
    parts: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)
    few: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def add(self, part: "Part", *, negated: bool) -> None:
        """One more condition."""
        if isinstance(part, Words) and not negated:
            self.words.append(part.match)
            return
        where = part if isinstance(part, str) else part.where
        self.parts.append(f"NOT ({where})" if negated else where)
        if isinstance(part, Narrow) and not negated:
            self.few.append(part.few)

    def hits(self) -> str:
        """The sub-select of the conversations with all the words, "" when none were given."""
        if not self.words:
            return ""
        match = self.value(" ".join(self.words))
        led = _led(f"SELECT * FROM ({_PEOPLE.format(m=match)}) LIMIT 500")
        return f"{_HITS.format(m=match)} UNION ALL SELECT id FROM ({led} LIMIT 500)"

    def value(self, value: object) -> str:
        """The name under which the condition can speak of a value."""
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f":{name}"


Part = str | Narrow | Words
_Field = Callable[[Conditions, str], Part]

# People whose name, handle or site has words that begin so. The rowid says what was found: see the schema.
_PEOPLE = """
    SELECT rowid / 8 FROM memo_fts WHERE memo_fts MATCH {m} AND rowid % 8 = 1
    UNION ALL SELECT pi.person_id FROM memo_fts CROSS JOIN identity pi ON pi.id = memo_fts.rowid / 8
    WHERE memo_fts MATCH {m} AND memo_fts.rowid % 8 = 2"""
# The newest 500 hits of a common word: walking them all would take a second.
_HITS = """
    SELECT f.conversation_id AS id
    FROM (SELECT rowid FROM item_fts WHERE item_fts MATCH {m} ORDER BY rowid DESC LIMIT 500) h
    CROSS JOIN item f ON f.id = h.rowid"""


def _where(condition: str) -> Narrow:
    """A condition that a partial index is made for."""
    return Narrow(f"c.{condition}", f"SELECT id FROM conversation WHERE {condition}")


_IS_CONVERSATION: Mapping[str, "str | Narrow"] = {
    **{each.value: f"c.attention = '{each.value}'" for each in Attention},
    "open": _where("attention NOT IN ('snoozed', 'done', 'resting', 'muted')"),
    "new": Narrow("c.last_item_id > c.seen_item_id", "SELECT id FROM conversation WHERE last_item_id > seen_item_id"),
    "starred": _where("starred_at IS NOT NULL"),
    "draft": Narrow(
        "EXISTS (SELECT 1 FROM outbox q WHERE q.conversation_id = c.id AND q.state = 'draft')",
        "SELECT conversation_id AS id FROM outbox WHERE state = 'draft'",
    ),
    "back": Narrow(
        "c.woken_at IS NOT NULL AND c.attention = 'waiting'",
        "SELECT id FROM conversation INDEXED BY conversation_back WHERE woken_at IS NOT NULL AND attention = 'waiting'",
    ),
    "pending": Narrow(
        "EXISTS (SELECT 1 FROM item q WHERE q.conversation_id = c.id AND q.status = 'pending')",
        "SELECT conversation_id AS id FROM item WHERE status IN ('pending', 'spam', 'trash') AND status = 'pending'",
    ),
    "mine": _where("last_outgoing_at IS NOT NULL"),
    "any": "1",
}
_IS_OUTBOX: Mapping[str, str] = {
    each: f"o.state = '{each}'" for each in ("draft", "queued", "sending", "sent", "failed", "uncertain", "cancelled")
} | {"by-hand": "o.state = 'by hand'"}


def _choice(name: str, choices: "Mapping[str, str | Narrow] | Mapping[str, str]") -> _Field:
    def build(_terms: Conditions, value: str) -> str | Narrow:
        if value.lower() not in choices:
            raise WrongUsage(f"{name}:{value} is unknown{_near(value, choices)}")
        return choices[value.lower()]

    return build


def _source(terms: Conditions, value: str) -> str:
    """A source by its number, else by words of its name or by its kind."""
    if value.isascii() and value.isdecimal():
        return f"s.id = {terms.value(int(value[:18]))}"
    word = terms.value(value.lower())
    return f"(instr(lower(s.name), {word}) > 0 OR s.kind = {word})"


def _source_conversation(terms: Conditions, value: str) -> Narrow:
    named = _source(terms, value)
    if named.startswith("s.id = "):
        wanted = named.replace("s.id", "source_id", 1)
        return Narrow(f"c.{wanted}", f"SELECT id FROM conversation WHERE {wanted}")
    few = f"SELECT k.id FROM source s CROSS JOIN conversation k ON k.source_id = s.id WHERE {named}"
    return Narrow(named, few)


def _people(terms: Conditions, value: str) -> str:
    match = quoted(value.strip('"'))
    if not match:
        raise WrongUsage(f"“{value}” holds nothing to look for.")
    return _PEOPLE.format(m=terms.value(match))


def _person(column: str) -> _Field:
    return lambda terms, value: f"{column} IN ({_people(terms, value)})"


def _from_conversation(terms: Conditions, value: str) -> Narrow:
    people = _people(terms, value)
    return Narrow(f"i.person_id IN ({people})", _led(people))


def _with_conversation(terms: Conditions, value: str) -> Narrow:
    people = _people(terms, value)
    return Narrow(
        "EXISTS (SELECT 1 FROM item w JOIN identity wi ON wi.id = w.author_id"
        f" WHERE w.conversation_id = c.id AND wi.person_id IN ({people}))",
        "SELECT w.conversation_id AS id FROM identity wi CROSS JOIN item w ON w.author_id = wi.id"
        f" WHERE wi.person_id IN ({people})",
    )


def _led(people: str) -> str:
    """The conversations that people lead, who are given as a sub-select of ids."""
    return (
        f"SELECT k.id FROM identity fi CROSS JOIN conversation k ON k.lead_id = fi.id WHERE fi.person_id IN ({people})"
    )


def _stage(column: str) -> _Field:
    def build(terms: Conditions, value: str) -> str:
        if value.lower() not in STAGES:
            raise WrongUsage(f"stage:{value} is unknown{_near(value, dict.fromkeys(STAGES, ''))}")
        return f"{column} = {terms.value(value.lower())}"

    return build


def _age(column: str, *, newer: bool) -> _Field:
    def build(terms: Conditions, value: str) -> str:
        found = _SPAN.match(value.lower())
        if not found:
            word = "newer" if newer else "older"
            raise WrongUsage(f"{word}:{value} is no span of time: write {word}:12h, {word}:3d, {word}:2w, {word}:6m.")
        at = terms.now - int(found[1]) * _SECONDS[found[2]]
        return f"{column} {'>=' if newer else '<'} {terms.value(at)}"

    return build


def _stage_conversation(terms: Conditions, value: str) -> Narrow:
    where = str(_stage("stage")(terms, value))
    return Narrow(f"p.{where}", _led(f"SELECT id FROM person WHERE last_contact_at IS NOT NULL AND {where}"))


def _has_conversation(terms: Conditions, value: str) -> Part:
    return _choice(
        "has",
        {
            "question": Narrow(
                "c.attention = 'waiting' AND instr(c.reasons, '\"question\"') > 0",
                "SELECT id FROM conversation WHERE instr(reasons, '\"question\"') > 0",
            ),
            "note": Narrow(
                "EXISTS (SELECT 1 FROM note q WHERE q.person_id = i.person_id)",
                _led("SELECT person_id FROM note"),
            ),
            "draft": _IS_CONVERSATION["draft"],
            "outcome": Narrow(
                "EXISTS (SELECT 1 FROM outcome q WHERE q.conversation_id = c.id)",
                "SELECT conversation_id AS id FROM outcome WHERE conversation_id IS NOT NULL",
            ),
            "tag": Narrow(
                "EXISTS (SELECT 1 FROM conversation_tag q WHERE q.conversation_id = c.id)",
                "SELECT conversation_id AS id FROM conversation_tag",
            ),
            "reminder": _where("remind_at IS NOT NULL"),
        },
    )(terms, value)


def _conversation_tag(terms: Conditions, value: str) -> Narrow:
    word = terms.value(value.lstrip("#"))
    tagged = f"SELECT person_id FROM person_tag WHERE tag = {word}"
    return Narrow(
        f"(EXISTS (SELECT 1 FROM conversation_tag q WHERE q.conversation_id = c.id AND q.tag = {word})"
        f" OR i.person_id IN ({tagged}))",
        f"SELECT conversation_id AS id FROM conversation_tag WHERE tag = {word} UNION ALL {_led(tagged)}",
    )


def _person_tag(column: str) -> _Field:
    def build(terms: Conditions, value: str) -> str:
        return f"{column} IN (SELECT person_id FROM person_tag WHERE tag = {terms.value(value.lstrip('#'))})"

    return build


def _words_conversation(terms: Conditions, value: str) -> Words:
    """What somebody in it said, and who leads it: found by the two indexes of words, never by reading titles."""
    match = quoted(value)
    anywhere = terms.value(match)
    return Words(
        match,
        "EXISTS (SELECT 1 FROM item q WHERE q.conversation_id = c.id AND q.id IN"
        f" (SELECT rowid FROM item_fts WHERE item_fts MATCH {anywhere}))",
    )


def _words_article(terms: Conditions, value: str) -> str:
    match = terms.value(quoted(value))
    hits = f"SELECT rowid FROM item_fts WHERE item_fts MATCH {match} ORDER BY rowid DESC LIMIT 2000"
    return f"(i.id IN ({hits}) OR a.person_id IN ({_PEOPLE.format(m=match)}) OR {_source(terms, value)})"


def _words_in(*columns: str) -> _Field:
    def build(terms: Conditions, value: str) -> str:
        word = terms.value(value.strip('"').rstrip("*").lower())
        return "(" + " OR ".join(f"instr(lower(coalesce({column}, '')), {word}) > 0" for column in columns) + ")"

    return build


LISTS: Mapping[str, Mapping[str, _Field]] = {
    "conversations": {
        "is": _choice("is", _IS_CONVERSATION),
        "has": _has_conversation,
        "from": _from_conversation,
        "with": _with_conversation,
        "source": _source_conversation,
        "stage": _stage_conversation,
        "tag": _conversation_tag,
        "newer": _age("c.last_item_at", newer=True),
        "older": _age("c.last_item_at", newer=False),
        "": _words_conversation,
    },
    "people": {
        "is": _choice("is", {"waiting": "EXISTS (SELECT 1 FROM identity q CROSS JOIN conversation c "
                             "INDEXED BY conversation_lead ON c.lead_id = q.id "
                             "WHERE q.person_id = p.id AND c.attention = 'waiting')"}),
        "has": _choice("has", {"contact": "p.last_contact_at IS NOT NULL",
                               "outcome": "EXISTS (SELECT 1 FROM outcome q WHERE q.person_id = p.id)",
                               "note": "EXISTS (SELECT 1 FROM note q WHERE q.person_id = p.id)",
                               "promise": "EXISTS (SELECT 1 FROM promise q WHERE q.person_id = p.id AND q.kept_at IS NULL)"}),
        "from": _person("p.id"),
        "source": lambda terms, value: (
            "p.id IN (SELECT q.person_id FROM identity q JOIN item t ON t.author_id = q.id JOIN source s ON s.id = t.source_id"
            f" WHERE {_source(terms, value)})"
        ),
        "stage": _stage("p.stage"),
        "tag": _person_tag("p.id"),
        "newer": _age("p.last_contact_at", newer=True),
        "older": _age("p.last_contact_at", newer=False),
        "": lambda terms, value: _person("p.id")(terms, value.strip('"').rstrip("*")),
    },
    "articles": {
        "is": _choice("is", {"new": "i.id > c.seen_item_id", "reading": "c.attention = 'reading'", "any": "1",
                             "done": "c.attention = 'done'"}),
        "from": _person("a.person_id"),
        "source": _source,
        "stage": _stage("p.stage"),
        "tag": _person_tag("a.person_id"),
        "newer": _age("i.created_at", newer=True),
        "older": _age("i.created_at", newer=False),
        "": _words_article,
    },
    "desk": {
        "from": _person("a.person_id"),
        "source": _source,
        "stage": _stage("p.stage"),
        "tag": _person_tag("a.person_id"),
        "newer": _age("i.created_at", newer=True),
        "older": _age("i.created_at", newer=False),
        "": _words_in("i.text", "a.name", "c.subject"),
    },
    "outbox": {
        "is": _choice("is", _IS_OUTBOX),
        "from": _person("a.person_id"),
        "to": _person("a.person_id"),
        "source": _source,
        "newer": _age("o.created_at", newer=True),
        "older": _age("o.created_at", newer=False),
        "": _words_in("o.text", "a.name", "c.title"),
    },
}  # fmt: skip


def _near(value: str, choices: Mapping[str, object]) -> str:
    import difflib  # noqa: PLC0415

    close = difflib.get_close_matches(value.lower(), list(choices), n=1)
    return f"; did you mean “{close[0]}”?" if close else f"; choose one of {', '.join(choices)}."
