"""The way between the app and the terminal, without threads: a key is taken in and a frame written where they are.

Textual has a thread for what comes in, which wakes ten times a second, and one for what goes out. Where the event loop
can wait for the terminal itself neither is needed; where it cannot, Textual's own are used.
"""

import asyncio
import os
import select
import time
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Protocol, TextIO

from textual._xterm_parser import XTermParser
from textual.constants import ESCAPE_DELAY
from textual.message import Message

if TYPE_CHECKING:
    from textual.driver import Driver

_ALTERNATE = "\x1b[?1049h"
_SURELY_S = 0.005
"""So much later than an Esc is one, it is asked for."""
_MOST = 1 << 16
"""So many bytes wait for a slow terminal; with more of them the app waits too."""


class Seated(Protocol):
    """An app that says what its driver should do."""

    @property
    def enters(self) -> bool:
        """Whether the driver has to enter the alternate screen itself."""
        ...

    def typed_early(self) -> str:
        """What was typed before the driver listened; asked for a second time it is ""."""
        ...

    def taken_over(self, driver: "Driver") -> None:
        """The driver has the terminal now."""
        ...


class Outlet:
    """Writes to a terminal without waiting for it: what it does not take now, it gets as soon as it can."""

    def __init__(self, file: TextIO, loop: asyncio.AbstractEventLoop) -> None:
        """Opens the terminal once more, so that nobody else's writing changes. Raises `OSError` where it is none."""
        self._loop = loop
        self._left = bytearray()
        self._code = partial(str.encode, encoding=file.encoding, errors="replace")
        self._to = os.open(os.ttyname(file.fileno()), os.O_WRONLY | os.O_NONBLOCK | os.O_NOCTTY)

    def write(self, text: str) -> None:
        """Write, or keep for later; waits only when far too much is kept."""
        data = self._code(text)
        if self._left:
            self._left += data
            while len(self._left) > _MOST:
                select.select((), (self._to,), ())
                self._go_on()
            return
        self._left += data[self._taken(data) :]
        if self._left:
            self._loop.add_writer(self._to, self._go_on)

    def close(self) -> None:
        """Write what is left, however long that takes."""
        self._loop.remove_writer(self._to)
        os.set_blocking(self._to, True)
        while self._left:
            del self._left[: self._taken(self._left)]
        os.close(self._to)

    def _go_on(self) -> None:
        del self._left[: self._taken(self._left)]
        if not self._left:
            self._loop.remove_writer(self._to)

    def _taken(self, data: bytes | bytearray) -> int:
        """How much of it the terminal took; a terminal that is gone takes everything."""
        try:
            return os.write(self._to, data)
        except BlockingIOError:
            return 0
        except OSError:
            return len(data)


class Inlet:
    """What is typed, as Textual's parser understands it. An Esc is one when nothing follows it for a moment."""

    def __init__(self, tell: Callable[[Message], None], terminal: int, loop: asyncio.AbstractEventLoop) -> None:
        """Opens the terminal once more, so that nothing is ever waited for but by the loop.

        Raises `OSError` or `NotImplementedError` where the loop cannot wait for it.
        """
        self._hear = tell
        self._terminal = os.open(os.ttyname(terminal), os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY)
        self._loop = loop
        self._parser = XTermParser()
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._patience: asyncio.TimerHandle | None = None
        try:
            # In a context of its own: what is pressed belongs to no widget that happens to be at work now.
            Context().run(loop.add_reader, self._terminal, self._read)
        except BaseException:
            os.close(self._terminal)
            raise

    def take(self, typed: str) -> None:
        """Something was typed."""
        self._tell(self._parser.feed(typed))
        if self._patience is not None or "\x1b" in typed:
            if self._patience is not None:
                self._patience.cancel()
            self._patience = self._loop.call_later(ESCAPE_DELAY + _SURELY_S, self._no_more)

    def close(self) -> None:
        """Listen no more."""
        if self._terminal >= 0:
            self._loop.remove_reader(self._terminal)
            os.close(self._terminal)
            self._terminal = -1
        if self._patience is not None:
            self._patience.cancel()

    def _read(self) -> None:
        try:
            data = os.read(self._terminal, 4096)
        except BlockingIOError:  # somebody else was quicker
            return
        except OSError:
            data = b""
        if not data:  # the terminal is gone: SIGHUP says the rest
            self.close()
            return
        if typed := self._decode(data):  # a letter may come in two parts
            self.take(typed)

    def _no_more(self) -> None:
        self._patience = None
        self._tell(self._parser.tick())

    def _tell(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self._hear(message)


def direct(base: "type[Driver]") -> "type[Driver]":
    """A driver of Textual that says when it has taken the terminal over, and uses no threads where it can."""

    class Direct(base):  # type: ignore[misc, valid-type]
        _inlet: Inlet | None = None
        _outlet: Outlet | None = None

        def start_application_mode(self) -> None:
            if self._outlet is None and getattr(self, "input_tty", False):
                self._open()
            super().start_application_mode()
            seated: Seated = self._app
            if self._inlet is not None and (typed := seated.typed_early()):
                Context().run(self._loop.call_soon, self._inlet.take, typed)
            seated.taken_over(self)

        def _open(self) -> None:
            try:
                self._outlet = Outlet(self._file, self._loop)
                self._inlet = Inlet(self.process_message, self.fileno, self._loop)
            except (OSError, NotImplementedError):  # what could be opened is used
                pass

        def disable_input(self) -> None:
            if self._inlet is not None:
                self._inlet.close()
                self._inlet = None
            super().disable_input()

        def run_input_thread(self) -> None:
            if self._inlet is not None:
                return
            for message in _early(self._app.typed_early()):
                self.process_message(message)
            super().run_input_thread()

        def send_message(self, message: Message) -> None:
            if self._inlet is not None:
                self._app.post_message(message)
            else:
                super().send_message(message)

        def write(self, data: str) -> None:
            if data == _ALTERNATE and not self._app.enters:
                return
            if self._outlet is not None:
                self._outlet.write(data)
            else:
                super().write(data)

        def close(self) -> None:
            if self._outlet is not None:
                self._outlet.close()
                self._outlet = None
            super().close()

    return Direct


def _early(typed: str) -> Iterator[Message]:
    """What was typed before anybody listened; an Esc at its end is no beginning of another key."""
    parser = XTermParser()
    if typed:
        yield from parser.feed(typed)
    if typed.endswith("\x1b"):
        time.sleep(ESCAPE_DELAY)
        yield from parser.tick()
