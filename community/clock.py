"""The time, in one place, so that tests can stand still."""

import time


def now() -> int:
    """UTC epoch seconds."""
    return int(time.time())
