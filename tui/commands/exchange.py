"""`kith import` and `kith export`: lists of feeds, and whole workspaces."""

import sys
from pathlib import Path

import click

from community import opml
from community.errors import KithError, WrongUsage
from community.opml import Subscriptions
from community.urls import without_keys
from community.workspace import Workspace
from tui.commands.console import Cell, Console
from tui.commands.contacts import export_csv, export_markdown, export_vcard, import_vcard
from tui.commands.jsonl import export_jsonl, import_jsonl
from tui.commands.setting import Setting, as_json


@click.group("import")
def take_in() -> None:
    """Take something in from a file."""


@click.group("export")
def give_out() -> None:
    """Give something out as a file."""


take_in.add_command(import_jsonl)
give_out.add_command(export_jsonl)
take_in.add_command(import_vcard)
for _command in (export_vcard, export_csv, export_markdown):
    give_out.add_command(_command)


@take_in.command("opml")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def import_opml(setting: Setting, file: Path, yes: bool, as_json: bool) -> int:
    """Listen to the feeds of an OPML FILE (“-” is standard input). The list is shown first; nothing is fetched yet."""
    found = opml.read(_bytes(file))
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty() and str(file) != "-"
    return setting.run(lambda workspace: _take_in(workspace, Console(), found, asks=asks, as_json=as_json))


def _bytes(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(opml.LARGEST + 1)
    try:
        with file.open("rb") as stream:
            return stream.read(opml.LARGEST + 1)
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read: {error.strerror}.") from error


async def _take_in(workspace: Workspace, console: Console, found: Subscriptions, *, asks: bool, as_json: bool) -> int:
    known = {source.address for source in workspace.sources()}
    if not as_json:
        console.table(
            [
                (Cell("·" if feed.address in known else "+", "accent"), Cell(feed.name or "", "bold"),
                 Cell(feed.address, "dim"), Cell("already there" if feed.address in known else "", "dim"))
                for feed in found.feeds
            ],
            stretch=2,
        )  # fmt: skip
        for address in found.refused:
            console.line(Cell("! ", "bad"), "no web address without a password: ", address)
        new = sum(feed.address not in known for feed in found.feeds)
        if asks and new and not click.confirm(f"Listen to {new} new feeds?" if new != 1 else "Listen to it?"):
            console.line("Nothing was changed.")
            return 0
    done = await workspace.listening.import_feeds(
        [(feed.name, feed.address) for feed in found.feeds if feed.address not in known]
    )
    refused = [*found.refused, *done.refused]
    skipped = [*(feed.address for feed in found.feeds if feed.address in known), *done.known]
    if as_json:
        console.json({"added": list(done.added), "known": skipped, "refused": refused})
    else:
        console.line(f"{len(done.added)} added, {len(skipped)} known already, {len(refused)} refused.")
        console.hint("kith sync reads them.")
    return 0


@give_out.command("opml")
@click.argument("file", required=False, type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--with-keys", is_flag=True, help="Keep the keys in addresses that let you in: the list is then secret.")
@click.pass_obj
def export_opml(setting: Setting, file: Path | None, with_keys: bool) -> int:
    """Write the feeds as OPML 2.0 into FILE, which must not exist yet, or to standard output."""

    async def give(workspace: Workspace) -> int:
        sources, keyed = workspace.sources(), workspace.listening.keyed
        text = opml.write(sources, now=workspace.store.now(), keyed=keyed if with_keys else None)
        keys = sum(without_keys(keyed(each))[1] != "" for each in sources if each.kind == opml.FEED)
        if keys:
            said = (
                "hold the key that lets you in: keep this list to yourself"
                if with_keys
                else ("need a key in their address, which was left out: --with-keys keeps it")
            )
            Console().warn(f"{keys} of these feeds {said}.")
        if file is None or str(file) == "-":
            click.echo(text, nl=False)
        else:
            _write(file, text)
        return 0

    return setting.run(give)


def _write(file: Path, text: str) -> None:
    try:
        with file.open("x", encoding="utf-8") as stream:
            stream.write(text)
    except FileExistsError as error:
        raise WrongUsage(f"{file} is there already: choose another name.") from error
    except OSError as error:
        raise KithError(f"{file} cannot be written: {error.strerror}.") from error
