"""`kith doctor`: what is well, what is not, and what mends it."""

import asyncio

import click

from community.doctor import Level, examine
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json

_MARKS = {Level.WELL: ("✓", "accent"), Level.NOTE: ("·", "dim"), Level.WRONG: ("!", "bad")}


@click.command("doctor")
@as_json
@click.pass_obj
def doctor(setting: Setting, as_json: bool) -> int:
    """Look at everything: files, settings, sources, credentials, disk. Exit code 1 when something is wrong."""
    found = asyncio.run(examine(setting.directory, setting.preferences))
    console = Console()
    about = ""
    for finding in found:
        if as_json:
            shape = {"about": finding.about, "level": finding.level.value, "text": finding.text}
            console.json(shape | {"mend": finding.mend or None})
            continue
        mark, style = _MARKS[finding.level]
        if finding.about != about:
            about = finding.about
            console.line(Cell(about.capitalize(), "bold"))
        console.text(finding.text, indent=f"  {mark} ", style=style if finding.level is Level.WRONG else "")
        if finding.mend:
            console.text(f"→ {finding.mend}", indent="    ", style="accent")
    wrong = sum(finding.level is Level.WRONG for finding in found)
    if not as_json:
        console.blank()
        console.line(f"{wrong} wrong." if wrong else "All is well.")
    return 1 if wrong else 0
