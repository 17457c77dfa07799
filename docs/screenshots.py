"""Draw the README's pictures: the real workspace on the demo's town, at a fixed hour, as SVG files beside this one."""

import asyncio
import re
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from community.config import Config
from community.town import Town
from community.workspace import Workspace
from tui.app import KithApp
from tui.commands.demo import settle

HERE = Path(__file__).parent / "pictures"
FONT_FACE = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)

PICTURES: Sequence[tuple[str, tuple[int, int], Sequence[str]]] = (
    ("today", (120, 34), ("j",)),
    ("conversation", (120, 34), ("g", "i", "j", "r", *"I use one file per session.")),
    ("inbox-80", (80, 24), ("g", "i")),
    ("person", (120, 34), ("g", "i", "j", "j", "p")),
    ("desk", (120, 34), ("g", "c")),
)
"""Name, columns and rows, keys to press."""


async def draw(name: str, size: tuple[int, int], keys: Sequence[str]) -> None:
    """One picture of a fresh workspace after these keys. The town stands still: nothing arrives meanwhile."""
    with tempfile.TemporaryDirectory() as directory, Town(pace=0.001) as town:
        await settle(Path(directory), Config(undo_s=4), town)
        workspace = Workspace.open(Path(directory), Config(undo_s=4))
        await workspace.remember("tour", "done")
        app = KithApp(workspace)
        async with app.run_test(size=size) as pilot:
            await pilot.pause(0.5)
            for key in keys:
                await pilot.press({" ": "space", ".": "full_stop"}.get(key, key))
            await pilot.pause(1.5)
            picture = app.export_screenshot(title="kith")
        await workspace.close()
    # The pictures name no font of somebody else's server: every reader has a monospaced one.
    HERE.mkdir(exist_ok=True)
    (HERE / f"{name}.svg").write_text(FONT_FACE.sub("", picture).replace("Fira Code", "ui-monospace"), "utf-8")
    print(f"docs/pictures/{name}.svg")


async def main() -> None:
    """Draw them all, or those named on the command line."""
    for name, size, keys in PICTURES:
        if not sys.argv[1:] or name in sys.argv[1:]:
            await draw(name, size, keys)


if __name__ == "__main__":
    asyncio.run(main())
