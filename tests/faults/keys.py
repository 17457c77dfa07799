"""Somebody who presses keys: `python -m faults.keys DIRECTORY` reads what a key press reads until its input ends.

It prints the longest of these readings in seconds.
"""

import select
import sys
import time
from pathlib import Path

from community.query import parse
from community.workspace import Workspace


def main() -> None:
    """Press on."""
    workspace = Workspace.open(Path(sys.argv[1]))
    waiting, longest = parse("is:any", now=int(time.time())), 0.0
    workspace.conversations.page(waiting)
    print("ready", flush=True)
    while not select.select([sys.stdin], [], [], 0.05)[0]:
        began = time.monotonic()
        rows = workspace.conversations.page(waiting)
        workspace.conversations.counts()
        workspace.conversations.open(rows[0].id)
        longest = max(longest, time.monotonic() - began)
    print(longest)


if __name__ == "__main__":
    main()
