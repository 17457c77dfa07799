"""Facts of a conversation -> where it stands, who leads it, how it weighs and why. Pure.

The weight is a sum of small numbers, and every day of waiting adds the same. So the order of two waiting
conversations never depends on the time it is looked at, and `rank` is stored once: weight minus the day it began.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from community.model import Attention, ConversationState, Fact
from storage.people import Standing

DAY_S = 86_400
_VISIBLE = frozenset({"published"})
_QUESTION = re.compile(r"[?？؟;](?=\s|$|[\"'”’)\]])")


class Stand(NamedTuple):
    """Where a conversation stands. `reasons` are (code, weight), the heaviest first; empty unless it waits."""

    attention: Attention
    rank: float
    reasons: tuple[tuple[str, float], ...]
    lead_id: int | None
    waiting_since: int | None
    last_incoming_at: int | None
    last_outgoing_at: int | None
    last_item_at: int
    items: int
    last_item_id: int
    woken: bool
    reminded: bool

    def columns(self, state: ConversationState, now: int) -> dict[str, object]:
        """The columns of the conversation that follow from this."""
        return {
            "id": state.id,
            "attention": self.attention.value,
            "rank": self.rank,
            "reasons": json.dumps(self.reasons) if self.reasons else "[]",
            "lead_id": self.lead_id,
            "waiting_since": self.waiting_since,
            "last_incoming_at": self.last_incoming_at,
            "last_outgoing_at": self.last_outgoing_at,
            "last_item_at": self.last_item_at,
            "items": self.items,
            "last_item_id": self.last_item_id,
            "woken_at": now if self.woken else state.woken_at,
            "snoozed_until": None if self.woken else state.snoozed_until,
            "remind_at": None if self.reminded else state.remind_at,
        }


def stand(
    state: ConversationState,
    facts: Sequence[Fact],
    people: Mapping[int, Standing],
    *,
    weights: Mapping[str, float],
    waiting_days: int,
    now: int,
) -> Stand:
    """Where a conversation stands at `now`.

    `facts` are its items in order of arrival and may be empty; `people` knows everybody who may be waiting. An item
    that was already older than `waiting_days` when it came makes nobody wait: a backlog is not a to-do list.
    """
    visible = [fact for fact in facts if fact.status in _VISIBLE]
    theirs = [fact for fact in visible if not fact.mine]
    mine = [fact for fact in visible if fact.mine]
    last_id = max((fact.id for fact in facts), default=0)
    oldest_s = waiting_days * DAY_S
    handled = state.done_item_id or 0
    unanswered = [
        fact for fact in _unanswered(visible) if fact.fetched_at - fact.created_at <= oldest_s and fact.id > handled
    ]
    last = max(visible, key=_moment, default=None)
    reminded = bool(state.remind_at and theirs and mine and _came_after(theirs, mine))
    overdue = bool(state.remind_at and state.remind_at <= now and not reminded and mine and last and last.mine)
    snoozed = state.snoozed_until is not None and state.snoozed_until > now
    snoozed = snoozed and not any(fact.id > (state.snoozed_item_id or 0) for fact in unanswered)
    woken = state.snoozed_until is not None and not snoozed and bool(unanswered or overdue or last)
    still_resting = state.resting_item_id is not None and all(fact.id <= state.resting_item_id for fact in unanswered)

    if state.muted_at is not None:
        attention = Attention.MUTED
    elif snoozed:
        attention = Attention.SNOOZED
    elif still_resting and state.resting_item_id is not None and last_id <= state.resting_item_id:
        attention = Attention.RESTING
    elif unanswered or (overdue and last is not None and last.id > handled):
        attention = Attention.WAITING
    elif last is None or last.id <= handled:
        attention = Attention.DONE
    elif last.mine:
        attention = Attention.ANSWERED if theirs else Attention.DONE
    else:
        attention = Attention.READING if last.fetched_at - last.created_at <= oldest_s else Attention.DONE

    first = min(unanswered, key=_moment, default=None)
    lead = first or max(theirs, key=_moment, default=last)
    since = first.created_at if first else state.remind_at if overdue else None
    reasons: tuple[tuple[str, float], ...] = ()
    if attention is Attention.WAITING and lead is not None:
        reasons = _reasons(state, unanswered, lead, people, weights, overdue=overdue)
        rank = sum(weight for _, weight in reasons) - weights["day"] * (since or now) / DAY_S
    else:
        rank = (last.created_at if last else 0) / DAY_S
    return Stand(
        attention=attention,
        rank=rank,
        reasons=reasons,
        lead_id=lead.author_id if lead else (facts[-1].author_id if facts else None),
        waiting_since=since if attention is Attention.WAITING else None,
        last_incoming_at=max((fact.created_at for fact in theirs), default=None),
        last_outgoing_at=max((fact.created_at for fact in mine), default=None),
        last_item_at=last.created_at if last else max((fact.created_at for fact in facts), default=0),
        items=sum(fact.status not in {"spam", "trash"} for fact in facts),
        last_item_id=last_id,
        woken=woken,
        reminded=reminded,
    )


def alone(fact: Fact, *, put_away: bool, waiting_days: int) -> Stand:
    """What `stand` says of a new conversation of one published item that asks nothing of me, without looking further.

    Nearly every item of a feed is one. `put_away` for what belongs to a backlog.
    """
    is_new = not put_away and fact.fetched_at - fact.created_at <= waiting_days * DAY_S
    return Stand(
        attention=Attention.READING if is_new else Attention.DONE,
        rank=fact.created_at / DAY_S,
        reasons=(),
        lead_id=fact.author_id,
        waiting_since=None,
        last_incoming_at=fact.created_at,
        last_outgoing_at=None,
        last_item_at=fact.created_at,
        items=1,
        last_item_id=fact.id,
        woken=False,
        reminded=False,
    )


def _moment(fact: Fact) -> tuple[int, int]:
    return fact.created_at, fact.id


def addressed(facts: Sequence[Fact]) -> dict[int, int | None]:
    """To which identity each item of mine was said: the nearest above it that is not me, None for nobody."""
    by_remote = {fact.remote_id: fact for fact in facts}
    by_id = {fact.id: fact for fact in facts}
    found: dict[int, int | None] = {}
    for fact in facts:
        if not fact.mine:
            continue
        passed = {fact.id}
        above = by_id.get(fact.answers_item_id or 0) or by_remote.get(fact.parent_remote_id or "")
        while above is not None and above.mine and above.id not in passed:
            passed.add(above.id)
            above = by_id.get(above.answers_item_id or 0) or by_remote.get(above.parent_remote_id or "")
        found[fact.id] = above.author_id if above is not None and not above.mine else None
    return found


def asks(text: str) -> bool:
    """Whether the text asks something; question marks inside of links do not count."""
    if "？" in text or "؟" in text:
        return True
    if "?" not in text:
        return False
    words = [word for word in text.split() if "?" in word or ";" in word]
    return any(_QUESTION.search(word) and not _holds_address(word) for word in words)


def _holds_address(word: str) -> bool:
    return 0 < word.find("://", 1) < len(word) - len("://")


def _unanswered(visible: Sequence[Fact]) -> list[Fact]:
    """Items addressed to me that no later item of mine answers.

    An item of mine answers what I answered with Kith, everything it hangs under, everything its own parent's author
    had said before, and, where a platform keeps no parents, everything beside it that was there before.
    """
    if not any(fact.to_me for fact in visible):
        return []
    by_remote = {fact.remote_id: fact for fact in visible}
    by_id = {fact.id: fact for fact in visible}
    direct: set[int] = set()
    until_person: dict[int, int] = {}
    until_beside: dict[str | None, int] = {}
    for fact in visible:
        if not fact.mine:
            continue
        parent = by_id.get(fact.answers_item_id or 0) or by_remote.get(fact.parent_remote_id or "")
        above = parent
        while above is not None and above.id not in direct:
            direct.add(above.id)
            above = by_remote.get(above.parent_remote_id or "")
        if parent is not None:
            until_person[parent.person_id] = max(until_person.get(parent.person_id, 0), fact.created_at)
        if fact.answers_item_id is None and (parent is None or parent.mine):
            beside = fact.parent_remote_id
            until_beside[beside] = max(until_beside.get(beside, 0), fact.created_at)
    return [
        fact
        for fact in visible
        if fact.to_me
        and not fact.mine
        and fact.id not in direct
        and fact.created_at > until_person.get(fact.person_id, -1)
        and fact.created_at > until_beside.get(fact.parent_remote_id, -1)
    ]


def _came_after(theirs: Sequence[Fact], mine: Sequence[Fact]) -> bool:
    return max(fact.created_at for fact in theirs) > max(fact.created_at for fact in mine)


def _reasons(
    state: ConversationState,
    unanswered: Sequence[Fact],
    lead: Fact,
    people: Mapping[int, Standing],
    weights: Mapping[str, float],
    *,
    overdue: bool,
) -> tuple[tuple[str, float], ...]:
    found: dict[str, float] = {}
    person = people.get(lead.person_id)
    if person is not None:
        if person.first_item_id in {fact.id for fact in unanswered}:
            found["first_time"] = weights["first_time"]
        if person.stage in weights:
            found[person.stage] = weights[person.stage]
        if person.networks > 1:
            found["platforms"] = weights["platforms"]
    if any(asks(fact.text) for fact in unanswered):
        found["question"] = weights["question"]
    if state.starred_at is not None:
        found["starred"] = weights["starred"]
    if overdue and not unanswered:
        found["no_answer"] = weights["no_answer"]
    return tuple(sorted(found.items(), key=lambda each: (-each[1], each[0])))
