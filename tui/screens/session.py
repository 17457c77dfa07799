"""A session: who waited when it began, one after the other, and an honest count at the end. Pure."""

from dataclasses import dataclass

from tui.words import many


@dataclass(slots=True)
class Session:
    """`ids` are the conversations that waited; `at` is the one on screen."""

    ids: list[int]
    at: int = 0
    answered: int = 0
    put_away: int = 0
    skipped: int = 0

    @property
    def current(self) -> int | None:
        """The conversation on screen; None after the last."""
        return self.ids[self.at] if 0 <= self.at < len(self.ids) else None

    @property
    def place(self) -> str:
        """How far it has come."""
        return f"{self.at + 1} of {len(self.ids)}" if self.current is not None else "the end"

    def go_on(self, *, skipped: bool = False) -> None:
        """To the next one."""
        self.skipped += skipped
        self.at = min(len(self.ids), self.at + 1)

    def go_back(self) -> None:
        """To the one before."""
        self.at = max(0, self.at - 1)

    def summary(self, left: int) -> tuple[str, ...]:
        """What was done, and how many wait still; nothing is made to look like more."""
        did = []
        if self.answered:
            did.append(f"answered {many(self.answered, 'conversation')}")
        if self.put_away:
            did.append(f"put {self.put_away} away")
        if self.skipped:
            did.append(f"left {self.skipped} for later")
        first = f"You {_joined(did)}." if did else "You looked, and that was all."
        if left == 0:
            return (first, "", "Nobody is waiting for you.")
        return (first, "", f"{left} {'waits' if left == 1 else 'wait'} for you still.")


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
