"""A workspace of any size, as ten years of syncs would have left it: what the benchmarks measure on.

Rows are written with plain SQL into the real schema; where each conversation stands is decided by the real
`community.attention`. `python tests/benchmarks/generate.py 200000` prints the directory of a cached one.
"""

import fcntl
import hashlib
import json
import os
import random
import sqlite3
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from pathlib import Path

import community.attention
import storage.schema
from community.attention import asks, stand
from community.config import STAGES, Config
from community.model import ConversationState, Fact
from storage.database import FILE
from storage.derived import settle_now
from storage.opening import prepare
from storage.people import Standing
from words import Prose

LARGE, SMALL = 200_000, 2_000
"""Conversations of the two sizes that are compared: 1,000,000 and 10,000 items."""
NOW = 1_760_000_000
_SPAN_S = 10 * 365 * 86_400
_HANDLES_EACH = 5
_ITEMS_EACH = (1, 1, 1, 1, 2, 3, 4, 6, 9, 22)
_NETWORKS = ("fediverse", "bluesky", "wordpress:blog.example", "isso:notes.example", "feed:example.org")
_FATES = {"": 8, "done": 68, "answered": 17, "snoozed": 3, "resting": 3, "muted": 1}
_BATCH = 1000
_CONFIG = Config()

Rows = list[tuple[object, ...]]


def cached(conversations: int = LARGE) -> Path:
    """The directory of a generated workspace, made when there is none of this size yet. Do not write into it."""
    recipe = hashlib.blake2b(digest_size=6)
    for module in (sys.modules[__name__], sys.modules["words"], community.attention):
        recipe.update(Path(module.__file__ or "").read_bytes())
    for migration in sorted((Path(storage.schema.__file__).parent / "migrations").glob("*.sql")):
        recipe.update(migration.read_bytes())
    home = Path(tempfile.gettempdir()) / f"kith-bench-{os.getuid()}"
    home.mkdir(mode=0o700, exist_ok=True)
    directory = home / f"{conversations}-{recipe.hexdigest()}"
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (directory / "whole").exists():
            directory.mkdir(mode=0o700, exist_ok=True)
            for leftover in directory.glob(f"{FILE}*"):
                leftover.unlink()
            generate(directory, conversations=conversations)
            (directory / "whole").touch()
    return directory


def generate(directory: Path, *, conversations: int, people: int = 0, longest: int = 0, seed: int = 1) -> None:
    """Fill a new workspace with about five items to a conversation.

    There are twenty conversations to a person, and five handles to each, unless `people` says how many. The
    conversation in the middle, id `conversations // 2`, has `longest` items: a hundredth of all unless it is said.
    """
    prepare(directory / FILE)
    connection = sqlite3.connect(directory / FILE, isolation_level=None)
    try:
        for pragma in ("journal_mode = MEMORY", "synchronous = OFF", "cache_size = -500000"):
            connection.execute(f"PRAGMA {pragma}")
        connection.execute("BEGIN")
        town = _Town(connection, seed, conversations, people or max(10, conversations // 20))
        town.write(conversations, longest or max(1, conversations // 20))
        connection.execute("COMMIT")
        connection.execute("PRAGMA journal_mode = WAL")
    finally:
        connection.close()


@dataclass(slots=True)
class _Met:
    """What the items that were written so far tell of a person."""

    stage: str
    first_item_id: int = 0
    first_at: int | None = None
    incoming_at: int | None = None
    outgoing_at: int | None = None
    networks: set[str] = field(default_factory=set)

    def note(self, at: int, *, mine: bool) -> None:
        self.first_at = min(at, self.first_at or at)
        if mine:
            self.outgoing_at = max(at, self.outgoing_at or 0)
        else:
            self.incoming_at = max(at, self.incoming_at or 0)


class _Town:
    """Everybody who writes, and what they wrote."""

    def __init__(self, connection: sqlite3.Connection, seed: int, conversations: int, people: int) -> None:
        self._connection = connection
        self._chance = random.Random(seed)
        self._prose = Prose(seed, min(20_000, 1000 + conversations))
        self._people = [_Met(self._chance.choices(STAGES, (60, 20, 12, 6, 2))[0]) for _ in range(people)]
        self._often = list(accumulate(1 / (place + 20) for place in range(people)))
        self._me = people * _HANDLES_EACH + 1
        self._sources = max(10, conversations // 400)
        self._own = max(4, self._sources // 50)
        self._last_item_id = 0
        self._items: Rows = []

    def write(self, conversations: int, longest: int) -> None:
        """Fill every table."""
        self._write_sources()
        self._write_identities()
        rows: Rows = []
        for number in range(1, conversations + 1):
            size = longest if number == conversations // 2 else self._chance.choice(_ITEMS_EACH)
            at = NOW - _SPAN_S + _SPAN_S * number // conversations - size * 60
            rows.append(self._conversation(number, size, at))
            if number % _BATCH == 0 or number == conversations:
                self._insert("conversation", _CONVERSATION, rows)
                self._insert("item", _ITEM, self._items)
                rows, self._items = [], []
        self._write_people()
        self._write_memos(conversations)
        settle_now(self._connection)

    def _insert(self, table: str, columns: str, rows: Iterable[tuple[object, ...]]) -> None:
        places = ", ".join("?" * (columns.count(",") + 1))
        self._connection.executemany(f"INSERT INTO {table} ({columns}) VALUES ({places})", rows)

    def _write_sources(self) -> None:
        kinds = ("wordpress", "mastodon", "bluesky", "isso")
        self._insert(
            "source",
            "id, kind, name, address, is_mine, state, health, created_at, backlog_done_at",
            (
                (each, kinds[each % 4] if each <= self._own else "feed", f"Source {each}", f"https://s{each}.example/",
                 int(each <= self._own), "paused", "ok", NOW - _SPAN_S, NOW - _SPAN_S)
                for each in range(1, self._sources + 1)
            ),
        )  # fmt: skip

    def _write_identities(self) -> None:
        def rows() -> Iterator[tuple[object, ...]]:
            for number in range(self._me - 1):
                person = number // _HANDLES_EACH + 1
                name = self._name(person)
                handle = f"@{name.lower().replace(' ', '.')}{person}"
                yield number + 1, person, _NETWORKS[number % _HANDLES_EACH], str(number), handle, name, 0, NOW - _SPAN_S
            yield self._me, len(self._people) + 1, "fediverse", "me", "@me", "Me", 1, NOW - _SPAN_S

        self._insert("identity", "id, person_id, network, key, handle, name, is_me, created_at", rows())

    def _name(self, person: int) -> str:
        words = self._prose.words
        return f"{words[person * 7 % len(words)]} {words[person * 13 % len(words)]}".title()

    def _conversation(self, number: int, size: int, at: int) -> tuple[object, ...]:
        """The row of a conversation; its items are put beside it."""
        chance = self._chance
        is_post = size == 1 and chance.random() < 0.7
        source = chance.randint(self._own + 1, self._sources) if is_post else chance.randint(1, self._own)
        title, first_id = self._prose.sentence()[:90], self._last_item_id + 1
        facts: list[Fact] = []
        for place in range(size):
            facts.append(self._item(number, source, at + place * 60, facts, title if is_post else ""))
        fates = {"": 1, "done": 9} if is_post else _FATES
        fate = chance.choices(list(fates), list(fates.values()))[0]
        if fate == "answered":
            facts.append(self._answer(number, source, at + size * 60, facts[-1]))
        last_id, later = self._last_item_id, NOW + 20 * 365 * 86_400
        state = ConversationState(
            id=number,
            source_id=source,
            title=title,
            attention="done",
            last_item_id=last_id,
            seen_item_id=last_id if fate or chance.random() < 0.5 else first_id - 1,
            done_at=at if fate == "done" else None,
            done_item_id=last_id if fate == "done" else None,
            snoozed_until=later if fate == "snoozed" else None,
            snoozed_item_id=last_id if fate == "snoozed" else None,
            woken_at=at if not fate and chance.random() < 0.01 else None,
            resting_at=at if fate == "resting" else None,
            resting_item_id=last_id if fate == "resting" else None,
            muted_at=at if fate == "muted" else None,
            starred_at=at if chance.random() < 0.005 else None,
            remind_at=later if fate == "answered" and chance.random() < 0.02 else None,
        )
        people = {fact.person_id: self._standing(fact.person_id) for fact in facts if not fact.mine}
        found = stand(state, facts, people, weights=_CONFIG.weights, waiting_days=_CONFIG.waiting_days, now=NOW)
        return (
            number, source, f"t{number}", title, "", found.attention.value, found.rank, json.dumps(found.reasons),
            found.lead_id, found.waiting_since, found.last_incoming_at, found.last_outgoing_at, found.last_item_at,
            found.items, found.last_item_id, state.seen_item_id, state.done_at, state.done_item_id,
            state.snoozed_until, state.snoozed_item_id, state.woken_at, state.resting_at, state.resting_item_id,
            state.muted_at, state.starred_at, state.remind_at,
        )  # fmt: skip

    def _item(self, conversation: int, source: int, at: int, before: list[Fact], title: str) -> Fact:
        """One item by somebody else."""
        chance = self._chance
        place = chance.choices(range(len(self._people)), cum_weights=self._often)[0]
        handle = chance.randrange(_HANDLES_EACH)
        met, kind = self._people[place], "article" if title else "comment"
        status = "published" if title else chance.choices(("published", "pending", "spam"), (989, 1, 10))[0]
        parent = chance.choice(before).remote_id if before else None
        text = self._prose.text(1, 6)
        self._last_item_id += 1
        met.first_item_id = met.first_item_id or self._last_item_id
        if not title:
            met.networks.add(_NETWORKS[handle].partition(":")[0])
            if status == "published":
                met.note(at, mine=False)
        return self._put(
            Fact(
                self._last_item_id, f"r{self._last_item_id}", parent, place * _HANDLES_EACH + handle + 1, place + 1, 0,
                int(not title), status, kind, at, at, None, text,
            ),
            conversation, source, title,
        )  # fmt: skip

    def _answer(self, conversation: int, source: int, at: int, to: Fact) -> Fact:
        """One item of mine."""
        self._last_item_id += 1
        self._people[to.person_id - 1].note(at, mine=True)
        return self._put(
            Fact(
                self._last_item_id, f"r{self._last_item_id}", to.remote_id, self._me, len(self._people) + 1, 1, 0,
                "published", "reply", at, at, to.id, self._prose.text(1, 3), to.author_id,
            ),
            conversation, source, "",
        )  # fmt: skip

    def _put(self, fact: Fact, conversation: int, source: int, title: str) -> Fact:
        raw = f"<p>{fact.text}</p>".encode() if title else None
        self._items.append(
            (
                fact.id, source, conversation, fact.remote_id, fact.parent_remote_id, fact.author_id, fact.kind,
                fact.status, fact.to_me, fact.mine, title, fact.text, raw, f"https://s{source}.example/{fact.id}",
                fact.created_at, fact.fetched_at, fact.answers_item_id, fact.to_id,
                int(not fact.mine and asks(fact.text)),
            )
        )  # fmt: skip
        return fact

    def _standing(self, person: int) -> Standing:
        met = self._people[person - 1]
        return Standing(person, met.stage, met.first_at, len(met.networks), met.first_item_id)

    def _write_people(self) -> None:
        def rows() -> Iterator[tuple[object, ...]]:
            for number, met in enumerate(self._people, 1):
                last = max((at for at in (met.incoming_at, met.outgoing_at) if at is not None), default=None)
                yield (
                    number, self._name(number), met.stage, NOW - _SPAN_S, met.first_at, met.incoming_at,
                    met.outgoing_at, last,
                )  # fmt: skip
            yield len(self._people) + 1, "Me", "stranger", NOW - _SPAN_S, None, None, None, None

        self._insert(
            "person",
            "id, name, stage, created_at, first_contact_at, last_incoming_at, last_outgoing_at, last_contact_at",
            rows(),
        )

    def _write_memos(self, conversations: int) -> None:
        """What the user wrote about people, their tags, and the lighter touches."""
        chance, prose, people = self._chance, self._prose, len(self._people)

        def person() -> int:
            return chance.choices(range(people), cum_weights=self._often)[0] + 1

        def when() -> int:
            return NOW - chance.randrange(_SPAN_S)

        self._insert("note", "person_id, text, at", ((person(), prose.text(1, 3), when()) for _ in range(people)))
        self._insert(
            "touchpoint", "person_id, kind, direction, text, at",
            ((person(), "met", "mutual", prose.sentence(), when()) for _ in range(people)),
        )  # fmt: skip
        self._insert(
            "promise", "person_id, text, due_at, created_at, kept_at",
            (
                (person(), prose.sentence()[:200], at, at - 86_400, None if place % 50 == 0 else at)
                for place, at in enumerate(when() for _ in range(people))
            ),
        )  # fmt: skip
        self._insert(
            "signal", "source_id, remote_id, identity_id, kind, item_remote_id, at",
            (
                (chance.randint(1, self._own), f"s{place}", person() * _HANDLES_EACH, "like",
                 f"r{chance.randint(1, self._last_item_id)}", when())
                for place in range(conversations)
            ),
        )  # fmt: skip
        tags = [f"tag{place}" for place in range(40)]
        week = 7 * 86_400
        self._insert(
            "tag_cadence", "tag, cadence_s, cadence_max_s",
            [(tag, week * (place + 1), week * (2 * place + 3)) for place, tag in enumerate(tags[:4])],
        )  # fmt: skip
        self._insert(
            "stage_change", "person_id, before, after, why, at",
            ((person(), "stranger", "visitor", prose.sentence(), when()) for _ in range(people)),
        )  # fmt: skip
        self._insert(
            "person_tag", "person_id, tag",
            {(person(), chance.choice(tags)): None for _ in range(people // 2)},
        )  # fmt: skip
        self._insert(
            "conversation_tag", "conversation_id, tag",
            {(chance.randint(1, conversations), chance.choice(tags)): None for _ in range(conversations // 20)},
        )  # fmt: skip
        self._connection.execute(
            """
            INSERT INTO outbox (act, source_id, item_id, conversation_id, text, key, state, created_at, updated_at)
            SELECT 'reply', i.source_id, i.id, i.conversation_id, i.text, 'k' || i.id,
                   CASE WHEN i.id % 10000 = 0 THEN 'draft' ELSE 'sent' END, i.created_at, i.created_at
            FROM item i WHERE i.kind = 'comment' AND i.mine = 0 AND i.id % 50 = 0
            """
        )
        self._insert(
            "saved_view", "name, query, position",
            [("Friends", "is:waiting stage:friend", 1), ("Questions", "is:waiting has:question", 2)],
        )  # fmt: skip


_CONVERSATION = """
    id, source_id, thread, title, subject, attention, rank, reasons, lead_id, waiting_since, last_incoming_at,
    last_outgoing_at, last_item_at, items, last_item_id, seen_item_id, done_at, done_item_id, snoozed_until,
    snoozed_item_id, woken_at, resting_at, resting_item_id, muted_at, starred_at, remind_at
"""
_ITEM = """
    id, source_id, conversation_id, remote_id, parent_remote_id, author_id, kind, status, to_me, mine, title, text,
    raw_html, permalink, created_at, fetched_at, answers_item_id, to_id, asks
"""


if __name__ == "__main__":
    print(cached(int(sys.argv[1]) if len(sys.argv) > 1 else LARGE))
