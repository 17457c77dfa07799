"""The one place where an expected error becomes words on the screen; everything else is a bug and stays loud."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from community.errors import KithError, StorageError


class Teller(Protocol):
    """Whoever can show a sentence about something that went wrong."""

    def warn(self, sentence: str) -> None:
        """Show it."""
        ...


@contextmanager
def reporting(place: Teller) -> Iterator[None]:
    """Run a block; an expected error is shown where it happened, once, and ends the block."""
    try:
        yield
    except (KithError, StorageError) as error:
        place.warn(str(error))
