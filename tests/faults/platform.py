"""Platforms on loopback that break in every way a platform can, and remember what truly happened on them."""

import contextlib
import json
import re
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from faults.faces import FACES, Call, Face, Reply


@dataclass(frozen=True)
class Fault:
    """What becomes of one send. `lands` says whether it takes effect: "at once", "late" or "never".

    `answer` replaces the true answer; `first` are the states a reply may be in after it. A `hidden` effect is there
    but not shown for a while, a `rewritten` one has other quotes, dashes and links than what was sent.
    """

    lands: str = "at once"
    answer: Reply | None = None
    cut: float | None = None
    slow: bool = False
    hidden: bool = False
    rewritten: bool = False
    repeated: bool = False
    held: bool = False
    unread: bool = False
    closed: bool = False
    first: frozenset[str] = frozenset({"uncertain", "sent"})


_HTML = b"<!doctype html><title>Just a moment</title><p>Checking your browser"
_SURE = frozenset({"sent"})
_WAITS, _BACK = frozenset({"queued"}), frozenset({"failed"})


def _said(status: int, body: bytes = b'{"error": "no"}', kind: str = "application/json", **headers: str) -> Reply:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, body, {"Content-Type": kind} | named)


FAULTS: dict[str, Fault] = {
    "none": Fault(first=_SURE),
    "answer lost": Fault(cut=0.0),
    "answer cut": Fault(cut=0.5),
    "answer too late": Fault(slow=True),
    "told it is a repeat": Fault(repeated=True, first=frozenset({"uncertain", "sent", "queued"})),
    "held for approval": Fault(held=True),
    "accepted, done later": Fault(lands="late", answer=_said(202, b"{}")),
    "done later, answer lost": Fault(lands="late", cut=0.0),
    "done, not shown for long": Fault(cut=0.0, hidden=True),
    "rewritten": Fault(rewritten=True, first=_SURE),
    "rewritten, answer lost": Fault(rewritten=True, cut=0.0),
    "redirected before": Fault(lands="never", answer=_said(302, b"", location="/elsewhere")),
    "redirected after": Fault(answer=_said(303, b"", location="/")),
    "500 before": Fault(lands="never", answer=_said(500)),
    "502 after": Fault(answer=_said(502, _HTML, "text/html")),
    "503, come again": Fault(lands="never", answer=_said(503, retry_after="40")),
    "504 after": Fault(answer=_said(504, b"")),
    "429": Fault(lands="never", answer=_said(429, retry_after="40"), first=_WAITS),
    "401": Fault(lands="never", answer=_said(401), first=_BACK | _SURE),
    "403": Fault(lands="never", answer=_said(403), first=_BACK),
    "409": Fault(lands="never", answer=_said(409)),
    "page before": Fault(lands="never", answer=_said(200, _HTML, "text/html")),
    "page after": Fault(answer=_said(200, _HTML, "text/html")),
    "empty before": Fault(lands="never", answer=_said(200, b"")),
    "empty after": Fault(answer=_said(201, b"")),
    "nonsense after": Fault(answer=_said(200, b"{}")),
    "connection refused": Fault(lands="never", closed=True, first=_WAITS),
    "dropped unread": Fault(lands="never", unread=True),
}
"""What can happen to one send, by name."""


@dataclass
class Platform:
    """One server of one kind of source. `plan` holds the faults of the sends to come; without any it is honest."""

    face: Face
    host: str = "127.0.0.1"
    port: int = 0
    slow_s: float = 0.6
    plan: list[str] = field(default_factory=list)
    sends: int = 0
    reads_fail: Reply | None = None
    echo: Reply | None = None
    _server: "_Server | None" = None
    _late: list[Call] = field(default_factory=list)
    lock: threading.RLock = field(default_factory=threading.RLock)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def base(self) -> str:
        """Its address."""
        return f"http://{self.place}"

    @property
    def place(self) -> str:
        """Its address as the user allows it."""
        return f"{self.host}:{self.port}"

    def open(self) -> None:
        """Listen, at the same port as before."""
        self._server = _Server(self, self.host, self.port)
        self.port = self._server.server_address[1]
        self.face.base = self.base
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """Refuse every connection from now on."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def is_open(self) -> bool:
        """Whether it takes connections."""
        return self._server is not None

    def stop(self) -> None:
        """Close for good; whoever waits for an answer is let go."""
        self._over.set()
        self.close()

    def catch_up(self) -> None:
        """Do now what was put off, and show what was hidden."""
        with self.lock:
            late, self._late = self._late, []
            for call in late:
                self.face.act(call)
            self.face.show()

    def effects(self, words: str) -> list[str]:
        """The ids of everything on it that says `words`, shown or not."""
        with self.lock:
            return self.face.effects(words)

    def answered(self, call: Call) -> tuple[Reply, Fault]:
        """What is sent back, and how it breaks."""
        with self.lock:
            if not self.face.is_send(call):
                return self.reads_fail or self.face.read(call), FAULTS["none"]
            self.sends += 1
            if self.echo is not None:
                return self.echo, FAULTS["none"]
            fault = FAULTS[self.plan.pop(0) if self.plan else "none"]
            if fault.lands == "late":
                self._late.append(call)
                return fault.answer or Reply(200, b""), fault
            if fault.lands == "never":
                return fault.answer or Reply(200, b""), fault
            reply = self.face.act(call, rewritten=fault.rewritten, hidden=fault.hidden, held=fault.held)
            if fault.repeated:
                reply = self.face.as_repeated(call, reply)
            if fault.held:
                reply = self.face.as_held(reply)
            return fault.answer or reply, fault

    def wait(self) -> None:
        """Longer than anybody waits."""
        self._over.wait(self.slow_s)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 64

    def __init__(self, platform: Platform, host: str, port: int) -> None:
        self.platform = platform
        super().__init__((host, port), _Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A visitor who hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def _serve(self) -> None:
        platform = self.server.platform
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        call = Call(self.command, parts.path, parse_qsl(parts.query, keep_blank_values=True), headers, b"")
        if platform.face.is_send(call) and platform.plan and FAULTS[platform.plan[0]].unread:
            platform.plan.pop(0)
            platform.sends += 1
            self._hang_up()
            return
        call.body = self.rfile.read(int(headers.get("content-length", "0")))
        reply, fault = platform.answered(call)
        if fault.slow:
            platform.wait()
        if fault.cut == 0.0:
            self._hang_up()
            return
        with contextlib.suppress(OSError):
            self.send_response(reply.status)
            for name, value in ({"Content-Type": "application/json"} | reply.headers).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body[: int(len(reply.body) * (fault.cut or 1.0))])
            self.wfile.flush()

    def _hang_up(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = _serve  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """It keeps no log."""


@contextmanager
def running(kind: str, now: Callable[[], int], *, waiting: int, host: str = "127.0.0.1") -> Iterator[Platform]:
    """A platform of a kind, with `waiting` people who wait for an answer. Hosts have their turns one by one."""
    with playing(FACES[kind](now, waiting), host) as platform:
        yield platform


@contextmanager
def playing(face: Face, host: str = "127.0.0.1") -> Iterator[Platform]:
    """A platform with this face."""
    platform = Platform(face, host)
    platform.open()
    try:
        yield platform
    finally:
        platform.stop()


def words_of(text: str) -> str:
    """The part of a reply that no rewriting touches: the word in it that is like no other."""
    found = re.search(r"token[a-z0-9]+", text)
    assert found is not None
    return found[0]


def body_of(call: Call) -> Any:
    """What a call carries, as JSON."""
    return json.loads(call.body or b"null")
