"""What can be chosen from: after a prefix, while a command is typed, in answer to a question."""

from typing import NamedTuple


class Choice(NamedTuple):
    """One line: the key that picks it (may be ""), what it is called, what it does, and what it stands for."""

    key: str
    label: str
    help: str = ""
    value: str = ""
