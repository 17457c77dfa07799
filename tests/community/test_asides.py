"""Lines of a reply that are for me alone never leave; what they promise is kept, and comes back with the reply."""

import pytest

from community.asides import is_inside, parted, with_asides, without_asides
from community.connections import Connections
from community.delivery import Delivery
from community.errors import WrongUsage
from community.model import OutboxRow
from community.workspace import Workspace
from fakes import DAY, NOW, Clock, Platform, add_source, arrive, comment

pytestmark = pytest.mark.anyio

HIDDEN = [
    "//promise send the slides",
    "  //promise send the slides",
    "\t//promise: send the slides",
    "\u00a0\u2003//promise send the slides",
    "//PROMISE send the slides",
    "// promise send the slides",
    "\u200b//promise send the slides",
    "/\u200b/pro\u00admise\u2060 send the slides",
    "\ufeff//promise send the slides",
    "\u3164\u2800//promise send the slides",
    "\u202e//promise send the slides",
    "／／ｐｒｏｍｉｓｅ send the slides",
    "@jon@town.example //promise send the slides",
    "@jon @ines@b.example\u00a0//promise send the slides",
]


@pytest.mark.parametrize("line", HIDDEN)
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\x85", "\v", "\f"])
def test_an_aside_is_taken_out_however_it_is_hidden(line: str, end: str) -> None:
    body, asides = parted(f"Before.{end}{line}{end}After.")
    assert asides == ("send the slides",)
    assert "slides" not in body
    assert "romise" not in body
    assert body.startswith("Before.")
    assert body.endswith("After.")


@pytest.mark.parametrize(
    "text",
    [
        "See https://promise.example/a",
        "I write //promise lines",
        "//promised land",
        "/promise x",
        "> //promise is quoted",
    ],
)
def test_what_is_no_aside_stays(text: str) -> None:
    assert parted(text) == (text, ())


@pytest.mark.parametrize(
    ("text", "inside"),
    [
        ("There is a list: //promise send it by friday", True),
        ("Yes.\nI will.\u00a0// PROMISE send it", True),
        ("//promise send it", False),
        ("@jon //promise send it", False),
        ("> somebody wrote //promise", False),
        ("See https://promise.example/a or a//promise", False),
        ("//promise one //promise two", False),
    ],
)
def test_what_would_be_published_though_it_looks_like_an_aside_is_noticed(text: str, inside: bool) -> None:
    assert is_inside(text) is inside


def test_mentions_in_front_stay_and_the_parts_make_the_text_again() -> None:
    text = "@jon@town.example Yes.\n//promise a\n\n\nBye.\n//promise"
    assert parted("@jon //promise a\nBye.") == ("@jon\nBye.", ("a",))
    body, asides = parted(text)
    assert (body, asides) == ("@jon@town.example Yes.\n\nBye.", ("a", ""))
    assert parted(with_asides(body, asides)) == (body, asides)
    assert without_asides("Only words.") == "Only words."


@pytest.fixture
async def jon(workspace: Workspace, platform: Platform) -> Workspace:
    """Jon asks for the slides."""
    await arrive(workspace, await add_source(workspace), comment("1", "Jon", "Do you have the slides?"))
    return workspace


async def send(workspace: Workspace) -> list[OutboxRow]:
    connections = Connections(workspace.store, workspace.credentials)
    try:
        return await Delivery(workspace.store, connections).deliver()
    finally:
        await connections.close()


@pytest.mark.parametrize("line", HIDDEN)
async def test_no_request_ever_holds_an_aside(jon: Workspace, platform: Platform, line: str) -> None:
    draft = await jon.outbox.draft(1, f"Of course.\r\n{line} by friday\r\nSee you.")
    await jon.outbox.queue(draft.id, undo_s=0)
    await jon.outbox.answer(1, f"Once more.\n{line}")
    async with jon.store.transaction() as tx:
        await tx.run("UPDATE outbox SET text = text || :more WHERE id = 2", more=f"\n{line}")
    assert [row.state for row in await send(jon)] == ["sent", "sent"]
    assert len(platform.sent) == 2
    for outgoing in platform.sent:
        assert "slides" not in f"{outgoing.text} {outgoing.body}"
        assert "romise" not in f"{outgoing.text} {outgoing.body}"
    assert all("slides" not in item.text for item, _ in jon.conversations.open(1).items if item.mine)


async def test_a_promise_is_kept_for_whom_it_was_made_to_with_its_date(jon: Workspace) -> None:
    row = await jon.outbox.answer(1, "Yes!\n//promise send the slides by in 2 days")
    (promise,) = jon.loops.promises()
    assert (promise.person_name, promise.text, promise.due_at) == ("Jon", "send the slides", NOW + 2 * DAY)
    assert (promise.conversation_id, row.text) == (1, "Yes!")


async def test_a_reply_taken_back_takes_its_promise_back_into_the_text(jon: Workspace) -> None:
    draft = await jon.outbox.draft(1, "Yes!\n//promise send the slides by in 2 days")
    await jon.outbox.queue(draft.id)
    assert len(jon.loops.promises()) == 1
    await jon.outbox.cancel(draft.id)
    assert jon.loops.promises() == []
    assert jon.outbox.get(draft.id).text == "Yes!\n//promise send the slides by in 2 days"
    await jon.outbox.throw_away(draft.id)


async def test_a_reply_to_post_by_hand_has_no_aside_either_and_undo_brings_it_back(jon: Workspace) -> None:
    draft = await jon.outbox.draft(1, "Yes!\n//promise send the slides")
    row = await jon.outbox.hand_over(draft.id)
    assert (row.text, len(jon.loops.promises())) == ("Yes!", 1)
    await jon.undo.undo()
    assert jon.outbox.get(draft.id).text == "Yes!\n//promise send the slides"
    assert jon.loops.promises() == []


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Yes!\n//promise the slides by someday", "no time Kith understands"),
        ("Yes!\n//promise the slides by 2020-01-01", "has passed"),
        ("Yes!\n//promise", "Type what you promised"),
        ("//promise the slides", "reply is empty"),
    ],
)
async def test_a_wrong_promise_is_said_and_nothing_is_sent(jon: Workspace, text: str, sentence: str) -> None:
    draft = await jon.outbox.draft(1, text)
    with pytest.raises(WrongUsage, match=sentence):
        await jon.outbox.queue(draft.id)
    assert (jon.outbox.get(draft.id).state, jon.loops.promises()) == ("draft", [])


async def test_a_promise_is_moved_dropped_and_both_are_undone(jon: Workspace, clock: Clock) -> None:
    await jon.people.promise(1, "send the slides", due_at=NOW + DAY)
    await jon.loops.move(1, NOW + 3 * DAY)
    assert jon.loops.promises()[0].due_at == NOW + 3 * DAY
    await jon.loops.drop(1)
    assert jon.loops.promises() == []
    await jon.undo.undo()
    await jon.undo.undo()
    assert jon.loops.promises()[0].due_at == NOW + DAY
