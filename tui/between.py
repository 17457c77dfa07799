"""How things stand between a person and me, in words (pure)."""

from collections.abc import Mapping

from community.cadence import shown
from community.model import Loop
from community.people import Card
from tui.ages import ago, due, since

WAITS = "waits for you"
_WIDE, _NARROW = 110, 44


def waiting(loop: Loop, now: int) -> str:
    """That they wait for me, since when, and where."""
    return f"{WAITS}, {ago(loop.since, now).removesuffix(' ago')}: {loop.text}"


def asking(loop: Loop, now: int) -> str:
    """That I wait for them, until when, and where."""
    until = loop.due_at or now
    return (
        f"you wait for an answer until {due(until, now)}: {loop.text}" if until > now else f"no answer yet: {loop.text}"
    )


def paced(card: Card, now: int) -> str:
    """How often I want to be in touch, and how that stands; "" without a cadence."""
    person = card.person
    rests = f"resting since {since(person.resting_at, now)}" if person.resting_at is not None else ""
    if person.pace_s is None:
        return rests
    by_tag = ", by a tag" if person.cadence_s is None else ""
    words = f"{shown(person.pace_s, person.pace_max_s or person.pace_s)}{by_tag}"
    late = now - (person.last_contact_at or person.created_at) - (person.pace_max_s or person.pace_s)
    return (rests and f"{rests} ({words})") or (f"{words}, overdue" if late >= 0 else words)


def within(reach: str, width: int) -> str:
    """How reachable somebody is, in a column of as many words as a line of this width has room for; "" for none."""
    if not reach or width < _NARROW:
        return ""
    return f"{reach:24}" if width >= _WIDE else f"{reach.partition(',')[0]:>7}"


def is_overdue(card: Card, now: int) -> bool:
    """Whether the longest silence I wanted has passed."""
    return paced(card, now).endswith(", overdue")


def stepping(card: Card, stages: Mapping[str, str]) -> str:
    """The step that is suggested, as a question with its evidence; "" without one."""
    if card.step is None:
        return ""
    nearer = "nearer" if card.step.is_nearer else "farther"
    return f"{stages.get(card.step.stage, card.step.stage)}? ({nearer}) {card.step.evidence}"
