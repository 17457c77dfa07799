"""The views of the community, slow and obvious: every item of every person, once more for each question."""

import sqlite3
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from storage import bonds, readings
from storage.database import FILE

DAY = 86_400
NEAR = ("ally", "friend", "regular")


@dataclass
class Human:
    """A person with everything that is theirs."""

    id: int
    name: str
    stage: str
    resting: bool
    last_contact_at: int | None
    words: list[dict[str, Any]] = field(default_factory=list)
    signals: list[int] = field(default_factory=list)
    touches: list[dict[str, Any]] = field(default_factory=list)
    topics: set[str] = field(default_factory=set)
    spoken_to: bool = False


class Reference:
    """Answers the questions of `community.readings` from the plain tables."""

    def __init__(self, directory: Path, now: int) -> None:
        self.now = now
        connection = sqlite3.connect(directory / FILE)
        connection.row_factory = sqlite3.Row
        rows = {t: [dict(row) for row in connection.execute(f"SELECT * FROM {t}")] for t in
                ("person", "identity", "signal", "touchpoint", "person_tag", "conversation_tag")}  # fmt: skip
        items = [dict(row) for row in connection.execute(
            "SELECT id, conversation_id, author_id, kind, status, to_me, mine, asks, created_at, to_id FROM item"
        )]  # fmt: skip
        connection.close()
        me = {row["person_id"] for row in rows["identity"] if row["is_me"]}
        self.people = {
            row["id"]: Human(
                row["id"], row["name"], row["stage"], row["resting_at"] is not None, row["last_contact_at"]
            )
            for row in rows["person"] if row["merged_into"] is None and row["id"] not in me
        }  # fmt: skip
        owner = {row["id"]: self.people.get(row["person_id"]) for row in rows["identity"]}
        tags = defaultdict(set)
        for row in rows["conversation_tag"]:
            tags[row["conversation_id"]].add(row["tag"])
        self.mine = defaultdict(list)
        for item in items:
            if item["mine"] and item["status"] == "published":
                self.mine[item["conversation_id"]].append(item["created_at"])
                to = owner.get(item["to_id"] or 0)
                if to is not None:
                    to.spoken_to = True
            who = owner[item["author_id"]]
            if who is not None and not item["mine"] and item["kind"] != "article" and item["status"] == "published":
                who.words.append(item)
                who.topics |= tags[item["conversation_id"]]
        for row in rows["signal"]:
            if (who := owner[row["identity_id"]]) is not None:
                who.signals.append(row["at"])
        for row in rows["touchpoint"]:
            if (who := self.people.get(row["person_id"])) is not None:
                who.touches.append(row)
        for row in rows["person_tag"]:
            if (who := self.people.get(row["person_id"])) is not None:
                who.topics.add(row["tag"])

    @staticmethod
    def days(who: Human) -> int:
        """On how many days they wrote."""
        return len({word["created_at"] // DAY for word in who.words})

    def habit(self, who: Human) -> int | None:
        """The mean time between two days of words."""
        times = [word["created_at"] for word in who.words]
        return (max(times) - min(times)) // (self.days(who) - 1) if self.days(who) >= bonds.HABIT_DAYS else None

    def heard(self, who: Human) -> list[int]:
        """Every word and every touchpoint received."""
        return [word["created_at"] for word in who.words] + [
            touch["at"] for touch in who.touches if touch["direction"] != "given"
        ]

    def asked(self, who: Human) -> int | None:
        """Their last words to me, when these ask and nothing of mine came after them there."""
        said = sorted((word for word in who.words if word["to_me"]), key=lambda word: (word["created_at"], word["id"]))
        if not said or not said[-1]["asks"]:
            return None
        last = said[-1]
        answered = any(at >= last["created_at"] for at in self.mine[last["conversation_id"]])
        return None if answered else last["id"]

    def quiet(self) -> list[tuple[int, int, int]]:
        """(why, since when, who), in the order of the view."""
        found = []
        for who in self.people.values():
            if who.resting or not self.heard(who):
                continue
            last, habit = max(self.heard(who)), self.habit(who)
            if self.asked(who):
                why, since = 1, last + bonds.ASKED_DAYS * DAY
            elif habit is not None:
                why, since = 2, last + max(bonds.QUIET_DAYS * DAY, 3 * habit)
            elif self.days(who) == 2:
                why, since = 3, last + bonds.ENDED_DAYS * DAY
            else:
                continue
            if since <= self.now:
                found.append((why, since, who.id))
        return sorted(found, key=lambda row: (row[0], -row[1], -row[2]))

    def first(self) -> list[tuple[int, int, int]]:
        """(came back, first words at, who)."""
        found = []
        for who in self.people.values():
            times = [word["created_at"] for word in who.words]
            if times and not who.resting and min(times) >= self.now - readings.FIRST_DAYS * DAY:
                found.append((int(self.days(who) > 1), min(times), who.id))
        return sorted(found, key=lambda row: (-row[1], -row[2]))

    def missing(self) -> list[tuple[int, int, int]]:
        """(by habit alone, since when, who)."""
        found = []
        for who in self.people.values():
            seen = self.heard(who) + who.signals
            if who.resting or not seen or not (who.stage in NEAR or self.days(who) >= readings.REGULAR_DAYS):
                continue
            since = max(seen) + max(bonds.MISSING_DAYS * DAY, 2 * (self.habit(who) or 0))
            if since <= self.now:
                found.append((int(who.stage not in NEAR), since, who.id))
        return sorted(found, key=lambda row: (-row[1], -row[2]))

    def gave(self) -> list[tuple[int, int, int]]:
        """(why, last seen, who)."""
        found = []
        for who in self.people.values():
            seen = self.heard(who) + who.signals
            given = [touch["at"] for touch in who.touches if touch["direction"] != "received"]
            gifts = [touch for touch in who.touches if touch["direction"] == "received"
                     and touch["kind"] in {"favour", "gift", "introduction", "letter"}
                     and (not given or touch["at"] > max(given))]  # fmt: skip
            received = [touch for touch in who.touches if touch["direction"] != "given"]
            all_in = sum(bool(word["to_me"]) for word in who.words) + len(who.signals) + len(received)
            if who.resting or not seen:
                continue
            if gifts:
                found.append((1, max(seen), who.id))
            elif not given and not who.spoken_to and all_in >= bonds.GAVE:
                found.append((2, max(seen), who.id))
        return sorted(found, key=lambda row: (row[0], -row[1], -row[2]))

    def unmet(self) -> list[tuple[int, int]]:
        """The pairs, the nearest first."""
        mine = [who for who in self.people.values()
                if who.stage in NEAR and who.topics and not who.resting and who.last_contact_at]  # fmt: skip
        mine.sort(key=lambda who: (NEAR.index(who.stage), -(who.last_contact_at or 0), -who.id))
        mine = mine[: readings.NEAREST]
        pairs = [(a, b) for a in range(len(mine)) for b in range(a + 1, len(mine))]
        found = [(mine[a].id, mine[b].id) for a, b in sorted(pairs, key=lambda pair: (sum(pair), pair[0]))
                 if mine[a].topics & mine[b].topics and not self.met(mine[a], mine[b])]  # fmt: skip
        return found[: readings.PAIRS]

    @staticmethod
    def met(one: Human, other: Human) -> bool:
        """Whether both wrote in one conversation, or were introduced."""
        rooms = [{word["conversation_id"] for word in who.words} for who in (one, other)]
        told = [(one, other), (other, one)]
        return bool(rooms[0] & rooms[1]) or any(
            touch["kind"] == "introduction" and b.name and b.name.lower() in str(touch["text"]).lower()
            for a, b in told for touch in a.touches
        )  # fmt: skip
