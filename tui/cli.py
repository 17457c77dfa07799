"""The click group: every command by name, imported when called; and the one place where an error becomes words."""

import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

import click

from tui.commands.setting import Setting

DONE, FAILED, USAGE, UNCERTAIN, INTERRUPTED = 0, 1, 2, 3, 130

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


class LazyGroup(click.Group):
    """A group whose commands are imported when they are called; its help needs none of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every name, in the order of the help."""
        return [name for names in COMMANDS.values() for name in names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command itself, imported now."""
        place = next((names[cmd_name] for names in COMMANDS.values() if cmd_name in names), None)
        if place is None:
            return None
        module, _, name = place[0].partition(":")
        return cast(click.Command, getattr(import_module(module), name))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that `args` begin with; for an unknown one, the name that is nearest."""
        name = args[0] if args else ""
        if not name.startswith("-") and self.get_command(ctx, name) is None:
            import difflib

            close = difflib.get_close_matches(name, self.list_commands(ctx), n=1)
            hint = f"did you mean “{close[0]}”?" if close else "`kith --help` lists them."
            raise click.UsageError(f"There is no command “{name}”: {hint}")
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and what they do, under their headings."""
        for heading, names in COMMANDS.items():
            with formatter.section(heading):
                formatter.write_dl([(name, about) for name, (_, about) in names.items()])


@click.group(
    cls=LazyGroup,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--workspace",
    metavar="DIR",
    envvar="KITH_WORKSPACE",
    type=click.Path(file_okay=False, path_type=Path),
    help="The workspace to use; else KITH_WORKSPACE, else the user's own.",
)
@click.option(
    "--config",
    "preferences",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Another config.toml to read.",
)
@click.option("--version", is_flag=True, help="Show the version and leave.")
@click.pass_context
def kith(ctx: click.Context, workspace: Path | None, preferences: Path | None, version: bool) -> int:
    """Answer the people who wrote to you, wherever they did, and keep the record of who they are.

    Without a command, Kith opens the workspace. Exit codes: 0 done, 1 something failed, 2 wrong usage, 3 something
    is uncertain and wants a decision.
    """
    setting: Setting = ctx.obj
    setting.choose(workspace, preferences)
    if version:
        click.echo(f"kith {program_version()}")
        ctx.exit(DONE)
    if ctx.invoked_subcommand is None:
        from tui.commands.opening import open_workspace

        return open_workspace(setting)
    return DONE


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; its exit code. No error leaves this as a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    setting = Setting()
    try:
        with kith.make_context("kith", list(arguments), obj=setting) as ctx:
            code = kith.invoke(ctx)
        sys.stdout.flush()
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except (click.Abort, KeyboardInterrupt, EOFError):
        _say("Stopped.")
        return INTERRUPTED
    except BrokenPipeError:
        # Whoever was reading has gone: there is nothing more to say, also not when Python flushes at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return DONE
    except click.ClickException as error:
        return _wrong_usage(error)
    except Exception as error:
        return _explained(error, setting)
    return code if isinstance(code, int) else DONE


def _wrong_usage(error: click.ClickException) -> int:
    """One sentence on what was typed, and where to read more."""
    ctx = error.ctx if isinstance(error, click.UsageError) else None
    said = error.format_message().strip().rstrip(".")
    ends = said.endswith(("?", "!"))
    _say(f"{said}{'' if ends else '.'}" + (f" See `{ctx.command_path} --help`." if ctx is not None else ""))
    return USAGE


def _explained(error: Exception, setting: Setting) -> int:
    """What an error means for the user, in one sentence; what nobody expected goes into the log."""
    from community.errors import KithError, NotFound, StorageError, Uncertain, WrongUsage
    from community.secrets import SecretError

    match error:
        case WrongUsage() | NotFound():
            code = USAGE
        case Uncertain():
            code = UNCERTAIN
        case KithError() | StorageError() | SecretError():
            code = FAILED
        case _:
            where = setting.log(error)
            if setting.is_damaged():
                _say("The database file is damaged: `kith restore` puts the newest good backup in its place.")
                return FAILED
            _say(f"Something unexpected went wrong ({type(error).__name__}){where}: please report it.")
            return FAILED
    _say(str(error))
    return code


def _say(text: str) -> None:
    from community.logs import sentence

    if (first_page := sys.modules.get("tui.first_page")) is not None:
        first_page.leave()
    with contextlib.suppress(OSError):
        click.echo(f"kith: {sentence(text)}", err=True)


def program_version() -> str:
    """The version of this Kith."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("kithkin")
    except PackageNotFoundError:
        import tomllib

        project = tomllib.loads((Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8"))
        return str(project["project"]["version"])
