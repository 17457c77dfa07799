"""The characters: who lives in town, how they sign, and what they are likely to answer."""

from collections.abc import Iterable
from typing import Any

from community.town.records import Person

ME = "alex"
_FIRST_ACCOUNT = 109_300_000_000_000_000


class People:
    """Everybody by key and by handle; the user is one of them."""

    def __init__(self, rows: Iterable[dict[str, Any]], *, base: str) -> None:
        self._people = {row["key"]: _person(number, row, base) for number, row in enumerate(rows, 1)}
        self._by_handle = {person.handle: person for person in self._people.values() if person.handle}
        self._host = base.partition("://")[2]

    @property
    def me(self) -> Person:
        """The user."""
        return self._people[ME]

    def __getitem__(self, key: str) -> Person:
        return self._people[key]

    def accounts(self) -> list[Person]:
        """Everybody with a handle."""
        return list(self._by_handle.values())

    def account(self, account_id: str) -> Person | None:
        """Whose account has that id."""
        return next((person for person in self.accounts() if person.account_id == account_id), None)

    def by_handle(self, user: str, home: str) -> Person | None:
        """Whose handle that is, seen from the town's own server."""
        local = home.lower() in {"", self._host}
        return self._by_handle.get(user.lower() if local else f"{user}@{home}".lower())

    def by_loose_handle(self, user: str, home: str) -> Person | None:
        """The same for text that came from other servers, where neighbours leave the server out."""
        return self.by_handle(user, home) or next(
            (person for person in self.accounts() if not home and person.username == user.lower()), None
        )


def _person(number: int, row: dict[str, Any], base: str) -> Person:
    site = row.get("site", "")
    return Person(
        key=row["key"],
        name=row["name"],
        mail=row.get("mail", ""),
        about=row.get("about", ""),
        site=f"{base}/{site}/" if site and "://" not in site else site,
        handle=row.get("handle", ""),
        answers=tuple(row.get("answers", ())),
        thanks=tuple(row.get("thanks", ())),
        account_id=str(_FIRST_ACCOUNT + number * 65_537),
    )
