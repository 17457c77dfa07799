"""Today as it looks when Kith opens, as rows of a screen. No Textual in here; a test compares it with the real one."""

import os
from pathlib import Path

import themes
from community.actions import Scope
from community.workspace import Workspace
from tui import keys
from tui.kit import Kit, theme_name
from tui.screens.frame_words import MOST, TABS, header_state, hinted, outbox_words
from tui.screens.today_sections import hints_on, in_sight
from tui.widgets.frame_lines import footer_line, header_line, rule_line
from tui.widgets.ink import Look, look_of
from tui.widgets.lines import Piece, filled
from tui.widgets.thread_text import ThreadText, brief
from tui.widgets.today_rows import OF_PEOPLE, Line, TodayPainter, takes_cursor, tall

_BESIDE, _WIDEST = 90, 76
SCOPES = (Scope.EVERYWHERE, Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.GO)
"""Which keys hold on Today, the first scope before the second."""
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


class TodayPage:
    """Today on a terminal of one size, until more is wanted of it than to move the cursor."""

    def __init__(self, workspace: Workspace, look: Look, width: int, height: int) -> None:
        """Read what is in sight. `here` is the line under the cursor: None when Today is empty."""
        config = self.config = workspace.config
        self.kit = Kit(workspace=workspace, keymap=keys.load(config.preset, config.keys))
        self._look = look
        self._width = width
        self._left, self._right = panes(width)
        self._high = height - 4
        self._lines = in_sight(self.kit, self._tall, self._high)
        self._counts = workspace.conversations.counts(at_most=MOST)
        self._heard = workspace.heard()
        self.here = next((line for line in self._lines if takes_cursor(line)), None)

    def rows(self, workspace: Workspace) -> list[Row]:
        """Every row of the screen; the conversation under the cursor is read now."""
        here, look, left, width = self.here, self._look, self._left, self._width
        assert here is not None
        listed = self._list(here)
        if self._right:
            divider = (look.marks.down, look.rule)
            beside = _conversation(workspace, self.kit, look, here, self._right, self._high)
            listed = [[*row, divider, *other] for row, other in zip(listed, beside, strict=True)]
        kit, counts = self.kit, self._counts
        joints = (left,) if self._right else ()
        return [
            header_line(look, width, TABS, ("Today",), header_state(counts, self._heard, kit.now))[0],
            rule_line(look, width, joints, above=True),
            *listed,
            rule_line(look, width, joints, above=False),
            footer_line(look, width, hinted(hints_on(here), kit.keymap), outbox_words(counts)),
        ]

    def press(self, key: str) -> bool:
        """Move the cursor as a key says; False when it is no move, or one that leads off what is in sight."""
        verb = self.kit.keymap.verb(SCOPES, (key,))
        action = verb.action if verb is not None else ""
        stops = [line for line in self._lines if takes_cursor(line)]
        at = next(at for at, line in enumerate(stops) if line is self.here)
        half = 0 if self.here is None else round(self._high / 2 / self._tall(self.here)) or 1
        by = {"move.down": 1, "move.up": -1, "move.first": -at, "move.page_down": half, "move.page_up": -half}
        if action not in by or at + by[action] >= len(stops):
            return False
        line = stops[max(0, at + by[action])]
        before = self._lines[: self._lines.index(line) + 1]
        if sum(map(self._tall, before)) > self._high or (self._right and line.kind in OF_PEOPLE):
            return False
        self.here = line
        return True

    def _tall(self, line: Line) -> int:
        return tall(line, two=self._right > 0)

    def _list(self, here: Line) -> list[Row]:
        painter = TodayPainter(self._look, self._left, self.kit.now, self.kit.stages(), two=self._right > 0)
        found: list[Row] = []
        for line in self._lines:
            found += painter.lines(line, here=line is here, focused=True)
        missing = [filled([], self._left, self._look.text)] * (self._high - len(found))
        return [*found[: self._high], *missing]


def _conversation(workspace: Workspace, kit: Kit, look: Look, here: Line, width: int, high: int) -> list[Row]:
    text = ThreadText(now=lambda: kit.now, stages=kit.stages())
    text.fit(width, high, look)
    if here.conversation is not None:
        opened = workspace.conversations.open(here.conversation.id)
        item = opened.begins_at()
        theirs = item if item is not None and not item.mine else None
        card = (lambda width: brief(theirs, look, width, stages=kit.stages())) if theirs is not None else None
        text.show(opened, at=item.id if item is not None else None, card=card)
    return [text.line(y, focused=False) for y in range(high)]
