"""The one road from a key, a typed command or a click to an action, and from the action to its one sentence."""

import inspect
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.message import Message

from community import actions
from community.actions import BY_ID, Action, Scope, Selection
from community.errors import WrongUsage
from community.model import OutboxRow
from community.text import clean_line
from community.when import SNOOZES
from tui.dispatch import Dispatcher
from tui.errors import reporting
from tui.keys import Verb, token
from tui.kit import Kit
from tui.screens.asking import Asking
from tui.widgets.panel import Choice

_WHICH_KEY_S = 0.4
_MENUS: dict[str, tuple[Choice, ...]] = {
    "item.snooze": (
        *(Choice(str(n), label, value=word) for n, (word, label) in enumerate(SNOOZES, 1)),
        Choice("r", "until they reply", value="until they reply"),
    ),
    "item.remind": (
        Choice("1", "tomorrow", value="tomorrow"),
        Choice("2", "in 3 days", value="in 3 days"),
        Choice("3", "in a week", value="in 7 days"),
        Choice("0", "no reminder", value="never"),
    ),
}


_OUTGOING = frozenset({"item.like", "item.boost"})
_GOING: dict[str, tuple[str, str]] = {
    "go.today": ("today", ""), "go.inbox": ("inbox", ""), "go.people": ("people", ""), "go.feeds": ("feeds", ""),
    "go.loops": ("loops", ""),
    "go.desk": ("desk", ""), "go.outbox": ("outbox", ""), "go.drafts": ("outbox", "drafts"),
    "go.snoozed": ("inbox", "snoozed"), "go.sources": ("sources", ""), "go.everything": ("inbox", "everything"),
    "search": ("search", ""), "help": ("help", ""), "source.add": ("adding", ""), "history": ("history", ""),
    "session": ("today", "session"), "session.five": ("today", "session five"), "go.suggestions": ("identities", ""),
}  # fmt: skip
"""Actions that lead to another place: its name, and what to show there."""


class Acting(Asking):
    """A screen whose keys are verbs."""

    scopes: ClassVar[tuple[Scope, ...]] = (Scope.LIST, Scope.CONVERSATION, Scope.PERSON, Scope.EVERYWHERE, Scope.GO)
    """Which keys hold here, the first scope before the second."""

    @dataclass
    class Go(Message):
        """Show another place, with what it is about."""

        name: str
        argument: str = ""

    def go(self, name: str, argument: str = "") -> None:
        """Show another place, with what it is about. Keys pressed until it is there are for that place."""
        self.hold()
        self.post_message(self.Go(name, argument))

    class Leave(Message):
        """Close Kith."""

    def __init__(self, kit: Kit) -> None:
        super().__init__(kit)
        self._dispatch = Dispatcher(kit.keymap)
        self._told = False

    # What a place says of itself.

    def selection(self) -> Selection:
        """What an action pressed now would be about."""
        return Selection()

    def acting(self, action: str, chosen: Selection) -> None:
        """An action begins: what it will surely change can be shown at once."""

    def acted(self, action: str, chosen: Selection) -> None:
        """An action has succeeded."""

    def balked(self, action: str, chosen: Selection) -> None:
        """An action has failed, or the user changed their mind."""

    def scopes_now(self) -> Sequence[Scope]:
        """The scopes of the pane that has the focus."""
        return self.scopes

    def leave_text(self) -> None:
        """`Esc` in a text box."""
        self.set_focus(None)

    # Words on the message line.

    def say(self, sentence: str) -> None:
        """One sentence on the message line, until the next key."""
        self.notice.tell(clean_line(sentence))
        self._told = bool(sentence)

    def warn(self, sentence: str) -> None:
        """The same for what went wrong."""
        self.notice.tell(clean_line(sentence), "bad")
        self._told = True

    # From a key to an action.

    @property
    def is_typing(self) -> bool:
        """Whether a text box has the focus: its letters are text."""
        return hasattr(self.focused, "cursor_blink")

    def press(self, event: events.Key) -> bool:
        """A key, before anything else sees it; False leaves it to the text box that has the focus."""
        if self._held is not None:
            self._held.append(event)
            return True
        key = token(event)
        if self.is_asking:
            return self.press_in_question(key) or (not self.is_typing and self.prompt.take(event))
        if self.is_typing:
            return self._press_in_text(key)
        if self._told and not self._dispatch.waiting:
            self._told = False
            self.notice.tell("")
        scopes = self.scopes_now()
        pressed = self._dispatch.press(key, scopes)
        self.panel.close()
        if isinstance(pressed, Verb):
            self.do(pressed)
        elif pressed:
            self.set_timer(_WHICH_KEY_S, lambda: self._which_key(pressed))
        return True

    def waits_for_letters(self, event: events.Key) -> bool:
        """Whether a key acts on what is being typed: then it waits until the box has taken the letters before it."""
        if self._held is not None or not self.is_typing:
            return False
        key = token(event)
        if self.is_asking:
            return self.acts_in_question(key)
        return key == "Esc" or self._verb_in_text(key) is not None

    def _press_in_text(self, key: str) -> bool:
        if key == "Esc":
            self.leave_text()
            return True
        verb = self._verb_in_text(key)
        if verb is not None:
            self.do(verb)
        return verb is not None

    def _verb_in_text(self, key: str) -> Verb | None:
        """What a key does while the cursor is in a text box; None when it belongs to the text."""
        if key == "^c":
            key = "^q"
        if key[0] not in "^F" or len(key) == 1:
            return None
        verb = self.kit.keymap.verb(self.scopes_now(), (key,))
        if verb is None or verb.action in {"undo", "redo", "palette", "redraw"}:
            return None
        return verb if BY_ID[verb.action].scope in {Scope.COMPOSER, Scope.EVERYWHERE} else None

    def _which_key(self, prefix: str) -> None:
        if self._dispatch.waiting and not self.is_asking:
            self.panel.show(prefix, self._dispatch.following(self.scopes_now()), columns=True)

    def do(self, verb: Verb) -> None:
        """Carry out what a key, the `:` line, the palette or the mouse named."""
        self.perform(verb.action, verb.argument)

    def perform(self, action_id: str, argument: str = "", *, chosen: Selection | None = None) -> None:
        """Carry out an action: ask and confirm first if it wants that, then run it, or make the move it stands for."""
        action = BY_ID.get(action_id)
        if action is None:
            self.warn(f"There is no action called “{action_id}”.")
            return
        move = self._move_for(action)
        if action.run is None and move is None:
            self.warn(f"“{action.label}” does nothing here.")
        elif (action.asks and not argument) or action.confirms or action.run is not None:
            about = chosen if chosen is not None else self.selection()
            if move is not None or action.asks or action.confirms:
                self.hold()
            self.app.run_worker(self._carry_out(action, move, argument, about), group="actions")
        elif move is not None:
            with reporting(self):
                waiting = move(argument)
                if inspect.iscoroutine(waiting):
                    self.hold()
                    self.run_worker(self._reported(waiting), group="moves")

    def can(self, action_id: str) -> bool:
        """Whether this place knows what to do for an action."""
        action = BY_ID[action_id]
        return action.run is not None or self._move_for(action) is not None

    def _move_for(self, action: Action) -> Callable[[str], object] | None:
        found: Callable[[str], object] | None = getattr(self, "do_" + action.id.replace(".", "_"), None)
        if found is None and action.id in _GOING:
            name, about = _GOING[action.id]
            return lambda argument: self.go(name, about or argument)
        return found

    async def _reported(self, waiting: object) -> None:
        try:
            with reporting(self):
                if inspect.isawaitable(waiting):
                    await waiting
        finally:
            self.release()

    def _latest(self, begin: Callable[[], object]) -> Callable[[], Awaitable[None]]:
        """For a worker that takes the place of the one before it: what never gets its turn was never begun."""

        async def begun() -> None:
            await self._reported(begin())

        return begun

    async def _carry_out(
        self, action: Action, move: Callable[[str], object] | None, argument: str, about: Selection
    ) -> None:
        try:
            with reporting(self):
                if action.asks and not argument:
                    await self._ask_and_run(action, move, about)
                    return
                if action.confirms and not await self.confirm(action.confirms):
                    return
                if move is not None:
                    await self._reported(move(argument))
                else:
                    await self._run(action, about, argument)
        finally:
            self.release()

    async def _ask_and_run(self, action: Action, move: Callable[[str], object] | None, about: Selection) -> None:
        """Ask for what the action needs, and again with what was typed when that will not do."""
        typed: str | None = ""
        while True:
            typed = await self.ask(action.asks, text=typed or "", choices=_MENUS.get(action.id, ()))
            if typed is None or (not typed.strip() and action.id not in _MENUS):
                return
            try:
                if move is None:
                    await self._run(action, about, typed)
                elif inspect.isawaitable(waiting := move(typed)):
                    await waiting
            except WrongUsage as error:
                self.panel_says(str(error))
            else:
                return

    async def _run(self, action: Action, about: Selection, argument: str) -> None:
        chosen = about._replace(argument=clean_line(argument, limit=4000))
        self.acting(action.id, chosen)
        before = {row.id for row in self._queued()} if action.scope == Scope.DESK or action.id in _OUTGOING else set()
        done = False
        try:
            self.say(await actions.run(self.workspace, action.id, chosen))
            done = True
        finally:
            if not done:
                self.balked(action.id, chosen)
        if action.scope == Scope.DESK or action.id in _OUTGOING:
            for row in self._queued():
                if row.id not in before:
                    self.remember_sent(row.id)
        self.acted(action.id, chosen)

    def remember_sent(self, outbox_id: int) -> None:
        """Something of this session is in the outbox: `u` can take it back, and the message line counts down."""
        latest = self.workspace.undo.history(limit=1)
        self.kit.sent.add(outbox_id, latest[0].id if latest else 0)

    def _queued(self) -> list[OutboxRow]:
        return self.workspace.outbox.listed(self.kit.query("is:queued", "outbox"))
