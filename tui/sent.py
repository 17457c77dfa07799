"""What this session has put on its way, for the key that takes it back."""


class Sent:
    """What this session has put on its way and may still take back, the latest last."""

    def __init__(self) -> None:
        self.queued: list[tuple[int, int]] = []
        """(outbox id, id of the newest journal entry at that time)"""

    def add(self, outbox_id: int, journal_id: int) -> None:
        """Something went into the outbox."""
        self.queued.append((outbox_id, journal_id))

    def newest(self, journal_id: int) -> int | None:
        """The outbox row that `u` takes back: the last one queued, if nothing local was done after it."""
        if self.queued and self.queued[-1][1] >= journal_id:
            return self.queued[-1][0]
        return None

    def drop(self, outbox_id: int) -> None:
        """It is taken back, or it has left."""
        self.queued = [each for each in self.queued if each[0] != outbox_id]
