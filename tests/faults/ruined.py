"""Runs command lines in one process, one after the other: `python -m faults.ruined` reads and answers JSON.

With an uid as its argument it becomes that user first, once everything it needs is loaded.
"""

import contextlib
import io
import json
import os
import sys
import time

from tui.cli import run


def ran(arguments: list[str]) -> dict[str, object]:
    """What a command line did; an exception that leaves it is named."""
    out, err, began = io.StringIO(), io.StringIO(), time.monotonic()
    escaped = ""
    code = -1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = run(arguments)
        except BaseException as error:  # whatever it is, the test wants to know
            escaped = repr(error)
    took = time.monotonic() - began
    return {"code": code, "out": out.getvalue(), "err": err.getvalue(), "escaped": escaped, "seconds": took}


def main() -> None:
    """Answer each line."""
    os.umask(0o077)
    if len(sys.argv) > 2:
        for command in (["list"], ["sync"], ["backup"], ["doctor"], ["restore"], ["status"], ["export", "jsonl"]):
            ran(["--workspace", sys.argv[2], *command])
        os.setgroups([])
        os.setgid(int(sys.argv[1]))
        os.setuid(int(sys.argv[1]))
    for line in sys.stdin:
        print(json.dumps(ran(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
