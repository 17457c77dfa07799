"""`kith sync`: read every source now, or keep at it."""

import asyncio
import contextlib
import gc
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import click

from community.errors import KithError, NotFound, StorageError, WrongUsage
from community.hooks import Hooks
from community.model import OutboxRow, OutboxState, Source
from community.query import parse
from community.sunset import refuse_frozen
from community.sync import Result
from community.upkeep import Upkeep
from community.watch import Watch
from community.workspace import Workspace
from tui.commands.at_once import deliver_due, read, standing
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, number

_LAST_S = 60.0
"""How long a watcher goes on for replies that are about to leave, once nobody needs it any more."""
_CYCLES = 20_000
"""A page is thousands of objects and no cycle: they are looked for less often."""
_POLITE = 5
"""How much a watcher steps back, with what it starts: whoever types goes first."""
_AUTOGROUP = Path("/proc/self/autogroup")
"""Where Linux keeps how much a session steps back for others; what one process says counts only inside its own."""
_HOOKS_S = 60.0
"""How long hooks may keep the command from its end."""


@click.command("sync")
@click.option("--watch", is_flag=True, help="Keep reading and sending until it is stopped.")
@click.option("--quiet", is_flag=True, help="Print only what went wrong.")
@click.option("--until-eof", is_flag=True, help="With --watch: stop when standard input ends.")
@click.option("--source", "source_id", type=number, metavar="ID", help="Read only this source, also one that rests.")
@as_json
@click.pass_obj
def sync(setting: Setting, watch: bool, quiet: bool, until_eof: bool, source_id: int | None, as_json: bool) -> int:
    """Read every source now, and send what is queued."""
    if watch and source_id is not None:
        raise click.UsageError("--watch reads every source: leave out --source")
    if until_eof and not watch:
        raise click.UsageError("--until-eof goes with --watch")
    reports = _Reports(Console(), as_json=as_json, quiet=quiet)
    gc.freeze()
    gc.set_threshold(_CYCLES)
    if watch:
        return setting.run(lambda workspace: _watch(workspace, reports, until_eof=until_eof))
    return setting.run(lambda workspace: _once(workspace, reports, source_id))


async def _once(workspace: Workspace, reports: "_Reports", source_id: int | None) -> int:
    wanted, resting = _chosen(workspace, source_id)
    if source_id is None and not wanted and not resting and not reports.as_json:
        reports.console.line("Kith listens to nothing yet: add a source with `kith source add ADDRESS`.")
    not_kept = await _backed_up(workspace)
    hooks = Hooks(workspace.store)
    read_now = {result.id: result for result in await read(workspace, wanted, hooks)}
    results = [read_now.get(source.id) or standing(source) for source in [*wanted, *resting]]
    results.sort(key=lambda result: (result.name.lower(), result.id))
    sent = await deliver_due(workspace)
    await workspace.conversations.wake()
    await hooks.finish(_HOOKS_S)
    for sentence in [*not_kept, *hooks.failures]:
        reports.console.warn(sentence)
    reports.all(results, waiting=workspace.conversations.counts().waiting, sent=sent)
    if not all(result.ok for result in results):
        return 1
    return 3 if any(row.state == OutboxState.UNCERTAIN for row in sent) else 0


async def _backed_up(workspace: Workspace) -> list[str]:
    """Make the daily backup, before anything changes; a sentence when that cannot be done."""
    try:
        await Upkeep(workspace.store).back_up()
    except (KithError, StorageError) as error:
        return [f"The daily backup could not be made. {error}"]
    return []


def _chosen(workspace: Workspace, source_id: int | None) -> tuple[list[Source], list[Source]]:
    """The sources to read, and those that would be read but rest or have stopped."""
    if source_id is not None:
        try:
            source = workspace.listening.get(source_id)
        except NotFound as error:
            raise WrongUsage(f"There is no source {source_id}: `kith source list` shows them.") from error
        refuse_frozen(source)
        if source.state == "paused":
            raise WrongUsage(f"{source.name} is paused: `kith source resume {source.id}` lets Kith listen again.")
        return ([source], []) if source.state == "active" else ([], [source])
    now = workspace.store.now()
    listed = [source for source in workspace.sources() if source.state in {"active", "stopped"}]
    resting = [each for each in listed if each.state == "stopped" or _rests(each, now)]
    return [each for each in listed if each not in resting], resting


def _rests(source: Source, now: int) -> bool:
    """Whether the platform itself has asked for patience, and its time has not come."""
    return source.health == "limited" and source.next_check_at > now


async def _watch(workspace: Workspace, reports: "_Reports", *, until_eof: bool) -> int:
    workspace.refuse_full_disk()
    _step_back()
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for each in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        loop.add_signal_handler(each, stop.set)
    if until_eof:
        ending = set[asyncio.Task[None]]()
        at_end_of_input(
            lambda: loop.call_soon_threadsafe(lambda: ending.add(asyncio.create_task(_send_the_last(workspace, stop))))
        )

    def told(result: Result) -> None:
        try:
            reports.one(result)
        except BrokenPipeError:
            stop.set()

    gone = asyncio.create_task(_stop_when_gone(workspace, stop))
    if not await Watch(workspace.store, workspace.connections).run(stop, told=told):
        reports.console.warn("Another Kith keeps this workspace up to date already: nothing to do.")
    gone.cancel()
    return 0


def _step_back() -> None:
    os.nice(_POLITE)
    if os.getsid(0) == os.getpid() and _AUTOGROUP.exists():
        with contextlib.suppress(OSError):
            _AUTOGROUP.write_text(str(_POLITE))


async def _send_the_last(workspace: Workspace, stop: asyncio.Event) -> None:
    """Stop once what is about to leave has left: nobody has to stay for the seconds a reply can be taken back."""
    end = time.monotonic() + _LAST_S
    soon = workspace.store.now() + int(_LAST_S)
    while time.monotonic() < end and not stop.is_set():
        now = workspace.store.now()
        rows = [
            row
            for each in ("is:queued", "is:sending")
            for row in workspace.outbox.listed(parse(each, now=now, target="outbox"))
        ]
        if not any(row.not_before <= soon and not row.error for row in rows):
            break
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.3):
                await stop.wait()
    stop.set()


async def _stop_when_gone(workspace: Workspace, stop: asyncio.Event) -> None:
    """A workspace that was removed will not come back: there is nothing left to watch for."""
    while not stop.is_set() and workspace.directory.exists():
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                await stop.wait()
    stop.set()


def at_end_of_input(call: Callable[[], object]) -> None:
    """Call once standard input has ended; from a thread of its own."""

    def wait() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 4096):
                pass
        with contextlib.suppress(RuntimeError):
            call()

    threading.Thread(target=wait, name="end-of-input", daemon=True).start()


class _Reports:
    """What was read, for people or for programs."""

    def __init__(self, console: Console, *, as_json: bool, quiet: bool) -> None:
        self.console = console
        self.as_json = as_json
        self._quiet = quiet

    def one(self, result: Result) -> None:
        """One source was read."""
        if self.as_json:
            self.console.json(shape(result))
        elif not result.ok:
            self.console.line(Cell(result.name, "bold"), "  ", Cell(result.error, "bad"))
        elif not self._quiet:
            self.console.line(Cell(result.name, "bold"), "  ", _news(result))

    def all(self, results: list[Result], *, waiting: int, sent: list[OutboxRow]) -> None:
        """Every source was read."""
        new_items = sum(result.new_items for result in results)
        if self.as_json:
            found = [shape(result) for result in results]
            self.console.json({"sources": found, "new_items": new_items, "waiting": waiting})
            return
        shown = [result for result in results if not result.ok or not self._quiet]
        self.console.table([_row(result) for result in shown], stretch=1)
        for row in sent:
            if row.state == OutboxState.SENT and not self._quiet:
                self.console.line("Sent to ", Cell(row.to_name, "bold"), f": {row.title}")
            elif row.state != OutboxState.SENT:
                self.console.line(Cell(f"Entry {row.id} of the outbox is {row.state}", "bad"), f": {row.error}")
        if results and not self._quiet:
            self.console.line(f"{new_items} new, {waiting} wait for you.")


def shape(result: Result) -> dict[str, object]:
    """A result as JSON."""
    return {
        "id": result.id,
        "kind": result.kind,
        "name": result.name,
        "ok": result.ok,
        "new_items": result.new_items,
        "error": result.error or None,
    }


def _row(result: Result) -> tuple[Cell, Cell]:
    said = Cell(_news(result), "" if result.new_items else "dim") if result.ok else Cell(result.error, "bad")
    return Cell(result.name, "bold"), said


def _news(result: Result) -> str:
    return f"{result.new_items} new" if result.new_items else "nothing new"
