"""Hooks: programs of the user's own that are told of each new item, once it is stored and beside everything else.

A hook is an argument list from the preferences, started without a shell. It gets one JSON object on its standard input
and an environment without anything secret, and has ten seconds. What goes wrong with it is one sentence in the log and
in `kith doctor`; the source that brought the item stays as well as it was. A hook hears of an item at most once.
"""

import asyncio
import contextlib
import json
import logging
import os
import signal
from collections import deque
from collections.abc import Mapping, Sequence

from community.store import Store
from community.text import Clean, clean_line
from storage import meta
from storage.errors import StorageError
from storage.rows import FreshItem

log = logging.getLogger(__name__)

LIMIT_S = 10.0
"""How long a hook may take for one item."""
FACT = "hook "
"""What the fact begins with that says why a hook failed the last time."""
_MOST = 1000
_KEPT = frozenset(
    {
        "PATH", "HOME", "USER", "LOGNAME", "SHELL", "TZ", "LANG", "LANGUAGE", "DISPLAY", "WAYLAND_DISPLAY",
        "XAUTHORITY", "XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS",
    }
)  # fmt: skip
"""The variables a hook gets, and those that begin with LC_: enough to show a notification or play a sound."""


class Hooks:
    """The hooks of one workspace. Each hears of the items in the order they came; none waits for another."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._waiting: dict[str, deque[FreshItem]] = {name: deque() for name in store.config.hooks}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._said: dict[str, Clean] = {}

    @property
    def are_set(self) -> bool:
        """Whether there are any."""
        return bool(self._waiting)

    @property
    def failures(self) -> list[Clean]:
        """A sentence for each hook that failed the last time it ran here."""
        return [sentence for sentence in self._said.values() if sentence]

    def tell(self, items: Sequence[FreshItem]) -> None:
        """Let every hook hear of these items, soon and beside whatever is going on; nobody waits for it."""
        for name, waiting in self._waiting.items():
            free = max(0, _MOST - len(waiting))
            waiting.extend(items[:free])
            if len(items) > free:
                log.warning("the hook %s is too slow: it does not hear of %d items", _named(name), len(items) - free)
            if waiting and (name not in self._running or self._running[name].done()):
                self._running[name] = asyncio.create_task(self._work(name, waiting))

    async def finish(self, within_s: float) -> None:
        """Wait for what was begun, at most that long; what is at work then is ended."""
        tasks = [task for task in self._running.values() if not task.done()]
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within_s)
        for task in late:
            task.cancel()
        await asyncio.gather(*late, return_exceptions=True)
        for name, waiting in self._waiting.items():
            if waiting:
                log.warning("the hook %s was ended before it heard of %d items", _named(name), len(waiting))
                waiting.clear()

    async def _work(self, name: str, waiting: deque[FreshItem]) -> None:
        while waiting:
            sentence = await _run(name, self._store.config.hooks[name], told(name, waiting.popleft()))
            if sentence != self._said.get(name):
                self._said[name] = sentence
                await self._remember(name, sentence)

    async def _remember(self, name: str, sentence: Clean) -> None:
        """Keep why it failed, or that all is well again."""
        if sentence:
            log.warning("%s", sentence)
        try:
            async with self._store.transaction() as tx:
                await meta.put(tx, FACT + name, sentence)
        except StorageError as error:
            log.warning("how the hook %s fares could not be stored: %s", _named(name), error)


def told(name: str, item: FreshItem) -> bytes:
    """What a hook reads: one line of JSON, as docs/cli.md describes it. Pure."""
    shape = {
        "hook": name,
        "id": item.id,
        "conversation_id": item.conversation_id,
        "conversation": item.conversation_title,
        "attention": item.attention,
        "source": item.source_name,
        "source_id": item.source_id,
        "source_kind": item.source_kind,
        "kind": item.kind,
        "status": item.status,
        "to_me": bool(item.to_me),
        "author": {
            "person_id": item.person_id,
            "name": item.name,
            "handle": item.handle,
            "url": item.url,
            "stage": item.stage,
        },
        "title": item.title,
        "text": item.text,
        "permalink": item.permalink,
        "subject": item.subject,
        "subject_url": item.subject_url,
        "created_at": item.created_at,
    }
    return json.dumps(shape, ensure_ascii=False).encode() + b"\n"


def environment(ours: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that a hook gets. Pure."""
    return {name: value for name, value in ours.items() if name in _KEPT or name.startswith("LC_")}


async def _run(name: str, argv: Sequence[str], line: bytes) -> Clean:
    """Run a hook once; "" when all went well, else what went wrong in a sentence."""
    home = _home()
    program = argv[0].replace("~", home, 1) if argv[0].startswith("~/") else argv[0]
    try:
        process = await asyncio.create_subprocess_exec(
            program,
            *argv[1:],
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.DEVNULL,
            env=environment(os.environ),
            cwd=home,
            start_new_session=True,
        )
    except FileNotFoundError:
        return _sentence(name, f"could not be run: there is no program “{program}”.")
    except (OSError, ValueError) as error:
        return _sentence(name, f"could not be run: {getattr(error, 'strerror', None) or error}.")
    try:
        async with asyncio.timeout(LIMIT_S):
            await process.communicate(line)
    except TimeoutError:
        return _sentence(name, f"took longer than {LIMIT_S:.0f} seconds and was ended.")
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    code = process.returncode or 0
    if code < 0:
        return _sentence(name, f"was ended by signal {-code}.")
    return _sentence(name, f"failed with exit code {code}.") if code else Clean("")


def _home() -> str:
    return os.path.expanduser("~")  # noqa: PTH111


def _sentence(name: str, what: str) -> Clean:
    return clean_line(f"The hook {_named(name)} {what}")


def _named(name: str) -> Clean:
    return clean_line(f"“{name}”", limit=80)
