"""The only reader of the clock. Everything else takes `now`."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from monitor.errors import NaiveTimeError

SHANGHAI = ZoneInfo("Asia/Shanghai")


class Clock(Protocol):
    """Tells the present instant and waits; a test hands in one that it can move."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        ...

    async def sleep(self, length: timedelta) -> None:
        """Wait for `length`; a length of zero or less only yields to other tasks."""
        ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        """Return the present instant, aware UTC."""
        return datetime.now(UTC)

    async def sleep(self, length: timedelta) -> None:
        """Wait for `length` of real time."""
        await asyncio.sleep(max(0.0, length.total_seconds()))


def as_utc(at: datetime) -> datetime:
    """Return the same instant in UTC; raises NaiveTimeError for a time without a zone."""
    if at.tzinfo is None:
        raise NaiveTimeError(f"{at!r} has no zone")
    return at.astimezone(UTC)


def as_local(at: datetime) -> datetime:
    """Return the same instant in Asia/Shanghai; raises NaiveTimeError for a time without a zone."""
    if at.tzinfo is None:
        raise NaiveTimeError(f"{at!r} has no zone")
    return at.astimezone(SHANGHAI)
