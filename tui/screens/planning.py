"""What a session is made of: who waits, what is due, with whom it is time; and the five people for today."""

from community.model import Loop
from community.privacy import SESSION
from community.session import CONVERSATION, PERSON, Candidate, Session, Step, five, read
from community.text import clean_line
from tui.ages import due
from tui.between import asking, waiting
from tui.kit import Kit
from tui.whys import why

_DAY_S = 86_400
_MOST = 200
_FEW = 10
_QUIET = 15


def stored(kit: Kit) -> Session | None:
    """The unfinished session of today, without what needs nobody any more; None when there is none."""
    found = read(kit.workspace.fact(SESSION), now=kit.now)
    if found is None:
        return None
    ahead = found.steps[found.at :]
    rows = {
        row.id: row
        for row in kit.workspace.conversations.rows([step.id for step in ahead if step.kind == CONVERSATION])
    }
    people = kit.workspace.people.rows([step.id for step in ahead if step.kind == PERSON])
    found.drop([
        step for step in ahead
        if (step.kind == CONVERSATION and (step.id not in rows or rows[step.id].attention != "waiting"))
        or (step.kind == PERSON and step.id not in people)
    ])  # fmt: skip
    return found if found.current is not None else None


def plan(kit: Kit) -> Session:
    """Everybody who waits, then promises due today, then who is overdue; each person once."""
    rows = kit.workspace.conversations.page(kit.query("is:waiting"), limit=_MOST)
    steps = [Step(CONVERSATION, row.id) for row in rows]
    seen = {row.person_id for row in rows}
    for who in [*_promised(kit, until=kit.now + _DAY_S), *_late(kit)]:
        if who.person_id not in seen:
            seen.add(who.person_id)
            steps.append(Step(PERSON, who.person_id, who.why))
    return Session(steps, began_at=kit.now)


def plan_five(kit: Kit) -> Session:
    """The five today."""
    return Session([Step(PERSON, who.person_id, who.why) for who in chosen(kit)], "five today", kit.now)


def chosen(kit: Kit) -> list[Candidate]:
    """Five people, by loop, cadence and silence, with the reason for each."""
    loops = kit.workspace.loops
    waits = [_of(loop, waiting(loop, kit.now)) for loop in loops.waiting(limit=_FEW)]
    asked = [_of(loop, asking(loop, kit.now)) for loop in loops.asked()[:_FEW] if (loop.due_at or 0) <= kit.now]
    quiet = [
        Candidate(row.person.id, row.person.name, clean_line(why(row, kit.now)))
        for row in [
            *kit.workspace.readings.page("quiet", limit=_QUIET),
            *kit.workspace.readings.page("missing", limit=_FEW),
        ]
    ]
    open_loops = [each for each in [*_promised(kit, until=kit.now + 3 * _DAY_S), *asked, *waits] if each.person_id]
    return five(open_loops, _late(kit), list({each.person_id: each for each in quiet}.values()), day=kit.now // _DAY_S)


def _promised(kit: Kit, *, until: int) -> list[Candidate]:
    found = [loop for loop in kit.workspace.loops.promises() if loop.due_at is not None and loop.due_at <= until]
    return [_of(loop, f"you promised: {loop.text}, {due(loop.due_at or 0, kit.now)}") for loop in found]


def _late(kit: Kit) -> list[Candidate]:
    return [
        Candidate(row.person.id, row.person.name, clean_line(why(row, kit.now)))
        for row in kit.workspace.readings.page("overdue", limit=_FEW)
    ]


def _of(loop: Loop, words: str) -> Candidate:
    return Candidate(loop.person_id or 0, loop.person_name, clean_line(words))
