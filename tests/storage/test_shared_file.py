"""Several processes on one file: none takes the write-ahead log away from another."""

import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from community.config import Config
from community.store import Store
from storage import meta
from storage.errors import StorageError
from storage.files import prepare_file

pytestmark = pytest.mark.anyio
ROOT = Path(__file__).parents[2]


def visit(directory: Path) -> str:
    """Another process opens the workspace, reads a fact, and leaves."""
    code = (
        "import sys; from pathlib import Path; from community.workspace import Workspace; import asyncio\n"
        "workspace = Workspace.open(Path(sys.argv[1])); print(workspace.fact('told')); asyncio.run(workspace.close())"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(directory)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = Store.open(tmp_path / "workspace", Config())
    yield opened
    await opened.close()


async def test_what_is_written_after_another_process_has_left_is_seen_by_the_next(store: Store) -> None:
    assert meta.read(store.reader, "told") == ""  # the reader holds its lock before the rest opens
    async with store.transaction() as tx:
        await meta.put(tx, "told", "before")
    log = store.directory / "kith.db-wal"
    before = log.stat().st_ino
    assert visit(store.directory) == "before"
    assert log.stat().st_ino == before
    async with store.transaction() as tx:
        await meta.put(tx, "told", "after")
    assert visit(store.directory) == "after"


def test_a_file_that_is_a_link_is_refused(tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("")
    (tmp_path / "kith.db").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(StorageError, match="no ordinary file"):
        prepare_file(tmp_path / "kith.db")
