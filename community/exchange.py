"""A workspace as lines of JSON, out and in: the same database comes back.

The first line says which Kith wrote it, the schema, whether notes are in it, and how many rows of each table follow.
Each other line is `{"table": …, "row": {…}}`; bytes are `{"base64": …}`. Credentials are in no database, so they are
in no export. What the user wrote about people is private: it leaves only when it is asked for, and so does what could
be undone about it (see `privacy`).
"""

import json
import sqlite3
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from community import privacy
from community.delivery import LOOKS_S
from community.errors import KithError, WrongUsage
from community.rows import WrongRow, checked, is_fact, loads
from community.text import Clean, clean_line, shown_host
from storage import copies, derived, schema, tables, voices
from storage.errors import translated
from storage.files import FILE, place, temporary
from storage.opening import connected
from storage.tables import Table, Values

_LONGEST = 64_000_000
_UNSENT = frozenset({"queued", "sending"})
IMPORTED = "It was on its way when this workspace was exported: it may have been sent since."


@dataclass(frozen=True, slots=True)
class Taken:
    """What an import has stored."""

    rows: Mapping[str, int]
    uncertain: int


@dataclass(frozen=True, slots=True)
class Named:
    """A source in a file, before anything is stored: what it is called, where it is, and what else it may talk to."""

    name: Clean
    kind: Clean
    address: Clean
    others: Clean


def write_file(directory: Path, file: Path, version: str, *, notes: bool) -> int:
    """Write a workspace into a file that is not there yet, whole or not at all; how many rows there were.

    Raises `WrongUsage` for a name that is taken, `StorageError` when it cannot be written.
    """
    if file.exists():
        raise WrongUsage(f"{file} is there already: choose another name.")
    if not file.parent.is_dir():
        raise WrongUsage(f"There is no directory {file.parent}: make it first.")
    beside = temporary(file.parent)
    try:
        with beside.open("w", encoding="utf-8", newline="") as stream:
            given = write(directory, version, stream.write, notes=notes)
        place(beside, file)
    except OSError as error:
        raise KithError(f"{file} cannot be written: {error.strerror}.") from error
    finally:
        beside.unlink(missing_ok=True)
    return given


def write(directory: Path, version: str, give: Callable[[str], object], *, notes: bool) -> int:
    """Give a workspace to `give`, line by line, as it is at one moment; how many rows there were."""
    given = 0
    with translated(), copies.reading(directory / FILE) as connection:
        connection.execute("BEGIN")
        found = tables.tables(connection)
        wanted = [table for table in found if notes or not privacy.stays(table.name)]
        counted = {table.name: sum(1 for _ in _facts(connection, table, notes=notes)) for table in wanted}
        head = {"kith": version, "schema": schema.version(connection), "notes": notes, "rows": counted}
        give(_line(head))
        for table in wanted:
            for row in _facts(connection, table, notes=notes):
                give(_line({"table": table.name, "row": {name: _shown(value) for name, value in row.items()}}))
                given += 1
    return given


def sources(stream: BinaryIO) -> list[Named]:
    """The sources that a file names, to be shown before it is taken in. Raises `WrongUsage` for a wrong line."""
    found = []
    with _model() as connection:
        wanted = {table.name: table for table in tables.tables(connection)}
        for number, table, row in _rows(stream, wanted):
            if table.name == "source":
                found.append(_named(_good(number, table, row)))
    return found


def read(directory: Path, stream: BinaryIO) -> Taken:
    """Store everything in a file in a workspace, which must be empty; or nothing.

    Whatever was on its way becomes uncertain: another workspace may have sent it. Raises `WrongUsage`, with the
    number of the line that is wrong, or for a workspace that is not empty.
    """
    with translated():
        connection = connected(directory / FILE)
        try:
            connection.execute("BEGIN IMMEDIATE")
            try:
                taken = _store(connection, stream)
                voices.mend(connection)  # items may have come before their conversation
                derived.settle_now(connection)
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        finally:
            connection.close()
    return taken


def _store(connection: sqlite3.Connection, stream: BinaryIO) -> Taken:
    wanted = {table.name: table for table in tables.tables(connection)}
    if any(tables.count(connection, table) for table in wanted.values() if table.name != "meta"):
        raise WrongUsage("The workspace is not empty: choose a new one with --workspace to import into.")
    for old in list(tables.rows(connection, wanted["meta"])):
        if is_fact("meta", old):
            tables.remove(connection, "meta", {"name": old["name"]})
    tables.bind_late(connection)
    stored = dict.fromkeys(wanted, 0)
    uncertain = 0
    head: dict[str, Any] = {}
    for number, table, row in _rows(stream, wanted, head):
        good = _good(number, table, row)
        if table.name == "outbox":
            uncertain += _calmed(good)
        if is_fact(table.name, good):
            _put(connection, number, table, good)
        stored[table.name] += 1
    short = next((name for name, count in head.get("rows", {}).items() if stored.get(name) != count), None)
    if short is not None:
        raise WrongUsage(f"The file ends too early or was changed: not every {clean_line(short)} is in it. {_NOTHING}")
    if not tables.are_bound(connection):
        raise WrongUsage(f"Something in the file belongs to nothing that is in it. {_NOTHING}")
    return Taken({name: count for name, count in stored.items() if count}, uncertain)


_NOTHING = "Nothing was stored."


def _put(connection: sqlite3.Connection, number: int, table: Table, row: Mapping[str, object]) -> None:
    try:
        tables.insert(connection, table.name, row)
    except sqlite3.IntegrityError as error:
        why = "it is there twice" if "UNIQUE" in str(error) else "it holds what Kith never stores"
        raise WrongUsage(f"Line {number}, a {table.name}: {why}. {_NOTHING}") from error
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode == sqlite3.SQLITE_TOOBIG:
            raise WrongUsage(f"Line {number}, a {table.name}: it is too long. {_NOTHING}") from error
        raise


def _calmed(row: Values) -> bool:
    """An act on its way may have been sent by another workspace: only the user's word sends it from here."""
    state = row.get("state")
    if state in _UNSENT:
        row |= {"state": "uncertain", "owner": None, "error": IMPORTED}
    if row.get("state") == "uncertain" and isinstance(row.get("looks"), int) and row["looks"] < len(LOOKS_S):  # type: ignore[operator]
        row["looks"] = len(LOOKS_S)
    return state in _UNSENT


def _rows(
    stream: BinaryIO, wanted: Mapping[str, Table], head: dict[str, Any] | None = None
) -> Iterator[tuple[int, Table, Mapping[str, Any]]]:
    """The rows of a file with the numbers of their lines, after its first line was found good and put in `head`."""
    number = 0
    while data := stream.readline(_LONGEST + 1):
        number += 1
        if len(data) > _LONGEST:
            raise WrongUsage(f"Line {number} is longer than {_LONGEST // 1_000_000} MB. {_NOTHING}")
        found = _object(number, data)
        if number == 1:
            _refuse_head(found, wanted)
            if head is not None:
                head.update(found)
            continue
        table = wanted.get(str(found.get("table")))
        if table is None or not isinstance(found.get("row"), dict):
            raise WrongUsage(f"Line {number} is no row of a workspace. {_NOTHING}")
        yield number, table, found["row"]
    if number == 0:
        raise WrongUsage("The file is empty.")


def _object(number: int, data: bytes) -> dict[str, Any]:
    try:
        found = loads(data.decode("utf-8"))
    except (WrongRow, UnicodeDecodeError):
        found = None
    if not isinstance(found, dict):
        what = "That is no export of Kith's: its first line" if number == 1 else f"Line {number}"
        raise WrongUsage(f"{what} is no JSON object. {_NOTHING}")
    return found


def _refuse_head(head: Mapping[str, Any], wanted: Mapping[str, Table]) -> None:
    """Raise for a first line that is not Kith's, or one of a newer Kith."""
    found = head.get("schema")
    if "kith" not in head or isinstance(found, bool) or not isinstance(found, int) or found < 1:
        raise WrongUsage("That is no export of Kith's: its first line does not say so.")
    if found > schema.schema_version():
        newest = schema.schema_version()
        raise KithError(f"That was exported by a newer Kith (schema {found}, this one knows {newest}): update Kith.")
    promised = head.get("rows", {})
    if not isinstance(promised, dict) or not set(promised) <= set(wanted):
        raise WrongUsage("The first line names tables that are none of Kith's.")


def _good(number: int, table: Table, row: Mapping[str, Any]) -> Values:
    try:
        return checked(table, row)
    except WrongRow as wrong:
        raise WrongUsage(f"Line {number}, a {table.name}: {wrong}. {_NOTHING}") from wrong


def _named(row: Values) -> Named:
    options = loads(str(row.get("options") or "{}"))
    address = str(row["address"])
    home = shown_host(address)
    named = [str(value) for value in options.values() if isinstance(value, str) and "://" in value]
    hosts = {shown_host(value) for value in named} - {home, ""}
    others = " ".join([*sorted(hosts), *str(row.get("allow_hosts") or "").split()])
    return Named(
        clean_line(str(row["name"]), limit=120),
        clean_line(str(row["kind"])),
        clean_line(address),
        clean_line(others),
    )


def _facts(connection: sqlite3.Connection, table: Table, *, notes: bool) -> Iterator[Values]:
    for row in tables.rows(connection, table):
        if not is_fact(table.name, row):
            continue
        if notes:
            yield row
        elif table.name != "journal" or not privacy.tells(loads(str(row["changes"]))):
            left = privacy.bare(table.name, row)
            if left is not None:
                yield left


def _shown(value: object) -> object:
    return {"base64": b64encode(value).decode("ascii")} if isinstance(value, bytes) else value


def _line(found: Mapping[str, object]) -> str:
    return json.dumps(found, ensure_ascii=False, separators=(",", ":"), allow_nan=False) + "\n"


@contextmanager
def _model() -> Iterator[sqlite3.Connection]:
    """An empty database of the newest schema, in memory."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    try:
        schema.migrate(connection)
        yield connection
    finally:
        connection.close()
