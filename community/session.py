"""A session: one conversation or person after the other, until the end and an honest count. Pure.

It can be written down at any moment and taken up again, also by another run of Kith.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from community.text import Clean, clean_line

CONVERSATION, PERSON = "conversation", "person"
LASTS_S = 18 * 3600
"""How long an unfinished session is taken up again; after that a new day has begun."""
_MOST = 500
_LARGEST = 1 << 53


class Step(NamedTuple):
    """What comes next: a conversation, or a person and why."""

    kind: str
    id: int
    why: str = ""


@dataclass(slots=True)
class Session:
    """`at` is the step on screen; the counts are of what was done so far."""

    steps: list[Step]
    name: str = ""
    began_at: int = 0
    at: int = 0
    answered: int = 0
    put_away: int = 0
    logged: int = 0
    looked_after: int = 0
    skipped: int = 0

    @property
    def current(self) -> Step | None:
        """The step on screen; None after the last."""
        return self.steps[self.at] if 0 <= self.at < len(self.steps) else None

    @property
    def place(self) -> str:
        """How far it has come."""
        return f"{self.at + 1} of {len(self.steps)}" if self.current is not None else "the end"

    def go_on(self, *, skipped: bool = False) -> None:
        """To the next one."""
        self.skipped += skipped
        self.at = min(len(self.steps), self.at + 1)

    def go_back(self) -> None:
        """To the one before."""
        self.at = max(0, self.at - 1)

    def drop(self, gone: Sequence[Step]) -> None:
        """Take steps out that are still to come and have nothing to them any more."""
        out = set(gone)
        self.steps[self.at :] = [step for step in self.steps[self.at :] if step not in out]

    def summary(self, left: int) -> tuple[str, ...]:
        """What was done, what is still to come, and how many wait; nothing is made to look like more."""
        did = []
        if self.answered:
            did.append(f"answered {_many(self.answered, 'conversation')}")
        if self.put_away:
            did.append(f"put {self.put_away} away")
        if self.logged:
            did.append(f"logged {_many(self.logged, 'contact')}")
        if self.looked_after:
            did.append(f"looked after {self.looked_after} {'person' if self.looked_after == 1 else 'people'}")
        if self.skipped:
            did.append(f"left {self.skipped} for later")
        first = f"You {_joined(did)}." if did else "You looked, and that was all."
        rest = len(self.steps) - self.at
        more = (f"{rest} {'is' if rest == 1 else 'are'} still to come, whenever you like.",) if rest else ()
        waits = (
            "Nobody is waiting for you." if left == 0 else f"{left} {'waits' if left == 1 else 'wait'} for you still."
        )
        return (first, *more, waits)

    def written(self) -> str:
        """The session as text, "" when it is over: nothing is left to take up."""
        if self.current is None:
            return ""
        counts = [self.at, self.answered, self.put_away, self.logged, self.looked_after, self.skipped]
        return json.dumps([self.name, self.began_at, counts, [list(step) for step in self.steps]], ensure_ascii=False)


def read(text: str, *, now: int) -> Session | None:
    """A session that was written down and is not over; None for an old one, or for anything else."""
    try:
        name, began_at, counts, rows = json.loads(text or "[]")
        steps = [Step(_kind(kind), _number(row_id), clean_line(why, limit=500)) for kind, row_id, why in rows][:_MOST]
        at, answered, put_away, logged, looked_after, skipped = map(_number, counts)
        began_at = _number(began_at)
    except (ValueError, TypeError, RecursionError):
        return None
    found = Session(steps, clean_line(name, limit=40), began_at, at, answered, put_away, logged, looked_after, skipped)
    return found if found.current is not None and 0 <= now - began_at < LASTS_S else None


class Candidate(NamedTuple):
    """Somebody for the five today, and why."""

    person_id: int
    name: str
    why: Clean


def five(
    loops: Sequence[Candidate], cadence: Sequence[Candidate], silence: Sequence[Candidate], *, day: int
) -> list[Candidate]:
    """Five people for a day, each once: by turns the next of the open loops, of the overdue and of the quiet.

    Each list is in its own order, but the quiet begin at another place every day, so that they all have their turn.
    The same lists on the same day give the same five; fewer when there are fewer.
    """
    start = day % len(silence) if silence else 0
    lists = [list(loops), list(cadence), [*silence[start:], *silence[:start]]]
    found: dict[int, Candidate] = {}
    while any(lists) and len(found) < 5:
        for each in lists:
            while each and each[0].person_id in found:
                each.pop(0)
            if each and len(found) < 5:
                who = each.pop(0)
                found[who.person_id] = who
    return list(found.values())


def _kind(value: object) -> str:
    if value not in {CONVERSATION, PERSON}:
        raise ValueError(value)
    return str(value)


def _number(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < _LARGEST:
        raise ValueError(value)
    return value


def _many(number: int, one: str) -> str:
    return f"{number} {one}" if number == 1 else f"{number} {one}s"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
