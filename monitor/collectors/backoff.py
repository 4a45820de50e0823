"""How long to leave a source alone after a poll, and when its silence is unusual."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from monitor.collectors.model import Source, SourceKind, SourceState

_LONGEST_WAIT = timedelta(hours=6)
_LONGEST_RETRY_AFTER = timedelta(hours=24)
_SHORTEST_SILENCE = timedelta(hours=24)
_SPREAD = 0.1


class Fault(StrEnum):
    """What went wrong, by how likely it is to pass by itself."""

    HARD = "hard"
    SOFT = "soft"
    TEMPORARY = "temporary"

    @property
    def weight(self) -> float:
        """Return how much one such fault counts for the back-off."""
        return {Fault.HARD: 1.0, Fault.SOFT: 0.5, Fault.TEMPORARY: 0.25}[self]


def next_poll_at(
    source: Source, failures: float, now: datetime, luck: float, retry_after: timedelta | None = None
) -> datetime:
    """Return when to ask again: the cadence, doubled for each full failure, up to 6 hours; never "never".

    `luck` in [0, 1) spreads sources by ±10 %, so that they do not all come at once. Retry-After is
    honoured up to a day.
    """
    longest = max(source.every, _LONGEST_WAIT)
    wait = min(source.every * 2 ** min(failures, 16.0), longest)
    wait *= 1 + _SPREAD * (2 * luck - 1)
    return now + max(wait, min(retry_after or timedelta(0), _LONGEST_RETRY_AFTER))


def usual_gap(before: timedelta | None, gap: timedelta) -> timedelta:
    """Return the source's habit after one more gap between polls that brought something new."""
    return gap if before is None else before * 0.7 + gap * 0.3


@dataclass(frozen=True, slots=True, kw_only=True)
class Stale:
    """Why a source deserves a look: `unreachable` or `silent`, and since when (None: never heard of)."""

    reason: str
    since: datetime | None


def stale(source: Source, state: SourceState, now: datetime) -> Stale | None:
    """Return why a source is stale, or None.

    Unreachable: it fails, and its last success is 3 cadences and an hour old. Silent: it answers, but for
    a day and for 3 times its own habit brought nothing new. An unverified source is not counted until its
    first success (C20).
    """
    if not source.enabled or (not source.verified and state.last_success_at is None):
        return None
    if source.kind is not SourceKind.INBOX and state.failures > 0:
        limit = max(3 * source.every, timedelta(hours=1))
        if state.last_success_at is None:
            return Stale(reason="unreachable", since=None) if state.failures >= 1 else None
        if now - state.last_success_at > limit:
            return Stale(reason="unreachable", since=state.last_success_at)
    if state.usual_gap is None or state.last_new_item_at is None:
        return None
    if now - state.last_new_item_at > max(3 * state.usual_gap, _SHORTEST_SILENCE):
        return Stale(reason="silent", since=state.last_new_item_at)
    return None
