"""The town's time: seconds that pass by themselves, and things that happen after a while."""

import heapq
import threading
import time
from collections.abc import Callable

Act = Callable[[], None]


class Clock:
    """Counts from `now` as soon as it is started. `pace` shortens delays; it never makes the hands turn faster."""

    def __init__(self, now: int, pace: float) -> None:
        if pace <= 0:
            raise ValueError("pace must be positive")
        self._from = now
        self._pace = pace
        self._started_at: float | None = None
        self._due: list[tuple[float, int, Act]] = []
        self._count = 0
        self._wake = threading.Condition()
        self._stopped = False
        self._thread = threading.Thread(target=self._run, name="town-clock", daemon=True)

    def now(self) -> int:
        """The town's time in epoch seconds."""
        return self._from + int(self._elapsed())

    def after(self, delay_s: float, act: Act) -> None:
        """Run `act` once, `delay_s` seconds (divided by the pace) from now or from the start."""
        with self._wake:
            self._count += 1
            heapq.heappush(self._due, (self._elapsed() + delay_s / self._pace, self._count, act))
            self._wake.notify()

    def start(self) -> None:
        """Let time pass."""
        self._started_at = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Let nothing further happen."""
        with self._wake:
            self._stopped = True
            self._wake.notify()
        if self._thread.is_alive():
            self._thread.join()

    def _elapsed(self) -> float:
        return 0.0 if self._started_at is None else time.monotonic() - self._started_at

    def _run(self) -> None:
        while (act := self._next()) is not None:
            act()

    def _next(self) -> Act | None:
        with self._wake:
            while not self._stopped:
                if not self._due:
                    self._wake.wait()
                    continue
                wait_s = self._due[0][0] - self._elapsed()
                if wait_s <= 0:
                    return heapq.heappop(self._due)[2]
                self._wake.wait(wait_s)
        return None
