"""What is answered without click, in the time it takes to start Python: the help, and the line for a status bar."""

import sys
from collections.abc import Sequence


def answer(typed: Sequence[str]) -> int | None:
    """The exit code of a command line that was answered; None for every other, and where anything is unusual."""
    try:
        if typed in (["--help"], ["-h"]):
            return _help()
        if typed[-1:] in (["status"], ["--json"]):
            return _status(typed)
    except Exception:  # whatever it was, the ordinary way meets it too, and says so
        return None
    return None


def _help() -> int:
    from tui import overview  # noqa: PLC0415  each of the two needs its own few modules
    from tui.columns import columns  # noqa: PLC0415

    sys.stdout.write(overview.text(columns()))
    sys.stdout.flush()
    return 0


def _status(typed: Sequence[str]) -> int | None:
    from tui import arguments  # noqa: PLC0415

    found = arguments.read(typed)
    if found is None or found.rest not in (["status"], ["status", "--json"]):
        return None
    if found.preferences is not None and not arguments.preferences(found.preferences).is_file():
        return None
    from community import standing  # noqa: PLC0415
    from tui import status_line  # noqa: PLC0415

    now = standing.glanced(arguments.directory(found.workspace))
    return status_line.tell(now, as_json=len(found.rest) > 1) if now is not None else None
