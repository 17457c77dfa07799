"""Where conversations stand: decided from what is stored of them, and written down."""

from collections.abc import Iterable, Mapping, Sequence

from community.attention import Stand, addressed, alone, stand
from community.config import Config
from community.judging import judge_lately
from community.model import Attention, ConversationState, Fact, Source
from community.rooms import Room
from community.sources.base import Incoming
from storage import conversations, items, people
from storage.database import Transaction
from storage.voices import bits

_FEW_WAITING_ROWS = 400


class Begun:
    """The new conversations of a page. Where nobody waits in one, it is stored once, with where it stands."""

    def __init__(self, rooms: Iterable[Room], *, is_plain: bool) -> None:
        self._rooms = [room for room in rooms if room.is_new]
        self._facts: dict[int, list[Fact]] = {room.id: [] for room in self._rooms}
        self._people: dict[int, set[int]] = {room.id: set() for room in self._rooms}
        self.plain = set(self._facts) if is_plain else set[int]()

    def take(
        self, room_id: int, item_id: int, item: Incoming, author_id: int, person_id: int, *, mine: bool, now: int
    ) -> None:
        """An item of the page is new, in whichever conversation."""
        if room_id in self._people:
            self._people[room_id].add(person_id)
        if room_id not in self.plain:
            return
        if item.to_me or mine:
            self.plain.discard(room_id)
            return
        fact = Fact(
            item_id, item.remote_id, item.parent_id, author_id, person_id, 0, 0, item.status.value, item.kind.value,
            item.created_at, now, None, "",
        )  # fmt: skip
        facts = self._facts[room_id]
        if facts and facts[-1].id == item_id:
            facts.pop()
        facts.append(fact)

    def leave(self, room_id: int) -> None:
        """An item that was there before has moved in: `weigh` has to look."""
        self.plain.discard(room_id)

    def rows(self, source: Source, *, config: Config, now: int, put_away: bool) -> list[dict[str, object]]:
        """What to store of each; those that are not `plain` are still to be weighed."""
        found = []
        for room in self._rooms:
            facts = self._facts[room.id] if room.id in self.plain else []
            handled = facts[-1].id if facts and put_away else None
            if len(facts) == 1 and facts[0].status == "published":
                decided = alone(facts[0], put_away=put_away, waiting_days=config.waiting_days)
            else:
                decided = _stand(_BEGUN._replace(done_item_id=handled), facts, {}, config, now)
            found.append(
                decided.columns(_BEGUN, now)
                | room.columns(source)
                | {"seen_item_id": handled or 0, "done_item_id": handled, "done_at": now if handled else None}
                | {"derived_voices": bits(self._people[room.id])}
            )
        return found


_BEGUN = ConversationState(0, 0, "", Attention.DONE, 0, 0, *(10 * (None,)))


async def weigh(
    tx: Transaction, ids: Iterable[int], *, config: Config, now: int, put_away_since: int | None = None
) -> None:
    """Decide anew where these conversations stand, and store it.

    With `put_away_since`, items that arrived after that id belong to a backlog and count as already seen.
    """
    wanted = list(ids)
    found = await conversations.states(tx, wanted) if wanted else []
    rows: list[dict[str, object]] = []
    seen: list[dict[str, object]] = []
    said: list[dict[str, object]] = []
    standings = _Standings(tx)
    for state in found:
        facts = await conversations.facts(tx, state.id)
        known = await standings.of(facts)
        to = addressed(facts)
        said += [{"id": fact.id, "to_id": to[fact.id]} for fact in facts if fact.mine and to[fact.id] != fact.to_id]
        decided = _stand(state, facts, known, config, now)
        if put_away_since is not None:
            state = state._replace(done_item_id=decided.last_item_id)  # noqa: PLW2901
            decided = _stand(state, facts, known, config, now)
            seen.append({"id": state.id, "last": decided.last_item_id, "now": now})
        rows.append(decided.columns(state, now))
    await conversations.stand(tx, rows)
    await items.address(tx, said)
    await conversations.put_away(tx, seen)


async def close_backlog(tx: Transaction, source: Source, *, config: Config, now: int) -> int:
    """The backlog is in: of what was put away, open what is genuinely waiting. How many conversations that is."""
    since = now - config.waiting_days * 86_400
    ids = await conversations.ids_of_source(tx, source.id, since=since, limit=_FEW_WAITING_ROWS)
    opened, standings = 0, _Standings(tx)
    order = {each: place for place, each in enumerate(ids)}
    found = await conversations.states(tx, ids) if ids else []
    for state in sorted(found, key=lambda state: order[state.id]):
        if opened >= config.first_sync_waiting:
            break
        fresh = state._replace(done_item_id=None)
        facts = await conversations.facts(tx, state.id)
        decided = _stand(fresh, facts, await standings.of(facts), config, now)
        if decided.attention is Attention.WAITING:
            await conversations.take_out(tx, state.id)
            await conversations.stand(tx, [decided.columns(fresh, now)])
            opened += 1
    await judge_lately(tx, now=now)
    return opened


class _Standings:
    """How people stand, each asked for once."""

    def __init__(self, tx: Transaction) -> None:
        self._tx = tx
        self._known: dict[int, people.Standing] = {}

    async def of(self, facts: Sequence[Fact]) -> Mapping[int, people.Standing]:
        """Everybody who may be waiting in a conversation, and others."""
        unknown = {fact.person_id for fact in facts if not fact.mine} - self._known.keys()
        if unknown:
            self._known |= await people.standings(self._tx, unknown)
        return self._known


def _stand(
    state: ConversationState,
    facts: Sequence[Fact],
    standings: Mapping[int, people.Standing],
    config: Config,
    now: int,
) -> Stand:
    return stand(state, facts, standings, weights=config.weights, waiting_days=config.waiting_days, now=now)
