"""Every command by name, and the help that lists them. No click in here: `kith --help` answers at once."""

from collections.abc import Collection

from tui.columns import wrapped

_INBOX, _SENDING = "tui.commands.inbox", "tui.commands.sending"

COMMANDS: dict[str, dict[str, tuple[str, str]]] = {
    "Begin": {
        "demo": ("tui.commands.demo:demo", "A throw-away workspace with an invented town around it."),
        "source": ("tui.commands.source:source", "Where Kith listens: add, list, check, login, pause, remove."),
        "import": ("tui.commands.exchange:take_in", "Take in feeds (OPML), contacts (vCard), or a whole workspace."),
        "export": (
            "tui.commands.exchange:give_out",
            "Give out feeds (OPML), people (vCard, CSV, Markdown), or the whole workspace.",
        ),
    },
    "Every day": {
        "sync": ("tui.commands.sync:sync", "Read every source now; with --watch, keep at it."),
        "list": (f"{_INBOX}:list_", "Who waits for you, or what a query names."),
        "show": (f"{_INBOX}:show", "One conversation, whole."),
        "reply": (f"{_SENDING}:reply", "Answer a conversation: a draft, or with --send at once."),
        "send": (f"{_SENDING}:send", "Send what is queued, or the drafts you name."),
        "outbox": ("tui.commands.outbox:outbox", "Drafts, what is on its way, what failed or is uncertain."),
        "desk": ("tui.commands.desk:desk", "Comments that wait for moderation: approve, spam, trash."),
        "done": (f"{_INBOX}:done", "Put conversations away until somebody writes again."),
        "snooze": (f"{_INBOX}:snooze", "Hide a conversation until a time, or until they write."),
        "rest": (f"{_INBOX}:rest", "Let conversations rest: no nagging, everything kept."),
        "undo": (f"{_INBOX}:undo", "Take the last local action back."),
        "search": ("tui.commands.search:search", "Find anything ever stored."),
        "person": ("tui.commands.person:person", "The people: list, show, note, log, stage, cadence, …"),
        "loops": ("tui.commands.loops:loops", "What is open: promises, reminders, who waits for you."),
    },
    "The workspace": {
        "status": ("tui.commands.status:status", "One line for a status bar."),
        "backup": ("tui.commands.data:backup", "Make a checked copy, also while it is in use."),
        "restore": ("tui.commands.data:restore_", "Go back to a backup; what is there now is set aside."),
        "doctor": ("tui.commands.health:doctor", "What is well, what is not, and what mends it."),
    },
}
"""Heading -> name -> (where the command is, what it does), in the order of the help."""

OPTIONS = {
    "workspace": ("--workspace DIR", "The workspace to use; else KITH_WORKSPACE, else the user's own."),
    "config": ("--config FILE", "Another config.toml to read."),
    "light": ("--light", "Few bytes for a slow line: plain colours, conversations when the cursor rests."),
    "version": ("--version", "Show the version and leave."),
    "help": ("-h, --help", "Show this message and exit."),
}
"""Name -> (how it is typed, what it does), of the options that go before a command."""

ABOUT = """Answer the people who wrote to you, wherever they did, and keep the record of who they are.

Without a command, Kith opens the workspace. Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 something is \
uncertain and wants a decision."""

_WIDEST, _NARROWEST = 98, 50
_GAP = 2


def text(columns: int) -> str:
    """The whole help, for a terminal so many columns wide."""
    width = max(_NARROWEST, min(_WIDEST, columns - 2))
    lines = ["Usage: kith [OPTIONS] [COMMAND] [ARGS]..."]
    for paragraph in ABOUT.split("\n\n"):
        lines += ["", *(f"  {line}" for line in wrapped(paragraph, width - 2))]
    sections = {"Options": OPTIONS.values()} | {
        heading: [(name, about) for name, (_, about) in names.items()] for heading, names in COMMANDS.items()
    }
    for heading, entries in sections.items():
        lines += ["", f"{heading}:", *_listed(entries, width)]
    return "\n".join(lines) + "\n"


def _listed(entries: Collection[tuple[str, str]], width: int) -> list[str]:
    """Names in one column, what they do in another."""
    column = max(len(name) for name, _ in entries) + 2 + _GAP
    lines: list[str] = []
    for name, about in entries:
        first, *more = wrapped(about, width - column)
        lines += [f"  {name}".ljust(column) + first, *(" " * column + line for line in more)]
    return lines
