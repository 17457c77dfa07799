"""The terms of the query language: what each field means for each list, as fixed SQL fragments.

A term is a condition on one row. A term that names conversations says as well how to find them by an index, so that a
list can start from those instead of walking past everything else: `storage.which.Among`.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from community.config import STAGES
from community.errors import WrongUsage
from storage.articles import Told
from storage.said import led
from storage.search import CALLED, CALLED_HANDLES, quoted
from storage.which import STANDINGS, Among, Bound, wrote_in

_SPAN = re.compile(r"^(\d{1,5})(h|d|w|m|y)$")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800, "m": 2_592_000, "y": 31_536_000}


class Words(NamedTuple):
    """Words to be found in one item, or in a name; `where` is for those that must not be there."""

    match: str
    where: str


class Conditions:
    """Conditions being collected; `value` names one parameter."""

    def __init__(self, now: int) -> None:
        self.now = now
        self.parts: list[str] = []
        self.values: dict[str, object] = {}
        self.standings: frozenset[str] = STANDINGS
        self.among: list[Among] = []
        self.during: list[Bound] = []
        self.words: list[str] = []
        self.told: list[Told] = []

    def add(self, part: "Part", *, negated: bool) -> None:
        """One more condition."""
        match part:
            case frozenset():
                self.standings &= STANDINGS - part if negated else part
            case str():
                self.parts.append(f"NOT ({part})" if negated else part)
            case Told():
                if negated:
                    self.parts.append(f"NOT ({self.told_by(part)})")
                else:
                    self.told.append(part)
            case Among() if negated:
                self.parts.append(f"NOT ({wrote_in(part.authors) if part.authors else part.where})")
            case _ if negated:
                self.parts.append(f"NOT ({part.where})")
            case Words():
                self.words.append(part.match)
            case Bound():
                self.during.append(part)
            case Among():
                self.among.append(part)

    def leads(self) -> str:
        """The identities of those who have all the words in their names, "" when none were given."""
        if not self.words:
            return ""
        return CALLED_HANDLES.replace(":match", self.value(" ".join(self.words)))

    def told_by(self, told: Told) -> str:
        """What an article must not be, as a condition."""
        found = "SELECT rowid FROM item_fts WHERE item_fts MATCH"
        sets = (("i.author_id", told.leads), ("i.source_id", told.sources))
        parts = [f"{column} IN ({ids})" for column, ids in sets if ids]
        return " OR ".join([*parts, f"i.id IN ({found} {self.value(told.match)})"] if told.match else parts)

    def value(self, value: object) -> str:
        """The name under which the condition can speak of a value."""
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f":{name}"


Part = str | frozenset[str] | Among | Bound | Words | Told
_Field = Callable[[Conditions, str], Part]


def _called(match: str) -> str:
    """The people whose name, handle or site has words that match the value of this name."""
    return CALLED.replace(":match", match)


def _kept(condition: str, index: str) -> Among:
    """What a partial index is made for."""
    return Among(condition, f"SELECT c.id FROM conversation c INDEXED BY {index} WHERE {condition}", kept=index)


def _some(where: str, ids: str) -> Among:
    """What has no order of its own."""
    return Among(where, ids)


_DRAFT = _some(
    "EXISTS (SELECT 1 FROM outbox q WHERE q.conversation_id = c.id AND q.state = 'draft')",
    "SELECT conversation_id AS id FROM outbox WHERE state = 'draft'",
)
_IS_CONVERSATION: Mapping[str, Part] = {
    **{each: frozenset({each}) for each in sorted(STANDINGS)},
    "open": frozenset({"waiting", "reading", "answered"}),
    "new": _kept("c.last_item_id > c.seen_item_id", "conversation_new"),
    "starred": _kept("c.starred_at IS NOT NULL", "conversation_starred"),
    "draft": _DRAFT,
    "back": _kept("c.woken_at IS NOT NULL AND c.attention = 'waiting'", "conversation_back"),
    "pending": _some(
        "EXISTS (SELECT 1 FROM item q WHERE q.conversation_id = c.id AND q.status = 'pending')",
        "SELECT conversation_id AS id FROM item INDEXED BY item_desk"
        " WHERE status IN ('pending', 'spam', 'trash') AND status = 'pending'",
    ),
    "mine": _kept("c.last_outgoing_at IS NOT NULL", "conversation_mine"),
    "any": STANDINGS,
}
_IS_OUTBOX: Mapping[str, str] = {
    each: f"o.state = '{each}'" for each in ("draft", "queued", "sending", "sent", "failed", "uncertain", "cancelled")
} | {"by-hand": "o.state = 'by hand'"}


def _choice(name: str, choices: Mapping[str, Part] | Mapping[str, str]) -> _Field:
    def build(_terms: Conditions, value: str) -> Part:
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


def _source_conversation(terms: Conditions, value: str) -> Among:
    sources = f"SELECT s.id FROM source s WHERE {_source(terms, value)}"
    ids = (
        f"SELECT k.id FROM ({sources}) f CROSS JOIN conversation k INDEXED BY conversation_source ON k.source_id = f.id"
    )
    return Among(f"c.source_id IN ({sources})", ids, sources=sources)


def _people(terms: Conditions, value: str) -> str:
    match = quoted(value.strip('"'))
    if not match:
        raise WrongUsage(f"“{value}” holds nothing to look for.")
    return _called(terms.value(match))


def _person(column: str) -> _Field:
    return lambda terms, value: f"{column} IN ({_people(terms, value)})"


def _from_conversation(terms: Conditions, value: str) -> Among:
    people = _people(terms, value)
    return _led(people, f"i.person_id IN ({people})")


def _with_conversation(terms: Conditions, value: str) -> Among:
    authors = f"SELECT wi.id FROM identity wi WHERE wi.person_id IN ({_people(terms, value)})"
    wrote = (
        f"SELECT w.conversation_id AS id FROM ({authors}) wa CROSS JOIN item w INDEXED BY item_author"
        " ON w.author_id = wa.id"
    )
    return Among(f"c.id IN ({wrote})", wrote, authors=authors)


def _identities(people: str) -> str:
    """The identities of people, who are given as a sub-select of ids."""
    return f"SELECT fi.id FROM (SELECT DISTINCT id FROM ({people})) pp CROSS JOIN identity fi ON fi.person_id = pp.id"


def _led(people: str, where: str) -> Among:
    """The conversations that people lead."""
    return led(_identities(people))._replace(where=where)


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


def _age_conversation(*, newer: bool) -> _Field:
    plain = _age("", newer=newer)
    return lambda terms, value: Bound(str(plain(terms, value)).split()[-1], newer)


def _stage_conversation(terms: Conditions, value: str) -> Part:
    where = str(_stage("stage")(terms, value))
    if value.lower() == STAGES[0]:
        return f"p.{where}"
    in_order = "ORDER BY id LIMIT -1"  # a set of handles that come in order is made in half the time
    return _led(f"SELECT id FROM person WHERE {where} {in_order}", f"p.{where}")


_HAS_CONVERSATION: Mapping[str, Part] = {
    "question": _kept("c.attention = 'waiting' AND instr(c.reasons, '\"question\"') > 0", "conversation_question"),
    "note": _led("SELECT person_id AS id FROM note", "EXISTS (SELECT 1 FROM note q WHERE q.person_id = i.person_id)"),
    "draft": _DRAFT,
    "outcome": _some(
        "EXISTS (SELECT 1 FROM outcome q WHERE q.conversation_id = c.id)",
        "SELECT conversation_id AS id FROM outcome WHERE conversation_id IS NOT NULL",
    ),
    "tag": _some(
        "EXISTS (SELECT 1 FROM conversation_tag q WHERE q.conversation_id = c.id)",
        "SELECT conversation_id AS id FROM conversation_tag",
    ),
    "reminder": _some("c.remind_at IS NOT NULL", "SELECT id FROM conversation WHERE remind_at IS NOT NULL"),
}


def _conversation_tag(terms: Conditions, value: str) -> Among:
    word = terms.value(value.lstrip("#"))
    people = led(_identities(f"SELECT person_id AS id FROM person_tag WHERE tag = {word}"))
    own = f"SELECT conversation_id AS id FROM conversation_tag WHERE tag = {word}"
    return _some(f"(c.id IN ({own}) OR {people.where})", f"{own} UNION ALL {people.ids}")


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


def _words_article(terms: Conditions, value: str) -> Told:
    """What is in an article, who wrote it, or where."""
    match = quoted(value)
    people = CALLED_HANDLES.replace(":match", terms.value(match))
    return Told(match, people, f"SELECT s.id FROM source s WHERE {_source(terms, value)}")


def _from_article(terms: Conditions, value: str) -> Told:
    return Told(leads=_identities(_people(terms, value)))


def _source_article(terms: Conditions, value: str) -> Told:
    return Told(sources=f"SELECT s.id FROM source s WHERE {_source(terms, value)}")


def _words_in(*columns: str) -> _Field:
    def build(terms: Conditions, value: str) -> str:
        word = terms.value(value.strip('"').rstrip("*").lower())
        return "(" + " OR ".join(f"instr(lower(coalesce({column}, '')), {word}) > 0" for column in columns) + ")"

    return build


LISTS: Mapping[str, Mapping[str, _Field]] = {
    "conversations": {
        "is": _choice("is", _IS_CONVERSATION),
        "has": _choice("has", _HAS_CONVERSATION),
        "from": _from_conversation,
        "with": _with_conversation,
        "source": _source_conversation,
        "stage": _stage_conversation,
        "tag": _conversation_tag,
        "newer": _age_conversation(newer=True),
        "older": _age_conversation(newer=False),
        "": _words_conversation,
    },
    "people": {
        "is": _choice("is", {"waiting": "EXISTS (SELECT 1 FROM identity q CROSS JOIN conversation c "
                             "INDEXED BY conversation_lead_rank ON c.lead_id = q.id "
                             "WHERE q.person_id = p.id AND c.attention = 'waiting')"}),
        "has": _choice("has", {"contact": "p.last_contact_at IS NOT NULL",
                               "outcome": "p.id IN (SELECT person_id FROM outcome)",
                               "note": "EXISTS (SELECT 1 FROM note q WHERE q.person_id = p.id)",
                               "promise": "p.id IN (SELECT person_id FROM promise WHERE kept_at IS NULL)"}),
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
        "from": _from_article,
        "source": _source_article,
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
