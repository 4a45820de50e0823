"""A chat bot of any vendor: the same sending for all, the vendor's own request and verdict handed in."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from alerts.channels.base import Answer, Request, Wire
from alerts.channels.parts import harmless, split_text
from alerts.model import OWN_LIMIT, Mention, Outcome, OutcomeClass, Text
from monitor.clock import Clock
from monitor.office.model import ChannelSpec

MINUTE = timedelta(minutes=1)
NOTHING_LEFT = Outcome(kind=OutcomeClass.OK, code="nothing_left", detail="各部分均已送出")
"""What a part beyond the last gets: the limit was raised since the first was sent."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Vendor:
    """What differs between bots: the size limit in bytes, how a request looks, what an answer means."""

    limit: int
    request: Callable[[ChannelSpec, str, Sequence[Mention], datetime], Request]
    judge: Callable[[Answer], Outcome]


class Pace:
    """Keeps one sender to its messages a minute, as every vendor punishes excess."""

    def __init__(self, per_minute: int) -> None:
        self._per_minute = per_minute
        self._sent_at: deque[datetime] = deque()

    def step(self, now: datetime) -> Outcome | None:
        """Count one message, or return how it is refused where the minute is full."""
        while self._sent_at and self._sent_at[0] <= now - MINUTE:
            self._sent_at.popleft()
        if len(self._sent_at) < self._per_minute:
            self._sent_at.append(now)
            return None
        return Outcome(
            kind=OutcomeClass.RATE_LIMITED,
            code=OWN_LIMIT,
            detail="已到每分钟条数上限",
            retry_after=self._sent_at[0] + MINUTE - now,
        )


class Bot:
    """One bot address."""

    def __init__(self, vendor: Vendor, spec: ChannelSpec, wire: Wire, clock: Clock) -> None:
        self._vendor = vendor
        self._spec = spec
        self._wire = wire
        self._clock = clock
        self._pace = Pace(spec.per_minute)

    async def send(self, text: Text, message_no: int, part: int = 1) -> Outcome:
        """Send one part; the first calls the people that the text mentions."""
        parts = split_text(harmless(text.body), self._vendor.limit, message_no)
        if part > len(parts):
            return NOTHING_LEFT
        now = self._clock.now()
        refused = self._pace.step(now)
        if refused is not None:
            return refused
        mentions = text.mentions if part == 1 else ()
        answer = await self._wire.ask(self._vendor.request(self._spec, parts[part - 1], mentions, now))
        outcome = answer if isinstance(answer, Outcome) else self._vendor.judge(answer)
        return replace(outcome, parts=len(parts))
