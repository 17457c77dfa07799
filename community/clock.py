"""The time, in one place, so that tests can stand still."""

import time
from pathlib import Path


def now() -> int:
    """UTC epoch seconds."""
    return int(time.time())


def uptime() -> str:
    """How long this machine is on, as "BOOT SECONDS": it goes on at the same pace whatever is done to the clock.

    BOOT names this run of the machine.
    """
    which = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
    return f"{boot()} {int(time.clock_gettime(which))}"


def boot() -> str:
    """Names this run of the machine; "" where the system does not tell."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
    except OSError:
        return ""


def between(then: str | None, now: str) -> int | None:
    """The seconds between two uptimes, None where that cannot be told: the machine was started anew. Pure."""
    boot, _, before = (then or "").partition(" ")
    same, _, after = now.partition(" ")
    if not boot or boot != same or not before.isdecimal() or not after.isdecimal():
        return None
    return int(after) - int(before)
