"""A workspace of any size, filled with plain SQL in a minute: what the benchmarks measure on."""

import random
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

from storage.database import FILE, prepare

NOW = 1_790_000_000
WORDS = [
    "notes", "tmux", "feed", "release", "question", "answer", "garden", "violin", "lantern", "drawer", "pencil",
    "archive", "clock", "barometer", "committee", "photograph", "lighthouse", "index", "rebuild", "morning",
    "evening", "letter", "bench", "rooster", "window", "margin", "paper", "harbour", "train", "quiet",
]  # fmt: skip
ATTENTION = ("done",) * 12 + ("answered",) * 4 + ("reading",) * 2 + ("waiting",)


def sentence(chance: random.Random, least: int, most: int) -> str:
    """So many words, now and then a question."""
    words = " ".join(chance.choices(WORDS, k=chance.randint(least, most)))
    return words.capitalize() + chance.choice(".....?")


def generate(directory: Path, *, conversations: int, items_each: int = 5, people: int = 1000, seed: int = 1) -> None:
    """Fill a new workspace. Everything is as a sync would have left it, search included."""
    chance = random.Random(seed)
    prepare(directory / FILE)
    connection = sqlite3.connect(directory / FILE, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("BEGIN")
    connection.executemany(
        "INSERT INTO source (id, kind, name, address, created_at, backlog_done_at) VALUES (?, 'feed', ?, ?, 0, 1)",
        [(number, f"Source {number}", f"https://s{number}.example/feed") for number in range(1, 21)],
    )
    connection.executemany(
        """
        INSERT INTO person (id, name, stage, created_at, first_contact_at, last_incoming_at, last_contact_at)
        VALUES (?, ?, ?, 0, 1, ?, ?)
        """,
        [
            (
                number,
                f"Person {number}",
                chance.choice(("stranger", "visitor", "regular", "friend")),
                NOW - number,
                NOW - number,
            )
            for number in range(1, people + 1)
        ],
    )
    connection.executemany(
        "INSERT INTO identity (id, person_id, network, key, handle, name, created_at) VALUES (?, ?, 'n', ?, ?, ?, 0)",
        [(number, number, str(number), f"@p{number}", f"Person {number}") for number in range(1, people + 1)],
    )
    connection.executemany(
        """
        INSERT INTO conversation (id, source_id, thread, title, attention, rank, lead_id, waiting_since,
            last_incoming_at, last_item_at, items, last_item_id, seen_item_id)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
        _conversations(chance, conversations, items_each, people),
    )
    connection.executemany(
        """
        INSERT INTO item (source_id, conversation_id, remote_id, parent_remote_id, author_id, kind, to_me, text,
            created_at, fetched_at)
        VALUES (?, ?, ?, ?, ?, 'comment', 1, ?, ?, ?)
        """,
        _items(chance, conversations, items_each, people),
    )
    connection.execute("COMMIT")
    connection.execute("ANALYZE")
    connection.close()


def _conversations(chance: random.Random, count: int, each: int, people: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, count + 1):
        at = NOW - (count - number) * 300
        attention = chance.choice(ATTENTION)
        last = number * each
        since = at if attention == "waiting" else None
        rank = chance.random() * 9 - at / 86_400 if attention == "waiting" else at / 86_400
        yield (
            number, number % 20 + 1, str(number), sentence(chance, 4, 9), attention, rank, chance.randint(1, people),
            since, at, at, each, last, last,
        )  # fmt: skip


def _items(chance: random.Random, count: int, each: int, people: int) -> Iterator[tuple[object, ...]]:
    for number in range(1, count + 1):
        at = NOW - (count - number) * 300
        for place in range(each):
            remote = f"{number}-{place}"
            parent = f"{number}-{chance.randrange(place)}" if place else None
            when = at - (each - place) * 60
            text = sentence(chance, 8, 60)
            yield (number % 20 + 1, number, remote, parent, chance.randint(1, people), text, when, when)


if __name__ == "__main__":
    generate(Path(sys.argv[1]), conversations=int(sys.argv[2]), items_each=int(sys.argv[3]) if len(sys.argv) > 3 else 5)
