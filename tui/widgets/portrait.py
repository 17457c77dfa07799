"""Everything about one person that is no timeline: how near, how to reach them, what is open, what was written down."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from community.model import Identity, Source, TimelineRow
from community.people import Card
from community.reachability import Handle, mark
from community.reachability import ways as independent
from community.text import clean_line, shown_host
from tui.ages import ago, day, due, since
from tui.between import asking, is_overdue, paced, stepping, waiting
from tui.widgets.canvas import cut
from tui.widgets.ink import Look
from tui.widgets.prose import Builder, Line, between, paragraphs

_SPAN_S = 90 * 86_400


@dataclass(frozen=True, slots=True)
class Known:
    """What a portrait is drawn from: the card of a person, and the latest lines."""

    card: Card
    late: tuple[TimelineRow, ...]
    now: int
    feeds: tuple[Source, ...] = ()


def portrait(known: Known, stages: Mapping[str, str], *, latest: int = 0) -> Builder:
    """Lays a person out for any width; with `latest`, that many lines of the timeline at the end."""

    def build(width: int, look: Look) -> Sequence[Line]:
        drawn = _Drawn(known, stages, width, look)
        return [*drawn.head(), *drawn.ways(), *drawn.between(), *drawn.notes(), *drawn.latest(latest)]

    return build


@dataclass(frozen=True, slots=True)
class _Drawn:
    known: Known
    stages: Mapping[str, str]
    width: int
    look: Look

    def head(self) -> list[Line]:
        """Name, stage and last contact."""
        look, now, person = self.look, self.known.now, self.known.card.person
        stage = self.stages.get(person.stage, person.stage)
        began = since(person.stage_at or person.first_contact_at, now)
        last = ago(person.last_contact_at, now)
        pace = paced(self.known.card, now)
        lines: list[Line] = [
            [],
            [("  " + cut(person.name, self.width - 3, dots=look.marks.dots), look.strong)],
            [("  " + cut(f"{stage} since {began}" if began else stage, self.width - 3), look.dim)],
            [("  " + cut(f"last contact {last}" if last else "no contact yet", self.width - 3), look.dim)],
        ]
        if pace:
            lines.append(
                [("  " + cut(pace, self.width - 3), look.wait if is_overdue(self.known.card, now) else look.dim)]
            )
        if self.known.card.tags:
            lines.append([("  " + cut("#" + " #".join(self.known.card.tags), self.width - 3), look.dim)])
        words = stepping(self.known.card, self.stages)
        if words:
            lines += [[], *paragraphs(words, self.width - 1, look.here, indent=2)]
        return lines

    def ways(self) -> list[Line]:
        """Handles and sites, each once."""
        inks = (self.look.text, self.look.dim)
        ways = reached(self.known.card.identities)
        reach = mark(
            independent(Handle(each.network, each.handle, each.url or "") for each in self.known.card.identities)
        )
        lines: list[Line] = [[], between("Ways to reach them", reach, self.width - 1, (self.look.strong, self.look.dim),
                                         self.look.text, indent=2)]  # fmt: skip
        for left, right in ways:
            lines.append(between(left, right, self.width - 1, inks, self.look.text, indent=4))
        for feed in self.known.feeds:
            lines.append(between(feed.name, "their feed", self.width - 1, inks, self.look.text, indent=4))
        words = perhaps(self.known.card)
        if words:
            lines.append([("    " + cut(words, self.width - 5, dots=self.look.marks.dots), self.look.wait)])
        return lines

    def between(self) -> list[Line]:
        """Who waits for whom, and what was promised."""
        look, now = self.look, self.known.now
        lines: list[Line] = []
        for loop in self.known.card.waits:
            said = cut(waiting(loop, now), self.width - 8, dots=look.marks.dots)
            lines.append([(f"    {look.marks.waiting} ", look.wait), (said, look.text)])
        for loop in self.known.card.asked:
            said = cut(asking(loop, now), self.width - 8, dots=look.marks.dots)
            lines.append([(f"    {look.marks.snoozed} ", look.dim), (said, look.text)])
        for promise in self.known.card.promises:
            by = f", {due(promise.due_at, now)}" if promise.due_at else ""
            late = promise.due_at is not None and promise.due_at < now
            lines += paragraphs(
                f"you promised: {promise.text}{by}", self.width - 1, look.wait if late else look.text, indent=4
            )
        title = self._title("Open between you", len(lines)) if lines else []
        given = sum(row.what == "outgoing" for row in self._recent())
        got = sum(row.what == "incoming" for row in self._recent())
        words: list[Line] = []
        if given or got:
            words = [
                [],
                [("  " + cut(f"In 90 days they wrote {_times(got)}, you {_times(given)}", self.width - 3), look.dim)],
            ]
        return [*title, *lines, *words]

    def _recent(self) -> list[TimelineRow]:
        return [row for row in self.known.late if row.at > self.known.now - _SPAN_S]

    def notes(self) -> list[Line]:
        """What was written down, whole."""
        lines = self._title("Notes", 0) if self.known.card.notes else []
        for at, note in enumerate(self.known.card.notes[:40]):
            lines += [[]] if at else []
            lines += paragraphs(note.text, self.width - 1, self.look.text, indent=4)
            lines.append([("    " + day(note.at, self.known.now), self.look.dim)])
        return lines

    def latest(self, number: int) -> list[Line]:
        """The last things between you."""
        if not number or not self.known.late:
            return []
        lines = self._title("Lately", 0)
        look, now = self.look, self.known.now
        for row in self.known.late[:number]:
            sign = {"incoming": look.marks.waiting, "outgoing": look.marks.mine}.get(row.what, " ")
            ink = look.here if row.what == "outgoing" else look.dim
            words = told(row, self.stages)
            lines.append([
                (f"  {day(row.at, now):>9} ", look.dim),
                (f"{sign} ", ink),
                (cut(words, self.width - 16, dots=look.marks.dots), look.text if row.what in _WORDS else look.dim),
            ])  # fmt: skip
        return lines

    def _title(self, words: str, number: int) -> list[Line]:
        right = str(number) if number else ""
        return [[], between(words, right, self.width - 1, (self.look.strong, self.look.dim), self.look.text, indent=2)]


_WORDS = frozenset({"incoming", "outgoing"})
_SIGNALS = {"like": "liked", "boost": "boosted", "follow": "followed you", "quote": "quoted", "other": "noticed"}


def _times(number: int) -> str:
    return {0: "not at all", 1: "once", 2: "twice"}.get(number, f"{number} times")


def told(row: TimelineRow, stages: Mapping[str, str]) -> str:
    """One line of a timeline in words."""
    text, kind = clean_line(row.text), row.kind
    match row.what:
        case "signal":
            did = _SIGNALS.get(kind, kind)
            said = f"{did} “{text}”" if text and kind != "follow" else did
        case "touchpoint":
            kind, _, direction = kind.partition(" · ")
            said = f"{kind}: {text} ({direction})" if text else f"{kind} ({direction})"
        case "note":
            said = f"noted: {text}"
        case "stage":
            before, _, after = kind.partition(" → ")
            step = f"{stages.get(before, before)} → {stages.get(after, after)}"
            said = f"{step}: {text}" if text else step
        case "promise":
            said = f"you {'kept' if kind == 'kept' else 'promised'}: {text}"
        case "outcome":
            said = f"outcome: {text} ({kind})" if text else f"outcome: {kind}"
        case _:
            said = text
    return said


def perhaps(card: Card) -> str:
    """Who else a person may be: “perhaps one person with Jon A.”; "" when nobody looks like them."""
    names = [pair.other_name if pair.one_id == card.person.id else pair.one_name for pair in card.alike]
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"perhaps one person with {names[0]}{more}" if names else ""


def reached(identities: Sequence[Identity]) -> list[tuple[str, str]]:
    """How a person can be reached: (handle or site, where), in the order the handles came to be known."""
    found: dict[str, list[str]] = {}
    for each in identities:
        site = site_of(each)
        shown = each.handle or each.name if each.handle.startswith("@") or not site else site
        where = each.network.partition(":")[0]
        if where not in found.setdefault(shown, []):
            found[shown].append(where)
    return [(shown, ", ".join(where)) for shown, where in found.items()]


def site_of(identity: Identity) -> str:
    """The address an identity gives, as its true host and path; "" without one."""
    host = shown_host(identity.url or "")
    if not host or identity.url is None:
        return ""
    path = identity.url.partition("://")[2].partition("/")[2].partition("?")[0].rstrip("/")
    return clean_line(f"{host}/{path}" if path else host)
