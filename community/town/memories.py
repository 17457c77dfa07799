"""What the user remembers about the people in town: a workspace that has a past, for the demo to begin with."""

import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True)
class Memory:
    """What was written down about a person, whose handles all have this name.

    Stage and notes are `days` old. `logged` are (kind, direction, text, days ago), `promises` (text, days from now).
    """

    name: str
    stage: str
    tags: str
    notes: tuple[str, ...]
    days: int
    logged: tuple[tuple[str, str, str, int], ...]
    promises: tuple[tuple[str, int], ...]


def memories() -> list[Memory]:
    """Everything remembered, in the order it was written down."""
    text = resources.files(__package__).joinpath("memories.toml").read_text("utf-8")
    return [
        Memory(
            name=row["name"],
            stage=row.get("stage", "stranger"),
            tags=row.get("tags", ""),
            notes=tuple(row.get("notes", ())),
            days=row.get("days", 0),
            logged=tuple(tuple(each) for each in row.get("logged", ())),
            promises=tuple(tuple(each) for each in row.get("promises", ())),
        )
        for row in tomllib.loads(text)["memories"]
    ]
