"""`kith list`, `show`, `done`, `snooze`, `rest`, `undo`: the inbox from the command line."""

from collections.abc import Iterator, Mapping, Sequence

import click

from community import actions
from community.actions import Selection
from community.config import STAGES
from community.errors import NotFound, WrongUsage
from community.model import NEWEST, OLDEST, RANK, ConversationRow, Item, Order, OutboxRow
from community.query import Query, parse
from community.threads import Opened
from community.workspace import Workspace
from tui.ages import age, ago
from tui.columns import fit
from tui.commands import shapes
from tui.commands.console import Cell, Console
from tui.commands.setting import WITH_A_QUERY, Setting, as_json, line, number
from tui.words import reasons

_MARKS = {
    "waiting": "●",
    "reading": "○",
    "answered": "↩",
    "snoozed": "◷",
    "done": "✓",
    "resting": "–",
    "muted": "–",
}
_ORDERS = {"weight": RANK, "newest": NEWEST, "oldest": OLDEST}
_PAGE = 500
_SHORT = 50
_DEEPEST = 6


@click.command("list", context_settings=WITH_A_QUERY)
@click.argument("query", nargs=-1, type=line)
@click.option("--order", type=click.Choice(list(_ORDERS)), default="weight", help="By weight, newest or oldest first.")
@click.option("--limit", type=click.IntRange(min=0), help="At most so many; 0 for all of them.")
@as_json
@click.pass_obj
def list_(setting: Setting, query: tuple[str, ...], order: str, limit: int | None, as_json: bool) -> int:
    """Who waits for you, or the conversations that a QUERY names, like `is:any from:maria newer:3d`."""
    text = " ".join(query).strip() or "is:waiting"
    return setting.run(lambda workspace: _list(workspace, Console(), text, _ORDERS[order], limit, as_json=as_json))


async def _list(
    workspace: Workspace, console: Console, text: str, order: Order, limit: int | None, *, as_json: bool
) -> int:
    now = workspace.store.now()
    asked = parse(text, now=now)
    await workspace.conversations.wake()
    short = limit is None and console.is_terminal and not as_json
    most = _SHORT if short else limit or 1 << 60
    shown = 0
    for rows in _pages(workspace, asked, order, most):
        shown += len(rows)
        if as_json:
            voices = workspace.conversations.voices([row.id for row in rows])
            for row in rows:
                console.json(shapes.conversation(row, voices[row.id]))
        else:
            _print_rows(console, rows, now, dict(zip(STAGES, workspace.config.stages, strict=True)))
    if not shown and not as_json:
        everybody = text == "is:waiting"
        console.line("Nobody waits for you." if everybody else f"Nothing is named by “{text}”.")
        console.hint("Everything: kith list is:any · new sources: kith source add ADDRESS")
    elif short and shown == _SHORT and (more := workspace.conversations.count(asked) - shown) > 0:
        console.hint(f"{more} more: --limit 0 shows all of them.")
    return 0


def _pages(workspace: Workspace, asked: Query, order: Order, most: int) -> Iterator[list[ConversationRow]]:
    last: ConversationRow | None = None
    left = most
    while left > 0:
        rows = workspace.conversations.page(asked, order=order, beside=last, limit=min(_PAGE, left))
        if not rows:
            return
        yield rows
        left -= len(rows)
        last = rows[-1]


def _print_rows(console: Console, rows: Sequence[ConversationRow], now: int, stages: Mapping[str, str]) -> None:
    table = [_columns(row, now, console.width, _why(row, stages)) for row in rows]
    console.table(table, stretch=3)


def _columns(row: ConversationRow, now: int, width: int, why: str) -> tuple[Cell, ...]:
    """The cells of a line; on a narrow terminal those that matter least are left out."""
    waits = row.attention == "waiting"
    room = width or 1 << 20
    cells: tuple[Cell, ...] = (
        Cell(str(row.id), "dim"),
        Cell(_MARKS.get(row.attention, " "), "waits" if waits else "dim"),
        Cell(fit(row.lead_name or "", 24 if room >= 80 else 14), "bold" if waits else ""),
        Cell(row.title),
        Cell(age(row.waiting_since or row.last_item_at, now), "dim"),
    )
    if room >= 72:
        cells += (Cell(fit(row.source_name, 16), "dim"),)
    if room >= 120:
        cells += (Cell(fit(why, 36 if width else room), "dim"),)
    return cells


def _why(row: ConversationRow, stages: Mapping[str, str]) -> str:
    found = [text for text, _ in reasons(row, stages)]
    return " · ".join([*found, "draft"] if row.has_draft else found)


def conversation(workspace: Workspace, conversation_id: int) -> Opened:
    """A conversation with everything in it. Raises `WrongUsage` when there is none."""
    try:
        return workspace.conversations.open(conversation_id)
    except NotFound as error:
        raise WrongUsage(f"There is no conversation {conversation_id}: `kith list is:any` shows them.") from error


@click.command("show")
@click.argument("conversation_id", metavar="ID", type=number)
@as_json
@click.pass_obj
def show(setting: Setting, conversation_id: int, as_json: bool) -> int:
    """One conversation, whole: what was written in thread order, and what of yours is not sent yet."""
    return setting.read(lambda workspace: _show(workspace, Console(), conversation_id, as_json=as_json))


def _show(workspace: Workspace, console: Console, conversation_id: int, *, as_json: bool) -> int:
    found = conversation(workspace, conversation_id)
    if as_json:
        console.json(shapes.opened(found, workspace.conversations.voices([conversation_id])[conversation_id]))
        return 0
    row, now = found.row, workspace.store.now()
    console.line(Cell(row.title, "bold"))
    about = [f"{row.items} items" if row.items != 1 else "1 item", f"{row.source_name} ({row.source_kind})"]
    if row.subject and row.subject != row.title:
        about.append(f"on “{row.subject}”")
    console.line(Cell(" · ".join([*about, row.attention, *(f"#{tag}" for tag in found.tags)]), "dim"))
    if row.subject_url:
        console.line(Cell(row.subject_url, "dim"))
    for item, depth in found.items:
        console.blank()
        _print_item(console, item, depth, now)
    for unsent in found.unsent:
        console.blank()
        _print_unsent(console, unsent)
    if found.items:
        console.hint(f"To answer: kith reply {row.id} --send · to put away: kith done {row.id}")
    return 0


def _print_item(console: Console, item: Item, depth: int, now: int) -> None:
    indent = "  " * min(depth, _DEEPEST)
    status = "" if item.status == "published" else f"  ({item.status})"
    stage = "" if item.mine or item.stage == "stranger" else f"  {item.stage}"
    who = "You" if item.mine else item.name
    console.line(
        indent,
        Cell("▌" if item.mine else "", "accent"),
        Cell(who, "accent" if item.mine else "bold"),
        Cell(f"{stage}{status}  {ago(item.created_at, now)}  [{item.id}]", "dim"),
    )
    if item.title:
        console.text(item.title, indent=f"{indent}  ", style="bold")
    console.text(item.text, indent=f"{indent}{'▌' if item.mine else ' '} ", style="dim" if status else "")


def _print_unsent(console: Console, row: OutboxRow) -> None:
    bad = row.state in {"failed", "uncertain"}
    console.line(Cell("▌✎ ", "accent"), Cell(f"{row.state}, to {row.to_name}", "bad" if bad else "accent"),
                 Cell(f"  [outbox {row.id}]", "dim"))  # fmt: skip
    console.text(row.text, indent="▌ ")
    if row.error:
        console.text(row.error, indent="▌ ", style="bad")


_ids = click.argument("ids", metavar="ID...", nargs=-1, required=True, type=number)


@click.command("done")
@_ids
@as_json
@click.pass_obj
def done(setting: Setting, ids: tuple[int, ...], as_json: bool) -> int:
    """Put conversations away until somebody writes again."""
    return _change(setting, "item.done", ids, as_json=as_json)


@click.command("rest")
@_ids
@as_json
@click.pass_obj
def rest(setting: Setting, ids: tuple[int, ...], as_json: bool) -> int:
    """Let conversations rest: no nagging, everything kept, until somebody writes to you again."""
    return _change(setting, "item.rest", ids, as_json=as_json)


@click.command("snooze")
@click.argument("conversation_id", metavar="ID", type=number)
@click.argument("when", metavar="WHEN...", nargs=-1, required=True, type=line)
@as_json
@click.pass_obj
def snooze(setting: Setting, conversation_id: int, when: tuple[str, ...], as_json: bool) -> int:
    """Hide a conversation until WHEN (“tomorrow”, “in 3 days”, “friday 9am”, “reply”), or until they write."""
    return _change(setting, "item.snooze", (conversation_id,), as_json=as_json, argument=" ".join(when))


def _change(setting: Setting, action: str, ids: tuple[int, ...], *, as_json: bool, argument: str = "") -> int:
    async def change(workspace: Workspace) -> int:
        console = Console()
        for each in ids:
            conversation(workspace, each)
        said = await actions.run(workspace, action, Selection(conversations=ids, argument=argument))
        if not as_json:
            console.line(said)
            console.hint("kith undo takes it back.")
            return 0
        voices = workspace.conversations.voices(ids)
        for row in workspace.conversations.rows(ids):
            console.json(shapes.conversation(row, voices[row.id]))
        return 0

    return setting.run(change)


@click.command("undo")
@as_json
@click.pass_obj
def undo(setting: Setting, as_json: bool) -> int:
    """Take the last local action back: done, snooze, rest, notes, tags, names. What was sent stays sent."""

    async def back(workspace: Workspace) -> int:
        said = await actions.run(workspace, "undo", Selection())
        if as_json:
            Console().json({"said": said})
        else:
            Console().line(said)
        return 0

    return setting.run(back)
