"""The terminal of the fault tests: what is painted on one is never taken by another."""

import os
import time

from faults.terminal import Terminal


def test_a_terminal_that_was_closed_while_much_was_painted_takes_nothing_from_the_next() -> None:
    for _ in range(3):
        with Terminal() as before, open(before.name, "wb", buffering=0) as line:  # noqa: PTH123
            line.write(b"x\r\n" * 1500)
        with Terminal() as after, open(after.name, "wb", buffering=0) as line:  # noqa: PTH123
            for number in range(20):
                line.write(b"%d \r\n" % number)
                time.sleep(0.001)
            after.wait_for("19 ", within_s=5)
            assert after.painted.count(os.linesep.encode()) == 20
