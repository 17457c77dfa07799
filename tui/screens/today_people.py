"""What Today says of people: with whom it is time to be in touch, and whose stage may have changed."""

from community.cadence import shown
from tui.ages import age
from tui.kit import Kit
from tui.widgets.today_list import Line

_FEW = 5
_STEPS = 2


def overdue(kit: Kit) -> list[Line]:
    """People whose longest silence has passed, each with how often, how long, and what it was about last."""
    found = kit.workspace.keeping.overdue(limit=_FEW)
    if not found:
        return []
    lines = [
        Line("heading", ("heading", "overdue"), name="Time to be in touch", note=str(kit.workspace.keeping.count()))
    ]
    for each in found:
        silence = age(each.last_contact_at, kit.now) or "no contact yet"
        words = [shown(each.pace_s, each.pace_max_s), silence, f"last: {each.topic}" if each.topic else ""]
        why = " · ".join(word for word in words if word)
        lines.append(Line("overdue", ("overdue", each.id), name=each.name, text=why, target=each.id))
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
