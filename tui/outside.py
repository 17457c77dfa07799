"""Programs outside of Kith: always an argument list, never a shell, and text in a private file."""

import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

from community.errors import WrongUsage
from community.text import clean, safe_url
from community.urls import without_trackers

_BROWSERS = ("xdg-open", "open", "wslview", "gio")


def browse(url: str, browser: str = "") -> None:
    """Open an http(s) address in a browser, without what tells who follows it.

    Raises `WrongUsage` when it is none, or there is no browser.
    """
    address = safe_url(url)
    if not address:
        raise WrongUsage("That is no web address: Kith opens http and https only.")
    command = shlex.split(browser) if browser else []
    if not command:
        found = next((name for name in _BROWSERS if shutil.which(name)), None)
        if found is None:
            raise WrongUsage("No browser was found: set `browser` in the config, or copy the link with y.")
        command = [found, "open"] if found == "gio" else [found]
    try:
        subprocess.Popen(
            [*command, without_trackers(address)],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise WrongUsage(f"The browser “{command[0]}” cannot be started: {error.strerror}.") from error


def editor_command(configured: str) -> list[str]:
    """What to start for writing: the configured editor, else $VISUAL, $EDITOR, or one that is found."""
    for wanted in (configured, os.environ.get("VISUAL", ""), os.environ.get("EDITOR", "")):
        try:
            command = shlex.split(wanted)
        except ValueError:
            continue
        if command:
            return command
    found = next((name for name in ("nano", "vim", "vi") if shutil.which(name)), None)
    if found is None:
        raise WrongUsage("No editor was found: set `editor` in the config or $EDITOR.")
    return [found]


def edit(text: str, directory: Path, configured: str) -> str:
    """`text` as the user's editor left it. Raises `WrongUsage` when the editor cannot be started or fails."""
    command = editor_command(configured)
    descriptor, name = tempfile.mkstemp(prefix="draft-", suffix=".md", dir=directory)
    path = Path(name)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text if text.endswith("\n") else text + "\n")
        try:
            done = subprocess.run([*command, str(path)], check=False)
        except OSError as error:
            raise WrongUsage(f"The editor “{command[0]}” cannot be started: {error.strerror}.") from error
        if done.returncode:
            raise WrongUsage(f"The editor ended with {done.returncode}: the draft is as it was.")
        return clean(path.read_bytes()).rstrip("\n")
    finally:
        path.unlink(missing_ok=True)
