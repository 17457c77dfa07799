"""Who waits at the server's door is seen, marked as waiting, and let in or turned away once."""

from collections.abc import Mapping

import pytest

from adapters import connected, known_as, outgoing, source_row
from community.errors import Rejected
from community.sources.base import Act, Incoming, ItemStatus, Page, Thread
from community.sources.fields import moment
from fediverse_server import BO, MY_ACCOUNT, Fediverse, Running, mention, note, stamp, status

pytestmark = pytest.mark.anyio

MORNING = moment(stamp(30)) or 0


def waits(town: Fediverse, html: str = "May I come in?") -> None:
    """Bo answers a status of mine, and is kept at the door."""
    town.add(status("100", MY_ACCOUNT, "root"))
    reply = status("101", BO, html, to="100", names=[MY_ACCOUNT])
    row: dict[str, object] = {"id": "r1", "created_at": stamp(2), "updated_at": stamp(2), "account": BO}
    if town.software == "gotosocial":
        row |= {"type": "reply", "status": town.statuses["100"], "reply": reply}
        town.add(reply)  # its server shows me the thread with what waits
    else:
        row |= {"notifications_count": "1", "last_status": reply}
        town.statuses["101"] = reply
    town.door["r1"] = row


def items(page: Page) -> Mapping[str, Incoming]:
    return {item.remote_id: item for item in page.items}


@pytest.mark.parametrize("software", ["mastodon", "gotosocial"])
async def test_what_waits_at_the_door_is_read_as_waiting(software: str) -> None:
    with Running(Fediverse(software=software)) as town:
        waits(town)
        async with connected("mastodon", town.base, secret="token", now=MORNING) as kind:
            source = known_as(source_row("mastodon", town.base), await kind.check(source_row("mastodon", town.base)))
            assert {Act.APPROVE, Act.TRASH} <= kind.capabilities(source).acts
            found = items(await kind.fetch(source, None))
            assert (found["101"].status, found["101"].to_me) == (ItemStatus.PENDING, True)
            assert found["101"].text == "May I come in?"
            again = items(await kind.thread(source, Thread("100", ("100", "101"))))
            assert again["101"].status is ItemStatus.PENDING


@pytest.mark.parametrize("software", ["mastodon", "gotosocial"])
@pytest.mark.parametrize("act", [Act.APPROVE, Act.TRASH])
async def test_they_are_let_in_or_turned_away_and_it_is_seen_that_it_is_done(software: str, act: Act) -> None:
    with Running(Fediverse(software=software)) as town:
        waits(town)
        async with connected("mastodon", town.base, secret="token", now=MORNING) as kind:
            source = known_as(source_row("mastodon", town.base), await kind.check(source_row("mastodon", town.base)))
            item = items(await kind.fetch(source, None))["101"]
            out = await outgoing(kind, source, item, "", act=act)
            assert await kind.look(source, out) == []
            assert (await kind.send(source, out)).remote_id == "101"
            assert [each.remote_id for each in await kind.look(source, out)] == ["101"]
        async with connected("mastodon", town.base, secret="token", now=MORNING) as kind:
            found = items(await kind.thread(source, Thread("100", ("100", "101"))))
            assert found["101"].status is ItemStatus.PUBLISHED


async def test_what_does_not_wait_can_be_neither_let_in_nor_turned_away() -> None:
    with Running(Fediverse()) as town:
        row = status("101", BO, "hello", names=[MY_ACCOUNT])
        town.add(row)
        town.notes.append(note("7", "mention", BO, row))
        async with connected("mastodon", town.base, secret="token", now=MORNING) as kind:
            source = known_as(source_row("mastodon", town.base), await kind.check(source_row("mastodon", town.base)))
            item = items(await kind.fetch(source, None))["101"]
            with pytest.raises(Rejected, match="waits for your approval"):
                await outgoing(kind, source, item, "", act=Act.APPROVE)


@pytest.mark.parametrize("body", [[], {}, [1, None, {}], [{"id": "1", "last_status": {"id": []}}], "x"])
async def test_a_door_that_makes_no_sense_stops_nothing(body: object) -> None:
    with Running(Fediverse()) as town:
        row = status("101", BO, "hello", names=[MY_ACCOUNT], mentions=[mention(MY_ACCOUNT)])
        town.add(row)
        town.notes.append(note("7", "mention", BO, row))
        town.trap("/api/v1/notifications/requests", 200, body)
        async with connected("mastodon", town.base, secret="token", now=MORNING) as kind:
            source = known_as(source_row("mastodon", town.base), await kind.check(source_row("mastodon", town.base)))
            assert items(await kind.fetch(source, None)).keys() == {"101"}
