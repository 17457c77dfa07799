"""Questions: the prompt line, yes or no, the `:` line and the palette. Every place can ask."""

import asyncio
from collections.abc import Callable, Sequence

from textual import events, on
from textual.screen import Screen
from textual.widget import Widget

from community.actions import BY_ID
from community.errors import WrongUsage
from tui.dispatch import command, completions
from tui.keys import Verb
from tui.kit import Kit
from tui.widgets.canvas import wrapped
from tui.widgets.frame import Rule
from tui.widgets.panel import Choice, Panel
from tui.widgets.prompt import Prompt

_NEXT_S = 0.2
Completer = Callable[[str], Sequence[Choice]]


class Asking(Screen[None]):
    """A screen with a prompt line, a panel of choices, and a line for messages."""

    def __init__(self, kit: Kit) -> None:
        super().__init__()
        self.kit = kit
        self.workspace = kit.workspace
        self.prompt = Prompt()
        self.panel = Panel()
        self.notice = Rule(above=False, id="notice")
        self._answer: asyncio.Future[str | None] | None = None
        self._yes: asyncio.Future[bool] | None = None
        self._complete: Completer | None = None
        self._choices: Sequence[Choice] = ()
        self._came_from: Widget | None = None
        self._title = ""
        self._held: list[events.Key] | None = None

    def hold(self) -> None:
        """Keys wait: what was pressed is about to open something they may belong to."""
        if self._held is None:
            self._held = []

    def release(self) -> None:
        """It is open, or it came to nothing: the keys that waited are pressed now, before any that come later."""
        held, self._held = self._held or [], None
        for key in held:
            self._press_again(key)

    def hand_over(self) -> list[events.Key]:
        """The keys that wait, to be pressed elsewhere; from now on none do."""
        held, self._held = self._held or [], None
        return held

    def receive(self, keys: Sequence[events.Key]) -> None:
        """Keys that were pressed for this place before it was there come before those that waited here."""
        if keys or self._held is not None:
            self._held = [*keys, *(self._held or [])]
            self.release()

    def press_in_turn(self, event: events.Key) -> None:
        """A key that waited until the text box had taken the letters before it; then those that came after it."""
        held, self._held = self._held or [], None
        for key in (event, *held):
            self._press_again(key)

    def _press_again(self, key: events.Key) -> None:
        if self.press(key):
            return
        if self._answer is not None:
            self.prompt.take(key)
        else:
            self.app.post_message(events.Key(key.key, key.character))

    def press(self, event: events.Key) -> bool:
        """A key, before anything else sees it; False leaves it to the text box that has the focus."""
        raise NotImplementedError

    @property
    def is_asking(self) -> bool:
        """Whether keys go to a question now."""
        return self._answer is not None or self._yes is not None

    async def ask(
        self,
        words: str,
        *,
        text: str = "",
        choices: Sequence[Choice] = (),
        complete: Completer | None = None,
        hidden: bool = False,
    ) -> str | None:
        """What the user typed, None when they left. `choices` can be picked by their key while nothing is typed.

        A `hidden` answer is not shown, and forgotten when it is given.
        """
        self._cancel()
        answer: asyncio.Future[str | None] = asyncio.get_running_loop().create_future()
        self._answer = answer
        self._complete, self._choices, self._title = complete, choices, words
        if self.focused is not None and not self._in_prompt(self.focused):
            self._came_from = self.focused
        self.notice.display = False
        await self.prompt.open(words, text, hidden=hidden)
        self._offer()
        self.release()
        try:
            return await answer
        finally:
            if self._answer is answer:
                self._close_prompt()

    async def ask_filter(self, narrow: Callable[[str], None], *, text: str, choices: Sequence[Choice] = ()) -> None:
        """Ask what a list is to show, until `narrow` takes it or the user leaves; what is wrong with it is said."""
        while (typed := await self.ask("Show only", text=text, choices=choices)) is not None:
            try:
                narrow(typed)
            except WrongUsage as error:
                self.panel_says(str(error))
                text = typed
            else:
                return

    async def confirm(self, question: str) -> bool:
        """Whether the user said yes."""
        self._cancel()
        yes: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._yes = yes
        self.notice.tell(f"{question}  y yes · n no", "wait")
        self.release()
        try:
            return await yes
        finally:
            if self._yes is yes:
                self._yes = None
                self.notice.tell("")

    async def ask_command(self, *, palette: bool) -> Verb | None:
        """An action chosen by name: on the `:` line, or from a list of all of them."""

        def complete(words: str) -> Sequence[Choice]:
            return completions(words, self.kit.keymap, limit=200 if palette or words.strip() else 0)

        typed = await self.ask("Do" if palette else ":", complete=complete)
        if typed is None:
            return None
        picked = self._picked
        return command(typed, picked) if typed.strip() or picked else None

    _picked: Choice | None = None
    _remark = ""

    def press_in_question(self, key: str) -> bool:
        """A key while something is asked; False when it belongs to the text."""
        if self._yes is not None:
            if not self._yes.done():
                self._yes.set_result(key in {"y", "Y"})
                self._await_next()
            return True
        match key:
            case "Esc" | "^c" | "^q":
                self._resolve(None)
            case "Enter":
                self._accept()
            case "Down" | "Tab" | "^n":
                self._step(1)
            case "Up" | "shift+Tab" | "^p":
                self._step(-1)
            case _:
                found = next((each for each in self._choices if each.key == key), None)
                if found is None or self.prompt.text:
                    return False
                self._resolve(found.value)
        return True

    def acts_in_question(self, key: str) -> bool:
        """Whether a key may do something else than write in the line of a question."""
        if self._answer is None:
            return False
        acting = {"Esc", "^c", "^q", "Enter", "Down", "Tab", "^n", "Up", "shift+Tab", "^p"}
        return key in acting or any(each.key == key for each in self._choices)

    def panel_says(self, sentence: str) -> None:
        """Let the next question begin with what was wrong with the last answer."""
        self._remark = sentence

    def _step(self, by: int) -> None:
        if self.panel.offers:
            self.panel.move(by)

    def _accept(self) -> None:
        self._picked = self.panel.choice
        if self._complete is None and self.panel.choice is not None and not self.prompt.text:
            self._resolve(self.panel.choice.value)
        else:
            self._resolve(self.prompt.text)

    def _resolve(self, text: str | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(text)
            self._await_next()

    def _await_next(self) -> None:
        """Whoever asked may ask on at once: keys wait for that, but for nothing that takes longer."""
        self.hold()
        held = self._held
        self.set_timer(_NEXT_S, lambda: self.release() if self._held is held else None)

    def _cancel(self) -> None:
        self._resolve(None)
        if self._yes is not None and not self._yes.done():
            self._yes.set_result(False)

    def _close_prompt(self) -> None:
        self._answer = None
        self.prompt.close()
        self.panel.close()
        self.notice.display = True
        came_from, self._came_from = self._came_from, None
        if came_from is not None and came_from.is_attached and came_from.display:
            self.set_focus(came_from)
        elif self.focused is None or self._in_prompt(self.focused):
            self.set_focus(None)

    def _in_prompt(self, widget: Widget) -> bool:
        return self.prompt in widget.ancestors_with_self

    def _offer(self) -> None:
        choices = self._complete(self.prompt.text) if self._complete is not None else self._choices
        if choices:
            title = self._remark or (self._title if self._title != ":" else "")
            self._remark = ""
            self.panel.show(title, choices, at=0 if self._complete else -1)
        elif self._remark:
            lines = wrapped(self._remark, max(20, self.size.width - 4))
            self.panel.show("", [Choice("", line) for line in lines])
            self._remark = ""
        else:
            self.panel.close()

    @on(Prompt.Typed)
    def offer_again(self) -> None:
        """Choices follow what is typed."""
        if self._answer is not None and self._complete is not None:
            self._offer()

    @on(Panel.Picked)
    def pick(self, event: Panel.Picked) -> None:
        """A choice was clicked."""
        if self._answer is not None:
            self._picked = event.choice
            self._resolve(event.choice.value)
        elif event.choice.value.partition(" ")[0] in BY_ID:
            action, _, argument = event.choice.value.partition(" ")
            self.panel.close()
            self.do(Verb(action, argument))

    def do(self, verb: Verb) -> None:
        """Carry out a verb."""
        raise NotImplementedError
