"""What the page for adding a source says: the addresses it takes, and what was found out so far. Pure."""

from collections.abc import Sequence

from tui.widgets.canvas import cut
from tui.widgets.ink import Look
from tui.widgets.prose import Builder, Line, paragraphs

_EXAMPLES = (
    ("your blog", "https://blog.example"),
    ("any feed", "https://site.example/feed.xml"),
    ("the fediverse", "@you@server.example"),
    ("Bluesky", "you.bsky.social"),
    ("a site you read", "site.example"),
)
_WIDEST = 84


def examples(trouble: str = "") -> Builder:
    """What can be pasted; above it what was wrong with the last address."""

    def build(width: int, look: Look) -> Sequence[Line]:
        room = min(width - 1, _WIDEST)
        lines: list[Line] = [[]]
        if trouble:
            lines += [*paragraphs(trouble, room, look.bad, indent=2), []]
        words = (
            "Paste the address of any place where people write to you, or where you read them. Kith finds out what it "
            "is, and says what it will be able to do there before anything is added."
        )
        lines += [*paragraphs(words, room, look.text, indent=2), []]
        for name, address in _EXAMPLES:
            lines.append([("  " + name.ljust(18), look.dim), (cut(address, max(1, width - 22)), look.text)])
        return lines

    return build


def told(said: Sequence[tuple[str, str]]) -> Builder:
    """Paragraphs as (words, ink): "strong", "dim", "here", "bad" or "" for the ordinary one."""
    kept = tuple(said)

    def build(width: int, look: Look) -> Sequence[Line]:
        inks = {"bad": look.bad, "dim": look.dim, "strong": look.strong, "here": look.here}
        lines: list[Line] = [[]]
        for words, ink in kept:
            lines += paragraphs(words, min(width - 1, _WIDEST), inks.get(ink, look.text), indent=2)
            lines += [] if ink in {"dim", "strong"} else [[]]
        return lines

    return build
