"""Where a conversation stands, decided from facts."""

import pytest

import fakes
from community.attention import Stand, alone, asks, stand
from community.config import WEIGHTS
from community.model import Attention, ConversationState, Fact
from storage.people import Standing

NOW, DAY = fakes.NOW, fakes.DAY


def state(**facts: object) -> ConversationState:
    values: dict[str, object] = dict.fromkeys(ConversationState._fields)
    values |= {"id": 1, "source_id": 1, "title": "T", "attention": "done", "last_item_id": 0, "seen_item_id": 0}
    return ConversationState(**(values | facts))  # type: ignore[arg-type]


def said(
    item_id: int,
    who: int,
    *,
    to_me: bool = True,
    parent: str | None = None,
    ago: int = DAY,
    text: str = "",
    **more: object,
) -> Fact:
    mine = who == 0
    values: dict[str, object] = {
        "id": item_id,
        "remote_id": f"r{item_id}",
        "parent_remote_id": parent,
        "author_id": who,
        "person_id": who,
        "mine": int(mine),
        "to_me": int(to_me and not mine),
        "status": "published",
        "kind": "comment",
        "created_at": NOW - ago,
        "fetched_at": NOW - ago + 60,
        "answers_item_id": None,
        "text": text,
    }
    return Fact(**(values | more))  # type: ignore[arg-type]


def decided(facts: list[Fact], people: dict[int, Standing] | None = None, **of_state: object) -> Stand:
    return stand(state(**of_state), facts, people or {}, weights=WEIGHTS, waiting_days=60, now=NOW)


def attention(facts: list[Fact], **of_state: object) -> Attention:
    return decided(facts, None, **of_state).attention


def test_a_comment_addressed_to_me_waits() -> None:
    assert attention([said(1, 7)]) is Attention.WAITING


def test_a_comment_to_somebody_else_is_for_reading() -> None:
    assert attention([said(1, 7, to_me=False)]) is Attention.READING


def test_my_answer_under_it_makes_it_answered() -> None:
    assert attention([said(1, 7), said(2, 0, parent="r1", ago=60)]) is Attention.ANSWERED


def test_an_answer_to_one_person_leaves_the_other_waiting() -> None:
    facts = [said(1, 7), said(2, 8), said(3, 0, parent="r1", ago=60)]
    assert attention(facts) is Attention.WAITING
    assert decided(facts).lead_id == 8


def test_an_answer_covers_what_the_same_person_said_before() -> None:
    assert attention([said(1, 7), said(2, 7, ago=7200), said(3, 0, parent="r1", ago=60)]) is Attention.ANSWERED


def test_an_answer_that_a_platform_hung_elsewhere_answers_what_i_answered_and_not_its_neighbour() -> None:
    facts = [
        said(1, 7),
        said(2, 8, parent="r1"),
        said(3, 9, parent="r1"),
        said(4, 0, parent="r1", ago=60, answers_item_id=3),
    ]
    assert decided(facts).lead_id == 8
    assert attention([*facts, said(5, 0, parent="r1", ago=50, answers_item_id=2)]) is Attention.ANSWERED


def test_an_answer_further_down_the_branch_answers_everything_above_it() -> None:
    facts = [said(1, 7), said(2, 8, parent="r1", to_me=False, ago=7200), said(3, 0, parent="r2", ago=60)]
    assert attention(facts) is Attention.ANSWERED


def test_a_later_question_in_an_answered_thread_waits_again() -> None:
    assert (
        attention([said(1, 7), said(2, 0, parent="r1", ago=60), said(3, 7, parent="r2", ago=30)]) is Attention.WAITING
    )


def test_done_lasts_until_something_arrives_whatever_its_date_says() -> None:
    assert attention([said(1, 7)], done_item_id=1) is Attention.DONE
    assert attention([said(1, 7), said(2, 7, ago=5 * DAY)], done_item_id=1) is Attention.WAITING


def test_a_snooze_ends_by_the_clock_and_by_a_new_word() -> None:
    assert attention([said(1, 7)], snoozed_until=NOW + 60, snoozed_item_id=1) is Attention.SNOOZED
    assert attention([said(1, 7)], snoozed_until=NOW, snoozed_item_id=1) is Attention.WAITING
    assert attention([said(1, 7), said(2, 7, ago=10)], snoozed_until=NOW + 60, snoozed_item_id=1) is Attention.WAITING


def test_a_resting_conversation_wakes_when_they_write_to_me() -> None:
    assert attention([said(1, 7)], resting_item_id=1) is Attention.RESTING
    assert attention([said(1, 7), said(2, 7, ago=10)], resting_item_id=1) is Attention.WAITING


def test_a_muted_conversation_stays_muted() -> None:
    assert attention([said(1, 7), said(2, 7)], muted_at=1) is Attention.MUTED


def test_pending_spam_and_deleted_items_make_nobody_wait() -> None:
    for status in ("pending", "spam", "trash", "deleted"):
        assert attention([said(1, 7, status=status)]) is Attention.DONE


def test_what_was_old_when_it_came_makes_nobody_wait() -> None:
    assert attention([said(1, 7, ago=400 * DAY, fetched_at=NOW)]) is Attention.DONE


def test_a_reminder_brings_back_what_nobody_answered() -> None:
    facts = [said(1, 7, ago=9 * DAY), said(2, 0, parent="r1", ago=8 * DAY)]
    assert attention(facts, remind_at=NOW + 1) is Attention.ANSWERED
    reminded = decided(facts, remind_at=NOW - 1)
    assert reminded.attention is Attention.WAITING
    assert ("no_answer", 1.0) in reminded.reasons


def test_an_answer_takes_the_reminder_away() -> None:
    facts = [said(1, 7, ago=9 * DAY), said(2, 0, parent="r1", ago=8 * DAY), said(3, 7, parent="r2", ago=DAY)]
    assert decided(facts, remind_at=NOW - 1).reminded


def test_the_reasons_say_why_and_the_heaviest_comes_first() -> None:
    people = {7: Standing(7, "friend", NOW, 2, 1)}
    reasons = decided([said(1, 7, text="How do you do it?")], people).reasons
    assert [code for code, _ in reasons] == ["first_time", "friend", "question", "platforms"]


def test_the_order_of_two_waiting_conversations_does_not_change_with_time() -> None:
    older = decided([said(1, 7, ago=3 * DAY)])
    newer = decided([said(1, 7, ago=DAY, text="A question?")])
    assert older.rank < newer.rank + 2.01
    assert older.rank > decided([said(1, 7, ago=DAY)]).rank


@pytest.mark.parametrize("ago", [0, DAY, 59 * DAY, 60 * DAY + 60, 61 * DAY])
@pytest.mark.parametrize("put_away", [False, True])
def test_a_single_item_that_asks_nothing_of_me_stands_where_a_longer_look_would_put_it(
    ago: int, put_away: bool
) -> None:
    fact = said(5, 7, to_me=False, ago=ago, fetched_at=NOW)
    assert alone(fact, put_away=put_away, waiting_days=60) == decided([fact], done_item_id=5 if put_away else None)


def test_a_conversation_without_items_is_done() -> None:
    assert attention([]) is Attention.DONE


@pytest.mark.parametrize("text", ["Does it run?", "Wirklich? Ja.", "本当？", "“Why?” she said"])
def test_questions_are_recognised(text: str) -> None:
    assert asks(text)


@pytest.mark.parametrize("text", ["See https://a.example/?q=1 there", "No.", "", "a?b"])
def test_question_marks_in_links_are_no_questions(text: str) -> None:
    assert not asks(text)
