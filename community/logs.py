"""The log of a workspace: one file that only its owner can read, one line for each entry, no secret in it.

`mask` is the one filter; whatever is logged or shown of an exception goes through it.
"""

import logging
import os
import re
import sys
import threading
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path
from types import TracebackType
from urllib.parse import quote, quote_plus, unquote_plus

from community.text import Clean, clean_line

FILE = "kith.log"
_HIDDEN = "***"
_BYTES = 1_000_000
_KEPT = 3
_SHORTEST = 4
_LINE = 16_000
_CUT = "…"

_URL = re.compile(r"\b((?:https?|wss?)://)([^\s/?#@\"'<>]*@)?([^\s?#\"'<>]*)(\?[^\s#\"'<>)\]}]*)?", re.IGNORECASE)
_COOKIES = re.compile(r"\b((?:set-)?cookie2?[\"']?\s*[:=]\s*)[^\r\n]*", re.IGNORECASE)
_AUTHORIZATION = re.compile(
    r"\b((?:proxy-)?authorization[\"']?\s*[:=]\s*[\"']?)(?:[a-z][a-z0-9_-]*\s+)?[^\s\"',;)\]}]+", re.IGNORECASE
)
_SCHEMES = re.compile(r"\b(bearer|basic|dpop|digest)(\s+)(?=[A-Za-z0-9+/_.~=-]{8})[A-Za-z0-9+/_.~=-]+", re.IGNORECASE)
_NAMED = re.compile(
    r"((?:pass(?:word|wd|phrase)|secret|api[-_]?key|(?:access|refresh|id|auth|bearer)[-_]?(?:token|jwt)|\btoken|\bjwt)"
    r"(?:\s*=\s*[\"']?|[\"']\s*:\s*[\"']?|:\s*(?=\S*\d|\S{16})))(?!\s)[^\s\"',;&)\]}]+",
    re.IGNORECASE,
)

_previous: logging.Handler | None = None


def mask(text: str, secrets: Iterable[str] = ()) -> str:
    """`text` with `***` for these secrets in every spelling, for credentials by their shape, and for URL queries."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        for spelling in sorted(_spellings(secret), key=len, reverse=True):
            text = _uncut(text.replace(spelling, _HIDDEN), spelling)
    text = _COOKIES.sub(rf"\1{_HIDDEN}", text)
    text = _AUTHORIZATION.sub(rf"\1{_HIDDEN}", text)
    text = _SCHEMES.sub(rf"\1\2{_HIDDEN}", text)
    text = _URL.sub(_closed, text)
    return _NAMED.sub(rf"\1{_HIDDEN}", text)


def sentence(error: BaseException | str, secrets: Iterable[str] = ()) -> Clean:
    """What may be shown of an error: one clean line without secrets."""
    return clean_line(mask(str(error), secrets), limit=800)


def start(directory: Path, secrets: Callable[[], Iterable[str]] = tuple, *, level: int = logging.INFO) -> Path:
    """Log to `kith.log` in a workspace from now on, and nowhere else; its path. Raises `OSError` when it cannot be.

    `secrets` is asked at each entry, so that what was learned meanwhile is hidden, too.
    """
    global _previous  # noqa: PLW0603  logging itself is one for the whole process
    path = directory / FILE
    handler = _Private(path, maxBytes=_BYTES, backupCount=_KEPT, encoding="utf-8", errors="replace", delay=False)
    handler.setFormatter(_OneLine(secrets))
    root = logging.getLogger()
    if _previous is not None:
        root.removeHandler(_previous)
        _previous.close()
    root.addHandler(handler)
    root.setLevel(level)
    _previous = handler
    for name in ("httpx", "httpcore", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    logging.raiseExceptions = False
    logging.captureWarnings(capture=True)
    sys.unraisablehook = _unraisable
    threading.excepthook = _in_thread
    return path


class _Private(RotatingFileHandler):
    """A rotating file that is made with mode 0600 and is never opened through a link."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_CREAT | os.O_WRONLY | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        descriptor = os.open(self.baseFilename, flags, 0o600)
        os.fchmod(descriptor, 0o600)
        return open(descriptor, "a", encoding=self.encoding, errors=self.errors)  # noqa: PTH123


class _OneLine(logging.Formatter):
    """Time, level, logger and what was said, on one line, masked and clean."""

    def __init__(self, secrets: Callable[[], Iterable[str]]) -> None:
        super().__init__("%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s", "%Y-%m-%dT%H:%M:%S%z")
        self._secrets = secrets

    def format(self, record: logging.LogRecord) -> str:
        """The line; an entry that cannot be put together is named, not raised."""
        try:
            text = super().format(record)
        except (TypeError, ValueError):
            text = f"{record.levelname} {record.name}: an entry that could not be put together"
        lines = [line.strip() for line in mask(text, self._known()).splitlines()]
        return clean_line(" | ".join(line for line in lines if line), limit=_LINE)

    def _known(self) -> list[str]:
        try:
            return list(self._secrets())
        except Exception:  # a log that cannot read the secrets must still be written
            return []


def _spellings(secret: str) -> set[str]:
    """A secret as it may stand in a text: plain, quoted for URLs and JSON, and in base64 wherever it begins there.

    Of `login:password` both together and the password by itself are secrets, of `?key=value` the value.
    """
    found: set[str] = set()
    values = [unquote_plus(pair.partition("=")[2]) for pair in secret[1:].split("&")] if secret[:1] == "?" else []
    for part in {secret, secret.partition(":")[2], *values}:
        if len(part) < _SHORTEST:
            continue
        found |= {part, quote(part, safe=""), quote(part), quote_plus(part), part.encode("unicode_escape").decode()}
        found |= {part.replace("\\", "\\\\").replace('"', '\\"'), quote(part, safe="").lower()}
        data = part.encode("utf-8", "surrogatepass")
        for shift in range(3):
            for encode in (b64encode, urlsafe_b64encode):
                coded = encode(b"\0" * shift + data).decode("ascii").rstrip("=")
                whole = coded[(shift * 8 + 5) // 6 : (shift + len(data)) * 8 // 6]
                if len(whole) >= _SHORTEST:
                    found.add(whole)
    return found


def _uncut(text: str, secret: str) -> str:
    """`text` without the beginnings of a secret whose end was cut off."""
    if secret[:_SHORTEST] not in text:
        return text
    parts = text.split(_CUT)
    for number, part in enumerate(parts):
        for length in range(min(len(secret) - 1, len(part)), _SHORTEST - 1, -1):
            if part.endswith(secret[:length]):
                parts[number] = part[:-length] + _HIDDEN
                break
    return _CUT.join(parts)


def _closed(found: "re.Match[str]") -> str:
    """An address without its user-info and its query."""
    who, query = f"{_HIDDEN}@" if found[2] else "", f"?{_HIDDEN}" if found[4] else ""
    return f"{found[1]}{who}{found[3]}{query}"


def _unraisable(found: "sys.UnraisableHookArgs") -> None:
    logging.getLogger("kith").error(
        "an error nobody could be told of: %s",
        found.err_msg or "",
        exc_info=(found.exc_type, found.exc_value or found.exc_type(), found.exc_traceback),
    )


def _in_thread(found: threading.ExceptHookArgs) -> None:
    if found.exc_type is SystemExit:
        return
    trace: TracebackType | None = found.exc_traceback
    logging.getLogger("kith").error(
        "a thread ended in an unexpected way", exc_info=(found.exc_type, found.exc_value or found.exc_type(), trace)
    )
