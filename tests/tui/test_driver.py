"""A key is taken in, and a frame written, without a thread; and a terminal that is slow holds nothing up."""

import asyncio
import inspect
import os
import pty
import select
import threading
import tty
from collections.abc import Iterator

import pytest
from textual import events
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui.driver import Inlet, Outlet

pytestmark = pytest.mark.anyio


class Line:
    """A terminal, and what is at its other end."""

    def __init__(self) -> None:
        self.far, self.near = pty.openpty()
        tty.setraw(self.near)
        os.set_blocking(self.far, False)

    def arrived(self) -> bytes:
        """What came since it was last asked."""
        found = b""
        while True:
            try:
                found += os.read(self.far, 1 << 16)
            except BlockingIOError:
                return found


@pytest.fixture
def line() -> Iterator[Line]:
    found = Line()
    yield found
    os.close(found.near)
    os.close(found.far)


def outlet(line: Line) -> Outlet:
    return Outlet(open(line.near, "w", encoding="utf-8", closefd=False), asyncio.get_running_loop())


async def test_a_frame_is_there_when_it_was_written(line: Line) -> None:
    out = outlet(line)
    out.write("漢 a frame")
    assert line.arrived() == "漢 a frame".encode()
    assert os.get_blocking(line.near)  # whoever else writes there is not disturbed
    out.close()


async def test_what_a_slow_terminal_does_not_take_comes_later_and_in_order(line: Line) -> None:
    out = outlet(line)
    frames = [f"{number:07}." * 1000 for number in range(6)]
    for frame in frames:
        out.write(frame)
    found = b""
    for _ in range(200):
        found += line.arrived()
        await asyncio.sleep(0.001)
    assert found.decode() == "".join(frames)
    out.close()


async def test_what_is_left_is_written_before_it_is_closed(line: Line) -> None:
    out = outlet(line)
    out.write("x" * 60_000)
    found = b""

    def read() -> None:
        nonlocal found
        while len(found) < 60_000 and select.select([line.far], [], [], 10)[0]:
            found += line.arrived()

    reader = threading.Thread(target=read)
    reader.start()
    out.close()
    reader.join()
    assert len(found) == 60_000


async def test_a_terminal_that_is_gone_takes_everything() -> None:
    line = Line()
    out = outlet(line)
    os.close(line.far)
    out.write("nobody reads this")
    out.close()
    os.close(line.near)


async def test_what_is_no_terminal_is_refused(line: Line) -> None:
    read, write = os.pipe()
    with pytest.raises(OSError, match="ioctl"):
        Outlet(open(write, "w", encoding="utf-8", closefd=False), asyncio.get_running_loop())  # noqa: SIM115
    os.close(read)
    os.close(write)


@pytest.mark.parametrize(
    ("parts", "keys"),
    [
        ((b"j",), ["j"]),
        ((b"jjk",), ["j", "j", "k"]),
        ((b"\x1b[B",), ["down"]),
        ((b"\x1b[", b"6", b"~"), ["pagedown"]),
        ((b"\x1b",), ["escape"]),
        ((b"\xc3", b"\xbc"), ["ü"]),
    ],
)
async def test_keys_come_as_they_were_pressed(line: Line, parts: tuple[bytes, ...], keys: list[str]) -> None:
    heard: list[Message] = []
    inlet = Inlet(heard.append, line.near, asyncio.get_running_loop())
    for part in parts:
        os.write(line.far, part)
        await asyncio.sleep(0.02)
    for _ in range(100):
        if len(heard) == len(keys):
            break
        await asyncio.sleep(0.01)
    assert [each.character if each.is_printable else each.key for each in heard if isinstance(each, events.Key)] == keys
    inlet.close()


async def test_nobody_is_waited_for_who_has_typed_nothing(line: Line) -> None:
    heard: list[Message] = []
    inlet = Inlet(heard.append, line.near, asyncio.get_running_loop())
    inlet._read()
    assert not heard
    os.write(line.far, b"j")
    await asyncio.sleep(0.05)
    assert len(heard) == 1
    inlet.close()
    inlet.close()


def test_textual_is_what_the_driver_takes_it_for() -> None:
    """When this fails, read `tui/driver.py` beside the new Textual before anything else."""
    source = inspect.getsource(LinuxDriver)
    for name in ("self.input_tty", "self.fileno", "self._file", "def run_input_thread", "def disable_input"):
        assert name in source
    assert "self.run_input_thread()" in inspect.getsource(LinuxDriver._run_input_thread)
    assert "self._writer_thread.write(data)" in inspect.getsource(LinuxDriver.write)
    assert "self._writer_thread.stop()" in inspect.getsource(LinuxDriver.close)
    assert "self._app._post_message(message)" in inspect.getsource(Driver.send_message)
    assert "self._loop = " in inspect.getsource(Driver.__init__)
