"""Manners towards one web server: spacing, two requests at a time, its robots.txt."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.robotparser import RobotFileParser

from monitor.clock import Clock

ROBOT_NAME = "Huiying"
_AT_ONCE = 2
_MAX_HOSTS = 20_000
_LONGEST_QUEUE = timedelta(minutes=2)
_LONGEST_CRAWL_DELAY = timedelta(seconds=30)


@dataclass(slots=True, kw_only=True)
class Host:
    """What we remember of one server; `robots` counts until `robots_until`."""

    at_once: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    robots_lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: datetime | None = None
    robots: RobotFileParser | None = None
    robots_until: datetime | None = None

    async def wait_turn(self, clock: Clock, spacing: timedelta) -> bool:
        """Wait until the server may be asked again; False at once where the queue is over 2 minutes long."""
        now = clock.now()
        turn = max(now, self.free_at or now)
        if turn - now > _LONGEST_QUEUE:
            return False
        self.free_at = turn + max(spacing, self._crawl_delay())
        if turn > now:
            await clock.sleep(turn - now)
        return True

    def _crawl_delay(self) -> timedelta:
        """Return the pause the server asks for, within reason."""
        delay = self.robots.crawl_delay(ROBOT_NAME) if self.robots else None
        return min(timedelta(seconds=float(delay or 0)), _LONGEST_CRAWL_DELAY)


@dataclass(slots=True, kw_only=True)
class Hosts:
    """All servers we met, the least recently met forgotten first."""

    make: Callable[[], Host] = Host
    _known: OrderedDict[str, Host] = field(default_factory=OrderedDict)

    def of(self, origin: str) -> Host:
        """Return the server of this origin (scheme, name and port)."""
        host = self._known.setdefault(origin, self.make())
        self._known.move_to_end(origin)
        if len(self._known) > _MAX_HOSTS:
            self._known.popitem(last=False)
        return host


def read_robots(status: int, body: bytes) -> RobotFileParser:
    """Return the rules of a robots.txt answer.

    4xx means no rules, anything else but 200 means stay away. Source: RFC 9309, 2.3.1.
    """
    rules = RobotFileParser()
    if status == 200:
        rules.parse(body.decode("utf-8", "ignore").removeprefix("\ufeff").splitlines())
    elif 400 <= status < 500:
        rules.parse([])
    else:
        rules.parse(["User-agent: *", "Disallow: /"])
    return rules
