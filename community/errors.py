"""Expected failures. Each carries one cleaned sentence that tells the user what to do next."""

from community.text import clean_line
from storage.errors import Corrupt, NotFound, StorageError

__all__ = [
    "AuthExpired",
    "Corrupt",
    "Garbled",
    "Gone",
    "KithError",
    "NotFound",
    "NotSupported",
    "RateLimited",
    "Rejected",
    "SourceError",
    "StorageError",
    "Uncertain",
    "Unreachable",
    "WrongUsage",
]


class KithError(Exception):
    """Something expected went wrong; `str(error)` is one sentence for the user."""

    def __init__(self, sentence: str) -> None:
        super().__init__(clean_line(sentence, limit=500))


class WrongUsage(KithError):
    """The request itself makes no sense: a bad query, an unknown id, a missing option."""


class SourceError(KithError):
    """A source did not do what was asked; subclasses say what to do next."""


class AuthExpired(SourceError):
    """The credential was refused: the source rests until the user gives a new one."""


class RateLimited(SourceError):
    """The source asks for patience; `retry_after_s` is how long, in seconds."""

    def __init__(self, sentence: str, retry_after_s: float) -> None:
        super().__init__(sentence)
        self.retry_after_s = retry_after_s


class Unreachable(SourceError):
    """No usable answer. `maybe_done` says whether a write may have taken effect all the same."""

    def __init__(self, sentence: str, *, maybe_done: bool = True) -> None:
        super().__init__(sentence)
        self.maybe_done = maybe_done


class Rejected(SourceError):
    """The source understood and refused; `status` is its HTTP status, 0 when there was none."""

    def __init__(self, sentence: str, *, status: int = 0) -> None:
        super().__init__(sentence)
        self.status = status


class Gone(SourceError):
    """The source says that it is gone for good."""


class Garbled(SourceError):
    """The answer is not what this kind of source sends. A write may have taken effect."""


class NotSupported(SourceError):
    """This kind of source cannot do that."""


class Uncertain(SourceError):
    """Something may have happened and cannot be proven; only the user decides what comes next."""
