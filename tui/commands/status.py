"""`kith status`: one line for a status bar, from what is stored; the network is not asked."""

from collections.abc import Sequence

import click

from community.model import Counts, Source
from community.query import parse
from community.workspace import Workspace
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json

_NOTHING = Counts(waiting=0, reading=0, snoozed=0, drafts=0, queued=0, by_hand=0, failed=0, uncertain=0, pending=0)
_ILL = frozenset({"failing", "refused", "gone"})


@click.command("status")
@as_json
@click.pass_obj
def status(setting: Setting, as_json: bool) -> int:
    """One line for a status bar. Exit code 3 when something is uncertain and wants a decision."""
    config = setting.config()
    if not setting.directory.exists():
        _print(_NOTHING, 0, [], 0, as_json=as_json)
        return 0
    workspace = Workspace.open(setting.directory, config)
    try:
        counts = workspace.conversations.counts()
        new = workspace.conversations.count(parse("is:reading is:new", now=workspace.store.now()))
        sources = workspace.sources()
    finally:
        workspace.store.reader.close()
    ill = [each for each in sources if each.health in _ILL and each.state not in {"paused", "sunset"}]
    _print(counts, new, ill, len(sources), as_json=as_json)
    return 3 if counts.uncertain else 0


def _print(counts: Counts, new: int, ill: Sequence[Source], sources: int, *, as_json: bool) -> None:
    console = Console()
    if as_json:
        from tui.commands import shapes

        console.json(shapes.counts(counts, new=new, failing=ill, sources=sources))
        return
    parts = [Cell(f"{counts.waiting} wait" if counts.waiting != 1 else "1 waits", "waits" if counts.waiting else "dim")]
    for number, text, style in (
        (new, "new", ""),
        (counts.pending, "to moderate", ""),
        (counts.drafts, "drafts" if counts.drafts != 1 else "draft", ""),
        (counts.queued, "on the way", ""),
        (counts.by_hand, "to post by hand", ""),
        (counts.failed, "failed", "bad"),
        (counts.uncertain, "uncertain", "bad"),
    ):
        if number:
            parts.append(Cell(f"{number} {text}", style))
    parts += [Cell(f"{source.name} {_how(source)}", "bad") for source in ill]
    pieces = [parts[0]]
    for part in parts[1:]:
        pieces += [Cell(" · ", "dim"), part]
    console.line(*pieces)


def _how(source: Source) -> str:
    return {"refused": "refused", "gone": "gone"}.get(source.health, "failing")
