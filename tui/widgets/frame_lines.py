"""What the lines of the frame say: the header, the rules, the footer. No Textual in here."""

from collections.abc import Sequence

from tui.widgets.ink import Look
from tui.widgets.lines import Piece, apart, cut, filled, fit, wide

_KEYS = 8


def header_line(
    look: Look, width: int, tabs: Sequence[str], crumbs: Sequence[str], state: Sequence[tuple[str, str]]
) -> tuple[list[Piece], list[tuple[int, str]]]:
    """The places as tabs, or the way to where one is, and the numbers at the right; where each tab ends, if shown."""
    ink = {"wait": look.wait, "bad": look.bad, "": look.dim}
    right: list[Piece] = []
    for words, kind in state:
        right += [(f" {look.marks.dot} " if right else "", look.dim), (words, ink[kind])]
    right.append((" ", look.text))
    left, ends = _as_tabs(look, tabs, crumbs)
    used = sum(wide(text) for text, _ in left)
    if used + sum(wide(text) for text, _ in right) > width or len(crumbs) > 1:
        taken = sum(wide(cut(each, 30)) + 3 for each in crumbs)
        while len(right) > 3 and taken + sum(wide(text) for text, _ in right) > width:
            del right[-3:-1]
        return apart(_as_crumbs(look, crumbs, width), [("  ", look.text), *right], width, look.text), []
    return apart(left, right, width, look.text), ends


def _as_tabs(look: Look, tabs: Sequence[str], crumbs: Sequence[str]) -> tuple[list[Piece], list[tuple[int, str]]]:
    pieces: list[Piece] = []
    ends: list[tuple[int, str]] = []
    at = 0
    for tab in tabs:
        here = bool(crumbs) and tab == crumbs[0]
        pieces += [(" ", look.text), (tab, look.here if here else look.dim), ("  ", look.text)]
        at += wide(tab) + 3
        ends.append((at, tab))
    return pieces, ends


def _as_crumbs(look: Look, crumbs: Sequence[str], width: int) -> list[Piece]:
    pieces: list[Piece] = [(" ", look.text)]
    for at, each in enumerate(crumbs):
        if at:
            pieces.append((f" {look.marks.into} ", look.dim))
        room = max(4, min(40, width - 6))
        ink = look.here if at == len(crumbs) - 1 else look.text
        pieces.append((cut(each, room, dots=look.marks.dots), ink))
    return pieces


def rule_line(
    look: Look, width: int, joints: Sequence[int], *, above: bool, words: str = "", kind: str = ""
) -> list[Piece]:
    """A thin line with a joint where panes part; a message takes its place."""
    if words:
        ink = {"bad": look.bad, "wait": look.wait}.get(kind, look.text)
        lead = f"{look.marks.failed} " if kind == "bad" else ""
        room = max(1, width - 3 - len(lead))
        return filled([(" " + lead + fit(words, room, dots=look.marks.dots), ink)], width, look.text)
    marks = look.marks
    inner = max(0, width - 2)
    cells = [marks.across] * inner
    for column in joints:
        if 0 < column <= inner:
            cells[column - 1] = marks.tee_down if above else marks.tee_up
    return filled([(" " + "".join(cells) + " ", look.rule)], width, look.text)


def footer_line(look: Look, width: int, keys: Sequence[tuple[str, str]], outbox: str) -> list[Piece]:
    """As many (key, label) pairs as fit whole, eight at most, and how the outbox stands."""
    right: list[Piece] = [(f"{outbox} ", look.dim)] if outbox else []
    room = width - sum(wide(text) for text, _ in right) - 1
    gap = "   " if width >= 110 else "  "
    left: list[Piece] = [(" ", look.text)]
    used = 1
    for key, label in keys[:_KEYS]:
        size = wide(key) + 1 + wide(label) + len(gap)
        if used + size > room:  # with its gap: the outbox stands apart
            break
        left += [(key, look.strong), (f" {label}{gap}", look.dim)]
        used += size
    return apart(left, right, width, look.text)
