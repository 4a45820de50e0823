"""Trying a source from the desk: one real poll whose entries are shown and not stored."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from monitor.clock import Clock
from monitor.collectors.model import Source, SourceKind
from monitor.collectors.poll import Polled
from monitor.errors import RefusedActError

Probing = Callable[[Source], Awaitable[Polled]]
"""What the service lends the desk: one poll of a source, with nothing stored."""

REST = timedelta(seconds=30)
"""So long a source is left alone after a trial, however often the button is pressed."""


class SourceTrials:
    """Tries one source at a time, and none twice in a row: the other side must not suffer for it."""

    def __init__(self, poll: Probing, clock: Clock) -> None:
        self._poll = poll
        self._clock = clock
        self._at_work = asyncio.Lock()
        self._tried: dict[str, datetime] = {}

    async def trial(self, source: Source) -> Polled:
        """Fetch a source as the collector would and read what came; nothing is stored.

        Raises RefusedActError `pushed_only`, `trial_runs` or `tried_just_now`.
        """
        now, last = self._clock.now(), self._tried.get(source.id)
        if source.kind is SourceKind.INBOX:
            raise RefusedActError("try_source", "pushed_only")
        if self._at_work.locked():
            raise RefusedActError("try_source", "trial_runs")
        if last is not None and now - last < REST:
            raise RefusedActError("try_source", "tried_just_now")
        async with self._at_work:
            self._tried[source.id] = now
            return await self._poll(source)
