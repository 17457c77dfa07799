"""A process that has imported the whole command line, and forks a fresh `kith` for each command it is told.

Importing Kith is most of what a command costs; forked, a command is still a process with its own streams, environment
and exit code. Each line it reads is a JSON object of argv, env and the paths input, output and error; it answers with
the exit code.
"""

import json
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module


def main() -> None:
    """Serve until standard input ends."""
    cli = import_module("tui.cli")
    for commands in import_module("tui.overview").COMMANDS.values():
        for where, _ in commands.values():
            import_module(where.partition(":")[0])
    for line in sys.stdin:
        wanted = json.loads(line)
        child = os.fork()
        if child == 0:
            os._exit(
                run(cli.run, wanted["argv"], wanted["env"], [wanted[name] for name in ("input", "output", "error")])
            )
        status = os.waitpid(child, 0)[1]
        print(os.waitstatus_to_exitcode(status), flush=True)


def run(command: Callable[[list[str]], int], argv: Sequence[str], env: Mapping[str, str], paths: Sequence[str]) -> int:
    """The command, as if it had just been started."""
    os.umask(0o077)
    os.environ.clear()
    os.environ.update(env)
    for number, path in enumerate(paths):
        opened = os.open(path, os.O_RDONLY if number == 0 else os.O_WRONLY)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin, sys.stdout, sys.stderr = (
        os.fdopen(number, mode, encoding="utf-8") for number, mode in enumerate(("r", "w", "w"))
    )
    code = command(list(argv))
    sys.stdout.flush()
    sys.stderr.flush()
    return code


if __name__ == "__main__":
    main()
