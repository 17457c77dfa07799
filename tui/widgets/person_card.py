"""The person beside a conversation: who they are, how to reach them, what was last said, what is noted and promised."""

from collections.abc import Mapping, Sequence

from community.model import Identity, Promise
from community.people import Card
from community.reachability import Handle, mark
from community.reachability import ways as independent
from tui.ages import ago, due, since
from tui.between import asking, paced, stepping
from tui.widgets.ink import Look
from tui.widgets.lines import Piece, cut, wide
from tui.widgets.portrait import perhaps


def card_lines(card: Card, look: Look, width: int, *, now: int, stages: Mapping[str, str]) -> list[list[Piece]]:
    """A card in at most ten lines, what matters most first; each fits into `width` cells."""
    person = card.person
    dot = f" {look.marks.dot} "
    room = max(4, width - 3)
    stage = stages.get(person.stage, person.stage)
    standing = f"{stage} since {since(person.stage_at or person.first_contact_at, now)}"
    if person.stage_at is None and person.first_contact_at is None:
        standing = stage
    pace = paced(card, now)
    standing += f"{dot}{pace}" if pace else ""
    tags = "".join(f" #{tag}" for tag in card.tags)
    head: list[Piece] = [("  ", look.text), (cut(person.name, max(4, room // 2), dots=look.marks.dots), look.strong)]
    left = room - sum(wide(text) for text, _ in head) + 2
    head.append((cut(f"{dot}{standing}{tags}", max(0, left), dots=look.marks.dots), look.dim))
    lines = [head]

    def add(words: str, *, bright: bool = False) -> None:
        lines.append([("  " + cut(words, room, dots=look.marks.dots), look.text if bright else look.dim)])

    reach = mark(independent(Handle(each.network, each.handle, each.url or "") for each in card.identities))
    add(dot.join([reach, *ways(card.identities)]))
    if card.alike:
        add(perhaps(card), bright=True)
    for loop in card.asked[:1]:
        add(asking(loop, now), bright=True)
    if len(card.waits) > 1:
        add(f"waits for you in {len(card.waits)} conversations", bright=True)
    for promise in card.promises[:2]:
        add(f"you promised: {promise.text}{_by(promise, now)}", bright=True)
    if card.last_words is not None:
        add(f"your last words ({ago(card.last_words.at, now)}, {card.last_words.source_name}): {card.last_words.text}")
    else:
        add("You have not answered them yet." if person.last_outgoing_at is None else "")
    if card.step is not None:
        add(stepping(card, stages))
    for note in card.notes[:2]:
        add(f"note: {note.text}", bright=True)
    return lines


def ways(identities: Sequence[Identity]) -> list[str]:
    """How a person can be reached, each as “handle (where)”, once."""
    found: list[str] = []
    for each in identities:
        where = each.network.partition(":")[0]
        site = (each.url or "").removeprefix("https://").removeprefix("http://").rstrip("/")
        host = site if "/" not in site else ""
        handle = each.handle if each.handle.casefold() != each.name.casefold() else ""
        words = f"{handle or host or each.name} ({where})"
        if host and host not in words:
            words += f", {host}"
        if words not in found:
            found.append(words)
    return found


def _by(promise: Promise, now: int) -> str:
    return f", by {due(promise.due_at, now)}" if promise.due_at else ""
