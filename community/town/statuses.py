"""The fediverse server's memory: statuses and the user's notifications. Callers hold the town's lock."""

from collections.abc import Callable
from dataclasses import replace

from community.town.records import Notice, Person, Status

_FIRST_STATUS = 114_600_000_000_000_000
_STATUS_STEP = 4_194_307


class Statuses:
    """Statuses by id and notifications in order. Ids are digits that rise with time."""

    def __init__(self, me: Person, *, now: Callable[[], int]) -> None:
        self._me = me
        self._now = now
        self._statuses: dict[str, Status] = {}
        self._notices: list[Notice] = []
        self._status_count = 0
        self._notice_count = 500

    def add(self, author: Person, text: str, *, at: int | None = None, reply_to: str | None = None) -> Status:
        """Keep a new status; its time is now unless told otherwise."""
        self._status_count += 1
        id_ = str(_FIRST_STATUS + self._status_count * _STATUS_STEP)
        return self.keep(Status(id_, author, text, self._now() if at is None else at, reply_to))

    def keep(self, status: Status) -> Status:
        """Put a changed status in the place of the old one."""
        self._statuses[status.id] = status
        return status

    def get(self, status_id: str | None) -> Status | None:
        """The status with that id."""
        return self._statuses.get(status_id) if status_id else None

    def all(self) -> list[Status]:
        """Every status, oldest first."""
        return list(self._statuses.values())

    def reword(self, status: Status, text: str) -> Status:
        """The status with another text; the old wording is remembered."""
        earlier = (*status.earlier, (status.text, status.edited_at or status.at))
        return self.keep(replace(status, text=text, edited_at=self._now(), earlier=earlier))

    def remove(self, status: Status) -> None:
        """Forget a status: answers to it stay without a parent, its notifications and boosts go with it."""
        gone = {status.id} | {other.id for other in self.all() if other.reblog_of == status.id}
        for id_ in gone:
            del self._statuses[id_]
        for other in self.all():
            if other.reply_to in gone:
                self.keep(replace(other, reply_to=None))
        self._notices = [notice for notice in self._notices if notice.status_id not in gone]

    def favourite(self, status: Status, person: Person, *, at: int | None = None) -> Status:
        """The status with one more favourite; the user hears of it when it is theirs."""
        if person.key in status.favourited_by:
            return status
        self._tell("favourite", person, status, at)
        return self.keep(replace(status, favourited_by=status.favourited_by | {person.key}))

    def reblog(self, status: Status, person: Person, *, at: int | None = None) -> Status:
        """The status with one more boost; the user hears of it when it is theirs."""
        if person.key in status.reblogged_by:
            return status
        self._tell("reblog", person, status, at)
        return self.keep(replace(status, reblogged_by=status.reblogged_by | {person.key}))

    def notify(self, kind: str, author: Person, *, status_id: str | None = None, at: int | None = None) -> Notice:
        """Tell the user something."""
        self._notice_count += 1
        notice = Notice(str(self._notice_count), kind, author, self._now() if at is None else at, status_id)
        self._notices.append(notice)
        return notice

    def notices(self) -> list[Notice]:
        """Every notification, newest first."""
        return self._notices[::-1]

    def dismiss(self, notice_id: str | None) -> bool:
        """Drop one notification, or all of them when no id is given; whether there was any."""
        kept = [notice for notice in self._notices if notice_id not in {None, notice.id}]
        dropped = len(kept) < len(self._notices)
        self._notices = kept
        return dropped

    def ancestors(self, status: Status) -> list[Status]:
        """What the status answers, the first of the thread first."""
        chain: list[Status] = []
        while (parent := self.get(status.reply_to)) is not None and parent not in chain:
            chain.append(parent)
            status = parent
        return chain[::-1]

    def descendants(self, status: Status) -> list[Status]:
        """What answers the status, each branch to its end before the next."""
        children: dict[str, list[Status]] = {}
        for other in self.all():
            children.setdefault(other.reply_to or "", []).append(other)
        found: list[Status] = []
        open_ = children.get(status.id, [])[::-1]
        while open_:
            following = open_.pop()
            found.append(following)
            open_.extend(children.get(following.id, [])[::-1])
        return found

    def _tell(self, kind: str, person: Person, status: Status, at: int | None) -> None:
        if status.author.key == self._me.key and person.key != self._me.key:
            self.notify(kind, person, status_id=status.id, at=at)
