"""From keys to verbs: the one road between a key press and the registry of actions."""

from collections.abc import Sequence

from community.actions import BY_ID, Scope, Selection
from tui.keys import Keymap, Keys, Verb, matching
from tui.widgets.choices import Choice

Pressed = Verb | str | None
"""A verb to carry out; the keys so far when more must follow; None when they mean nothing."""


class Dispatcher:
    """Remembers a prefix until the key that completes it."""

    def __init__(self, keymap: Keymap) -> None:
        self._keymap = keymap
        self._so_far: Keys = ()

    @property
    def waiting(self) -> bool:
        """Whether a prefix was pressed and nothing after it yet."""
        return bool(self._so_far)

    def forget(self) -> None:
        """Leave a prefix."""
        self._so_far = ()

    def press(self, key: str, scopes: Sequence[Scope]) -> Pressed:
        """What a key means after those before it."""
        keys = (*self._so_far, key)
        verb = self._keymap.verb(scopes, keys)
        if verb is not None:
            self._so_far = ()
            return verb
        if self._keymap.follows(scopes, keys):
            self._so_far = keys
            return "".join(keys)
        began = bool(self._so_far)
        self._so_far = ()
        return "" if began and key == "Esc" else None

    def following(self, scopes: Sequence[Scope]) -> list[Choice]:
        """What may follow the prefix, for the which-key panel."""
        return [
            Choice(key, BY_ID[verb.action].label, BY_ID[verb.action].help, f"{verb.action} {verb.argument}".strip())
            for key, verb in sorted(self._keymap.follows(scopes, self._so_far), key=lambda each: each[0].lower())
        ]


def completions(words: str, keymap: Keymap, *, limit: int = 200) -> list[Choice]:
    """The actions that what was typed so far may mean, for the `:` line and the palette."""
    name, _, argument = words.strip().partition(" ")
    found = [name] if name in BY_ID and argument else matching(words)
    return [
        Choice(keymap.key_of(each), BY_ID[each].label, f"{BY_ID[each].help}  ({each})", each) for each in found[:limit]
    ]


def command(words: str, picked: Choice | None) -> Verb | None:
    """What a typed command means: an id with its argument, else the choice that was marked, else the best match."""
    name, _, argument = words.strip().partition(" ")
    if name in BY_ID:
        return Verb(name, argument.strip())
    if picked is not None:
        return Verb(picked.value)
    best = matching(words)
    if best:
        return Verb(best[0])
    best = matching(name) if argument else []
    return Verb(best[0], argument.strip()) if best else None


__all__ = ["Choice", "Dispatcher", "Pressed", "Selection", "command", "completions"]
