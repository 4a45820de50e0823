"""SimulatedClock: time that a test moves by hand."""

import asyncio
import heapq
import itertools
from datetime import datetime, timedelta

from monitor.clock import as_utc


class SimulatedClock:
    """A clock that stands still until a test moves it. Obeys the same contract as SystemClock."""

    def __init__(self, now: datetime) -> None:
        """Stand at `now`, aware in any zone."""
        self._shown_at = as_utc(now)
        self._elapsed = timedelta(0)
        self._order = itertools.count()
        self._sleepers: list[tuple[timedelta, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """Return the instant the clock shows, aware UTC."""
        return self._shown_at

    async def sleep(self, length: timedelta) -> None:
        """Wait until the clock was advanced by `length`; zero or less only yields to other tasks."""
        if length <= timedelta(0):
            await asyncio.sleep(0)
            return
        woken: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self._elapsed + length, next(self._order), woken))
        await woken

    def advance(self, length: timedelta) -> None:
        """Let `length` pass: sleepers whose time has come are woken, the earliest first.

        They run when the test next awaits something, and then read the instant after the whole step.
        """
        if length < timedelta(0):
            raise ValueError("time passes forwards; use jump to set the machine's clock back")
        self._shown_at += length
        self._elapsed += length
        while self._sleepers and self._sleepers[0][0] <= self._elapsed:
            woken = heapq.heappop(self._sleepers)[2]
            if not woken.done():
                woken.set_result(None)

    def jump(self, length: timedelta) -> None:
        """Set the machine's clock forward or back (T11, C28): what it shows changes, no time passes."""
        self._shown_at += length
