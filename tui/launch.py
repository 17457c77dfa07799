"""The console entry: a private umask, our packages first on the path, then the command line."""

import gc
import os
import sys

_NAMED = ("--workspace", "--config")


def main() -> None:
    """Run `kith` and leave with its exit code."""
    os.umask(0o077)
    gc.disable()  # what is imported stays; the collector begins when there is work
    here = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120  pathlib is not free, and this is all
    if sys.path and os.path.abspath(sys.path[0] or ".") == here:  # noqa: PTH100
        del sys.path[0]
    packages = os.path.dirname(here)  # noqa: PTH120
    if packages not in sys.path[:1]:
        sys.path.insert(0, packages)

    from tui import quick  # noqa: PLC0415  only now is our folder on the path

    code = quick.answer(sys.argv[1:])
    if code is None:
        code = _ordinary(sys.argv[1:])
    raise SystemExit(code)


def _ordinary(typed: list[str]) -> int:
    given = zip(["", *typed], typed, strict=False)
    if os.isatty(1) and all(each.startswith("--") or before in _NAMED for before, each in given):
        from tui import first_page  # noqa: PLC0415  a command has no use for it

        first_page.paint(typed)
    try:
        from tui.cli import run  # noqa: PLC0415  the page comes first

        return run(typed)
    finally:
        if (page := sys.modules.get("tui.first_page")) is not None:
            page.leave()


if __name__ == "__main__":
    main()
