"""A reply is bound, frozen, sent at most once, and what is not known is asked."""

import pytest

import fakes
from community.delivery import LOOKS_S, Delivery
from community.errors import AuthExpired, Garbled, RateLimited, Rejected, Unreachable, WrongUsage
from community.leaving import scheduled, with_opening
from community.model import OutboxRow
from community.query import parse
from community.sources.base import Act, Capabilities, Repeat
from community.workspace import Workspace
from fakes import NOW, Clock, Platform, add_source, arrive, comment

pytestmark = pytest.mark.anyio


@pytest.fixture
async def waiting(workspace: Workspace) -> int:
    """The id of an item that waits for an answer."""
    source = await add_source(workspace)
    await arrive(workspace, source, comment("1", "Ann", "How do you do it?"))
    found = workspace.conversations.answerable(1)
    assert found is not None
    return found.id


async def queued(workspace: Workspace, item_id: int, text: str = "Like this.") -> OutboxRow:
    return await workspace.outbox.queue(await workspace.outbox.save(item_id, text), undo_s=0)


def states(workspace: Workspace) -> list[str]:
    return [row.state for row in workspace.outbox.listed(parse("", now=NOW, target="outbox"))]


def delivery(workspace: Workspace) -> Delivery:
    return Delivery(workspace.store, workspace.connections)


async def test_typing_keeps_one_draft_for_each_item(workspace: Workspace, waiting: int) -> None:
    first = await workspace.outbox.save(waiting, "Li")
    assert await workspace.outbox.save(waiting, "Like this") == first
    draft = workspace.outbox.draft_for(waiting)
    assert draft is not None
    assert (draft.text, draft.to_name) == ("Like this", "Ann")


async def test_a_reply_leaves_only_after_the_time_to_take_it_back(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    row = await workspace.outbox.queue(await workspace.outbox.save(waiting, "Text"))
    await delivery(workspace).deliver()
    assert platform.sent == []
    clock.at += workspace.config.undo_s
    [sent] = await delivery(workspace).deliver()
    assert (sent.id, sent.state) == (row.id, "sent")


async def test_taking_a_reply_back_makes_it_a_draft_again(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    row = await workspace.outbox.queue(await workspace.outbox.save(waiting, "Text"))
    await workspace.outbox.cancel(row.id)
    clock.at += 60
    await delivery(workspace).deliver()
    assert (platform.sent, states(workspace)) == ([], ["draft"])
    with pytest.raises(WrongUsage, match="Too late"):
        await workspace.outbox.cancel(row.id)


async def test_a_sent_reply_is_stored_like_any_other_item_and_answers(
    workspace: Workspace, platform: Platform, waiting: int
) -> None:
    await queued(workspace, waiting)
    await delivery(workspace).deliver()
    opened = workspace.conversations.open(1)
    assert opened.row.attention == "answered"
    assert [(item.text, bool(item.mine), depth) for item, depth in opened.items][1] == ("Like this.", True, 1)
    assert opened.unsent == ()


async def test_a_reply_stays_bound_to_its_item_whatever_is_edited_later(
    workspace: Workspace, platform: Platform, waiting: int
) -> None:
    row = await queued(workspace, waiting, "Frozen")
    await workspace.outbox.save(waiting, "Another draft")
    await delivery(workspace).deliver()
    assert platform.sent[0].text == "Frozen"
    assert platform.sent[0].target.remote_id == "1"
    assert workspace.outbox.get(row.id).state == "sent"
    assert states(workspace) == ["draft", "sent"]


@pytest.mark.parametrize(
    "fault",
    [Rejected("Comments are closed.", status=403), AuthExpired("Refused."), Unreachable("Down.", maybe_done=False)],
)
async def test_proof_of_no_effect_gives_the_reply_back_with_the_reason(
    workspace: Workspace, platform: Platform, waiting: int, fault: Exception
) -> None:
    platform.send_fault = fault  # type: ignore[assignment]
    row = await queued(workspace, waiting)
    [after] = await delivery(workspace).deliver()
    assert after.state == ("queued" if isinstance(fault, Unreachable) else "failed")
    assert after.error == str(fault)
    assert after.text == "Like this."
    if after.state == "failed":
        platform.send_fault = None
        await workspace.outbox.retry(row.id)
        assert [each.state for each in await delivery(workspace).deliver()] == ["sent"]


async def test_a_rate_limit_waits_as_long_as_the_platform_asks(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    platform.send_fault = RateLimited("Slowly.", 120)
    await queued(workspace, waiting)
    [after] = await delivery(workspace).deliver()
    assert (after.state, after.not_before) == ("queued", NOW + 120)


async def test_a_lost_answer_is_looked_up_and_not_sent_again(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    platform.send_fault, platform.lands_all_the_same = Unreachable("No answer."), True
    await queued(workspace, waiting)
    [after] = await delivery(workspace).deliver()
    assert after.state == "uncertain"
    clock.at += LOOKS_S[0]
    [after] = await delivery(workspace).look()
    assert (after.state, len(platform.sent)) == ("sent", 1)
    assert workspace.conversations.row(1).attention == "answered"


async def test_what_is_not_found_is_asked_of_the_user_and_never_repeated(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    platform.send_fault = Garbled("HTML where JSON belongs.")
    row = await queued(workspace, waiting)
    await delivery(workspace).deliver()
    for _ in range(10):
        clock.at += 3600
        await delivery(workspace).deliver()
        await delivery(workspace).look()
    after = workspace.outbox.get(row.id)
    assert (after.state, after.looks, len(platform.sent)) == ("uncertain", len(LOOKS_S), 1)
    assert "say what to do" in after.error
    assert workspace.conversations.counts().uncertain == 1


@pytest.mark.parametrize(("verdict", "state"), [("there", "sent"), ("again", "queued"), ("draft", "draft")])
async def test_the_users_word_settles_what_is_uncertain(
    workspace: Workspace, platform: Platform, waiting: int, verdict: str, state: str
) -> None:
    platform.send_fault = Unreachable("No answer.")
    row = await queued(workspace, waiting)
    await delivery(workspace).deliver()
    await workspace.outbox.settle(row.id, verdict)
    assert workspace.outbox.get(row.id).state == state


async def test_a_key_that_is_honoured_may_repeat_once_with_the_same_key(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    platform.send_fault, platform.repeat = Unreachable("No answer."), Repeat.SAME_KEY
    await queued(workspace, waiting)
    await delivery(workspace).deliver()
    for _ in range(20):
        clock.at += 120
        await delivery(workspace).look()
        await delivery(workspace).deliver()
    assert len(platform.sent) == 2
    assert len({outgoing.key for outgoing in platform.sent}) == 1


async def test_a_crash_while_sending_becomes_uncertain_and_never_queued(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    class Killed(BaseException):
        pass

    def die(_outgoing: object) -> None:
        raise Killed

    platform.on_send = die
    row = await queued(workspace, waiting)
    with pytest.raises(Killed):
        await delivery(workspace).deliver()
    assert workspace.outbox.get(row.id).state == "sending"
    assert await delivery(workspace).recover() == 1
    assert workspace.outbox.get(row.id).state == "uncertain"


async def test_a_failure_before_anything_left_is_no_uncertainty(
    workspace: Workspace, platform: Platform, waiting: int
) -> None:
    platform.prepare_fault = Unreachable("The parent could not be read.")
    await queued(workspace, waiting)
    [after] = await delivery(workspace).deliver()
    assert (after.state, platform.sent) == ("queued", [])


async def test_only_if_silent_is_not_sent_when_they_write_first(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    draft = await workspace.outbox.save(waiting, "Are you there?")
    await workspace.outbox.queue(draft, at=NOW + 3600, only_if_silent=True)
    clock.at += 1800
    await arrive(workspace, workspace.listening.get(1), comment("2", "Ann", "Never mind!", parent="1", at=clock.at))
    clock.at += 3600
    await delivery(workspace).deliver()
    assert (platform.sent, states(workspace)) == ([], ["draft"])
    assert workspace.outbox.get(draft).note.startswith("They wrote first")


@pytest.mark.parametrize(
    ("words", "if_silent"),
    [("in 2 hours", False), ("in 2 hours if silent", True), ("in 2 hours, unless they write", True)],
)
def test_a_time_to_send_may_say_only_if_they_stay_silent(words: str, if_silent: bool) -> None:
    assert scheduled(words, now=NOW) == (NOW + 7200, if_silent)
    with pytest.raises(WrongUsage):
        scheduled("if silent", now=NOW)


async def test_a_reply_leaves_as_whom_it_was_written_or_not_at_all(
    workspace: Workspace, platform: Platform, waiting: int
) -> None:
    row = await queued(workspace, waiting)
    act = await workspace.outbox.act(waiting, Act.LIKE, Capabilities(acts=frozenset({Act.LIKE})), undo_s=0)
    await workspace.logins.sign_as(1, "somebody else")
    await delivery(workspace).deliver()
    after = workspace.outbox.get(row.id)
    assert (platform.sent, after.state, workspace.outbox.get(act.id).state) == ([], "failed", "failed")
    begins = "It was made as me, and Blog is signed in as somebody else now: sign in as me again and send it again, or"
    assert after.error == f"{begins} edit it to send it as the other."
    assert workspace.outbox.get(act.id).error == f"{begins} drop it."
    await workspace.outbox.edit(row.id)
    await workspace.outbox.queue(row.id, undo_s=0)
    await delivery(workspace).deliver()
    assert [each.text for each in platform.sent] == ["Like this."], "by the user's own word it leaves as the other"


async def test_a_merge_of_people_changes_nothing_about_whom_a_reply_goes_to(
    workspace: Workspace, platform: Platform, waiting: int
) -> None:
    source = workspace.listening.get(1)
    await arrive(workspace, source, comment("9", "Zoe", "Me too", thread="9"))
    draft = await workspace.outbox.save(waiting, "For Ann.")
    ann, zoe = (next(each.id for each in workspace.people.find(name)) for name in ("Ann", "Zoe"))
    await workspace.identities.merge(zoe, ann)
    await workspace.outbox.queue(draft, undo_s=0)
    await delivery(workspace).deliver()
    [sent] = platform.sent
    assert (sent.target.author.key, sent.target.remote_id) == ("user:ann", "1")


async def test_send_and_remind_brings_it_back_when_nobody_answers(
    workspace: Workspace, platform: Platform, clock: Clock, waiting: int
) -> None:
    draft = await workspace.outbox.save(waiting, "Come on Thursday?")
    await workspace.outbox.queue(draft, undo_s=0, remind_after_s=3 * fakes.DAY)
    await delivery(workspace).deliver()
    assert workspace.conversations.row(1).attention == "answered"
    clock.at += 4 * fakes.DAY
    await workspace.conversations.wake()
    assert workspace.conversations.row(1).attention == "waiting"


async def test_moderation_goes_the_same_way_and_shows_here_once_it_is_done(
    workspace: Workspace, platform: Platform, waiting: int
) -> None:
    await arrive(workspace, workspace.listening.get(1), comment("9", "Dora", "Hi", status=fakes_pending()))
    pending = workspace.desk(parse("", now=NOW, target="desk"))[0]
    await workspace.outbox.act(pending.id, Act.APPROVE, Capabilities(acts=frozenset({Act.APPROVE})), undo_s=0)
    assert workspace.desk(parse("", now=NOW, target="desk"))[0].pending_act == "approve"
    await delivery(workspace).deliver()
    assert workspace.desk(parse("", now=NOW, target="desk")) == []


async def test_what_a_source_cannot_do_is_refused_with_its_reason(workspace: Workspace, waiting: int) -> None:
    able = Capabilities(why_not={Act.LIKE: "Blogs know no likes."})
    with pytest.raises(Exception, match="Blogs know no likes"):
        await workspace.outbox.act(waiting, Act.LIKE, able)


async def test_an_empty_reply_is_refused(workspace: Workspace, waiting: int) -> None:
    with pytest.raises(WrongUsage, match="empty"):
        await workspace.outbox.queue(await workspace.outbox.save(waiting, "  \n"))


def test_the_people_a_reply_must_mention_are_put_in_front_once() -> None:
    assert with_opening("Hi", "@ann@a.example ") == "@ann@a.example Hi"
    assert with_opening("Hi @Ann@a.example", "@ann@a.example ") == "Hi @Ann@a.example"


def fakes_pending() -> object:
    from community.sources.base import ItemStatus

    return ItemStatus.PENDING
