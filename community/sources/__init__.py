"""The kinds of source. A new platform is one file here, one line in `ADAPTERS`, and its tests."""

from importlib import import_module
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from community.sources.base import Adapter

ADAPTERS: dict[str, str] = {
    "wordpress": "community.sources.wordpress:WordPress",
    "mastodon": "community.sources.mastodon:Mastodon",
    "bluesky": "community.sources.bluesky:Bluesky",
    "isso": "community.sources.isso:Isso",
    "feed": "community.sources.feed:Feed",
}
"""kind -> "module:Class", in the order an unknown address is tried."""


def adapter(kind: str) -> "type[Adapter]":
    """The adapter class for `kind`, imported on first use. Raises `WrongUsage` for an unknown kind."""
    if kind not in ADAPTERS:
        from community.errors import WrongUsage  # noqa: PLC0415  late: the process that parses feeds has no use for it

        raise WrongUsage(f"There is no kind of source called “{kind}”; choose one of {', '.join(ADAPTERS)}.")
    module, _, name = ADAPTERS[kind].partition(":")
    return cast("type[Adapter]", getattr(import_module(module), name))
