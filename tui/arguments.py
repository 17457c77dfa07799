"""What stands on the command line before the command, for those who cannot wait for click; what is odd is click's."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple


class Arguments(NamedTuple):
    """The workspace and the preferences as they were named, None where they were not; and all from the command on.

    `light` says that few bytes are wanted.
    """

    workspace: str | None
    preferences: str | None
    rest: Sequence[str]
    light: bool = False


def read(arguments: Sequence[str]) -> Arguments | None:
    """The parts of a command line; None for one that has other options in front, or wrong ones."""
    given: dict[str, str] = {}
    left = list(arguments)
    light = False
    while left and left[0].startswith("-"):
        name, equals, value = left.pop(0).partition("=")
        if name == "--light" and not equals:
            light = True
            continue
        if name not in {"--workspace", "--config"} or not (equals or left):
            return None
        given[name] = value if equals else left.pop(0)
        if not given[name]:
            return None
    workspace = given.get("--workspace") or os.environ.get("KITH_WORKSPACE")
    return Arguments(workspace, given.get("--config"), left, light)


def directory(named: str | Path | None) -> Path:
    """The directory of the workspace that was named, else the user's own; absolute, links stay as they are."""
    if named is None or named == "":
        import platformdirs  # noqa: PLC0415  late: not for those who named theirs

        named = platformdirs.user_data_path("kith", appauthor=False)
    return Path(os.path.abspath(os.path.expanduser(named)))  # noqa: PTH100, PTH111


def preferences(named: str | Path | None) -> Path:
    """The file of preferences that was named, else the user's own; it may not exist."""
    if named is None:
        import platformdirs  # noqa: PLC0415

        named = platformdirs.user_config_path("kith", appauthor=False) / "config.toml"
    return Path(named).expanduser()
