"""The short tour: five steps, each of which is over when the user has done what it teaches."""

from typing import NamedTuple

from tui.keys import Keymap


class Step(NamedTuple):
    """One thing to try. `{action}` in the words stands for its key; any of `ends` is the thing done."""

    words: str
    ends: frozenset[str]


STEPS: tuple[Step, ...] = (
    Step(
        "These people wait for you. {move.down} and {move.up} walk through them; {open} opens the conversation.",
        frozenset({"open"}),
    ),
    Step(
        "Read what they wrote. {reply} begins an answer, as who you are there, in the right place.",
        frozenset({"reply"}),
    ),
    Step(
        "Write it. Then Esc, and {review.send} sends: nothing leaves on one key, and {undo} takes it back for a while.",
        frozenset({"review.send", "review.send_remind", "review.schedule"}),
    ),
    Step(
        "Esc goes back to the list. What needs no answer is done with {item.done}; {undo} undoes that too.",
        frozenset({"item.done"}),
    ),
    Step(
        "{help} lists every key that works where you are; type any word there to find what you want to do.",
        frozenset({"help"}),
    ),
)


class Tour:
    """How far the user has come; `at` is the step that is shown, None when there is no tour."""

    def __init__(self) -> None:
        self.at: int | None = None
        self.is_over = False

    @property
    def is_running(self) -> bool:
        """Whether a step is shown."""
        return self.at is not None

    def start(self) -> None:
        """From the first step."""
        self.at, self.is_over = 0, False

    def stop(self) -> None:
        """The user has seen enough."""
        self.at, self.is_over = None, True

    def did(self, action: str) -> bool:
        """The user has done something; whether that ends this step, or the next. The last one ends the tour."""
        if self.at is None:
            return False
        ended = next((at for at in (self.at, self.at + 1) if at < len(STEPS) and action in STEPS[at].ends), None)
        if ended is None:
            return False
        if ended + 1 < len(STEPS):
            self.at = ended + 1
        else:
            self.stop()
        return True

    def words(self, keymap: Keymap) -> str:
        """What the step says, with the keys as they are set; "" without a tour."""
        if self.at is None:
            return ""
        words = STEPS[self.at].words
        for action in ("move.down", "move.up", "open", "reply", "review.send", "undo", "item.done", "help"):
            words = words.replace(f"{{{action}}}", keymap.key_of(action) or f":{action}")
        return words
