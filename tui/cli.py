"""The click group: every command by name, imported when called; and the one place where an error becomes words."""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import cast

import click

from tui import overview
from tui.commands.setting import Setting
from tui.light import want_light
from tui.overview import COMMANDS

DONE, FAILED, USAGE, UNCERTAIN, INTERRUPTED = 0, 1, 2, 3, 130


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

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The overview, which needs no click to be shown."""
        formatter.write(overview.text(formatter.width + 2))


@click.group(
    cls=LazyGroup,
    help=overview.ABOUT,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option(
    "--workspace",
    metavar="DIR",
    envvar="KITH_WORKSPACE",
    type=click.Path(file_okay=False, path_type=Path),
)
@click.option(
    "--config",
    "preferences",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--light", is_flag=True)
@click.option("--version", is_flag=True)
@click.pass_context
def kith(ctx: click.Context, workspace: Path | None, preferences: Path | None, light: bool, version: bool) -> int:
    """Choose the workspace, and open it when no command is named."""
    setting: Setting = ctx.obj
    if light:
        want_light()
    setting.choose(workspace, preferences)
    if version:
        click.echo(f"kith {program_version()}")
        ctx.exit(DONE)
    if ctx.invoked_subcommand is None:
        from tui.commands.opening import open_workspace

        return open_workspace(setting)
    gc.enable()
    return DONE


def run(arguments: Sequence[str]) -> int:
    """Carry out a command line; its exit code. No error leaves this as a traceback."""
    setting = Setting()
    try:
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
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
