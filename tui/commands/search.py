"""`kith search`: anything ever stored."""

import click

from community.model import SearchHit
from community.workspace import Workspace
from tui.ages import age
from tui.commands import shapes
from tui.commands.console import Cell, Console
from tui.commands.setting import WITH_A_QUERY, Setting, as_json, line


@click.command("search", context_settings=WITH_A_QUERY)
@click.argument("words", nargs=-1, required=True, type=line)
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True, help="At most so many.")
@as_json
@click.pass_obj
def search(setting: Setting, words: tuple[str, ...], limit: int, as_json: bool) -> int:
    """Everything ever stored that holds these WORDS: what was written, people, notes, promises, drafts."""
    return setting.run(lambda workspace: _search(workspace, Console(), " ".join(words), limit, as_json=as_json))


async def _search(workspace: Workspace, console: Console, words: str, limit: int, *, as_json: bool) -> int:
    hits = await workspace.search(words, limit=limit)
    if as_json:
        for hit in hits:
            console.json(shapes.hit(hit))
    elif hits:
        _print(console, hits, workspace.store.now())
    else:
        console.line(f"Nothing holds “{words}”.")
    return 0


def _print(console: Console, hits: list[SearchHit], now: int) -> None:
    for hit in hits:
        place = f"conversation {hit.conversation_id}" if hit.conversation_id else f"person {hit.person_id}"
        console.line(
            Cell(hit.who, "bold"), Cell(f"  {hit.title}" if hit.title else ""), Cell(f"  {age(hit.at, now)}", "dim"),
            Cell(f"  [{hit.what}, {place}]", "dim"),
        )  # fmt: skip
        before, _, rest = hit.snippet.replace("\n", " ").partition("\x02")
        pieces = [Cell(f"  {before}", "dim")]
        while rest:
            found, _, rest = rest.partition("\x03")
            pieces.append(Cell(found, "accent"))
            plain, _, rest = rest.partition("\x02")
            pieces.append(Cell(plain, "dim"))
        console.line(*pieces)
