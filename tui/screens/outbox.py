"""The outbox: what is uncertain or failed first, then what is on its way, the drafts, and what was sent."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from community.actions import Scope, Selection
from community.errors import NotFound, WrongUsage
from community.leaving import act_words
from community.model import OutboxRow
from community.text import safe_url, shown_host
from tui.ages import ago
from tui.screens.split import Split
from tui.widgets.canvas import cut
from tui.widgets.ink import Look
from tui.widgets.lined import Heading, Lined
from tui.widgets.outbox_list import OutboxList, keys_for, sectioned
from tui.widgets.prose import Line, paragraphs
from tui.widgets.run import Listed, Window
from tui.words import outbox_state

_VIEWS: tuple[tuple[str, ...], ...] = (
    (),
    ("uncertain", "failed", "by hand"),
    ("draft",),
    ("queued", "sending"),
    ("sent", "cancelled"),
)
_INSTEAD: dict[tuple[str, str], str] = {
    ("outbox.retry", "uncertain"): "outbox.again",
    ("outbox.edit", "uncertain"): "outbox.draft",
    ("outbox.edit", "queued"): "outbox.cancel",
    ("outbox.edit", "draft"): "open",
    ("outbox.draft", "failed"): "outbox.edit",
    ("outbox.draft", "by hand"): "outbox.edit",
    ("outbox.there", "by hand"): "outbox.posted",
    ("outbox.posted", "uncertain"): "outbox.there",
    ("outbox.again", "failed"): "outbox.retry",
    ("outbox.cancel", "draft"): "outbox.discard",
}
"""What a key means for an entry in another state than its own."""

_ADVICE = {
    "uncertain": "The answer of the site was lost, so nobody can say whether this arrived. Kith looks for it by itself "
    "for a while. You can look too, and then say what you saw.",
    "failed": "It did not arrive; nothing of it is public.",
    "by hand": "Kith has no way in there. Copy your words, open the page, paste them there; then say “posted”, and the "
    "conversation knows.",
    "sending": "It is being sent right now.",
    "queued": "It waits in the outbox; until it leaves it can be taken back.",
    "draft": "A draft, kept on this machine only.",
    "sent": "It arrived.",
    "cancelled": "It was taken back before it left, or another draft took its place.",
}


class Outbox(Split[OutboxRow]):
    """Drafts, and acts on their way."""

    tab = "Outbox"
    scopes: ClassVar[tuple[Scope, ...]] = (
        Scope.OUTBOX, Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.EVERYWHERE, Scope.GO,
    )  # fmt: skip
    views: ClassVar[tuple[str, ...]] = ("all", "decide", "drafts", "leaving", "sent")
    target: ClassVar[str] = "outbox"
    fields: ClassVar[str] = "words, to:name source:blog is:failed newer:3d"
    share: ClassVar[float] = 0.5

    def make_list(self) -> Lined[OutboxRow]:
        """Two lines an entry."""
        return OutboxList(now=lambda: self.kit.now, key_of=self.kit.keymap.key_of)

    def window(self) -> Window[OutboxRow | Heading]:
        """The entries of the view, under headings."""
        wanted = _VIEWS[self.view]
        rows = [row for row in self.workspace.outbox.listed(self.query_of()) if not wanted or row.state in wanted]
        return _OnTheirWay(self.workspace.outbox.get, sectioned(rows))

    def labels(self) -> Sequence[str]:
        """Each view, with how many there are to decide, begun, and on their way."""
        counts = self.workspace.conversations.counts()
        sizes = (0, counts.uncertain + counts.failed + counts.by_hand, counts.drafts, counts.queued, 0)
        return [f"{name} {size}" if size else name for name, size in zip(self.views, sizes, strict=True)]

    def teach(self) -> Sequence[str]:
        """What passes through here."""
        if self.view == 1:
            return ("Nothing needs a decision of yours.",)
        if self.view == 2:
            return ("You have begun nothing.", "A reply you are writing is kept here from its first letter on.")
        key = self.kit.keymap.key_of("reply")
        return (
            "The outbox is empty.",
            f"{key} on a conversation begins a reply. Whatever leaves Kith passes through here: for a few seconds you "
            "can take it back, and what failed or is uncertain waits here for your word.",
        )

    def enter(self, argument: str) -> None:
        """The drafts, when one came for them."""
        self.do_view("3" if argument == "drafts" else "1")

    def poll(self, *, renews: bool = True) -> None:
        """Seconds count down while something is about to leave."""
        super().poll(renews=renews)
        if any(row.state == "queued" for row in self.list.all_rows()):
            self.list.redraw()
            if self.list.current is not None and self.list.current.state == "queued":
                self._tell(stay=True)

    # Reading.

    def tell(self, row: OutboxRow | None, *, stay: bool) -> None:
        """The entry, whole, and what to do about it in words."""
        if row is None:
            self.pane.tell(None)
            return
        now, keys = self.kit.now, [(self.kit.keymap.key_of(name), words) for name, words in keys_for(row)]

        def build(width: int, look: Look) -> Sequence[Line]:
            room, dots = width - 3, look.marks.dots
            what = "Reply" if row.act == "reply" else act_words(row.act)
            whom = f"as {row.account} to {row.to_name}" if row.account else f"to {row.to_name}"
            bad = row.state in {"uncertain", "failed"}
            lines: list[Line] = [
                [],
                [("  " + cut(row.title, room, dots=dots), look.strong)],
                [("  " + cut(f"{what} {whom} · {row.source_name} · {ago(row.created_at, now)}", room), look.dim)],
                [],
                *paragraphs(_sentence(outbox_state(row, now)), width - 1, look.bad if bad else look.text, indent=2),
                *paragraphs(_ADVICE.get(row.state, ""), width - 1, look.dim, indent=2),
                *([("  " + cut(row.note, room), look.dim)] for _ in range(1) if row.note),
                [],
            ]
            lines += [[("  " + key.rjust(5) + "  ", look.strong), (words, look.text)] for key, words in keys]
            if row.text:
                lines += [[], *paragraphs(row.text, min(width - 1, 92), look.text, indent=4)]
            return lines

        self.pane.tell(build, stay=stay)

    # What an action is about.

    def selection(self) -> Selection:
        """The entries chosen, or the one under the cursor."""
        rows = self.list.chosen_rows()
        return Selection(
            conversations=tuple(dict.fromkeys(row.conversation_id for row in rows)),
            outbox=tuple(row.id for row in rows),
            items=tuple(dict.fromkeys(row.item_id for row in rows)),
        )

    def perform(self, action_id: str, argument: str = "", *, chosen: Selection | None = None) -> None:
        """Carry out an action; a key means what makes sense in the state of the entry."""
        row = self.list.current
        if row is not None and chosen is None and not self.list.chosen:
            action_id = _INSTEAD.get((action_id, row.state), action_id)
        super().perform(action_id, argument, chosen=chosen)

    def hints(self) -> Sequence[str]:
        """What can be done about the entry under the cursor."""
        row = self.list.current
        first = [f"{action}:{words}" for action, words in keys_for(row)] if row is not None else []
        rest = ["open:conversation"] if row is not None and row.state != "draft" else []
        return (*first, *rest, "filter", "search", "help")

    def do_open(self, _argument: str) -> None:
        """The conversation; a draft opens to be written on."""
        row = self._row()
        if row.state == "draft" and row.act == "reply":
            self.go("conversation", f"{row.conversation_id} {row.item_id} reply")
        else:
            self.go("conversation", str(row.conversation_id))

    def do_move_pane_right(self, _argument: str) -> None:
        """Into the pane."""
        self.read()

    async def do_outbox_discard(self, _argument: str) -> None:
        """Throw drafts away."""
        rows = self.list.chosen_rows()
        if not rows or any(row.state != "draft" for row in rows):
            raise WrongUsage("Only a draft can be thrown away.")
        for row in rows:
            self.say(await self.workspace.outbox.throw_away(row.id))
        self.list.chosen.clear()
        self.acted("outbox.discard", self.selection())

    def do_item_browser(self, _argument: str) -> None:
        """Where it was sent, or where it belongs."""
        row = self._row()
        target = self.workspace.outbox.target(row.item_id)
        url = safe_url(row.permalink or target.permalink or target.subject_url or "")
        if not url:
            raise WrongUsage("Kith knows no page for this.")
        self.kit.open_url(url)
        self.say(f"Opened {shown_host(url)} in the browser.")

    def do_item_copy_text(self, _argument: str) -> None:
        """The words to the clipboard."""
        row = self._row()
        if not row.text:
            raise WrongUsage("There are no words in this one.")
        self.kit.copy(row.text)
        self.say("Copied the text.")

    def do_reply(self, _argument: str) -> None:
        """To the conversation, to answer once more."""
        self.go("conversation", f"{self._row().conversation_id} 0 reply")

    def _row(self) -> OutboxRow:
        row = self.list.current
        if row is None:
            raise WrongUsage("There is nothing here.")
        return row


class _OnTheirWay(Listed[OutboxRow | Heading]):
    """The outbox as a list; an entry that has left the view stays, as it is now, until one leaves the place."""

    def __init__(self, get: Callable[[int], OutboxRow], rows: Sequence[OutboxRow | Heading]) -> None:
        super().__init__(rows)
        self._get = get

    def again(self, rows: Sequence[OutboxRow | Heading]) -> list[OutboxRow | Heading]:
        """Entries as they are now, and their headings; drafts that were thrown away are gone."""
        found: list[OutboxRow | Heading] = []
        heading: Heading | None = None
        for row in rows:
            if isinstance(row, Heading):
                heading = row
                continue
            try:
                now = self._get(row.id)
            except NotFound:
                continue
            found += [now] if heading is None else [heading, now]
            heading = None
        return found


def _sentence(words: str) -> str:
    whole = words[:1].upper() + words[1:]
    return whole if whole.endswith((".", "!", "?")) else whole + "."
