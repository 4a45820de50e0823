"""Tells open pages that something changed, by the journal's growing number; one read serves all pages."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from datetime import datetime, timedelta
from threading import Lock

from anyio import to_thread
from sse_starlette import ServerSentEvent

from monitor.clock import Clock
from monitor.ports import JournalEntry, Store

REMEMBERED = 500
QUIET_TURNS = 15


class Watch:
    """Reads the journal at most once in `every` for all pages. Safe to use from several threads."""

    def __init__(self, *, store: Store, clock: Clock, every: timedelta) -> None:
        self._store = store
        self._clock = clock
        self._every = every
        self._lock = Lock()
        self._read_at: datetime | None = None
        self._head: int | None = None
        self._tail: deque[JournalEntry] = deque(maxlen=REMEMBERED)

    def head(self) -> int:
        """Return the journal's newest number, at most `every` old; blocks.

        A page takes it before it reads what it shows, so that nothing falls between the page and its events.
        """
        with self._lock:
            now = self._clock.now()
            if (known := self._fresh(now)) is not None:
                return known
            self._head = self._read(self._head)
            self._read_at = now
            return self._head

    def _fresh(self, now: datetime) -> int | None:
        """Return the newest number where it was read lately, else None."""
        is_old = self._read_at is None or abs(now - self._read_at) >= self._every
        return None if is_old else self._head

    async def events(self, after: int | None) -> AsyncIterator[ServerSentEvent]:
        """Yield `change` events with the numbers of the changed incidents, `time` events now and then.

        `after` is the number the page was made at, or the last one it heard; None is from now on.
        """
        seen, turn = after, 0
        while True:
            # Of many pages the first whose turn it is reads, in a thread; the others take what it found.
            known = self._fresh(self._clock.now())
            head = await to_thread.run_sync(self.head) if known is None else known
            if seen is not None and head > seen:
                yield ServerSentEvent(event="change", id=str(head), data=self._changed_after(seen))
            if turn % QUIET_TURNS == 0:
                yield ServerSentEvent(event="time", id=str(head), data=self._clock.now().isoformat())
            seen, turn = head, turn + 1
            await self._clock.sleep(self._every)

    def _changed_after(self, seen: int) -> str:
        """Return the numbers of the incidents changed since, or `*` where memory does not reach back."""
        tail = tuple(self._tail)
        if not tail or tail[0].seq > seen + 1:
            return "*"
        changed = {e.change.incident for e in tail if e.seq > seen and e.change.incident is not None}
        return ",".join(map(str, sorted(changed)))

    def _read(self, head: int | None) -> int:
        """Remember what the journal has gained and return its newest number."""
        with self._store.reading() as transaction:
            if head is None:
                head = _head_of(lambda seq: bool(transaction.journal(after_seq=seq, limit=1)))
            while entries := transaction.journal(after_seq=head, limit=REMEMBERED):
                self._tail.extend(entries)
                head = entries[-1].seq
        return head


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
