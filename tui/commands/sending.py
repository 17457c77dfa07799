"""`kith reply` and `kith send`: answers from the command line."""

import contextlib
import sys
from collections.abc import Mapping, Sequence
from typing import NamedTuple

import click

from community import clock
from community.asides import IS_INSIDE, is_inside, parted, with_asides, without_asides
from community.errors import NotFound, NotSupported, WrongUsage
from community.leaving import act_words, page_of, scheduled, with_opening
from community.length import measure
from community.model import Item, OutboxRow, OutboxState, Source
from community.proof import target_of
from community.query import parse
from community.sources.base import Act, Capabilities, LengthRule
from community.text import clean
from community.workspace import Workspace
from tui.commands import shapes
from tui.commands.at_once import deliver
from tui.commands.console import Cell, Console
from tui.commands.inbox import conversation
from tui.commands.setting import Setting, as_json, number, words
from tui.words import outbox_state

_LONGEST = 200_000


@click.command("reply")
@click.argument("conversation_id", metavar="ID", type=number)
@click.option("--text", type=words, help="What to say; “-” or nothing reads it from standard input.")
@click.option("--item", "item_id", type=number, metavar="ITEM", help="Answer this item instead of the one that waits.")
@click.option("--send", "at_once", is_flag=True, help="Send it now; without this it becomes a draft.")
@click.option("--at", "at", metavar="WHEN", type=words, help="Send it then, like “tomorrow 9:00” or “in 2 hours”.")
@click.option("--if-silent", is_flag=True, help="With --at: not when they write first.")
@as_json
@click.pass_obj
def reply(
    setting: Setting,
    conversation_id: int,
    text: str | None,
    item_id: int | None,
    at_once: bool,
    at: str | None,
    if_silent: bool,
    as_json: bool,
) -> int:
    """Answer a conversation: what waits for you there, or what was said last."""
    if at is not None and at_once:
        raise click.UsageError("--send sends now, --at later: choose one")
    if if_silent and at is None:
        raise click.UsageError("--if-silent goes with --at")
    said = _typed(text)
    later = None if at is None else _Later(at, if_silent=if_silent)
    return setting.run(
        lambda workspace: _reply(
            workspace, Console(), conversation_id, said, item_id, at_once=at_once, later=later, as_json=as_json
        )
    )


class _Later(NamedTuple):
    """When a reply is to leave, as it was typed, and whether only if they stay silent."""

    at: str
    if_silent: bool


def _typed(text: str | None) -> str:
    if text is None or text == "-":
        if sys.stdin.isatty():
            click.echo("Write the reply; Ctrl-D on an empty line ends it, Ctrl-C leaves.", err=True)
        text = clean(sys.stdin.buffer.read(_LONGEST))
    if not text.strip():
        raise WrongUsage("The reply is empty: give it with --text, or on standard input.")
    return text.strip()


async def _reply(
    workspace: Workspace,
    console: Console,
    conversation_id: int,
    said: str,
    item_id: int | None,
    *,
    at_once: bool,
    later: _Later | None,
    as_json: bool,
) -> int:
    at, if_silent = scheduled(later.at, now=workspace.store.now()) if later is not None else (None, False)
    item = _answered(workspace, conversation_id, item_id)
    source = _source(workspace, item)
    capabilities = workspace.listening.capabilities(source)
    target = target_of(workspace.outbox.target(item.id))
    body, asides = parted(said)
    if is_inside(said):
        console.warn(IS_INSIDE)
    final = with_opening(body, workspace.listening.opening(source, target))
    _check_length(capabilities.length, final, source)
    final = with_asides(final, asides)
    if at_once and Act.REPLY in capabilities.acts:
        row = await workspace.outbox.answer(item.id, final)
        rows = await deliver(workspace, [row.id])
        report(console, rows, as_json=as_json)
        return code_of(rows)
    if at is not None and Act.REPLY not in capabilities.acts:
        raise NotSupported(_why_not(capabilities, source))
    row = await workspace.outbox.draft(item.id, final)
    if at is not None and later is not None:
        row = await workspace.outbox.queue(row.id, at=at, only_if_silent=if_silent or later.if_silent)
        report(console, [row], as_json=as_json)
        return 0
    if at_once:
        if not page_of(workspace.outbox.target(item.id)):
            report(console, [row], as_json=as_json)
            raise NotSupported(f"{_why_not(capabilities, source)} It is kept as a draft, {row.id} in the outbox.")
        rows = [await workspace.outbox.hand_over(row.id)]
        report(console, rows, as_json=as_json, pages=_pages(workspace, rows))
        return code_of(rows)
    report(console, [row], as_json=as_json)
    console.hint(f"To send it: kith send {row.id}")
    return 0


def _answered(workspace: Workspace, conversation_id: int, item_id: int | None) -> Item:
    """The item a reply is about. Raises `WrongUsage` when there is none."""
    found = conversation(workspace, conversation_id)
    if item_id is None:
        item = workspace.conversations.answerable(conversation_id)
        if item is None:
            raise WrongUsage(f"There is nothing to answer in conversation {conversation_id}.")
        return item
    item = found.item(item_id)
    if item is None:
        raise WrongUsage(f"There is no item {item_id} in conversation {conversation_id}: `kith show` has the numbers.")
    return item


def _source(workspace: Workspace, item: Item) -> Source:
    try:
        return workspace.listening.get(item.source_id)
    except NotFound as error:
        raise WrongUsage("The source of this conversation was removed: add it again to answer there.") from error


def _why_not(capabilities: Capabilities, source: Source) -> str:
    return capabilities.why_not.get(Act.REPLY, f"Kith cannot send replies to {source.name}.")


def _pages(workspace: Workspace, rows: Sequence[OutboxRow]) -> dict[int, str]:
    """Where each entry is to be posted by hand."""
    return {row.id: page_of(workspace.outbox.target(row.item_id)) for row in rows}


def _check_length(rule: LengthRule, text: str, source: Source) -> None:
    """Raises `WrongUsage` with the numbers when a reply is longer or shorter than its source takes."""
    long = measure(rule, text)
    unit = "bytes" if rule.unit == "bytes" else "characters"
    if rule.limit and long > rule.limit:
        raise WrongUsage(
            f"The reply has {long} {unit}, {long - rule.limit} more than the {rule.limit} {source.name} takes."
        )
    if rule.max_bytes and (size := len(text.encode())) > rule.max_bytes:
        raise WrongUsage(
            f"The reply has {size} bytes, {size - rule.max_bytes} more than the {rule.max_bytes} {source.name} takes."
        )
    if long < rule.min_length:
        raise WrongUsage(f"The reply has {long} {unit}: {source.name} takes none shorter than {rule.min_length}.")


@click.command("send")
@click.argument("ids", metavar="[ID...]", nargs=-1, type=number)
@click.option("--drafts", is_flag=True, help="Send every draft, too.")
@as_json
@click.pass_obj
def send(setting: Setting, ids: tuple[int, ...], drafts: bool, as_json: bool) -> int:
    """Send now what is queued; what is named by its ID also when it is a draft or has failed."""
    return setting.run(lambda workspace: _send(workspace, Console(), ids, drafts=drafts, as_json=as_json))


async def _send(workspace: Workspace, console: Console, ids: Sequence[int], *, drafts: bool, as_json: bool) -> int:
    now = workspace.store.now()
    listed = workspace.outbox.listed(parse("", now=now, target="outbox"))
    soon = now + workspace.config.undo_s
    if ids:
        wanted = [entry(workspace, each) for each in ids]
    else:
        wanted = [
            row
            for row in listed
            if (row.state == OutboxState.QUEUED and row.not_before <= soon) or row.state == OutboxState.SENDING
        ]
        wanted += [row for row in listed if drafts and row.state == OutboxState.DRAFT]
    for row in wanted:
        _sendable(workspace, row)
    for row in wanted:
        await _set_going(workspace, row)
    rows = await deliver(workspace, [row.id for row in wanted])
    report(console, rows, as_json=as_json, pages=_pages(workspace, rows))
    if not rows and not as_json:
        console.line("There is nothing to send.")
    left = [row for row in listed if row.state == OutboxState.DRAFT and row.id not in {each.id for each in rows}]
    if left:
        console.hint(f"Drafts stay where they are; by their number they are sent: kith send {left[0].id}")
    return code_of(rows)


def _sendable(workspace: Workspace, row: OutboxRow) -> None:
    """Raises `WrongUsage` or `NotSupported` before anything is sent."""
    if row.state in {OutboxState.SENT, OutboxState.CANCELLED}:
        raise WrongUsage(f"Entry {row.id} of the outbox is {row.state}: there is nothing to send.")
    if row.state == OutboxState.BY_HAND:
        raise WrongUsage(f"Entry {row.id} is to be posted by hand; then say `kith outbox posted {row.id}`.")
    if row.state == OutboxState.UNCERTAIN:
        raise WrongUsage(
            f"Entry {row.id} may have arrived: look there, then `kith outbox settle {row.id} there|again|draft`."
        )
    if row.state == OutboxState.DRAFT:
        source = workspace.listening.get(row.source_id)
        capabilities = workspace.listening.capabilities(source)
        if Act.REPLY not in capabilities.acts and not page_of(workspace.outbox.target(row.item_id)):
            raise NotSupported(f"Entry {row.id} cannot be sent: {_why_not(capabilities, source)}")
        _check_length(capabilities.length, without_asides(row.text), source)


def _capabilities(workspace: Workspace, row: OutboxRow) -> Capabilities:
    return workspace.listening.capabilities(workspace.listening.get(row.source_id))


async def _set_going(workspace: Workspace, row: OutboxRow) -> None:
    match row.state:
        case OutboxState.DRAFT if Act.REPLY not in _capabilities(workspace, row).acts:
            await workspace.outbox.hand_over(row.id)
        case OutboxState.DRAFT:
            await workspace.outbox.queue(row.id, undo_s=0)
        case OutboxState.FAILED:
            await workspace.outbox.retry(row.id)
        case OutboxState.QUEUED:
            with contextlib.suppress(WrongUsage):  # it has left by itself meanwhile
                await workspace.outbox.hurry(row.id)
        case _:
            pass


def entry(workspace: Workspace, outbox_id: int) -> OutboxRow:
    """An entry of the outbox. Raises `WrongUsage` when there is none."""
    try:
        return workspace.outbox.get(outbox_id)
    except NotFound as error:
        raise WrongUsage(f"There is no entry {outbox_id} in the outbox: `kith outbox` shows them.") from error


def report(
    console: Console, rows: Sequence[OutboxRow], *, as_json: bool, pages: Mapping[int, str] | None = None
) -> None:
    """What became of each entry. `pages` says where those to be posted by hand belong."""
    for row in rows:
        if as_json:
            console.json(shapes.outgoing(row))
        else:
            _print(console, row, (pages or {}).get(row.id, ""))


def _print(console: Console, row: OutboxRow, page: str) -> None:
    what, to = act_words(row.act), Cell(row.to_name, "bold")
    said = f"{what} to " if row.act == Act.REPLY else f"{what} for "
    place = Cell(f"  {row.source_name}", "dim")
    match row.state:
        case OutboxState.SENT:
            console.line(said, to, " sent.", place, Cell(f"  {row.permalink or ''}", "dim"))
        case OutboxState.DRAFT:
            console.line("Draft to ", to, " kept.", place, Cell(f"  [outbox {row.id}]", "dim"))
        case OutboxState.BY_HAND:
            console.line(
                said, to, Cell(" is to be posted by hand", "bad"), ".", place, Cell(f"  [outbox {row.id}]", "dim")
            )
        case OutboxState.QUEUED if row.error:
            console.line(said, to, Cell(" not sent yet", "bad"), "; Kith tries again later.", place)
        case OutboxState.QUEUED | OutboxState.SENDING:
            ahead = row.not_before > clock.now() + 60
            how = outbox_state(row, clock.now()) if ahead else "is on its way"
            console.line(said, to, f" {how}.", place, Cell(f"  [outbox {row.id}]", "dim"))
        case _:
            console.line(said, to, Cell(f" {row.state}", "bad"), ".", place, Cell(f"  [outbox {row.id}]", "dim"))
    for sentence in (row.error, row.note):
        if sentence:
            console.text(sentence, indent="  ")
    if row.state == OutboxState.BY_HAND:
        console.text(row.text, indent="    ")
        console.text(f"Paste it at {page}", indent="  ")
        console.text(f"Once it is there: kith outbox posted {row.id}", indent="  ", style="dim")
    if row.state == OutboxState.UNCERTAIN:
        console.text(f"Look there, then: kith outbox settle {row.id} there|again|draft", indent="  ", style="dim")


def code_of(rows: Sequence[OutboxRow]) -> int:
    """The exit code for what became of these entries: uncertain before failed, and 1 for what is not there yet."""
    states = {row.state for row in rows}
    if OutboxState.UNCERTAIN in states:
        return 3
    return 1 if states & {OutboxState.FAILED, OutboxState.QUEUED, OutboxState.SENDING, OutboxState.BY_HAND} else 0
