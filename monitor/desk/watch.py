"""Tells open pages that something changed, by the journal's growing number; one read serves all pages."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta

from anyio import to_thread
from sse_starlette import ServerSentEvent

from monitor.clock import Clock
from monitor.ports import JournalEntry, Store

REMEMBERED = 500
QUIET_TURNS = 15


class Watch:
    """Reads the journal at most once a `every`, however many pages listen."""

    def __init__(self, *, store: Store, clock: Clock, every: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._every = every
        self._lock = asyncio.Lock()
        self._read_at: datetime | None = None
        self._head: int | None = None
        self._tail: deque[JournalEntry] = deque(maxlen=REMEMBERED)

    async def news(self, after: int | None) -> tuple[int, tuple[int, ...]]:
        """Return the journal's newest number and the incidents changed after `after` (None: from now on)."""
        async with self._lock:
            now = self._clock.now()
            if self._read_at is None or abs(now - self._read_at) >= self._every:
                await to_thread.run_sync(self._read)
                self._read_at = now
            head = self._head or 0
        touched = {e.change.incident for e in self._tail if after is not None and e.seq > after}
        return head, tuple(sorted(i for i in touched if i is not None))

    async def events(self, after: int | None) -> AsyncIterator[ServerSentEvent]:
        """Yield `change` events with the numbers of the changed incidents, and a `time` now and then.

        `after` is the last number a reconnecting page has seen: what it missed comes at once.
        """
        seen, turn = after, 0
        while True:
            head, incidents = await self.news(seen)
            if seen is not None and head > seen:
                yield ServerSentEvent(event="change", id=str(head), data=",".join(map(str, incidents)))
            if turn % QUIET_TURNS == 0:
                yield ServerSentEvent(event="time", id=str(head), data=self._clock.now().isoformat())
            seen, turn = head, turn + 1
            await self._clock.sleep(self._every)

    def _read(self) -> None:
        """Read what the journal has gained."""
        with self._store.reading() as transaction:
            if self._head is None:
                self._head = _head_of(lambda seq: bool(transaction.journal(after_seq=seq, limit=1)))
            while entries := transaction.journal(after_seq=self._head, limit=REMEMBERED):
                self._tail.extend(entries)
                self._head = entries[-1].seq


def _head_of(has_after: Callable[[int], bool]) -> int:
    """Return the newest number of a journal of any length with few questions, by doubling and halving."""
    low, high = 0, 1
    while has_after(high):
        low, high = high, high * 2
    if not has_after(low):
        return 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if has_after(middle) else (low, middle)
    return high
