"""Why somebody is in a view of the community, in half a line. Pure."""

from community.model import Bond
from community.readings import Reading
from community.text import clean_line
from tui.ages import age, ago
from tui.words import many

_DAY_S = 86_400


def why(reading: Reading, now: int) -> str:
    """The reason with what it rests on: dates, words, how often."""
    bond = reading.bond
    match reading.view:
        case "overdue":
            words = _overdue(bond, now)
        case "quiet":
            words = _quiet(bond, now)
        case "first":
            back = f"came back on {many(bond.days - 1, 'other day')}" if bond.code else "not been back yet"
            place = f" on {bond.place}" if bond.place else ""
            words = f"first words {ago(bond.first_at, now)}{place}, {back}{_quoted(bond.text)}"
        case "missing":
            often = f"wrote {_habit(bond)}, " if bond.habit_s is not None else ""
            words = f"{often}not seen for {_span(bond.seen_at, now)}"
        case "gave":
            words = _gave(bond, now)
        case _:
            topics = " ".join(f"#{tag}" for tag in bond.text.split())
            words = f"and {bond.other_name}: both {topics}, and never met"
    return clean_line(words)


def _overdue(bond: Bond, now: int) -> str:
    pace = many(max(1, (bond.habit_s or 0) // _DAY_S), "day")
    topic = f" · last about {_quoted(bond.text)[2:]}" if bond.text else ""
    last = f"last contact {ago(bond.last_at, now)}" if bond.last_at is not None else "no contact yet"
    return f"{last}, {pace} was the most you wanted{topic}"


def _quiet(bond: Bond, now: int) -> str:
    silent = _span(bond.last_at or bond.seen_at, now)
    if bond.code == 1:
        return f"you left their question open, {silent}{_quoted(bond.text)}"
    if bond.code == 2:
        return f"wrote {_habit(bond)}, silent for {silent}"
    return f"came to a natural end, {silent} ago"


def _gave(bond: Bond, now: int) -> str:
    if bond.code == 1:
        said = f"gave you a {bond.place}" if bond.place[:1] not in "aeio" else f"gave you an {bond.place}"
        return f"{said}, and nothing went back since{_quoted(bond.text)}"
    did = [f"wrote {many(bond.words, 'time')}"] if bond.words else []
    did += [many(bond.signals, "like or boost", "likes or boosts")] if bond.signals else []
    did += [f"gave {many(bond.received, 'time')}"] if bond.received else []
    return f"{', '.join(did)}; nothing ever went back, last {ago(bond.seen_at, now)}"


def _habit(bond: Bond) -> str:
    days = round((bond.habit_s or 0) / _DAY_S)
    return "every day" if days <= 1 else f"every {days} days or so"


def _span(at: int | None, now: int) -> str:
    """How long it is, in words: “9 weeks”, “since May”."""
    if at is None:
        return ""
    short = age(at, now)
    return {"min": short, "h": f"{short.split()[0]} hours", "d": f"{short.split()[0]} days", "weeks": short}.get(
        short.rpartition(" ")[2], f"{(now - at) // (30 * _DAY_S)} months"
    )


def _quoted(text: str) -> str:
    return f": “{clean_line(text, limit=120)}”" if text else ""
