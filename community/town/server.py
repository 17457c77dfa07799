"""The sockets: one port, HTTP/1.1, one thread for each visitor who keeps the line open."""

import contextlib
import logging
import socket
import sys
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from community.town.exchange import Fields, Request, Response
from community.town.feeds import http_date

Answer = Callable[[Request], Response]
_Line = socket.socket | tuple[bytes, socket.socket]
_log = logging.getLogger(__name__)
_MAX_BODY = 1_000_000
_IDLE_S = 75


class Server(ThreadingHTTPServer):
    """Listens on loopback from the moment it is made; answers once `start` was called."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, answer: Answer, now: Callable[[], int]) -> None:
        self.answer = answer
        self.now = now
        self._lines: set[socket.socket] = set()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="town-server", daemon=True)
        super().__init__(("127.0.0.1", port), _Handler)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def stop(self) -> None:
        """Stop answering and hang up on everybody."""
        if self._thread.is_alive():
            self.shutdown()
            self._thread.join()
        self.server_close()
        for line in list(self._lines):
            with contextlib.suppress(OSError):
                line.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: _Line, client_address: object) -> None:
        """Remember the line, so that `stop` can hang up."""
        if isinstance(request, socket.socket):
            self._lines.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Line) -> None:
        """Forget the line."""
        if isinstance(request, socket.socket):
            self._lines.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: _Line, client_address: object) -> None:
        """Log what went wrong; a visitor who hung up is no news."""
        if not isinstance(sys.exception(), OSError):
            _log.exception("a request to the town failed")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Town"
    sys_version = ""
    timeout = _IDLE_S
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The town's own time, for the Date header."""
        return http_date(self.server.now() if timestamp is None else int(timestamp))

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """The town keeps no log."""

    def _serve(self) -> None:
        size = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not size.isdecimal() or int(size) > _MAX_BODY:
            self.close_connection = True
            self._send(Response(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "text/plain; charset=utf-8", b"Too much\n"))
            return
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(target.path),
            query=Fields(parse_qsl(target.query, keep_blank_values=True)),
            headers={name.lower(): value for name, value in self.headers.items()},
            body=self.rfile.read(int(size)),
        )
        self._send(self.server.answer(request))

    def _send(self, answer: Response) -> None:
        self.send_response(answer.status)
        if answer.status != HTTPStatus.NOT_MODIFIED:
            self.send_header("Content-Type", answer.kind)
            self.send_header("Content-Length", str(len(answer.body)))
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(answer.body)
        self.wfile.flush()

    do_GET = do_HEAD = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = _serve  # noqa: N815
