"""Waiting for a new source to be read by whoever watches, and what came of it in words."""

import asyncio
import time

from community.errors import NotFound
from community.locks import SYNC, Lock
from community.workspace import Workspace
from tui.words import many

_PATIENCE_S = 180.0
_STEP_S = 0.3
_BEGIN_S = 5.0


async def arrival(workspace: Workspace, source_id: int, mark: int) -> tuple[str, bool]:
    """What became of the first reading: a sentence, and whether it failed. `mark` is the moment before it."""
    lock = Lock(workspace.directory, SYNC)
    began = time.monotonic()
    while time.monotonic() - began < _PATIENCE_S:
        try:
            source = workspace.listening.get(source_id)
        except NotFound:
            return "It was removed again.", True
        if source.health == "ok" and source.syncing_at is None and source.succeeded_at is not None:
            came = workspace.listening.arrived(mark).get(source_id, 0)
            waiting = workspace.conversations.counts().waiting
            waits = "nobody waits for you" if not waiting else f"{many(waiting, 'person waits', 'people wait')} for you"
            return f"{many(came, 'item is', 'items are')} there; {waits} in all.", False
        if source.health in {"failing", "refused", "gone", "limited"}:
            return f"{source.health_text} Kith tries again by itself.", True
        if time.monotonic() - began > _BEGIN_S and not lock.held_elsewhere():
            return "Nobody is reading just now: it will be read with the next sync.", False
        await asyncio.sleep(_STEP_S)
    return "It takes long; Kith goes on reading while you do something else.", False
