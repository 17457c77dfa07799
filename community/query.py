"""The query language: `is:waiting from:maria newer:3d has:question -is:muted "exact words" word*`.

A query becomes a fixed SQL fragment with named parameters: nothing typed is ever part of the SQL text. Each list
knows its own fields; a field that a list does not know is an error that says so, and where.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from community.config import STAGES
from community.errors import WrongUsage
from community.model import Attention
from community.text import clean_line
from storage.search import quoted

_TERM = re.compile(r'(?P<minus>-?)(?:(?P<field>[a-z]+):)?(?:"(?P<quoted>[^"]*)"|(?P<bare>[^\s"]+))', re.IGNORECASE)
_SPAN = re.compile(r"^(\d{1,5})(h|d|w|m|y)$")
_SECONDS = {"h": 3600, "d": 86_400, "w": 604_800, "m": 2_592_000, "y": 31_536_000}


@dataclass(frozen=True, slots=True)
class Query:
    """What a query means for one list: an SQL condition and the values it names."""

    where: str = "1"
    values: Mapping[str, object] = field(default_factory=dict)
    text: str = ""


@dataclass(slots=True)
class _Terms:
    """Conditions being collected; `value` names one parameter."""

    now: int
    parts: list[str] = field(default_factory=list)
    values: dict[str, object] = field(default_factory=dict)

    def value(self, value: object) -> str:
        name = f"q{len(self.values)}"
        self.values[name] = value
        return f":{name}"


_Field = Callable[[_Terms, str], str]

_PERSON_MATCH = """{person} IN (
    SELECT pi.person_id FROM identity pi JOIN person pp ON pp.id = pi.person_id
    WHERE instr(lower(pp.name), {v}) > 0 OR instr(lower(pi.handle), {v}) > 0)"""

_IS_CONVERSATION: Mapping[str, str] = {
    **{each.value: f"c.attention = '{each.value}'" for each in Attention},
    "open": "c.attention IN ('waiting', 'reading', 'answered')",
    "new": "c.last_item_id > c.seen_item_id",
    "starred": "c.starred_at IS NOT NULL",
    "draft": "EXISTS (SELECT 1 FROM outbox q WHERE q.conversation_id = c.id AND q.state = 'draft')",
    "back": "c.woken_at IS NOT NULL AND c.attention = 'waiting'",
    "pending": "EXISTS (SELECT 1 FROM item q WHERE q.conversation_id = c.id AND q.status = 'pending')",
    "mine": "EXISTS (SELECT 1 FROM item q WHERE q.conversation_id = c.id AND q.mine = 1)",
    "any": "1",
}
_IS_OUTBOX: Mapping[str, str] = {
    each: f"o.state = '{each}'" for each in ("draft", "queued", "sending", "sent", "failed", "uncertain", "cancelled")
} | {"by-hand": "o.state = 'by hand'"}


def _choice(name: str, choices: Mapping[str, str]) -> _Field:
    def build(_terms: _Terms, value: str) -> str:
        if value.lower() not in choices:
            raise WrongUsage(f"{name}:{value} is unknown{_near(value, choices)}")
        return choices[value.lower()]

    return build


def _source(terms: _Terms, value: str) -> str:
    word = terms.value(value.lower())
    return f"(instr(lower(s.name), {word}) > 0 OR s.kind = {word} OR CAST(s.id AS TEXT) = {word})"


def _person(column: str) -> _Field:
    def build(terms: _Terms, value: str) -> str:
        return _PERSON_MATCH.format(person=column, v=terms.value(value.lower().lstrip("@")))

    return build


def _stage(column: str) -> _Field:
    def build(terms: _Terms, value: str) -> str:
        if value.lower() not in STAGES:
            raise WrongUsage(f"stage:{value} is unknown{_near(value, dict.fromkeys(STAGES, ''))}")
        return f"{column} = {terms.value(value.lower())}"

    return build


def _age(column: str, *, newer: bool) -> _Field:
    def build(terms: _Terms, value: str) -> str:
        found = _SPAN.match(value.lower())
        if not found:
            word = "newer" if newer else "older"
            raise WrongUsage(f"{word}:{value} is no span of time: write {word}:12h, {word}:3d, {word}:2w, {word}:6m.")
        at = terms.now - int(found[1]) * _SECONDS[found[2]]
        return f"{column} {'>=' if newer else '<'} {terms.value(at)}"

    return build


def _has_conversation(terms: _Terms, value: str) -> str:
    return _choice(
        "has",
        {
            "question": "c.reasons LIKE '%\"question\"%'",
            "note": "EXISTS (SELECT 1 FROM note q WHERE q.person_id = i.person_id)",
            "draft": _IS_CONVERSATION["draft"],
            "tag": "EXISTS (SELECT 1 FROM conversation_tag q WHERE q.conversation_id = c.id)",
            "reminder": "c.remind_at IS NOT NULL",
        },
    )(terms, value)


def _conversation_tag(terms: _Terms, value: str) -> str:
    word = terms.value(value.lstrip("#"))
    return (
        f"(c.id IN (SELECT conversation_id FROM conversation_tag WHERE tag = {word})"
        f" OR i.person_id IN (SELECT person_id FROM person_tag WHERE tag = {word}))"
    )


def _person_tag(column: str) -> _Field:
    def build(terms: _Terms, value: str) -> str:
        return f"{column} IN (SELECT person_id FROM person_tag WHERE tag = {terms.value(value.lstrip('#'))})"

    return build


def _words_conversation(terms: _Terms, value: str) -> str:
    match = terms.value(quoted(value))
    name = terms.value(value.strip('"').rstrip("*").lower())
    return (
        f"(c.id IN (SELECT f.conversation_id FROM item_fts JOIN item f ON f.id = item_fts.rowid WHERE item_fts MATCH {match})"
        f" OR instr(lower(c.title), {name}) > 0 OR instr(lower(coalesce(p.name, '')), {name}) > 0)"
    )


def _words_in(*columns: str) -> _Field:
    def build(terms: _Terms, value: str) -> str:
        word = terms.value(value.strip('"').rstrip("*").lower())
        return "(" + " OR ".join(f"instr(lower(coalesce({column}, '')), {word}) > 0" for column in columns) + ")"

    return build


_LISTS: Mapping[str, Mapping[str, _Field]] = {
    "conversations": {
        "is": _choice("is", _IS_CONVERSATION),
        "has": _has_conversation,
        "from": _person("i.person_id"),
        "with": lambda terms, value: (
            "c.id IN (SELECT w.conversation_id FROM item w JOIN identity wi ON wi.id = w.author_id WHERE "
            + _person("wi.person_id")(terms, value)
            + ")"
        ),
        "source": _source,
        "stage": _stage("p.stage"),
        "tag": _conversation_tag,
        "newer": _age("c.last_item_at", newer=True),
        "older": _age("c.last_item_at", newer=False),
        "": _words_conversation,
    },
    "people": {
        "is": _choice("is", {"waiting": "EXISTS (SELECT 1 FROM identity q JOIN conversation c ON c.lead_id = q.id "
                             "WHERE q.person_id = p.id AND c.attention = 'waiting')"}),
        "has": _choice("has", {"note": "EXISTS (SELECT 1 FROM note q WHERE q.person_id = p.id)",
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
        "": _words_in("i.title", "i.text", "a.name", "s.name"),
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


def parse(text: str, *, now: int, target: str = "conversations") -> Query:
    """What `text` means for a list ("conversations", "people", "articles", "desk", "outbox").

    An empty text names everything. Terms are joined by "and"; a minus in front means "not". Raises `WrongUsage` that
    says what is wrong and at which character.
    """
    fields = _LISTS[target]
    terms = _Terms(now)
    shown = clean_line(text, limit=1000)
    at = 0
    while at < len(shown):
        if shown[at].isspace():
            at += 1
            continue
        found = _TERM.match(shown, at)
        if found is None:
            mend = "a quote is not closed" if shown[at] in '"-' or '"' in shown[at:] else "that is not a term"
            raise WrongUsage(f"The query goes wrong at character {at + 1}: {mend}.")
        name = (found["field"] or "").lower()
        value = found["quoted"] if found["quoted"] is not None else found["bare"]
        if name and name not in fields:
            known = [each for each in fields if each]
            import difflib  # noqa: PLC0415  late: only a slip needs it

            close = difflib.get_close_matches(name, known, 1)
            fields_are = f"; the fields are {', '.join(f'{each}:' for each in known)}."
            hint = f"; did you mean “{close[0]}:”?" if close else fields_are
            raise WrongUsage(f"The query goes wrong at character {at + 1}: “{name}:” is no field here{hint}")
        if not name and found["quoted"] is not None:
            value = f'"{value}"'
        if not name and not any(character.isalnum() for character in value):
            raise WrongUsage(f"The query goes wrong at character {at + 1}: “{value}” holds nothing to look for.")
        try:
            part = fields[name](terms, value)
        except WrongUsage as error:
            raise WrongUsage(f"The query goes wrong at character {at + 1}: {error}") from error
        terms.parts.append(f"NOT ({part})" if found["minus"] else part)
        at = found.end()
    return Query(" AND ".join(terms.parts) or "1", terms.values, shown)


def _near(value: str, choices: Mapping[str, str]) -> str:
    import difflib  # noqa: PLC0415

    close = difflib.get_close_matches(value.lower(), list(choices), n=1)
    return f"; did you mean “{close[0]}”?" if close else f"; choose one of {', '.join(choices)}."
