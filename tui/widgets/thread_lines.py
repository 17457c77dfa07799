"""How one entry of a thread looks: its author's line, its words with the guides beside them."""

from collections.abc import Collection, Mapping

from community.model import Item, OutboxRow, Outcome
from community.threads import Opened
from tui.ages import age, day
from tui.widgets.ink import Ink, Look
from tui.widgets.lines import Piece, cut, fit, wide, wrapped
from tui.widgets.thread_layout import Entry
from tui.words import many, outbox_state

CUT = 20_000
"""Longer texts are cut here until the user asks for all of them."""
_WIDEST = 88
_FEW = 2
_STATUS = {"pending": "waits for approval", "spam": "spam", "trash": "in the trash", "deleted": "deleted there"}


class ThreadPainter:
    """Paints entries of one conversation at one width and time."""

    def __init__(
        self,
        opened: Opened | None,
        look: Look,
        width: int,
        now: int,
        stages: Mapping[str, str],
        whole: Collection[int] = (),
    ) -> None:
        self._opened = opened
        self._look = look
        self._width = width
        self._now = now
        self._stages = stages
        self._whole = whole

    def title(self) -> list[list[Piece]]:
        """What stands above the first item."""
        opened = self._opened
        if opened is None:
            return []
        look, row = self._look, opened.row
        room = max(1, self._width - 3)
        about = [many(row.items, "post") if not row.subject else many(row.items, "comment")]
        if row.subject and row.subject != row.title:
            about[0] += f" on “{row.subject}”"
        about += [opened.source.name, *(f"#{tag}" for tag in opened.tags)]
        if row.starred_at is not None:
            about.append("starred")
        words = f" {look.marks.dot} ".join(about)
        return [
            *([("  " + line, look.strong)] for line in wrapped(row.title, room)[:2]),
            [("  " + cut(words, room, dots=look.marks.dots), look.dim)],
            *(self._outcome(each, room) for each in opened.outcomes[:_FEW]),
            [],
        ]

    def _outcome(self, outcome: Outcome, room: int) -> list[Piece]:
        """What came of the conversation."""
        look = self._look
        said = f": {outcome.text} ({outcome.kind})" if outcome.text else f": {outcome.kind}"
        words = cut(f"outcome, {day(outcome.at, self._now)}{said}", room - 2, dots=look.marks.dots)
        return [(f"  {look.marks.star} ", look.here), (words, look.text)]

    def _indent(self, entry: Entry, *, head: bool) -> tuple[list[Piece], int]:
        """The margin with its guides, and how wide it is."""
        look, marks = self._look, self._look.marks
        deepest = max(0, min(entry.depth, (self._width - 24) // 2))
        mine = entry.unsent is not None or (entry.item is not None and bool(entry.item.mine))
        drawn = ""
        for depth in range(1, deepest + 1):
            runs = bool(entry.guides & (1 << depth))
            if depth < deepest:
                drawn += (marks.down if runs else " ") + " "
            elif head:
                drawn += (marks.corner if entry.last else marks.branch) + " "
            else:
                drawn += (" " if entry.last else marks.down) + " "
        edge = (" " + marks.mine, look.here) if mine else ("  ", look.text)
        return [edge, (drawn, look.rule)], 2 + len(drawn)

    def lines(self, entry: Entry) -> list[list[Piece]]:
        """The lines of an entry: its author's, its words, and an empty one."""
        look = self._look
        margin, used = self._indent(entry, head=False)
        room = max(8, min(_WIDEST, self._width - used - 2))
        text, more = self._text_of(entry)
        dim = entry.item is not None and entry.item.status in {"spam", "trash", "deleted"}
        ink: Ink = look.dim if dim else look.text
        lines = [self._head_line(entry)]
        shown = wrapped(text, room)
        while len(shown) > 1 and not shown[-1].strip():
            shown.pop()
        lines += [[*margin, (line, look.dim if line.startswith("> ") else ink)] for line in shown]
        if more:
            lines.append([*margin, (more, look.dim)])
        if entry.folded:
            lines.append([*margin, (f"{look.marks.dots} {many(entry.folded, 'reply', 'replies')} folded", look.dim)])
        lines.append([margin[1] if entry.depth else ("", look.text)])
        lines[-1] = [("  ", look.text), *lines[-1]]
        return lines

    def _text_of(self, entry: Entry) -> tuple[str, str]:
        """What is shown of the words, and what to say of the rest."""
        if entry.item is None:
            return (entry.unsent.text if entry.unsent is not None else ""), ""
        item = entry.item
        text = item.text or ("(no words)" if item.status != "deleted" else "")
        if item.title and self._opened is not None and item.title != self._opened.row.title:
            text = f"{item.title}\n{text}"
        if len(text) <= CUT or item.id in self._whole:
            return text, ""
        return text[:CUT], f"… {(len(text) - CUT) / 1000:.0f} kB more: Enter shows all of it."

    def _head_line(self, entry: Entry) -> list[Piece]:
        look = self._look
        margin, used = self._indent(entry, head=True)
        if entry.unsent is not None:
            return self._unsent_head(entry.unsent, margin)
        item = entry.item
        assert item is not None
        when = age(item.created_at, self._now)
        after: list[Piece] = []
        if not item.mine and item.stage not in {"", "stranger"}:
            after.append((f"  {self._stages.get(item.stage, item.stage)}", look.dim))
        if self._is_new(item):
            after.append((f"  {look.marks.waiting} new", look.wait))
        if item.status in _STATUS:
            after.append((f"  {_STATUS[item.status]}", look.bad if item.status == "pending" else look.dim))
        if item.edited_at:
            after.append(("  edited", look.dim))
        room = self._width - used - wide(when) - 3 - sum(wide(words) for words, _ in after)
        name = "You" if item.mine else item.name or item.handle
        shown = cut(name, max(4, room), dots=look.marks.dots)
        left: list[Piece] = [*margin, (shown, look.strong), *after]
        gap = self._width - sum(wide(words) for words, _ in left) - wide(when) - 1
        return [*left, (" " * max(1, gap), look.text), (when + " ", look.dim)]

    def _unsent_head(self, row: OutboxRow, margin: list[Piece]) -> list[Piece]:
        look = self._look
        ink = {"failed": look.bad, "uncertain": look.bad}.get(row.state, look.wait)
        sign = {"draft": look.marks.draft, "failed": look.marks.failed, "uncertain": look.marks.uncertain}
        words = f"{sign.get(row.state, look.marks.sending)} {outbox_state(row, self._now)}"
        used = sum(wide(text) for text, _ in margin)
        room = max(6, self._width - used - 6)
        return [*margin, ("You", look.strong), ("  " + fit(words, room - 2, dots=look.marks.dots).rstrip(), ink)]

    def _is_new(self, item: Item) -> bool:
        return self._opened is not None and not item.mine and item.id > self._opened.row.seen_item_id
