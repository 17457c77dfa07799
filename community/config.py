"""Preferences: `config.toml` as one named tuple."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from community.errors import WrongUsage

WEIGHTS: Mapping[str, float] = {
    "first_time": 4.0,
    "question": 2.0,
    "ally": 4.0,
    "friend": 3.0,
    "regular": 1.5,
    "platforms": 1.0,
    "starred": 3.0,
    "no_answer": 1.0,
    "day": 1.0,
}
"""What each reason adds to a waiting conversation; `day` is what every day of waiting adds."""

STAGES = ("stranger", "visitor", "regular", "friend", "ally")


class Config(NamedTuple):
    """Everything the user can set. Durations are in the unit their name ends with."""

    theme: str = "dusk"
    preset: str = "kith"
    editor: str = ""
    undo_s: int = 10
    sync_minutes: int = 5
    waiting_days: int = 60
    first_sync_waiting: int = 25
    browser: str = ""
    ca_file: str = ""
    proxy: str = ""
    mouse: bool = True
    stages: tuple[str, ...] = STAGES
    keys: Mapping[str, str] = MappingProxyType({})
    hooks: Mapping[str, tuple[str, ...]] = MappingProxyType({})
    weights: Mapping[str, float] = WEIGHTS


def load(path: Path) -> Config:
    """The preferences in `path`, the defaults when there is no such file.

    Raises `WrongUsage` naming the first setting that is unknown or has the wrong type, and what to write instead.
    """
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Config()
    except (OSError, UnicodeDecodeError) as error:
        raise WrongUsage(f"{path} cannot be read: {error}.") from error
    import tomllib  # noqa: PLC0415  late: many have no such file

    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUsage(f"{path} is not valid TOML: {error}.") from error
    values: dict[str, Any] = {}
    known = set(Config._fields)
    defaults = Config()
    for name, value in found.items():
        if name not in known:
            raise WrongUsage(f"{path}: there is no setting “{name}”{_near(name, known)}")
        values[name] = _checked(path, name, value, getattr(defaults, name))
    return Config(**values)


def _checked(path: Path, name: str, value: Any, default: Any) -> Any:
    if name == "weights":
        if not isinstance(value, dict):
            raise WrongUsage(f"{path}: weights is a table of numbers, like [weights] question = 2.0.")
        for code, weight in value.items():
            if code not in WEIGHTS:
                raise WrongUsage(f"{path}: there is no weight “{code}”{_near(code, set(WEIGHTS))}")
            if isinstance(weight, bool) or not isinstance(weight, int | float):
                raise WrongUsage(f"{path}: the weight {code} must be a number.")
        return {**WEIGHTS, **value}
    if name == "keys":
        if not isinstance(value, dict) or not all(isinstance(each, str) for each in value.values()):
            raise WrongUsage(f'{path}: keys is a table of texts, like [keys] "item.done" = "d,e".')
        return value
    if name == "hooks":
        return _hooks(path, value)
    if name == "stages":
        if not isinstance(value, list) or len(value) != len(STAGES) or not all(isinstance(s, str) and s for s in value):
            raise WrongUsage(f"{path}: stages is a list of five names, from stranger to ally.")
        return tuple(value)
    if isinstance(value, bool) is not isinstance(default, bool) or not isinstance(value, type(default)):
        kind = {str: "a text", int: "a whole number", bool: "true or false"}[type(default)]
        raise WrongUsage(f"{path}: {name} must be {kind}, like {name} = {_toml(default)}.")
    if isinstance(value, int) and value < 0:
        raise WrongUsage(f"{path}: {name} cannot be negative.")
    return value


def _hooks(path: Path, value: Any) -> dict[str, tuple[str, ...]]:
    like = 'like [hooks] bell = ["paplay", "/home/me/bell.wav"]'
    if not isinstance(value, dict):
        raise WrongUsage(f"{path}: hooks is a table of programs, {like}.")
    for hook, argv in value.items():
        is_list = isinstance(argv, list) and bool(argv)
        if not is_list or not all(isinstance(each, str) and each and "\0" not in each for each in argv):
            raise WrongUsage(f"{path}: the hook {hook} must be a list of a program and its arguments, {like}.")
    return {hook: tuple(argv) for hook, argv in value.items()}


def _toml(value: object) -> str:
    return str(value).lower() if isinstance(value, bool | int) else f'"{value}"'


def _near(name: str, known: set[str]) -> str:
    import difflib  # noqa: PLC0415

    close = difflib.get_close_matches(name, known, n=1)
    return f"; did you mean “{close[0]}”?" if close else f"; the settings are {', '.join(sorted(known))}."
