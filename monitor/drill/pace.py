"""How fast the time of a demo runs."""

from datetime import datetime, timedelta

from monitor.clock import Clock, SystemClock, as_utc


class AcceleratedClock:
    """A clock whose time runs `factor` times as fast as that of `base`."""

    def __init__(self, start: datetime, factor: float, base: Clock | None = None) -> None:
        """Show `start` now; `base` is the machine's own clock unless another one is handed in."""
        if factor <= 0:
            raise ValueError(f"factor must be above 0 (got {factor})")
        self._base = base or SystemClock()
        self._base_started_at = self._base.now()
        self._started_at = as_utc(start)
        self.factor = factor

    def now(self) -> datetime:
        """Return the present instant of the demo, aware UTC."""
        return self._started_at + (self._base.now() - self._base_started_at) * self.factor

    async def sleep(self, length: timedelta) -> None:
        """Wait for `length` of the demo's time: `length / factor` of the base clock's."""
        await self._base.sleep(length / self.factor)
