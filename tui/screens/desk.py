"""The comment desk: what waits for moderation on my own sites, and what was put away as spam or trash."""

from collections.abc import Sequence
from typing import ClassVar

from community.actions import BY_ID, Scope, Selection
from community.errors import NotFound, WrongUsage
from community.leaving import act_words
from community.model import DeskRow
from community.sources.base import Act
from community.text import links, safe_url, shown_host
from tui.ages import ago
from tui.screens.split import Split
from tui.widgets.canvas import cut
from tui.widgets.desk_list import DeskList
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.prose import Line, paragraphs
from tui.widgets.run import Window
from tui.words import many

_STATUS = ("pending", "spam", "trash")


class OnDesk(Window[DeskRow | Heading]):
    """The comments of one status; those that were decided stay in their place, with what became of them."""

    def __init__(self, rows: Sequence[DeskRow], elsewhere: Sequence[DeskRow]) -> None:
        self._rows = list(rows)
        self._elsewhere = {row.id: row for row in elsewhere}

    def page(self, beside: DeskRow | Heading | None, *, forward: bool, limit: int) -> list[DeskRow | Heading]:
        """All of them at once."""
        return [] if beside is not None else [*self._rows]

    def again(self, rows: Sequence[DeskRow | Heading]) -> list[DeskRow | Heading]:
        """Rows that have left: in another pile, or published."""
        return [
            self._elsewhere.get(row.id) or row._replace(status="published", pending_act=None)
            for row in rows
            if isinstance(row, DeskRow)
        ]


class Desk(Split[DeskRow]):
    """Comments to decide on."""

    tab = "Desk"
    scopes: ClassVar[tuple[Scope, ...]] = (
        Scope.DESK, Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.EVERYWHERE, Scope.GO,
    )  # fmt: skip
    views: ClassVar[tuple[str, ...]] = _STATUS
    target: ClassVar[str] = "desk"
    fields: ClassVar[str] = "words, from:name source:blog newer:3d"
    share: ClassVar[float] = 0.5

    def make_list(self) -> Lined[DeskRow]:
        """Two lines a comment."""
        return DeskList(now=lambda: self.kit.now, first=self._is_first, undo_key=self.kit.keymap.key_of("undo"))

    def _is_first(self, row: DeskRow) -> bool:
        """Whether nobody there ever exchanged a word with its author."""
        try:
            began = self.workspace.people.card(row.person_id).person.first_contact_at
        except NotFound:
            return True
        return began is None or began >= row.created_at

    def window(self) -> Window[DeskRow | Heading]:
        """The pile that is shown."""
        query = self.query_of()
        piles = {status: self.workspace.desk(query, status=status) for status in _STATUS}
        here = _STATUS[self.view]
        return OnDesk(piles[here], [row for status in _STATUS if status != here for row in piles[status]])

    def load(self) -> None:
        """The pile anew."""
        if isinstance(self.list, DeskList):
            self.list.status = _STATUS[self.view]
        super().load()

    def labels(self) -> Sequence[str]:
        """Each pile with its size."""
        query = self.query_of()
        sizes = [len(self.workspace.desk(query, status=status)) for status in _STATUS]
        return [f"{name} {size}" if size else name for name, size in zip(_STATUS, sizes, strict=True)]

    def teach(self) -> Sequence[str]:
        """What comes to lie here."""
        if self.view:
            return (
                f"Nothing lies in the {_STATUS[self.view]}." if self.view == 2 else "No comment is marked as spam.",
            )
        if self.workspace.listening.can_approve():
            return (
                "No comment waits for you.",
                "Comments that your sites hold back come here, for you to approve or not.",
            )
        return (
            "None of your sources can be moderated yet.",
            "Add your own blog with its password, and the comments it holds back come here: approve, spam, trash.",
            f"{self.kit.keymap.key_of('go.sources')} shows your sources.",
        )

    # Reading.

    def tell(self, row: DeskRow | None, *, stay: bool) -> None:
        """The comment, whole, and what is known of its author."""
        if row is None:
            self.pane.tell(None)
            return
        now, first = self.kit.now, self._is_first(row)
        card = self.workspace.people.card(row.person_id)
        stage = self.kit.stages().get(card.person.stage, card.person.stage)
        found = links(row.text)
        where = " · ".join([*([f"on “{row.subject}”"] if row.subject else []), row.source_name])

        def build(width: int, look: Look) -> Sequence[Line]:
            room, dots = width - 3, look.marks.dots
            lines: list[Line] = [
                [],
                [("  " + cut(row.name, room, dots=dots), look.strong)],
                [("  " + cut(f"{'first time here' if first else stage} · {ago(row.created_at, now)}", room), look.dim)],
                [("  " + cut(where, room, dots=dots), look.dim)],
            ]
            host = shown_host(row.url or "")
            if host:
                lines.append([("  " + cut(f"gives as their site {host}", room, dots=dots), look.dim)])
            lines += [[], *paragraphs(row.text, min(width - 1, 92), look.text, indent=2)]
            if found:
                lines += [[], [("  " + many(len(found), "link") + ", each with where it really goes", look.dim)]]
                lines += [[("    " + cut(shown_host(each.url), room - 2, dots=dots), look.dim)] for each in found[:20]]
            for note in card.notes[:3]:
                lines += [[], *paragraphs(f"You noted: {note.text}", width - 1, look.text, indent=2)]
            return lines

        self.pane.tell(build, stay=stay)

    # What an action is about.

    def selection(self) -> Selection:
        """The comments chosen, or the one under the cursor."""
        rows = self.list.chosen_rows()
        return Selection(
            conversations=tuple(dict.fromkeys(row.conversation_id for row in rows)),
            items=tuple(row.id for row in rows),
            people=tuple(dict.fromkeys(row.person_id for row in rows)),
            outbox=(),
            source=rows[0].source_id if rows else None,
        )

    def perform(self, action_id: str, argument: str = "", *, chosen: Selection | None = None) -> None:
        """Carry out an action; what is on its way already is not sent a second time."""
        action = BY_ID.get(action_id)
        if action is not None and action.scope is Scope.DESK and chosen is None:
            rows = self.list.chosen_rows()
            busy = next((row for row in rows if row.pending_act), None)
            if busy is not None and busy.pending_act:
                undo = self.kit.keymap.key_of("undo")
                self.warn(
                    f"{act_words(busy.pending_act)} of “{busy.name}” is on its way already; {undo} takes it back."
                )
                return
            if not rows:
                self.warn("There is no comment here.")
                return
        super().perform(action_id, argument, chosen=chosen)

    def acted(self, action: str, chosen: Selection) -> None:
        """Decided: on to the next one that is not."""
        super().acted(action, chosen)
        if BY_ID.get(action) is not None and BY_ID[action].scope is Scope.DESK:
            self.list.chosen.clear()
            self.unread()
            rows = self.list.all_rows()
            here = next((at for at, row in enumerate(rows) if row.id in chosen.items), len(rows))
            ahead = next((row for row in rows[here:] if not row.pending_act and row.status == _STATUS[self.view]), None)
            if ahead is not None:
                self.list.go_to(ahead.id)

    def hints(self) -> Sequence[str]:
        """What is done most, as far as the site can do it."""
        row = self.list.current
        acts: tuple[str, ...] = ("desk.approve", "desk.spam", "desk.trash", "desk.hold")
        if row is not None:
            try:
                can = self.workspace.listening.capabilities(self.workspace.listening.get(row.source_id)).acts
            except NotFound:
                can = frozenset()
            acts = tuple(each for each in acts if Act(each.partition(".")[2]) in can)
            hidden = {"pending": "desk.hold", "spam": "desk.spam", "trash": "desk.trash"}[_STATUS[self.view]]
            acts = tuple(each for each in acts if each != hidden)
        return (*acts, "reply", "item.select", "item.person", "help")

    def do_reply(self, _argument: str) -> None:
        """Answer the comment; approving it first is up to the user."""
        row = self._row()
        can = self.workspace.listening.capabilities(self.workspace.listening.get(row.source_id))
        if Act.REPLY not in can.acts:
            raise WrongUsage(can.why_not.get(Act.REPLY, "This site takes no replies from here."))
        self.go("conversation", f"{row.conversation_id} {row.id} reply")

    def do_item_browser(self, _argument: str) -> None:
        """The post the comment hangs on."""
        row = self._row()
        url = safe_url(self.workspace.conversations.row(row.conversation_id).subject_url or "")
        if not url:
            raise WrongUsage("Kith knows no page for this comment.")
        self.kit.open_url(url)
        self.say(f"Opened {shown_host(url)} in the browser.")

    do_item_subject = do_item_browser

    def do_item_copy_text(self, _argument: str) -> None:
        """The words of the comment to the clipboard."""
        self.kit.copy(self._row().text)
        self.say("Copied what was written.")

    def _row(self) -> DeskRow:
        row = self.list.current
        if row is None:
            raise WrongUsage("There is no comment here.")
        return row
