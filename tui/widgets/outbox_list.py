"""The outbox: what each entry is, how it stands, and what can be done about it."""

from collections.abc import Callable, Hashable, Mapping, Sequence

from community.leaving import act_words
from community.model import OutboxRow
from community.text import clean_line
from tui.ages import age
from tui.widgets.canvas import Piece, cut, fit, wide
from tui.widgets.ink import mark
from tui.widgets.lined import Heading, Lined
from tui.words import outbox_state

SECTIONS: Mapping[str, str] = {
    "uncertain": "Uncertain: they may have arrived",
    "failed": "Failed",
    "by hand": "To post by hand",
    "sending": "On their way",
    "queued": "On their way",
    "draft": "Drafts",
    "sent": "Sent",
    "cancelled": "Sent",
}
_BAD = frozenset({"uncertain", "failed"})


class OutboxList(Lined[OutboxRow]):
    """Two lines an entry. `key_of` gives the key of an action."""

    def __init__(self, *, now: Callable[[], int], key_of: Callable[[str], str]) -> None:
        super().__init__(id="list")
        self._now = now
        self._key_of = key_of

    def name_of(self, row: OutboxRow) -> Hashable:
        """An entry keeps its id in every state."""
        return row.id

    def high_of(self, row: OutboxRow) -> int:  # noqa: D102  said by the base
        return 2

    def drawn(self, row: OutboxRow, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """To whom and about what; under it the state and the keys that matter in it."""
        look, dots = self.look, self.look.marks.dots
        settled = row.state in {"sent", "cancelled"}
        at = row.settled_at or row.updated_at
        when = f" {age(at, self._now())}  " if row.state != "queued" else "  "
        name = min(24, max(8, self.cells // 3))
        ink = look.bad if row.state in _BAD else look.wait if row.state == "by hand" else look.dim
        words = clean_line(row.text, limit=200) if row.act == "reply" else f"{act_words(row.act)}: {row.title}"
        first: list[Piece] = [
            (look.marks.chosen if chosen else " ", look.here),
            (mark(look.marks, row.state) + " ", ink),
            (fit(row.to_name, name - 1, dots=dots) + " ", look.dim if settled else look.strong),
            (fit(words, max(1, self.cells - 3 - name - wide(when)), dots=dots), look.dim if settled else look.text),
            (when, look.dim),
        ]
        state, dot = self._state(row), f" {look.marks.dot} "
        keys = dot.join(self._keys(row))
        told = cut(state, max(1, self.cells - 4), dots=dots)
        room = self.cells - 4 - wide(told)
        tone = look.bad if row.state in _BAD else look.dim
        under: list[Piece] = [("   ", look.text), (told, tone)]
        if keys and room > len(dot) + 1:
            lead = dot if state else ""
            under.append((lead + cut(keys, room - len(lead), dots=dots), look.dim))
        return [first, under]

    def _state(self, row: OutboxRow) -> str:
        """How it stands, as far as the heading above it does not say so already."""
        if row.state in _BAD and row.error:
            return row.error
        return "" if row.state in {"draft", "by hand"} else outbox_state(row, self._now())

    def _keys(self, row: OutboxRow) -> list[str]:
        return [f"{self._key_of(action)} {words}" for action, words in keys_for(row)]


def keys_for(row: OutboxRow) -> list[tuple[str, str]]:
    """What can be done about an entry: (action, in a few words), the likeliest first. Pure."""
    is_reply = row.act == "reply"
    match row.state:
        case "uncertain":
            keep = ("outbox.draft", "keep as draft" if is_reply else "drop it")
            return [("outbox.there", "it is there"), ("outbox.again", "send again"), keep]
        case "failed":
            return [("outbox.retry", "send again"), ("outbox.edit", "edit" if is_reply else "drop it")]
        case "by hand":
            open_it = [("item.browser", "open the page"), ("item.copy_text", "copy the text")] if is_reply else []
            return [("outbox.posted", "posted"), *open_it, ("outbox.edit", "not posted: edit")]
        case "queued":
            return [("outbox.cancel", "take back")]
        case "draft":
            return [("open", "write on"), ("outbox.discard", "throw away")]
        case _:
            return []


def sectioned(rows: Sequence[OutboxRow]) -> list[OutboxRow | Heading]:
    """Entries under the heading of their state, in the order they come. Pure."""
    found: list[OutboxRow | Heading] = []
    last = ""
    for row in rows:
        title = SECTIONS[row.state]
        if title != last:
            found.append(Heading(title))
            last = title
        found.append(row)
    return found
