"""Contacts from the command line: vCard in and out, Markdown, and CSV."""

import re
import sys
from collections.abc import Iterable
from pathlib import Path

import click

from community.address_book import AddressBook, Offered, TakenIn, offered
from community.errors import KithError, WrongUsage
from community.privacy import facts, public
from community.query import parse
from community.vcard import LARGEST
from community.workspace import Workspace
from tui.commands import person_shapes
from tui.commands.chosen import found, who_is
from tui.commands.console import Cell, Console
from tui.commands.setting import Setting, as_json, line

_OUT = click.Path(dir_okay=False, allow_dash=True, path_type=Path)
_notes = click.option("--notes", is_flag=True, help="With what you wrote about people, which is private.")
_query = click.argument("query", nargs=-1, type=line)
_file = click.option("--file", "-o", "file", type=_OUT, help="Write into this file, which must not exist yet.")


@click.command("vcard")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True, path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
@click.pass_obj
def import_vcard(setting: Setting, file: Path, yes: bool, as_json: bool) -> int:
    """Make people of the contacts in a vCard FILE (“-” is standard input), of version 3.0 or 4.0.

    A contact with an address or a profile that is known already is that person; the list is shown first. Names, mail
    and web addresses, profiles, numbers, categories and notes are taken in; nothing is fetched, and nobody is merged.
    """
    offer = offered(_bytes(file))
    asks = not (yes or as_json) and sys.stdin.isatty() and sys.stdout.isatty() and str(file) != "-"

    async def take(workspace: Workspace) -> int:
        console = Console()
        if not as_json:
            _list(console, offer)
        if asks and offer.contacts and not click.confirm(f"Take these {len(offer.contacts)} in?"):
            console.line("Nothing was changed.")
            return 0
        taken = await AddressBook(workspace.store, workspace.people).take_in(offer)
        _report(console, taken, as_json=as_json)
        return 0

    return setting.run(take)


def _bytes(file: Path) -> bytes:
    if str(file) == "-":
        return sys.stdin.buffer.read(LARGEST + 1)
    try:
        with file.open("rb") as stream:
            return stream.read(LARGEST + 1)
    except OSError as error:
        raise WrongUsage(f"{file} cannot be read: {error.strerror}.") from error


def _list(console: Console, offer: Offered) -> None:
    console.table(
        [
            (Cell("+", "accent"), Cell(each.name, "bold"), Cell(", ".join(way.handle for way in each.ways), "dim"))
            for each in offer.contacts
        ],
        stretch=2,
    )


def _report(console: Console, taken: TakenIn, *, as_json: bool) -> None:
    if as_json:
        console.json({"added": list(taken.added), "known": list(taken.known), "refused": taken.refused})
        return
    console.line(f"{len(taken.added)} added, {len(taken.known)} known already, {taken.refused} refused.")
    console.hint("kith person suggestions shows who of them may be somebody you know; kith undo takes all of it back.")


@click.command("vcard")
@_query
@_file
@_notes
@click.pass_obj
def export_vcard(setting: Setting, query: tuple[str, ...], file: Path | None, notes: bool) -> int:
    """Write the people you know, or those a QUERY names, as vCard 4.0 with their profiles."""

    async def give(workspace: Workspace) -> int:
        book = AddressBook(workspace.store, workspace.people)
        rows = book.everybody(parse(" ".join(query), now=workspace.store.now(), target="people"))
        _write(file, book.cards((row.id for row in rows), notes=notes))
        return 0

    return setting.run(give)


@click.command("csv")
@_query
@_file
@click.pass_obj
def export_csv(setting: Setting, query: tuple[str, ...], file: Path | None) -> int:
    """Write people, or those a QUERY names, as CSV: name, stage, tags, contacts, handles, sites. Never notes."""

    async def give(workspace: Workspace) -> int:
        book = AddressBook(workspace.store, workspace.people)
        _write(file, book.table(parse(" ".join(query), now=workspace.store.now(), target="people")))
        return 0

    return setting.run(give)


@click.command("markdown")
@click.argument("directory", type=click.Path(file_okay=False, path_type=Path))
@_query
@_notes
@click.pass_obj
def export_markdown(setting: Setting, directory: Path, query: tuple[str, ...], notes: bool) -> int:
    """Write one Markdown page for each person into a new DIRECTORY: who they are, and everything between you."""

    async def give(workspace: Workspace) -> int:
        book = AddressBook(workspace.store, workspace.people)
        wanted = parse(" ".join(query), now=workspace.store.now(), target="people")
        _make(directory)
        count = 0
        for row in book.everybody(wanted):
            name = re.sub(r"[^\w-]+", "-", row.name).strip("-_")[:60] or "person"
            _write(directory / f"{name}-{row.id}.md", book.page(row.id, notes=notes))
            count += 1
        Console().line(f"{count} pages in {directory}.")
        return 0

    return setting.run(give)


@click.command("export")
@who_is
@click.option("--vcard", "form", flag_value="vcard", help="As vCard 4.0, with their profiles.")
@click.option("--markdown", "form", flag_value="markdown", default=True, help="As a Markdown page (the default).")
@_file
@_notes
@as_json
@click.pass_obj
def export_person(setting: Setting, who: str, form: str, file: Path | None, notes: bool, as_json: bool) -> int:
    """Write one person: who they are, and everything between you. What you wrote about them stays here without --notes.

    Private are notes, promises, why a step was taken, and the words with which you logged a contact or an outcome.
    """

    async def give(workspace: Workspace) -> int:
        person_id = found(workspace, who)
        book = AddressBook(workspace.store, workspace.people)
        if as_json:
            card, timeline = workspace.people.card(person_id), workspace.people.timeline(person_id, limit=1 << 40)
            if not notes:
                card, timeline = public(card), [*facts(timeline)]
            Console().json(person_shapes.card(card, timeline, now=workspace.store.now()))
        else:
            whole = book.cards([person_id], notes=notes) if form == "vcard" else book.page(person_id, notes=notes)
            _write(file, whole)
        return 0

    return setting.run(give)


def _make(directory: Path) -> None:
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError as error:
        raise WrongUsage(f"{directory} is there already: choose another name.") from error
    except OSError as error:
        raise KithError(f"{directory} cannot be made: {error.strerror}.") from error


def _write(file: Path | None, pieces: Iterable[str]) -> None:
    """Into a new file, with the line ends the pieces have, or to standard output."""
    if file is None or str(file) == "-":
        for each in pieces:
            click.echo(each, nl=False)
        return
    try:
        with file.open("x", encoding="utf-8", errors="replace", newline="") as stream:
            stream.writelines(pieces)
    except FileExistsError as error:
        raise WrongUsage(f"{file} is there already: choose another name.") from error
    except OSError as error:
        raise KithError(f"{file} cannot be written: {error.strerror}.") from error
