"""Who is known without contact is found in two ways, which find the same."""

from pathlib import Path

from community.workspace import Workspace
from generate import generate
from storage import without_contact
from storage.opening import connected


def test_a_condition_that_everybody_meets_leaves_everybody(tmp_path: Path) -> None:
    directory = tmp_path / "work"
    directory.mkdir(mode=0o700)
    generate(directory, conversations=60, people=30, longest=5)
    connection = connected(directory / "kith.db")
    connection.execute("UPDATE person SET last_contact_at = NULL WHERE id % 2")
    connection.close()
    workspace = Workspace.open(directory, secrets_in_file=True)
    everybody = without_contact.listed(workspace.store.reader)
    assert len(everybody) > 5
    assert without_contact.listed(workspace.store.reader, where="p.id > 0") == everybody
    middle = everybody[3].id
    assert without_contact.listed(workspace.store.reader, where="p.id > 0", before=middle, limit=2) == everybody[4:6]
    workspace.store.reader.close()
