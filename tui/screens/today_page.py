"""Today as it looks when Kith opens, as rows of a screen. No Textual in here; a test compares it with the real one."""

import os
from pathlib import Path

import themes
from community.workspace import Workspace
from tui import keys
from tui.kit import Kit, theme_name
from tui.screens.frame_words import MOST, TABS, header_state, hinted, outbox_words
from tui.screens.today_sections import hints_on, sections
from tui.widgets.frame_lines import footer_line, header_line, rule_line
from tui.widgets.ink import Look, look_of
from tui.widgets.lines import Piece, filled
from tui.widgets.thread_text import ThreadText, brief
from tui.widgets.today_rows import Line, TodayPainter, takes_cursor

_BESIDE, _WIDEST = 90, 76
Row = list[Piece]


def look_for(workspace: Workspace, directory: Path) -> Look:
    """The look of the theme that a workspace opens with."""
    theme = themes.load(theme_name(workspace), directory=directory)
    return look_of(theme, colourless="NO_COLOR" in os.environ)


def panes(width: int) -> tuple[int, int]:
    """How wide the list is, and the conversation beside it; 0 where there is no room for both."""
    if width < _BESIDE:
        return width, 0
    left = min(_WIDEST, (width - 1) // 2)
    return left, width - 1 - left


def rows(workspace: Workspace, look: Look, width: int, height: int) -> list[Row] | None:
    """Every row of the screen; None when Today is empty, which then says what there is to do."""
    config = workspace.config
    kit = Kit(workspace=workspace, keymap=keys.load(config.preset, config.keys))
    lines = sections(kit)
    here = next((line for line in lines if takes_cursor(line)), None)
    if here is None:
        return None
    left, right = panes(width)
    high = height - 4
    listed = _list(kit, look, lines, here, left, high, two=right > 0)
    if right:
        divider = (look.marks.down, look.rule)
        beside = _conversation(kit, look, here, right, high)
        listed = [[*row, divider, *other] for row, other in zip(listed, beside, strict=True)]
    counts = workspace.conversations.counts(at_most=MOST)
    state = header_state(counts, workspace.sources(), kit.now)
    joints = (left,) if right else ()
    return [
        header_line(look, width, TABS, ("Today",), state)[0],
        rule_line(look, width, joints, above=True),
        *listed,
        rule_line(look, width, joints, above=False),
        footer_line(look, width, hinted(hints_on(here), kit.keymap), outbox_words(counts)),
    ]


def _list(kit: Kit, look: Look, lines: list[Line], here: Line, width: int, high: int, *, two: bool) -> list[Row]:
    painter = TodayPainter(look, width, kit.now, kit.stages(), two=two)
    found: list[Row] = []
    for line in lines:
        if len(found) >= high:
            break
        found += painter.lines(line, here=line is here, focused=True)
    return [*found[:high], *[filled([], width, look.text)] * (high - len(found))]


def _conversation(kit: Kit, look: Look, here: Line, width: int, high: int) -> list[Row]:
    text = ThreadText(now=lambda: kit.now, stages=kit.stages())
    text.fit(width, high, look)
    if here.conversation is not None:
        opened = kit.workspace.conversations.open(here.conversation.id)
        item = opened.begins_at()
        theirs = item if item is not None and not item.mine else None
        card = (lambda width: brief(theirs, look, width, stages=kit.stages())) if theirs is not None else None
        text.show(opened, at=item.id if item is not None else None, card=card)
    return [text.line(y, focused=False) for y in range(high)]
