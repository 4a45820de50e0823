"""A chat bot of any vendor: the same sending for all, the vendor's own request and verdict handed in."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from alerts.channels.base import Answer, Request, Wire
from alerts.channels.parts import harmless, split_text
from alerts.model import Outcome, OutcomeClass, Text
from monitor.clock import Clock
from monitor.office.model import ChannelSpec

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What differs between bots: the size limit in bytes, how a request looks, what an answer means."""

    limit: int
    request: Callable[[ChannelSpec, str, datetime], Request]
    judge: Callable[[Answer], Outcome]


class Bot:
    """One bot address. It keeps to `per_minute` by itself, as every vendor punishes excess."""

    def __init__(self, vendor: Vendor, spec: ChannelSpec, wire: Wire, clock: Clock) -> None:
        self._vendor = vendor
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self._sent_at: deque[datetime] = deque()

    async def send(self, text: Text, message_no: int) -> Outcome:
        """Send all parts; the first that fails decides, as the receiver then lacks something."""
        parts = split_text(harmless(text.body), self._vendor.limit, message_no)
        wait = self._wait_for_room(len(parts), self._clock.now())
        if wait is not None:
            return Outcome(
                kind=OutcomeClass.RATE_LIMITED,
                code="own_limit",
                detail="已到每分钟条数上限",
                retry_after=wait,
            )
        outcome = Outcome(kind=OutcomeClass.PERMANENT, code="empty", detail="没有内容")
        for part in parts:
            outcome = await self._send_part(part)
            if outcome.kind is not OutcomeClass.OK:
                break
        return outcome

    def _wait_for_room(self, count: int, now: datetime) -> timedelta | None:
        """Return how long to wait until `count` messages fit into the minute, or None if they fit now."""
        while self._sent_at and self._sent_at[0] <= now - MINUTE:
            self._sent_at.popleft()
        excess = len(self._sent_at) + min(count, self._spec.per_minute) - self._spec.per_minute
        return self._sent_at[excess - 1] + MINUTE - now if excess > 0 else None

    async def _send_part(self, part: str) -> Outcome:
        now = self._clock.now()
        self._sent_at.append(now)
        answer = await self._wire.post(self._vendor.request(self._spec, part, now))
        return answer if isinstance(answer, Outcome) else self._vendor.judge(answer)
