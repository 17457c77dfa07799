"""Credentials: from a command, the keyring, or a 0600 file beside the workspace. Never in the database or a log.

The file `credentials.json` says for each source where its secret is; the secret itself is in it only when neither
a command was given nor a keyring works. Short-lived session tokens are kept in the same place as the secret.
"""

import fcntl
import json
import os
import subprocess
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = "credentials.json"
SERVICE = "kith"
_COMMAND_S = 10.0
_PROBE_S = 3.0


class Secret:
    """A value that shows itself to nobody: `str` and `repr` are `***`. Only `reveal` gives it away."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself, for the request that needs it and nothing else."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __repr__(self) -> str:
        return "***"

    __str__ = __repr__

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._value == self._value

    def __hash__(self) -> int:
        return hash(self._value)


class SecretError(Exception):
    """A credential could not be had or kept; the text is one sentence for the user and holds no secret."""


def _ignore(_name: str, _value: str) -> None:
    """A credential made by hand keeps nothing."""


@dataclass(frozen=True, slots=True)
class Credential:
    """The secret of one source, and the session tokens made from it. `keep(name, value)` stores a token for later."""

    secret: Secret = Secret("")
    tokens: Mapping[str, Secret] = None  # type: ignore[assignment]
    keep: Callable[[str, str], None] = _ignore

    def token(self, name: str) -> Secret:
        """A token kept earlier; an empty secret when there is none."""
        return (self.tokens or {}).get(name, Secret(""))

    def __bool__(self) -> bool:
        return bool(self.secret)


class Credentials:
    """Every credential of one workspace. `in_file` skips the keyring: for throw-away workspaces."""

    def __init__(self, directory: Path, *, in_file: bool = False) -> None:
        self._path = directory / FILE
        self._in_file = in_file
        self._had: set[str] = set()
        self._listed: tuple[tuple[int, int, int], frozenset[str]] = ((0, 0, 0), frozenset())

    def has(self, source_id: int) -> bool:
        """Whether the file knows of a credential of the source. Takes microseconds. Raises `SecretError`."""
        try:
            found = self._path.stat()
        except OSError:
            return False
        stamp = (found.st_mtime_ns, found.st_ino, found.st_size)
        if stamp != self._listed[0]:
            self._listed = (stamp, frozenset(self._read()))
        return str(source_id) in self._listed[1]

    def get(self, source_id: int) -> Credential:
        """The credential of a source, empty when it has none.

        Raises `SecretError` when its command fails or the keyring does not answer.
        """
        entry = self._read().get(str(source_id), {})
        secret = self._secret(source_id, entry)
        self._had.add(secret)
        tokens = {name: Secret(value) for name, value in entry.get("tokens", {}).items()}

        def keep(name: str, value: str) -> None:
            tokens[name] = Secret(value)
            self._keep_token(source_id, name, value)

        return Credential(Secret(secret), tokens, keep)

    def put(self, source_id: int, secret: str) -> str:
        """Keep a secret; returns where it went, in words. Tokens made from an older secret are dropped."""
        self._had.add(secret)
        if not self._in_file and keyring_works():
            import keyring  # noqa: PLC0415  slow to import, and rarely needed

            keyring.set_password(SERVICE, self._account(source_id), secret)
            self._write(source_id, {"how": "keyring"})
            return "in the keyring"
        self._write(source_id, {"how": "file", "secret": secret})
        return f"in {self._path}, which only you can read"

    def put_command(self, source_id: int, argv: Sequence[str]) -> str:
        """Remember the command that prints the secret; it is tried at once. Raises `SecretError` when it fails."""
        _run(argv)
        self._write(source_id, {"how": "command", "command": list(argv)})
        return f"asked from `{argv[0]}` each time"

    def forget(self, source_id: int) -> None:
        """Remove the secret and everything made from it. Nothing happens when there is none."""
        entry = self._read().get(str(source_id))
        if entry and entry.get("how") == "keyring":
            import keyring  # noqa: PLC0415
            import keyring.errors  # noqa: PLC0415

            try:
                keyring.delete_password(SERVICE, self._account(source_id))
            except keyring.errors.KeyringError:
                pass  # already gone, or the keyring is: the reference is removed either way
        self._write(source_id, None)

    def keep_only(self, source_ids: Collection[int]) -> list[int]:
        """Forget the credentials of every other source; which those are."""
        gone = sorted(int(each) for each in self._read() if each.isdecimal() and int(each) not in source_ids)
        for source_id in gone:
            self.forget(source_id)
        return gone

    def how(self, source_id: int) -> str:
        """Where the secret is: "command", "keyring", "file", or "" when there is none."""
        return str(self._read().get(str(source_id), {}).get("how", ""))

    def values(self) -> list[str]:
        """Every secret in the file, and those had from elsewhere since: for the filter that hides them from logs."""
        found: list[str] = [*self._had]
        for entry in self._read().values():
            found += [entry.get("secret", ""), *entry.get("tokens", {}).values()]
        return [value for value in found if value]

    def _secret(self, source_id: int, entry: Mapping[str, Any]) -> str:
        match entry.get("how"):
            case "file":
                return str(entry.get("secret", ""))
            case "command":
                return _run(entry.get("command", []))
            case "keyring":
                import keyring  # noqa: PLC0415

                found = _within(_PROBE_S, lambda: keyring.get_password(SERVICE, self._account(source_id)))
                if found is None:
                    raise SecretError("The keyring did not give the credential: unlock it, or give it again.")
                return str(found)
            case _:
                return ""

    def _account(self, source_id: int) -> str:
        return f"{self._path.parent.resolve()}#{source_id}"

    def _keep_token(self, source_id: int, name: str, value: str) -> None:
        with self._locked():
            entries = self._read()
            entry = entries.setdefault(str(source_id), {})
            entry.setdefault("tokens", {})[name] = value
            self._replace(entries)

    def _read(self) -> dict[str, Any]:
        try:
            found = json.loads(self._path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise SecretError(f"{self._path} cannot be read: mend or remove it, and give credentials again.") from error
        return found if isinstance(found, dict) else {}

    def _write(self, source_id: int, entry: dict[str, Any] | None) -> None:
        with self._locked():
            entries = self._read()
            if entry is None:
                entries.pop(str(source_id), None)
            else:
                entries[str(source_id)] = entry
            self._replace(entries)

    def _replace(self, entries: dict[str, Any]) -> None:
        """Write beside and rename, so that a crash leaves the old file or the new one, never half of one."""
        beside = self._path.with_name(FILE + ".new")
        try:
            descriptor = os.open(beside, os.O_CREAT | os.O_WRONLY | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(entries, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self._path)
        except OSError as error:
            raise SecretError(f"{self._path} cannot be written: {error.strerror}.") from error

    @contextmanager
    def _locked(self) -> "Iterator[None]":
        descriptor = os.open(self._path.with_name(FILE + ".lock"), os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def keyring_works() -> bool:
    """Whether a probe can be set, read and deleted within 3 s. Over SSH a keyring is often missing or locked."""

    def probe() -> bool:
        import keyring  # noqa: PLC0415
        import keyring.errors  # noqa: PLC0415

        try:
            keyring.set_password(SERVICE, "probe", "works")
            works = keyring.get_password(SERVICE, "probe") == "works"
            keyring.delete_password(SERVICE, "probe")
        except (keyring.errors.KeyringError, OSError, RuntimeError):
            return False
        return works

    return bool(_within(_PROBE_S, probe))


def _within(seconds: float, call: Callable[[], object]) -> object:
    """What `call` gives, or None when it takes longer: a keyring may wait for a dialogue nobody sees."""
    found: list[object] = []
    thread = threading.Thread(target=lambda: found.append(call()), daemon=True)
    thread.start()
    thread.join(seconds)
    return found[0] if found else None


def _run(argv: Sequence[str]) -> str:
    """The first line that a credential command prints."""
    name = argv[0] if argv else "the command"
    try:
        done = subprocess.run(
            list(argv), stdin=subprocess.DEVNULL, capture_output=True, timeout=_COMMAND_S, check=False, text=True
        )
    except FileNotFoundError as error:
        raise SecretError(f"There is no command `{name}`: check --credential-command.") from error
    except (OSError, ValueError) as error:
        raise SecretError(f"`{name}` could not be run: check --credential-command.") from error
    except subprocess.TimeoutExpired as error:
        raise SecretError(f"`{name}` gave no credential within {_COMMAND_S:.0f} seconds.") from error
    line = done.stdout.split("\n", 1)[0].strip()
    if done.returncode or not line:
        raise SecretError(f"`{name}` gave no credential (exit code {done.returncode}).")
    return line
