"""The doctor finds what is wrong and names what mends it."""

from pathlib import Path

import pytest

from community.doctor import Finding, Level, examine
from community.sources.base import Found
from community.text import clean_line
from community.workspace import Workspace

pytestmark = pytest.mark.anyio


def about(found: list[Finding], name: str) -> list[Finding]:
    return [finding for finding in found if finding.about == name]


async def made(directory: Path) -> Workspace:
    return Workspace.open(directory, secrets_in_file=True)


async def test_a_new_workspace_is_well(tmp_path: Path) -> None:
    workspace = await made(tmp_path / "kith")
    await workspace.close()
    found = await examine(tmp_path / "kith", tmp_path / "config.toml")
    assert not [finding for finding in found if finding.level is Level.WRONG]
    assert {"versions", "settings", "workspace", "files", "disk", "log", "database", "outbox"} <= {
        finding.about for finding in found
    }


async def test_no_workspace_yet_is_no_error_and_makes_none(tmp_path: Path) -> None:
    found = await examine(tmp_path / "none", tmp_path / "config.toml")
    assert about(found, "workspace")[0].level is Level.NOTE
    assert not (tmp_path / "none").exists()


async def test_files_that_others_can_read_are_found_with_the_command_that_mends_it(tmp_path: Path) -> None:
    workspace = await made(tmp_path / "kith")
    await workspace.close()
    log = tmp_path / "kith" / "kith.log"
    log.write_text("")
    log.chmod(0o644)
    finding = about(await examine(tmp_path / "kith", tmp_path / "config.toml"), "files")[0]
    assert finding.level is Level.WRONG
    assert finding.mend == f"chmod 600 {log}"


async def test_a_wrong_setting_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("thme = 'dusk'")
    finding = about(await examine(tmp_path / "none", tmp_path / "config.toml"), "settings")[0]
    assert finding.level is Level.WRONG
    assert "theme" in finding.text


async def test_a_damaged_file_is_said_to_be_damaged(tmp_path: Path) -> None:
    (tmp_path / "kith").mkdir(mode=0o700)
    (tmp_path / "kith" / "kith.db").write_bytes(b"this is no database at all" * 100)
    finding = about(await examine(tmp_path / "kith", tmp_path / "config.toml"), "database")[0]
    assert finding.level is Level.WRONG
    assert "damaged" in finding.text


async def test_a_source_that_was_never_read_and_a_lost_credential_are_found(tmp_path: Path) -> None:
    workspace = await made(tmp_path / "kith")
    found = Found(kind="feed", name=clean_line("A feed"), address="https://a.example/feed")
    source = await workspace.listening.add(found)
    workspace.credentials.put(source.id, "maria:secret")
    await workspace.close()
    findings = await examine(tmp_path / "kith", tmp_path / "config.toml")
    assert about(findings, "sources")[0].mend == "kith sync"
    (tmp_path / "kith" / "credentials.json").write_text("{not json")
    findings = await examine(tmp_path / "kith", tmp_path / "config.toml")
    assert [finding.level for finding in about(findings, "credentials")] == [Level.WRONG]
    assert "secret" not in " ".join(finding.text for finding in findings)
