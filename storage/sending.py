"""The steps of an outbox row from state to state. Each is a conditional update: whoever comes second changes nothing."""

from storage.database import Transaction
from storage.outbox import find
from storage.rows import Number


async def save_draft(
    tx: Transaction, *, source_id: int, item_id: int, conversation_id: int, account: str, text: str, key: str, now: int
) -> int:
    """The id of the one draft for an item, made or changed."""
    rows = await tx.all(
        Number, "SELECT id AS n FROM outbox WHERE item_id = :id AND state = 'draft' AND act = 'reply'", id=item_id
    )
    if rows:
        await tx.run(
            "UPDATE outbox SET text = :text, updated_at = :now WHERE id = :id AND text <> :text",
            id=rows[0].n,
            text=text,
            now=now,
        )
        return rows[0].n
    return await add(
        tx,
        act="reply",
        source_id=source_id,
        item_id=item_id,
        conversation_id=conversation_id,
        account=account,
        text=text,
        key=key,
        state="draft",
        not_before=0,
        now=now,
    )


async def add(
    tx: Transaction,
    *,
    act: str,
    source_id: int,
    item_id: int,
    conversation_id: int,
    account: str,
    text: str,
    key: str,
    state: str,
    not_before: int,
    now: int,
) -> int:
    """The id of a new row."""
    return await tx.insert(
        """
        INSERT INTO outbox (act, source_id, item_id, conversation_id, account, text, key, state, not_before,
            created_at, updated_at)
        VALUES (:act, :source_id, :item_id, :conversation_id, :account, :text, :key, :state, :not_before, :now, :now)
        """,
        act=act,
        source_id=source_id,
        item_id=item_id,
        conversation_id=conversation_id,
        account=account,
        text=text,
        key=key,
        state=state,
        not_before=not_before,
        now=now,
    )


async def remove_draft(tx: Transaction, outbox_id: int) -> bool:
    """Throw a draft away; False when it is no draft any more."""
    return await tx.run("DELETE FROM outbox WHERE id = :id AND state = 'draft'", id=outbox_id) == 1


async def queue(
    tx: Transaction,
    outbox_id: int,
    *,
    text: str,
    key: str,
    not_before: int,
    remind_after_s: int | None,
    only_if_silent: bool,
    now: int,
) -> bool:
    """Freeze a draft and put it on its way, as whom it was begun; False when it is no draft any more."""
    changed = await tx.run(
        """
        UPDATE outbox SET state = 'queued', text = :text, key = :key, body = NULL, attempt = 0, looks = 0, error = '',
            note = '', first_tried_at = NULL, first_tried_up = NULL, started_at = NULL, not_before = :not_before, remind_after_s = :remind_after_s, only_if_silent = :only_if_silent,
            account = coalesce(nullif(account, ''), (SELECT account FROM source WHERE id = outbox.source_id)),
            updated_at = :now
        WHERE id = :id AND state = 'draft'
        """,
        id=outbox_id,
        text=text,
        key=key,
        not_before=not_before,
        remind_after_s=remind_after_s,
        only_if_silent=int(only_if_silent),
        now=now,
    )
    return changed == 1


async def claim(tx: Transaction, outbox_id: int, *, owner: str, uptime: str, now: int) -> bool:
    """Take a queued row for one attempt; False when another process was faster or the user has cancelled.

    `started_at` is that of an attempt which may have had an effect: it is NULL again once it is known that it had none.
    """
    changed = await tx.run(
        """
        UPDATE outbox SET state = 'sending', attempt = attempt + 1, owner = :owner, started_at = :now,
            first_tried_at = coalesce(first_tried_at, :now), first_tried_up = coalesce(first_tried_up, :uptime),
            updated_at = :now
        WHERE id = :id AND state = 'queued'
        """,
        id=outbox_id,
        owner=owner,
        uptime=uptime,
        now=now,
    )
    return changed == 1


async def freeze(tx: Transaction, outbox_id: int, *, body: str) -> None:
    """Keep the exact request, before its first byte leaves."""
    await tx.run("UPDATE outbox SET body = :body WHERE id = :id AND body IS NULL", id=outbox_id, body=body)


async def move(
    tx: Transaction,
    outbox_id: int,
    *,
    came_from: tuple[str, ...],
    state: str,
    now: int,
    error: str = "",
    not_before: int | None = None,
    remote_id: str | None = None,
    permalink: str | None = None,
    note: str = "",
) -> bool:
    """A conditional step from one of some states to another; False when the row was in none of them."""
    first, second, third = (*came_from, *came_from, *came_from)[:3]
    changed = await tx.run(
        """
        UPDATE outbox SET state = :state, error = :error, note = :note, owner = NULL, updated_at = :now,
            not_before = coalesce(:not_before, not_before), remote_id = coalesce(:remote_id, remote_id),
            permalink = coalesce(:permalink, permalink),
            settled_at = CASE WHEN :state IN ('sent', 'cancelled') THEN :now ELSE NULL END
        WHERE id = :id AND state IN (:first, :second, :third)
        """,
        id=outbox_id,
        state=state,
        now=now,
        error=error,
        note=note,
        not_before=not_before,
        remote_id=remote_id,
        permalink=permalink,
        first=first,
        second=second,
        third=third,
    )
    return changed == 1


async def untouched(tx: Transaction, outbox_id: int, *, state: str, not_before: int, error: str, now: int) -> None:
    """An attempt, the only one so far that might have had an effect, had none."""
    await tx.run(
        """
        UPDATE outbox SET state = :state, error = :error, owner = NULL, not_before = :not_before, updated_at = :now,
            first_tried_up = CASE WHEN first_tried_at = started_at THEN NULL ELSE first_tried_up END,
            first_tried_at = CASE WHEN first_tried_at = started_at THEN NULL ELSE first_tried_at END, started_at = NULL
        WHERE id = :id AND state = 'sending'
        """,
        id=outbox_id,
        state=state,
        error=error,
        not_before=not_before,
        now=now,
    )


async def doubtful(tx: Transaction, outbox_id: int, *, not_before: int, error: str, now: int) -> None:
    """An attempt may have had an effect; it is looked for anew, whatever was looked for before."""
    await tx.run(
        """
        UPDATE outbox SET state = 'uncertain', error = :error, owner = NULL, looks = 0, not_before = :not_before,
            updated_at = :now
        WHERE id = :id AND state = 'sending'
        """,
        id=outbox_id,
        error=error,
        not_before=not_before,
        now=now,
    )


async def unsent(tx: Transaction, outbox_id: int, *, now: int) -> None:
    """An uncertain row turns out never to have been sent: it is queued as if nothing had been tried."""
    await tx.run(
        """
        UPDATE outbox SET state = 'queued', error = '', not_before = :now, first_tried_at = NULL, first_tried_up = NULL, started_at = NULL,
            updated_at = :now
        WHERE id = :id AND state = 'uncertain' AND body IS NULL
        """,
        id=outbox_id,
        now=now,
    )


async def anew(tx: Transaction, outbox_id: int, *, came_from: tuple[str, str], now: int) -> bool:
    """By the user's word a row is sent as for the first time, but with its old body and key; False when it cannot be."""
    first, second = came_from
    changed = await tx.run(
        """
        UPDATE outbox SET state = 'queued', error = '', note = '', owner = NULL, not_before = :now, attempt = 0,
            looks = 0, started_at = NULL, settled_at = NULL, updated_at = :now
        WHERE id = :id AND state IN (:first, :second)
        """,
        id=outbox_id,
        first=first,
        second=second,
        now=now,
    )
    return changed == 1


async def found(tx: Transaction, key: str, *, remote_id: str, permalink: str | None, now: int) -> None:
    """What was posted by hand has come in from the platform, under this id."""
    await tx.run(
        """
        UPDATE outbox SET state = 'sent', error = '', note = 'posted by hand, and found there', remote_id = :remote_id,
            permalink = :permalink, settled_at = coalesce(settled_at, :now), updated_at = :now
        WHERE key = :key AND state IN ('by hand', 'sent')
        """,
        key=key,
        remote_id=remote_id,
        permalink=permalink,
        now=now,
    )


async def looked(tx: Transaction, outbox_id: int, *, next_look_at: int, error: str, now: int) -> None:
    """An uncertain row was looked for and not found; when to look again."""
    await tx.run(
        """
        UPDATE outbox SET looks = looks + 1, not_before = :next_look_at, error = :error, updated_at = :now
        WHERE id = :id AND state = 'uncertain'
        """,
        id=outbox_id,
        next_look_at=next_look_at,
        error=error,
        now=now,
    )


async def back_to_draft(
    tx: Transaction, outbox_id: int, *, came_from: tuple[str, ...], key: str, now: int, note: str = ""
) -> bool:
    """The text comes back for editing, with a new key; an existing newer draft for the item keeps its place.

    What was promised in it comes back as well, as lines of the text.

    False when the row was in none of those states.
    """
    row = await find(tx, outbox_id)
    if row.state not in came_from:
        return False
    taken = await tx.all(
        Number,
        "SELECT id AS n FROM outbox WHERE item_id = :id AND state = 'draft' AND act = 'reply'",
        id=row.item_id,
    )
    await tx.run("DELETE FROM promise WHERE outbox_id = :id AND kept_at IS NULL", id=outbox_id)
    await tx.run(
        "UPDATE outbox SET text = text || char(10) || asides, asides = '' WHERE id = :id AND asides <> ''", id=outbox_id
    )
    if taken or row.act != "reply":
        note = "A newer draft has its place; the text is kept here." if taken else note
        return await move(tx, outbox_id, came_from=came_from, state="cancelled", now=now, note=note)
    await tx.run(
        """
        UPDATE outbox SET state = 'draft', key = :key, body = NULL, attempt = 0, looks = 0, first_tried_at = NULL, first_tried_up = NULL,
            started_at = NULL, error = '', note = :note, owner = NULL, account = '', updated_at = :now
        WHERE id = :id
        """,
        id=outbox_id,
        key=key,
        note=note,
        now=now,
    )
    return True


async def touch(tx: Transaction, outbox_id: int, *, now: int) -> None:
    """A row was changed now."""
    await tx.run("UPDATE outbox SET updated_at = :now WHERE id = :id", now=now, id=outbox_id)
