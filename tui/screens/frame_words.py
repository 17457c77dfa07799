"""What the frame of every place says: the numbers in the header, the keys and the outbox in the footer. Pure."""

from collections.abc import Sequence

from community.actions import BY_ID
from community.model import Counts, Heard
from tui.ages import age
from tui.keys import Keymap

TABS = ("Today", "Inbox", "People", "Feeds", "Desk", "Outbox")
MOST = 1000
"""Nobody reads a larger number than this, and the header is brought up to date at every other key."""


def number(counted: int) -> str:
    """A number that was counted no further than `MOST`."""
    return str(counted) if counted < MOST else f"{MOST - 1}+"


def header_state(counts: Counts, heard: Heard, now: int) -> list[tuple[str, str]]:
    """(words, "wait" | "bad" | "") for the right end of the header: who waits, what went wrong, the last sync."""
    waits = f"{number(counts.waiting)} wait for you" if counts.waiting != 1 else "1 waits for you"
    state = [(waits if counts.waiting else "nobody waits", "wait" if counts.waiting else "")]
    if counts.uncertain:
        state.append((f"{counts.uncertain} uncertain", "bad"))
    if counts.failed:
        state.append((f"{counts.failed} failed", "bad"))
    if heard.syncing:
        return [*state, (f"syncing {heard.active - heard.syncing} of {heard.active}", "")]
    words = age(heard.succeeded_at, now) if heard.succeeded_at else ""
    if words.rpartition(" ")[2] in {"min", "h", "d", "weeks"}:
        words += " ago"
    return [*state, (words, "")] if words else state


def outbox_words(counts: Counts) -> str:
    """How the outbox stands, for the footer."""
    queued = f"{counts.queued} on its way" if counts.queued else ""
    drafts = f"{counts.drafts} draft{'s' if counts.drafts > 1 else ''}" if counts.drafts else ""
    by_hand = f"{counts.by_hand} by hand" if counts.by_hand else ""
    return f"outbox: {', '.join(each for each in (queued, by_hand, drafts) if each) or 'empty'}"


def hinted(hints: Sequence[str], keymap: Keymap) -> list[tuple[str, str]]:
    """(key, label) of actions; each hint is "id", "id:label" or "=key:label". Those without a key are left out."""
    found: list[tuple[str, str]] = []
    for each in hints:
        name, _, label = each.partition(":")
        if name.startswith("="):
            found.append((name[1:], label))
            continue
        action, _, argument = name.partition(" ")
        key = keymap.key_of(action)
        if key and argument == "":
            found.append((key, label or BY_ID[action].label))
    return found
