"""What Today is made of: each section read from the workspace, in the order it matters."""

from collections.abc import Callable, Sequence

from community.model import ConversationRow, OutboxRow
from community.reachability import mark
from community.text import clean_line
from tui.ages import age, ago, due
from tui.kit import Kit
from tui.screens.frame_words import MOST, number
from tui.screens.today_people import five, overdue, steps, voices
from tui.widgets.today_rows import OF_PEOPLE, Line
from tui.words import outbox_state

Section = Callable[[Kit, int | None], list[Line]]
"""Reads one section; the number is the draft that is being written."""

WAITING = 8
_FEW = 5
_REACHED = OF_PEOPLE | {"alike"}

_HINTS: dict[str, tuple[str, ...]] = {
    "": ("reply", "item.done", "item.snooze", "item.person", "session:start session", "help"),
    "promise": ("open", "person.keep:kept", "person.note", "go.loops", "session:start session", "help"),
    "overdue": ("open", "person.log:log", "person.cadence", "person.rest", "session:start session", "help"),
    "voice": ("open", "person.note", "person.inward:stage", "session:start session", "help"),
    "five": (
        "open",
        "session.five:begin with the five",
        "person.log:log",
        "person.rest",
        "session:start session",
        "help",
    ),
    "step": ("open", "person.accept_step", "person.refuse_step", "session:start session", "help"),
}


def hints_on(line: Line | None) -> Sequence[str]:
    """The actions that help most on a line, for the footer."""
    return _HINTS.get(line.kind if line is not None else "", _HINTS[""])


def sections(kit: Kit, *, writing: int | None = None) -> list[Line]:
    """Every line of Today; empty when nothing at all wants the user. The draft `writing` does not lie about."""
    return _reached(kit, [line for section in SECTIONS for line in section(kit, writing)])


def in_sight(kit: Kit, tall: Callable[[Line], int], high: int) -> list[Line]:
    """The lines from the first section down to the one that reaches the lower edge; what is below is not read."""
    lines: list[Line] = []
    for section in SECTIONS:
        if sum(map(tall, lines)) >= high:
            break
        lines += section(kit, None)
    return _reached(kit, lines)


def _reached(kit: Kit, lines: Sequence[Line]) -> list[Line]:
    """The same lines, with how well whom they are about can be reached."""
    of_people = {line.target for line in lines if line.kind in _REACHED}
    reach = {who: mark(ways) for who, ways in kit.workspace.reach(of_people).items()}
    return [line._replace(reach=reach[line.target]) if line.kind in _REACHED else line for line in lines]


def _conversations(kit: Kit, query: str, limit: int) -> list[ConversationRow]:
    return kit.workspace.conversations.page(kit.query(query), limit=limit)


def _section(name: str, rows: Sequence[ConversationRow], count: str) -> list[Line]:
    if not rows:
        return []
    lines = [Line("heading", ("heading", name), name=name, note=count)]
    return lines + [Line("conversation", (name, row.id), conversation=row, target=row.id) for row in rows]


def _waiting(kit: Kit) -> list[Line]:
    rows = _conversations(kit, "is:waiting -is:back", WAITING)
    count = kit.workspace.conversations.counts(at_most=MOST).waiting
    lines = _section("They wait for you", rows, number(count))
    more = count - len(rows)
    if lines and more > 0 and len(rows) == WAITING:
        words = f"… {more} more" if count < MOST else "… many more"
        lines.append(Line("more", ("more", "waiting"), name=words, note=""))
    return lines


def _promises(kit: Kit) -> list[Line]:
    found = kit.workspace.people.promises(limit=_FEW)
    if not found:
        return []
    lines = [Line("heading", ("heading", "promises"), name="You promised", note=str(len(found)))]
    return lines + [
        Line(
            "promise", ("promise", each.id), name=f"to {each.person_name}", text=each.text,
            note=due(each.due_at, kit.now) if each.due_at else "", target=each.person_id, promise=each.id,
        )
        for each in found
    ]  # fmt: skip


def _drafts(kit: Kit, writing: int | None) -> list[Line]:
    drafts = kit.workspace.outbox.listed(kit.query("is:draft", "outbox"), limit=_FEW + 1)
    found = [row for row in drafts if row.id != writing][:_FEW]
    return _outbox(kit, "Drafts left lying", "draft", found)


def _in_trouble(kit: Kit) -> list[Line]:
    listed = kit.workspace.outbox.listed
    found = [*listed(kit.query("is:uncertain", "outbox")), *listed(kit.query("is:failed", "outbox"))]
    by_hand = listed(kit.query("is:by-hand", "outbox"))
    return [
        *_outbox(kit, "Failed or uncertain", "outbox", found),
        *_outbox(kit, "To post by hand", "outbox", by_hand),
    ]


def _outbox(kit: Kit, name: str, kind: str, found: Sequence[OutboxRow]) -> list[Line]:
    if not found:
        return []
    rows = {row.id: row for row in kit.workspace.conversations.rows([each.conversation_id for each in found])}
    lines = [Line("heading", ("heading", name), name=name, note=str(len(found)))]
    return lines + [
        Line(
            kind, (kind, each.id), name=f"to {each.to_name}", text=clean_line(each.text or each.title),
            note=age(each.updated_at, kit.now), state=each.state, target=each.id,
            second=outbox_state(each, kit.now) if kind == "outbox" else "", conversation=rows.get(each.conversation_id),
        )
        for each in found
    ]  # fmt: skip


def _back(kit: Kit) -> list[Line]:
    rows = _conversations(kit, "is:back", _FEW)
    return _section("Came back from snooze", rows, str(len(rows)))


def _desk(kit: Kit) -> list[Line]:
    count = kit.workspace.conversations.counts(at_most=MOST).pending
    if not count:
        return []
    return [
        Line("heading", ("heading", "desk"), name="To moderate", note=number(count)),
        Line(
            "desk",
            ("desk", 0),
            name=f"{number(count)} {'comment' if count == 1 else 'comments'} on your own sites",
            note="gc",
        ),
    ]


def _written(kit: Kit) -> list[Line]:
    found = kit.workspace.articles(kit.query("is:reading", "articles"), limit=_FEW)
    rows = kit.workspace.conversations.rows([each.conversation_id for each in found])
    return _section("Your people wrote", rows, str(len(rows)))


def _alike(kit: Kit) -> list[Line]:
    """People who may be one, each once, with whom else and what speaks for it."""
    service = kit.workspace.identities
    found = {each.one_id: each for each in reversed(service.suggested(limit=_FEW * 3))}
    if not found:
        return []
    lines = [Line("heading", ("heading", "alike"), name="Perhaps one person", note=str(service.count()))]
    for each in list(reversed(found.values()))[:_FEW]:
        why = ", ".join(reason.words for reason in service.reasons(each.one_id, each.other_id))
        is_same = each.one_name == each.other_name
        other = (
            f"{each.one_networks} and {each.other_networks}"
            if is_same
            else f"and {each.other_name} ({each.other_networks})"
        )
        key = ("alike", each.one_id)
        lines.append(Line("alike", key, name=each.one_name, text=other, second=why, target=each.one_id))
    return lines


def _hidden(kit: Kit) -> list[Line]:
    """Who is hidden and waits for the last word on it."""
    found = kit.workspace.forgetting.hidden()[:_FEW]
    if not found:
        return []
    lines = [Line("heading", ("heading", "hidden"), name="Hidden, not forgotten yet", note=str(len(found)))]
    key = kit.keymap.key_of("person.for_good")
    for each in found:
        text = f"hidden {ago(each.forgotten_at, kit.now)}; {key} there forgets them for good"
        lines.append(Line("hidden", ("hidden", each.id), name="somebody", text=text, target=each.id))
    return lines


def _always(section: Callable[[Kit], list[Line]]) -> Section:
    return lambda kit, _writing: section(kit)


SECTIONS: tuple[Section, ...] = (
    _always(_waiting),
    _always(_promises),
    _drafts,
    _always(_in_trouble),
    _always(overdue),
    _always(_back),
    _always(_desk),
    _always(_written),
    _always(voices),
    _always(_alike),
    _always(steps),
    _always(_hidden),
    _always(five),
)
"""Today from top to bottom, in the order one wants it at eight in the morning. Each gives its heading and its lines."""
