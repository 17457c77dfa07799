"""What Today says of people: with whom it is time to be in touch, and whose stage may have changed."""

from community.cadence import shown
from tui.ages import age
from tui.between import WAITS
from tui.kit import Kit
from tui.widgets.today_rows import Line

_FEW = 5
_STEPS = 3
_LOOKED_AT = 20
_NEW_S = 14 * 86_400


def overdue(kit: Kit) -> list[Line]:
    """People whose longest silence has passed, each with how often, how long, and what it was about last."""
    found = kit.workspace.keeping.overdue(limit=_FEW)
    if not found:
        return []
    lines = [
        Line("heading", ("heading", "overdue"), name="Time to be in touch", note=str(kit.workspace.keeping.count()))
    ]
    for each in found:
        silence = age(each.last_contact_at, kit.now)
        since = [f"silent {silence}" if silence else "no contact yet"]
        if each.topic:
            since.append(f"last: {each.topic}")
        lines.append(
            Line(
                "overdue", ("overdue", each.id), name=each.name, text=shown(each.pace_s, each.pace_max_s),
                second=" · ".join(since), target=each.id,
            )
        )  # fmt: skip
    return lines


def steps(kit: Kit) -> list[Line]:
    """Steps Kith suggests, as questions."""
    found = kit.workspace.stages.suggestions(limit=_STEPS)
    if not found:
        return []
    keys = [kit.keymap.key_of(f"person.{each}_step") for each in ("accept", "refuse")]
    lines = [Line("heading", ("heading", "steps"), name="Nearer or farther?", note=f"{keys[0]} yes, {keys[1]} no")]
    for person, step in found:
        words = f"{kit.workspace.stages.name(person.stage)}, perhaps {kit.workspace.stages.name(step.stage)}"
        lines.append(
            Line("step", ("step", person.id), name=person.name, text=words, second=step.evidence, target=person.id)
        )
    return lines


def voices(kit: Kit) -> list[Line]:
    """Whose first words ever came in the last two weeks; who waits for an answer stands above already."""
    found = [row for row in kit.workspace.readings.page("first", limit=_LOOKED_AT) if not row.person.waiting]
    late = [row for row in found if (row.bond.first_at or 0) > kit.now - _NEW_S][:_FEW]
    if not late:
        return []
    from tui.whys import why  # noqa: PLC0415  late: the early page seldom reaches so far down

    lines = [Line("heading", ("heading", "voices"), name="First voices", note=str(len(late)))]
    for row in late:
        words = why(row, kit.now)
        lines.append(
            Line(
                "voice", ("voice", row.person.id), name=row.person.name, text=words, second=words, target=row.person.id
            )
        )
    return lines


def five(kit: Kit) -> list[Line]:
    """Five people for today, with the reason for each; nothing when they only wait, which is said above."""
    from tui.screens.planning import chosen  # noqa: PLC0415  the same

    found = chosen(kit)
    if all(who.why.startswith(WAITS) for who in found):
        return []
    key = kit.keymap.key_of("session.five")
    lines = [Line("heading", ("heading", "five"), name="Five people today", note=f"{key} begins")]
    return lines + [
        Line("five", ("five", who.person_id), name=who.name, text=who.why, second=who.why, target=who.person_id)
        for who in found
    ]
