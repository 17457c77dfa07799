"""Every verb with its keys, what it does, and under which heading it belongs."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass

from community.actions import ACTIONS, BY_ID, Scope
from tui.keys import Keymap, matching
from tui.widgets.canvas import Piece, fit
from tui.widgets.lined import Heading, Lined

HEADINGS: Mapping[Scope, str] = {
    Scope.EVERYWHERE: "Everywhere",
    Scope.GO: "Go to",
    Scope.LIST: "Lists",
    Scope.CONVERSATION: "On a conversation or an item",
    Scope.DESK: "Comment desk",
    Scope.COMPOSER: "While writing",
    Scope.REVIEW: "Review bar",
    Scope.PERSON: "On a person",
    Scope.OUTBOX: "Outbox",
    Scope.SOURCE: "Sources",
    Scope.IDENTITY: "Handles",
}


@dataclass(frozen=True, slots=True)
class Verb:
    """A line of help. `here` says that its key works where one came from."""

    action: str
    keys: str
    label: str
    help: str
    synonyms: str
    here: bool


class HelpList(Lined[Verb]):
    """One line a verb."""

    def name_of(self, row: Verb) -> Hashable:
        """A verb is its id."""
        return row.action

    def drawn(self, row: Verb, *, chosen: bool) -> Sequence[Sequence[Piece]]:
        """Keys, label, what it does, and other words for it."""
        look, dots = self.look, self.look.marks.dots
        keys = 14 if self.cells >= 60 else 9
        label = 20 if self.cells >= 60 else 16
        room = max(0, self.cells - 2 - keys - label - 1)
        about = row.help
        if self.cells >= 110 and row.synonyms:
            about = f"{row.help}  ({row.synonyms})"
        return [
            [
                ("  ", look.text),
                (fit(row.keys, keys - 1, dots=dots) + " ", look.here if row.here else look.dim),
                (fit(row.label, label - 1, dots=dots) + " ", look.text if row.here else look.dim),
                (fit(about, room, dots=dots), look.dim),
            ]
        ]


def verbs(
    words: str, here: Sequence[Scope], keymap: Keymap, can: Callable[[str], bool] = lambda _action: True
) -> list[Verb | Heading]:
    """What help lists: by scope, those of `here` first; with words only what answers to them, the best first. Pure.

    `can` says of an action of these scopes whether it does anything in the place one came from.
    """
    if words:
        by_key = [action.id for action in ACTIONS if words in keymap.keys_of(action.id)]
        found = [_verb(each, here, keymap, can) for each in dict.fromkeys([*by_key, *matching(words)])]
        return [*sorted(found, key=_is_elsewhere)]
    lines: list[Verb | Heading] = []
    for scope in dict.fromkeys([*here, *Scope]):
        listed = [_verb(action.id, here, keymap, can) for action in ACTIONS if action.scope is scope]
        lines.append(Heading(HEADINGS[scope], "" if scope in here else "not here"))
        listed.sort(key=_is_elsewhere)
        lines += listed
    return lines


def _is_elsewhere(verb: Verb) -> bool:
    return not verb.here


def _verb(action_id: str, here: Sequence[Scope], keymap: Keymap, can: Callable[[str], bool]) -> Verb:
    action = BY_ID[action_id]
    every = keymap.keys_of(action_id)
    valid = keymap.valid_keys_of(action_id, here) if action.scope in here else []
    does = action.scope in here and can(action_id) and bool(valid or not every)
    keys = ", ".join(valid if does else every) or ":" + action_id
    return Verb(action_id, keys, action.label, action.help, ", ".join(action.synonyms), does)
