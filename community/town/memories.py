"""What the user remembers about the people in town: a workspace that has a past, for the demo to begin with."""

import tomllib
from dataclasses import dataclass
from importlib import resources
from typing import Any


@dataclass(frozen=True)
class Memory:
    """What was written down about a person, whose handles all have this name.

    Notes are `days` old. `stages` are (stage, days ago, why), `logged` (kind, direction, text, days ago), `promises`
    (text, days from now), `outcomes` (kind, text, days ago); `cadence` is in words, "" for none.
    """

    name: str
    stages: tuple[tuple[str, int, str], ...]
    tags: str
    cadence: str
    notes: tuple[str, ...]
    days: int
    logged: tuple[tuple[str, str, str, int], ...]
    promises: tuple[tuple[str, int], ...]
    outcomes: tuple[tuple[str, str, int], ...]


def memories() -> list[Memory]:
    """Everything remembered, in the order it was written down."""
    return [
        Memory(
            name=row["name"],
            stages=tuple(tuple(each) for each in row.get("stages", ())),
            tags=row.get("tags", ""),
            cadence=row.get("cadence", ""),
            notes=tuple(row.get("notes", ())),
            days=row.get("days", 0),
            logged=tuple(tuple(each) for each in row.get("logged", ())),
            promises=tuple(tuple(each) for each in row.get("promises", ())),
            outcomes=tuple(tuple(each) for each in row.get("outcomes", ())),
        )
        for row in _told()["memories"]
    ]


def tags() -> dict[str, str]:
    """How often the user wants to be in touch with everybody of a tag."""
    return dict(_told()["tags"])


def _told() -> dict[str, Any]:
    return tomllib.loads(resources.files(__package__).joinpath("memories.toml").read_text("utf-8"))
