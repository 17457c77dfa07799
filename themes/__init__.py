"""Colour themes: one TOML file each. `names()` lists ours, `load()` reads one of ours or of the user's own."""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

_OURS = Path(__file__).parent
_LOOK = frozenset({"primary", "accent", "warning", "error", "success", "foreground", "background", "surface", "panel"})


class ThemeError(ValueError):
    """A theme file is wrong; the text is one sentence that names the file and the entry."""


class Theme(NamedTuple):
    """One theme. Colours are `#rrggbb` or names of the terminal's own (`ansi_default`, `ansi_red`, …)."""

    name: str
    primary: str
    accent: str
    warning: str
    error: str
    success: str
    foreground: str
    background: str
    surface: str
    panel: str
    dark: bool = True
    ansi: bool = False
    variables: Mapping[str, str] = MappingProxyType({})


def names() -> list[str]:
    """The themes that come with Kith, in alphabetical order."""
    return sorted(path.stem for path in _OURS.glob("*.toml"))


def load(name: str, *, directory: Path | None = None) -> Theme:
    """The theme called `name`, the user's own in `directory` before ours. Raises `ThemeError` in one sentence."""
    own = directory / f"{name}.toml" if directory is not None and name.isidentifier() else None
    if own is not None and own.is_file():
        return parse(name, own.read_text("utf-8", "replace"), str(own))
    if name not in names():
        raise ThemeError(f"There is no theme called “{name}”: choose one of {', '.join(names())}.")
    return parse(name, (_OURS / f"{name}.toml").read_text("utf-8"), f"{name}.toml")


def own(directory: Path) -> list[str]:
    """The user's own themes in `directory`, empty when there is no such directory."""
    return sorted(path.stem for path in directory.glob("*.toml") if path.stem.isidentifier())


def parse(name: str, text: str, where: str) -> Theme:
    """The theme that `text` describes. Raises `ThemeError` for anything unknown, missing or of the wrong type."""
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ThemeError(f"{where} is not valid TOML: {error}.") from error
    known = set(Theme._fields) - {"name"}
    for key, value in found.items():
        if key not in known:
            raise ThemeError(f"{where}: a theme has no “{key}”; it has {', '.join(sorted(known))}.")
        if not _fits(key, value):
            raise ThemeError(f"{where}: “{key}” must be {_wanted(key)}.")
    missing = sorted(_LOOK - set(found))
    if missing:
        raise ThemeError(f"{where}: a theme needs {', '.join(missing)} too.")
    return Theme(name=name, **found)


def _fits(key: str, value: Any) -> bool:  # noqa: ANN401  TOML enters here
    if key in {"dark", "ansi"}:
        return isinstance(value, bool)
    if key == "variables":
        return isinstance(value, dict) and all(isinstance(each, str) and _is_colour(each) for each in value.values())
    return isinstance(value, str) and _is_colour(value)


def _is_colour(value: str) -> bool:
    if value.startswith("#"):
        return len(value) == 7 and all(letter in "0123456789abcdefABCDEF" for letter in value[1:])
    return value in _ANSI


_HUES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
_ANSI = frozenset({"ansi_default", *(f"ansi_{hue}" for hue in _HUES), *(f"ansi_bright_{hue}" for hue in _HUES)})


def _wanted(key: str) -> str:
    return {"dark": "true or false", "ansi": "true or false", "variables": "a table of colours"}.get(
        key, "a colour like “#1f2430” or “ansi_red”"
    )
