"""The one line for a status bar. No click in here: a status bar asks often."""

from community.standing import Ill, Standing
from tui.commands.console import Cell, Console


def tell(standing: Standing, *, as_json: bool) -> int:
    """Print how a workspace stands; the exit code, 3 when something is uncertain and wants a decision."""
    console = Console()
    if as_json:
        from tui.commands import shapes  # noqa: PLC0415  late: a status bar reads the line

        console.json(shapes.standing(standing))
    else:
        console.line(*_line(standing))
    return 3 if standing.counts.uncertain else 0


def _line(standing: Standing) -> list[Cell]:
    counts, ill = standing.counts, standing.ill
    parts = [Cell(f"{counts.waiting} wait" if counts.waiting != 1 else "1 waits", "waits" if counts.waiting else "dim")]
    for number, text, style in (
        (standing.new, "new", ""),
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
    return pieces


def _how(source: Ill) -> str:
    return source.health if source.health in {"refused", "gone"} else "failing"
