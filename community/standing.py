"""How a workspace stands, read in a glance: what a status bar asks for every few seconds."""

from pathlib import Path
from typing import NamedTuple

from storage import standing
from storage.files import FILE, is_sound
from storage.reader import Reader
from storage.standing import Counts, Ill

__all__ = ["NOTHING", "Counts", "Ill", "Standing", "glanced", "read"]


class Standing(NamedTuple):
    """The numbers of the frame, how much is new to read, how many sources there are, and which of them are ill."""

    counts: Counts
    new: int
    sources: int
    ill: list[Ill]


NOTHING = Standing(Counts(*[0] * len(Counts._fields)), 0, 0, [])
"""How a workspace stands before there is one."""


def read(reader: Reader) -> Standing:
    """How everything stands now."""
    return Standing(standing.counts(reader), standing.unread(reader), standing.sources(reader), standing.ill(reader))


def glanced(directory: Path) -> Standing | None:
    """How everything stands in `directory`, where nothing is made, migrated or locked.

    None where that takes more than a glance: there is no database of ours, or something is the matter with it.
    """
    if not is_sound(directory):
        return None
    reader = Reader(directory / FILE)
    try:
        return read(reader) if reader.is_current() else None
    finally:
        reader.close()
