"""The key table: which keys mean which action, in which scope. Presets are files; the user's own map goes over them."""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from community.actions import ACTIONS, BY_ID, Scope
from community.errors import WrongUsage

if TYPE_CHECKING:
    from textual import events

Keys = tuple[str, ...]
"""The keys of one binding, one after the other."""

NAMES = {
    "esc": "Esc", "escape": "Esc", "enter": "Enter", "return": "Enter", "space": "Space", "tab": "Tab",
    "shift+tab": "shift+Tab", "pgdn": "PgDn", "pagedown": "PgDn", "pgup": "PgUp", "pageup": "PgUp", "home": "Home",
    "end": "End", "up": "Up", "down": "Down", "left": "Left", "right": "Right", "delete": "Delete",
    "backspace": "Backspace", "insert": "Insert", "comma": ",", **{f"f{n}": f"F{n}" for n in range(1, 13)},
}  # fmt: skip
_TOGETHER = frozenset({Scope.EVERYWHERE, Scope.GO})
_PRESETS = Path(__file__).with_name("presets")
PRESETS = ("kith", "mutt", "gmail", "arrows")


class Verb(NamedTuple):
    """What a key stands for: an action, and what goes with it."""

    action: str
    argument: str = ""


class Keymap:
    """Every binding, by scope."""

    def __init__(self, table: Mapping[str, Sequence[Keys]]) -> None:
        self._by_scope: dict[Scope, dict[Keys, Verb]] = {scope: {} for scope in Scope}
        self._keys: dict[str, list[Keys]] = {}
        for name, bindings in table.items():
            action, _, argument = name.partition(" ")
            scope = BY_ID[action].scope
            for keys in bindings:
                self._by_scope[scope][keys] = Verb(action, argument)
                self._keys.setdefault(action, []).append(keys)

    def verb(self, scopes: Iterable[Scope], keys: Keys) -> Verb | None:
        """What these keys mean where these scopes hold, the first before the second; None for nothing."""
        return next((table[keys] for table in self._tables(scopes) if keys in table), None)

    def follows(self, scopes: Iterable[Scope], keys: Keys) -> list[tuple[str, Verb]]:
        """What may follow these keys: the rest of each binding that begins with them, shadowed ones left out."""
        found: dict[Keys, Verb] = {}
        for table in self._tables(scopes):
            for each, verb in table.items():
                if len(each) > len(keys) and each[: len(keys)] == keys:
                    found.setdefault(each, verb)
        return [(shown(each[len(keys) :]), verb) for each, verb in found.items()]

    def keys_of(self, action: str) -> list[str]:
        """The keys of an action as they are shown, the main one first; empty when it has none."""
        return [shown(keys) for keys in self._keys.get(action, ())]

    def valid_keys_of(self, action: str, scopes: Sequence[Scope]) -> list[str]:
        """Those of its keys that mean this action where these scopes hold, and not another one before it."""
        meant = ((keys, self.verb(scopes, keys)) for keys in self._keys.get(action, ()))
        return [shown(keys) for keys, verb in meant if verb is not None and verb.action == action]

    def key_of(self, action: str) -> str:
        """The main key of an action, "" when it has none."""
        return next(iter(self.keys_of(action)), "")

    def _tables(self, scopes: Iterable[Scope]) -> list[dict[Keys, Verb]]:
        return [self._by_scope[scope] for scope in scopes]


def token(event: "events.Key") -> str:
    """A key press in the words of the key table."""
    named = NAMES.get(event.key)
    if named is not None and event.key != "comma":
        return named
    if event.key.startswith("ctrl+"):
        return f"^{event.key[5:]}"
    if event.character and event.is_printable:
        return event.character
    return event.key


def parse(text: str) -> list[Keys]:
    """The bindings in “gg, Home”. Raises `WrongUsage` for what is no key."""
    bindings: list[Keys] = []
    for each in text.split(","):
        keys: list[str] = []
        for word in each.split():
            keys += _keys_in(word)
        if keys:
            bindings.append(tuple(keys))
    return bindings


def _keys_in(word: str) -> list[str]:
    if word.lower() in NAMES:
        return [NAMES[word.lower()]]
    if len(word) == 2 and word[0] == "^":
        return [word.lower()]
    if (
        word.lower().startswith(("ctrl+", "c-"))
        and len(word.rsplit("+", maxsplit=1)[-1].rsplit("-", maxsplit=1)[-1]) == 1
    ):
        return [f"^{word[-1].lower()}"]
    if len(word) > 3 and word.isalpha() and not word.islower():
        import difflib  # noqa: PLC0415  late: only a slip needs it

        close = difflib.get_close_matches(word.lower(), list(NAMES), n=1)
        raise WrongUsage(f"“{word}” is no key" + (f"; did you mean “{NAMES[close[0]]}”?" if close else "."))
    return list(word)


def shown(keys: Keys) -> str:
    """A binding as help and footer write it."""
    return "".join(keys) if all(len(key) == 1 for key in keys) else " ".join(keys)


def load(preset: str = "kith", own: Mapping[str, str] | None = None) -> Keymap:
    """The key table of a preset with the user's own entries over it.

    Raises `WrongUsage` that names what is unknown or given twice: the preset, an action, a key.
    """
    if preset not in PRESETS:
        raise WrongUsage(f"There is no key preset “{preset}”: choose one of {', '.join(PRESETS)}.")
    table = _read("kith")
    if preset != "kith":
        table |= _read(preset)
    table |= _checked(own or {}, "keys")
    _refuse_clashes(table, dict.fromkeys(own or {}, "your keys"))
    return Keymap(table)


def _read(preset: str) -> dict[str, list[Keys]]:
    text = (_PRESETS / f"{preset}.toml").read_text("utf-8")
    found = tomllib.loads(text)
    lines = {line.partition('"')[2].partition('"')[0]: at for at, line in enumerate(text.splitlines(), 1)}
    return _checked(found, f"{preset}.toml", lines)


def _checked(found: Mapping[str, str], where: str, lines: Mapping[str, int] | None = None) -> dict[str, list[Keys]]:
    table: dict[str, list[Keys]] = {}
    for name, text in found.items():
        at = f"{where}, line {lines[name]}" if lines and name in lines else where
        action = name.partition(" ")[0]
        if action not in BY_ID:
            import difflib  # noqa: PLC0415  late: only a slip needs it

            close = difflib.get_close_matches(action, list(BY_ID), n=1)
            hint = f"; did you mean “{close[0]}”?" if close else "; help (?) lists them all."
            raise WrongUsage(f"{at}: there is no action “{action}”{hint}")
        try:
            table[name] = parse(text)
        except WrongUsage as error:
            raise WrongUsage(f"{at}: {name}: {error}") from error
    return table


def _refuse_clashes(table: Mapping[str, Sequence[Keys]], origin: Mapping[str, str]) -> None:
    """One key must mean one thing within a scope, and no binding may be the beginning of another."""
    taken: dict[tuple[str, Keys], str] = {}
    for name, bindings in table.items():
        scope = BY_ID[name.partition(" ")[0]].scope
        room = "everywhere" if scope in _TOGETHER else scope.value
        for keys in bindings:
            for length in range(1, len(keys) + 1):
                other = taken.get((room, keys[:length]))
                if other is not None and other != name:
                    _clash(keys, name, other, origin)
            taken[room, keys] = name
    for (room, keys), name in taken.items():
        for length in range(1, len(keys)):
            other = taken.get((room, keys[:length]))
            if other is not None:
                _clash(keys, name, other, origin)


def _clash(keys: Keys, name: str, other: str, origin: Mapping[str, str]) -> None:
    where = origin.get(name) or origin.get(other) or "the key table"
    raise WrongUsage(f"{where}: “{shown(keys)}” cannot be both {name} and {other}: give one of them another key.")


def matching(words: str) -> list[str]:
    """Action ids that answer to these words, the best first: by id, label, then synonym. All of them for none."""
    wanted = words.strip().lower()
    if not wanted:
        return [action.id for action in ACTIONS]
    ranked: list[tuple[int, int, int, str]] = []
    for place, action in enumerate(ACTIONS):
        names = (action.id.lower(), action.label.lower(), *(each.lower() for each in action.synonyms))
        score, size = min(((_score(wanted, name, at), len(name)) for at, name in enumerate(names)), default=(99, 0))
        if score == 99 and wanted in action.help.lower():
            score = 60
        elif score < 99 and action.scope is Scope.GO:
            score += 1
        if score < 99:
            ranked.append((score, size, place, action.id))
    return [name for *_, name in sorted(ranked)]


def _score(wanted: str, name: str, at: int) -> int:
    kind = 0 if at < 2 else 10
    if name == wanted:
        return kind
    if name.startswith(wanted):
        return kind + 2
    if any(part.startswith(wanted) for part in name.replace(".", " ").replace("_", " ").split()):
        return kind + 4
    return kind + 30 if wanted in name else 99
