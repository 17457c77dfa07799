"""A hook is told of each new item by a real process; whatever it does, nothing waits for it and nothing is harmed."""

import asyncio
import json
import os
import stat
import time
from pathlib import Path
from typing import Any

import pytest

import community.hooks
import fakes
from community import doctor
from community.config import Config
from community.errors import WrongUsage
from community.hooks import Hooks, environment
from community.sources.base import ItemKind, ItemStatus, Page
from community.sync import Syncer
from community.workspace import Workspace
from fakes import ME, Clock, Platform, add_source, arrive, comment

pytestmark = pytest.mark.anyio


def script(path: Path, body: str) -> str:
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(stat.S_IRWXU)
    return str(path)


def hooked(workspace: Workspace, **hooks: tuple[str, ...]) -> Hooks:
    workspace.store.config = workspace.config._replace(hooks=hooks)
    return Hooks(workspace.store)


async def sync(workspace: Workspace, hooks: Hooks) -> None:
    syncer = Syncer(workspace.store, workspace.connections, hooks)
    [result] = await syncer.sync(await syncer.due())
    assert result.ok, result.error


def told(path: Path) -> list[Any]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []


async def test_each_new_item_by_others_is_told_once_in_the_order_it_came(
    workspace: Workspace, platform: Platform, tmp_path: Path
) -> None:
    out = tmp_path / "told"
    await add_source(workspace)
    hooks = hooked(workspace, log=(script(tmp_path / "log", f'cat >> "{out}"'),))
    hostile = 'Is it "$(reboot)"?\x1b[31m\n; rm -rf /'
    platform.pages = [
        Page(items=(comment("1", "Ann", hostile), comment("2", ME, "Mine"))),
        Page(items=(comment("1", "Ann", hostile), comment("3", "Ben", "Hi", status=ItemStatus.PENDING))),
        Page(items=(comment("4", "Eve", "Buy", status=ItemStatus.SPAM),)),
        Page(items=(comment("5", "Cem", "Post", kind=ItemKind.ARTICLE),)),
    ]  # fmt: skip
    await sync(workspace, hooks)
    await hooks.finish(20)
    found = told(out)
    assert [(each["author"]["name"], each["kind"], each["status"]) for each in found] == [
        ("Ann", "comment", "published"), ("Ben", "comment", "pending"), ("Cem", "article", "published"),
    ]  # fmt: skip
    first = found[0]
    assert first["text"] == 'Is it "$(reboot)"?\ufffd[31m\n; rm -rf /'
    assert (first["hook"], first["attention"], first["to_me"], first["source"]) == ("log", "waiting", True, "Blog")
    assert set(first) == {
        "hook", "id", "conversation_id", "conversation", "attention", "source", "source_id", "source_kind", "kind",
        "status", "to_me", "author", "title", "text", "permalink", "subject", "subject_url", "created_at",
    }  # fmt: skip
    assert set(first["author"]) == {"person_id", "name", "handle", "url", "stage"}
    assert hooks.failures == []


async def test_a_backlog_is_told_to_nobody(workspace: Workspace, platform: Platform, tmp_path: Path) -> None:
    out = tmp_path / "told"
    source = await add_source(workspace)
    async with workspace.store.transaction() as tx:
        await tx.run("UPDATE source SET backlog_done_at = NULL WHERE id = :id", id=source.id)
    hooks = hooked(workspace, log=(script(tmp_path / "log", f'cat >> "{out}"'),))
    platform.pages = [Page(items=(comment("1", "Ann", "Old"),))]
    await sync(workspace, hooks)
    platform.pages.append(Page(items=(comment("2", "Ann", "New"),)))
    workspace.store.now.at += 3600  # type: ignore[attr-defined]
    await sync(workspace, hooks)
    await hooks.finish(20)
    assert [each["text"] for each in told(out)] == ["New"]


async def test_a_hook_that_hangs_is_ended_with_its_children_and_delays_no_sync(
    workspace: Workspace, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(community.hooks, "LIMIT_S", 0.4)
    pids, out = tmp_path / "pids", tmp_path / "told"
    await add_source(workspace)
    hooks = hooked(
        workspace,
        hangs=(script(tmp_path / "hangs", f'sleep 60 & echo $! >> "{pids}"; echo $$ >> "{pids}"; wait'),),
        works=(script(tmp_path / "works", f'cat >> "{out}"'),),
    )
    platform.pages = [Page(items=tuple(comment(str(n), "Ann", f"Word {n}") for n in range(2)))]
    began = time.monotonic()
    await sync(workspace, hooks)
    assert hooks.failures == [], "the sync has not waited for any hook"
    await hooks.finish(20)
    assert 0.8 <= time.monotonic() - began < 15
    assert len(told(out)) == 2
    assert hooks.failures == ["The hook “hangs” took longer than 0 seconds and was ended."]
    found = [int(line) for line in pids.read_text().split()]
    assert len(found) == 4
    patience = time.monotonic() + 20
    while any(map(_is_alive, found)) and time.monotonic() < patience:
        await asyncio.sleep(0.02)
    assert not [pid for pid in found if _is_alive(pid)]
    assert workspace.sources()[0].health == "ok"


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("exit 3", "The hook “bad” failed with exit code 3."),
        ("kill -9 $$", "The hook “bad” was ended by signal 9."),
        (None, "The hook “bad” could not be run: there is no program “/nowhere/at/all”."),
    ],
)
async def test_a_hook_that_fails_is_one_sentence_in_the_log_and_in_the_doctor(
    workspace: Workspace, platform: Platform, tmp_path: Path, caplog: pytest.LogCaptureFixture, body: str | None,
    sentence: str,
) -> None:  # fmt: skip
    await add_source(workspace)
    argv = script(tmp_path / "bad", body) if body else "/nowhere/at/all"
    hooks = hooked(workspace, bad=(argv,))
    platform.pages = [Page(items=tuple(comment(str(n), "Ann", f"Word {n}") for n in range(3)))]
    await sync(workspace, hooks)
    await hooks.finish(20)
    assert hooks.failures == [sentence]
    assert [record.getMessage() for record in caplog.records if "hook" in record.getMessage()] == [sentence]
    [finding] = doctor.hooks(workspace, tmp_path / "config.toml")
    assert (finding.level, finding.text) == (doctor.Level.WRONG, f"{sentence} New items are read all the same.")
    script(tmp_path / "bad", "exit 0")
    workspace.store.config = workspace.config._replace(hooks={"bad": (str(tmp_path / "bad"),)})
    platform.pages.append(Page(items=(comment("9", "Ann", "Later"),)))
    workspace.store.now.at += 3600  # type: ignore[attr-defined]
    await sync(workspace, hooks)
    await hooks.finish(20)
    assert hooks.failures == []
    assert [each.level for each in doctor.hooks(workspace, tmp_path / "config.toml")] == [doctor.Level.WELL]


async def test_a_hook_gets_an_environment_without_secrets(
    workspace: Workspace, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("KITH_TOKEN", "SSH_AUTH_SOCK", "AWS_SECRET_ACCESS_KEY", "LD_PRELOAD_NOT", "PYTHONPATH"):
        monkeypatch.setenv(name, "sEcr3t")
    out = tmp_path / "told"
    await add_source(workspace)
    hooks = hooked(workspace, env=(script(tmp_path / "env", f'env > "{out}"; ls -l /proc/self/fd >> "{out}"'),))
    platform.pages = [Page(items=(comment("1", "Ann", "Word"),))]
    await sync(workspace, hooks)
    await hooks.finish(20)
    said = out.read_text()
    assert "sEcr3t" not in said
    assert "PATH=" in said
    assert "kith.db" not in said
    assert set(environment(os.environ)) <= set(os.environ)


async def test_a_hook_that_never_reads_and_one_that_is_swamped_harm_nobody(
    workspace: Workspace, platform: Platform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    monkeypatch.setattr(community.hooks, "_MOST", 2)
    await add_source(workspace)
    hooks = hooked(workspace, deaf=(script(tmp_path / "deaf", "exec 0<&-; exit 0"),))
    platform.pages = [Page(items=tuple(comment(str(n), "Ann", f"Word {n} " * 60_000) for n in range(5)))]
    await sync(workspace, hooks)
    await hooks.finish(20)
    assert hooks.failures == []
    assert "the hook “deaf” is too slow: it does not hear of 3 items" in caplog.text


def test_a_hook_is_a_list_of_words_and_nothing_else(tmp_path: Path) -> None:
    from community.config import load

    path = tmp_path / "config.toml"
    path.write_text('[hooks]\nbell = ["play", "a b"]\n')
    assert load(path).hooks == {"bell": ("play", "a b")}
    for wrong in ('bell = "play | sh"', "bell = []", 'bell = ["play", 3]', 'bell = [""]'):
        path.write_text(f"[hooks]\n{wrong}\n")
        with pytest.raises(WrongUsage, match="the hook bell must be a list of a program and its arguments"):
            load(path)
    assert Config().hooks == {}


async def test_a_watcher_runs_hooks_and_ends_them_when_it_ends(tmp_path: Path, platform: Platform) -> None:
    import asyncio

    from community.watch import Watch

    out = tmp_path / "told"
    workspace = fakes.open_workspace(tmp_path / "work", Clock())
    try:
        source = await add_source(workspace)
        await arrive(workspace, source, comment("1", "Ann", "Word"))
        hooked(workspace, log=(script(tmp_path / "log", f'cat >> "{out}"'),))
        platform.pages = [Page(items=(comment("2", "Ben", "News"),))]
        stop = asyncio.Event()
        watching = asyncio.create_task(Watch(workspace.store, workspace.connections).run(stop))
        async with asyncio.timeout(20):
            while not told(out):
                await asyncio.sleep(0.02)
        stop.set()
        assert await watching
        assert [each["text"] for each in told(out)] == ["News"]
    finally:
        await workspace.close()
