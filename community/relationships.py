"""What happened between a person and me -> a step nearer or farther that Kith may suggest, with its evidence. Pure.

Only what came after the last word on a person's stage counts, a step that was taken or a suggestion that was refused,
and nothing that is older than a year: the same evidence is never brought twice.

Nearer, by the stage they are at; a day counts when they wrote to me on it, or when we met, or anything like it:
  stranger → visitor   they wrote and I answered, or they wrote on two days, or something was logged
  visitor → regular    four days, over two weeks at least
  regular → friend     six days over a month at least, and I answered three times; on two platforms, or with something
                       personal among it: we met, called, wrote letters, gave or did something for each other
  friend → ally        the same, and they did something for me twice: a favour, an introduction, a gift
Farther: no word between us for half a year (regular), a year (friend), a year and a half (ally), or for twice the
longest silence I wanted there to be. Nobody who rests is ever suggested.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from typing import NamedTuple

from community.config import STAGES
from community.model import Evidence, Person
from community.text import Clean, clean_line

DAY_S = 86_400
WINDOW_S = 365 * DAY_S
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
           "December")  # fmt: skip
_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
SILENCE_S = {"regular": 182 * DAY_S, "friend": 365 * DAY_S, "ally": 547 * DAY_S}
"""How long it must be silent before a step farther is suggested, by stage."""
_PERSONAL = {
    "met": "you met", "call": "you had a call", "letter": "a letter", "favour": "a favour",
    "introduction": "an introduction", "gift": "a gift", "visit": "a visit",
}  # fmt: skip
_GIFTS = frozenset({"favour", "introduction", "gift"})


class Touch(NamedTuple):
    """Something that was logged by hand."""

    kind: str
    direction: str
    at: int


class Facts(NamedTuple):
    """What there is to judge a person by. `since` is when the last word on their stage was said, None for never."""

    stage: str
    since: int | None
    last_contact_at: int | None
    pace_max_s: int | None
    is_resting: bool
    wrote: tuple[tuple[int, str], ...] = ()
    """When they wrote to me, and on which network."""
    answered: tuple[int, ...] = ()
    """When I wrote to them."""
    touches: tuple[Touch, ...] = ()


class Suggestion(NamedTuple):
    """A step to another stage, and why."""

    stage: str
    is_nearer: bool
    evidence: Clean


def suggestion(facts: Facts, *, now: int, zone: tzinfo | None = None) -> Suggestion | None:
    """The step that the facts speak for, None for none. Months are named in `zone`, which is that of this machine."""
    if facts.is_resting or facts.stage not in STAGES:
        return None
    at = STAGES.index(facts.stage)
    if at + 1 < len(STAGES) and (evidence := _nearer(facts, now=now, zone=zone)):
        return Suggestion(STAGES[at + 1], True, clean_line(evidence))
    silent = _silence(facts, now=now)
    if silent is not None:
        return Suggestion(STAGES[at - 1], False, clean_line(f"no word between you for {_span(silent)}"))
    return None


def _nearer(facts: Facts, *, now: int, zone: tzinfo | None) -> str:
    """The evidence for a step nearer, "" when there is not enough."""
    begin = max(facts.since or 0, now - WINDOW_S)
    wrote = [(at, network) for at, network in facts.wrote if begin < at <= now]
    answered = [at for at in facts.answered if begin < at <= now]
    touches = [touch for touch in facts.touches if begin < touch.at <= now]
    times = sorted([at for at, _ in wrote] + [touch.at for touch in touches])
    days = len({at // DAY_S for at in times})
    span = times[-1] - times[0] if times else 0
    networks = len({network for _, network in wrote})
    personal = [touch for touch in touches if touch.kind in _PERSONAL]
    gifts = sum(touch.kind in _GIFTS and touch.direction == "received" for touch in touches)
    both_ways = days >= 6 and span >= 30 * DAY_S and len(answered) >= 3 and (networks > 1 or bool(personal))
    enough = {
        "stranger": bool(touches) or days >= 2 or bool(wrote and answered),
        "visitor": days >= 4 and span >= 14 * DAY_S,
        "regular": both_ways,
        "friend": both_ways and gifts >= 2,
    }
    if not enough.get(facts.stage, False):
        return ""
    words = []
    if wrote:
        first, last = min(at for at, _ in wrote), max(at for at, _ in wrote)
        said = f"wrote to you {_times(len(wrote))}"
        said += f" in {_span(last - first)}" if last - first >= DAY_S else ""
        words.append(said + (f", on {_NUMBERS[min(networks, 9)]} platforms" if networks > 1 else ""))
    if answered:
        words.append(f"you answered {_times(len(answered))}")
    latest: dict[str, Touch] = {touch.kind: touch for touch in sorted(personal, key=lambda each: each.at)}
    words += [f"{_PERSONAL[kind]} in {_month(touch.at, zone)}" for kind, touch in latest.items()][:2]
    if not words:
        words = [f"{touches[-1].kind} in {_month(touches[-1].at, zone)}"]
    return "; ".join(words)


def _silence(facts: Facts, *, now: int) -> int | None:
    """How long it has been silent, when that is too long for the stage."""
    least = SILENCE_S.get(facts.stage)
    last = max((at for at in (facts.last_contact_at, facts.since) if at is not None), default=None)
    if least is None or last is None:
        return None
    silent = now - last
    return silent if silent > max(least, 2 * (facts.pace_max_s or 0)) else None


def _times(number: int) -> str:
    return "once" if number == 1 else "twice" if number == 2 else f"{number} times"


def _span(seconds: int) -> str:
    days = max(1, seconds // DAY_S)
    number, unit = (days, "day") if days < 14 else (days // 7, "week") if days < 60 else (days // 30, "month")
    return f"{number} {unit}{'' if number == 1 else 's'}"


def _month(at: int, zone: tzinfo | None) -> str:
    return _MONTHS[datetime.fromtimestamp(at, UTC).astimezone(zone).month - 1]


def facts_of(person: Person, rows: Sequence[Evidence]) -> Facts:
    """What there is to judge a person by, with what storage found of them, in any order."""
    said = [at for at in (person.stage_at, person.stage_kept_at) if at is not None]
    return Facts(
        stage=person.stage,
        since=max(said, default=None),
        last_contact_at=person.last_contact_at,
        pace_max_s=person.pace_max_s,
        is_resting=person.resting_at is not None,
        wrote=tuple((row.at, row.detail) for row in rows if row.what == "wrote"),
        answered=tuple(row.at for row in rows if row.what == "answered"),
        touches=tuple(Touch(row.what, row.detail, row.at) for row in rows if row.what not in {"wrote", "answered"}),
    )
